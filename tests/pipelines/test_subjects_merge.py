"""The index of subjects: sorted, each value of a record once, the same bytes however it was cut, nothing lost."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.parquet import parquet_bytes
from manifests.store import LocalStore
from manifests.subjects import rows_with
from pipelines import subjects
from pipelines.sorted_rows import opened
from pipelines.subjects import KEY, make_segment, merged_runs, once_each
from schemas.finding import PERSONAL_FINDING
from schemas.subjects import ROWS_KIND, range_of

Found = list[tuple[bytes | None, str, int]]
hmacs = st.one_of(
    st.none(), st.binary(min_size=16, max_size=16), st.sampled_from([bytes(16), b"\xff" * 16, b"\x80" + bytes(15)])
)
units = st.lists(
    st.lists(st.tuples(hmacs, st.sampled_from(["A", "B"]), st.integers(0, 5)), max_size=12), min_size=1, max_size=5
)


def put(store: LocalStore, found: Found) -> str:
    rows = sorted(found, key=lambda f: f[2])
    columns = {
        "rule": [f"personal.{e}" for _, e, _ in rows], "row": [r for *_, r in rows], "entity": [e for _, e, _ in rows],
        "value_hmac": [h for h, *_ in rows],
    }  # fmt: skip
    nothing = {f.name: [None] * len(rows) for f in PERSONAL_FINDING if f.name not in columns}
    return store.put_object(parquet_bytes(pa.table(columns | nothing, PERSONAL_FINDING)))


@pytest.mark.parametrize(("held", "a_file"), [(1, 1), (7, 4), (1 << 20, 1 << 20)])
@settings(max_examples=40, deadline=None)
@given(given_units=units)
def test_every_keyed_finding_is_there_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, given_units: list[Found], held: int, a_file: int
) -> None:
    store = LocalStore(str(tmp_path_factory.mktemp("store")))
    findings = {f"{i:064x}": put(store, found) for i, found in enumerate(given_units)}
    expected = sorted({(h, i, r) for i, found in enumerate(given_units) for h, _, r in found if h is not None})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subjects, "HELD_ROWS", held)
        patch.setattr(subjects, "ROWS_A_FILE", a_file)
        segment = make_segment(store, findings)
    if segment is None:
        assert expected == []
        return
    files = [(range_of(name), digest) for name, digest, _, kind in segment.files if kind == ROWS_KIND]
    got = []
    for told, digest in sorted(files, key=lambda f: f[0] or ()):
        assert told is not None
        rows = pq.ParquetFile(opened(store, digest)).read().to_pylist()
        assert all(told[0] <= r["hmac"][0] <= told[1] for r in rows)
        got += [(r["hmac"], r["place"], r["row"]) for r in rows]
    assert got == expected
    for hmac in {h for h, *_ in expected}:
        here = [
            p
            for told, digest in files
            if told and told[0] <= hmac[0] <= told[1]
            for p in rows_with(store, digest, hmac)
        ]
        assert here == [(p, r) for h, p, r in expected if h == hmac]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=8), max_size=5), st.integers(1, 4))
def test_streams_cut_anywhere_merge_to_one_order(streams: list[list[tuple[int, int]]], step: int) -> None:
    arrays = []
    for place, rows in enumerate(streams):
        array = np.zeros(len(rows), KEY)
        array["high"], array["row"], array["place"] = [h for h, _ in rows], [r for _, r in rows], place
        arrays.append(once_each(array))
    blocks = list(merged_runs([iter([a[i : i + step] for i in range(0, len(a), step)]) for a in arrays]))
    merged = np.concatenate([np.zeros(0, KEY), *blocks])
    assert merged.tolist() == sorted(np.concatenate([np.zeros(0, KEY), *arrays]).tolist())


def test_one_value_in_very_many_records_is_found_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "HELD_ROWS", 5_000)
    store = LocalStore(str(tmp_path))
    hot = b"\x33" * 16
    findings = {f"{i:064x}": put(store, [(hot, "A", row) for row in range(40_000)]) for i in range(4)}
    segment = make_segment(store, findings)
    assert segment is not None
    (digest,) = [d for _, d, _, kind in segment.files if kind == ROWS_KIND]
    assert list(rows_with(store, digest, hot)) == [(p, r) for p in range(4) for r in range(40_000)]
    assert list(rows_with(store, digest, b"\x34" * 16)) == []


def test_findings_without_a_key_make_no_segment(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    assert make_segment(store, {"0" * 64: put(store, [(None, "A", 1)])}) is None
