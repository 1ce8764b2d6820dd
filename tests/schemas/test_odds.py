"""Log-odds with a Dirichlet prior equal the published formula and, without a prior, the plain log-odds ratio of scipy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats.contingency import odds_ratio

from schemas import odds as module
from schemas.fairness import marked_groups, odds_of, prior_ppm
from schemas.odds import PPM, PRIOR_SENTENCES, Odds, odds

parts = st.integers(1, 10**7).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


def published(y, n, other_y, other_n, share):
    """Monroe, Colaresi and Quinn 2008, in floats: their delta with a_w = a0 * share, and its variance in full."""
    a0 = PRIOR_SENTENCES
    a = a0 * share
    delta = math.log((y + a) / (n + a0 - y - a)) - math.log((other_y + a) / (other_n + a0 - other_y - a))
    variance = 1 / (y + a) + 1 / (n + a0 - y - a) + 1 / (other_y + a) + 1 / (other_n + a0 - other_y - a)
    return delta, delta / math.sqrt(variance)


@given(one=parts, other=parts, share=st.integers(1, PPM - 1))
def test_it_is_the_published_formula(one, other, share):
    delta, z = published(*one, *other, share / PPM)
    found = odds(*one, *other, share)
    assert found.log_odds_milli == pytest.approx(delta * 1000, abs=0.51)
    assert found.z_milli == pytest.approx(z * 1000, abs=0.51 + abs(z) * 1e-6)


@pytest.mark.parametrize("table", [(30, 120, 200, 4000), (5, 50, 900, 1000), (1, 2, 1, 3), (400, 1000, 100, 900)])
def test_without_a_prior_it_is_the_sample_odds_ratio_of_scipy(monkeypatch, table):
    monkeypatch.setattr(module, "PRIOR_SENTENCES", 0)
    y, n, other_y, other_n = table
    peer = odds_ratio([[y, n - y], [other_y, other_n - other_y]], kind="sample")
    low, high = peer.confidence_interval(0.95)
    error = (math.log(high) - math.log(low)) / (2 * 1.959963984540054)
    found = odds(*table, 500_000)
    assert found.log_odds_milli == pytest.approx(math.log(peer.statistic) * 1000, abs=0.51)
    assert found.z_milli == pytest.approx(math.log(peer.statistic) / error * 1000, abs=0.6)


def test_a_group_with_little_text_is_drawn_to_the_share_of_all():
    few, many = odds(2, 2, 100, 1000, 100_000), odds(2000, 2000, 100, 1000, 100_000)
    assert 0 < few.z_milli < 1000 < many.z_milli
    assert odds(7, 70, 100, 1000, 100_000) == Odds(0, 0)  # the same share as the others and as the prior


@given(one=parts, other=parts, share=st.integers(1, PPM - 1))
def test_the_others_have_the_same_odds_with_the_other_sign(one, other, share):
    here, there = odds(*one, *other, share), odds(*other, *one, share)
    assert (here.log_odds_milli, here.z_milli) == (-there.log_odds_milli, -there.z_milli)


def test_nothing_to_hold_against_each_other_is_none_and_a_part_beyond_its_whole_is_refused():
    assert odds(0, 0, 3, 9, 1000) is None
    assert odds(3, 9, 0, 0, 1000) is None
    assert odds(0, 9, 0, 9, 0) is None
    with pytest.raises(ValueError, match="5 of 4"):
        odds(5, 4, 0, 9, 1000)


def test_groups_that_stand_out_have_fifty_sentences_and_three_errors():
    groups = {
        "ground": {"a": [60, 60, 60, 30], "b": [900, 900, 900, 45], "c": [49, 49, 49, 49]},
        "other": {"d": [9, 9, 9, 1]},
    }
    assert prior_ppm(groups) == (30 + 45 + 49 + 1) * PPM // (60 + 900 + 49 + 9)
    held = odds_of(groups["ground"], prior_ppm(groups))
    assert held["a"].z_milli > 3000
    assert held["b"].z_milli < -3000
    assert held["c"].z_milli > 3000  # but with too few sentences to be marked
    assert marked_groups(groups) == 2
    assert marked_groups({}) == 0


def test_by_simulation_groups_like_the_others_are_seldom_marked_and_others_mostly_are():
    rng = np.random.default_rng(20261122)
    rounds, share = 3000, 0.05
    alike = [
        odds(int(y), 400, int(x), 8000, 50_000)
        for y, x in zip(rng.binomial(400, share, rounds), rng.binomial(8000, share, rounds), strict=True)
    ]
    z = np.array([one.z_milli for one in alike])
    assert np.mean(np.abs(z) >= 1960) <= 0.055  # the prior draws towards none, so fewer than one in twenty
    assert sum(one.is_marked(400) for one in alike) <= 0.0027 * rounds + 3
    twice = [odds(int(y), 400, 400, 8000, 50_000) for y in rng.binomial(400, 2.2 * share, 500)]
    assert np.mean([one.is_marked(400) for one in twice]) > 0.9
