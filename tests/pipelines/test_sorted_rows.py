"""Sorted objects: ranges read no more than they must, and merged streams are one sorted stream."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from manifests.parquet import parquet_bytes
from pipelines.sorted_rows import merged, rows_of, run_starts

keys = st.lists(st.binary(min_size=1, max_size=3), max_size=30)


def table(values: list[bytes]) -> pa.Table:
    return pa.table({"key": pa.array(sorted(values), pa.binary())})


@given(keys, st.binary(max_size=2), st.none() | st.binary(max_size=2))
def test_a_range_holds_exactly_its_keys(values: list[bytes], low: bytes, high: bytes | None) -> None:
    parts = list(rows_of(pa.BufferReader(parquet_bytes(table(values))), "key", low, high))
    got = [k for part in parts for k in part.column("key").to_pylist()]
    assert got == [v for v in sorted(values) if v >= low and (high is None or v < high)]


@given(st.lists(keys, max_size=5), st.integers(1, 4))
def test_merged_streams_are_one_sorted_stream(streams: list[list[bytes]], cut: int) -> None:
    def pieces(values: list[bytes]):
        whole = table(values)
        return iter([whole.slice(i, cut) for i in range(0, whole.num_rows, cut)])

    out = [k for part in merged([pieces(s) for s in streams], ["key"]) for k in part.column("key").to_pylist()]
    assert out == sorted(k for s in streams for k in s)


def test_runs_of_equal_keys() -> None:
    assert run_starts(pa.array([b"a", b"a", b"b", b"c", b"c"])).tolist() == [0, 2, 3, 5]
    assert run_starts(pa.array([], pa.binary())).tolist() == [0]
