"""The shingles of evaluation sets as a process holds them, and where those of records meet them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.contamination.entries import first_of_run, numbered, owners_of
from checks.loaded import once
from checks.signs.count import utf8_buffers
from checks.terms.sieve import Sieve, shingles_through
from schemas.errors import LedgerError

_PLACE: Final = "evaluation index"
_SET_SHIFT: Final = np.uint64(32)
_BLOCK_BYTES: Final = 1 << 20

Rows = npt.NDArray[np.intp]
Ints = npt.NDArray[np.int64]


class Spans(NamedTuple):
    """Stretches of text that an item has too, by (row, item, start): int64[n] each, and int64[n, 2] *places*.

    *rows*: of the array that was searched; *items*: numbers of the index; *places*: code points, start and end;
    *shared*: distinct shingles of the item that the whole row has.
    """

    rows: Ints
    items: Ints
    places: Ints
    shared: Ints

    def take(self, kept: npt.NDArray[np.bool_]) -> "Spans":
        """Those that are *kept*, bool[n]."""
        return Spans(*(column[kept] for column in self))

    def rank(self) -> Ints:
        """int64[n]: how many of the same row and item are before it."""
        at = np.arange(len(self.rows))
        return at - np.maximum.accumulate(np.where(first_of_run(self.rows, self.items), at, 0))


_NONE: Final = Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True)
class Shelf:
    """The shingles of one width. *hashes*: uint64[n], sorted; *items*: uint32[n], whose they are; *of_item*: distinct ones
    of each item, int64[items].
    """

    width: int
    hashes: npt.NDArray[np.uint64]
    items: npt.NDArray[np.uint32]
    of_item: Ints
    sieve: Sieve

    def spans(self, text: pa.Array, rows: Rows) -> Spans:
        """Where the *rows* of *text* share shingles with items; spans that overlap are one."""
        hashes, _, ends = shingles_through(self.sieve, text, rows, self.width)
        is_there = self._holds(hashes)
        hit = rows[np.unique(np.searchsorted(ends, np.flatnonzero(is_there), "right") - 1)]
        return self._placed(text, hit) if len(hit) else _NONE

    def _placed(self, text: pa.Array, rows: Rows) -> Spans:
        hashes, places, ends = shingles_through(self.sieve, text, rows, self.width, placed=True)
        there = np.flatnonzero(self._holds(hashes))
        row = np.searchsorted(ends, there, "right") - 1
        low = np.searchsorted(self.hashes, hashes[there], "left")
        owners = np.searchsorted(self.hashes, hashes[there], "right") - low
        hit = np.repeat(np.arange(len(there)), owners)  # one for each item that has the shingle
        first = np.cumsum(owners) - owners
        items = self.items[(np.arange(len(hit)) - first[hit] + low[hit])].astype(np.int64)
        row, start, end = row[hit], places[there[hit], 0], places[there[hit], 1]
        order = np.lexsort((start, items, row))
        row, items, start, end = row[order], items[order], start[order], end[order]
        shared = _distinct(row, items, hashes[there[hit[order]]])
        fresh = first_of_run(row, items)
        fresh[1:] |= start[1:] > end[:-1]
        begins = np.flatnonzero(fresh)
        last = np.append(begins[1:], len(row)) - 1  # in a row, ends rise with starts
        return Spans(rows[row[begins]], items[begins], np.stack([start[begins], end[last]], 1), shared[begins])

    def _holds(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
        at = np.searchsorted(self.hashes, hashes)
        at[at == len(self.hashes)] = 0
        held: npt.NDArray[np.bool_] = self.hashes[at] == hashes
        return held


@dataclass(frozen=True)
class Index:
    """*shelves*: by width, those that have shingles; *sets*, *lines*: of each item by its number, place of its set and line
    of its file.
    """

    shelves: dict[int, Shelf]
    sets: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]


def index_of(entries: pa.Table) -> Index:
    """The index of ENTRIES, which are sorted."""
    distinct, numbers = numbered(owners_of(entries))
    widths, hashes = entries.column("width").to_numpy(), entries.column("hash").to_numpy()
    shelves = {}
    for width in np.unique(widths).tolist():
        kept = widths == width
        own = np.ascontiguousarray(hashes[kept])
        of_item = np.bincount(numbers[kept], minlength=len(distinct))
        shelves[width] = Shelf(width, own, numbers[kept], of_item, Sieve.of(own))
    return Index(shelves, (distinct >> _SET_SHIFT).astype(np.int64), distinct.astype(np.uint32).astype(np.int64))


def use_index(digest: str, entries: Callable[[], pa.Table]) -> Index:
    """Keep the index that *digest* names for this process; *entries* gives ENTRIES where it is not held yet.

    Every process calls this before it looks at records.
    """
    return once((_PLACE, digest), lambda: index_of(entries()))


def held_index(digest: str) -> Index:
    """The index that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def byte_places(text: pa.Array, rows: Ints, points: Ints) -> Ints:
    """int64[n, k]: the bytes before code points int64[n, k] of the values of *rows*, which rise; -1 in what is no UTF-8."""
    offsets, data = utf8_buffers(text)
    places = np.full(points.shape, -1, np.int64)
    begins = np.flatnonzero(first_of_run(rows))
    for first, last in pairwise([*begins.tolist(), len(rows)]):
        row = int(rows[first])
        if _is_utf8(text.slice(row, 1)):
            places[first:last] = _bytes_before(data[offsets[row] : offsets[row + 1]], points[first:last])
    return places


def _bytes_before(value: memoryview, points: Ints) -> Ints:
    """A block at a time, for a value may have 100 MB."""
    places, passed = np.full(points.shape, len(value), np.int64), 0
    for at in range(0, len(value), _BLOCK_BYTES):
        starts = np.flatnonzero((np.frombuffer(value[at : at + _BLOCK_BYTES], np.uint8) & 0xC0) != 0x80)
        inside = (points >= passed) & (points < passed + len(starts))
        places[inside] = at + starts[points[inside] - passed]
        passed += len(starts)
    return places


def _is_utf8(value: pa.Array) -> bool:
    try:
        value.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _distinct(rows: Ints, items: Ints, hashes: npt.NDArray[np.uint64]) -> Ints:
    """int64[n]: for each row, and rows are sorted by (row, item), how many different hashes its (row, item) has."""
    pair = np.cumsum(first_of_run(rows, items)) - 1
    order = np.lexsort((hashes, pair))
    counts: Ints = np.bincount(pair[order][first_of_run(pair[order], hashes[order])])
    shared: Ints = counts[pair]
    return shared


def _missing(digest: str) -> Index:
    raise LedgerError(
        f"contamination: index {digest[:16]} is set but not loaded in this process; run again with --fresh"
    )
