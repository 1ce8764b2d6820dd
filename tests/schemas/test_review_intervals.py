"""Bounds of a share: against scipy, the published tables, and by simulation that they cover what they say."""

from bisect import bisect_left, bisect_right
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from schemas.intervals import (
    ALPHA,
    PPM,
    Z_ONE_SIDED,
    Z_TWO_SIDED,
    accepted_up_to,
    at_least,
    at_most,
    finite_at_least,
    finite_at_most,
    finite_lower,
    finite_upper,
    lower_ppm,
    of_many,
    refused_from,
    upper_ppm,
    wilson,
    wilson_ppm,
    zero_failure_sample,
)

SAMPLES = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=80, deadline=None)
@given(SAMPLES)
def test_bounds_are_scipy_s_beta_quantiles_rounded_outwards_by_at_most_a_ppm(sample):
    k, n = sample
    high = 1.0 if k == n else stats.beta.ppf(0.95, k + 1, n - k)
    low = 0.0 if k == 0 else stats.beta.ppf(0.05, k, n - k + 1)
    assert -1e-3 <= upper_ppm(k, n) - high * PPM <= 1 + 1e-3
    assert -1e-3 <= low * PPM - lower_ppm(k, n) <= 1 + 1e-3


@settings(max_examples=80, deadline=None)
@given(SAMPLES, st.integers(0, PPM))
def test_tails_are_scipy_s(sample, ppm):
    k, n = sample
    assert float(at_most(k, n, ppm)) == pytest.approx(stats.binom.cdf(k, n, ppm / PPM), abs=1e-10)
    assert float(at_least(k, n, ppm)) == pytest.approx(stats.binom.sf(k - 1, n, ppm / PPM), abs=1e-10)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_tails_of_small_populations_are_scipy_s_and_the_two_make_one(data):
    population = data.draw(st.integers(1, 800))
    bad, sample = data.draw(st.integers(0, population)), data.draw(st.integers(0, population))
    k = data.draw(st.integers(-1, sample + 1))
    below, above = finite_at_most(k, sample, population, bad), finite_at_least(k + 1, sample, population, bad)
    assert float(below) == pytest.approx(stats.hypergeom.cdf(k, population, bad, sample), abs=1e-9)
    assert abs(below + above - 1) < Decimal(10) ** -25


def test_tails_have_far_more_digits_than_a_float():
    exact = sum(
        Fraction(int(c), 1) * Fraction(3, 100) ** i * Fraction(97, 100) ** (40 - i)
        for i, c in enumerate([1, 40, 780, 9880])
    )
    found = at_most(3, 40, 30_000)
    assert abs(Fraction(found) - exact) < Fraction(1, 10**35)


@pytest.mark.parametrize(
    ("sample", "passes", "fails"),
    [(59, 0, 7), (93, 1, 9), (124, 2, 11), (200, 4, 16), (300, 8, 22), (500, 16, 34), (1000, 38, 63), (2000, 83, 117), (4000, 177, 224)],
)  # fmt: skip
def test_the_table_of_a_source_at_five_per_cent(sample, passes, fails):
    assert accepted_up_to(sample, 50_000) == passes
    assert refused_from(sample, 50_000) == fails
    assert upper_ppm(passes, sample) <= 50_000 < upper_ppm(passes + 1, sample)
    assert lower_ppm(fails - 1, sample) <= 50_000 < lower_ppm(fails, sample) + 1


def test_the_numbers_of_the_practice_documents():
    assert accepted_up_to(4000, 40_000) == 139  # by the rule as written 160 pass
    assert accepted_up_to(10_000, 20_000) == 176
    assert accepted_up_to(100_000, 20_000) == 1_926
    assert (lower_ppm(160, 4000), upper_ppm(160, 4000)) == (35_029, 45_478)
    assert accepted_up_to(58, 50_000) == -1  # not even none failing shows it
    assert round(float(at_most(160, 4000, 40_000)), 2) == 0.52  # how often a corpus at 4.0 % passes as written
    assert round(float(at_most(160, 4000, 50_000)), 4) == 0.0016


def test_samples_without_failures():
    assert [zero_failure_sample(50_000, population=n) for n in (500, 2_000, 10_000, 10**9)] == [54, 57, 59, 59]
    assert zero_failure_sample(50_000) == 59
    assert [zero_failure_sample(50_000, of_many(ALPHA, many)) for many in (10, 100, 1_000)] == [104, 149, 194]
    assert zero_failure_sample(1_000_000, population=40) == 0  # a share of all bounds nothing
    with pytest.raises(ValueError, match="look at all of them"):
        zero_failure_sample(0)
    with pytest.raises(ValueError, match="at least one"):
        of_many(ALPHA, 0)


def test_wilson_is_the_textbook_s_and_covers_a_chart():
    assert wilson_ppm(160, 4000, Z_ONE_SIDED)[1] == 45_416
    n, k, z = 300, 7, float(Z_TWO_SIDED)
    p = k / n
    middle, spread = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
    )
    assert [float(x) for x in wilson(k, n)] == pytest.approx([middle - spread, middle + spread], abs=1e-9)
    assert (wilson(0, 0), wilson_ppm(0, 9)[0], wilson_ppm(9, 9)[1]) == ((0, 1), 0, PPM)
    assert float(Z_ONE_SIDED) == pytest.approx(stats.norm.ppf(0.95)) and z == pytest.approx(stats.norm.ppf(0.975))


@pytest.mark.parametrize("population", [40, 300, 2_000])
def test_bounds_of_a_small_population_cover_every_number_of_failing_records(population):
    sample = min(population // 2, 120)
    highs = [finite_upper(k, sample, population) for k in range(sample + 1)]
    lows = [finite_lower(k, sample, population) for k in range(sample + 1)]
    for bad in range(0, population + 1, max(1, population // 50)):
        p = stats.hypergeom.pmf(np.arange(sample + 1), population, bad, sample)
        assert p[np.array(highs) >= bad].sum() >= 0.95 - 1e-9
        assert p[np.array(lows) <= bad].sum() >= 0.95 - 1e-9
    assert highs[0] < population - sample and lows[sample] > sample // 2
    assert (
        finite_upper(3, population, population) == finite_lower(3, population, population) == 3
    )  # nothing is left open


@pytest.mark.parametrize("share", [0.001, 0.01, 0.04, 0.05, 0.2, 0.7])
@pytest.mark.parametrize("sample", [30, 300, 4000])
def test_each_bound_covers_at_least_95_per_cent_of_simulated_samples(share, sample):
    # Bounds grow with the failures, so what covers is all beyond one number of them.
    least = bisect_left(range(sample + 1), share * PPM, key=lambda k: upper_ppm(k, sample))
    most = bisect_right(range(sample + 1), share * PPM, key=lambda k: lower_ppm(k, sample)) - 1
    failures = np.random.default_rng(20261122).binomial(sample, share, 20_000)
    high, low = (failures >= least).sum(), (failures <= most).sum()
    assert high / 20_000 >= 0.945 and low / 20_000 >= 0.945  # 3 standard errors of the simulation
    if sample * share > 20:
        assert high / 20_000 <= 0.985 and low / 20_000 <= 0.985  # and it is no empty promise


def test_wilson_covers_about_95_per_cent_and_not_always():
    share, sample = 0.04, 4000
    failures, times = np.unique(np.random.default_rng(7).binomial(sample, share, 20_000), return_counts=True)
    inside = [
        int(t)
        for k, t in zip(failures, times, strict=True)
        if wilson(int(k), sample)[0] <= share <= wilson(int(k), sample)[1]
    ]
    assert 0.94 <= sum(inside) / 20_000 <= 0.96


@pytest.mark.parametrize(("part", "whole"), [(-1, 5), (6, 5)])
def test_a_part_beyond_its_whole_is_refused(part, whole):
    for bound in (upper_ppm, lower_ppm):
        with pytest.raises(ValueError, match="cannot exceed"):
            bound(part, whole)
    with pytest.raises(ValueError, match="cannot exceed"):
        finite_upper(0, whole + 1, whole)


def test_nothing_sampled_bounds_nothing():
    assert (lower_ppm(0, 0), upper_ppm(0, 0)) == (0, PPM)


def test_a_sample_of_ten_million_is_quick_enough():
    assert 20_070 < upper_ppm(200_000, 10_000_000) < 20_080
