"""Cutting a long line where no finding can lie across: pages on one line, minified code, hostile input."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from checks.personal.alphabet import Ranges, character_class, complement

_PIECE: Final = 2048


def pieces(text: str, alphabet: Ranges) -> Iterator[tuple[int, str]]:
    """(start, text) of consecutive parts of one line, about 2,048 code points each, cut before what *alphabet* lacks.

    *alphabet*: every code point that an expression matches or looks at. A match never holds the character after a cut, and
    look-arounds that see it there, or the text's end instead, say the same. An alphabet of everything cuts nowhere.
    """
    start, length = 0, len(text)
    outside = _outside(alphabet) if length > _PIECE else None
    while outside is not None and length - start > _PIECE:
        stop = outside.search(text, start + _PIECE)
        if stop is None:
            break
        yield start, text[start : stop.start()]
        start = stop.start()
    yield start, text[start:] if start else text


@lru_cache(maxsize=256)
def _outside(alphabet: Ranges) -> re.Pattern[str] | None:
    rest = complement(alphabet)
    return re.compile(character_class(rest)) if rest else None
