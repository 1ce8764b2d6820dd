"""Labels that readers hand on with a batch: of markup they take away, of fields that nothing is mapped to, of a file's metadata."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.authenticity import labels
from checks.authenticity.unmapped import parted
from checks.triggers.joined import value_bytes

_COLUMN: Final = "implicit_labels"
_NONE: Final = np.empty(0, np.int64)

Rows = npt.NDArray[np.int64]


class Handed(NamedTuple):
    """One entry a label. *row*: of the batch, rising; *code*: which of *told*, (value, dialect, fields, place or "")."""

    row: Rows
    code: Rows
    told: list[tuple[str, str, int, str]]

    def rows(self, value: str | None = None, dialect: str | None = None, place: str | None = None) -> Rows:
        """The rows of the batch with a label that is all of these, each once."""
        wanted = (value, dialect, place)
        mine = [
            number for number, (its, spoken, _, stood) in enumerate(self.told)
            if all(want in (None, have) for want, have in zip(wanted, (its, spoken, stood), strict=True))
        ]  # fmt: skip
        return np.unique(self.row[np.isin(self.code, mine)])

    def first(self, most: int) -> "Handed":
        """The first *most* of each row."""
        begins = np.searchsorted(self.row, self.row)  # where the entries of its row begin
        kept = np.arange(len(self.row)) - begins < most
        return Handed(self.row[kept], self.code[kept], self.told)

    def details(self) -> pa.Array:
        """What may be stored of each entry: ``generated/standard/7``, ``generated/standard/7/file``."""
        words = pa.array(["/".join(map(str, one)).rstrip("/") for one in self.told], pa.string())
        return words.take(pa.array(self.code))


def labels_of(batch: pa.RecordBatch) -> Handed:
    """What the columns `meta` and `implicit_labels` hold; columns that are missing or null hold nothing."""
    told: dict[tuple[str, str, int, str], int] = {}
    entries = [(row, told.setdefault((*label, ""), len(told))) for row, label in _of_meta(batch.column("meta"))]
    row, code = (np.array(numbers, np.int64) for numbers in ([r for r, _ in entries], [c for _, c in entries]))
    if _COLUMN in batch.schema.names and (column := batch.column(_COLUMN)).null_count < len(column):
        more_row, more_code = _of_column(column, told)
        row, code = np.concatenate([row, more_row]), np.concatenate([code, more_code])
        order = np.argsort(row, kind="stable")
        row, code = row[order], code[order]
    return Handed(row, code, list(told))


def _of_column(column: pa.Array, told: dict[tuple[str, str, int, str], int]) -> tuple[Rows, Rows]:
    """Read once a distinct value: a label of a file stands at each of its rows."""
    encoded = column.dictionary_encode()
    codes = [
        [told.setdefault(label, len(told)) for label in parted(value)][: labels.MOST]
        for value in encoded.dictionary.to_pylist()
    ]
    many = np.array([len(one) for one in codes], np.int64)
    flat = np.array([code for one in codes for code in one], np.int64)
    row = np.flatnonzero(np.asarray(column.is_valid()))
    value = np.asarray(pc.drop_null(encoded.indices)).astype(np.int64)
    counts = many[value]
    first = (np.cumsum(many) - many)[value]
    within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(row, counts), flat[np.repeat(first, counts) + within] if len(flat) else _NONE


def _of_meta(meta: pa.Array) -> Iterator[tuple[int, tuple[str, str, int]]]:
    """Handed on by the reader of a page, or mapped by the source."""
    if meta.null_count == len(meta):
        return
    data, offsets = value_bytes(meta)
    octets = data[int(offsets[0]) : int(offsets[-1])].tobytes()
    if labels.LABEL_KEY.encode() not in octets and not any(
        name.encode() in octets for name in labels.TELLING.split("|")
    ):
        return
    for row in range(len(meta)):
        if meta[row].is_valid:
            for one in labels.handed_labels(meta[row].as_py()):
                yield row, one
