"""The two rules on screening: that groups in the selection were looked at, and candidates of machine-written text. Both inform, none stops."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks import BY_NAME
from pipelines.gate import hold
from pipelines.policy import known_measures, load_policy
from schemas.manifest import Measured

PACK = load_policy(("cn-genai",), Path(), known_measures(BY_NAME))
FAIRNESS, SYNTHETIC = (replace(PACK, rules=tuple(r for r in PACK.rules if r.id == name)) for name in ("CN-FAI-010", "CN-SYN-020"))  # fmt: skip
FACTS = {"web": {"registered": "yes"}, "chat": {"registered": "yes"}}


@pytest.mark.parametrize(
    ("drawn", "state"),
    [(1, "met"), (400, "met"), (0, "not_met"), (None, "insufficient_evidence"), ("off", "insufficient_evidence")],
)
def test_selection_was_looked_at_where_a_record_was_drawn_and_is_unknown_without_the_check(drawn, state):
    measures = {} if drawn == "off" else {"drawn_records": drawn}
    rows = [] if drawn == "off" else [Measured(source, "fairness", 9, 0, measures) for source in (None, "web", "chat")]
    (outcome,) = (held := hold(FAIRNESS, rows, FACTS, {})).outcomes
    assert (outcome.state, outcome.effect) == (state, "pass" if state == "met" else "info")
    assert held.exit_code == 0
    rule = outcome.rule
    assert (rule.instrument, rule.article, rule.mark, rule.scope, rule.threshold_mark) == ("CN-IM", "4(2)", "T", "run", "H")  # fmt: skip
    for words in (rule.title, rule.guidance):
        assert words.zh and words.en
    assert "no finding of discrimination" in rule.title.en and "不是歧视的结论" in rule.title.zh


def test_one_source_without_a_drawn_record_does_not_speak_for_the_run():
    rows = [Measured(source, "fairness", 9, 0, {"drawn_records": n}) for source, n in ((None, 3), ("web", 3), ("chat", 0))]  # fmt: skip
    assert hold(FAIRNESS, rows, FACTS, {}).outcomes[0].state == "met"


@pytest.mark.parametrize(("ppm", "state"), [(0, "met"), (10_000, "met"), (10_001, "not_met"), (None, "insufficient_evidence")])  # fmt: skip
def test_candidates_of_sources_that_declare_none_are_told_past_the_screening_value(ppm, state):
    rows = [Measured(source, "authenticity", 9, 0, {"undeclared_candidate_records_ppm": share}) for source, share in (("web", 0), ("chat", ppm))]  # fmt: skip
    (outcome,) = (held := hold(SYNTHETIC, rows, FACTS, {})).outcomes
    assert (outcome.state, outcome.effect, held.exit_code) == (state, "pass" if state == "met" else "info", 0)
    assert [case.scope for case in outcome.cases] == ([] if state == "met" else ["chat"])
    assert (outcome.rule.instrument, outcome.rule.mark, outcome.rule.threshold_mark) == ("HOUSE", "H", "H")
    assert "generator" in outcome.rule.guidance.zh and "generator" in outcome.rule.guidance.en
