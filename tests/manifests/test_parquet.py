"""The one Parquet writer: the same rows in any batches give the same bytes; nothing a reader hung on a batch stays."""

import random
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.parquet import ROW_GROUP_ROWS, conformed, parquet_bytes, read_parquet, schema_of
from schemas.errors import StoreError

ROWS = ROW_GROUP_ROWS * 2 + 100


def _table(rows: int) -> pa.Table:
    return pa.table({
        "row": pa.array(range(rows), pa.uint32()),
        "word": pa.array([None if i % 7 == 0 else f"词{i % 999}" for i in range(rows)]),
        "many": pa.array([["x"] * (i % 3) if i % 5 else None for i in range(rows)], pa.list_(pa.string())),
        "hmac": pa.array([bytes([i % 256]) * 16 for i in range(rows)], pa.binary(16)),
        "flag": pa.array([i % 2 == 0 for i in range(rows)]),
    })  # fmt: skip


WHOLE = _table(ROWS)
BYTES = parquet_bytes(WHOLE, "test", 3)


@given(st.lists(st.integers(0, ROWS), max_size=12))
@settings(max_examples=15, deadline=None)
def test_any_batching_gives_the_same_bytes(cuts):
    edges = [0, *sorted(cuts), ROWS]
    parts = [WHOLE.slice(a, b - a) for a, b in pairwise(edges)]
    assert parquet_bytes(pa.concat_tables(parts), "test", 3) == BYTES


@pytest.mark.parametrize("kind", [pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_how_strings_came_in_does_not_show(kind):
    cast = WHOLE.set_column(1, "word", WHOLE.column("word").cast(kind))
    assert parquet_bytes(cast, "test", 3) == BYTES


def test_metadata_of_a_batch_does_not_show():
    hung = WHOLE.replace_schema_metadata({"source.licence": "MIT", "place": "/a/path"})
    assert parquet_bytes(hung, "test", 3) == BYTES


def test_it_reads_back_and_says_its_schema():
    assert read_parquet(BYTES, "x", WHOLE.schema).equals(WHOLE)
    assert schema_of(BYTES) == ("test", 3)
    groups = pq.ParquetFile(pa.BufferReader(BYTES)).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [65_536, 65_536, 100]


def test_nulls_under_garbage_do_not_show():
    values, mask = [1, 2, 3, 4], [True, False, True, False]
    other = [1, 77, 3, 99]
    one, two = (pa.table({"n": pa.Array.from_buffers(pa.int64(), 4, [pa.array(mask).buffers()[1], pa.array(v).buffers()[1]])})
                for v in (values, other))  # fmt: skip
    assert one.equals(two)
    assert parquet_bytes(one) == parquet_bytes(two)


@pytest.mark.parametrize("kind", [pa.float64(), pa.list_(pa.float32())])
def test_floats_are_refused(kind):
    with pytest.raises(TypeError, match="no floats"):
        parquet_bytes(pa.table({"x": pa.array([None], kind)}))


def test_a_column_that_was_added_later_is_null_in_an_older_table():
    newer = pa.schema([pa.field("a", pa.int64()), pa.field("added", pa.string())])
    assert conformed(pa.table({"a": [1]}), newer, "x").to_pylist() == [{"a": 1, "added": None}]
    needed = pa.schema([pa.field("b", pa.int64(), nullable=False)])
    with pytest.raises(StoreError, match="x: has no column 'b'"):
        conformed(pa.table({"a": [1]}), needed, "x")


def test_what_is_no_parquet_is_told():
    rng = random.Random(3)
    for data in (b"", b"PAR1", rng.randbytes(200), BYTES[:-20]):
        with pytest.raises(StoreError, match="x: not readable as Parquet"):
            read_parquet(data, "x")
