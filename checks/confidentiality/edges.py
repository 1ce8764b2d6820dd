"""Where the head of a text ends and its foot begins: so many lines that are not blank from either end, worked out once a record."""

from typing import Final

import numpy as np
import numpy.typing as npt

from checks.triggers import line_end, line_start

Octets = npt.NDArray[np.uint8]
_STEP: Final = 4096


def head_and_foot(value: Octets, lines: int) -> tuple[int, int]:
    """(end of the first *lines* lines that are not blank, start of the last ones): bytes of *value*, UTF-8.

    A line has fewer than *lines* such lines before it where it starts before the one, behind it where it ends after the other.
    """
    head, foot = 0, len(value)
    for _ in range(lines):
        head = line_end(value, _first_shown(value, head)) + 1
        foot = line_start(value, _last_shown(value, foot))
    return min(head, len(value)), foot


def _first_shown(value: Octets, at: int) -> int:
    """The first byte from *at* on that is no white space of ASCII, or the end."""
    step = _STEP
    while at < len(value):
        piece = value[at : at + step].tobytes()
        shown = piece.lstrip()
        if shown:
            return at + len(piece) - len(shown)
        at, step = at + len(piece), step * 2
    return len(value)


def _last_shown(value: Octets, at: int) -> int:
    """Behind the last byte before *at* that is none, or the start."""
    step = _STEP
    while at > 0:
        piece = value[max(0, at - step) : at].tobytes()
        shown = piece.rstrip()
        if shown:
            return at - len(piece) + len(shown)
        at, step = at - len(piece), step * 2
    return 0
