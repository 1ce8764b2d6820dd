"""Policy packs: bound before anything runs, extended, overridden; what no policy may change; what no rule may cite."""

from pathlib import Path

import pytest

from checks import BY_NAME
from checks.base import Measure
from pipelines.built_in import BUILT_IN, COUNTED
from pipelines.policy import KnownMeasures, Policy, built_in_packs, known_measures, load_policy
from schemas.errors import ConfigError

KNOWN: KnownMeasures = {
    "licence": {
        "unknown_ppm": Measure("unknown_ppm", "ppm", "x"),
        "unknown_records": Measure("unknown_records", "records", "x"),
    },
    **{name: {measure.name: measure for measure in measures} for name, measures in COUNTED.items()},
}
HEAD = """policy: house
version: '1'
instruments:
  IM: {title: {zh: 办法, en: Measures}, rank: departmental rule, binding: yes, status: in_force, mark: T}
  IM-DRAFT: {title: {zh: 征求意见稿, en: Draft}, rank: draft, binding: no, status: superseded, mark: T, citable: no}
questions:
  scope: {zh: 是否面向境内公众, en: is it offered to the public}
rules:
"""
RULE = """- id: R1
  instrument: IM
  article: '7(2)'
  mark: T
  title: {zh: 未知许可占比, en: Share of unknown licences}
  check: licence
  measure: unknown_ppm
  op: <=
  threshold: 50000
  threshold_mark: H
  effect: warn
  guidance: {zh: 在登记中声明许可, en: declare the licence in the registry}
"""


def load(tmp_path: Path, text: str, *names: str) -> Policy:
    (tmp_path / "house.yaml").write_text(text)
    return load_policy(names or ("house.yaml",), tmp_path, KNOWN)


def problems(tmp_path: Path, text: str, *names: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, *names)
    return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]


def test_a_rule_is_bound_and_the_built_in_ones_come_first(tmp_path: Path) -> None:
    policy = load(tmp_path, HEAD + RULE)
    assert policy.rules[: len(BUILT_IN)] == BUILT_IN
    assert [rule.id for rule in policy.rules[len(BUILT_IN) :]] == ["R1"]
    assert policy.units["R1"] == "ppm"
    assert [pack.name for pack in policy.packs] == ["house"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("licence\n", "licens\n", "no check 'licens'; did you mean 'licence'?"),
        ("unknown_ppm", "unknow_ppm", "licence has no measure 'unknow_ppm'; did you mean 'unknown_ppm'?"),
        ("instrument: IM", "instrument: MI", "no instrument 'MI'; known: CORPUSLEDGER, IM, IM-DRAFT"),
        ("instrument: IM", "instrument: IM-DRAFT", "IM-DRAFT is not citable (superseded); cite the final text"),
        ("  threshold: 50000\n", "", "a measure is held against a number; give threshold and threshold_mark"),
        ("  check: licence\n", "", "check and measure stand together; name both"),
        (
            "  op: <=\n",
            "  declares: [licence]\n",
            "has measure and declares; give exactly one of measure, declares, asks",
        ),
        ("  op: <=\n", "  when: [{fact: stge, is: [x]}]\n", "no fact 'stge' of a source; did you mean 'stage'?"),
        ("  op: <=\n", "  per: licence.records\n", "licence has no measure 'records'; did you mean"),
        ("  op: <=\n", "  per: records\n", "per is 'check.measure', got 'records'"),
        ("  op: <=\n", "  accepts: [x]\n", "has accepts without declares; say which fact has these values"),
    ],
)
def test_what_cannot_be_bound_is_told_with_its_rule(tmp_path: Path, old: str, new: str, problem: str) -> None:
    found = problems(tmp_path, HEAD + RULE.replace(old, new, 1))
    assert found[0].startswith(f"house.yaml:9: rule R1: {problem}")


def test_a_question_is_known_and_asked_of_the_run(tmp_path: Path) -> None:
    start, end = RULE.split("  check:", maxsplit=1)[0], "  effect: hold\n  guidance: {zh: 请回答, en: answer it}\n"
    assert load(tmp_path, HEAD + start + "  scope: run\n  asks: scope\n" + end)
    assert problems(tmp_path, HEAD + start + "  asks: scoop\n" + end) == [
        "house.yaml:9: rule R1: asks a question on every source; set `scope: run`",
        "house.yaml:9: rule R1: no question 'scoop'; did you mean 'scope'?",
    ]


def test_the_same_id_twice(tmp_path: Path) -> None:
    assert problems(tmp_path, HEAD + RULE + RULE) == ["house.yaml:21: the rule 'R1' also stands at line 9; rename one"]
    (tmp_path / "other.yaml").write_text(HEAD.replace("house", "other") + RULE)
    found = problems(tmp_path, HEAD + RULE, "other.yaml", "house.yaml")
    assert found == ["house.yaml:9: the rule 'R1' also stands in other.yaml:9; rename one, or use `override`"]


def test_an_override_changes_effect_and_number_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        HEAD.replace("house", "base") + RULE.replace("threshold_mark: H", "threshold_mark: S2")
    )
    text = "policy: house\nversion: '1'\nextends: [base.yaml]\noverride:\n  R1: {effect: block, threshold: 10000, reason: counsel of 2026-11-01}\n"
    policy = load(tmp_path, text)
    rule = policy.rules[-1]
    assert (rule.effect, rule.threshold, rule.threshold_mark) == ("block", 10_000, "H")
    assert policy.overridden == {"R1": "counsel of 2026-11-01"}
    assert [pack.name for pack in policy.packs] == ["base", "house"]
    assert policy.digest() != load(tmp_path, text.replace("10000", "10001")).digest()


def test_what_an_override_may_not_do(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(HEAD.replace("house", "base") + RULE)
    start = "policy: house\nversion: '1'\nextends: [base.yaml]\noverride:\n"
    assert problems(tmp_path, start + "  R2: {effect: info, reason: x}\n") == [
        "house.yaml:5: no rule 'R2' to override; known: CL-CHECKS, CL-FILES, CL-NOT-LOOKED-AT, CL-RECORDS, CL-SUMS, R1"
    ]
    assert problems(tmp_path, start + "  R1: {reason: x}\n") == [
        "house.yaml:5: R1 is overridden by nothing; give effect, threshold, covers_ppm or without_evidence"
    ]
    assert problems(tmp_path, start + "  R1: {effect: off, reason: x}\n")[0].startswith(
        "house.yaml:5: policy.override.R1.effect is text"
    )
    for rule in BUILT_IN:
        found = problems(tmp_path, start + f"  {rule.id}: {{effect: info, reason: x}}\n")
        assert found[0].startswith(f"house.yaml:5: {rule.id} is built in and cannot be changed")


def test_a_circle_of_packs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("policy: a\nversion: '1'\nextends: [house.yaml]\n")
    found = problems(tmp_path, "policy: house\nversion: '1'\nextends: [a.yaml]\n")
    assert found == [
        "a.yaml:3: extends: 'house.yaml' extends itself through house.yaml -> a.yaml -> house.yaml; break the circle"
    ]


def test_an_unknown_pack(tmp_path: Path) -> None:
    found = problems(tmp_path, HEAD, "cn-genia")
    assert found == [
        "policies: no built-in policy 'cn-genia'; did you mean 'cn-genai'?; a file of your own ends in .yaml"
    ]
    assert "cn-genai" in built_in_packs()


@pytest.mark.parametrize("name", built_in_packs())
def test_every_built_in_pack_binds_to_the_checks_there_are(name: str, tmp_path: Path) -> None:
    policy = load_policy((name,), tmp_path, known_measures(BY_NAME))
    for rule in policy.rules:
        for words in (rule.title, rule.guidance):
            assert words.zh != words.en
            assert "\u5408\u89c4" not in words.zh  # the two characters that promise more than evidence
            assert "complian" not in words.en
        assert policy.instruments[rule.instrument].citable
        assert rule.measure is None or rule.threshold_mark is not None


def test_a_superseded_draft_cannot_be_cited(tmp_path: Path) -> None:
    text = "policy: house\nversion: '1'\nextends: [cn-genai]\nrules:\n" + RULE.replace(
        "instrument: IM", "instrument: CN-IM-DRAFT"
    )
    (tmp_path / "house.yaml").write_text(text.replace("unknown_ppm", "unknown_records"))
    with pytest.raises(
        ConfigError,
        match=r"house\.yaml:5: rule R1: CN-IM-DRAFT is not citable \(superseded draft\); cite the final text",
    ):
        load_policy(("house.yaml",), tmp_path, known_measures(BY_NAME))
