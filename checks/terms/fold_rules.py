"""Which terms a code point makes, worked out from Python's unicodedata: the source of the frozen table, never run in a job.

An entry is ``kind << 24 | value``. The value of a `WORD` or `ALONE` entry is the folded code point; that of an `EXPANDED`
one is the place in the side table of a count and that many entries, each to be taken in order as if its character stood there.

* Folding is the least fixed point of: decompose (NFKD), drop marks (Mn, Mc, Me) and format characters (Cf), case-fold;
  then compose (NFC), which puts Hangul syllables together again. So é is e, Ａ is a, ﬁ is fi, ㎏ is kg, ① is 1. Marks are
  dropped in every script alike, voiced kana (ガ is カ) and the vowel signs of Thai and Devanagari that are marks included:
  only so do composed, decomposed and half-width writing (ガ, カ + U+3099, ｶﾞ) give the same terms, character by character.
* `ALONE`: a Han character (also 々 〇 〻 and the whole of planes 2 and 3, which Unicode keeps for them), a kana, a Hangul
  syllable, a letter of the Thai, Lao, Tibetan, Myanmar or Khmer script. `WORD`: any other letter (L*) or number (N*); a run
  of them is one term. `IGNORED`: marks, format characters (also U+200B: it shows where a line may break, and hides in words
  that nobody broke) and the Hangul fillers, which show nothing; they split no word. All else separates.
* Traditional characters are not folded to simplified ones, nor digits of other scripts to 0-9.
"""

import sys
import unicodedata
from typing import Final

import numpy as np
import numpy.typing as npt

SEPARATOR, WORD, ALONE, IGNORED, EXPANDED = range(5)
KIND_SHIFT: Final = 24
VALUE_MASK: Final = (1 << KIND_SHIFT) - 1
CODE_POINTS: Final = sys.maxunicode + 1
UNICODE: Final = "14.0.0"
"""The version that the frozen table was made with: that of Python 3.11."""

_HAN: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x2FFFE), (0x30000, 0x3FFFE))
_LETTERS_ALONE: Final = (
    (0x2E80, 0x2FE0), (0x3005, 0x3008), (0x303B, 0x303C), (0xF900, 0xFB00),  # Han
    (0x3040, 0x3100), (0x31F0, 0x3200), (0x1AFF0, 0x1B170),  # kana
    (0xAC00, 0xD7A4),  # Hangul syllables
    (0x0E00, 0x0E80), (0x0E80, 0x0F00), (0x0F00, 0x1000), (0x1780, 0x1800),  # Thai, Lao, Tibetan, Khmer
    (0x1000, 0x10A0), (0xA9E0, 0xAA00), (0xAA60, 0xAA80),  # Myanmar
)  # fmt: skip
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
_DROPPED: Final = frozenset({"Mn", "Mc", "Me", "Cf"})
_MOST_STEPS: Final = 8


def fold_table() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """The table, uint32[0x110000], and its side table of expansions, uint32[any]; by the unicodedata of this Python."""
    table = np.zeros(CODE_POINTS, np.uint32)
    expansions: list[int] = []
    places: dict[str, int] = {}
    for point in range(CODE_POINTS):
        if 0xD800 <= point < 0xE000 or point >= 0xF0000:  # surrogates are no characters, planes 15 and 16 are private
            continue
        folded = folded_character(chr(point))
        if len(folded) != 1:
            if not folded:
                table[point] = IGNORED << KIND_SHIFT
                continue
            if folded not in places:
                places[folded] = len(expansions)
                expansions += [len(folded), *map(_entry, folded)]
            table[point] = EXPANDED << KIND_SHIFT | places[folded]
        else:
            table[point] = _entry(folded)
    return table, np.array(expansions, np.uint32)


def folded_character(character: str) -> str:
    """What *character* is folded to: none, one or several characters. Raises ``ValueError`` where folding does not end."""
    folded = _step(character)
    for _ in range(_MOST_STEPS):
        again = _step(unicodedata.normalize("NFC", folded))
        if again == folded:
            return unicodedata.normalize("NFC", folded)
        folded = again
    msg = f"fold table: U+{ord(character):04X} has no fixed point after {_MOST_STEPS} steps; look at its case folding"
    raise ValueError(msg)


def _step(text: str) -> str:
    return _without_marks(_without_marks(text).casefold())


def _without_marks(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) not in _DROPPED and c not in _FILLERS
    )


def _entry(folded: str) -> int:
    point, category = ord(folded), unicodedata.category(folded)
    if any(start <= point < end for start, end in _HAN):
        return ALONE << KIND_SHIFT | point
    is_letter = category[0] == "L" or folded == "\u3007"
    if is_letter and any(start <= point < end for start, end in _LETTERS_ALONE):
        return ALONE << KIND_SHIFT | point
    return WORD << KIND_SHIFT | point if category[0] in "LN" else SEPARATOR << KIND_SHIFT
