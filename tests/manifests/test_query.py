"""Questions: runs, sources of a run, runs with a domain; only what is sealed answers, and what changed is refused."""

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from manifests.parquet import parquet_bytes
from manifests.query import DomainRow, runs, runs_with_domain, sources_of
from schemas import ledger as shapes
from schemas.errors import StoreError
from tests.kit.ledgers import seal, small_ledger


def test_runs_are_listed_in_the_logs_order(tmp_path):
    ledger, _ = small_ledger(tmp_path, runs=2)
    found = runs(ledger)
    assert [(r.run, r.model, r.records, r.sources, r.stopped, r.effect, r.signed) for r in found] == [
        ("run-1", "demo-7B", 11, 2, True, "block", True), ("run-2", "demo-7B", 11, 2, True, "block", True),
    ]  # fmt: skip


def test_sources_of_a_run(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    books, news = sources_of(ledger, "run-1")
    assert (books.source, books.licence, books.records, books.not_looked_at) == ("books-en", "CC0-1.0", 2, 1)
    assert (news.name, news.source_class, news.files, news.bytes, news.records, news.unread, news.findings) == (
        "新闻网页", "self-collected", 3, 300, 9, 1, {"licence": 1},
    )  # fmt: skip
    with pytest.raises(StoreError, match="no sealed run 'run-7'; the newest are: run-1"):
        sources_of(ledger, "run-7")


def test_runs_with_a_domain(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    seal(ledger, "run-2", None, domains=(("example.cn", "news-zh", 1, 7), ("notexample.cn", "news-zh", 1, 7)))
    found = runs_with_domain(ledger, "Example.CN.")
    assert found.not_counted == ()
    assert [(r.run, r.domain) for r in found.rows] == [
        ("run-1", "news.example.cn"), ("run-2", "example.cn"), ("run-2", "news.example.cn"),
    ]  # fmt: skip
    assert runs_with_domain(ledger, "example.cn", below=False).rows == (
        DomainRow("run-2", "example.cn", "news-zh", 1, 7),
    )
    assert runs_with_domain(ledger, "nowhere.example").rows == ()


def test_a_chinese_domain_is_found_in_both_spellings(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    for asked in ("例子.example", "xn--fsqu00a.example"):
        assert [(r.records, r.bytes) for r in runs_with_domain(ledger, asked).rows] == [(2, 80)]


@pytest.mark.parametrize("asked", ["", " ", "https://example.org/", "a b", "x@y", "example.org:80"])
def test_what_is_no_domain_is_told(tmp_path, asked):
    ledger, _ = small_ledger(tmp_path, runs=0)
    with pytest.raises(StoreError, match="not a domain name; give it without scheme"):
        runs_with_domain(ledger, asked)


def test_a_run_that_counted_no_domains_is_named(tmp_path, monkeypatch):
    ledger, _ = small_ledger(tmp_path)
    monkeypatch.setattr("schemas.ledger.DOMAINS", "rollups/other")
    seal(ledger, "run-2", None)
    assert runs_with_domain(ledger, "news.example.cn").not_counted == ("run-2",)


def test_what_only_lies_there_is_not_read(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    loose = pa.table({"domain": ["loose.example"], "source": ["x"], "records": [1], "bytes": [1]})
    ledger.store.put_object(parquet_bytes(loose.cast(shapes.ROLLUP_DOMAIN)))
    ledger.store.put("runs/run-9/manifest.json", ledger.store.get("runs/run-1/manifest.json"))
    assert runs_with_domain(ledger, "loose.example").rows == ()
    assert [r.run for r in runs(ledger)] == ["run-1"]


@pytest.mark.parametrize(("path", "ask"), [
    ("runs/run-1/manifest.json", lambda ledger: sources_of(ledger, "run-1")),
    ("runs/run-1/files.parquet", lambda ledger: runs_with_domain(ledger, "x.example")),
])  # fmt: skip
def test_what_was_changed_gives_no_answer(tmp_path, path, ask):
    ledger, _ = small_ledger(tmp_path)
    ledger.store.put(path, ledger.store.get(path).replace(b"1", b"2"))
    with pytest.raises(StoreError, match="it was changed"):
        ask(ledger)


def test_legal_staffs_part_starts_without_the_engine():
    heavy = (
        "apache_beam",
        "presidio_analyzer",
        "great_expectations",
        "spacy",
        "pandas",
        "boto3",
        "obstore",
        "pipelines",
        "checks",
    )
    code = f"import sys, manifests.query, manifests.disclose, manifests.verify; print([m for m in {heavy} if m in sys.modules])"
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert told.stdout.strip() == "[]"
