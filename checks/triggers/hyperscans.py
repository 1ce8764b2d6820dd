"""Which lines of a text match which of many expressions, by hyperscan: those that need digits see lines with digits alone.

An expression over digits has no literal to jump to, and hyperscan walks every byte for it. Of web text and of laws an
eighth lies in lines with four digits or an ``@``: the kernel picks those out at memory speed.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from checks import kernels
from checks.kernels.feed_calls import telling_lines
from checks.loaded import once, per_thread
from checks.triggers.digits import MARK, least_digits, least_marks
from checks.triggers.kept import kept_database
from checks.triggers.line_borders import line_end, line_start

LEAST_DIGITS: Final = 4
"""An expression whose matches all hold so many ASCII digits, or the mark, is looked for in lines with either alone."""
Found = dict[int, tuple[int, int]]
"""Line start -> (line end, bits of the expressions that match in it)."""


def lines_by_hyperscan(view: np.ndarray, expressions: Sequence[str]) -> Found:
    """The lines of *view* (uint8, contiguous) in which any of *expressions* matches.

    A line full of matches costs one callback a match and one entry.
    """
    library = kernels.library()
    rare, others = once(("needs digits", *expressions), lambda: _parted(expressions))
    if library is None:
        rare, others = (), tuple(range(len(expressions)))
    found: Found = {}
    if not len(view):
        return found
    if others:
        _scan(view, expressions, others, found)
    if rare and library is not None:
        lines = telling_lines(library, view, LEAST_DIGITS, MARK)
        inside: Found = {}
        if len(lines.start):
            _scan(lines.octets, expressions, rare, inside)
        laid = np.fromiter(inside, np.int64, len(inside))
        starts = lines.start[np.searchsorted(lines.laid, laid)]
        for start, (at, (end, mask)) in zip(starts.tolist(), inside.items(), strict=True):
            _, before = found.get(start, (0, 0))
            found[start] = (start + end - at, before | mask)
    return found


def _parted(expressions: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    tells = [least_digits(e) >= LEAST_DIGITS or least_marks(e, MARK) > 0 for e in expressions]
    return tuple(i for i, does in enumerate(tells) if does), tuple(i for i, does in enumerate(tells) if not does)


def _scan(view: np.ndarray, expressions: Sequence[str], chosen: tuple[int, ...], found: Found) -> None:
    """Add to *found* the lines in which the *chosen* expressions match."""
    lines = [(0, -1)] * len(expressions)  # by expression, the last line it was found in
    last = (0, -1)

    def on_match(pattern: int, _start: int, end: int, _flags: int, _context: object) -> None:
        nonlocal last
        low, high = lines[pattern]
        if low < end <= high:
            return
        if not last[0] < end <= last[1]:
            last = (line_start(view, end - 1), line_end(view, end))
        lines[pattern] = last
        start = last[0]
        _, mask = found.get(start, (0, 0))
        found[start] = (last[1], mask | 1 << pattern)

    database, scratch = _database(tuple(expressions[i] for i in chosen), chosen)
    database.scan(view, match_event_handler=on_match, scratch=scratch)


def _database(expressions: tuple[str, ...], numbers: tuple[int, ...]) -> tuple[Any, Any]:
    """The compiled set, once a process, and its scratch space, once a thread: two threads on one scratch fail."""
    import hyperscan

    key = (expressions, numbers)

    def build() -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        flags = [hyperscan.HS_FLAG_MULTILINE] * len(expressions)
        database.compile(
            expressions=[e.encode("ascii") for e in expressions],
            ids=list(numbers),
            elements=len(expressions),
            flags=flags,
        )
        return database

    database = once(("hyperscan database", key), lambda: kept_database(expressions, numbers, build))
    return database, per_thread(("hyperscan scratch", key), lambda: hyperscan.Scratch(database))
