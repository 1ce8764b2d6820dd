"""Rules of a policy and what each came to: states and evidence, never a verdict on the law.

The number a rule holds against carries a verification mark (`MARKS`): how well the number itself is known.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from schemas.words import Words
from schemas.yaml_shape import Bounds, Choice, Date, Identifier, Named, Text

EFFECTS: Final = ("block", "hold", "warn", "info")
"""What a rule that is not met does to the run, worst first; `pass` is what is left where none applies."""
PASS: Final = "pass"  # noqa: S105
STATES: Final = ("not_met", "insufficient_evidence", "needs_human", "met", "not_applicable")
"""What a rule can come to, worst first."""
OPS: Final = ("<=", ">=", "==")
MARKS: Final = {
    "T": Words("已读原文", "the text itself was read"),
    "D": Words("只读过征求意见稿", "the draft was read; the final may differ"),
    "S2": Words("两个以上独立二手来源", "two independent secondary sources"),
    "S1": Words("一个二手来源", "one secondary source"),
    "M": Words("凭记忆，须律师核对", "from memory; a lawyer must check it"),
    "H": Words("本机构自定，非法定数值", "a house setting; from no instrument"),
}
"""Verification marks; H is for numbers that no instrument gives."""


@dataclass(frozen=True)
class Condition:
    """A rule applies unless *fact* is known and is none of *values* (`is` in YAML); an unknown fact never excuses."""

    fact: Text
    values: Annotated[tuple[Text, ...], Bounds(least=1), Named("is")]


@dataclass(frozen=True)
class Instrument:
    """A law, rule or standard, and how binding and how well known it is; *citable* no: a superseded draft."""

    title: Words
    rank: Text
    binding: bool
    status: Text
    mark: Annotated[str, Choice(tuple(MARKS))]
    effective: Date | None = None
    citable: bool = True


@dataclass(frozen=True)
class Rule:
    """One rule. It is exactly one of three kinds.

    *measure* rule: *check*.*measure* *op* *threshold*, on every source or on the run; with *per* (``check.measure``) the
    threshold is in ppm of that measure. *declares* rule: any one of these registry facts is declared, with a value of
    *accepts* where that is given. *asks* rule: a person has answered this question.

    *covers_ppm*: the least share of records that must have been looked at, else `insufficient_evidence`;
    *excused_by*: declared facts, any of which meets the rule although the measure does not; *without_evidence*: the effect where
    evidence is insufficient, unset: *effect*, and `hold` for a `block`.
    """

    id: Identifier
    instrument: Identifier
    article: Text
    mark: Annotated[str, Choice(tuple(MARKS))]
    title: Words
    effect: Annotated[str, Choice(EFFECTS)]
    guidance: Words
    scope: Annotated[str, Choice(("source", "run"))] = "source"
    check: Text | None = None
    measure: Text | None = None
    per: Text | None = None
    op: Annotated[str, Choice(OPS)] = "<="
    threshold: int | None = None
    threshold_mark: Annotated[str | None, Choice(tuple(MARKS))] = None
    covers_ppm: Annotated[int, Bounds(0, 1_000_000)] = 0
    declares: tuple[Text, ...] = ()
    accepts: tuple[Text, ...] = ()
    asks: Identifier | None = None
    when: tuple[Condition, ...] = ()
    excused_by: tuple[Text, ...] = ()
    without_evidence: Annotated[str | None, Choice(EFFECTS)] = None


@dataclass(frozen=True)
class Override:
    """What a customer's own policy changes in a rule of a pack it extends, and why."""

    reason: Text
    effect: Annotated[str | None, Choice(EFFECTS)] = None
    threshold: int | None = None
    covers_ppm: Annotated[int | None, Bounds(0, 1_000_000)] = None
    without_evidence: Annotated[str | None, Choice(EFFECTS)] = None


@dataclass(frozen=True)
class Pack:
    """One policy YAML: instruments, questions for people, rules, and changes to the packs it extends."""

    policy: Identifier
    version: Text
    title: Words | None = None
    jurisdiction: Text | None = None
    extends: tuple[Text, ...] = ()
    instruments: tuple[tuple[Identifier, Instrument], ...] = ()
    questions: tuple[tuple[Identifier, Words], ...] = ()
    rules: tuple[Rule, ...] = ()
    override: tuple[tuple[Identifier, Override], ...] = ()


@dataclass(frozen=True)
class Case:
    """A rule on one source (or on ``run``): the state, the number, and why.

    *observed*: the measure, or ppm where the rule has *per*; None where nothing was measured or nothing is measured.
    """

    scope: str
    state: str
    observed: int | None
    reason: Words

    def as_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {"scope": self.scope, "state": self.state, "observed": self.observed, "reason": self.reason.as_json()}


@dataclass(frozen=True)
class Outcome:
    """What a rule came to.

    *state*: the worst of its cases; *effect*: what that does to the run, `pass` where met or not applicable;
    *observed*: the worst number; *counts*: state -> how many sources; *cases*: every source that is neither met nor
    not applicable, by id, and those that a declared fact excused; *summary*: for lawyers; *lines*: for engineers,
    each ``place: what; what to do``.
    """

    rule: Rule
    state: str
    effect: str
    observed: int | None
    unit: str | None
    counts: tuple[tuple[str, int], ...]
    cases: tuple[Case, ...]
    summary: Words
    lines: tuple[str, ...]

    @property
    def failing(self) -> tuple[str, ...]:
        """The sources (or ``run``) on which the rule is not met."""
        return tuple(case.scope for case in self.cases if case.state == "not_met")

    def as_json(self) -> dict[str, Any]:
        """For the manifest and ``--json``: whole numbers and text only."""
        return {
            "rule": self.rule.id, "instrument": self.rule.instrument, "article": self.rule.article, "mark": self.rule.mark,
            "title": self.rule.title.as_json(), "state": self.state, "effect": self.effect, "set_effect": self.rule.effect,
            "check": self.rule.check, "measure": self.rule.measure, "op": self.rule.op if self.rule.measure else None,
            "observed": self.observed, "threshold": self.rule.threshold, "threshold_mark": self.rule.threshold_mark,
            "unit": self.unit, "counts": dict(self.counts), "cases": [case.as_json() for case in self.cases],
            "summary": self.summary.as_json(), "guidance": self.rule.guidance.as_json(), "lines": list(self.lines),
        }  # fmt: skip


def worst_effect(effects: tuple[str, ...] | list[str]) -> str:
    """The strongest of *effects* (block > hold > warn > info > pass); `pass` of none."""
    return min(effects, key=(*EFFECTS, PASS).index, default=PASS)


def exit_code(effect: str) -> int:
    """What the command exits with: 1 where the gate stopped the run (block, hold), else 0."""
    return 1 if effect in ("block", "hold") else 0
