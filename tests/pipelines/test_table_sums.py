"""Tables are added up the same in memory and on disk, however they come."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.provenance import Provenance
from checks.repetition.pieces import COUNTED
from pipelines.table_sums import TableSums, summed

DOMAIN = Provenance.table_schemas["domain"]
hashes = st.sampled_from([0, 1, 7, 2**63, 2**64 - 1]) | st.integers(0, 2**64 - 1)
counted = st.fixed_dictionaries(
    {"hash": hashes, "records": st.integers(1, 9), "places": st.integers(1, 2**40), "bytes": st.integers(0, 2**40), "row": st.integers(0, 2**32 - 1)}
)  # fmt: skip
domains = st.fixed_dictionaries(
    {"domain": st.sampled_from(["a", "b", "é", "中", "z"]), "records": st.integers(1, 9), "bytes": st.integers(0, 99)}
)


def expected(rows, key):
    found = {}
    for row in rows:
        if (held := found.get(row[key])) is None:
            found[row[key]] = dict(row)
            continue
        for name in row.keys() - {key}:
            held[name] = min(held[name], row[name]) if name == "row" else held[name] + row[name]
    return [found[k] for k in sorted(found, key=lambda k: k.encode() if isinstance(k, str) else k)]


@pytest.mark.parametrize(("schema", "one"), [(COUNTED, counted), (DOMAIN, domains)], ids=["hashes", "text"])
@settings(max_examples=120)
@given(data=st.data())
def test_any_cut_and_any_room_give_the_same_rows(schema, one, data):
    parts = data.draw(st.lists(st.lists(one, min_size=1, max_size=12), max_size=12))
    rows = [row for part in parts for row in part]
    for spill_bytes in (0, 200, 1000, 1 << 20):
        sums = TableSums(spill_bytes)
        for part in parts:
            sums.append(pa.Table.from_pylist(part, schema))
        tables = list(sums.tables())
        assert all(table.schema.equals(schema) for table in tables)
        assert [row for table in tables for row in table.to_pylist()] == expected(rows, schema.names[0])


def test_a_table_that_is_larger_than_its_room_is_given_back_piece_by_piece():
    rows, part = 1_600_000, 200_000
    sums = TableSums(1 << 20)
    for start in range(0, rows, part):
        hashes = np.arange(start, start + part, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        ones = pa.array(np.ones(part, np.int64))
        columns = [pa.array(hashes), ones, ones, ones, pa.array(np.full(part, start, np.uint32))]
        sums.append(pa.Table.from_arrays(columns, schema=COUNTED))
    tables = list(sums.tables())
    assert sum(table.num_rows for table in tables) == rows
    assert max(table.num_rows for table in tables) < rows / 2
    keys = [key for table in tables for key in table.column("hash").to_pylist()]
    assert keys == sorted(set(keys))


def test_nothing_and_one_row():
    assert list(TableSums().tables()) == []
    assert summed(COUNTED.empty_table()).num_rows == 0
