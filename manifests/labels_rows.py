"""Rows of labels as numbers: which batch, task, item and person each is of."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.labels import VOIDED, Labelling
from schemas.labels_told import ROW_ROLES

LABEL, REVIEW, RELABEL = range(len(ROW_ROLES))
_NO_DAY: Final = 1 << 40

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Coded:
    """Rows as numbers, int64[rows]. *batch*, *task*: places among the declared ones, -1 of none; *item*: within its batch.

    *of_task*: the item within its task, whichever batch it is in; *person*, *label*: places in *people*, *labels*, which are
    sorted; *day*: ordinal, 0 where the row gives none; *role*: place in `ROW_ROLES`; *file*: number.
    """

    batch: Ints
    task: Ints
    item: Ints
    of_task: Ints
    person: Ints
    label: Ints
    day: Ints
    role: Ints
    file: Ints
    people: tuple[str, ...]
    labels: tuple[str, ...]

    def take(self, which: Flags | Ints) -> "Coded":
        """Those rows."""
        arrays = {name: value[which] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return Coded(**arrays, people=self.people, labels=self.labels)


def coded_rows(record: Labelling, rows: pa.Table) -> Coded:
    """*rows* (`schemas.labels_told.ROWS`) as numbers; of two labels of one person on one item in one role the later row counts."""
    batches = {one.id: place for place, one in enumerate(record.batches)}
    tasks = {one.id: place for place, one in enumerate(record.tasks)}
    task_of = np.array([*(tasks[one.task] for one in record.batches), -1], np.int64)
    names, at = _codes(rows.column("batch"))
    batch = np.array([*(batches.get(name, -1) for name in names), -1], np.int64)[at]
    items, item = _codes(rows.column("item"))
    people, person = _codes(rows.column("annotator"))
    labels, label = _codes(rows.column("label"))
    roles, role = _codes(rows.column("role"))
    place = np.array([*(ROW_ROLES.index(one) for one in roles), 0], np.int64)[role]
    width = len(items) + 1
    found = Coded(
        batch, task_of[batch], (batch + 1) * width + item, (task_of[batch] + 1) * width + item, person, label,
        rows.column("day").fill_null(0).to_numpy().astype(np.int64), place,
        rows.column("file").to_numpy().astype(np.int64), people, labels,
    )  # fmt: skip
    backwards = np.stack([found.item, person, place])[:, ::-1]
    _, last = np.unique(backwards, axis=1, return_index=True)
    return found.take(np.sort(len(batch) - 1 - last))


def voided(record: Labelling) -> Flags:
    """bool[batches]."""
    return np.array([one.state == VOIDED for one in record.batches], np.bool_)


def days_of(placed: Coded, batches: int) -> list[tuple[str | None, str | None, int]]:
    """(first day, last day, rows without one) of each batch, ISO dates."""
    undated = np.bincount(placed.batch[placed.day == 0], minlength=batches)
    first, last = np.full(batches, _NO_DAY, np.int64), np.zeros(batches, np.int64)
    dated = placed.day > 0
    np.minimum.at(first, placed.batch[dated], placed.day[dated])
    np.maximum.at(last, placed.batch[dated], placed.day[dated])
    return [
        (date.fromordinal(a).isoformat(), date.fromordinal(b).isoformat(), n) if b else (None, None, n)
        for a, b, n in zip(first.tolist(), last.tolist(), undated.tolist(), strict=True)
    ]


def numbered(keys: Ints) -> tuple[Ints, Ints]:
    """(place of the first row of each different key, number of each row's key), by key."""
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), np.asarray(number, np.int64).reshape(-1)


def _codes(column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
    """(values in the order of their bytes, place of each row's)."""
    coded = column.combine_chunks().dictionary_encode()
    values: list[str] = coded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=lambda i: values[i].encode())
    place = np.zeros(len(values), np.int64)
    place[order] = np.arange(len(values))
    at = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return tuple(values[i] for i in order), place[at]
