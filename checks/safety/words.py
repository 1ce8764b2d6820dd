"""Words of a lexicon as they are sought: base forms, the ways each is written, and where they stand in a text.

Two entries are one word where their base forms are: full-width and capital letters, traditional characters and characters
that show nothing make no new word. Each word is sought in its base form with any case of ASCII letters, in traditional
characters, and with its letters and digits full-width; writings that mix these are not found. A word that begins or ends
with an ASCII letter or digit stands for itself alone: `hacker` is not in `hackers`.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from checks.safety.scripts import SIMPLIFIED, TRADITIONAL
from schemas.canonical import digest_of

MOST_CHARACTERS: Final = 64
"""Of a base form; longer ones are sentences, which no text repeats."""
_HIDDEN: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})
_WIDE: Final = {point: point + 0xFEE0 for point in range(0x21, 0x7F)} | {0x20: 0x3000}
_ALNUM: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
LEAST_BYTES: Final = 3
"""Of a base form in UTF-8: one Chinese character, three ASCII letters."""


class Found(NamedTuple):
    """A word in bytes: [start, end), and its number in the set."""

    start: int
    end: int
    word: int


def base_form(text: str) -> str:
    """What *text* is, however it is written: compatible (NFKC), case-folded, simplified, without what shows nothing.

    White space of any kind and length is one space. Empty where nothing is left.
    """
    spaced = "".join(" " if c.isspace() else c for c in text)
    folded = unicodedata.normalize("NFKC", spaced).casefold().translate(SIMPLIFIED)
    shown = "".join(c for c in folded if c == " " or unicodedata.category(c) not in _HIDDEN)
    return " ".join(shown.split())


def written(base: str) -> tuple[str, ...]:
    """The ways in which a base form is sought; ASCII letters in any case beside."""
    forms = [base, base.translate(TRADITIONAL)]
    if any(c.isascii() and c.isalnum() for c in base):
        forms += [base.translate(_WIDE), base.upper().translate(_WIDE)]
    return tuple(dict.fromkeys(forms))


@dataclass(frozen=True)
class WordSet:
    """Base forms, by number; equal forms under two numbers are both found. None is shorter than `LEAST_BYTES` in UTF-8."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no scan can tell from noise."""
        if any(len(word.encode()) < LEAST_BYTES for word in self.words):
            msg = f"words: one is shorter than {LEAST_BYTES} bytes; leave it out"
            raise ValueError(msg)

    @cached_property
    def forms(self) -> tuple[tuple[bytes, int], ...]:
        """Every way of writing every word in UTF-8, ASCII letters small, with the word's number."""
        return tuple((form.encode(), i) for i, word in enumerate(self.words) for form in written(word))

    @cached_property
    def digest(self) -> str:
        """What the set is."""
        return digest_of([[form.hex(), i] for form, i in self.forms])

    @cached_property
    def _by_head(self) -> dict[bytes, list[tuple[bytes, int]]]:
        held: dict[bytes, list[tuple[bytes, int]]] = {}
        for form, number in self.forms:
            held.setdefault(form[:LEAST_BYTES], []).append((form, number))
        return held

    def found_in(self, data: bytes) -> Iterator[Found]:
        """All places of all words in *data*, UTF-8, by start; those that overlap too. One look-up a byte."""
        by_head = self._by_head
        small = data.lower()  # of bytes: ASCII letters alone, so places stay
        for start in range(len(small) - LEAST_BYTES + 1):
            for form, number in by_head.get(small[start : start + LEAST_BYTES], ()):
                end = start + len(form)
                if small.startswith(form, start) and stands_alone(small, start, end):
                    yield Found(start, end, number)


def stands_alone(data: bytes, start: int, end: int) -> bool:
    """Is [start, end) no part of a longer run of ASCII letters and digits, at an end of its own that is one?"""
    runs_on = start > 0 and data[start] in _ALNUM and data[start - 1] in _ALNUM
    return not runs_on and not (end < len(data) and data[end - 1] in _ALNUM and data[end] in _ALNUM)


def unique(words: Iterable[str]) -> tuple[tuple[str, ...], int]:
    """(base forms in order, each once; how many entries coincided with an earlier one or were empty)."""
    given = [base_form(word) for word in words]
    kept = tuple(dict.fromkeys(base for base in given if base))
    return kept, len(given) - len(kept)
