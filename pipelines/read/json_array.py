"""Read a JSON file that is one array: a record is one element, and what `pyarrow.json` says of it alone is what it is.

Elements are framed by their brackets and quotes alone, whole windows at a time, and go the way of JSONL's lines. A raw LF between tokens becomes a space; one in a string, which no parser takes, another
control character, so that the lines stay whole and the element is refused as it would be alone.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipelines.read.base import BLOCK_BYTES, LONGEST_RECORD_BYTES, Block, Careful, Framing, Shard, Span
from pipelines.read.codec import DecodedFile, decoded
from pipelines.read.json_document import cut_document, is_document
from pipelines.read.jsonl import blocks_of
from pipelines.read.lines import BOM, Decoded, Lost, Window, cut_lines, nothing
from pipelines.read.shapes import shape_of

_QUOTE, _BACKSLASH, _COMMA, _LF = b'"\\,\n'
_SPACE, _CONTROL = b" \v"
_OPENING = b"["
_WHITE = b" \t\r\n"
_PEEKED_BYTES = 1 << 16
_IS_WHITE = np.isin(np.arange(256), list(_WHITE))
_STEP_OF = np.zeros(256, np.int8)  # what a byte outside strings does to the depth; a comma is marked, and does nothing
_STEP_OF[list(b"[{,")] = 1
_STEP_OF[list(b"]}")] = -1

Octets = NDArray[np.uint8]
Places = NDArray[np.int64]


def read_json_array(
    shard: Shard, span: Span, framing: Framing, careful: Careful | None = None, window_bytes: int = BLOCK_BYTES,
    longest_bytes: int = LONGEST_RECORD_BYTES,
) -> Iterator[Block]:  # fmt: skip
    """The elements of the array (*span* is the whole); a file that begins with an object over several lines is one
    record; any other is read as JSONL.

    An element that the file ends inside of is `cut short`; whatever follows the array's end is one record, `bad record`.
    """
    if span != Span():
        raise ValueError(span)
    shape = shape_of(framing)
    stream = DecodedFile(decoded(shard.stream(), framing.codec))
    head = stream.read(_PEEKED_BYTES)
    whole = DecodedFile(stream, head)
    is_array = head.removeprefix(BOM).lstrip(_WHITE)[:1] == b"["
    cut = cut_elements if is_array else cut_document if is_document(head) else _cut_lines
    return blocks_of(cut(whole, window_bytes, longest_bytes), shape, careful, longest_bytes)


def _cut_lines(stream: Decoded, window_bytes: int, longest_bytes: int) -> Iterator[Window]:
    return cut_lines(stream, Span(), window_bytes, longest_bytes)


def cut_elements(stream: Decoded, window_bytes: int, longest_bytes: int = LONGEST_RECORD_BYTES) -> Iterator[Window]:
    """The array's elements in windows of about *window_bytes*, as `cut_lines` gives lines; commas between become LFs.

    An element past *longest_bytes* ends the reading: its end could only be found by holding it.
    """
    buffer, held, position = bytearray(window_bytes), 0, 0
    begun = False
    while True:
        if held > len(buffer) // 2:
            buffer.extend(bytes(len(buffer)))
        got = stream.readinto(memoryview(buffer)[held:])
        filled, ended = held + got, held + got < len(buffer)
        if not begun:
            head = bytes(buffer[: min(filled, window_bytes)])
            start = _content(head, len(BOM) if head.startswith(BOM) else 0)
            if start == len(head) and not ended:
                held = filled
                continue
            if start == len(head):
                if stream.failure is not None:
                    yield nothing(Lost(filled, 0, stream.failure))
                return
            if head[start] != _OPENING[0]:
                yield nothing(Lost(start, filled - start, stream.failure or "bad record"))
                return
            begun, start = True, start + 1
            held, position = filled - start, start
            buffer[:held] = bytes(memoryview(buffer)[start:filled])
            filled = held
        marks, quotes, closed = _boundaries(np.frombuffer(memoryview(buffer)[:filled], np.uint8))
        if len(marks):
            yield _elements(bytearray(memoryview(buffer)[: marks[-1] + 1]), position, marks, quotes)
            cut = int(marks[-1]) + 1
            buffer[: filled - cut] = bytes(memoryview(buffer)[cut:filled])
            position, held = position + cut, filled - cut
        else:
            held = filled
        if closed:
            yield from _after(stream, bytes(memoryview(buffer)[:held]), position)
            return
        if ended:
            rest = bytes(memoryview(buffer)[:held])
            start = _content(rest, 0)
            yield nothing(Lost(position + start, held - start, stream.failure or "cut short"))
            return
        if held > longest_bytes:
            yield nothing(Lost(position, held, "too long"))
            return


def _boundaries(octets: Octets) -> tuple[Places, Places, bool]:
    """Where the commas between elements and the array's own end are, where the quotes are, and whether that end is there.

    *octets* begins between two elements. Brackets and commas count outside strings only; a quote after an odd run of
    backslashes ends no string.
    """
    quotes = np.flatnonzero(octets == _QUOTE)
    if len(quotes) and (octets == _BACKSLASH).any():
        quotes = quotes[~_escaped(octets, quotes)]
    marks = np.flatnonzero(_STEP_OF[octets])
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    kinds = octets[marks]
    depth = np.cumsum(_STEP_OF[kinds] * (kinds != _COMMA), dtype=np.int64)
    ends = np.flatnonzero(depth < 0)
    stop = int(ends[0]) if len(ends) else len(marks)
    commas = marks[:stop][(kinds[:stop] == _COMMA) & (depth[:stop] == 0)]
    return (np.append(commas, marks[stop]), quotes, True) if len(ends) else (commas, quotes, False)


def _escaped(octets: Octets, quotes: Places) -> NDArray[np.bool_]:
    """Which quotes stand behind an odd number of backslashes."""
    plain = np.flatnonzero(octets != _BACKSLASH)
    before = np.searchsorted(plain, quotes) - 1  # the last byte before the quote that is no backslash
    last = np.where(before >= 0, plain[before], -1)
    escaped: NDArray[np.bool_] = (quotes - last - 1) % 2 == 1
    return escaped


def _elements(buffer: bytearray, base: int, marks: Places, quotes: Places) -> Window:
    """The elements that end at *marks*, without the white space around them; an empty one stays, as no JSON."""
    octets = np.frombuffer(buffer, np.uint8)
    filled = np.append(np.flatnonzero(~_IS_WHITE[octets]), len(octets))
    starts = filled[np.searchsorted(filled, np.concatenate([[0], marks[:-1] + 1]))]
    before = np.searchsorted(filled, marks) - 1
    ends = np.where(before < 0, starts, np.maximum(filled[before] + 1, starts))
    if buffer.endswith(b"]") and starts[-1] == marks[-1]:  # the empty array, or a comma before the end: passed over
        starts, ends = starts[:-1], ends[:-1]
    ends += starts == ends  # the LF where its comma was: framed
    breaks = np.flatnonzero(octets == _LF)
    inside = np.searchsorted(quotes, breaks) % 2 == 1
    octets[breaks[~inside]] = _SPACE
    octets[breaks[inside]] = _CONTROL
    octets[marks] = _LF
    return Window(base, memoryview(buffer), starts, ends)


def _after(stream: Decoded, rest: bytes, position: int) -> Iterator[Window]:
    """What follows the array: nothing but white space, or one bad record."""
    first: int | None = None
    at = position
    while rest:
        start = _content(rest, 0)
        if start < len(rest) and first is None:
            first = at + start
        at += len(rest)
        piece = bytearray(1 << 20)
        rest = bytes(memoryview(piece)[: stream.readinto(memoryview(piece))])
    if first is not None:
        yield nothing(Lost(first, at - first, "bad record"))
    if stream.failure is not None:
        yield nothing(Lost(at, 0, stream.failure))


def _content(text: bytes, start: int) -> int:
    """Where the first byte that is no white space is, or the end."""
    return len(text) - len(text[start:].lstrip(_WHITE))
