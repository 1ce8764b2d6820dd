"""The gate's whole answer: what stops the run, the lines that say so, and its shapes in JSON and in the manifest."""

from dataclasses import dataclass
from typing import Any, Final

from pipelines.built_in import BUILT_IN
from pipelines.citations import citation
from pipelines.gate_words import open_cases
from pipelines.policy import Policy
from schemas.manifest import Gate, RuleResult
from schemas.rule import EFFECTS, PASS, Outcome, Rule, exit_code
from schemas.source import RUN

MOST_NAMED: Final = 10
"""Sources that were left out, named on the line that tells of them."""


@dataclass(frozen=True)
class Held:
    """The gate's whole answer. *effect*: the strongest of its outcomes; *exit_code*: 1 for block and hold, else 0.

    *left_out*: sources of the registry that were not held, for the sealed run does not know them.
    """

    outcomes: tuple[Outcome, ...]
    effect: str
    policy: Policy
    left_out: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """What the command exits with."""
        return exit_code(self.effect)

    @property
    def lines(self) -> tuple[str, ...]:
        """What to fix, the strongest effect first, then in the order of the rules; each line by its own case's effect."""
        told = [pair for outcome in self.told for pair in _with_effects(outcome)]
        told.sort(key=lambda pair: EFFECTS.index(pair[0]))
        return (*(f"{effect}: {line}" for effect, line in told), *self.left_out_lines)

    @property
    def told(self) -> tuple[Outcome, ...]:
        """The outcomes that people are told of: not a built-in one where a rule of the policy finds the same there."""
        shown = [one for one in self.outcomes if one.effect != PASS]
        said = {_subject(one): _scopes(one) for one in shown if one.rule not in BUILT_IN}
        return tuple(
            one for one in shown if one.rule not in BUILT_IN or not _scopes(one) <= said.get(_subject(one), set())
        )

    @property
    def left_out_lines(self) -> tuple[str, ...]:
        """One line on the sources that were not held, or none."""
        if not self.left_out:
            return ()
        named = ", ".join(map(repr, self.left_out[:MOST_NAMED])) + (" …" if len(self.left_out) > MOST_NAMED else "")
        many = "1 source is" if len(self.left_out) == 1 else f"{len(self.left_out):,} sources are"
        return (
            f"info: {many} registered since this run and left out here ({named}); `corpusledger run` reads and holds them",
        )

    def as_json(self) -> dict[str, Any]:
        """For ``--json`` and ``gates/<n>.json``: whole numbers and text only."""
        packs = [{"name": p.name, "version": p.version, "digest": p.digest} for p in self.policy.packs]
        outcomes = [outcome.as_json() for outcome in self.outcomes]
        return {
            "effect": self.effect, "policy": packs, "policy_digest": self.policy.digest(),
            "overridden": dict(self.policy.overridden), "outcomes": outcomes,
            "left_out": list(self.left_out),
        }  # fmt: skip

    def as_manifest(self) -> Gate:
        """The shape the manifest holds."""
        rules = tuple(_rule_result(outcome, self.policy) for outcome in self.outcomes)
        return Gate(self.exit_code == 1, None if self.effect == PASS else self.effect, rules)


def effect_of(rule: Rule, state: str) -> str:
    """What *rule* does to the run where it came to *state*: its effect, `hold` for a `block` without evidence, or `pass`."""
    if state in ("met", "not_applicable"):
        return PASS
    if state == "insufficient_evidence" and rule.without_evidence is not None:
        return rule.without_evidence
    # What is unknown or waits for a person holds the run; only evidence blocks it.
    return "hold" if state != "not_met" and rule.effect == "block" else rule.effect


def _with_effects(outcome: Outcome) -> list[tuple[str, str]]:
    """(effect, line) of each line; the last, on how many more there are, has the effect of the next case."""
    cases = open_cases(outcome.cases)
    effects = [effect_of(outcome.rule, case.state) for case in cases] or [outcome.effect]
    return list(zip(effects, outcome.lines, strict=False))


def _subject(outcome: Outcome) -> tuple[str | None, str | None, str]:
    return outcome.rule.check, outcome.rule.measure, outcome.rule.scope


def _scopes(outcome: Outcome) -> set[str]:
    return {case.scope for case in open_cases(outcome.cases)}


def _rule_result(outcome: Outcome, policy: Policy) -> RuleResult:
    rule = outcome.rule
    effect = rule.effect if outcome.effect == PASS else outcome.effect
    concerned = (
        ()
        if outcome.effect == PASS
        else tuple(c.scope for c in outcome.cases if c.state == outcome.state and c.scope != RUN)
    )
    return RuleResult(
        rule=rule.id, citation=citation(rule, policy.instruments.get(rule.instrument)), title=rule.title, state=outcome.state,
        effect=effect, check=rule.check, measure=rule.measure, op=rule.op if rule.measure else None, threshold=rule.threshold,
        observed=outcome.observed, unit=outcome.unit, sources=concerned, summary=outcome.summary,
    )  # fmt: skip
