"""What judges the quality counts: floors that the laws of the project ask for, confusions that add up, rules told apart."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from pipelines.bench.figures import floors
from pipelines.bench.quality import languages

FULL = "The children of the village walked along the river to see the old wooden bridge. "


def test_the_floors_are_those_that_were_promised():
    bounds = floors()["quality"]
    assert all(bounds[f"signals_vs_datatrove_{language}"]["floor"] >= 300 for language in ("en", "zh"))
    assert all(bounds[f"signals_vs_polars_{language}"]["floor"] >= 3 for language in ("en", "zh"))
    assert bounds["gopher_agreement_own_tokens_and_lines_en"]["floor"] == 1.0


def test_confusions_shares_and_undetermined_sentences_add_up(tmp_path):
    (tmp_path / "en.txt").write_text(FULL * 2 + "\n\n" + "short\n", encoding="utf-8")
    (tmp_path / "fr.txt").write_text(FULL + "\n", encoding="utf-8")  # labelled wrongly, so it must count as confused
    (tmp_path / "zh.txt").write_text("今天的天气很好，我们一起去公园散步，那里有许多花草树木。\n", encoding="utf-8")
    found = languages(sorted(tmp_path.glob("*.txt")))
    assert found["language_accuracy"] == (0.5, "share")
    assert found["language_precision"] == (2 / 3, "share")
    assert found["language_undetermined"] == (0.25, "share")
    assert found["language_fr_as_en"] == (1, "sentences")
    assert found["language_undetermined_en"] == (1, "sentences")


@pytest.mark.skipif(find_spec("datatrove") is None, reason="datatrove is in the extra `bench`")
def test_decisions_are_compared_and_the_rule_that_differs_is_named(monkeypatch):
    from checks.quality import COUNTS, FURTHER
    from pipelines.bench import quality_agreement as judge
    from schemas.profiles import load

    some = [FULL * 9, "- item\n* other\n" * 40, "a b " * 60]
    lines = judge._lines(some)
    assert lines["inked_lines"].tolist() == [1, 80, 1]
    assert lines["bullet_lines"].tolist() == [0, 40, 0]
    assert lines["ellipses"].tolist() == [0, 0, 0]
    profile = load("gopher", (*COUNTS, *FURTHER)).profile
    rules = {rule.id: rule for rule in profile.rules}
    profile = replace(profile, rules=(rules["few_words"], rules["hashes"]))
    monkeypatch.setattr(judge, "split_into_words", lambda text, language: text.split())

    class Theirs:
        def filter(self, document):
            return True if len(document.text.split()) >= 50 else (False, "short")

    ours = {name: np.zeros(3, np.int64) for name in (*COUNTS, *FURTHER)} | {
        "words": np.array([200, 40, 120]),
        "tokens": np.array([9, 9, 9]),
    }
    told = judge.agreement("en", some, ours, profile, Theirs())
    assert told["gopher_agreement_en"] == (
        2 / 3,
        "share",
    )  # forty words of ours where the filter has a hundred and sixty
    assert told["gopher_agreement_own_tokens_and_lines_en"] == (1.0, "share")
    assert told["gopher_differs_few_words_en"] == (1.0, "documents")
    assert "gopher_differs_hashes_en" not in told
