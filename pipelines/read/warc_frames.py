"""Frame WARC records (ISO 28500): where each begins, how long it is, its headers, and where the framing is broken."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipelines.read.lines import Decoded

_HEAD_BYTES = 1 << 20
_STEP_BYTES = 1 << 20
_NEXT = re.compile(rb"\r?\n\r?\n(?=WARC/\d\.\d\r?\n)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_AFTER = re.compile(rb"(?:\r?\n)+")
_LINE_ENDS = re.compile(rb"[\r\n]+")
_OVERLAP = 16  # more than the longest match of `_NEXT` with its look-ahead


class Frame(NamedTuple):
    """One framed record: *offset* and *length* in the decoded shard, without the empty lines after it.

    *reason*: why it cannot be read, with no headers and no *record*; else *record* is all of its bytes.
    """

    offset: int
    length: int
    headers: dict[str, str]
    record: bytes
    reason: str | None = None


def frames(stream: Decoded, longest_bytes: int) -> Iterator[Frame]:
    """Every record of *stream* in sequence.

    A record is sound when its declared length is followed by empty lines and then `WARC/` or the end: stray bytes behind
    it cannot be told from a length that is too small. A record whose header, length or end is wrong is `bad record` and reaches to the next empty line with `WARC/` behind
    it; where there is none, to the end, and is `cut short` if fewer bytes are left than it declares.
    """
    tape = _Tape(stream)
    while True:
        tape.drop_line_ends()
        if not tape.reach(1):
            if stream.failure is not None:
                yield Frame(tape.at, 0, {}, b"", stream.failure)
            return
        frame = _frame(tape, longest_bytes)
        yield frame
        if frame.reason is not None and frame.reason == stream.failure:
            return  # the break is counted once


class _Tape:
    """A moving piece of the stream: *held* begins at decoded offset *at*."""

    def __init__(self, stream: Decoded) -> None:
        self.stream, self.held, self.at, self.ended = stream, bytearray(), 0, False

    def reach(self, size: int) -> bool:
        """Hold at least *size* bytes, if there are as many."""
        while len(self.held) < size and not self.ended:
            step = max(_STEP_BYTES, size - len(self.held))
            piece = bytearray(step)
            got = self.stream.readinto(memoryview(piece))
            self.held += memoryview(piece)[:got]
            self.ended = got < step
        return len(self.held) >= size

    def drop(self, size: int) -> None:
        del self.held[:size]
        self.at += size

    def drop_line_ends(self) -> None:
        while self.reach(1) and (ends := _LINE_ENDS.match(self.held)):
            self.drop(ends.end())


def _frame(tape: _Tape, longest_bytes: int) -> Frame:
    head = _head(tape)
    headers = _headers(bytes(tape.held[:head])) if head else None
    length = None if headers is None else _length(headers)
    if headers is None or length is None:
        return _lost(tape, 0, "bad record" if head or not tape.ended else "cut short")
    if length > longest_bytes:
        return _lost(tape, head, "too long")
    size = head + length
    if not tape.reach(size):
        return _lost(tape, head, "cut short")
    tape.reach(size + 64)
    after = _AFTER.match(tape.held, size)
    if len(tape.held) > size and (after is None or not _begins(tape, after.end())):
        return _lost(tape, head, "bad record")
    offset, record = tape.at, bytes(tape.held[:size])
    tape.drop(size)
    return Frame(offset, size, headers, record)


def _head(tape: _Tape) -> int:
    """Bytes of the record's header with the empty line behind it; 0 if that is no header."""
    if not tape.reach(5) or not tape.held.startswith(b"WARC/"):
        return 0
    reach = 4096
    while True:
        more = tape.reach(reach)
        end = _HEAD_END.search(tape.held, 0, _HEAD_BYTES)
        if end is not None:
            return end.end()
        if not more or reach > _HEAD_BYTES:
            return 0
        reach *= 4


def _begins(tape: _Tape, at: int) -> bool:
    """Whether a record, or the end, is at *at*."""
    tape.reach(at + 5)
    return len(tape.held) == at or tape.held.startswith(b"WARC/", at)


def _lost(tape: _Tape, head: int, reason: str) -> Frame:
    """The record up to where the next one begins; only a record that nothing follows is `cut short`."""
    offset, search = tape.at, max(head - 4, 0)
    while (found := _NEXT.search(tape.held, search)) is None and not tape.ended:
        kept = max(len(tape.held) - _OVERLAP, 0)
        tape.drop(kept)
        search = 0
        tape.reach(len(tape.held) + _STEP_BYTES)
    if found is None:
        failure = tape.stream.failure
        tape.drop(len(tape.held))
        return Frame(offset, tape.at - offset, {}, b"", failure or reason)
    end = tape.at + found.start()
    tape.drop(found.end())
    return Frame(offset, end - offset, {}, b"", "bad record" if reason == "cut short" else reason)


def _headers(head: bytes) -> dict[str, str] | None:
    """Lower-case name -> value; None where a line is no header. The first of several lines of one name counts."""
    lines = head.decode("utf-8", "replace").replace("\r\n", "\n").rstrip("\n").split("\n")
    found: dict[str, str] = {}
    name = ""
    for line in lines[1:]:
        if line[:1] in (" ", "\t") and name:
            found[name] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or not name:
            return None
        found.setdefault(name, value.strip())
    return found


def _length(headers: dict[str, str]) -> int | None:
    value = headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else None  # 16 digits are petabytes
