"""Corrected counts: right on paper, right against scipy, and as sure as they say when whole corpora are simulated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.personal.estimate import PPM, Accuracy, corrected, corrected_rate_ppm, share_interval_ppm

stats = pytest.importorskip("scipy.stats")
COVERED = 0.95
Z = 2.5
LEVEL = 1 - 2 * stats.norm.sf(Z)


def accuracies():
    return st.tuples(*[st.integers(1, 5000)] * 2, *[st.floats(0, 1)] * 2).map(
        lambda t: Accuracy(t[0], int(t[0] * t[2]), t[1], int(t[1] * t[3]))
    )


def test_a_detector_that_finds_half_and_is_right_nine_times_in_ten():
    found = corrected(1000, Accuracy(gold=1000, found=500, reported=1000, right=900))
    assert found.value == 1800
    assert 1400 < found.low < 1600 and 2000 < found.high < 2300


def test_nothing_found_is_not_nothing_there():
    weak = corrected(0, Accuracy(gold=100, found=50, reported=50, right=50))
    assert weak.value == 0 and weak.low == 0 and weak.high > 3
    perfect = corrected(0, Accuracy(gold=100_000, found=100_000, reported=100_000, right=100_000))
    assert perfect == type(perfect)(0, 0, 1)


def test_a_detector_that_never_found_anything_bounds_nothing():
    for blind in (Accuracy(10, 0, 10, 0), Accuracy(0, 0, 10, 5), Accuracy(10, 5, 0, 0)):
        assert corrected(7, blind) == type(corrected(7, blind))(None, 0, None)
        assert corrected_rate_ppm(7, 100, blind).high == PPM


@pytest.mark.parametrize("spoilt", [(5, 6, 1, 1), (5, 5, 1, 2), (5, -1, 1, 1)])
def test_a_part_beyond_its_whole_is_refused(spoilt):
    with pytest.raises(ValueError, match="cannot exceed"):
        Accuracy(*spoilt)


def test_counts_below_zero_and_beyond_the_records_are_refused():
    fine = Accuracy(10, 9, 10, 9)
    with pytest.raises(ValueError, match="not negative"):
        corrected(-1, fine)
    with pytest.raises(ValueError, match="cannot exceed"):
        corrected_rate_ppm(11, 10, fine)


@given(whole=st.integers(1, 20_000), share=st.floats(0, 1))
def test_shares_have_scipy_s_wilson_interval(whole, share):
    part = int(whole * share)
    low, high = share_interval_ppm(part, whole)
    theirs = stats.binomtest(part, whole).proportion_ci(LEVEL, method="wilson")
    assert low <= theirs.low * PPM + 1e-3 and high >= theirs.high * PPM - 1e-3
    assert theirs.low * PPM - low < 1.01 and high - theirs.high * PPM < 1.01


@given(count=st.integers(0, 10**12), accuracy=accuracies())
def test_the_interval_holds_the_estimate_in_whole_numbers(count, accuracy):
    found = corrected(count, accuracy)
    if found.value is None:
        assert not accuracy.found or not accuracy.reported
        return
    assert all(type(n) is int for n in (found.value, found.low, found.high))
    assert 0 <= found.low <= found.value <= found.high
    assert abs(found.value - count * accuracy.right * accuracy.gold / accuracy.reported / accuracy.found) <= max(
        1, found.value * 1e-9
    )


@given(count=st.integers(0, 10**6), more=st.integers(0, 10**6), accuracy=accuracies())
def test_rates_stay_within_all_records(count, more, accuracy):
    found = corrected_rate_ppm(count, count + more + 1, accuracy)
    assert 0 <= found.low <= (found.value if found.value is not None else PPM) <= found.high <= PPM


@pytest.mark.parametrize("there", [0, 3, 40, 5000])
@pytest.mark.parametrize(("recall", "precision"), [(0.995, 0.99), (0.9, 0.97), (0.6, 0.8), (0.3, 0.5)])
def test_simulated_corpora_lie_within_their_interval_as_often_as_promised(there, recall, precision):
    """*there* values in a corpus, found by thinning, with false alarms to the precision; accuracy measured on 400 values."""
    draw = np.random.default_rng([there, int(recall * 1000), int(precision * 1000)])
    held = trials = 0
    for _ in range(600):
        gold = 400
        found = int(draw.binomial(gold, recall))
        reported = found + int(draw.poisson(gold * recall * (1 - precision) / precision))
        kept = int(draw.binomial(there, recall))
        count = kept + int(draw.poisson(there * recall * (1 - precision) / precision))
        estimate = corrected(count, Accuracy(gold, found, reported, found))
        held += estimate.low <= there <= estimate.high
        trials += 1
    assert held / trials >= COVERED, (held, trials)
