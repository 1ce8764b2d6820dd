"""What an expression can match, read off its syntax: a trigger over bytes that no match goes without, and its alphabet.

The trigger is the expression with look-arounds left out, but for a class or words that must stand right before it, and
without what may be missing at either end: whatever the expression matches holds a match of it. So an entity that is
declared in YAML is found as fast as one of ours, and nobody writes its trigger by hand.
"""

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.personal.alphabet import EVERYTHING, Ranges, byte_expression, complement, holds, merged

MOST_REPEATS: Final = 2_000
"""A repeat without end, or with a higher one, could make a line cost more than its length."""
LEAST_WIDTH: Final = 3
"""An expression that can match fewer characters would stop at every line."""
_LINE_FEED: Final = 10
_IGNORE_CASE: Final = 2
_EDGE: Final = (((48, 57), (65, 90), (97, 122)), r"(?:^|[^0-9A-Za-z\n])")
_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: ((48, 57), (0x80, 0x10FFFF)), op.CATEGORY_SPACE: ((9, 13), (28, 32), (0x80, 0x10FFFF)),
    op.CATEGORY_WORD: ((48, 57), (65, 90), (95, 95), (97, 122), (0x80, 0x10FFFF)),
    op.CATEGORY_NOT_DIGIT: complement(((48, 57),)), op.CATEGORY_NOT_SPACE: complement(((9, 13), (28, 32))),
    op.CATEGORY_NOT_WORD: complement(((48, 57), (65, 90), (95, 95), (97, 122))),
}  # fmt: skip
"""Escapes such as ``\\d``: exact in ASCII, anything beyond it."""


@dataclass(frozen=True)
class Superset:
    """*trigger*: over bytes, for `checks.triggers`; *alphabet*: every code point that the expression matches or looks at."""

    trigger: str
    alphabet: Ranges


class NotTakenError(ValueError):
    """An expression breaks a rule; the message says which and what to write instead."""


def superset_of(expression: str) -> Superset:
    r"""The superset of *expression* (for the `regex` module, without flags). Raises `NotTakenError`.

    The rules: no line feed is matched or looked at; no ``^ $ \A \Z`` and no back-reference; every repeat ends, at 2,000
    or before; the shortest match has three characters. So a line is read alone and costs time linear in its length.
    """
    try:
        tree = parser.parse(expression, 0)
    except re.error as error:
        raise NotTakenError(f"no expression that can be read ({error.msg} at {error.pos}); mend it") from None
    if tree.state.flags & ~32:  # 32: re.UNICODE, always set
        raise NotTakenError("flags such as (?i) stand in front; write classes, or (?i:…) around a part")
    items = _Items(tree)
    _refuse(items, 0)
    if items.least() < LEAST_WIDTH:
        raise NotTakenError(f"it can match fewer than {LEAST_WIDTH} characters; ask for more of them")
    alphabet = merged(items.read())
    return Superset(_trigger(list(tree)), EVERYTHING if items.bounded() else alphabet)


@dataclass(frozen=True)
class _Items:
    """A parsed sequence and what can be asked of it."""

    tree: Any
    ignore_case: bool = False

    def each(self) -> Iterator[tuple[Any, Any, list["_Items"]]]:
        for code, value in self.tree:
            yield code, value, [_Items(tree, ignored) for tree, ignored in _inside(code, value, self.ignore_case)]

    def least(self) -> int:
        return int(self.tree.getwidth()[0]) if hasattr(self.tree, "getwidth") else 0

    def read(self) -> Iterator[tuple[int, int]]:
        for code, value, inside in self.each():
            if (ranges := _ranges(code, value, self.ignore_case)) is not None:
                yield from ranges
            for items in inside:
                yield from items.read()

    def bounded(self) -> bool:
        """Does it hold a word boundary? What stands beyond a cut then counts, and lines are not cut for it."""
        return any(code is op.AT or any(i.bounded() for i in inside) for code, _, inside in self.each())


def _inside(code: Any, value: Any, ignored: bool) -> list[tuple[Any, bool]]:
    if code is op.BRANCH:
        return [(tree, ignored) for tree in value[1]]
    if code is op.SUBPATTERN:
        _, added, _, tree = value
        return [(tree, ignored or bool(added & _IGNORE_CASE))]
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return [(value[2], ignored)]
    if code in (op.ASSERT, op.ASSERT_NOT):
        return [(value[1], ignored)]
    return [(value, ignored)] if code is op.ATOMIC_GROUP else []


def _ranges(code: Any, value: Any, ignored: bool) -> Ranges | None:
    """The characters of one item that is a character; None for any other item."""
    if code is op.LITERAL:
        found: Ranges = ((value, value),)
    elif code is op.NOT_LITERAL:
        found = complement(_folded(((value, value),), ignored))
    elif code is op.ANY:
        found = complement(((_LINE_FEED, _LINE_FEED),))
    elif code is op.IN:
        found = _class(value, ignored)
    else:
        return None
    return _folded(found, ignored)


def _class(members: Sequence[tuple[Any, Any]], ignored: bool) -> Ranges:
    parts: list[tuple[int, int]] = []
    exact = True
    for code, value in members:
        if code is op.LITERAL:
            parts.append((value, value))
        elif code is op.RANGE:
            parts.append(value)
        elif code is op.CATEGORY:
            exact = False
            parts += _CATEGORIES[value]
    found = _folded(merged(parts), ignored)
    if not members or members[0][0] is not op.NEGATE:
        return found
    # The complement of a superset is no superset: beyond ASCII, where \d and \w are rounded up, everything may match.
    return complement(found) if exact else merged((*complement(found), (0x80, 0x10FFFF)))


def _folded(ranges: Ranges, ignored: bool) -> Ranges:
    if not ignored:
        return ranges
    both = list(ranges)
    for first, last in ranges:
        for shift, low, high in ((32, 65, 90), (-32, 97, 122)):
            if first <= high and last >= low:
                both.append((max(first, low) + shift, min(last, high) + shift))
        if last >= 0x80 or holds(((first, last),), 75) or holds(((first, last),), 107) or holds(ranges, 115):
            both.append((0x80, 0x10FFFF))  # beyond ASCII, and for k and s, case has more than two sides
    return merged(both)


def _refuse(items: _Items, depth: int) -> None:
    for code, value, inside in items.each():
        if code is op.AT and value not in (op.AT_BOUNDARY, op.AT_NON_BOUNDARY):
            raise NotTakenError(r"^, $, \A and \Z stand for the text's ends; write look-arounds such as (?<![0-9])")
        if code in (op.GROUPREF, op.GROUPREF_EXISTS):
            raise NotTakenError("it refers back to a group; write the part out")
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[1] > MOST_REPEATS:
            raise NotTakenError(
                f"a repeat has no end, or one above {MOST_REPEATS:,}; write {{0,n}} instead of *, {{1,n}} of +"
            )
        ranges = _ranges(code, value, items.ignore_case)
        if ranges is not None and holds(ranges, _LINE_FEED):
            raise NotTakenError(r"it matches or looks at a line feed; write [ \t] for \s, [^x\n] for [^x]")
        for inner in inside:
            _refuse(inner, depth + 1)


def _trigger(items: list[tuple[Any, Any]]) -> str:
    """Edge or words before, the sequence without its optional ends, words after."""
    edge, before = "", ""
    while items and items[0][0] in (op.ASSERT, op.ASSERT_NOT):
        code, (direction, tree) = items.pop(0)
        if direction < 0 and code is op.ASSERT:
            edge, before = "", _emit(list(tree), False)
        elif direction < 0 and not before and len(tree) == 1:
            ranges = _ranges(tree[0][0], tree[0][1], ignored=False)
            # Only neighbours that are refused whatever else stands there; a class of other characters is left out.
            if ranges is not None and all(any(a <= x and y <= b for a, b in ranges) for x, y in _EDGE[0]):
                edge = _EDGE[1]
    if not before and not edge:
        items = _trimmed(items, first=True)
    return edge + before + _emit(_trimmed(items, first=False), False)


def _trimmed(items: list[tuple[Any, Any]], *, first: bool) -> list[tuple[Any, Any]]:
    """*items* without what may be missing at that end, a repeat there cut to its least count."""
    items = list(items)
    at = 0 if first else -1
    while items:
        code, value = items[at]
        if code in (op.ASSERT, op.ASSERT_NOT, op.AT) or (
            code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT) and value[0] == 0
        ):
            items.pop(at)
            continue
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            items[at] = (code, (value[0], value[0], value[2]))
        break
    return items


def _emit(items: Sequence[tuple[Any, Any]], ignored: bool) -> str:
    return "".join(_emit_one(code, value, ignored) for code, value in items)


def _emit_one(code: Any, value: Any, ignored: bool) -> str:
    ranges = _ranges(code, value, ignored)
    if ranges is not None:
        return byte_expression(ranges)
    inside = _inside(code, value, ignored)
    if code is op.BRANCH:
        return "(?:" + "|".join(_emit(tree, i) for tree, i in inside) + ")"
    if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        low, high = int(value[0]), int(value[1])
        count = (
            ""
            if low == high == 1
            else "?"
            if (low, high) == (0, 1)
            else f"{{{low}}}"
            if low == high
            else f"{{{low},{high}}}"
        )
        return f"(?:{_emit(*inside[0])}){count}"
    if code in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return f"(?:{_emit(*inside[0])})"
    return ""  # a look-around or a boundary: it takes matches away, and a superset may keep them
