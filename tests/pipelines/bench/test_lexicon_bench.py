"""The lexicon part of `bench quality`: its figures are those that are bound, and an audit of a raw list takes its hits away."""

import pytest

from pipelines.bench import quality_lexicon as bench
from pipelines.bench.figures import floors
from pipelines.demo.words import stock

TEXTS = [stock("zh").writing(f"test/{number}").text for number in range(1_100)]


def test_the_bound_on_false_hits_is_the_one_that_was_promised():
    assert floors()["quality"]["lexicon_false_hits_ppm"]["ceiling"] <= 10_000


def test_false_hits_are_documents_and_not_places():
    assert bench._hit_ppm(["网上赌场开户，网上赌场开户", "没有", "港口", "山"]) == 250_000


def test_an_audit_on_one_half_takes_the_hits_of_everyday_words_from_the_other(monkeypatch):
    monkeypatch.setattr(bench, "_other", lambda: TEXTS[:300])
    found = bench.audit_of(TEXTS)
    assert found["lexicon_raw_documents_ppm"][0] == 1_000_000
    assert found["lexicon_audit_hits_gone"][0] > 0.9
    assert found["lexicon_audited_documents_ppm"][0] < found["lexicon_raw_documents_ppm"][0]


@pytest.mark.skipif(not bench.COLD.is_file(), reason="../shared/data is not here")
def test_cold_is_told_with_its_base_rate():
    found = bench.cold()
    assert 0.4 < found["lexicon_cold_base_rate"][0] < 0.6
    assert found["lexicon_cold_recall"][0] < 0.05  # a lexicon of offers and calls is no classifier of offence
