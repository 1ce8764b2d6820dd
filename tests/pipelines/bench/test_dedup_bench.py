"""Every program of `bench dedup` finds planted copies in the same file, and its figures follow from what the programs said."""

import json
from pathlib import Path

import numpy as np
import pytest

from pipelines.bench import dedup, dedup_elements, dedup_exchange, dedup_peers
from pipelines.bench.dedup_inputs import Corpus, written
from pipelines.bench.dedup_jobs import Job, our_job, peer_job
from pipelines.bench.dedup_truth import recall, removals
from pipelines.bench.figures import floors
from pipelines.bench.used import Used
from pipelines.demo.words import stock


def small(folder: Path, language: str) -> Corpus:
    """Sixty texts, ten of them again: whole, and with a term at the end."""
    originals = [stock(language).writing(f"test/{i}").text for i in range(60)]
    end = " again" if language == "en" else "又"
    texts = [*originals, *originals[:5], *(text + end for text in originals[5:10])]
    planted = tuple((60 + i, i, "exact" if i < 5 else "wrapped") for i in range(10))
    return Corpus(language, written(folder / f"{language}.jsonl", texts, language), tuple(texts), planted, "small")


@pytest.mark.parametrize(("peer", "language"), [("datatrove", "zh"), ("rensa", "en"), ("rensa", "zh")])
def test_a_peer_finds_the_planted_copies(tmp_path: Path, peer: str, language: str):
    corpus = small(tmp_path, language)
    job = peer_job(peer, tmp_path / peer, corpus)
    assert all(job.kept_of[copy] == job.kept_of[of] for copy, of, kind in corpus.planted if kind == "exact")
    found = sum(job.kept_of[copy] == job.kept_of[of] for copy, of, _ in corpus.planted)
    assert found >= 8 and 0 < job.work_cpu_s <= job.used.cpu_s
    assert all(job.kept_of[kept] == kept for kept in job.kept_of)


def test_ours_finds_them_and_removes_nothing_else(tmp_path: Path):
    corpus = small(tmp_path, "zh")
    truth = dedup.truth_of(corpus)
    job = our_job(tmp_path / "ours", corpus)
    assert all(job.kept_of[copy] == job.kept_of[of] for copy, of, _ in corpus.planted)
    right, removed = removals(truth[0], job.kept_of)
    assert right == removed >= 10 and recall(truth[1], job.kept_of) > 0.9


def test_shingles_are_five_words_or_five_characters():
    assert dedup_peers.shingles("One, two three_four: five six", "en") == [
        "one two three four five",
        "two three four five six",
    ]
    assert dedup_peers.shingles("第一条 ABC法", "zh") == ["第 一 条 abc 法"]
    assert dedup_peers.shingles("two words", "en") == ["two words"] and dedup_peers.shingles("…", "zh") == []


def test_a_set_stands_for_itself_by_its_least_member():
    forest = dedup_peers.Forest(6)
    for one, other in ((4, 2), (5, 4), (1, 5), (3, 3)):
        forest.join(one, other)
    roots = dedup_peers.stands_for([forest.root(i) for i in range(6)])
    assert roots.tolist() == [0, 1, 1, 3, 1, 1]


def test_both_exchanges_bring_the_same_documents_together(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(dedup_exchange, "A_UNIT", 50)
    rows = dict(enumerate(np.concatenate([dedup_exchange.hashes(s, 50) for s in (0, 50)]).tolist()))
    groups: dict[tuple[int, int], list[int]] = {}
    for start in (0, 50):
        for key, document in dedup_elements.elements((start, 50)):
            assert rows[document][key[0]] == key[1]
            groups.setdefault(key, []).append(document)
    found = {pair for group in groups.items() for pair in dedup_elements.pairs(group)}
    assert found == {(i, i + 10) for i in range(0, 100, 20)}
    cost, ours = dedup_exchange.by_files(tmp_path, 100)
    assert set(zip(ours["a"].tolist(), ours["b"].tolist())) == found
    assert cost["cpu_us"] > 0 and cost["written"] > cost["read"] > 16 * 16


def test_the_figures_follow_from_what_the_programs_said(tmp_path: Path, monkeypatch):
    corpora = tuple(small(tmp_path, language) for language in ("en", "zh"))
    kept = np.arange(70, dtype=np.int64)
    for copy, of, _ in corpora[0].planted:
        kept[copy] = of
    used = Used(9.0, 9.0, 10**8, 0, "")
    peaks = iter([10**8, 11 * 10**7, 12 * 10**7])
    sketch = {name: (200.0, "x") for name in floors()["dedup"] if name.startswith("signatures_vs")}
    monkeypatch.setattr(dedup, "dedup_inputs", lambda folder, quick: corpora)
    monkeypatch.setattr(dedup, "signature_figures", lambda corpora: sketch)
    monkeypatch.setattr(dedup, "exchange_figures", lambda documents: {"exchange_us_a_document": (9.0, "us")})
    monkeypatch.setattr(dedup, "our_job", lambda folder, corpus: Job(used, 2.0, kept))
    monkeypatch.setattr(dedup, "peer_job", lambda peer, folder, corpus: Job(used, 50.0, kept))
    monkeypatch.setattr(dedup, "many", lambda folder, documents, a_file: folder.mkdir(parents=True) or ())
    monkeypatch.setattr(
        dedup,
        "our_scan",
        lambda folder, files: (
            Used(9.0, 9.0, next(peaks), 0, ""),
            {"records_looked_at": SIZES[folder.name], "work_cpu_ms": 1000},
        ),
    )
    SIZES.update(dedup.SIZES)
    found = dedup.bench()
    figures = {figure.name: figure.value for figure in found.figures}
    assert figures.keys() >= floors()["dedup"].keys() and json.loads(found.line())["bench"] == "dedup"
    assert figures["dedup_vs_datatrove_en"] == 25 and figures["dedup_peak_growth"] == 1.2
    assert figures["dedup_precision"] == 1.0 and figures["dedup_recall_exact_zh"] == 1.0
    assert figures["dedup_mb_s_en"] == pytest.approx(corpora[0].text_bytes / 10**6 / 2, rel=1e-3)


SIZES: dict[str, int] = {}
