"""What a run repeats is counted exactly, however its corpus is cut, and each line is found again by its place."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.repetition import LINE, PARAGRAPH, Repetition
from checks.repetition.pieces import COUNTED
from checks.repetition.reference import pieces
from checks.terms.reference import shingles, terms
from manifests.ledger import open_ledger
from manifests.parquet import parquet_bytes
from manifests.runs import load_manifest, sealed_runs
from manifests.store import LocalStore, Store
from manifests.tables import read_files
from pipelines import repeated
from pipelines.repeated import MERGED, Head, blocks, find_repeated, summed_rows
from schemas.canonical import canonical_json
from schemas.ledger import UNITS
from tests.kit.command import here, lines, write_run

NOTICE = "本网站内容版权所有，未经许可不得转载。"
NOTICE_AGAIN = "本网站内容版权所有,　未经许可不得转载…"  # the same terms, written otherwise
NINE = "Subscribe to our newsletter for weekly updates"
TEN = "Click here to accept all cookies and go on"
CALL = "张三，电话" + "138" + "0013" + "8000" + "，邮编"
SOURCES = {"a": "paths: [corpus/a]\nlicence: MIT\n", "b": "paths: [corpus/b]\nlicence: MIT\n"}


def hash_of(text: str) -> str:
    found = terms(text)
    return f"{shingles(found, len(found))[0]:016x}"


def corpus() -> dict[str, bytes]:
    """25 records in two sources: a notice in 12 records and 13 places, a line in 9 records, one in 10, a paragraph in 10."""
    rows = []
    for i in range(25):
        own = f"第{i}号文章讲述了不同的内容编号{i}"
        body = [own, f"Body text number {i} has its very own words"]
        if i < 12:
            body.append(NOTICE if i % 2 else NOTICE_AGAIN)
        if i == 3:
            body.append(NOTICE)
        if 5 <= i < 14:
            body.append(NINE)
        if 5 <= i < 15:
            body += [TEN, CALL]
        tail = "\n\nThis page was printed\r\nfrom the archive" if i >= 15 else ""
        rows.append({"text": "\n".join(body) + tail})
    return {"a/1.jsonl": lines(*rows[:6]), "a/2.jsonl": lines(*rows[6:9]), "b/1.jsonl": lines(*rows[9:])}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("run")
    path = write_run(folder, SOURCES, corpus())
    done = here("run", path, "--json")
    assert done.code in (0, 1), done.err
    return folder, done.result


def measures(folder: Path) -> dict[str | None, dict[str, int]]:
    ledger = open_ledger(str(folder / "ledger"))
    manifest = load_manifest(ledger.store, sealed_runs(ledger.store)[-1])
    return {m.source: m.values for m in manifest.measures if m.check == "repetition"}


def test_boilerplate_is_counted_over_the_run_and_told_by_source(sealed) -> None:
    found = measures(sealed[0])
    notice, again = len(NOTICE.encode()), len(NOTICE_AGAIN.encode())
    ten, call = len(TEN.encode()), len(CALL.encode())
    tail = len(b"This page was printed\r\nfrom the archive")
    whole = found[None]
    # A line in nine records is not repeated, one in ten is.
    assert whole["repeated_lines"] == 3
    assert whole["repeated_line_bytes"] == 7 * notice + 6 * again + 10 * (ten + call)
    assert (whole["repeated_paragraphs"], whole["repeated_paragraph_bytes"]) == (1, 10 * tail)
    assert whole["repeated_line_ppm"] == (2 * whole["repeated_line_bytes"] * 10**6 + whole["bytes"]) // (
        2 * whole["bytes"]
    )
    assert {s: found[s]["repeated_lines"] for s in "ab"} == {"a": 3, "b": 3}
    assert found["a"]["repeated_line_bytes"] == 5 * notice + 5 * again + 4 * (ten + call)
    assert found["b"]["repeated_paragraph_bytes"] == 10 * tail
    assert found["a"]["repeated_paragraph_ppm"] == 0
    for name in ("repeated_line_bytes", "repeated_paragraph_bytes", "bytes", "lines", "paragraph_bytes"):
        assert whole[name] == found["a"][name] + found["b"][name]


def test_query_names_each_repeated_line_by_hash_and_place_and_never_by_text(sealed) -> None:
    folder, result = sealed
    done = here("query", "repeated", result["run"], "--ledger", folder / "ledger", "--json")
    assert done.code == 0, done.err
    rows = {row["hash"]: row for row in done.result["rows"]}
    assert set(rows) == {hash_of(NOTICE), hash_of(TEN), hash_of(CALL)}
    assert hash_of(NOTICE) == hash_of(NOTICE_AGAIN) == done.result["rows"][0]["hash"]  # most records first
    assert {k: rows[hash_of(NOTICE)][k] for k in ("records", "sources", "places", "shard", "offset")} == {
        "records": 12, "sources": 2, "places": 13, "shard": "corpus/a/1.jsonl", "offset": 0,
    }  # fmt: skip
    first = rows[hash_of(TEN)]
    record = json.loads(corpus()["a/1.jsonl"][first["offset"] :].split(b"\n")[0])
    assert (first["source"], first["records"], TEN in record["text"]) == ("a", 10, True)
    limited = here("query", "repeated", result["run"], "--ledger", folder / "ledger", "--limit", "1", "--json")
    assert limited.result["rows"] == done.result["rows"][:1]
    (paragraph,) = here(
        "query", "repeated", folder / "ledger" / "runs" / result["run"], "--paragraphs", "--json"
    ).result["rows"]
    assert (paragraph["records"], paragraph["source"], paragraph["shard"]) == (10, "b", "corpus/b/1.jsonl")
    plain = here("query", "repeated", result["run"], "--ledger", folder / "ledger").out
    assert hash_of(TEN) in plain and "records" in plain
    for stored in (folder / "ledger").rglob("*"):
        if stored.is_file():
            assert not any(word in stored.read_bytes() for word in (TEN.encode(), CALL.encode(), "版权所有".encode()))


def test_the_rollups_are_named_in_the_files_of_the_run(sealed) -> None:
    ledger = open_ledger(str(sealed[0] / "ledger"))
    manifest = load_manifest(ledger.store, sealed_runs(ledger.store)[-1])
    rows = {row["name"]: row["rows"] for row in read_files(ledger.store, manifest).to_pylist()}
    assert (rows["rollups/repeated_line"], rows["rollups/repeated_paragraph"]) == (3, 1)
    assert here("verify", sealed[0] / "ledger").code == 0


@pytest.mark.parametrize("more", ["plan: {pack_files: 1}\n", "plan: {range_bytes: 700, pack_bytes: 300}\n"])
def test_any_cut_into_units_gives_the_same(sealed, tmp_path: Path, more: str) -> None:
    path = write_run(tmp_path, SOURCES, corpus(), more)
    done = here("run", path, "--json")
    assert measures(tmp_path) == measures(sealed[0])
    asked = [
        here("query", "repeated", r["run"], "--ledger", f / "ledger", "--json").result["rows"]
        for f, r in ((tmp_path, done.result), sealed)
    ]
    assert asked[0] == asked[1]


def test_settings_are_obeyed_and_a_run_without_the_check_says_so(tmp_path: Path) -> None:
    path = write_run(tmp_path, SOURCES, corpus(), "checks: {repetition: {repeated_from: 9, shortest_terms: 7}}\n")
    assert here("run", path, "--json").code in (0, 1)
    assert measures(tmp_path)[None]["repeated_lines"] == 4  # NINE is in nine records and has seven terms
    off = write_run(tmp_path / "off", SOURCES, corpus(), "checks: {repetition: off}\n")
    result = here("run", off, "--json").result
    asked = here("query", "repeated", result["run"], "--ledger", tmp_path / "off" / "ledger")
    assert asked.code == 3
    assert "were not counted; run again with the check 'repetition' on" in asked.err


keys = st.sampled_from([0, 1, 2, 3, 2**63, 2**64 - 1]) | st.integers(0, 40)
row = st.tuples(keys, st.integers(0, 2), st.integers(0, 3), st.integers(0, 5), st.integers(1, 9), st.integers(1, 99), st.integers(0, 99))  # fmt: skip


@settings(max_examples=200)
@given(streams=st.lists(st.lists(row, max_size=20), max_size=6), step=st.integers(1, 4), at_once=st.integers(1, 60))
def test_merged_streams_add_up_what_a_dict_adds_up(streams, step, at_once) -> None:
    expected: dict[tuple[int, int], list[int]] = {}
    for stream in streams:
        for key, source, unit, number, *counts in stream:
            held = expected.setdefault((key, source), [unit, number, 0, 0, 0])
            held[:2] = min(held[:2], [unit, number])
            held[2:] = [a + b for a, b in zip(held[2:], counts, strict=True)]

    def heads_of(rows):
        whole = pa.Table.from_arrays(
            [pa.array([r[i] for r in sorted(rows)], f.type) for i, f in enumerate(MERGED)], schema=MERGED
        )
        return iter([Head(batch) for batch in whole.to_batches(step)])

    tables = list(blocks([heads_of(rows) for rows in streams], at_once))
    assert [tuple(r.values()) for table in tables for r in summed_rows(table).to_pylist()] == [
        (*key, *held) for key, held in sorted(expected.items())
    ]
    edges = [(pa.compute.max(a["hash"]).as_py(), pa.compute.min(b["hash"]).as_py()) for a, b in pairwise(tables)]
    assert all(last < first for last, first in edges)


def units_of(store: Store, tables: list[tuple[str, pa.Table]]) -> pa.Table:
    rows = []
    for unit, (source, table) in enumerate(tables):
        digest = store.put_object(parquet_bytes(table))
        told = {"repetition": {"table.line": {"sha256": digest, "bytes": 1, "rows": table.num_rows}}}
        rows.append({"unit": unit, "source": source, "objects": canonical_json(told).decode(), "shard": f"{unit:05d}", "uri": "u",
                     "strong": True, "shard_bytes": 1, "rows": 1, "records_unread": 0, "status": "read"})  # fmt: skip
    return pa.Table.from_pylist(rows, UNITS)


class Ranged(LocalStore):
    """A store whose files cannot be mapped, as one on the other side of a network."""

    def local_path(self, path: str) -> Path | None:  # type: ignore[override]
        return None

    def get(self, path: str) -> bytes:
        raise AssertionError(f"{path} is read whole")


@pytest.mark.parametrize("far", [False, True], ids=["mapped", "by ranges"])
def test_more_units_than_are_merged_at_once_give_the_same(tmp_path: Path, monkeypatch, far) -> None:
    rng = np.random.default_rng(11)
    store = LocalStore(str(tmp_path))
    tables, expected = [], {}
    for unit in range(30):
        hashes = np.unique(rng.integers(0, 4000, 900).astype(np.uint64) << np.uint64(50))
        columns = [
            hashes,
            *(rng.integers(1, 4, len(hashes)) for _ in range(3)),
            rng.integers(0, 99, len(hashes)).astype(np.uint32),
        ]
        tables.append(("ab"[unit > 20], pa.Table.from_arrays([pa.array(c) for c in columns], schema=COUNTED)))
        for key, records, places, size, first in zip(*(c.tolist() for c in columns), strict=True):
            held = expected.setdefault(key, [set(), 0, 0, 0, unit, first])
            held[0].add("ab"[unit > 20])
            held[1:4] = [held[1] + records, held[2] + places, held[3] + size]
    units = units_of(store, tables)
    opened = Ranged(str(tmp_path)) if far else store
    check = Repetition(repeated_from=12)
    whole = find_repeated(opened, [check], units)
    ((name, digest, rows, _),) = whole.files
    again = {k: v for k, v in expected.items() if v[1] >= 12}
    assert (name, rows) == ("rollups/repeated_line", len(again))
    assert 100 < rows < len(expected) - 100
    table = pa.parquet.read_table(pa.BufferReader(store.get_object(digest))).to_pydict()
    assert [tuple(t) for t in zip(*table.values(), strict=True)] == [
        (key, len(v[0]), *v[1:6]) for key, v in sorted(again.items())
    ]
    assert (
        whole.whole.line_bytes == sum(v[3] for v in again.values()) == sum(s.line_bytes for s in whole.sources.values())
    )
    monkeypatch.setattr(repeated, "FAN_IN", 3)
    monkeypatch.setattr(repeated, "LEAST_BATCH_ROWS", 50)
    monkeypatch.setattr(repeated, "ROWS_AT_ONCE", 100)
    assert find_repeated(opened, [check], units) == whole
    assert find_repeated(opened, [], units) == repeated.Again()


def test_the_reference_says_which_of_the_planted_are_lines_and_which_are_paragraphs() -> None:
    text = json.loads(corpus()["b/1.jsonl"].splitlines()[-1])["text"]
    found = dict(zip((LINE, PARAGRAPH), pieces(text.encode(), 5), strict=True))
    assert [len(found[kind]) for kind in (LINE, PARAGRAPH)] == [2, 2]
