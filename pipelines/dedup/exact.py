"""Exact copies of one range of hashes: for each group the record that stays, and an edge from every other one to it.

A range is read twice or three times as a stream: which hashes occur more than once, the best row of each, the rest. It
holds one row for each distinct hash; a hash with a million rows costs no more than one with two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.pairs import run_starts
from pipelines.dedup.room import Room, Rows, in_order_of, mark
from pipelines.dedup.segments import CONTENT, FOLDED, cut_ranges, rows_between
from pipelines.dedup.standing import dropped_rows, keys_of
from pipelines.sorted_rows import columns_of, opened

COPY: Final = np.dtype([("removed", "<i8"), ("kept", "<i8")])
"""An edge of an exact copy: row numbers."""
EDGES_HELD: Final = 500_000
Block = Mapping[str, npt.NDArray[Any]]


def cut_content(room: Room) -> list[dict[str, Any]]:
    """Ranges of content ids; marks first what no step may look at: rows that a compared run dropped, those of
    its sources that are no longer permitted, those that a list or a quality profile takes out, and erased ones.
    """
    bits = room.marks()
    erased = room.brief["tombstones"]
    for number, unit in enumerate(room.units):
        if number >= room.own and not unit.get("permitted", True):
            mark(bits, room.bases[number] + np.arange(unit["rows"], dtype=np.int64))
        if unit["decisions"] is not None:
            mark(bits, room.bases[number] + dropped_rows(room, unit["decisions"]))
        for findings in unit.get("taken_out", ()):
            mark(bits, room.bases[number] + _found(room, findings))
        if erased and unit["columns"].get("duplicates") is not None:
            mark(bits, room.bases[number] + _erased(room, unit["columns"]["duplicates"], erased))
    room.save(bits, "gone", "first")
    return cut_ranges(room, CONTENT)


def _found(room: Room, digest: str) -> npt.NDArray[np.int64]:
    rows = columns_of(opened(room.store, digest), ["row"]).column("row").to_numpy()
    return np.unique(rows).astype(np.int64)


def _erased(room: Room, digest: str, tombstones: Sequence[str]) -> npt.NDArray[np.int64]:
    table = columns_of(opened(room.store, digest), ["row", "content_id"])
    listed = pa.array([bytes.fromhex(t) for t in tombstones], pa.binary(32))
    rows: npt.NDArray[np.int64] = table.column("row").to_numpy().astype(np.int64)
    return np.asarray(rows[pc.is_in(table.column("content_id"), value_set=listed).to_numpy()], np.int64)


def cut_folded(room: Room) -> list[dict[str, Any]]:
    """Ranges of folded ids; marks first what content took away."""
    mark_removed(room, "content", "first", "content")
    return cut_ranges(room, FOLDED)


def mark_removed(room: Room, step: str, before: str, after: str) -> None:
    """Write the bits *after*: those of *before* and every row that *step* removed."""
    bits = room.marks(before)
    for told in room.left(step):
        for path in told["files"]:
            mark(bits, room.load(path, COPY)["removed"])
    room.save(bits, "gone", after)


def find_copies(room: Room, kind: str, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """COPY edges of one range, in files each sorted by the removed row."""
    blocks = partial(_blocks, room, kind, task)
    repeated = _repeated(blocks())
    if not len(repeated[0]):
        return {"copies": 0, "files": []}
    best = np.full(len(repeated[0]), -1, np.int64)
    for block in blocks():
        _take_best(room, repeated, block, best)
    files, copies = list[str](), 0
    for edges in _in_parts(_edges(room, repeated, best, block) for block in blocks()):
        copies += len(edges)
        files.append(room.save(in_order_of(edges, "removed"), kind, f"{number:08d}-{len(files):04d}.edges"))
    return {"copies": copies, "files": files}


def _edges(
    room: Room, repeated: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]], best: Rows, block: Block
) -> npt.NDArray[np.void]:
    group, at = _groups_of(repeated, block)
    edges = np.zeros(len(at), COPY)
    edges["removed"], edges["kept"] = block["number"][at], best[group]
    # What a compared run holds stays as it was sealed, whatever this run finds.
    own = edges["removed"] < room.bases[room.own]
    return np.asarray(edges[(edges["removed"] != edges["kept"]) & own])


def _in_parts(blocks: Iterable[npt.NDArray[np.void]]) -> Iterator[npt.NDArray[np.void]]:
    """The same edges in few arrays: of one hash there may be more than a task can hold."""
    held, waiting = list[npt.NDArray[np.void]](), 0
    for block in blocks:
        held.append(block)
        waiting += len(block)
        if waiting > EDGES_HELD:
            yield np.concatenate(held)
            held, waiting = [], 0
    if waiting:
        yield np.concatenate(held)


def find_groups(room: Room, kind: str, task: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """(rows whose id occurs more than once in the range, those of them that are not the least of their group)."""
    blocks = partial(_blocks, room, kind, task)
    repeated = _repeated(blocks())
    least = np.full(len(repeated[0]), np.iinfo(np.int64).max)
    rows, groups = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    if len(least):
        for block in blocks():
            group, at = _groups_of(repeated, block)
            np.minimum.at(least, group, block["number"][at])
            rows.append(block["number"][at])
            groups.append(group)
    found, group = np.concatenate(rows), np.concatenate(groups)
    return found, found[found != least[group]]


def _blocks(room: Room, kind: str, task: Mapping[str, Any]) -> Iterator[Block]:
    """The rows of a range once more, segment after segment."""
    for stream in rows_between(room, kind, int(task["low"]), int(task["high"])):
        yield from stream


def _repeated(blocks: Iterator[Block]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The hashes (high and low half, sorted) that occur more than once."""
    high, low, count = np.zeros(0, np.uint64), np.zeros(0, np.uint64), np.zeros(0, np.int64)
    held: list[Block] = []
    waiting = 0
    for block in blocks:
        held.append(block)
        waiting += len(block["number"])
        if waiting >= max(1 << 18, len(high)):
            high, low, count = _counted(high, low, count, held)
            held, waiting = [], 0
    high, low, count = _counted(high, low, count, held)
    return high[count > 1], low[count > 1]


def _counted(
    high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64], count: npt.NDArray[np.int64], blocks: list[Block]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    high = np.concatenate([high, *(b["hash"] for b in blocks)])
    low = np.concatenate([low, *(b["more"] for b in blocks)])
    count = np.concatenate([count, *(np.ones(len(b["number"]), np.int64) for b in blocks)])
    if not len(high):
        return high, low, count
    order = np.lexsort((low, high))
    high, low, count = high[order], low[order], count[order]
    first = run_starts(high, low)
    return high[first], low[first], np.add.reduceat(count, first)


def _groups_of(
    repeated: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]], block: Block
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """(group, place in the block) of the rows whose hash occurs more than once."""
    high, low = repeated
    at = np.searchsorted(high, block["hash"])
    # High halves alike and low ones not: 2**-64 by chance, but within an attacker's reach; step on to the right one.
    while True:
        inside = at < len(high)
        here = np.minimum(at, len(high) - 1)
        later = inside & (high[here] == block["hash"]) & (low[here] < block["more"])
        if not later.any():
            break
        at = at + later
    found = inside & (high[here] == block["hash"]) & (low[here] == block["more"])
    place = np.flatnonzero(found)
    return at[place], place


def _take_best(
    room: Room,
    repeated: tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]],
    block: Block,
    best: npt.NDArray[np.int64],
) -> None:
    group, at = _groups_of(repeated, block)
    if not len(at):
        return
    rows = block["number"][at]
    held = np.unique(group)
    held = held[best[held] >= 0]
    rows, group = np.concatenate([rows, best[held]]), np.concatenate([group, held])
    if len(held) or (group[1:] < group[:-1]).any():
        order = np.argsort(group, kind="stable")
        rows, group = rows[order], group[order]
    first = least_of(group, keys_of(room, rows))
    best[group[first]] = rows[first]


def least_of(group: npt.NDArray[np.int64], keys: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.intp]:
    """For each run of equal *group* the place of its least row by *keys*, the first deciding; the last key is unique.

    Key after key the rows that are not least fall away: most keys are alike within a group of copies, and cost one pass.
    """
    at = np.arange(len(group))
    for key in keys:
        values = key if len(at) == len(group) else key[at]
        if (values == values[0]).all():
            continue
        is_new = np.concatenate(([True], group[at[1:]] != group[at[:-1]]))
        least = np.minimum.reduceat(values, np.flatnonzero(is_new))
        at = at[values == least[np.cumsum(is_new) - 1]]
    return at


def removed_by(room: Room, step: str, low: int, high: int) -> npt.NDArray[np.void]:
    """COPY edges of *step* whose removed row lies in [low, high), sorted by it."""
    parts = [np.zeros(0, COPY)]
    for told in room.left(step):
        for path in told["files"]:
            edges = room.load(path, COPY)
            a, b = np.searchsorted(edges["removed"], [low, high])
            parts.append(edges[a:b])
    return in_order_of(np.concatenate(parts), "removed")
