"""The verdicts of a filled worksheet, row by row: every drawn row there once, words of the closed lists, two reviewers apart."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from manifests.review_ranks import record_id
from pipelines.review_judges import folded
from schemas.errors import ConfigError
from schemas.review import FAIL, PASS, PEOPLE, VERDICTS, ReviewPlan

MOST_PROBLEMS: Final = 20


@dataclass(frozen=True)
class Verdict:
    """What a worksheet says of one drawn record. *first*, *second*: of two reviewers; *failing* is what counts."""

    number: int
    failing: bool
    unsure: bool
    reason: str | None
    first: str
    reviewer: str
    second: str | None = None
    second_reviewer: str | None = None


def verdicts_of(
    plan: ReviewPlan, rows: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[str, str]], worksheet: Path
) -> dict[int, Verdict]:  # fmt: skip
    """Number -> what was said, of rows that have a verdict. Every drawn row must stand there once, under its own id."""
    drawn = {str(row["number"]): row for row in rows}
    problems, found, seen = list[str](), dict[int, Verdict](), Counter[str]()
    for cell in cells:
        number = cell["number"].replace(",", "").removesuffix(".0")
        seen[number] += 1
        if number not in drawn or cell["id"].lower() != record_id(drawn[number]["hash"]):
            problems.append(
                f"row {number[:12] if number.isdecimal() else '(no number)'}: is not of this draw; keep number and id as they were written"
            )
        elif seen[number] > 1:
            problems.append(f"row {number}: stands there twice; keep one")
        elif cell["verdict"] or cell.get("verdict_2"):
            try:
                found[int(number)] = _verdict(plan, int(number), cell)
            except ValueError as error:
                problems.append(f"row {number}: {error}")
    missing = [number for number in drawn if not seen[number]]
    if missing:
        problems.append(
            f"{len(missing)} drawn row(s) are gone, the first is {missing[0]}; put them back: none may be left out"
        )
    if problems:
        refuse(worksheet, problems)
    return found


def _verdict(plan: ReviewPlan, number: int, cell: Mapping[str, str]) -> Verdict:
    first, reviewer = _word(cell["verdict"]), cell["reviewer"]
    if not reviewer and plan.by == PEOPLE:
        raise ValueError("has a verdict and no reviewer; name who judged it")
    reason = cell.get("reason") or None
    if plan.reviewers == 1:
        _refuse_reason(plan, reason, first)
        return Verdict(number, first != PASS, first not in (PASS, FAIL), reason, first, reviewer)
    second, other = _word(cell.get("verdict_2", "")), cell.get("reviewer_2", "")
    if not other or folded(other) == folded(reviewer):
        raise ValueError("needs two verdicts by two reviewers; name both")
    final = first if first == second else _word(cell.get("final") or FAIL)
    _refuse_reason(plan, reason, final)
    return Verdict(number, final != PASS, final not in (PASS, FAIL), reason, first, reviewer, second, other)


def _refuse_reason(plan: ReviewPlan, reason: str | None, final: str) -> None:
    if reason is not None and (reason not in plan.reasons or final == PASS):
        raise ValueError(
            f"a reason is for what does not pass, one of: {', '.join(plan.reasons) or 'none, the plan has no list'}"
        )
    if final == FAIL and plan.reasons and reason is None:
        raise ValueError(f"fails without a reason; give one of: {', '.join(plan.reasons)}")


def _word(cell: str) -> str:
    word = VERDICTS.get(cell.strip().lower())
    if word is None:
        raise ValueError(f"has a verdict that is none; write one of: {', '.join(VERDICTS)}")
    return word


def refuse(worksheet: Path, problems: Sequence[str]) -> None:
    """Raise `ConfigError` with *problems*, the first twenty of them."""
    more = len(problems) - MOST_PROBLEMS
    told = [f"{worksheet}: {problem}" for problem in problems[:MOST_PROBLEMS]]
    raise ConfigError(*told, *([f"{worksheet}: and {more:,} more"] if more > 0 else []))
