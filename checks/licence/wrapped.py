"""Text whose lines were broken to fit a width: joined again for expressions that read one sentence. Pure.

Where Latin text is broken a blank stands for the break, as `statements.flattened` has it. Chinese is written without blanks and
is broken between any two characters: there the break goes, with the comment mark behind it.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from checks.licence.statements import BREAK, flattened

_HAN: Final = "[\u3400-\u9fff\uf900-\ufaff]"
_GOES_ON: Final = "[\u3400-\u9fff\uf900-\ufaff，、（“《]"
_BROKEN: Final = re.compile(rf"(?<={_GOES_ON})[ \t]*{BREAK}(?=[\u3400-\u9fff\uf900-\ufaff，、）”》])", re.IGNORECASE)
LONGEST: Final = 60
"""Code points of a line that somebody broke; a longer one ends a paragraph."""
_LEAST: Final = 8  # a shorter one is a heading or an item of a list
_ENDS: Final = tuple(sign.encode() for sign in "。！？；：…”")
_MARK_BYTES: Final = re.compile(BREAK.removeprefix(r"\n").encode(), re.IGNORECASE)
_BREAK_BYTES: Final = re.compile(BREAK.encode(), re.IGNORECASE)
_VERBS: Final = tuple(
    verb.encode()
    for verb in (
        "转载", "轉載", "转发", "复制", "複製", "摘编", "镜像", "翻印", "盗用", "抄袭", "商用", "商业", "商業", "盈利", "营利", "抓取", "爬取", "爬虫",
        "采集本", "训练", "訓練", "微调", "语料",
    )
)  # fmt: skip


class Joined(NamedTuple):
    """A passage without its breaks. *places*: where each of its code points stands in the passage; None: where it stood."""

    text: str
    places: Sequence[int] | None

    def inner(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the passage, in code points of the joined text."""
        if self.places is None:
            return start, end
        return bisect_left(self.places, start), bisect_left(self.places, end)

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of the joined text, not empty, in code points of the passage."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)


def joined(passage: str) -> Joined:
    """*passage* as one line: breaks within Chinese gone, others and their comment marks blanks."""
    flat = flattened(passage)
    cuts = (
        [m.span() for m in _BROKEN.finditer(passage) if _is_broken(passage, m.start())] if flat is not passage else []
    )
    if not cuts:
        return Joined(flat, None)
    places = list[int]()
    at = 0
    for start, end in cuts:
        places += range(at, start)
        at = end
    places += range(at, len(flat))
    return Joined("".join(flat[place] for place in places), places)


def joined_bytes(lower: bytes) -> tuple[bytes, bool]:
    """The same of bytes, loosely and without places: what a cheap look for words is given; and whether Chinese was broken in it."""
    if lower.isascii():
        return _BREAK_BYTES.sub(b" ", lower), False
    first, *others = lower.split(b"\n")
    parts, is_broken = [first], False
    for other in others:
        mark = _MARK_BYTES.match(other)
        part = other[mark.end() :] if mark else other
        before = parts[-1].rstrip(b" \t")
        goes_on = before[-1:] > b"\x7f" and part[:1] > b"\x7f" and not before.endswith(_ENDS)
        parts += [part] if goes_on else [b" ", part]
        is_broken |= goes_on
    return b"".join(parts), is_broken


def may_withhold(line: bytes) -> bool:
    """Whether a line, or `joined_bytes` of it and its neighbours, holds a verb that a Chinese statement withholds."""
    return any(verb in line for verb in _VERBS)


def _is_broken(passage: str, end: int) -> bool:
    """Whether the line that ends there may have been broken to fit a width."""
    return _LEAST <= end - (passage.rfind("\n", 0, end) + 1) <= LONGEST
