"""Passages around licence evidence: which bytes of a record make one notice, what counts as the same notice, and its digest. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from schemas.canonical import sha256_hex

SCHEME: Final = 1
"""Of `cut` and `normal_form`: raised where either gives something else."""
GAP_BYTES: Final = 400
"""Evidence further apart than that belongs to two notices."""
AROUND_BYTES: Final = 400
"""What is taken on either side, to whole lines of the same paragraph or comment: a name stands often above what grants."""
MOST_BYTES: Final = 1 << 16
_YEAR: Final = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_MARKS: Final = re.compile(r"(?:^|\n)[ \t]*(?:#+|//+|/?\*+/?|;+|%+|--+|>+|dnl\b|rem\b)?[ \t]*", re.IGNORECASE)
_SIGNS: Final = (b"#", b"/", b"*", b";", b"%", b"-", b">")
_MARK_BYTES: Final = 64
_COPYRIGHT: Final = re.compile(
    r"(?m)^[^\w\n]*(?:copyright|©|\(c\)|版权所有)"
    r"(?![^\n]*(?:licen|permi|reproduc|\bus[ei]|许可|授权|转载|训练|商业))[^\n]{0,200}$",
    re.IGNORECASE,
)
_SPACE: Final = re.compile(r"\s+")


class Evidence(NamedTuple):
    """What the check found in a record, in bytes of its text. *detail*: an expression, a class or a statement's name."""

    start_byte: int
    end_byte: int
    rule: str
    detail: str
    declares: bool


class Notice(NamedTuple):
    """A passage of a record, in bytes of its text, and the evidence in it."""

    start_byte: int
    end_byte: int
    text: str
    evidence: tuple[Evidence, ...]


def cut(text: bytes, evidence: Iterable[Evidence]) -> Iterator[Notice]:
    """The notices of one record, in their order: evidence that lies close together, with the lines around it.

    At most `MOST_BYTES` of each; ill-formed bytes at a cut are left out.
    """
    held: list[Evidence] = []
    end = 0
    for one in sorted(evidence):
        if held and one.start_byte > end + GAP_BYTES:
            yield _notice(text, held, end)
            held = []
        held.append(one)
        end = max(end, one.end_byte) if len(held) > 1 else one.end_byte
    if held:
        yield _notice(text, held, end)


def normal_form(text: str) -> str:
    """What two copies of a notice share: their words, without line breaks, comment marks, spacing, years and copyright lines.

    A text of nothing but copyright lines keeps them.
    """
    words = _folded(_COPYRIGHT.sub(" ", text))
    return words or _folded(text)


def digest(text: str) -> str:
    """SHA-256, hex, of the notice's `normal_form`: its name, for the text itself is never kept."""
    return sha256_hex(f"notice {SCHEME}\n{normal_form(text)}".encode())


def _folded(text: str) -> str:
    return _SPACE.sub(" ", _YEAR.sub("0000", _MARKS.sub(" ", text))).strip().casefold()


def _notice(text: bytes, evidence: list[Evidence], end: int) -> Notice:
    first = text.rfind(b"\n", 0, evidence[0].start_byte) + 1
    last = _line_end(text, end)
    marked = _mark_of(text[first : first + _MARK_BYTES])
    low, high = evidence[0].start_byte - AROUND_BYTES, end + AROUND_BYTES
    while first > max(0, low):
        above = text.rfind(b"\n", 0, first - 1) + 1
        if above < low or not _belongs(text[above : first - 1], marked):
            break
        first = above
    while last < min(len(text), high):
        below = _line_end(text, last + 1)
        if below > high or not _belongs(text[last + 1 : below], marked):
            break
        last = below
    # A line may be half a megabyte long.
    first, last = _boundary(text, max(first, low, 0)), _boundary(text, min(last, high))
    last = min(last, _boundary(text, min(len(text), first + MOST_BYTES)))
    return Notice(first, last, text[first:last].decode("utf-8", "replace"), tuple(evidence))


def _belongs(line: bytes, mark: bytes) -> bool:
    """Whether a line goes on with a notice: in the same comment, or in the same paragraph."""
    found = _mark_of(line[:_MARK_BYTES])
    return found == mark and bool(line.strip(b" \t\r" + mark))


def _mark_of(line: bytes) -> bytes:
    """The sign of a line's comment mark; nothing where it has none."""
    bare = line.lstrip()
    return bare[:1] if bare[:1] in _SIGNS else b""


def _line_end(text: bytes, at: int) -> int:
    feed = text.find(b"\n", at)
    return len(text) if feed < 0 else feed


def _boundary(text: bytes, at: int) -> int:
    """The first code point that begins at *at* or before it."""
    while 0 < at < len(text) and text[at] & 0xC0 == 0x80:
        at -= 1
    return at
