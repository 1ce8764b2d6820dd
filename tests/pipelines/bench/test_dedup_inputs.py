"""What `bench dedup` reads is the same each time, of the size that was asked for, and its copies are what they are named."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from checks.terms import reference
from pipelines.bench import dedup_growth, dedup_inputs
from pipelines.bench.dedup_growth import many
from pipelines.bench.dedup_inputs import KINDS, LAWS, LEAST_CHARS, MOST_CHARS, PAGES, copy_of, edited, pieces
from pipelines.bench.dedup_inputs import dedup_inputs as made

HERE = pytest.mark.skipif(not (PAGES.exists() and LAWS.exists()), reason="../shared/data is not here")


@pytest.fixture
def absent(tmp_path: Path, monkeypatch):
    for module in (dedup_inputs, dedup_growth):
        monkeypatch.setattr(module, "LAWS", tmp_path / "absent")
        monkeypatch.setattr(module, "PAGES", tmp_path / "absent")
    dedup_growth.clauses.cache_clear()
    yield
    dedup_growth.clauses.cache_clear()


@HERE
def test_real_texts_in_the_numbers_that_the_figures_promise(tmp_path: Path):
    pages, laws = made(tmp_path)
    assert len(pages.texts) == 2391 and pages.input.path == PAGES and pages.input.format == "parquet"
    originals = len(laws.texts) - len(laws.planted)
    assert originals >= 20_000 and len(set(laws.texts[:originals])) == originals
    assert Counter(kind for _, _, kind in laws.planted) == dict.fromkeys(KINDS, 1000)
    assert all(LEAST_CHARS <= len(text) <= MOST_CHARS for text in laws.texts[:originals])


def test_seeded_text_where_there_are_no_real_files(tmp_path: Path, absent):
    found = made(tmp_path / "one", quick=True)
    assert [each.language for each in found] == ["en", "zh"] and all("seeded" in each.said for each in found)
    for each, again in zip(found, made(tmp_path / "two", quick=True), strict=True):
        assert each.texts == again.texts and each.input.path.read_bytes() == again.input.path.read_bytes()
        assert [json.loads(line)["text"] for line in each.input.path.open(encoding="utf-8")] == list(each.texts)
        assert {kind for _, _, kind in each.planted} == set(KINDS)
        assert all(each.texts[copy] == each.texts[of] for copy, of, kind in each.planted if kind == "exact")
        assert all(each.texts[of] in each.texts[copy] for copy, of, kind in each.planted if kind == "wrapped")


def test_pieces_are_cut_at_lines_and_long_lines_at_sentences():
    text = "\n".join(["甲" * 60, "", "乙" * 60, "丙" * 500 + "。" + "丁" * 300, "戊" * 20])
    found = list(pieces(text))
    assert found == ["甲" * 60 + "\n" + "乙" * 60, "丙" * 500 + "。", "丁" * 300]


@pytest.mark.parametrize("share", [0.01, 0.03])
def test_an_edit_changes_as_many_characters_as_it_says(share: float):
    text = "".join(chr(0x4E00 + i) for i in range(1000))
    found = edited(text, share, random.Random(1))
    kept = len(set(text) & set(found))
    assert found != text and abs(len(found) - len(text)) <= 1000 * share and kept >= 1000 * (1 - share)
    assert edited(text, share, random.Random(1)) == found
    assert len(edited("x", share, random.Random(2))) <= 2


def test_a_wrapped_copy_holds_the_text_whole():
    assert "正文" in copy_of("正文", "wrapped", "zh", random.Random(0)) != "正文"


def test_many_documents_are_long_enough_and_a_file_of_them_is_a_unit_by_itself(tmp_path: Path, absent):
    found = many(tmp_path / "many", 3000, a_file=2000)
    assert not dedup_growth.clauses("en")[1] and len(found) == 2
    texts = [[json.loads(line)["text"] for line in each.path.open(encoding="utf-8")] for each in found]
    assert [len(each) for each in texts] == [2000, 1000]
    assert min(len(reference.terms(text)) for text in texts[0][:300]) >= 20
    assert found[0].size_bytes / 2000 * dedup_growth.A_FILE > 16 << 20  # the plan ends a unit after such a file
    whole = Counter(text for each in texts for text in each)
    assert len(whole) < 3000  # exact copies
    again = many(tmp_path / "again", 3000, a_file=2000)
    assert [each.path.read_bytes() for each in again] == [each.path.read_bytes() for each in found]
