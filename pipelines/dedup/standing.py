"""How the rows of a run stand in the order that chooses who stays; smaller is kept (data-path §9).

The order: permitted at all; an earlier run's record; licence; provenance; personal information; quality; verified neighbours; length;
date; source; content id; place. Neighbours are not in data-path §9: where two records are equal in rights and quality,
the one that most others were found to be copies of represents them with the fewest left out (measured: docs/design.md).
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.licence.classes import CLASSES
from pipelines.dedup.room import Room, Rows
from pipelines.sorted_rows import columns_of, opened

STANDING: Final = np.dtype(
    [
        ("licence", "u1"),  # 0: an earlier run's record of permitted use; then place of the licence class
        ("provenance", "u1"),  # 0: registered
        ("personal", "<u2"),  # findings of personal information, at most 65,535
        ("damage", "<u2"),  # signs of damage: replacement, control, private and unassigned characters, mojibake
        ("earlier", "u1"),  # 0: of a compared run
        ("permitted", "u1"),  # 1: its source was rejected, or its review has expired
        ("terms", "<u4"),
        ("date", "<u4"),  # yyyymmdd of collection; unknown is last
        ("content", "V16"),  # the first 16 bytes of the content id
    ]
)
UNITS_A_TASK: Final = 4
NO_DATE: Final = 99_999_999
DROPPED: Final = 2
"""The decision of a record that goes; see `pipelines.dedup.decide`."""
FIELDS: Final = (
    "permitted",
    "earlier",
    "licence",
    "provenance",
    "personal",
    "damage",
    "neighbours",
    "length",
    "date",
    "source",
    "content_id",
    "place",
)
"""What may decide, in the order's words; `decided_by` of an evidence row is one of them."""
_DAMAGE: Final = ("bad", "mojibake")
_WORDS: Final = ("licence_class", "date")


def cut_standing(room: Room) -> list[dict[str, Any]]:
    """One task for some units each."""
    return [{"first": first} for first in range(0, len(room.units), UNITS_A_TASK)]


def write_standing(room: Room, task: Mapping[str, Any]) -> dict[str, Any]:
    """Write the standing of the rows of some units, fixed width, so that any row's is read by its number."""
    last = min(task["first"] + UNITS_A_TASK, len(room.units))
    parts = [standing_of(room, unit) for unit in range(task["first"], last)]
    return {"path": room.save(np.concatenate([np.zeros(0, STANDING), *parts]), "standing", f"{task['first']:08d}")}


def standing_of(room: Room, number: int) -> npt.NDArray[np.void]:
    """STANDING of every framed row of one unit; a row that was not looked at has the default, and is in no band."""
    unit = room.units[number]
    found = np.zeros(unit["rows"], STANDING)
    found["date"] = NO_DATE
    found["licence"], found["provenance"] = unit["licence"], unit["provenance"]
    found["earlier"] = 0 if unit["earlier"] else 1
    found["permitted"] = 0 if unit.get("permitted", True) else 1
    if unit.get("before") is not None:
        found["earlier"][dropped_rows(room, unit["before"])] = 1  # only what stayed there stays before what is new
    if (held := _columns(room, unit, "duplicates", ("row", "content_id", "terms"))) is None:
        return found
    rows = held.column("row").to_numpy()
    found["terms"][rows] = held.column("terms").to_numpy()
    ids = held.column("content_id").combine_chunks()
    whole = np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * 32 : (ids.offset + len(ids)) * 32].reshape(-1, 32)
    found["content"][rows] = np.ascontiguousarray(whole[:, :16]).view("V16").reshape(-1)
    if (held := _columns(room, unit, "licence", ("row", "licence_class"))) is not None:
        found["licence"][held.column("row").to_numpy()] = _ranks(held.column("licence_class"))
    if (held := _columns(room, unit, "personal", ("row", "n_found"))) is not None:
        found["personal"][held.column("row").to_numpy()] = np.minimum(held.column("n_found").to_numpy(), 65_535)
    if (held := _columns(room, unit, "quality", ("row", *_DAMAGE))) is not None:
        damage = sum(held.column(name).to_numpy().astype(np.int64) for name in _DAMAGE)
        found["damage"][held.column("row").to_numpy()] = np.minimum(damage, 65_535)
    if (held := _columns(room, unit, "provenance", ("row", "date"))) is not None:
        found["date"][held.column("row").to_numpy()] = _dates(held.column("date"))
    return found


def dropped_rows(room: Room, digest: str) -> Rows:
    """The rows of a unit that its decisions object drops."""
    table = columns_of(opened(room.store, digest), ["row", "decision"])
    rows: Rows = table.column("row").to_numpy().astype(np.int64)
    return np.asarray(rows[table.column("decision").to_numpy() == DROPPED], np.int64)


def standings(room: Room, rows: Rows) -> npt.NDArray[np.void]:
    """STANDING of *rows*."""
    found = np.zeros((len(rows), STANDING.itemsize // 8), np.uint64)
    for part, at in parts_of(room.unit_of(rows) // UNITS_A_TASK):
        first = part * UNITS_A_TASK
        held = room.load(room.path("standing", f"{first:08d}"), np.uint64).reshape(-1, found.shape[1])
        # Words of eight bytes: numpy gathers records of many fields field by field, at ten times the cost.
        found[at] = held[(rows if isinstance(at, slice) else rows[at]) - room.bases[first]]
    return found.view(STANDING).reshape(-1)


def parts_of(part_of: Rows) -> Iterator[tuple[int, npt.NDArray[np.intp] | slice]]:
    """(part, places of the rows that lie in it), for every part there is; a slice where all of them do."""
    if not len(part_of):
        return
    if part_of[0] == part_of[-1] and (part_of == part_of[0]).all():
        yield int(part_of[0]), slice(None)
        return
    order = np.argsort(part_of, kind="stable")
    edges = np.flatnonzero(np.diff(part_of[order])) + 1
    for at in np.split(order, edges):
        yield int(part_of[at[0]]), at


def keys_of(
    room: Room,
    rows: Rows,
    neighbours: npt.NDArray[np.int64] | None = None,
    told: npt.NDArray[np.void] | None = None,
) -> tuple[npt.NDArray[Any], ...]:
    """The order as sort keys, one array a field of FIELDS, the deciding first; *neighbours*: verified ones of each row;
    *told*: their `standings`, where they are known already.
    """
    told = standings(room, rows) if told is None else told
    content = np.ascontiguousarray(told["content"]).view(">u8").reshape(-1, 2).astype(np.uint64)
    degree = np.zeros(len(rows), np.int64) if neighbours is None else neighbours
    names = ("permitted", "earlier", "licence", "provenance", "personal", "damage")
    return (
        *(told[name] for name in names), -degree, -told["terms"].astype(np.int64), told["date"],
        room.sources[room.unit_of(rows)], content[:, 0], rows,
    )  # fmt: skip


def decided_by(kept: tuple[npt.NDArray[Any], ...], removed: tuple[npt.NDArray[Any], ...]) -> npt.NDArray[np.uint8]:
    """For each pair the place in FIELDS of the first field in which the two differ."""
    by = np.full(len(kept[0]), len(FIELDS) - 1, np.uint8)
    for place in range(len(FIELDS) - 1, -1, -1):
        by[kept[place] != removed[place]] = place
    return by


def _columns(room: Room, unit: Mapping[str, Any], check: str, names: tuple[str, ...]) -> pa.Table | None:
    digest = unit["columns"].get(check)
    if digest is None:
        return None
    return columns_of(opened(room.store, digest), names, [name for name in names if name in _WORDS])


def _ranks(column: pa.ChunkedArray) -> npt.NDArray[np.uint8]:
    coded = pc.dictionary_encode(column).combine_chunks()
    rank = {name: place for place, name in enumerate(CLASSES)}
    ranks = np.array([rank.get(name, len(CLASSES)) for name in coded.dictionary.to_pylist()], np.uint8)
    return np.asarray(ranks[coded.indices.to_numpy()], np.uint8)


def _dates(column: pa.ChunkedArray) -> npt.NDArray[np.uint32]:
    coded = pc.dictionary_encode(column).combine_chunks()
    # A year or a month alone counts as its last day: what is known exactly goes before it.
    read = [int(t.replace("-", "").ljust(8, "9")) if t else NO_DATE for t in coded.dictionary.to_pylist()]
    at = pc.fill_null(coded.indices, len(read)).to_numpy()
    return np.asarray(np.array([*read, NO_DATE], np.uint32)[at], np.uint32)
