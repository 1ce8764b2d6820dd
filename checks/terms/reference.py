"""Terms, their hashes and shingles in plain Python: the definition in code, the kernel's oracle, and its stand-in.

All arithmetic is on unsigned 64-bit integers, modulo 2^64; ``>>`` is a logical shift.

* `terms`: the folded text (`checks.terms.fold_rules`) cut into terms.
* `term_hash` of a term's UTF-8 bytes: h = 0; while more than 16 bytes are left: a, b = the next 16 as two little-endian
  numbers, h = mix((a ^ h) * A + b * B). The last 1 to 16 bytes, filled up with zeros, give a and b once more, and the hash is
  mix((a ^ h) * A + b * B + length * C), where length counts all bytes of the term and mix(x) = (x ^ x >> 32) * M.
* `shingles`: for each run of *width* consecutive terms with hashes t0, t1, …: s = 0; s = s * P + t for each t in turn; then
  s = mix(s); s ^ s >> 32. A text of fewer terms, but not none, has one shingle of all of them.
* The 32-bit value that MinHash takes is the upper half, shingle >> 32.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from checks.terms.fold import fold
from checks.terms.fold_rules import ALONE, EXPANDED, IGNORED, KIND_SHIFT, VALUE_MASK, WORD

WIDTH: Final = 5
"""Terms in a shingle."""

_MASK: Final = (1 << 64) - 1
_A: Final = 0x9E3779B97F4A7C15
_B: Final = 0xC2B2AE3D27D4EB4F
_C: Final = 0x165667B19E3779F9
_M: Final = 0xD6E8FEB86659FD93
_P: Final = 0x2545F4914F6CDD1D


class Term(NamedTuple):
    """A term and the code points of the text that it came from: *start* to before *end*."""

    text: str
    start: int
    end: int


def terms(text: str) -> list[str]:
    """The folded terms of *text* in order. Text that was not valid UTF-8: decode it with ``errors="replace"`` first."""
    return [term.text for term in placed_terms(text)]


def placed_terms(text: str) -> list[Term]:
    """The same with their places; ignored characters inside a word lie within, those at its edges do not."""
    found: list[Term] = []
    table, expansions = fold().table.data, fold().expansions.data
    word: list[str] = []
    start = end = 0

    def take(entry: int, place: int) -> None:
        nonlocal start, end
        kind, value = entry >> KIND_SHIFT, entry & VALUE_MASK
        if kind == WORD:
            if not word:
                start = place
            word.append(chr(value))
            end = place + 1
        elif kind == EXPANDED:
            for i in range(value + 1, value + 1 + expansions[value]):
                take(expansions[i], place)
        elif kind != IGNORED:
            if word:
                found.append(Term("".join(word), start, end))
                word.clear()
            if kind == ALONE:
                found.append(Term(chr(value), place, place + 1))

    for place, character in enumerate(text):
        take(table[ord(character)], place)
    if word:
        found.append(Term("".join(word), start, end))
    return found


def term_hash(term: str) -> int:
    """64 bits of a term that is not empty, as the module says."""
    left, h = term.encode(), 0
    length = len(left)
    while len(left) > 16:
        h = _mix((int.from_bytes(left[:8], "little") ^ h) * _A + int.from_bytes(left[8:16], "little") * _B)
        left = left[16:]
    a, b = int.from_bytes(left[:8], "little"), int.from_bytes(left[8:], "little")
    return _mix((a ^ h) * _A + b * _B + length * _C)


def shingles(found: Sequence[str], width: int = WIDTH) -> list[int]:
    """The 64-bit shingles of terms in order, not made unique; none for no terms."""
    return shingles_of_hashes([term_hash(term) for term in found], width)


def shingles_of_hashes(hashes: Sequence[int], width: int = WIDTH) -> list[int]:
    """The same from the terms' hashes."""
    if not hashes:
        return []
    return [_shingle(hashes[i : i + width]) for i in range(max(1, len(hashes) - width + 1))]


def _shingle(hashes: Iterable[int]) -> int:
    s = 0
    for h in hashes:
        s = s * _P + h & _MASK
    s = _mix(s)
    return s ^ s >> 32


def _mix(x: int) -> int:
    x &= _MASK
    return (x ^ x >> 32) * _M & _MASK
