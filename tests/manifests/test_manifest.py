"""Manifest: golden bytes and schema, round trip, comparison without clocks and reuse, every sum that must come out."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyarrow as pa
import pytest

from manifests.ledger import open_ledger
from manifests.manifest import comparable, decode, encode, measure_rows, registry_of, verify_conservation
from manifests.runs import load_manifest, sealed_run
from manifests.tables import read_units, units_root, write_files, write_units
from manifests.verify import units_against_counts
from schemas import ledger as shapes
from schemas.canonical import canonical_json, parse_json
from schemas.described import json_schema
from schemas.errors import StoreError
from schemas.manifest import SCHEMA_ID, Decisions, Manifest, TableEntry
from schemas.source import Source
from tests.kit.ledgers import manifest, small_ledger, units_table

SCHEMAS = Path(__file__).parents[2] / "schemas" / "json"


@pytest.fixture
def made(tmp_path: Path) -> Manifest:
    ledger, _ = small_ledger(tmp_path)
    return load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))


def test_the_schema_files_are_what_the_code_says(made, tmp_path):
    stored = json.loads((SCHEMAS / "manifest.schema.json").read_text())
    assert stored == json_schema(Manifest, SCHEMA_ID)
    assert json.loads((SCHEMAS / "ledger.schema.json").read_text()) == shapes.LEDGER_SCHEMA
    jsonschema.validate(parse_json(encode(made)), stored)
    jsonschema.validate(
        parse_json(open_ledger(str(tmp_path / "ledger")).store.get("ledger.json")), shapes.LEDGER_SCHEMA
    )


def test_it_comes_back_as_it_went(made):
    assert decode(encode(made)) == made
    assert encode(decode(encode(made))) == encode(made)


def test_a_later_field_is_passed_over_and_an_unknown_format_is_refused(made):
    value = parse_json(encode(made))
    assert decode(canonical_json({**value, "added_later": {"x": 1}})) == made
    newer = canonical_json({**value, "format": 2, "product": {**value["product"], "version": "3.0"}})
    with pytest.raises(
        StoreError, match=r"m\.json: manifest format 2, this program reads 1; .*corpusledger 3\.0 or later"
    ):
        decode(newer, "m.json")


@pytest.mark.parametrize(("path", "wrong"), [("run", 1), ("counts", []), ("measures", {}), ("units", None)])
def test_a_wrong_type_and_a_missing_key_are_placed(made, path, wrong):
    value = parse_json(encode(made))
    with pytest.raises(StoreError, match=rf"m\.json: Manifest\.{path} is "):
        decode(canonical_json({**value, path: wrong}), "m.json")
    del value[path]
    with pytest.raises(StoreError, match=rf"m\.json: Manifest lacks '{path}'"):
        decode(canonical_json(value), "m.json")


def test_it_holds_no_float(made):
    with pytest.raises(TypeError, match="no floats"):
        encode(replace(made, settings={"threshold": 0.8}))


def test_clock_machine_name_and_reuse_are_outside_the_comparison(made):
    entry = TableEntry("runs/other/units/00000.parquet", "ee" * 32, 7)
    other = replace(
        made, run="other", started="2027-01-01T00:00:00Z", finished="2027-01-01T00:00:01Z", log=None,
        execution={"runner": "flink", "reused": 3}, units=replace(made.units, tables=(entry,)),
    )  # fmt: skip
    assert comparable(other) == comparable(made)
    assert comparable(replace(made, units=replace(made.units, root="ee" * 32))) != comparable(made)
    assert comparable(replace(made, gate=replace(made.gate, stopped=False))) != comparable(made)


def test_every_number_has_unit_method_and_coverage(made):
    row = next(r for r in measure_rows(made) if r.source == "news-zh" and r.measure == "restricted_ppm")
    assert (row.value, row.unit, row.looked_at, row.unread) == (142857, "ppm", 7, 2)
    assert row.method.startswith("records with a non-commercial licence mark")


def test_the_registry_says_what_is_declared():
    registry = registry_of([Source("b", ("x/*",)), Source("a", ("y",), source_class="commercial", licence="MIT")])
    assert [s.id for s in registry.sources] == ["a", "b"]
    assert registry.sources[0].declared["class"] == "commercial"
    assert "licence" not in registry.sources[1].declared
    assert registry_of([Source("b", ("x/*",))]).digest != registry.digest


def test_a_good_manifest_conserves(made):
    assert verify_conservation(made) == []


def _counts(m: Manifest, **parts: object) -> Manifest:
    return replace(m, counts=replace(m.counts, **parts))


BROKEN = {
    "files listed 7 is not": lambda m: _counts(m, files=replace(m.counts.files, listed=7)),
    "bytes listed 601, by media type 600": lambda m: _counts(m, files=replace(m.counts.files, listed_bytes=601)),
    "by media type 0": lambda m: _counts(m, media=tuple(c for c in m.counts.media if c.status != "not-looked-at")),
    "records read 12 is not": lambda m: _counts(m, records=replace(m.counts.records, read=12)),
    "unread 1, by reason 2": lambda m: _counts(m, records=replace(m.counts.records, unread_by={"not json": 2})),
    "check licence: records read 11 is not": lambda m: _counts(m, checks=(replace(m.counts.checks[0], looked_at=10),)),
    "fewer than the run's": lambda m: _counts(m, checks=(replace(m.counts.checks[0], unread=0),)),
    "kept + redacted + dropped + held = 9": lambda m: _counts(m, decisions=Decisions(9, 0, 0, 0)),
    "over its sources": lambda m: _counts(m, sources=m.counts.sources[:1]),
    "findings of licence 2, over its sources 1": lambda m: _counts(
        m, checks=(replace(m.counts.checks[0], findings=2),)
    ),
    "measures of licence over news-zh": lambda m: replace(
        m, measures=(*m.measures[:2], replace(m.measures[2], looked_at=6))
    ),
    "source nowhere is not among": lambda m: replace(m, measures=(replace(m.measures[1], source="nowhere"),)),
}


@pytest.mark.parametrize("says", BROKEN)
def test_every_broken_sum_is_told(made, says):
    assert says in "\n".join(verify_conservation(BROKEN[says](made)))


def test_units_are_sorted_cut_checked_and_rooted(tmp_path, monkeypatch):
    ledger, _ = small_ledger(tmp_path, runs=0)
    rows = units_table(ledger.store, "r")
    monkeypatch.setattr("manifests.tables.UNITS_ROWS", 3)
    shuffled = rows.take(pa.array([5, 2, 0, 6, 4, 1, 3]))
    units = write_units(ledger.store, "r", [shuffled.slice(0, 4), shuffled.slice(4)])
    assert [(t.name[-13:], t.rows) for t in units.tables] == [
        ("00000.parquet", 3),
        ("00001.parquet", 3),
        ("00002.parquet", 1),
    ]
    files = write_files(ledger.store, "r", [("b", "0" * 64, 1, "k"), ("a", "1" * 64, 2, "k")])
    made = manifest("r", units, files)
    back = read_units(ledger.store, made)
    assert list(zip(back["source"].to_pylist(), back["shard"].to_pylist(), back["range_start"].to_pylist(), strict=True)) == [
        ("books-en", "books/cover.png", None), ("books-en", "books/one.txt", None), ("books-en", "books/two.txt", None),
        ("news-zh", "crawl/a.jsonl", 0), ("news-zh", "crawl/a.jsonl", 60), ("news-zh", "crawl/b.jsonl", None),
        ("news-zh", "crawl/c.jsonl.gz", None),
    ]  # fmt: skip
    assert units_root(back) == units.root
    assert units_against_counts(back, made) == []
    first = back.schema.get_field_index("rows")
    fewer = back.set_column(first, back.schema.field(first), pa.array([0] * 7, pa.uint32()))
    assert units_against_counts(fewer, made) == ["records read 11, in units/ 0"]
    ledger.store.put(units.tables[1].name, b"PAR1")
    with pytest.raises(StoreError, match=r"units/00001\.parquet: its bytes do not hash to the digest in the manifest"):
        read_units(ledger.store, made)


def test_the_root_does_not_follow_the_plan(tmp_path):
    ledger, _ = small_ledger(tmp_path, runs=0)
    rows = units_table(ledger.store, "r").to_pylist()
    whole = [r for r in rows if r["range_start"] != 60]
    for row in whole:
        row["range_start"] = row["range_end"] = None
    one = write_units(ledger.store, "r", [pa.Table.from_pylist(rows, shapes.UNITS)])
    two = write_units(ledger.store, "s", [pa.Table.from_pylist(whole, shapes.UNITS)])
    assert one.root == two.root


def test_a_place_stands_once_and_a_shard_has_one_digest(tmp_path):
    ledger, _ = small_ledger(tmp_path, runs=0)
    rows = units_table(ledger.store, "r")
    with pytest.raises(StoreError, match="two rows have one place"):
        write_units(ledger.store, "r", [rows, rows.slice(0, 1)])
    other = rows.to_pylist()
    other[1]["shard_digest"] = "f" * 64
    with pytest.raises(StoreError, match="changed while it was read"):
        write_units(ledger.store, "r", [pa.Table.from_pylist(other, shapes.UNITS)])
    with pytest.raises(StoreError, match="two files are named 'a'"):
        write_files(ledger.store, "r", [("a", "0" * 64, 1, "k"), ("a", "1" * 64, 1, "k")])
