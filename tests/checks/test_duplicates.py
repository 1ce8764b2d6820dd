"""Content ids are plain sha256 of the text; grouping finds every copy and nothing else, for any cut into batches."""

import hashlib

import pyarrow as pa
import pytest

from checks.duplicates import BANDS, Duplicates, bands, content_ids
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
