"""Frame a JSON file that is one object written over several lines: one record, whatever its size up to the longest."""

import json
from collections.abc import Iterator

import numpy as np

from pipelines.read.base import LONGEST_RECORD_BYTES
from pipelines.read.lines import BOM, Decoded, Lost, Window, nothing

_WHITE = b" \t\r\n"


def is_document(head: bytes) -> bool:
    """Whether the decoded bytes begin with an object that the first line does not close: no JSONL begins so."""
    first, newline, _ = head.removeprefix(BOM).lstrip(_WHITE).partition(b"\n")
    return first[:1] == b"{" and bool(newline) and not first.rstrip().endswith(b"}")


def cut_document(stream: Decoded, window_bytes: int, longest_bytes: int = LONGEST_RECORD_BYTES) -> Iterator[Window]:
    """The one record, as a line: line feeds between tokens become spaces; where one stands inside a string, which no
    parser takes, they become a control character, so that the record is refused as it would be.
    """
    buffer, held = bytearray(window_bytes), 0
    while True:
        if held > longest_bytes:
            yield nothing(Lost(0, held, "too long"))
            return
        if held == len(buffer):
            buffer.extend(bytes(len(buffer)))
        got = stream.readinto(memoryview(buffer)[held:])
        held += got
        if held < len(buffer):
            break
    data = bytes(memoryview(buffer)[:held])
    if stream.failure is not None:
        yield nothing(Lost(0, held, stream.failure))
        return
    start = len(data) - len(data.removeprefix(BOM).lstrip(_WHITE))
    end = len(data.rstrip(_WHITE))
    flat = data.replace(b"\n", b" " if _parses(data[start:end]) else b"\v")
    yield Window(0, memoryview(flat), np.array([start], np.int64), np.array([end], np.int64))


def _parses(document: bytes) -> bool:
    try:
        json.loads(document.decode(errors="replace"))
    except (ValueError, RecursionError):
        return False
    return True
