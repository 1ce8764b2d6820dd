"""Tables of hashed keys merged into the run's: the same for every cut into units and parts; nobody is named; the query tells them."""

import json
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.personal.tables import SCHEMAS
from manifests.diversity_tables import sizes_of
from manifests.parquet import parquet_bytes, read_parquet
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files
from manifests.verify import verify_run
from pipelines.keyed_rollups import KEY_BITS, PART_BITS, keys_in, merged_keys
from pipelines.table_sums import TableSums, summed
from schemas.diversity import spread
from schemas.ledger import AUTHORS, ROLLUP_AUTHOR, ROLLUP_URL, URLS
from tests.kit.command import here, lines, write_run

# Keys that share all, some or none of the bits by which they go to parts.
close = st.builds(
    lambda high, low: high.to_bytes(8, "big") + low.to_bytes(8, "big"),
    st.sampled_from([0, 1, 1 << (KEY_BITS - PART_BITS), 5 << 40, 2**64 - 1]) | st.integers(0, 2**64 - 1),
    st.sampled_from([0, 1, 2**64 - 1]),
)
rows = st.fixed_dictionaries({"author": close, "records": st.integers(1, 2**40), "bytes": st.integers(0, 2**40)})
units = st.lists(
    st.tuples(st.sampled_from(["b", "a", "源"]), st.lists(rows, min_size=1, max_size=9)), min_size=1, max_size=6
)


def naive(parts):
    """By Python's dicts and their order alone."""
    sums = {}
    for source, of_unit in parts:
        for row in of_unit:
            held = sums.setdefault((row["author"], source), [0, 0])
            held[0] += row["records"]
            held[1] += row["bytes"]
    return [(key, source, *counts) for (key, source), counts in sorted(sums.items())]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return open_store(str(tmp_path_factory.mktemp("store")))


def put(store, parts):
    objects = []
    for source, of_unit in parts:
        table = summed(pa.Table.from_pylist(of_unit, SCHEMAS["author"]))
        objects.append((source, store.put_object(parquet_bytes(table)), table.num_rows))
    return objects


@settings(max_examples=60, deadline=None)
@given(parts=units, rows_at_once=st.integers(1, 60))
def test_keys_are_added_up_by_source_however_the_rows_go_to_parts(store, parts, rows_at_once):
    tables = list(merged_keys(store, put(store, parts), ROLLUP_AUTHOR, rows_at_once))
    found = pa.concat_tables([ROLLUP_AUTHOR.empty_table(), *tables])
    assert found.schema == ROLLUP_AUTHOR
    assert [tuple(row.values()) for row in found.to_pylist()] == naive(parts)
    assert sum(keys_in(table) for table in tables) == len({key for key, *_ in naive(parts)})
    if rows_at_once == 1 and len({key[:1] for key, *_ in naive(parts)}) > 2:
        assert len(tables) > 1  # keys far apart were told apart


@settings(max_examples=60, deadline=None)
@given(parts=units, group_rows=st.integers(1, 7), source=st.none() | st.sampled_from(["a", "b", "源", "c"]))
def test_sizes_are_counted_a_group_at_a_time(parts, group_rows, source):
    told = [row for row in naive(parts) if source in (None, row[1])]
    of_key = Counter()
    for key, _, records, _ in told:
        of_key[key] += records
    whole = pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(zip(*naive(parts), strict=True), ROLLUP_AUTHOR, strict=True)],
        schema=ROLLUP_AUTHOR,
    ).select(["author", "source", "records"])  # fmt: skip
    groups = [whole.slice(at, group_rows) for at in range(0, whole.num_rows, group_rows)]
    assert sizes_of(groups, source) == Counter(of_key.values())
    assert sizes_of([], source) == Counter()


@settings(max_examples=40, deadline=None)
@given(
    of_unit=st.lists(rows, min_size=1, max_size=30),
    spill_bytes=st.sampled_from([0, 64, 1 << 20]),
    cut=st.integers(1, 7),
)
def test_a_unit_adds_them_up_in_memory_and_on_disk_alike(of_unit, spill_bytes, cut):
    sums = TableSums(spill_bytes)
    table = pa.Table.from_pylist(of_unit, SCHEMAS["author"])
    for at in range(0, table.num_rows, cut):
        sums.append(table.slice(at, cut))
    found = pa.concat_tables(list(sums.tables()))
    assert [(r["author"], "", r["records"], r["bytes"]) for r in found.to_pylist()] == naive([("", of_unit)])


def test_as_many_rows_as_need_parts_on_disk_are_merged_as_in_memory(store, monkeypatch):
    monkeypatch.setattr("pipelines.keyed_rollups.SPILL_BYTES", 1 << 16)  # of which each part has a 64th
    random = np.random.default_rng(3)
    keys = random.integers(0, 256, (12_000, 16), np.uint8)
    parts = [keys[random.integers(0, 12_000, 8_000)] for _ in range(3)]
    objects = []
    for number, part in enumerate(parts):
        column = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(part), [None, pa.py_buffer(part.tobytes())])
        ones = pa.array(np.ones(len(part), np.int64))
        table = summed(pa.Table.from_arrays([column, ones], schema=SCHEMAS["url"]))
        objects.append(("ab"[number % 2], store.put_object(parquet_bytes(table)), table.num_rows))
    once, often = (pa.concat_tables(list(merged_keys(store, objects, ROLLUP_URL, most))) for most in (1 << 20, 1_000))
    assert once.equals(often)
    counted = Counter(key.tobytes() for part in parts for key in part)
    sizes = sizes_of([once], None)
    assert sizes == Counter(counted.values())
    assert sum(once.column("records").to_pylist()) == 24_000


FORUM = [
    ("张伟", "https://bbs.example.cn/1"), ("张 伟", "https://bbs.example.cn/2"), ("张\u3000伟", "https://bbs.example.cn/1"),
    ("李娜", f"https://bbs.example.cn/u?tel=138{138_000:08d}"), ("Zhang Wei", f"https://bbs.example.cn/u?tel=138{138_001:08d}"),
    ("ＺＨＡＮＧ　Ｗｅｉ", "https://bbs.example.cn/3"), (None, "https://bbs.example.cn/4"),
]  # fmt: skip
MIRROR = [("张伟", "https://bbs.example.cn/1"), ("王芳", None)]
AUTHOR_SIZES, URL_SIZES = [4, 2, 1, 1], [3, 2, 1, 1, 1]


def scanned(folder, pack_files):
    folder.mkdir()
    rows = {"forum": FORUM, "mirror": MIRROR}
    files = {
        f"{name}/{n}.jsonl": lines({"text": f"{n}号帖子：{'甲乙丙丁' * (n + 3)}", "author": author, "url": url})
        for name, of_source in rows.items()
        for n, (author, url) in enumerate(of_source)
    }
    sources = {name: f"paths: [corpus/{name}]\ncolumns: {{author: author, url: url}}\n" for name in rows}
    path = write_run(folder, sources, files, f"plan: {{pack_files: {pack_files}}}\nkeys: {{hmac: k.key}}\n")
    (folder / "k.key").write_bytes(b"k" * 32)
    done = here("run", path, "--json")
    assert done.code in (0, 1), done.err
    store = open_store(str(folder / "ledger"))
    return folder, store, load_manifest(store, sealed_runs(store)[-1])


@pytest.fixture(scope="module")
def keyed(tmp_path_factory):
    return scanned(tmp_path_factory.mktemp("keyed") / "one", 1)


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    return scanned(tmp_path_factory.mktemp("packed") / "run", 50)


def asked(folder, manifest, *more):
    done = here("query", "diversity", manifest.run, "--ledger", folder / "ledger", "--json", *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def axis_of(told, axis, by):
    (row,) = [row for row in told["axes"] if (row["axis"], row["by"]) == (axis, by)]
    return row


def test_the_run_s_rollups_are_the_same_bytes_for_every_cut(keyed, packed):
    files = [
        {row["name"]: row["digest"] for row in read_files(store, manifest).to_pylist() if row["name"] in (AUTHORS, URLS)}
        for _, store, manifest in (keyed, packed)
    ]  # fmt: skip
    assert files[0] == files[1]
    assert set(files[0]) == {AUTHORS, URLS}
    _, store, manifest = keyed
    table = read_parquet(store.get_object(files[0][AUTHORS]), "authors", ROLLUP_AUTHOR)
    by_author = Counter()
    for row in table.to_pylist():
        by_author[row["author"]] += row["records"]
    assert sorted(by_author.values(), reverse=True) == AUTHOR_SIZES
    assert verify_run(store, manifest.run, []).problem is None


def test_the_manifest_holds_how_many_keys_and_none_of_them(keyed):
    _, _, manifest = keyed
    assert {top.table: (top.keys, top.rows) for top in manifest.top if top.table in ("author", "url")} == {
        "author": (4, ()), "url": (5, ()),
    }  # fmt: skip


def test_the_query_tells_both_axes_and_names_nobody(keyed):
    folder, _, manifest = keyed
    told = asked(folder, manifest)
    assert told["unmeasured"] == {}
    for axis, sizes in (("author", AUTHOR_SIZES), ("url", URL_SIZES)):
        row, expected = axis_of(told, axis, "records"), spread(sizes)
        assert row["top"] is None
        assert (row["parts"], row["hill1_milli"], row["hill2_milli"], row["top1_ppm"]) == (
            len(sizes), expected.hill1_milli, expected.hill2_milli, expected.top1_ppm,
        )  # fmt: skip
        assert row["unknown_ppm"] == 1_000_000 // 9
    assert axis_of(told, "author", "bytes")["parts"] == 4
    mirror = asked(folder, manifest, "--source", "mirror")
    assert [axis_of(mirror, axis, "records")["parts"] for axis in ("author", "url")] == [2, 1]
    assert axis_of(mirror, "url", "records")["unknown_ppm"] == 500_000


def test_the_report_has_the_axes(keyed):
    folder, _, manifest = keyed
    out = folder / "r.json"
    done = here("disclose", manifest.run, "--ledger", folder / "ledger", "--format", "json", "--output", out)
    assert done.code == 0, done.err
    items = {
        i["number"]: i["blocks"] for s in json.loads(out.read_text(encoding="utf-8"))["sections"] for i in s["items"]
    }
    (table,) = [block for block in items["3.2"] if block.get("caption") == "spread"]
    told = {(row[0]["value"], row[1]["value"]): [cell["value"] for cell in row[2:]] for row in table["rows"]}
    effective = spread(URL_SIZES).hill1_milli
    assert told["axis.url", "by.records"] == [5, f"{effective // 1000}.{effective % 1000:03d}", 375_000, 111_111]
    assert not [block for block in items["3.2"] if block.get("caption") in ("top_author", "top_url")]
    assert "张伟" not in out.read_text(encoding="utf-8")
