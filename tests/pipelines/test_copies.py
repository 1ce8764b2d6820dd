"""Exact copies: who stays, why, and that neither cuts nor order of segments matter."""

import hashlib
import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pipelines.copies import (
    BAND_SCHEMA,
    DROPPED,
    KEPT,
    Standing,
    decisions,
    placed,
    ranges,
    removals,
    representatives,
    segment,
)  # fmt: skip


def band(texts: list[str]) -> pa.Table:
    hashes = [hashlib.sha256(t.encode()).digest()[:16] for t in texts]
    table = pa.table(
        {"hash": pa.array(hashes, pa.binary(16)), "row": pa.array(range(len(texts)), pa.uint32())}, BAND_SCHEMA
    )
    return table.sort_by([("hash", "ascending"), ("row", "ascending")])


def standing(units: int, licence: list[int] | None = None, source: list[int] | None = None) -> Standing:
    zero = [0] * units
    return Standing(*(np.array(x, np.uint32) for x in (licence or zero, zero, source or zero)))


def found(units: list[list[str]], ranks: Standing, per_segment: int = 8) -> list[tuple[int, int, int, int, str]]:
    tables = []
    for first in range(0, len(units), per_segment):
        members = units[first : first + per_segment]
        rows = segment([(i, band(t)) for i, t in enumerate(members)])
        tables.append(placed(rows, [[first + i] for i in range(len(members))]))
    kept = representatives(tables, ranks)
    evidence = removals(tables, kept, ranks)
    columns = ("removed_unit", "removed_row", "kept_unit", "kept_row", "decided_by")
    return list(zip(*(evidence.column(c).to_pylist() for c in columns), strict=True))


def test_the_first_place_stays_where_nothing_else_decides() -> None:
    assert found([["你好", "b", "你好"], ["x", "你好"]], standing(2)) == [(0, 2, 0, 0, "place"), (1, 1, 0, 0, "place")]


def test_a_declared_licence_outranks_place_and_source() -> None:
    ranks = standing(2, licence=[1, 0], source=[0, 1])
    assert found([["同一段文字"], ["同一段文字"]], ranks) == [(0, 0, 1, 0, "licence")]


def test_source_is_told_where_it_decides() -> None:
    assert found([["t"], ["t"]], standing(2, source=[0, 1])) == [(1, 0, 0, 0, "source")]


@given(st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=9), st.integers(1, 9))
def test_every_text_stays_exactly_once_however_segments_are_cut(units: list[list[str]], per_segment: int) -> None:
    ranks = standing(len(units))
    removed = found(units, ranks, per_segment)
    assert removed == found(units, ranks)
    gone = {(u, r) for u, r, *_ in removed}
    left = [t for u, texts in enumerate(units) for r, t in enumerate(texts) if (u, r) not in gone]
    assert sorted(left) == sorted({t for texts in units for t in texts})


def test_a_copy_registered_twice_counts_for_each_of_its_units() -> None:
    rows = segment([(0, band(["a", "b"]))])
    tables = [placed(rows, [[0, 1]])]
    kept = representatives(tables, standing(2))
    assert removals(tables, kept, standing(2)).select(["removed_unit", "removed_row"]).to_pylist() == [
        {"removed_unit": 1, "removed_row": 0}, {"removed_unit": 1, "removed_row": 1},
    ]  # fmt: skip


def test_rows_of_units_that_this_run_has_not_are_passed_over() -> None:
    assert placed(segment([(0, band(["a"])), (1, band(["a"]))]), [[], [3]]).column("unit").to_pylist() == [3]


def test_a_hash_with_many_rows_costs_one_row_of_representatives() -> None:
    tables = [placed(segment([(0, band(["same"] * 5000))]), [[u]]) for u in range(4)]
    kept = representatives(tables, standing(4))
    assert kept.num_rows == 1
    assert removals(tables, kept, standing(4)).num_rows == 4 * 5000 - 1


def test_ranges_cover_every_hash_once() -> None:
    cut = ranges(5_000_000)
    assert cut[0][0] == b""
    assert cut[-1][1] is None
    assert all(a[1] == b[0] for a, b in itertools.pairwise(cut))


def test_decisions_stand_in_row_order() -> None:
    removed = pa.table({"removed_row": pa.array([4], pa.uint32()), "cluster": pa.array([b"c" * 16], pa.binary(16))})
    table = decisions(np.array([0, 2, 4], np.uint32), removed)
    assert table.column("decision").to_pylist() == [KEPT, KEPT, DROPPED]
    assert table.column("row").to_pylist() == [0, 2, 4]
