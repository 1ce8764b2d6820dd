"""Pairs of rows that share a band, from one range of hashes: all pairs of a short run, leaders and followers of a hot one.

Data-path §9: of a run longer than 64 the 64 rows with the least keyed hash of their content id lead; every other row is
streamed past them, never held, and goes with the leader whose signature is most like its own.
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.pairs import best_leaders, run_starts, sorted_rows, unique_pairs
from pipelines.dedup.exact import mark_removed
from pipelines.dedup.room import Room
from pipelines.dedup.segments import NEAR, cut_ranges, rows_between

LEADERS: Final = 64
PAIR: Final = np.dtype([("a", "<i8"), ("b", "<i8")])
"""A pair of rows that may be near copies; a < b."""
PAIRS_HELD: Final = 1_000_000
HOT_ROWS: Final = 200_000
"""A run that is not at its end after so many rows is read once more, as a stream."""
Block = Mapping[str, npt.NDArray[Any]]


def cut_candidates(room: Room) -> list[dict[str, Any]]:
    """Ranges of band hashes; marks first what is an exact copy."""
    mark_removed(room, "folded", "content", "folded")
    return cut_ranges(room, NEAR)


def find_candidates(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Files of PAIR, each sorted and without repeats."""
    files, pairs, hot = pairs_between(room, NEAR, task, f"candidates/{number:08d}")
    return {"files": files, "pairs": pairs, "hot_runs": hot}


def pairs_between(
    room: Room, kind: str, task: Mapping[str, Any], name: str, part: str = ""
) -> tuple[list[str], int, int]:
    """(files of PAIR, pairs, hot runs) of one range of a kind of bands; *name*: what the files are called by."""
    found = Pairs(room, name, part)
    low, high = int(task["low"]), int(task["high"])
    hot = [
        run for block in in_order(list(rows_between(room, kind, low, high))) for run in found.take(block)
    ] + found.end()
    for hash_, leaders in hot:
        for stream in rows_between(room, kind, hash_, hash_ + 1):
            for block in stream:
                found.follow(block["number"][~np.isin(block["number"], leaders)], leaders)
    return found.flush(), found.count, len(hot)


class Pairs:
    """Pairs while they are found: runs of equal hash, cut wherever the blocks are cut."""

    def __init__(self, room: Room, name: str, part: str = "") -> None:
        self.room, self.name, self.part, self.count, self.files = room, name, part, 0, list[str]()
        self._held: list[npt.NDArray[np.void]] = []
        self._waiting = 0
        self._rest: Block | None = None
        self._hot: int | None = None

    def take(self, block: Block) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """Take rows in order of hash; gives the hot runs that came to their end, with their leaders."""
        if self._rest is not None:
            block = {k: np.concatenate([self._rest[k], block[k]]) for k in block}
        last = int(block["hash"][-1])
        start = int(np.searchsorted(block["hash"], np.uint64(last)))
        ended = self._finish({k: v[:start] for k, v in block.items()}) if start else []
        rest = {k: v[start:] for k, v in block.items()}
        if len(rest["hash"]) > HOT_ROWS:
            self._hot = last
            rest = {k: v[:LEADERS] for k, v in _led(rest).items()}
        self._rest = rest
        return ended

    def end(self) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """Nothing follows: the last run is at its end."""
        return self._finish(self._rest) if self._rest is not None else []

    def follow(self, rows: npt.NDArray[np.int64], leaders: npt.NDArray[np.int64]) -> None:
        """Attach *rows* to the leader that each is most like."""
        if not len(rows):
            return
        best, _ = best_leaders(self.room.signatures(rows, self.part), self.room.signatures(leaders, self.part))
        self._add(rows, leaders[best])

    def flush(self) -> list[str]:
        """Write what is held; gives the paths of all files."""
        if self._held:
            pairs = np.concatenate(self._held)
            a, b = unique_pairs(pairs["a"].astype(np.uint64), pairs["b"].astype(np.uint64))
            unique = np.zeros(len(a), PAIR)
            unique["a"], unique["b"] = a, b
            self.count += len(unique)
            self.files.append(self.room.save(unique, f"{self.name}-{len(self.files):04d}.pairs"))
            self._held, self._waiting = [], 0
        return self.files

    def _finish(self, block: Block) -> list[tuple[int, npt.NDArray[np.int64]]]:
        hashes, rows = block["hash"], block["number"]
        starts = run_starts(hashes)
        sizes = np.diff(np.concatenate((starts, [len(hashes)])))
        hot: list[tuple[int, npt.NDArray[np.int64]]] = []
        for size in np.unique(sizes[sizes > 1]):
            runs = starts[sizes == size]
            if size <= LEADERS:
                left, right = np.triu_indices(int(size), 1)
                for some in np.array_split(runs, max(1, len(runs) * len(left) // PAIRS_HELD)):
                    members = rows[some[:, None] + np.arange(size)]
                    self._add(members[:, left].reshape(-1), members[:, right].reshape(-1))
                continue
            for run in runs:
                whole = _led({k: v[run : run + size] for k, v in block.items()})["number"]
                leaders = whole[:LEADERS]
                self._lead(leaders)
                self.follow(whole[LEADERS:], leaders)
        if self._hot is not None and len(hashes) and int(hashes[0]) == self._hot:
            # Only its leaders are here, so far as this stream went; the rest of the run is read once more.
            hot.append((self._hot, _led({k: v[: sizes[0]] for k, v in block.items()})["number"][:LEADERS]))
            self._hot = None
        return hot

    def _lead(self, leaders: npt.NDArray[np.int64]) -> None:
        left, right = np.triu_indices(len(leaders), 1)
        self._add(leaders[left], leaders[right])

    def _add(self, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64]) -> None:
        pairs = np.zeros(len(a), PAIR)
        pairs["a"], pairs["b"] = np.minimum(a, b), np.maximum(a, b)
        self._held.append(pairs)
        self._waiting += len(pairs)
        if self._waiting > PAIRS_HELD:
            self.flush()


def _led(block: Block) -> Block:
    """One run with its leaders first: by key, then by place."""
    order = sorted_rows(block["hash"], block["key"], block["number"].astype(np.uint64))
    return {k: v[order] for k, v in block.items()}


def in_order(streams: list[Iterator[Block]]) -> Iterator[Block]:
    """Blocks of several sorted streams as one sorted stream; holds one block a stream."""
    heads = {i: block for i, s in enumerate(streams) if (block := next(s, None)) is not None}
    lasts = [(int(block["hash"][-1]), i) for i, block in heads.items()]
    heapq.heapify(lasts)
    while lasts:
        pivot = lasts[0][0]
        ready: list[Block] = []
        for i in sorted(heads):
            block = heads[i]
            upto = int(np.searchsorted(block["hash"], np.uint64(pivot), side="right"))
            if upto:
                ready.append({k: v[:upto] for k, v in block.items()})
                heads[i] = {k: v[upto:] for k, v in block.items()}
        ended = []
        while lasts and lasts[0][0] == pivot:
            ended.append(heapq.heappop(lasts)[1])
        for i in ended:  # each once: the block that follows may be of that one hash from end to end
            if (following := next(streams[i], None)) is None:
                del heads[i]
            else:
                heads[i] = following
                heapq.heappush(lasts, (int(following["hash"][-1]), i))
        joined = {k: np.concatenate([r[k] for r in ready]) for k in ready[0]}
        order = np.argsort(joined["hash"], kind="stable")
        yield {k: v[order] for k, v in joined.items()}
