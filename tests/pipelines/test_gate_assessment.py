"""The rule on the share of unlawful content before collection: from the log's assessments alone, and never fine without one."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks import BY_NAME
from manifests.assessments import record_assessment, standing_of
from pipelines.assess import UNLAWFUL, unlawful_of
from pipelines.gate import hold
from pipelines.held import Held
from pipelines.policy import known_measures, load_policy
from pipelines.running_gate import _held
from schemas.assessment import Assessment, CheckRan, Sample
from schemas.errors import ConfigError
from schemas.manifest import Measured
from schemas.rule import Outcome
from schemas.source import Source
from tests.kit.ledgers import small_ledger

MADE = Assessment(
    "web", "a" * 64, "Li", "2026-01-05T10:00:00Z", "corpusledger 0.1", Sample(2, 0, 0, 900, "b" * 64, 12, 11, 1),
    (CheckRan("quality", 1, {}),), {"quality": {"short_records": 3}},
)  # fmt: skip
PACK = load_policy(("cn-genai",), Path(), known_measures(BY_NAME))
ALONE = replace(PACK, rules=tuple(rule for rule in PACK.rules if rule.id == "CN-SRC-010"))


def outcome_of(held: Held) -> Outcome:
    (outcome,) = held.outcomes
    return outcome


@pytest.mark.parametrize(
    ("standing", "ppm", "state", "effect", "reason"),
    [
        ("before", 0, "met", "pass", None),
        ("before", 50_000, "met", "pass", None),
        ("before", 50_001, "not_met", "block", "数值越过阈值"),
        ("before", None, "insufficient_evidence", "warn", "无人审读样本，也没有检查测量违法和不良信息占比"),
        ("late", None, "insufficient_evidence", "warn", "评估晚于采集开始"),
        ("undated", None, "insufficient_evidence", "warn", "未声明采集开始日期"),
        ("none", None, "insufficient_evidence", "warn", "日志中没有采集前评估"),
    ],
)
def test_the_rule_blocks_on_a_figure_past_five_per_cent_and_never_passes_without_one(
    standing: str, ppm: int | None, state: str, effect: str, reason: str | None
) -> None:
    rows = [Measured("news", "assessment", 0, 0, {"unlawful_ppm": ppm})]
    outcome = outcome_of(hold(ALONE, rows, {"news": {"registered": "yes", "assessment": standing}}, {}))
    assert (outcome.state, outcome.effect, outcome.observed) == (state, effect, ppm)
    assert [case.reason.zh for case in outcome.cases] == ([] if reason is None else [reason])


def test_one_source_past_the_limit_is_blocked_beside_others_of_which_nothing_is_known() -> None:
    rows = [Measured(s, "assessment", 0, 0, {"unlawful_ppm": p}) for s, p in (("bad", 90_000), ("new", None))]
    facts = {"bad": {"registered": "yes", "assessment": "before"}, "new": {"registered": "yes", "assessment": "none"}}
    held = hold(ALONE, rows, {**facts, "unregistered": {"registered": "no"}}, {})
    assert (outcome_of(held).state, outcome_of(held).effect, held.exit_code) == ("not_met", "block", 1)
    assert [(case.scope, case.state) for case in outcome_of(held).cases] == [
        ("bad", "not_met"),
        ("new", "insufficient_evidence"),
    ]
    assert [line.split(":")[0] for line in held.lines] == ["block", "warn"]
    assert "saw 90,000 ppm (9 %)" in held.lines[0] and "the log has no assessment" in held.lines[1]
    assert "source assess" in held.lines[1] and "TC260-003 5.1 a)" in held.lines[1]


def test_a_manifest_of_an_earlier_version_without_any_figure_is_insufficient_evidence_too() -> None:
    outcome = outcome_of(hold(ALONE, [], {"news": {}}, {}))
    assert (outcome.state, outcome.effect) == ("insufficient_evidence", "warn")


def test_the_log_says_of_each_source_which_assessment_counts_and_only_one_before_collection_has_a_figure(
    tmp_path: Path,
) -> None:
    ledger, _ = small_ledger(tmp_path)
    record_assessment(ledger, replace(MADE, unlawful_ppm=1_000), None)
    record_assessment(ledger, replace(MADE, assessed="2026-03-01T00:00:00Z", unlawful_ppm=0), None)
    record_assessment(ledger, replace(MADE, source="zoo"), None)
    asked = {"web": "2026-02-01", "zoo": "2026-02-01", "books": "2026-02-01"}
    assert standing_of(ledger.store, asked) == {
        "web": ("before", 1_000),
        "zoo": ("before", None),
        "books": ("none", None),
    }
    assert standing_of(ledger.store, {"web": "2026-01-01", "zoo": None}) == {
        "web": ("late", None),
        "zoo": ("undated", None),
    }
    assert standing_of(ledger.store, {}) == {}


def test_the_gate_of_a_run_takes_the_figures_from_the_ledger(tmp_path: Path) -> None:
    ledger, _ = small_ledger(tmp_path)
    record_assessment(ledger, replace(MADE, unlawful_ppm=60_000), None)
    sources = (Source("web", ("x",), collected_from="2026-02-01"), Source("zoo", ("y",), collected_from="2026-02-01"))
    run = SimpleNamespace(facts=dict, model=SimpleNamespace(stage="pre-training", commercial=None))
    loaded = SimpleNamespace(sources=sources, as_of="2026-11-22", run=run, places={}, policy=ALONE)
    held = _held(loaded, ledger.store, None, [])  # type: ignore[arg-type]
    found = {case.scope: (case.state, case.observed) for case in outcome_of(held).cases}
    assert found == {"web": ("not_met", 60_000), "zoo": ("insufficient_evidence", None)}


def test_the_figure_of_an_assessment_is_what_the_one_named_measure_says_and_nothing_else() -> None:
    check, measure = UNLAWFUL
    assert unlawful_of({check: {measure: 7}, "quality": {measure: 9}}) == 7
    assert unlawful_of({check: {measure: 0}}) == 0
    assert unlawful_of({check: {measure: None}}) is None
    assert unlawful_of({check: {}}) is unlawful_of({"quality": {measure: 9}}) is unlawful_of({}) is None
    assert unlawful_of({check: {"candidate_records_ppm": 90_000}}) is None  # candidates are for people to judge


@pytest.mark.parametrize(
    ("change", "came"), [("without_evidence: hold", ("block", "hold")), ("effect: hold", ("hold", "warn"))]
)
def test_an_override_of_the_effect_without_evidence_stands_apart_from_that_of_the_number(
    tmp_path: Path, change: str, came: tuple[str, str]
) -> None:
    head = "policy: house\nversion: '1'\nextends: [cn-genai]\noverride:\n"
    (tmp_path / "house.yaml").write_text(
        f"{head}  CN-SRC-010: {{{change}, reason: 数据委员会决定}}\n", encoding="utf-8"
    )
    policy = load_policy(("house.yaml",), tmp_path, known_measures(BY_NAME))
    (rule,) = [rule for rule in policy.rules if rule.id == "CN-SRC-010"]
    assert (rule.effect, rule.without_evidence, rule.threshold, rule.threshold_mark) == (*came, 50_000, "H")
    assert policy.digest() != PACK.digest()
    (tmp_path / "house.yaml").write_text(f"{head}  CN-SRC-008: {{without_evidence: info, reason: x}}\n")
    with pytest.raises(ConfigError, match=r"house\.yaml:5: CN-SRC-008 holds no number; only its effect can be changed"):
        load_policy(("house.yaml",), tmp_path, known_measures(BY_NAME))
