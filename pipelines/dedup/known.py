"""Jaccards that compared runs measured, brought from content ids to this run's rows and looked up before anything is read.

The index of earlier runs is sorted by the lesser content id, then the greater. It is read once in sequence: the lesser id
is joined with the rows that are left after exact copies, what is found is sorted by the greater id and joined likewise,
and what is found then is sorted by row (data-path §9). Erased and dropped records are no rows here, so nothing is known of
them. Ids are the first 16 bytes of the content id, as in the index of bands.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.dedup.room import ESTIMATE, NOT_MEASURED, Room, Rows, in_order_of, is_gone
from pipelines.dedup.segments import CONTENT, ROWS_A_TASK, rows_between, segments
from pipelines.sorted_rows import opened, rows_of
from schemas.errors import RunError

KNOWN_PAIRS: Final = "index/pairs"
"""How the files of measured pairs are called in files.parquet; see `pipelines.dedup.measured`."""
HALF: Final = np.dtype([("high", "<u8"), ("low", "<u8"), ("row", "<i8"), ("exact", "<i4")])
"""A known pair whose lesser id is a row of this run; *high*, *low*: its greater id."""
FOUND: Final = np.dtype([("a", "<i8"), ("b", "<i8"), ("exact", "<i4")])
"""A known pair of rows of this run, a < b, and its Jaccard in ppm."""
PAIRS_HELD: Final = 500_000
PAIRS_A_FILE: Final = 2_000_000
Uint64s = npt.NDArray[np.uint64]


def cut_lesser(room: Room) -> list[dict[str, Any]]:
    """Ranges of content ids; none where no compared run has measured pairs, or this one judges by estimates alone."""
    files = room.brief.get("pairs", ())
    if not files or room.settings["verify"] == ESTIMATE:
        return []
    rows = max(sum(s["rows"] for s in segments(room, CONTENT)), sum(f["rows"] for f in files))
    count = max(1, -(-rows // ROWS_A_TASK))
    return [{"low": str(a), "high": str(b)} for a, b in pairwise((1 << 64) * i // count for i in range(count + 1))]


def find_lesser(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """HALF pairs of one range of lesser ids, in files each sorted by the greater id."""
    low, high = int(task["low"]), int(task["high"])
    left = _rows_left(room, low, high)
    held, files = _Held(room, f"lesser/{number:08d}", HALF, ("high", "low")), room.brief["pairs"]
    for file in files if len(left[2]) else ():
        for lesser, greater, exact in kept_between(room, file["sha256"], low, high):
            pair, at = _joined(left, lesser)
            part = np.zeros(len(pair), HALF)
            part["high"], part["low"] = greater[pair].T
            part["row"], part["exact"] = left[2][at], exact[pair]
            held.add(part)
    return {"files": held.end()}


def cut_greater(room: Room) -> list[dict[str, Any]]:
    """The same ranges, where there is anything to join."""
    return cut_lesser(room) if any(told["files"] for told in room.left("lesser")) else []


def find_greater(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """FOUND pairs of one range of greater ids, in files each sorted by row."""
    low, high = int(task["low"]), int(task["high"])
    left = _rows_left(room, low, high)
    held = _Held(room, f"greater/{number:08d}", FOUND, ("a", "b"))
    for path in (p for told in room.left("lesser") for p in told["files"]):
        halves = _between(room.load(path, HALF), "high", low, high)
        for first in range(0, len(halves), PAIRS_HELD):
            some = halves[first : first + PAIRS_HELD]
            pair, at = _joined(left, np.stack([some["high"], some["low"]], 1))
            part = np.zeros(len(pair), FOUND)
            one, other = some["row"][pair], left[2][at]
            part["a"], part["b"], part["exact"] = np.minimum(one, other), np.maximum(one, other), some["exact"][pair]
            held.add(part)
    return {"files": held.end(), "pairs": held.count}


def cut_known(room: Room) -> list[dict[str, Any]]:
    """Ranges of rows, so that each holds about as many pairs."""
    left = room.left("greater")
    total = sum(told["pairs"] for told in left)
    if not total:
        return []
    count, step = -(-total // PAIRS_A_FILE), max(1, total // 100_000)
    sample = np.sort(np.concatenate([room.load(p, FOUND)["a"][::step] for told in left for p in told["files"]]))
    inner = np.unique(sample[np.arange(1, count) * len(sample) // count]).tolist()
    return [{"low": a, "high": b} for a, b in pairwise([0, *(i for i in inner if i), int(room.bases[-1])])]


def gather_known(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The known pairs of one range of lesser rows, each once, sorted, as one file a column."""
    files = [path for told in room.left("greater") for path in told["files"]]
    parts = [_between(room.load(path, FOUND), "a", task["low"], task["high"]) for path in files]
    pairs = in_order_of(np.concatenate([np.zeros(0, FOUND), *parts]), "a", "b")
    again = (pairs["a"][1:] == pairs["a"][:-1]) & (pairs["b"][1:] == pairs["b"][:-1])
    if (again & (pairs["exact"][1:] != pairs["exact"][:-1])).any():
        msg = f"{KNOWN_PAIRS}: compared runs tell two Jaccards of one pair of texts; run `corpusledger verify` over the ledger"
        raise RunError(msg)
    pairs = pairs[np.concatenate(([True], ~again))] if len(pairs) else pairs
    columns = {name: room.save(pairs[name], "known", f"{number:08d}.{name}") for name in FOUND.names or ()}
    return {**columns, "low": task["low"], "pairs": len(pairs)}


class Known:
    """What is known of pairs of rows, looked up."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.files = [told for told in room.left("known") if told["pairs"]]
        self.lows = np.array([told["low"] for told in self.files], np.int64)

    def __bool__(self) -> bool:
        """Is anything known at all?"""
        return bool(self.files)

    def jaccard(self, a: Rows, b: Rows) -> npt.NDArray[np.int32]:
        """int32[n], the Jaccard of each pair in ppm, in whatever order its rows are told; `NOT_MEASURED` if unknown."""
        found = np.full(len(a), NOT_MEASURED, np.int32)
        if not self.files:
            return found
        one, other = np.minimum(a, b), np.maximum(a, b)
        file_of = np.searchsorted(self.lows, one, side="right") - 1
        for number in np.unique(file_of[file_of >= 0]):
            told, at = self.files[int(number)], np.flatnonzero(file_of == number)
            firsts, seconds = (self.room.load(told[name], np.int64) for name in ("a", "b"))
            place = _place(firsts, seconds, one[at], other[at])
            there = np.minimum(place, len(firsts) - 1)
            hit = (place < len(firsts)) & (firsts[there] == one[at]) & (seconds[there] == other[at])
            found[at[hit]] = self.room.load(told["exact"], np.int32)[there[hit]]
        return found


def kept_between(
    room: Room, digest: str, low: int, high: int
) -> Iterator[tuple[Uint64s, Uint64s, npt.NDArray[np.int32]]]:
    """(uint64[n, 2] lesser ids, uint64[n, 2] greater ids, int32[n] ppm) of an index file whose lesser id begins with a
    number from *low* to below *high*, a row group at a time.
    """
    most = None if high >= 1 << 64 else high.to_bytes(8, "big")
    for table in rows_of(opened(room.store, digest), "lesser", low.to_bytes(8, "big"), most):
        lesser, greater = (_numbers(table.column(name).combine_chunks()) for name in ("lesser", "greater"))
        yield lesser, greater, np.asarray(table.column("exact_ppm").to_numpy(), np.int32)


def _numbers(ids: pa.Array) -> Uint64s:
    data = np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * 16 : (ids.offset + len(ids)) * 16]
    return data.view(">u8").reshape(-1, 2).astype(np.uint64)


class _Held:
    """Rows gathered and written in files, each sorted."""

    def __init__(self, room: Room, name: str, dtype: np.dtype[np.void], order: Sequence[str]) -> None:
        self.room, self.name, self.order, self.count, self.files = room, name, order, 0, list[str]()
        self._held, self._waiting, self._none = list[npt.NDArray[np.void]](), 0, np.zeros(0, dtype)

    def add(self, part: npt.NDArray[np.void]) -> None:
        self._held.append(part)
        self._waiting += len(part)
        if self._waiting > PAIRS_HELD:
            self.end()

    def end(self) -> list[str]:
        """Write what is held; gives the paths of all files."""
        if self._waiting:
            rows = in_order_of(np.concatenate([self._none, *self._held]), *self.order)
            self.files.append(self.room.save(rows, f"{self.name}-{len(self.files):04d}.pairs"))
            self.count += len(rows)
        self._held, self._waiting = [], 0
        return self.files


def _rows_left(room: Room, low: int, high: int) -> tuple[Uint64s, Uint64s, Rows]:
    """(first half, second half of the content id, row) of every row that is left after exact copies, sorted."""
    bits, parts = room.gone("folded"), list[Mapping[str, npt.NDArray[Any]]]()
    for stream in rows_between(room, CONTENT, low, high):
        for block in stream:
            keep = ~is_gone(bits, block["number"])
            if keep.any():
                parts.append({name: values[keep] for name, values in block.items()})
    more, first, rows = (
        np.concatenate([np.zeros(0, kind), *(part[name] for part in parts)])
        for name, kind in (("more", np.uint64), ("hash", np.uint64), ("number", np.int64))
    )
    order = np.lexsort((rows, more, first))
    return first[order], more[order], rows[order]


def _joined(left: tuple[Uint64s, Uint64s, Rows], ids: Uint64s) -> tuple[Rows, Rows]:
    """(place in *ids*, place in *left*) of every match: of one text there may be several rows, one a compared run."""
    first, last = (np.searchsorted(left[0], ids[:, 0], side=side) for side in ("left", "right"))
    many = last - first
    pair = np.repeat(np.arange(len(ids)), many)
    at = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many) + first[pair]
    same = left[1][at] == ids[pair, 1]
    return pair[same], at[same]


def _between(rows: npt.NDArray[np.void], field: str, low: int, high: int) -> npt.NDArray[np.void]:
    """The part of sorted *rows* with low <= field < high; looks at a few of them alone."""
    column = rows[field]
    return rows[bisect_left(column, low) : bisect_left(column, high)]


def _place(firsts: Rows, seconds: Rows, a: Rows, b: Rows) -> Rows:
    """Where each pair stands, or would stand, in pairs sorted by both."""
    low, high = (np.searchsorted(firsts, a, side=side).astype(np.int64) for side in ("left", "right"))
    while (open_ := low < high).any():
        middle = (low + high) // 2
        less = open_ & (seconds[np.minimum(middle, len(seconds) - 1)] < b)
        low, high = np.where(less, middle + 1, low), np.where(open_ & ~less, middle, high)
    return low
