"""What judges the licence check: notices that are many and differ, labels that are corrected openly, counts that count."""

from collections import Counter
from importlib import resources
from importlib.util import find_spec

import pytest

from checks.licence.uses import AXES, resolve
from pipelines.bench import licence, licence_truth
from pipelines.bench.figures import floors
from pipelines.bench.licence import accuracy, too_kind
from pipelines.bench.licence_scancode import beside_scancode
from pipelines.bench.licence_truth import DEBIAN, Answer, Labelled, answers, batch, corrections, debian, families, ids
from pipelines.escalation.detector import PYTHON_VARIABLE
from tests.kit.licence_notices import notices

here = pytest.mark.skipif(not DEBIAN.is_file(), reason="the shared labelled text is not on this machine")
MADE = notices()


def test_there_are_at_least_three_hundred_different_notices_of_every_kind_in_every_place_and_both_languages():
    assert len({each.text for each in MADE}) >= 300
    by = Counter((each.kind, each.place, each.language) for each in MADE)
    assert len(by) == 7 * 3 * 2 and min(by.values()) >= 6
    kinds = {"non-commercial", "no-derivatives", "rail", "llama", "research-only", "no-repost", "no-training"}
    assert {each.kind for each in MADE} == kinds
    assert any(each.text.endswith("未经授权不得转载") for each in MADE) and any(
        "禁止用于训练" in each.text for each in MADE
    )


def test_the_same_seed_gives_the_same_notices_and_another_gives_others():
    assert notices(1) == notices(1) != notices(1, seed=8)


@pytest.mark.parametrize("truth", sorted({each.truth for each in MADE}))
def test_every_notice_stands_for_a_row_of_the_table_that_withholds_something(truth):
    row = resolve(truth)
    assert any(row.answers[axis].value == "deny" or row.answers[axis].value == "conditional" for axis in AXES)
    assert any(row.answers[axis].value != "unknown" for axis in AXES)


def test_the_builder_is_written_apart_from_the_detectors():
    source = resources.files("pipelines.bench").joinpath("licence_notices.py").read_text(encoding="utf-8")
    assert "import checks" not in source and "from checks" not in source


def test_an_answer_that_grants_more_on_one_axis_is_counted_and_a_stricter_one_is_not():
    assert (
        too_kind([("MIT", "CC-BY-NC-4.0"), ("CC-BY-4.0", "CC-BY-ND-4.0"), ("unknown", "LicenseRef-no-training")]) == 3
    )
    assert (
        too_kind(
            [("CC-BY-NC-4.0", "CC-BY-4.0"), ("LicenseRef-no-training", "LicenseRef-no-training"), ("unknown", "MIT")]
        )
        == 0
    )


def test_ids_and_families_are_those_of_the_expression():
    assert ids("GPL-2.0-or-later WITH Classpath-exception-2.0 AND (MIT OR Apache-2.0)") == {
        "GPL-2.0-or-later",
        "MIT",
        "Apache-2.0",
    }
    assert ids(None) == ids("") == frozenset()
    assert families({"GPL-2.0-or-later", "LGPL-2.1-only", "MIT"}) == {"GPL-2.0", "LGPL-2.1", "MIT"}


def test_shares_count_exact_and_family_matches_apart():
    labelled = [Labelled("x", frozenset({name})) for name in ("MIT", "GPL-2.0-only", "ISC", "Zlib")]
    decided = [Answer(name, "permissive", 1) for name in ("MIT", "GPL-2.0-or-later", "MIT")] + [
        Answer(None, "unknown", 0)
    ]
    told = accuracy(labelled, decided)
    assert told["licence_family_accuracy"] == (0.5, "share") and told["licence_exact_accuracy"] == (0.25, "share")
    assert told["licence_undecided"] == (0.25, "share")


def test_the_check_answers_each_text_by_itself():
    told = answers(["SPDX-License-Identifier: MIT\n", "nothing here", "x" * 300 + "\n本站内容未经授权不得转载。"])
    assert told[0].row == "MIT" and told[1] == Answer(None, "unknown", 0) and told[2].licence_class == "restricted"
    assert batch(["a", "b"]).num_rows == 2


def test_corrections_give_their_reason_and_no_text():
    for each in corrections():
        assert len(each["sha256"]) == 64 and each["reason"] and each["truth"]
        assert set(each) == {"path", "sha256", "truth", "reason"}


@here
def test_corrections_are_of_the_texts_that_are_there():
    published, corrected = debian(corrected=False), debian()
    assert len(published) == len(corrected) and sum(a != b for a, b in zip(published, corrected)) == len(corrections())


@here
def test_a_correction_of_another_text_is_refused(monkeypatch):
    changed = [{**corrections()[0], "sha256": "0" * 64}]
    monkeypatch.setattr(licence_truth, "corrections", lambda: changed)
    with pytest.raises(ValueError, match="not the text that licence_gold"):
        debian()


def test_the_figures_with_bounds_are_those_that_are_promised():
    assert set(floors()["licence"]) == {
        "licence_family_accuracy", "licence_restricted_as_permitted", "licence_stage_mb_s", "licence_index_ready_s", "licence_index_peak_mb",
    }  # fmt: skip


@here
def test_the_index_is_ready_at_once_where_it_lies_in_the_cache():
    told = licence.index_cost(debian()[:1])
    assert 0 < told["licence_index_ready_s"][0] < 2 and 0 < told["licence_index_peak_mb"][0] < 100
    assert told["licence_index_made_cpu_s"][0] > told["licence_index_ready_s"][0]


@here
def test_scancode_is_measured_on_a_sample_or_said_not_to_be_here(monkeypatch):
    monkeypatch.setenv(PYTHON_VARIABLE, "/nowhere/python")
    told, said = beside_scancode(debian()[:3], quick=True, least=lambda work: 1.0)
    assert told == {} and said.startswith("scancode not measured: ") and "/nowhere/python" in said
    monkeypatch.delenv(PYTHON_VARIABLE)
    if find_spec("licensedcode") is None:
        assert (
            "pip install 'corpusledger[escalation]'"
            in beside_scancode(debian()[:3], quick=True, least=lambda work: 1.0)[1]
        )
