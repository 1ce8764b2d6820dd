"""The second, targeted read: the shingle sets of wanted rows, kept by row until decisions are written (data-path §9)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.pairs import common_counts, jaccard_ppm
from checks.terms import shingle_sets
from pipelines.dedup.room import NOT_MEASURED, Room, Rows
from pipelines.read_again import wanted_rows
from pipelines.unit import changed_shards
from schemas.errors import LedgerError, RunError

READING, AGAIN = "reading", "again"
"""The two rounds of the read, named as their steps."""
VALUES_HELD: Final = 2_000_000
"""16 MiB of shingle hashes: what is gathered of other units' files at once."""


def cut_reading(room: Room, wanted: Sequence[str], step: str) -> list[dict[str, Any]]:
    """One task for each unit that holds a row of the *wanted* files; *step* AGAIN leaves out what READING read."""
    rows = np.unique(np.concatenate([np.zeros(0, np.int64), *(room.load(path, np.int64) for path in wanted)]))
    if step == AGAIN:
        rows = rows[Sets(room, (READING,)).sizes(rows) < 0]
    path = room.save(rows, step, "wanted")
    edges = np.searchsorted(rows, room.bases)
    return [
        {"unit": unit, "low": int(edges[unit]), "high": int(edges[unit + 1]), "wanted": path, "step": step}
        for unit in range(len(room.units))
        if edges[unit + 1] > edges[unit]
    ]


def read_sets(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Read one unit again; write the shingle sets of its wanted rows, batch after batch.

    A unit that cannot be read as it was (a compared run's shard that has changed or is gone, a record that kills its
    reader) gives no sets: its pairs are judged by estimate, which their evidence rows say.
    """
    del number
    unit = room.planned(task["unit"])
    wanted = room.load(task["wanted"], np.int64)[task["low"] : task["high"]] - room.bases[task["unit"]]
    parts: list[dict[str, Any]] = []
    told = {"unit": task["unit"], "parts": parts, "rows": len(wanted), "read": False, "bytes": unit["bytes"]}
    if unit["kills"] or _is_lost(unit, own=task["unit"] < room.own):
        return told
    for rows, text in _texts(unit, wanted):
        values, offsets = shingle_sets(text, np.arange(len(text), dtype=np.intp))
        name = f"{task['unit']:08d}-{len(parts):04d}"
        parts.append(
            {
                "first": int(rows[0]), "last": int(rows[-1]),
                "rows": room.save(rows.astype(np.int64), task["step"], f"{name}.rows"),
                "offsets": room.save(offsets.astype(np.int64), task["step"], f"{name}.offsets"),
                "values": room.save(values, task["step"], f"{name}.values"),
            }
        )  # fmt: skip
    changed = changed_shards(unit)
    if changed and task["unit"] < room.own:
        raise RunError("\n".join(f"{s}: changed while read; stop its writer and run again" for s in changed))
    return {**told, "read": not changed, "parts": [] if changed else parts}


class Sets:
    """The shingle sets that were read so far, found by row."""

    def __init__(self, room: Room, steps: Sequence[str]) -> None:
        self.room = room
        self.parts: dict[int, list[dict[str, Any]]] = {}
        for step in steps:
            for told in room.left(step):
                self.parts.setdefault(told["unit"], []).extend(told["parts"])

    def find(self, rows: Rows) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(values, start, end) of the sets of *rows*, gathered into one array; start is -1 where there is none."""
        start, end = np.full(len(rows), -1, np.int64), np.full(len(rows), -1, np.int64)
        pieces, base = [np.zeros(0, np.uint64)], 0
        for at, part in self._places(rows):
            held, offsets, values = self._opened(part)
            inside = rows[at] - self.room.bases[part["unit"]]
            place = np.minimum(np.searchsorted(held, inside), len(held) - 1)
            there = held[place] == inside
            mine, place = at[there], place[there]
            a, b = offsets[place], offsets[place + 1]
            sizes = b - a
            ends = np.cumsum(sizes)
            pieces.append(values[np.repeat(a - (ends - sizes), sizes) + np.arange(ends[-1] if len(ends) else 0)])
            start[mine], end[mine] = base + ends - sizes, base + ends
            base += int(ends[-1]) if len(ends) else 0
        return np.concatenate(pieces), start, end

    def sizes(self, rows: Rows) -> npt.NDArray[np.int64]:
        """Shingles of each row's set; -1 where there is none."""
        found = np.full(len(rows), -1, np.int64)
        for at, part in self._places(rows):
            held, offsets, _ = self._opened(part)
            inside = rows[at] - self.room.bases[part["unit"]]
            place = np.minimum(np.searchsorted(held, inside), len(held) - 1)
            there = held[place] == inside
            found[at[there]] = offsets[place[there] + 1] - offsets[place[there]]
        return found

    def jaccard(self, a: Rows, b: Rows) -> npt.NDArray[np.int32]:
        """The exact Jaccard of each pair in ppm; `NOT_MEASURED` where a set is missing."""
        found = np.full(len(a), NOT_MEASURED, np.int32)
        sizes = np.maximum(self.sizes(a), 0) + np.maximum(self.sizes(b), 0)
        for some in _by_weight(sizes, VALUES_HELD):
            rows, inverse = np.unique(np.concatenate([a[some], b[some]]), return_inverse=True)
            values, start, end = self.find(rows.astype(np.int64))
            left, right = inverse[: some.stop - some.start], inverse[some.stop - some.start :]
            whole = (start[left] >= 0) & (start[right] >= 0)
            left, right = left[whole], right[whole]
            common = common_counts(values, start[left], end[left], values, start[right], end[right])
            at = np.arange(some.start, some.stop)[whole]
            found[at] = jaccard_ppm(common, end[left] - start[left], end[right] - start[right])
        return found

    def _places(self, rows: Rows) -> Iterator[tuple[npt.NDArray[np.int64], dict[str, Any]]]:
        unit_of = self.room.unit_of(rows)
        for unit in np.unique(unit_of):
            at = np.flatnonzero(unit_of == unit)
            inside = rows[at] - self.room.bases[unit]
            for part in self.parts.get(int(unit), ()):
                here = at[(inside >= part["first"]) & (inside <= part["last"])]
                if len(here):
                    yield here, {**part, "unit": int(unit)}

    def _opened(self, part: Mapping[str, Any]) -> tuple[Rows, Rows, npt.NDArray[np.uint64]]:
        load = self.room.load
        return load(part["rows"], np.int64), load(part["offsets"], np.int64), load(part["values"], np.uint64)


def _by_weight(sizes: npt.NDArray[np.int64], most: int) -> list[slice]:
    """Slices over pairs so that each weighs at most *most*, or is one pair."""
    cuts, first, before, ends = list[slice](), 0, 0, np.cumsum(sizes)
    while first < len(sizes):
        last = max(first + 1, int(np.searchsorted(ends, before + most, side="right")))
        cuts.append(slice(first, last))
        first, before = last, int(ends[last - 1])
    return cuts


def _is_lost(unit: Mapping[str, Any], *, own: bool) -> bool:
    changed = changed_shards(unit)
    if changed and own:
        raise RunError("\n".join(f"{s}: changed while read; stop its writer and run again" for s in changed))
    return bool(changed)


def _texts(unit: Mapping[str, Any], wanted: Rows) -> Iterator[tuple[Rows, pa.Array]]:
    """(rows, texts) of the wanted rows of a unit; files without one are not opened."""
    try:
        for batch, keep in wanted_rows(unit["files"], unit["file_rows"], wanted):
            rows = np.asarray(batch.column("row").to_numpy(), np.int64)
            yield rows[keep], batch.column("text").take(pa.array(keep))
    except (LedgerError, OSError) as error:
        told = str(error) if isinstance(error, LedgerError) else f"{unit['files'][0]['shard']}: {error}"
        raise RunError(f"{told}; it could be read before: see what changed there, then run again") from error
