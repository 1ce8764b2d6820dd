"""Cutting a long line where no finding can lie across: pages on one line, minified code, hostile input."""

import re
from collections.abc import Iterator
from typing import Final

ALPHABET: Final = "0-9A-Za-z０-９ＸｘＡ-Ｚ＠（）＋ ._%+()@:-"
"""A class's inside. Every character that an expression of `entities` matches or looks at is in it; see test_personal_pieces."""

# Bytes that begin a character outside ALPHABET. EF leads all full-width forms; those all count as inside. A space is
# in expressions between groups of digits alone, so one before a letter is outside as well: prose can be cut anywhere.
_STOP: Final = re.compile(rb"[^0-9A-Za-z ._%+()@:\-\x80-\xff]|[\xc2-\xee\xf0-\xf4]| (?=[A-Za-z_@%])")
_PIECE_BYTES: Final = 2048


def pieces(line: bytes) -> Iterator[tuple[int, bytes]]:
    """(start, bytes) of consecutive parts of *line*, about 2 KiB each, cut where no match can lie across.

    A match never holds the character after a cut, and look-arounds that see it there, or the text's end instead, say the
    same.
    """
    start, length = 0, len(line)
    while length - start > _PIECE_BYTES:
        stop = _STOP.search(line, start + _PIECE_BYTES)
        if stop is None:
            break
        yield start, line[start : stop.start()]
        start = stop.start()
    yield start, line[start:]
