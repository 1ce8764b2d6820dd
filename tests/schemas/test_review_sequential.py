"""Wald's test: its borders, its exact risks, and what it does at the cap."""

import numpy as np
import pytest

from schemas.intervals import accepted_up_to
from schemas.manifest import STATES
from schemas.sequential import FELL_BACK, GOES_ON, INSUFFICIENT, MET, NOT_MET, STOPPED, Sequential

BOOK = Sequential(20_000, 50_000, 50_000, 50_000, 1000)
SHIPPED = Sequential(20_000, 50_000, 50_000, 47_500, 1000)


def exact(test: Sequential, share: float) -> tuple[float, float, float]:
    """(passes, is refused, expected sample) by adding up every path: state k after n records."""
    alive, passed, refused, seen = np.array([1.0]), 0.0, 0.0, 0.0
    for n in range(1, test.cap + 1):
        seen += alive.sum()
        after = np.zeros(len(alive) + 1)
        after[:-1] += alive * (1 - share)
        after[1:] += alive * share
        low, high = test.borders(n)
        counts = np.arange(len(after))
        passed += after[counts <= low].sum()
        refused += after[counts >= high].sum()
        after[(counts <= low) | (counts >= high)] = 0
        alive = after
    passed += alive[: accepted_up_to(test.cap, test.bad_ppm) + 1].sum()
    return passed, refused, seen


def test_borders_are_the_book_s_lines():
    steep = np.log(0.05 * 0.98 / (0.02 * 0.95))
    slope, height = np.log(0.98 / 0.95) / steep, np.log(19) / steep
    for n in (1, 50, 94, 95, 300, 1000):
        low, high = BOOK.borders(n)
        assert low == (np.floor(slope * n - height) if slope * n >= height else -1)
        assert high == np.ceil(slope * n + height)
    assert [round(float(x), 3) for x in BOOK._lines] == [0.033, 3.108, 3.108]


@pytest.mark.parametrize(("share", "mean"), [(0.01, 137), (0.02, 226), (0.05, 183), (0.08, 74)])
def test_how_many_records_it_needs(share, mean):
    # Wald's own approximation, 136, 218, 163 and 66, leaves out by how much a border is overshot.
    assert exact(BOOK, share)[2] == pytest.approx(mean, rel=0.02)


def test_a_source_at_the_limit_passes_at_most_one_time_in_twenty_with_the_fallback_too():
    assert exact(SHIPPED, 0.05)[0] <= 0.05
    assert exact(SHIPPED, 0.02)[1] <= 0.05
    assert exact(BOOK, 0.05)[0] > 0.05  # why beta is 47,500 in the shipped plan


@pytest.mark.parametrize(
    "plan",
    [BOOK, SHIPPED, Sequential(10_000, 40_000, 25_000, 25_000, 2000), Sequential(5_000, 20_000, 50_000, 10_000, 3000)],
)
def test_wald_s_promises_hold_by_simulation_and_exactly(plan):
    good, bad, alpha, beta = (x / 1e6 for x in (plan.good_ppm, plan.bad_ppm, plan.alpha_ppm, plan.beta_ppm))
    borders = np.array([plan.borders(n) for n in range(1, plan.cap + 1)])
    rng = np.random.default_rng(20261122)
    refused_good, passed_bad = [], []
    for share, wrong in ((good, refused_good), (bad, passed_bad)):
        counts = np.cumsum(rng.random((4000, plan.cap)) < share, axis=1, dtype=np.int16)
        low, high = counts <= borders[:, 0], counts >= borders[:, 1]
        stop = np.where((low | high).any(1), (low | high).argmax(1), plan.cap - 1)
        at = np.arange(len(counts))
        fell = ~(low | high)[at, stop]
        wrong.append(
            high[at, stop].mean()
            if share == good
            else (low[at, stop] | (fell & (counts[:, -1] <= accepted_up_to(plan.cap, plan.bad_ppm)))).mean()
        )
    assert refused_good[0] == pytest.approx(exact(plan, good)[1], abs=0.012)
    assert passed_bad[0] == pytest.approx(exact(plan, bad)[0], abs=0.012)
    assert exact(plan, good)[1] <= alpha / (1 - beta) and exact(plan, bad)[0] <= beta / (1 - alpha) + 1e-3
    assert exact(plan, good)[1] + exact(plan, bad)[0] <= alpha + beta


def test_a_walk_stops_where_a_border_is_crossed_and_looks_no_further():
    clean = BOOK.walk([False] * 95 + [True] * 100)
    assert (clean.state, clean.how, clean.sample, clean.failures) == (MET, STOPPED, 95, 0)
    foul = BOOK.walk([True] * 4)
    assert (foul.state, foul.how, foul.sample) == (NOT_MET, STOPPED, 4)
    assert BOOK.walk([False] * 94).how == GOES_ON
    assert BOOK.walk([]).state == INSUFFICIENT


def test_at_the_cap_one_bound_answers():
    def held_between(cap: int, share: float) -> list[bool]:
        return [int(n * share) > int((n - 1) * share) for n in range(1, cap + 1)]

    test = Sequential(20_000, 50_000, 50_000, 47_500, 400)
    found = test.walk(held_between(400, 0.033))
    assert (found.how, found.sample, found.failures, found.state) == (FELL_BACK, 400, 13, INSUFFICIENT)
    longer = Sequential(20_000, 50_000, 50_000, 47_500, 1000)
    assert longer.walk(held_between(1000, 0.034)).state == MET  # 34 of 1,000: up to 38 pass
    assert {MET, NOT_MET, INSUFFICIENT} < set(STATES)


@pytest.mark.parametrize(
    "wrong", [(50_000, 20_000, 1, 1, 9), (0, 5, 1, 1, 9), (1, 2, 0, 1, 9), (1, 2, 500_000, 500_000, 9), (1, 2, 1, 1, 0)]
)
def test_what_is_no_test_is_refused(wrong):
    with pytest.raises(ValueError, match="sequential test"):
        Sequential(*wrong)
