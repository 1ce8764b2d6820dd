"""Cut a decoded stream into windows of whole lines, as offset arrays: no Python per line.

A line ends before its LF, or at the end of the shard; it belongs to the span that holds its first byte.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from pipelines.read.base import LONGEST_RECORD_BYTES, Span

LF = 10
CR = 13
BOM = b"\xef\xbb\xbf"
BLANKS = b" \t\r"
"""JSON's white space within a line; a line of nothing else holds no record."""
_TAIL_BYTES = 1 << 20

Offsets = NDArray[np.int64]


class Decoded(Protocol):
    """Decoded bytes in sequence; *failure* is a reason of `REASONS` once the stream has broken off, else None."""

    @property
    def failure(self) -> str | None:
        """Why the stream ended before its shard did; None while it has not."""
        ...

    def read(self, size: int, /) -> bytes:
        """At most *size* bytes, empty only at the end or the break."""
        ...


class Lost(NamedTuple):
    """A framed line that cannot be parsed at all: decoded offset, length, reason."""

    offset: int
    length: int
    reason: str


class Window(NamedTuple):
    """Consecutive lines: line i is ``buffer[starts[i]:ends[i]]`` and lies at decoded offset ``base + starts[i]``.

    *lost* follows the lines. Lines of white space alone are not in it, an LF and one CR before it are no part of a line.
    """

    base: int
    buffer: bytes
    starts: Offsets
    ends: Offsets
    lost: Lost | None = None


def cut_lines(
    stream: Decoded, span: Span, window_bytes: int, longest_bytes: int = LONGEST_RECORD_BYTES
) -> Iterator[Window]:
    """The lines that begin in *span*, in windows of about *window_bytes*.

    *stream* stands at decoded byte ``max(span.start - 1, 0)``: the byte before the span tells whether a line begins in it.
    A line far past *longest_bytes* is lost as `too long` and its bytes are not kept; the caller gives a line in a window
    the same fate where it is longer (`too_long`). Where the stream breaks off, an unfinished line is lost with the
    stream's reason; without one, an empty `Lost` stands at the break.
    """
    position = max(span.start - 1, 0)  # decoded offset of carry's first byte
    carry, skipped = b"", 0
    skipping = span.start > 0  # the line before, or one that is too long
    long_at: int | None = None
    last = b""  # the byte before the piece
    while True:
        piece = stream.read(_wanted(window_bytes, span, position + skipped + len(carry)))
        if skipping:
            cut = piece.find(b"\n") + 1
            if piece and cut == 0:
                skipped, last = skipped + len(piece), piece[-1:]
                continue
            position, skipped, skipping = position + skipped + cut, 0, False
            if long_at is not None:
                line_end = position - (cut > 0)
                line_end -= (piece[cut - 2 : cut - 1] if cut > 1 else last) == b"\r"
                yield _nothing(position, Lost(long_at, line_end - long_at, "too long"))
                long_at = None
            buffer = piece[cut:]
        else:
            buffer = carry + piece if carry else piece
        if span.end is not None and position >= span.end:
            return
        cut = len(buffer) if not piece and stream.failure is None else buffer.rfind(b"\n") + 1
        if cut:
            yield _window(buffer[:cut] if cut < len(buffer) else buffer, position, span.end)
            position, carry = position + cut, buffer[cut:]
        else:
            carry = buffer
        if not piece:
            if stream.failure is not None:
                yield _nothing(position, Lost(position, len(carry), stream.failure))
            return
        if span.end is not None and position >= span.end:
            return
        if len(carry) > longest_bytes + len(BOM) + 1:  # past it even without a mark before and a CR after
            long_at = position + len(BOM) * (position == 0 and carry.startswith(BOM))
            skipping, skipped, last, carry = True, len(carry), carry[-1:], b""


def too_long(window: Window, longest_bytes: int = LONGEST_RECORD_BYTES) -> NDArray[np.bool_]:
    """Which lines of *window* are longer than a record may be."""
    return window.ends - window.starts > longest_bytes


def _wanted(window_bytes: int, span: Span, at: int) -> int:
    """Up to the span's end in whole windows, beyond it only as far as its last line may reach."""
    if span.end is None:
        return window_bytes
    return max(1, min(window_bytes, span.end - at)) if at < span.end else min(window_bytes, _TAIL_BYTES)


def _nothing(base: int, lost: Lost) -> Window:
    none = np.empty(0, np.int64)
    return Window(base, b"", none, none, lost)


def _window(buffer: bytes, base: int, end: int | None) -> Window:
    octets = np.frombuffer(buffer, np.uint8)
    ends = np.flatnonzero(octets == LF)
    if buffer[-1] != LF:
        ends = np.append(ends, len(buffer))
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    if end is not None and base + int(starts[-1]) >= end:
        mine = int(np.searchsorted(starts, end - base))
        starts, ends = starts[:mine], ends[:mine]
    if base == 0 and buffer.startswith(BOM):
        starts[0] = len(BOM)  # the mark is no part of the first record
    returns = (ends > starts) & (octets[ends - 1] == CR)
    if returns.any():
        ends = ends - returns
    filled = ends > starts
    for i in np.flatnonzero(filled & (octets[np.minimum(starts, len(buffer) - 1)] <= 32)):
        filled[i] = buffer[starts[i] : ends[i]].strip(BLANKS) != b""
    if not filled.all():
        starts, ends = starts[filled], ends[filled]
    return Window(base, buffer, starts, ends)
