"""Equal slots, estimates and leaders are the same by kernel, numpy and definition; what does not fit is refused."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import kernels, pairs
from tests.checks.test_pairs import by_both, seeds, signatures

pytestmark = pytest.mark.usefixtures("library")


@given(seeds, st.integers(0, 20), st.sampled_from([1, 2, 16, 256]))
def test_equal_slots_are_counted_side_by_side_and_by_index(seed, rows, kinds):
    a, b = signatures(seed, rows, np.uint8, kinds), signatures(seed + 1, rows, np.uint8, kinds)
    wanted = [
        sum(x == y for x, y in zip(one, other, strict=True)) for one, other in zip(a.tolist(), b.tolist(), strict=True)
    ]
    assert by_both(pairs.equal_slots, a, b).tolist() == wanted
    random = np.random.default_rng(seed)
    at = random.permutation(rows)
    assert by_both(pairs.equal_slots_at, a, at, b, at).tolist() == [wanted[i] for i in at]
    assert by_both(pairs.equal_slots, a, a).tolist() == [128] * rows


@pytest.mark.parametrize("bad", [-1, 3, 2**62, -(2**63)])
def test_an_index_outside_is_refused_by_python_and_by_the_kernel(bad, library):
    rows, good, wrong = signatures(1, 3, np.uint8), np.array([0, 2]), np.array([0, bad])
    for i, j in ((wrong, good), (good, wrong)):
        with pytest.raises(ValueError, match="there are 3"):
            pairs.equal_slots_at(rows, i, rows, j)
        with pytest.raises(ValueError, match="number 1 lies outside"):
            kernels.pair_calls.count_equal_slots(library, rows, i, rows, j)


def test_estimates_are_the_unbiased_ones_rounded_half_up():
    found = pairs.estimate_ppm(np.arange(129, dtype=np.int32))
    for equal, estimate in enumerate(found.tolist()):
        exact = (Fraction(equal, 128) - Fraction(1, 256)) / (1 - Fraction(1, 256)) * 1_000_000
        assert estimate == max(0, (exact + Fraction(1, 2)).__floor__())
    assert found[[0, 1, 64, 103, 128]].tolist() == [0, 3922, 498039, 803922, 1_000_000]
    for bad in (-1, 129):
        with pytest.raises(ValueError, match="129 to point at"):
            pairs.estimate_ppm(np.array([bad], np.int32))


def test_the_estimate_is_unbiased_over_random_signatures():
    """Slots agree with probability J, and otherwise by chance once in 256: over many pairs the mean is J."""
    random = np.random.default_rng(5)
    for jaccard in (0.2, 0.5, 0.8):
        a = random.integers(0, 256, (20_000, 128), np.uint8)
        b = np.where(random.random(a.shape) < jaccard, a, random.integers(0, 256, a.shape, np.uint8))
        mean = pairs.estimate_ppm(pairs.equal_slots(a, b)).mean()
        spread = 1e6 * np.sqrt(jaccard * (1 - jaccard) / 128 / len(a))
        assert abs(mean - 1e6 * jaccard) < 5 * spread


@given(seeds, st.integers(0, 12), st.integers(1, 64), st.sampled_from([1, 2, 4, 256]))
def test_the_best_leader_has_most_equal_slots_and_the_least_index(seed, rows, leaders, kinds):
    mine, theirs = signatures(seed, rows, np.uint8, kinds), signatures(seed + 1, leaders, np.uint8, kinds)
    best, equal = by_both(pairs.best_leaders, mine, theirs)
    counts = (mine[:, None] == theirs[None]).sum(axis=2)
    assert best.tolist() == [row.tolist().index(max(row)) for row in counts]
    assert equal.tolist() == [max(row) for row in counts]


@pytest.mark.parametrize("count", [0, 65])
def test_no_leader_and_too_many_are_refused(count, library):
    rows, leaders = signatures(1, 2, np.uint8), signatures(1, count, np.uint8)
    with pytest.raises(ValueError, match="1 to 64"):
        pairs.best_leaders(rows, leaders)
    with pytest.raises(ValueError, match="leaders"):
        kernels.pair_calls.find_best_leaders(library, rows, leaders)


def test_what_is_not_contiguous_is_copied():
    rows = signatures(1, 8, np.uint8)
    turned = np.asfortranarray(rows)
    assert by_both(pairs.equal_slots, rows[::2], turned[::2]).tolist() == [128] * 4
    assert by_both(pairs.best_leaders, turned[::-1], rows[::3])[0][1] == 2
    wide = signatures(1, 8)
    assert np.array_equal(pairs.band_hashes(wide[::2], 16, 8), pairs.band_hashes(wide, 16, 8)[::2])
    hashes = np.arange(20, dtype=np.uint64)[::-2]
    keys, numbers = np.zeros(20, np.uint32)[::2], np.arange(20, dtype=np.uint64)[::2]
    assert by_both(pairs.sorted_rows, hashes, keys, numbers).tolist() == list(range(9, -1, -1))


def test_other_types_and_shapes_are_refused_by_name():
    bytes_, wide, at = signatures(1, 2, np.uint8), signatures(1, 2), np.zeros(2, np.int64)
    hashes, keys = np.zeros(2, np.uint64), np.zeros(2, np.uint32)
    for call, error, name in (
        (lambda: pairs.narrow(bytes_), TypeError, "signatures: uint8"),
        (lambda: pairs.narrow(wide.tolist()), TypeError, "signatures: list"),
        (lambda: pairs.narrow(wide[:, :64]), ValueError, r"signatures: shape \(2, 64\)"),
        (lambda: pairs.band_hashes(wide[0], 16, 8), ValueError, r"signatures: shape \(128,\)"),
        (lambda: pairs.equal_slots(bytes_, wide), TypeError, "b: uint32"),
        (lambda: pairs.equal_slots(bytes_, bytes_[:1]), ValueError, "2 and 1 rows"),
        (lambda: pairs.equal_slots_at(bytes_, at, bytes_, at[:1]), ValueError, r"j: shape \(1,\)"),
        (lambda: pairs.equal_slots_at(bytes_, at.astype(np.int32), bytes_, at), TypeError, "i: int32"),
        (lambda: pairs.sorted_rows(hashes, keys, keys), TypeError, "rows: uint32"),
        (lambda: pairs.sorted_rows(hashes, keys[:1], hashes), ValueError, r"keys: shape \(1,\)"),
        (lambda: pairs.unique_pairs(hashes, hashes[:1]), ValueError, r"second: shape \(1,\)"),
        (lambda: pairs.jaccard_ppm(at, at[:1], at), ValueError, r"size_a: shape \(1,\)"),
        (lambda: pairs.common_counts(hashes, at, at, hashes, at[:1], at), ValueError, r"starts_b: shape \(1,\)"),
        (lambda: pairs.common_counts(at, at, at, hashes, at, at), TypeError, "values_a: int64"),
        (lambda: pairs.estimate_ppm(at), TypeError, "equal: int64"),
    ):
        with pytest.raises(error, match=name):
            call()
