"""Sets of code points as sorted ranges: what an expression reads, as a class over characters and as one over bytes."""

from collections.abc import Iterable
from typing import Final

Ranges = tuple[tuple[int, int], ...]
"""(first, last) of code points, both included, sorted and apart."""

LAST: Final = 0x10FFFF
EVERYTHING: Final[Ranges] = ((0, LAST),)
_BEYOND: Final = 0x80


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """The union of *ranges*, in any order, as `Ranges`."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """Every other code point."""
    found, at = [], 0
    for first, last in ranges:
        if at < first:
            found.append((at, first - 1))
        at = last + 1
    return (*found, (at, LAST)) if at <= LAST else tuple(found)


def holds(ranges: Ranges, point: int) -> bool:
    """Is *point* in one of *ranges*?"""
    return any(first <= point <= last for first, last in ranges)


def character_class(ranges: Ranges) -> str:
    """*ranges* as a class for `re` and `regex` over text; surrogates are no characters and stand in none."""
    return "[" + "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges) + "]"


def byte_expression(ranges: Ranges) -> str:
    """An expression over UTF-8 bytes that matches every character of *ranges*, and may match more beyond ASCII.

    Exact in ASCII, and for a range within one block of 64 code points; a wider one is rounded up to whole lead bytes.
    """
    ascii_part = "".join(f"\\x{a:02x}-\\x{min(b, 0x7F):02x}" for a, b in ranges if a < _BEYOND)
    parts = [f"[{ascii_part}]"] if ascii_part else []
    for first, last in ranges:
        if last >= _BEYOND:
            parts += _beyond(max(first, _BEYOND), last)
    parts = list(dict.fromkeys(parts))
    return parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"


def _beyond(first: int, last: int) -> list[str]:
    if first >> 6 == last >> 6:
        lead = "".join(f"\\x{b:02x}" for b in chr(first).encode()[:-1])
        return [f"{lead}[\\x{0x80 | first & 63:02x}-\\x{0x80 | last & 63:02x}]"]
    parts = []
    tail = r"[\x80-\xbf]"
    if first < 0x800:
        parts.append(f"[\\x{0xC0 | first >> 6:02x}-\\x{0xC0 | min(last, 0x7FF) >> 6:02x}]{tail}")
    if last >= 0x800 and first < 0x10000:
        low, high = max(first, 0x800) >> 12, min(last, 0xFFFF) >> 12
        parts.append(f"[\\x{0xE0 | low:02x}-\\x{0xE0 | high:02x}]{tail}{tail}")
    if last >= 0x10000:
        parts.append(f"[\\xf0-\\xf4]{tail}{tail}{tail}")
    return parts
