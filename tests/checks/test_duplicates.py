"""Content ids are plain sha256 of the text; grouping finds every copy and nothing else, for any cut into batches."""

import hashlib
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.duplicates import BANDS, GROUPED, Duplicates, bands, content_ids, group_duplicates
from tests.kit.records import texts


def test_golden():
    seen = Duplicates().look(texts("abc", "", "你好", "abc"))
    ids = [value.hex() for value in seen.columns.column("content_id").to_pylist()]
    assert ids[0] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    assert ids[1] == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert ids[2] == hashlib.sha256("你好".encode()).hexdigest()
    assert ids[3] == ids[0]
    assert seen.total == {"records": 4, "bytes": 12}


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_slices_nulls_and_both_widths(kind):
    array = pa.array(["x", "中文", None, "", "y" * 1000, "x"], kind)
    for start in range(len(array) + 1):
        part = array.slice(start)
        assert content_ids(part).to_pylist() == [hashlib.sha256((v or "").encode()).digest() for v in part.to_pylist()]


def test_bands_are_sorted_by_hash_then_row():
    columns = Duplicates().look(texts(*"badcab")).columns
    table = bands(columns)
    assert table.schema.equals(BANDS)
    rows = list(zip(*table.to_pydict().values(), strict=True))
    assert rows == sorted(rows)
    assert {row: value for value, row in rows} == {
        row: value[:16] for row, value in enumerate(columns.column("content_id").to_pylist())
    }


def test_bands_take_the_row_numbers_they_are_given():
    columns = Duplicates().look(texts("a", "b")).columns.append_column("row", pa.array([7, 9], pa.uint32()))
    chunked = pa.concat_tables([columns.slice(0, 1), columns.slice(1, 1)])
    assert sorted(bands(chunked).column("row").to_pylist()) == [7, 9]
    assert bands(columns.slice(0, 0)).num_rows == 0


def stream(rows, unit, cuts):
    hashes = np.array([value for value, _ in rows], "S16")
    table = pa.table([
        pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(rows), [None, pa.py_buffer(hashes.tobytes())]),
        pa.array([unit] * len(rows), pa.uint32()), pa.array([row for _, row in rows], pa.uint32()),
    ], schema=GROUPED)  # fmt: skip
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    return [batch for a, b in pairwise(edges) for batch in table.slice(a, b - a).to_batches()]


few_hashes = st.integers(0, 6).map(lambda n: bytes([n // 3, 127 * (n % 3)]) + bytes(13) + bytes([n % 2]))
units = st.lists(st.tuples(st.lists(few_hashes, max_size=12), st.lists(st.integers(0, 12), max_size=4)), max_size=4)


@settings(max_examples=200)
@given(units=units)
def test_groups_are_all_copies_and_only_copies(units):
    streams, expected = [], defaultdict(list)
    for unit, (hashes, cuts) in enumerate(units):
        rows = sorted((value, row) for row, value in enumerate(hashes))
        streams.append(stream(rows, unit, cuts))
        for value, row in rows:
            expected[value].append((value, unit, row))
    found = [row for table in group_duplicates(streams) for row in zip(*table.to_pydict().values(), strict=True)]
    assert found == [row for value in sorted(expected) if len(expected[value]) > 1 for row in sorted(expected[value])]


def test_groups_of_nothing():
    assert list(group_duplicates([])) == []
    assert list(group_duplicates([[], []])) == []
