"""The one multi-pattern scan: which lines of a column's text hold a match of which pattern.

A trigger is a cheap superset: the exact recognizers and expressions read the lines that it names and no others. The
engine is hyperscan; pyarrow's RE2 does the same work, slower, where hyperscan is not installed, with equal hits.

The rows of a batch lie end to end in one Arrow buffer. They are joined by a line feed first (a copy at memory speed,
under 2 % of the scan's time), so that no match straddles two rows and ``^`` means the same at every row's start.
"""

import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.loaded import per_thread
from checks.triggers.hyperscans import lines_by_hyperscan
from schemas.canonical import digest_of

ENGINES: Final = ("hyperscan", "re2")
_MOST_PATTERNS: Final = 63  # a hit line's patterns are one bit mask
_LONGEST_SCAN_BYTES: Final = 1 << 30  # hyperscan's own length is 32 bits wide, and the binding does not check it
_KEPT_BYTES: Final = 64 << 20
_LINE_FEED: Final = b"\n"


@dataclass(frozen=True)
class PatternSet:
    r"""Named expressions in the common ground of hyperscan and RE2, over bytes.

    Rules: none matches a line feed (classes that exclude say so: ``[^0-9\n]``); ``^`` is a line's start; ``$``,
    look-arounds and back-references are not used; a character beyond ASCII stands as a literal, never in a class and
    never right before a quantifier.
    """

    patterns: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse more patterns than a mask holds, and an expression that breaks the rule on characters."""
        if len(self.patterns) > _MOST_PATTERNS:
            msg = f"pattern set: {len(self.patterns)} patterns, at most {_MOST_PATTERNS}; split the set"
            raise ValueError(msg)
        for name, expression in self.patterns:
            for inside in re.findall(r"(?<!\\)\[[^\]]*\]", expression):
                if not inside.isascii():
                    msg = f"pattern {name}: a class holds a character beyond ASCII; write an alternation"
                    raise ValueError(msg)
            if re.search(r"[^\x00-\x7f][?*+{]", expression):
                msg = f"pattern {name}: a quantifier follows a character beyond ASCII; put it in a group"
                raise ValueError(msg)

    @cached_property
    def digest(self) -> str:
        """What the set is, for work ids and for the process's cache."""
        return digest_of([list(p) for p in self.patterns])

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        """The expressions over bytes, in ASCII: a character beyond it is its escaped UTF-8 bytes."""
        return tuple(_over_bytes(expression) for _, expression in self.patterns)

    def mask(self, *names: str) -> int:
        """The bits of the patterns so named; all of a family where a name ends in ``.``."""
        bits = 0
        for i, (name, _) in enumerate(self.patterns):
            if any(name == n or (n.endswith(".") and name.startswith(n)) for n in names):
                bits |= 1 << i
        if not bits:
            msg = f"pattern set: none of {names} is in it"
            raise KeyError(msg)
        return bits


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
    view, begins = _joined(array)
    found = (
        lines_by_hyperscan(view, patterns.expressions)
        if (with_engine or engine()) == "hyperscan"
        else _by_re2(view, patterns)
    )
    starts = np.fromiter(found, np.int64, len(found))
    order = np.argsort(starts, kind="stable")
    starts = starts[order]
    ends = np.fromiter((end for end, _ in found.values()), np.int64, len(found))[order]
    masks = np.fromiter((mask for _, mask in found.values()), np.uint64, len(found))[order]
    row = np.searchsorted(begins, starts, side="right") - 1
    return Hits(row, starts - begins[row], ends - begins[row], masks)


def hit_lines(array: pa.Array, hits: Hits) -> Iterator[Line]:
    """The hit lines of *array* with their bytes, in the order of *hits*."""
    data, offsets = value_bytes(array)
    for row, start, end, mask in zip(*(column.tolist() for column in hits), strict=True):
        base = int(offsets[row])
        yield Line(row, start, data[base + start : base + end].tobytes(), mask)


def value_bytes(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The data buffer of a string or large string array as uint8, and its len + 1 offsets into it as int64."""
    array = array.cast(pa.large_string()) if not pa.types.is_large_string(array.type) else array
    _, offset_buffer, data_buffer = array.buffers()
    if len(array) == 0 or offset_buffer is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.empty(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    return data, offsets


def code_points(data: np.ndarray) -> int:
    """How many code points the UTF-8 bytes *data* (uint8) hold: every byte but the continuations."""
    return int(np.count_nonzero((data & 0xC0) != 0x80))


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


def _joined(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """All values with a line feed between them, and the byte at which each row begins there.

    Several rooms scan the same text one after another: each thread keeps what it joined last.
    """
    key = (array.type.id, len(array), array.offset, *(0 if b is None else b.address for b in array.buffers()))
    held: dict[tuple[int, ...], tuple[pa.Array, np.ndarray, np.ndarray]] = per_thread("joined text", dict)
    if key not in held:
        held.clear()
        if array.nbytes > _KEPT_BYTES:
            return _laid(array)
        held[key] = (array, *_laid(array))  # the array too, so that nothing else comes to lie where it lies
    return held[key][1:]


def _laid(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    if array.null_count:
        array = array.fill_null("")
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    data, offsets = value_bytes(array)
    first = int(offsets[0])
    if len(array) <= 1:
        return data[first : int(offsets[-1])], np.zeros(1, np.int64)
    rows = pa.LargeListArray.from_arrays(pa.array([0, len(array)], pa.int64()), array)
    joined = pc.binary_join(rows, pa.scalar("\n", pa.large_string()))
    whole, _ = value_bytes(joined)
    begins = offsets[:-1] - first + np.arange(len(array), dtype=np.int64)
    return whole[: int(offsets[-1]) - first + len(array) - 1], begins


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


def _over_bytes(expression: str) -> str:
    return "".join(c if c.isascii() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in expression)
