"""Which class each Unicode code point counts as: one byte a code point, from the standard library's own tables.

The low five bits hold the class, the high three its part in mojibake. Which Han characters are written in one script
alone follows from the two national character sets that Python carries as codecs: level 1 of GB 2312 (3,755 common
simplified characters) against Big5, and level 1 of Big5 (5,401 common traditional characters) against GB 2312.
"""

import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from checks.loaded import once

CLASSES: Final = (
    "lower", "upper", "letters", "digits",  # a run of these four is one word
    "han", "hans", "hant", "kana", "hangul", "thai",  # each code point of these is a word
    "ascii_punct", "cjk_punct", "other_punct", "symbols", "format", "bad", "spaces", "newlines",
)  # fmt: skip
"""Class names by number; `hans` and `hant`: Han characters of the simplified or of the traditional script alone."""

(LOWER, UPPER, LETTER, DIGIT, HAN, HANS, HANT, KANA, HANGUL, THAI,
 ASCII_PUNCT, CJK_PUNCT, OTHER_PUNCT, SYMBOL, FORMAT, BAD, SPACE, NEWLINE) = range(len(CLASSES))  # fmt: skip
LAST_OF_RUN: Final = DIGIT
LAST_TERM: Final = THAI
OUTSIDE: Final = 31
"""Stands for any code point past ASCII until its class is looked up; no class has this number."""
CLASS_BITS: Final = 5
CLASS_MASK: Final = 31

# Parts in mojibake, in the high bits. UTF-8 read as Windows-1252 shows a lead byte as a letter (C2-F4) and each
# continuation byte as U+0080-00BF or what 1252 has there; GBK read wrongly shows 锟斤拷, 烫烫烫 and 屯屯屯.
LEAD_OF_TWO, LEAD_OF_MORE, HARD_TAIL, SOFT_TAIL, KUN, JIN, FILLED = (part << CLASS_BITS for part in range(1, 8))
PART_MASK: Final = 7 << CLASS_BITS

_PART_OF: Final = {
    **{chr(c): LEAD_OF_MORE for c in range(0xE0, 0xF5)},
    **dict.fromkeys("ÂÃÐÑ", LEAD_OF_TWO),
    **{bytes([b]).decode("cp1252", "replace"): HARD_TAIL for b in range(0x80, 0xC0)},
    **{chr(c): HARD_TAIL for c in range(0x80, 0xC0)},
    **dict.fromkeys("\u00a0«»‹›‘’‚“”„…–—•™®°·", SOFT_TAIL),  # what follows a letter in sound text: é…”, à »
    "\u951f": KUN, "\u65a4": JIN, "\u70eb": FILLED, "\u5c6f": FILLED,
}  # fmt: skip
_BY_CATEGORY: Final = {
    "Lu": LETTER, "Ll": LETTER, "Lt": LETTER, "Lm": LETTER, "Lo": LETTER, "Mn": LETTER, "Mc": LETTER, "Me": SYMBOL,
    "Nd": DIGIT, "Nl": SYMBOL, "No": SYMBOL,
    "Pc": OTHER_PUNCT, "Pd": OTHER_PUNCT, "Ps": OTHER_PUNCT, "Pe": OTHER_PUNCT, "Pi": OTHER_PUNCT, "Pf": OTHER_PUNCT,
    "Po": OTHER_PUNCT, "Sm": SYMBOL, "Sc": SYMBOL, "Sk": SYMBOL, "So": SYMBOL,
    "Zs": SPACE, "Zl": SPACE, "Zp": SPACE, "Cf": FORMAT, "Cc": BAD, "Co": BAD, "Cs": BAD, "Cn": BAD,
}  # fmt: skip
_HAN: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x40000))
_KANA: Final = ((0x3040, 0x3100), (0x31F0, 0x3200), (0xFF66, 0xFFA0), (0x1AFF0, 0x1B170))
_HANGUL: Final = ((0x1100, 0x1200), (0x3130, 0x3190), (0xA960, 0xA980), (0xAC00, 0xD800), (0xFFA0, 0xFFDD))
_CJK_PUNCT: Final = ((0x3000, 0x3040), (0x30FB, 0x30FC), (0xFE10, 0xFE20), (0xFE30, 0xFE50), (0xFF00, 0xFFF0))
_VARIATION_SELECTORS: Final = ((0xFE00, 0xFE10), (0xE0100, 0xE01F0))
_SCRIPTS: Final = ((_HAN, HAN), (_KANA, KANA), (_HANGUL, HANGUL), (((0x0E00, 0x0E80),), THAI))


def class_table() -> npt.NDArray[np.uint8]:
    """Class and mojibake part of every code point, uint8[0x110000], read-only; made once a process."""
    return once("checks.signs.class_table", _table)


def unicode_version() -> str:
    """The version of Unicode the classes follow: it comes with the Python that runs, and belongs to work ids."""
    return unicodedata.unidata_version


def _table() -> npt.NDArray[np.uint8]:
    category = unicodedata.category
    table = np.full(sys.maxunicode + 1, BAD, np.uint8)  # planes 4-13 are unassigned, 15 and 16 private
    for plane in (0, 1, 2, 3, 14):
        points = range(plane << 16, (plane + 1) << 16)
        table[points.start : points.stop] = [_BY_CATEGORY[category(chr(c))] for c in points]
    for ranges, script in _SCRIPTS:
        for start, end in ranges:
            part = table[start:end]
            part[part == LETTER] = script
    for start, end in _CJK_PUNCT:
        part = table[start:end]
        part[part == OTHER_PUNCT] = CJK_PUNCT
    for start, end in _VARIATION_SELECTORS:
        table[start:end] = FORMAT
    ascii_part = table[:0x80]
    ascii_part[(ascii_part == OTHER_PUNCT) | (ascii_part == SYMBOL)] = ASCII_PUNCT
    table[ord("a") : ord("z") + 1] = LOWER
    table[ord("A") : ord("Z") + 1] = UPPER
    _set(table, "\u3005\u3007", HAN)  # 々 and 〇 stand where a Han character stands
    _set(table, "\t\r\v\f\x85", SPACE)
    _set(table, "\n", NEWLINE)
    _set(table, "\ufffd\ufeff\u200b", BAD)
    simplified, traditional = _of_one_script()
    _set(table, simplified, HANS)
    _set(table, traditional, HANT)
    for char, part_in_mojibake in _PART_OF.items():
        table[ord(char)] |= part_in_mojibake
    table.flags.writeable = False
    return table


def _set(table: npt.NDArray[np.uint8], chars: str, value: int) -> None:
    table[[ord(c) for c in chars]] = value


def _of_one_script() -> tuple[str, str]:
    """Common Han characters found in GB 2312 and not in Big5, and the other way round."""
    gb_level_1 = _decoded("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
    big5_level_1 = _decoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *range(0xA1, 0xFF)])
    # Big5 lays the common characters at A440-C67E; what lies before and after in those rows is no Han character.
    big5_level_1 = "".join(c for c in big5_level_1 if "\u4e00" <= c <= "\u9fff")
    simplified = "".join(c for c in gb_level_1 if not _has("big5", c))
    traditional = "".join(c for c in big5_level_1 if not _has("gb2312", c))
    return simplified, traditional


def _decoded(codec: str, rows: Iterable[int], cells: Sequence[int]) -> str:
    return "".join(bytes([row, cell]).decode(codec, "ignore") for row in rows for cell in cells)


def _has(codec: str, char: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
