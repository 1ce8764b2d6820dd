"""What every match of an expression holds at least: digits, or a mark. Lines with less need not be searched for it."""

import re
import re._constants as ops  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

MARK: Final = b"@"
_ZERO, _NINE = ord("0"), ord("9")
_REPEATS: Final = (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT)
_NEITHER: Final = re.compile(r"\\x(?!3[0-9]|40)[0-9a-f]{2}|\{[0-9,]+\}")
_EITHER: Final = re.compile(r"[0-9@]")
"""What an expression is spelled with that holds a digit or the mark, and what is not that: parsing all takes a worker a
sixth of a second."""
_Set = Callable[[int, int], bool]
"""Does it hold every byte from the first to the last?"""


def least_digits(expression: str) -> int:
    """How many ASCII digits every match of an expression over bytes, without flags, holds; 0 where that cannot be told.

    Look-arounds count for nothing.
    """
    return _least_of(expression, lambda low, high: low >= _ZERO and high <= _NINE) if _may_hold(expression) else 0


def least_marks(expression: str, mark: bytes) -> int:
    """The same of one byte."""
    return (
        _least_of(expression, lambda low, high: low == high == mark[0]) if mark != MARK or _may_hold(expression) else 0
    )


def _may_hold(expression: str) -> bool:
    """False: no match must hold a digit or the mark, which is told without parsing."""
    return _EITHER.search(_NEITHER.sub("", expression)) is not None


def _least_of(expression: str, wanted: _Set) -> int:
    try:
        return _least(_parsed(expression), wanted)
    except (parser.error, RecursionError):
        return 0


@lru_cache(maxsize=1)  # both questions are asked of one expression after another
def _parsed(expression: str) -> Any:
    return parser.parse(expression)


def _least(parsed: Any, wanted: _Set) -> int:
    return sum(_of(op, value, wanted) for op, value in parsed)


def _of(op: Any, value: Any, wanted: _Set) -> int:
    if op is ops.LITERAL:
        return int(wanted(value, value))
    if op is ops.IN:
        return int(all(_is_in(kind, item, wanted) for kind, item in value))
    if op in _REPEATS:
        return int(value[0]) * _least(value[2], wanted)
    if op is ops.SUBPATTERN:
        return _least(value[3], wanted)
    if op is ops.ATOMIC_GROUP:
        return _least(value, wanted)
    if op is ops.BRANCH:
        return min(_least(branch, wanted) for branch in value[1])
    return 0


def _is_in(op: Any, value: Any, wanted: _Set) -> bool:
    if op is ops.RANGE:
        return wanted(*value)
    return bool(op is ops.LITERAL and wanted(value, value))
