"""Cut a decoded stream into windows of whole lines, as offset arrays: no Python per line.

A line ends before its LF, or at the end of the shard; it belongs to the span that holds its first byte.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from checks import kernels
from checks.kernels.feed_calls import feeds_of
from checks.loaded import per_thread
from pipelines.read.base import LONGEST_RECORD_BYTES, Span

LF = 10
CR = 13
_SPACE = 32
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

    def readinto(self, into: memoryview, /) -> int:
        """Fill *into*; the number of bytes written is smaller than its length at the end or the break alone."""
        ...


class Lost(NamedTuple):
    """A framed line that cannot be parsed at all: decoded offset, length, reason."""

    offset: int
    length: int
    reason: str


class Window(NamedTuple):
    """Consecutive lines: line i is ``buffer[starts[i]:ends[i]]`` and lies at decoded offset ``base + starts[i]``.

    *lost* follows the lines. Lines of white space alone are not in it, an LF and one CR before it are no part of a line.
    *buffer* is overwritten when the next window is asked for: fresh pages cost more than cutting does.
    """

    base: int
    buffer: memoryview
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
    spare: list[bytearray] = per_thread(
        "buffers of lines", list
    )  # a fresh one is filled with zeros first, for each small file
    buffer = spare.pop() if spare and len(spare[-1]) == window_bytes else bytearray(window_bytes)
    try:
        yield from _windows(stream, span, window_bytes, longest_bytes, buffer)
    finally:
        spare[:] = [buffer]


def _windows(stream: Decoded, span: Span, window_bytes: int, longest_bytes: int, buffer: bytearray) -> Iterator[Window]:
    position = max(span.start - 1, 0)  # decoded offset of buffer[0]
    held = 0  # bytes of an unfinished line, at the buffer's front
    passing = span.start > 0  # over the line before, or one that is too long
    long_at: int | None = None
    last = bytearray()  # the byte before buffer[0], while passing
    while True:
        if held > len(buffer) // 2 or len(buffer) > max(window_bytes, 2 * held):
            buffer = _resized(buffer, held, window_bytes)
        wanted = _wanted(len(buffer) - held, span, position + held)
        given = stream.readinto(memoryview(buffer)[held : held + wanted])
        filled, ended = held + given, given < wanted
        begin = 0
        if passing:
            begin = buffer.find(b"\n", 0, filled) + 1
            if begin == 0 and not ended:
                last, position = buffer[filled - 1 : filled], position + filled
                continue
            if long_at is not None:
                line_end = position + begin - 1 if begin else position + filled
                line_end -= (buffer[begin - 2 : begin - 1] if begin > 1 else last) == b"\r" and begin > 0
                yield nothing(Lost(long_at, line_end - long_at, "too long"))
            begin, passing, long_at = begin or filled, False, None
        if span.end is not None and position + begin >= span.end:
            return
        cut = filled if ended and stream.failure is None else max(begin, buffer.rfind(b"\n", begin, filled) + 1)
        if cut > begin:
            yield _window(memoryview(buffer)[begin:cut], position + begin, span.end)
        held, position = filled - cut, position + cut
        memoryview(buffer)[:held] = memoryview(buffer)[cut:filled]
        if ended:
            if stream.failure is not None:
                yield nothing(Lost(position, held, stream.failure))
            return
        if span.end is not None and position >= span.end:
            return
        if held > longest_bytes + len(BOM) + 1:  # past it even without a mark before and a CR after
            long_at = position + len(BOM) * (position == 0 and buffer.startswith(BOM))
            passing, last, position, held = True, buffer[held - 1 : held], position + held, 0


def too_long(window: Window, longest_bytes: int = LONGEST_RECORD_BYTES) -> NDArray[np.bool_]:
    """Which lines of *window* are longer than a record may be."""
    return window.ends - window.starts > longest_bytes


def _resized(buffer: bytearray, held: int, window_bytes: int) -> bytearray:
    other = bytearray(max(window_bytes, 4 * held))
    other[:held] = memoryview(buffer)[:held]
    return other


def _wanted(room: int, span: Span, at: int) -> int:
    """Up to the span's end in whole windows, beyond it only as far as its last line may reach."""
    if span.end is None:
        return room
    return max(1, min(room, span.end - at)) if at < span.end else min(room, _TAIL_BYTES)


def nothing(lost: Lost) -> Window:
    """A window of no lines but the lost one."""
    none = np.empty(0, np.int64)
    return Window(lost.offset, memoryview(b""), none, none, lost)


def _window(buffer: memoryview, base: int, end: int | None) -> Window:
    octets = np.frombuffer(buffer, np.uint8)
    library = kernels.library()
    ends = np.flatnonzero(octets == LF) if library is None else feeds_of(library, octets)
    if octets[-1] != LF:
        ends = np.append(ends, len(octets))
    starts = np.empty_like(ends)
    starts[0] = 0
    np.add(ends[:-1], 1, out=starts[1:])
    if end is not None and base + int(starts[-1]) >= end:
        mine = int(np.searchsorted(starts, end - base))
        starts, ends = starts[:mine], ends[:mine]
    if base == 0 and bytes(buffer[: len(BOM)]) == BOM:
        starts[0] = len(BOM)  # the mark is no part of the first record
    returns = (ends > starts) & (octets[ends - 1] == CR)
    if returns.any():
        ends = ends - returns
    filled = ends > starts
    for i in np.flatnonzero(filled & (octets[np.minimum(starts, len(octets) - 1)] <= _SPACE)):
        filled[i] = bytes(buffer[starts[i] : ends[i]]).strip(BLANKS) != b""
    if not filled.all():
        starts, ends = starts[filled], ends[filled]
    return Window(base, buffer, starts, ends)
