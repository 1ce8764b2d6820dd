"""What a licence says of a use, and how several licences add up: the lattice of answers, and rows made of rows.

An answer is one of four, in this order: ``deny``, ``unknown``, ``conditional`` on duties, ``allow``; the fewer duties, the
more is permitted. Of two licences that bind at once the lesser answer holds on each axis, and duties are joined (`both`); of
two to choose from, the greater, and of two that are conditional the duties that either choice brings (`either`). These are
meet and join of a distributive lattice, so neither order nor nesting of an expression matters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product
from typing import Final

from schemas.rule import MARKS

USES: Final = ("train", "fine_tune", "commercial_service", "redistribute", "derive")
"""Axes that are a use: what a mixture may be asked for."""
LIMITS: Final = (
    "attribution", "share_alike", "non_commercial", "academic_only", "no_compete", "field_of_use", "user_cap", "territory",
)  # fmt: skip
"""Axes that are a duty or limit: `allow` says that the licence sets none."""
AXES: Final = (*USES, *LIMITS)
VALUES: Final = ("deny", "unknown", "conditional", "allow")
"""From the least permissive to the most."""
_RANK: Final = {value: i for i, value in enumerate(VALUES)}
MOST_CHOICES: Final = 64
"""Alternatives that an expression may leave; beyond it is not worked out, and unknown."""
_MARK_ORDER: Final = tuple(MARKS)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a licence says on one axis: *value* of `VALUES`, *duties* (keys of the table's duties) where conditional."""

    value: str
    duties: tuple[str, ...] = ()

    @property
    def duty(self) -> str | None:
        """The duties as one text, `a+b`; None where there is none to name."""
        return "+".join(self.duties) or None

    @property
    def rank(self) -> int:
        """0 for deny to 3 for allow."""
        return _RANK[self.value]

    def __str__(self) -> str:
        return f"{self.value}({self.duty})" if self.duties else self.value


UNKNOWN: Final = Answer("unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """One licence, or what an expression of several comes to.

    *answers*: axis of `AXES` -> answer; *source*: where the terms stand; *mark* of `schemas.rule.MARKS`; *reviewed*: has
    counsel? *choices*: the licences one may choose between, each with what binds at once; empty: this one alone. *parts*: the
    single licences that bind at once; empty: this is one, or there is a choice.
    """

    id: str
    answers: Mapping[str, Answer]
    source: str
    mark: str
    table: str
    reviewed: bool = False
    note: str | None = None
    choices: tuple["Row", ...] = ()
    parts: tuple["Row", ...] = ()

    def options(self) -> tuple["Row", ...]:
        """What may be chosen, never empty."""
        return self.choices or (self,)

    def single(self) -> tuple["Row", ...]:
        """The licences that bind at once, where there is no choice; never empty."""
        return self.parts or (self,)


def unknown(identifier: str) -> Row:
    """The row of what no table knows: every axis unknown."""
    return Row(identifier, dict.fromkeys(AXES, UNKNOWN), "", "H", "")


def both(a: Answer, b: Answer) -> Answer:
    """What holds where both bind: the lesser, duties joined."""
    low = min(a, b, key=lambda answer: answer.rank)
    if low.value != "conditional":
        return Answer(low.value)
    return Answer(low.value, tuple(sorted({*a.duties, *b.duties})))


def either(a: Answer, b: Answer) -> Answer:
    """What holds where one may be chosen: the greater; of two that are conditional, the duties that both bring."""
    if a.rank == b.rank == _RANK["conditional"]:
        return Answer(a.value, tuple(sorted({*a.duties} & {*b.duties})))
    return max(a, b, key=lambda answer: answer.rank)


def no_more_permissive(a: Answer, b: Answer) -> bool:
    """Is *a* at most as permissive as *b* in the lattice?"""
    return both(a, b) == a


def all_of(rows: Sequence[Row]) -> Row:
    """The row of licences that all bind at once: `A AND B`. Of none, unknown."""
    distinct = list({row.id: row for row in rows}.values())
    if len(distinct) < 2:
        return distinct[0] if distinct else unknown("")
    # What binds in several of them is named once.
    name = _joined(list({one.id: one for row in distinct for one in row.parts or (row,)}.values()), "AND")
    count = reduce(lambda n, row: n * len(row.options()), distinct, 1)
    if count > MOST_CHOICES:
        return _too_many(name, _folded(both, distinct))
    choices = tuple(_bound(picked) for picked in product(*(row.options() for row in distinct)))
    return _made(name, distinct, choices)


def any_of(rows: Sequence[Row]) -> Row:
    """The row of licences of which one may be chosen: `A OR B`. Of none, unknown."""
    distinct = list({row.id: row for row in rows}.values())
    if len(distinct) < 2:
        return distinct[0] if distinct else unknown("")
    choices = tuple({choice.id: choice for row in distinct for choice in row.options()}.values())
    name = _joined(distinct, "OR")
    if len(choices) > MOST_CHOICES:
        return _too_many(name, _folded(either, distinct))
    return _made(name, distinct, choices)


def chosen(row: Row, use: str) -> Row:
    """The alternative that permits most of *use*; of equals the one with the fewest duties in all, then by name."""
    return min(row.options(), key=lambda one: (-one.answers[use].rank, len(duties_of(one, use)), one.id))


def duties_of(row: Row, use: str) -> tuple[str, ...]:
    """Every duty that goes with *use* under a single licence: of the use itself, and of the limits."""
    answers = [row.answers[axis] for axis in (use, *LIMITS)]
    return tuple(sorted({duty for answer in answers for duty in answer.duties}))


def _bound(rows: Sequence[Row]) -> Row:
    rows = sorted({row.id: row for row in rows}.values(), key=lambda row: row.id)
    if len(rows) == 1:
        return rows[0]
    return _made(" AND ".join(row.id for row in rows), rows, ())


def _made(name: str, parts: Sequence[Row], choices: tuple[Row, ...]) -> Row:
    """Answers over all alternatives, or of *parts* that all bind where there is none."""
    if len(choices) == 1:
        choices = ()
    fold, over = (either, choices) if choices else (both, parts)
    answers = _folded(fold, over)
    sources = "; ".join(dict.fromkeys(row.source for row in parts if row.source))
    mark = max((row.mark for row in parts), key=_MARK_ORDER.index)
    tables = "; ".join(dict.fromkeys(row.table for row in parts if row.table))
    binding = () if choices else tuple({one.id: one for row in parts for one in row.single()}.values())
    return Row(name, answers, sources, mark, tables, all(row.reviewed for row in parts), None, choices, binding)


def _folded(fold: Callable[[Answer, Answer], Answer], rows: Sequence[Row]) -> dict[str, Answer]:
    return {axis: reduce(fold, (row.answers[axis] for row in rows)) for axis in AXES}


def _too_many(name: str, answers: Mapping[str, Answer]) -> Row:
    """Of an expression with too many alternatives a denial stands; nothing else is believed."""
    return replace(unknown(name), answers={axis: both(answer, UNKNOWN) for axis, answer in answers.items()})


def _joined(rows: Sequence[Row], word: str) -> str:
    return f" {word} ".join(f"({row.id})" if " " in row.id else row.id for row in rows)
