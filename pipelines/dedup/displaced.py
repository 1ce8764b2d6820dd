"""Records that stood for others in a compared run and do no more: dropped since, erased, or no longer permitted.

Such a record is compared with nothing, or comes last; the order decides among the rest. What changed by it is told here, one
row for each, without the place of an erased one.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.room import Room
from pipelines.dedup.standing import dropped_rows
from pipelines.outputs import NO_OBJECT, put_table
from pipelines.sorted_rows import opened

DISPLACED_NAME: Final = "corpusledger.displaced"
DISPLACED: Final = pa.schema(
    [
        pa.field("reason", pa.string(), nullable=False),  # REASONS
        pa.field("earlier_run", pa.string(), nullable=False),
        pa.field("unit", pa.uint32()),  # of the earlier run; null: erased, those of a run are one row
        pa.field("row", pa.uint32()),
        pa.field("representatives", pa.uint64(), nullable=False),
        pa.field("records", pa.uint64(), nullable=False),  # that went for them in the earlier run
    ]
)
REASONS: Final = ("erased", "not permitted", "dropped")
"""The first that holds is told."""
ERASED: Final = REASONS.index("erased")
NO_REASON: Final = len(REASONS)
PLACES_HELD: Final = 1_000_000
_COLUMNS: Final = ("kept_run", "kept_unit", "kept_row", "cluster")
PLACE: Final = np.dtype([("reason", "u1"), ("unit", "<u4"), ("row", "<u4"), ("records", "<u8")])


def cut_displaced(room: Room) -> list[dict[str, Any]]:
    """One task a compared run."""
    return [{"run": number} for number, told in enumerate(room.brief.get("before", ())) if told["evidence"]]


def find_displaced(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The DISPLACED rows of one compared run as an object, and how many records stand for others no more, by reason."""
    del number
    told = room.brief["before"][task["run"]]
    held, waiting = [np.zeros(0, PLACE)], 0
    for part in _parts(room, told):
        held.append(part)
        waiting += len(part)
        if waiting > max(PLACES_HELD, len(held[0])):
            held, waiting = [_summed(np.concatenate(held))], 0
    found = _summed(np.concatenate(held))
    counts = np.bincount(found["reason"], minlength=len(REASONS)).tolist()
    table = _table(found, told["run"])
    made = put_table(room.store.put_object, table, DISPLACED_NAME) if table.num_rows else NO_OBJECT
    return {"displaced": made, "counts": counts}


def _parts(room: Room, told: Mapping[str, Any]) -> Iterator[npt.NDArray[np.void]]:
    """PLACE of the evidence rows of a compared run whose kept record, one of that run, stands for others no more."""
    here = np.full(1 + max((number for number, _ in told["units"]), default=-1), -1, np.int64)
    for number, unit in told["units"]:
        here[number] = unit
    permitted = np.array([u.get("permitted", True) for u in room.units], np.bool_)
    erased = pa.array([bytes.fromhex(t)[:16] for t in room.brief["tombstones"]], pa.binary(16))
    for digest in told["evidence"]:
        file = pq.ParquetFile(opened(room.store, digest))
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=list(_COLUMNS), use_threads=False)
            table = table.filter(pc.is_null(table.column("kept_run")))
            number, row = (table.column(name).to_numpy().astype(np.int64) for name in ("kept_unit", "kept_row"))
            unit = np.where(number < len(here), here[np.minimum(number, len(here) - 1)], -1)
            reason = np.full(len(unit), NO_REASON, np.uint8)
            # Later ones hide earlier ones: the order of REASONS from its end.
            reason[_is_dropped(room, told["run"], unit, row)] = REASONS.index("dropped")
            reason[(unit >= 0) & ~permitted[unit]] = REASONS.index("not permitted")
            reason[pc.is_in(table.column("cluster"), value_set=erased).to_numpy()] = ERASED
            at = np.flatnonzero(reason != NO_REASON)
            part = np.zeros(len(at), PLACE)
            part["reason"], part["unit"], part["row"], part["records"] = reason[at], number[at], row[at], 1
            yield part


def _is_dropped(room: Room, run: str, unit: npt.NDArray[np.int64], row: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Which rows a newer compared run dropped: the run itself dropped none of them."""
    found = np.zeros(len(unit), np.bool_)
    for number in np.unique(unit[unit >= 0]).tolist():
        told = room.units[number]
        decided = told.get("before") if number < room.own else told["decisions"]
        if told.get("decided") != run and decided is not None:
            at = np.flatnonzero(unit == number)
            found[at] = np.isin(row[at], dropped_rows(room, decided))
    return found


def _summed(parts: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Each place once, with all of its records."""
    parts = parts[np.lexsort((parts["row"], parts["unit"], parts["reason"]))]
    if not len(parts):
        return parts
    new = np.any([parts[n][1:] != parts[n][:-1] for n in ("reason", "unit", "row")], axis=0)
    first = np.flatnonzero(np.concatenate(([True], new)))
    found = parts[first]
    found["records"] = np.add.reduceat(parts["records"], first)
    return found


def _table(found: npt.NDArray[np.void], run: str) -> pa.Table:
    """DISPLACED: a row a place; all erased ones are one row."""
    erased = found["reason"] == ERASED
    rest, gone = found[~erased], found[erased]
    count = len(rest) + bool(len(gone))
    some = len(gone) > 0
    columns = {
        "reason": [*([REASONS[ERASED]] if some else []), *(REASONS[r] for r in rest["reason"].tolist())],
        "earlier_run": [run] * count,
        "unit": [*([None] if some else []), *rest["unit"].tolist()],
        "row": [*([None] if some else []), *rest["row"].tolist()],
        "representatives": [*([len(gone)] if some else []), *([1] * len(rest))],
        "records": [*([int(gone["records"].sum())] if some else []), *rest["records"].tolist()],
    }
    return pa.Table.from_pydict(columns, schema=DISPLACED)
