"""The truth of `bench dedup` is what comparing every pair of sets by hand gives; recall and precision follow from it."""

from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.bench import dedup_truth
from pipelines.bench.dedup_truth import Shingled, recall, removals, true_pairs

SETS = st.lists(st.sets(st.integers(0, 12), max_size=12), min_size=1, max_size=12)


def shingled(sets, terms=None) -> Shingled:
    values = [np.array(sorted(s), np.uint64) for s in sets]
    offsets = np.concatenate(([0], np.cumsum([len(v) for v in values]))).astype(np.int64)
    counted = np.full(len(sets), 20, np.int64) if terms is None else np.array(terms, np.int64)
    return Shingled(np.concatenate([np.zeros(0, np.uint64), *values]), offsets, counted)


def by_hand(sets) -> set[tuple[int, int]]:
    return {
        (i, j)
        for i, j in combinations(range(len(sets)), 2)
        if sets[i] & sets[j] and Fraction(len(sets[i] & sets[j]), len(sets[i] | sets[j])) >= Fraction(4, 5)
    }


def pairs_of(found) -> set[tuple[int, int]]:
    return set(zip(*(each.tolist() for each in found), strict=True))


@given(SETS)
def test_every_pair_at_or_over_the_threshold_and_no_other(sets):
    assert pairs_of(true_pairs(shingled(sets))) == by_hand(sets)


def test_blocks_of_rows_change_nothing(monkeypatch):
    sets = [set(range(i % 7, i % 7 + 9)) for i in range(50)]
    whole = pairs_of(true_pairs(shingled(sets)))
    monkeypatch.setattr(dedup_truth, "ROWS_AT_ONCE", 3)
    assert pairs_of(true_pairs(shingled(sets))) == whole == by_hand(sets) and whole


def test_exactly_four_fifths_is_a_pair_and_a_document_under_20_terms_is_in_none():
    sets = [{1, 2, 3, 4, 5}, {1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3}]
    assert pairs_of(true_pairs(shingled(sets))) == {(0, 1), (0, 2), (1, 2)}
    assert pairs_of(true_pairs(shingled(sets, [20, 19, 20, 20]))) == {(0, 2)}


def test_hashes_over_the_range_of_signed_numbers_are_told_apart():
    high = (1 << 64) - 1
    assert pairs_of(true_pairs(shingled([{high, 1}, {high, 1}, {high - 1, 1}]))) == {(0, 1)}


def test_recall_is_of_pairs_and_precision_of_removals():
    of = shingled([{1, 2, 3, 4, 5}, {1, 2, 3, 4}, {1, 2, 3}, {7, 8}])
    pairs = true_pairs(of)
    assert pairs_of(pairs) == {(0, 1)}
    nothing = np.arange(4, dtype=np.int64)
    assert recall(pairs, nothing) == 0.0 and removals(of, nothing) == (0, 0)
    assert recall(pairs, np.array([0, 0, 2, 3])) == 1.0 and removals(of, np.array([0, 0, 2, 3])) == (1, 1)
    wrong = np.array([0, 0, 0, 0])  # 2 and 3 are under the threshold
    assert recall(pairs, wrong) == 1.0 and removals(of, wrong) == (1, 3)
