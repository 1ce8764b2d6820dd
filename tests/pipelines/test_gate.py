"""The gate: states, effects, excuses, coverage; nothing unknown passes; the engine agrees with plain arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pipelines.built_in import BUILT_IN
from pipelines.expectations import Bound, Found
from pipelines.gate import hold
from pipelines.held import Held
from pipelines.policy import Policy
from schemas.errors import Where
from schemas.manifest import Measured
from schemas.rule import Condition, Outcome, Rule
from schemas.words import Words

R = Rule(
    "R", "IM", "7(2)", "T", Words("未知许可", "unknown licences"), "warn", Words("请声明许可", "declare the licence"),
    check="licence", measure="unknown_ppm", threshold=50_000, threshold_mark="H",
)  # fmt: skip
ASKS = replace(
    R,
    id="ASKS",
    scope="run",
    check=None,
    measure=None,
    threshold=None,
    threshold_mark=None,
    asks="scope",
    effect="hold",
)
DECLARES = replace(
    R,
    id="DECLARES",
    check=None,
    measure=None,
    threshold=None,
    threshold_mark=None,
    declares=("licence", "public_data"),
    effect="hold",
)


def plain(bounds: Sequence[Bound]) -> Mapping[str, Found]:
    """What the engine must say, in one line of arithmetic a bound."""
    ops = {"<=": int.__le__, ">=": int.__ge__, "==": int.__eq__}
    return {
        b.rule: Found(
            frozenset(
                s for s, v in zip(b.scopes, b.values, strict=True) if v is not None and not ops[b.op](v, b.threshold)
            ),
            frozenset(s for s, v in zip(b.scopes, b.values, strict=True) if v is None),
        )
        for b in bounds
    }


def policy(*rules: Rule) -> Policy:
    return Policy(
        (),
        rules,
        {},
        {"scope": Words("问", "q")},
        {},
        {rule.id: "ppm" if rule.check == "licence" else "records" for rule in rules},
    )


def measured(
    source: str | None, value: int | None, looked_at: int = 10, unread: int = 0, **more: int | None
) -> Measured:
    return Measured(source, "licence", looked_at, unread, {"unknown_ppm": value, **more})


def gate(*rules: Rule, rows: Sequence[Measured] = (), engine: Any = plain, **sources: dict[str, str]) -> Held:
    facts = {name: {"registered": "yes", **declared} for name, declared in sources.items()}
    return hold(
        policy(*rules), rows, facts, {"model.stage": "pre-training"}, {"a": Where("sources/a.yaml", line=3)}, engine
    )


def outcome(*rules: Rule, **arguments: Any) -> Outcome:
    return gate(*rules, **arguments).outcomes[0]


@pytest.mark.parametrize(
    ("value", "looked_at", "state", "effect"),
    [
        (50_000, 10, "met", "pass"),
        (50_001, 10, "not_met", "warn"),
        (None, 10, "insufficient_evidence", "warn"),
        (0, 0, "insufficient_evidence", "warn"),
        (60_000, 0, "not_met", "warn"),
    ],
)
def test_a_number_against_its_threshold(value: int | None, looked_at: int, state: str, effect: str) -> None:
    found = outcome(R, rows=[measured("a", value, looked_at)], a={})
    assert (found.state, found.effect, found.observed) == (state, effect, value)


def test_the_worst_source_decides_and_all_that_fail_are_named() -> None:
    rows = [measured("a", 60_000), measured("b", 0), measured("c", None), measured("d", 70_000)]
    held = gate(R, rows=rows, a={}, b={}, c={}, d={})
    found = held.outcomes[0]
    assert found.state == "not_met"
    assert found.observed == 70_000
    assert found.failing == ("a", "d")
    assert dict(found.counts) == {"not_met": 2, "insufficient_evidence": 1, "met": 1}
    assert [case.scope for case in found.cases] == ["a", "c", "d"]
    assert held.lines[0] == (
        "warn: sources/a.yaml:3: unknown licences: source 'a': not met; asked licence.unknown_ppm <= 50,000 ppm (5 %) [H], "
        "saw 60,000 ppm (6 %); declare the licence [R, IM 7(2)]"
    )
    assert (
        found.summary.zh
        == "未知许可：未满足（4 个来源中的 2 个）；要求：licence.unknown_ppm 不超过 5%（50,000 ppm）[H]；最不利的观测值：7%（70,000 ppm）"
    )


def test_a_source_without_measures_is_unknown_not_fine() -> None:
    assert outcome(R, rows=[measured("a", 0)], a={}, b={}).state == "insufficient_evidence"
    assert outcome(R, rows=[], a={}).state == "insufficient_evidence"


def test_no_source_at_all_meets_nothing() -> None:
    assert (outcome(R).state, outcome(DECLARES).state) == ("insufficient_evidence", "insufficient_evidence")


def test_a_source_nobody_registered_is_held_too() -> None:
    found = outcome(R, rows=[measured("unregistered", 60_000)])
    assert found.failing == ("unregistered",)
    applies = replace(R, when=(Condition("registered", ("yes",)),))
    assert outcome(applies, rows=[measured("unregistered", 60_000)]).state == "not_applicable"


@pytest.mark.parametrize(("state_of", "effect"), [(60_000, "block"), (None, "hold")])
def test_only_evidence_blocks_what_is_unknown_holds(state_of: int | None, effect: str) -> None:
    held = gate(replace(R, effect="block"), rows=[measured("a", state_of)], a={})
    assert (held.effect, held.exit_code) == (effect, 1)


def test_too_little_looked_at() -> None:
    rule = replace(R, covers_ppm=990_000)
    assert outcome(rule, rows=[measured("a", 0, 99, 1)], a={}).state == "met"
    assert outcome(rule, rows=[measured("a", 0, 98, 2)], a={}).state == "insufficient_evidence"
    assert outcome(rule, rows=[measured("a", 60_000, 98, 2)], a={}).state == "not_met"


def test_a_declared_fact_excuses_and_is_shown() -> None:
    found = outcome(replace(R, excused_by=("contract",)), rows=[measured("a", 60_000)], a={"contract": "x"})
    assert (found.state, found.observed) == ("met", 60_000)
    assert [(case.scope, case.reason.en) for case in found.cases] == [("a", "rests on the declared contract")]
    rule, rows = replace(R, excused_by=("contract",)), [measured("a", 90_000), measured("b", 60_000)]
    found = outcome(rule, rows=rows, a={"contract": "x"}, b={})
    assert (found.state, found.observed) == ("not_met", 60_000)  # the worst of those that nothing excuses


def test_a_condition_excuses_only_what_is_known() -> None:
    rule = replace(R, when=(Condition("stage", ("fine-tuning",)),))
    rows = [measured("a", 60_000)]
    assert outcome(rule, rows=rows, a={"stage": "pre-training"}).state == "not_applicable"
    assert outcome(rule, rows=rows, a={}).state == "not_applicable"  # the run says pre-training
    rule = replace(R, when=(Condition("class", ("commercial",)),))
    assert outcome(rule, rows=rows, a={}).state == "not_met"  # unknown never excuses


def test_what_must_be_declared() -> None:
    found = outcome(DECLARES, a={"licence": "MIT"}, b={"public_data": "terms"}, c={})
    assert (found.state, found.failing, found.effect) == ("not_met", ("c",), "hold")
    review = replace(DECLARES, declares=("review",), accepts=("approved",))
    assert outcome(review, a={"review": "approved"}).state == "met"
    for state in ("rejected", "expired", "pending"):
        assert outcome(review, a={"review": state}).state == "not_met"


def test_a_question_waits_for_a_person() -> None:
    assert (outcome(ASKS).state, outcome(ASKS).effect) == ("needs_human", "hold")
    held = hold(policy(ASKS), (), {}, {"answer.scope": "no"}, {}, plain)
    assert held.outcomes[0].state == "met"


def test_per_is_exact_to_the_last_record() -> None:
    rule = replace(R, measure="unknown_records", per="licence.records", threshold=333_333)
    for count, state in ((333_333, "met"), (333_334, "not_met")):
        rows = [Measured("a", "licence", 1_000_000, 0, {"unknown_records": count, "records": 1_000_000})]
        assert outcome(rule, rows=rows, a={}).state == state
    rows = [Measured("a", "licence", 3, 0, {"unknown_records": 1, "records": 3})]  # a third is more than 333,333 ppm
    assert outcome(rule, rows=rows, a={}).state == "not_met"
    assert outcome(replace(rule, op=">="), rows=rows, a={}).state == "met"
    rows = [Measured("a", "licence", 3, 0, {"unknown_records": 0, "records": 0})]
    assert outcome(rule, rows=rows, a={}).state == "insufficient_evidence"


def test_effects_are_ordered_and_warnings_do_not_stop() -> None:
    rules = [replace(R, id=effect, effect=effect) for effect in ("info", "warn")]
    held = gate(*rules, rows=[measured("a", 60_000)], a={})
    assert (held.effect, held.exit_code) == ("warn", 0)
    held = gate(*rules, replace(R, id="b", effect="block"), ASKS, rows=[measured("a", 60_000)], a={})
    assert (held.effect, held.exit_code) == ("block", 1)
    assert [line.split(":")[0] for line in held.lines] == ["block", "hold", "warn", "info"]
    assert gate(R, rows=[measured("a", 0)], a={}).effect == "pass"


def counted(source: str | None, read: int = 4, looked_at: int = 3, unread: int = 1, files: int = 2) -> list[Measured]:
    files_row = {"files_listed": files, "files_read": files, "files_not_looked_at": 0, "files_unreadable": 0, "bytes_not_looked_at": 0,
                 "shards_cut_short": 0}  # fmt: skip
    records = {
        "records_read": read,
        "records_looked_at": looked_at,
        "records_unread": unread,
        "unread_ppm": 0,
        "records_erased": 0,
    }
    return [Measured(source, "files", files, 0, files_row), Measured(source, "records", looked_at, unread, records)]


def test_conservation_holds_or_blocks() -> None:
    good = [*counted("a"), *counted("b"), *counted(None, 8, 6, 2, 4), measured("a", 0, 3, 1)]
    held = gate(*BUILT_IN, rows=good, a={}, b={})
    assert held.effect == "pass"
    for name, bad in {
        "CL-RECORDS": [*counted("a", 5), *counted("b"), *counted(None, 9, 6, 2, 4)],
        "CL-SUMS": [*counted("a"), *counted("b"), *counted(None, 8, 6, 2, 5)],
        "CL-CHECKS": [*good[:-1], measured("a", 0, 3, 0)],
    }.items():
        held = gate(*BUILT_IN, rows=bad, a={}, b={})
        assert held.effect == "block"
        assert next(found for found in held.outcomes if found.rule.id == name).state == "not_met"
    assert gate(*BUILT_IN, rows=good[:2], a={}, b={}).effect == "hold"  # a missing count is no zero


def test_an_engine_that_fails_is_no_pass() -> None:
    failed = {"R": Found(frozenset(), frozenset(), "the engine raised an exception")}
    for answer in (failed, {}):
        found = outcome(R, rows=[measured("a", 0)], a={}, engine=lambda _, answer=answer: answer)
        assert found.state == "insufficient_evidence"
        assert "the engine gave no answer" in found.lines[0]


def test_long_lists_are_cut_in_the_text_alone() -> None:
    names = [f"s{i:05}" for i in range(1000)]
    found = outcome(R, rows=[measured(name, 60_000) for name in names], **{name: {} for name in names})
    assert len(found.cases) == 1000
    assert len(found.lines) == 21
    assert found.lines[-1] == "R: and 980 more sources; `--json` lists them all"


def test_the_result_is_whole_numbers_and_text() -> None:
    from schemas.canonical import canonical_json

    held = gate(R, ASKS, rows=[measured("a", 60_000)], a={})
    text = canonical_json(held.as_json()).decode()
    assert "compliant" not in text
    assert "\u5408\u89c4" not in text  # the two characters that promise more than evidence
    assert canonical_json(held.as_json()) == canonical_json(gate(R, ASKS, rows=[measured("a", 60_000)], a={}).as_json())
    assert held.as_manifest().stopped
    assert held.as_manifest().rules[0].sources == ("a",)
