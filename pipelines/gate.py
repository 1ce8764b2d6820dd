"""Measures, facts and rules in; what each rule came to out. Pure but for the engine that compares the numbers.

A missing measure, an engine that fails, a source of which nothing was looked at: none of these is ever a pass.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pipelines import gate_words as words
from pipelines.built_in import COUNTED, UNCOVERED
from pipelines.expectations import Bound, Found, hold_bounds
from pipelines.held import Held, effect_of
from pipelines.policy import Policy
from schemas.errors import Where
from schemas.manifest import Measured
from schemas.rule import PASS, STATES, Case, Outcome, Rule, worst_effect
from schemas.source import RUN, UNREGISTERED
from schemas.words import Words
from schemas.yaml_shape import MOST_INT

Facts = Mapping[str, str]
Engine = Callable[[Sequence[Bound]], Mapping[str, Found]]
Row = tuple[int | None, int, int]
"""value, records looked at, records unread."""


def hold(
    policy: Policy,
    measured: Iterable[Measured],
    sources: Mapping[str, Facts],
    run_facts: Facts,
    places: Mapping[str, Where] | None = None,
    engine: Engine = hold_bounds,
    left_out: tuple[str, ...] = (),
) -> Held:
    """Hold every rule of *policy* against what was measured and declared.

    *measured*: per check and source (None: the run), the pseudo-checks of `pipelines.built_in.COUNTED` included, without
    `conservation`, which is worked out here; *sources*: id -> `Source.facts`; *run_facts*: `RunConfig.facts`; *places*: id
    -> where the registry names it. A source that is only in *measured* counts as not registered. *left_out*: told as such.
    """
    table = _Table(measured)
    ids = sorted({*sources, *table.sources})
    facts = {one: _facts(one, sources.get(one), run_facts) for one in ids} | {RUN: run_facts}
    came = {rule.id: _Came(rule) for rule in policy.rules}
    bounds: list[Bound] = []
    for rule in policy.rules:
        left = came[rule.id].settle([RUN] if rule.scope == RUN else ids, facts)
        if left:
            bounds.append(_bound(rule, tuple(left), table))
    found = engine(bounds)
    for bound in bounds:
        came[bound.rule].compare(bound, found.get(bound.rule), facts, table)
    outcomes = tuple(came[rule.id].outcome(policy.units.get(rule.id, ""), places or {}) for rule in policy.rules)
    return Held(outcomes, worst_effect([outcome.effect for outcome in outcomes]), policy, left_out)


class _Table:
    """Measures by check and scope, and the conservation numbers worked out from them."""

    def __init__(self, measured: Iterable[Measured]) -> None:
        self.rows: dict[str, dict[str, Measured]] = {}
        for row in measured:
            self.rows.setdefault(row.check, {})[RUN if row.source is None else row.source] = row
        self.sources = {scope for by_scope in self.rows.values() for scope in by_scope if scope != RUN}

    def row(self, check: str, measure: str, scope: str) -> Row:
        if check == "conservation":
            return self._astray(measure, scope), 0, 0
        row = self.rows.get(check, {}).get(scope)
        return (None, 0, 0) if row is None else (row.values.get(measure), row.looked_at, row.unread)

    def value(self, check: str, measure: str, scope: str) -> int | None:
        return self.row(check, measure, scope)[0]

    def values(self, check: str, measure: str, scopes: Sequence[str]) -> list[int | None]:
        if check == "conservation":
            return [self._astray(measure, scope) for scope in scopes]
        rows = self.rows.get(check, {})
        return [rows[scope].values.get(measure) if scope in rows else None for scope in scopes]

    def _astray(self, measure: str, scope: str) -> int | None:
        if measure == "files_astray":
            return self._difference(
                "files", scope, "files_listed", "files_read", "files_not_looked_at", "files_unreadable"
            )
        if measure == "records_astray":
            return self._difference("records", scope, "records_read", "records_looked_at", "records_unread")
        if measure == "check_records_astray":
            read = self.value("records", "records_read", scope)
            rows = [
                by_scope[scope] for check, by_scope in self.rows.items() if check not in COUNTED and scope in by_scope
            ]
            return None if read is None else sum(abs(row.looked_at + row.unread - read) for row in rows)
        return self._sum_astray()

    def _difference(self, check: str, scope: str, whole: str, *parts: str) -> int | None:
        values = [self.value(check, name, scope) for name in (whole, *parts)]
        known = [value for value in values if value is not None]
        return abs(known[0] - sum(known[1:])) if len(known) == len(values) else None

    def _sum_astray(self) -> int | None:
        total = 0
        for check in ("files", "records"):
            for measure in COUNTED[check]:
                if measure.unit == "ppm":
                    continue
                whole = self.value(check, measure.name, RUN)
                parts = [self.value(check, measure.name, source) for source in sorted(self.sources)]
                if whole is None or any(part is None for part in parts):
                    return None
                total += abs(whole - sum(part for part in parts if part is not None))
        return total


def _facts(source: str, declared: Facts | None, run_facts: Facts) -> Facts:
    # A source that does not say its stage is used for what the run trains.
    stage = {"stage": run_facts["model.stage"]} if "model.stage" in run_facts else {}
    unknown = {"registered": "no"} if declared is None or source == UNREGISTERED else {}
    return {**run_facts, **stage, **(declared or {}), **unknown}


class _Came:
    """What one rule comes to, source by source; only what is told of a source is kept of it."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.counts: Counter[str] = Counter()
        self.cases: list[Case] = []
        self.observed: int | None = None
        self.unexcused: int | None = None

    def settle(self, scopes: Sequence[str], facts: Mapping[str, Facts]) -> Sequence[str]:
        """Settle the scopes that facts alone decide; gives those where a number must be looked at."""
        rule = self.rule
        if rule.measure is not None:
            return [one for one in scopes if self._applies(facts[one])] if rule.when else scopes
        for one in scopes:
            if self._applies(facts[one]):
                state, reason = _declared(rule, facts[one])
                self.add(one, state, None, reason)
        return ()

    def compare(self, bound: Bound, found: Found | None, facts: Mapping[str, Facts], table: "_Table") -> None:
        """Add what the engine found of the numbers."""
        rule = self.rule
        said = found or Found(frozenset(), frozenset(), "the engine gave no result")
        for scope, value in zip(bound.scopes, bound.values, strict=True):
            excuses = tuple(fact for fact in rule.excused_by if fact in facts[scope]) if rule.excused_by else ()
            if excuses:
                self.add(scope, "met", value, words.excused(excuses))
            elif said.failed is not None:
                self.add(scope, "insufficient_evidence", value, words.engine_failed(said.failed))
            elif scope in said.past:
                self.add(scope, "not_met", value, words.PAST)
            else:
                unknown = value is None or scope in said.unknown
                short = words.not_measured(rule, facts[scope]) if unknown else _short(rule, scope, table)
                self.add(scope, "insufficient_evidence" if short else "met", value, short)

    def add(self, scope: str, state: str, value: int | None, reason: Words | None) -> None:
        """Count one scope; keep it by name where it is not met, or met only because a declared fact excuses it."""
        self.counts[state] += 1
        self.observed = self._worse(self.observed, value)
        if state != "met" or reason is None:
            self.unexcused = self._worse(self.unexcused, value)
        if reason is not None:
            self.cases.append(Case(scope, state, value, reason))

    def _worse(self, one: int | None, other: int | None) -> int | None:
        if one is None or other is None:
            return other if one is None else one
        return min(one, other) if self.rule.op == ">=" else max(one, other)

    def outcome(self, unit: str, places: Mapping[str, Where]) -> Outcome:
        """The whole of it."""
        rule = self.rule
        # No source at all is no evidence: a rule is never met by an empty table.
        state = next((state for state in STATES if self.counts[state]), "insufficient_evidence")
        effect = effect_of(rule, state)
        counts = tuple((name, self.counts[name]) for name in STATES if self.counts[name])
        cases = tuple(sorted(self.cases, key=lambda case: case.scope))
        # Beside sources that are not met, the number of one that a declared fact excuses would mislead.
        observed = self.observed if effect == PASS else self.unexcused
        summary = words.summary(rule, state, self.counts, observed, unit)
        lines = words.lines(rule, cases, unit, places)
        if not lines and effect != PASS:  # no source at all: there is no case to tell of
            lines = (f"{summary.en}; {rule.guidance.en} [{rule.id}]",)
        return Outcome(rule, state, effect, observed, unit or None, counts, cases, summary, lines)

    def _applies(self, facts: Facts) -> bool:
        for condition in self.rule.when:
            value = facts.get(condition.fact)
            if value is not None and value not in condition.values:
                self.counts["not_applicable"] += 1
                return False
        return True


def _declared(rule: Rule, facts: Facts) -> tuple[str, Words | None]:
    """(state, why unless met) of a rule that asks a person or the registry."""
    if rule.asks is not None:
        return ("met", None) if f"answer.{rule.asks}" in facts else ("needs_human", words.UNANSWERED)
    declared = [facts[fact] for fact in rule.declares if fact in facts]
    if any(not rule.accepts or value in rule.accepts for value in declared):
        return "met", None
    if "proofs" in rule.declares and "proofs.missing" in facts:
        return "not_met", words.unproven(facts["proofs.missing"])
    return "not_met", words.REFUSED if declared else words.UNDECLARED


def _bound(rule: Rule, scopes: tuple[str, ...], table: _Table) -> Bound:
    assert rule.check is not None  # a bound policy names both, see rule_problems
    assert rule.measure is not None
    assert rule.threshold is not None
    values = table.values(rule.check, rule.measure, scopes)
    if rule.per is not None:
        check, _, measure = rule.per.partition(".")
        wholes = table.values(check, measure, scopes)
        values = [_ppm(value, whole, rule.op) for value, whole in zip(values, wholes, strict=True)]
    return Bound(rule.id, rule.op, rule.threshold, scopes, tuple(values))


def _ppm(value: int | None, whole: int | None, op: str) -> int | None:
    """Rounded so that a whole-number threshold decides as the exact fraction would: up for <=, down for >=."""
    if value is None or not whole:
        return None
    share = value * 1_000_000 // whole if op == ">=" else -(-value * 1_000_000 // whole)
    return min(share, MOST_INT)


def _short(rule: Rule, scope: str, table: _Table) -> Words | None:
    """Why too little was looked at for a number within the threshold to mean anything; None where enough was."""
    if rule.check is None or rule.measure is None or rule.check in UNCOVERED:
        return None
    _, looked_at, unread = table.row(rule.check, rule.measure, scope)
    if looked_at == 0:
        return words.NOTHING_SEEN
    return words.TOO_LITTLE_SEEN if looked_at * 1_000_000 < rule.covers_ppm * (looked_at + unread) else None
