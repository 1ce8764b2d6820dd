"""The one multi-pattern scan: which lines of a column's text hold a match of which pattern.

A trigger is a cheap superset: the exact recognizers and expressions read the lines that it names and no others. The
engine is hyperscan; pyarrow's RE2 does the same work, slower, where hyperscan is not installed, with equal hits.

The rows of a batch lie end to end in one Arrow buffer. They are joined by a line feed first (a copy at memory speed,
under 2 % of the scan's time), so that no match straddles two rows and ``^`` means the same at every row's start.
Sets of several checks ride on one walk (`checks.triggers.joined`); RE2, a pass an expression, gains nothing by it.
"""

import importlib.util
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.triggers.hyperscans import Found, lines_by_hyperscan
from checks.triggers.joined import JoinedText, companions, joined, value_bytes
from checks.triggers.pattern_set import PatternSet

ENGINES: Final = ("hyperscan", "re2")
_LONGEST_SCAN_BYTES: Final = 1 << 30  # hyperscan's own length is 32 bits wide, and the binding does not check it
_LINE_FEED: Final = b"\n"
_FIRST_BYTE: Final = np.int8(-0x40)  # continuations, 0x80 to 0xBF, are the lowest of signed bytes


class Hits(NamedTuple):
    """Lines with a match, sorted by row and start, each once. All four arrays have one length."""

    row: np.ndarray  # int64, index into the scanned array
    start_byte: np.ndarray  # int64, within the row's value
    end_byte: np.ndarray  # int64, half open; the line feed is outside
    patterns: np.ndarray  # uint64, bit i: pattern i of the set matches in this line


class Line(NamedTuple):
    """One hit line."""

    row: int
    start_byte: int
    value: bytes
    patterns: int


def engine() -> str:
    """Which engine scans here: hyperscan where it is installed, else re2."""
    return "hyperscan" if importlib.util.find_spec("hyperscan") else "re2"


def scan(array: pa.Array, patterns: PatternSet, with_engine: str | None = None) -> Hits:
    """The lines of *array* (string or large string; nulls hold none) in which any of *patterns* matches.

    Linear in the bytes, whatever they are; memory beyond one copy of the text grows with the hit lines alone.
    """
    if array.nbytes > _LONGEST_SCAN_BYTES and len(array) > 1:
        half = len(array) // 2
        a, b = scan(array[:half], patterns, with_engine), scan(array[half:], patterns, with_engine)
        return Hits(np.concatenate([a.row, b.row + half]), *(np.concatenate(p) for p in zip(a[1:], b[1:], strict=True)))
    text = joined(array)
    found = _by_hyperscan(text, patterns) if (with_engine or engine()) == "hyperscan" else _by_re2(text.view, patterns)
    starts = np.fromiter(found, np.int64, len(found))
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    ends = np.fromiter((end for end, _ in found.values()), np.int64, len(found))[order]
    masks = np.fromiter((mask for _, mask in found.values()), np.uint64, len(found))[order]
    row = np.searchsorted(text.begins, starts, side="right") - 1
    return Hits(row, starts - text.begins[row], ends - text.begins[row], masks)


def hit_lines(array: pa.Array, hits: Hits) -> Iterator[Line]:
    """The hit lines of *array* with their bytes, in the order of *hits*."""
    data, offsets = value_bytes(array)
    view, base = data.data, offsets[hits.row]
    columns = (hits.row, hits.start_byte, base + hits.start_byte, base + hits.end_byte, hits.patterns)
    for row, start, first, end, mask in zip(*(column.tolist() for column in columns), strict=True):
        yield Line(row, start, bytes(view[first:end]), mask)


def code_points(data: np.ndarray) -> int:
    """How many code points the UTF-8 bytes *data* (uint8) hold: every byte but the continuations."""
    return int(np.count_nonzero(data.view(np.int8) >= _FIRST_BYTE))


class Places:
    """Code-point places of bytes in the rows of one array, asked for in rising order: linear in the bytes walked."""

    def __init__(self, array: pa.Array) -> None:
        """*array*: string or large string."""
        self._data, self._offsets = value_bytes(array)
        self._row, self._byte, self._point = -1, 0, 0

    def at(self, row: int, byte: int) -> int:
        """The code point of *row*'s value that begins at *byte*; rows, and bytes within one, must not fall."""
        base = int(self._offsets[row])
        if row != self._row or byte < self._byte:
            self._row, self._byte, self._point = row, 0, 0
        self._point += code_points(self._data[base + self._byte : base + byte])
        self._byte = byte
        return self._point

    def length(self, row: int) -> int:
        """The code points of *row*'s whole value."""
        return code_points(self._data[int(self._offsets[row]) : int(self._offsets[row + 1])])


def _by_hyperscan(text: JoinedText, patterns: PatternSet) -> Found:
    """What is found for *patterns*; for all that are scanned with it too, where the text is kept for them."""
    together = companions(patterns) if text.found is not None else (patterns,)
    if text.found is None or len(together) == 1:
        return lines_by_hyperscan(text.view, patterns.expressions)
    if together not in text.found:
        text.found[together] = lines_by_hyperscan(text.view, tuple(e for one in together for e in one.expressions))
    first = sum(len(one.patterns) for one in together[: together.index(patterns)])
    bits = (1 << len(patterns.patterns)) - 1
    return {start: (end, mine) for start, (end, mask) in text.found[together].items() if (mine := mask >> first & bits)}


def _by_re2(view: np.ndarray, patterns: PatternSet) -> dict[int, tuple[int, int]]:
    """The same by pyarrow: every line a value of one binary array, every expression a pass over it."""
    if not len(view):
        return {}
    feeds = np.flatnonzero(view == _LINE_FEED[0]).astype(np.int64)
    offsets = np.concatenate([np.zeros(1, np.int64), feeds + 1, np.full(1, len(view), np.int64)])
    lines = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(view)]
    )
    masks = np.zeros(len(lines), np.uint64)
    for i, expression in enumerate(patterns.expressions):
        matches = pc.match_substring_regex(lines, pattern=expression)
        masks[np.flatnonzero(matches.to_numpy(zero_copy_only=False))] |= np.uint64(1 << i)
    hit = np.flatnonzero(masks)
    ends = np.concatenate([feeds, np.full(1, len(view), np.int64)])
    return {
        start: (end, mask)
        for start, end, mask in zip(offsets[hit].tolist(), ends[hit].tolist(), masks[hit].tolist(), strict=True)
    }
