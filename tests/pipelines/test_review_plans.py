"""Sampling plans: what is shipped, with its numbers and marks, and every mistake in a customer's own told with its line."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from pipelines.review_choose import allotted, group_of, wanted_of
from pipelines.review_plans import SHIPPED, load_plans
from schemas.errors import ConfigError
from schemas.json_schemas import all_schemas
from schemas.rule import MARKS

PLANS = load_plans()
TEXT = SHIPPED.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("ident", "size", "share", "each", "must_pass", "size_mark"),
    [
        ("corpus-manual", 4000, None, "run", 960_000, "S2"), ("corpus-technical", None, 100_000, "run", 980_000, "S2"),
        ("source-collected", 1000, None, "source", 950_000, "H"), ("source-kept", 1000, None, "source", 950_000, "H"),
        ("metadata", 100, None, "class", 1_000_000, "D"), ("safety-records", 100, None, "run", 1_000_000, "D"),
        ("safety-accuracy", 4000, None, "run", None, "M"), ("ip-records", 100, None, "run", 1_000_000, "D"),
        ("ip-accuracy", 4000, None, "run", None, "D"), ("ai-generated", 4000, None, "run", None, "D"),
    ],
)  # fmt: skip
def test_the_shipped_plans_have_the_numbers_of_the_practice_documents(ident, size, share, each, must_pass, size_mark):
    plan = PLANS.plan(ident)
    assert (plan.size, plan.share_ppm, plan.each, plan.pass_ppm, plan.size_mark) == (
        size,
        share,
        each,
        must_pass,
        size_mark,
    )
    instrument = dict(PLANS.pack.instruments)[plan.instrument]
    assert plan.mark in MARKS and (plan.mark in (instrument.mark, "M"))
    assert plan.asks.zh and plan.asks.en


def test_a_source_is_sampled_before_and_after_filtering():
    assert (PLANS.plan("source-collected").of, PLANS.plan("source-kept").of) == ("looked-at", "kept")
    for ident in ("source-collected", "source-kept"):
        stopping = PLANS.plan(ident).stopping
        assert stopping is not None and stopping.beta_ppm * 1_000_000 <= 50_000 * (1_000_000 - stopping.alpha_ppm)


def test_the_shipped_file_fits_its_json_schema():
    jsonschema.validate(
        yaml.safe_load(TEXT.replace("effective: 2024-02-29", 'effective: "2024-02-29"')), all_schemas()["review"]
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    size: 4000\n    size_mark: S2", "    size_mark: S2", "says neither size nor share_ppm"),
        ("    pass_mark: S2\n\n  - id: corpus-technical", "\n  - id: corpus-technical", "pass_ppm and pass_mark go together"),
        ('instrument: TC260-003\n    article: "9.2 a)"', 'instrument: TC260-004\n    article: "9.2 a)"', "did you mean 'TC260-003'?"),
        ("fact: class, is: [synthetic]", "fact: klass, is: [synthetic]", "no fact 'klass' of a source; did you mean 'class'?"),
        ("id: source-kept", "id: source-collected", "a second plan 'source-collected'"),
        ("cap: 1000}", "cap: 900}", "stopping ends at cap 900, size is 1000"),
        ("bad_ppm: 50000", "bad_ppm: 10000", "give 0 < good < bad"),
        ("bad_ppm: 50000", "bad_ppm: 60000", "stopping tests bad_ppm, which must be what may fail"),
        ("by: machine", "by: machine\n    reviewers: 2", "a machine is no two reviewers"),
        ("size: 300", "sise: 300", "no key 'sise'"),
        ("    each: source\n    size: 1000", "    each: source\n    least_each_source: 59\n    size: 1000", "stopping needs one sample of a fixed size"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, told: str):
    assert old in TEXT
    path = tmp_path / "plans.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_plans(path)
    assert told in str(error.value) and str(error.value).startswith(f"{path}:")


def test_a_draft_that_may_not_be_cited_is_refused_and_a_plan_that_is_not_there_is_told(tmp_path: Path):
    path = tmp_path / "plans.yaml"
    path.write_text(
        TEXT.replace("    status: the customer may change it", "    status: withdrawn\n    citable: no"),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match="HOUSE is not citable"):
        load_plans(path)
    with pytest.raises(ConfigError, match="did you mean 'corpus-manual'"):
        PLANS.plan("corpus-manuel")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_plans(tmp_path / "none.yaml")


def test_how_many_a_plan_asks_for():
    manual, technical = PLANS.plan("corpus-manual"), PLANS.plan("corpus-technical")
    assert [wanted_of(manual, n) for n in (0, 10, 4000, 10**6)] == [0, 10, 4000, 4000]
    assert [wanted_of(technical, n) for n in (0, 1, 11, 10**6)] == [0, 1, 2, 100_000]  # at least a tenth


def test_strata_get_their_part_and_at_least_what_is_asked():
    assert allotted(4000, [10_000, 1_000_000, 30], 59) == [59, 3960, 30]
    assert sum(allotted(1000, [333, 333, 334], 0)) == 1000 and allotted(10, [1, 1, 1], 0) == [1, 1, 1]
    assert allotted(0, [], 5) == []


def test_groups_are_the_run_the_class_as_declared_or_the_source():
    assert group_of("run", "web", {}) == "run" and group_of("source", "web", {}) == "web"
    assert [group_of("class", *s) for s in (("web", {"class": "commercial"}), ("web", {}), ("unregistered", {}))] == [
        "commercial", "undeclared", "unregistered",
    ]  # fmt: skip
