"""What verdicts come to: both arithmetics, corrected flags, weighted strata, early stops; and that the bounds cover."""

from dataclasses import replace

import numpy as np
import pytest

from schemas.corrected import NOTHING, Crossed, Stratum, rogan_gladen, stratified, weighted_share
from schemas.intervals import PPM, upper_ppm
from schemas.manifest import STATES
from schemas.review import ALL, FIXED, MACHINE, ReviewPlan, Stopping
from schemas.review_states import GroupVerdicts, alpha_of, judged, sequential_of
from schemas.sequential import FELL_BACK, STOPPED
from schemas.words import Words

TWO = Words("题", "title")
MANUAL = ReviewPlan("manual", "TC260-003", "9.2 a)", "S2", TWO, TWO, "S2", size=4000, pass_ppm=960_000, pass_mark="S2")
SOURCE = replace(
    MANUAL,
    each="source",
    size=1000,
    size_mark="H",
    pass_ppm=950_000,
    stopping=Stopping(20_000, 50_000, 50_000, 47_500, 1000),
)


def failing(many: int, of: int) -> list[bool]:
    """*many* of *of*, spread evenly."""
    return [(i * many) // of != ((i + 1) * many) // of for i in range(of)]


def test_the_rule_as_written_and_what_a_sample_shows_are_two_answers():
    for many, as_written, assured in ((139, "met", "met"), (140, "met", "insufficient_evidence"), (160, "met", "insufficient_evidence"),
                                      (161, "not_met", "insufficient_evidence"), (182, "not_met", "not_met")):  # fmt: skip
        found = judged(MANUAL, GroupVerdicts("run", 10**9, failing(many, 4000)))
        assert (found.as_written, found.assured, found.how) == (as_written, assured, FIXED), many
        assert found.high_ppm == upper_ppm(many, 4000) and found.most_failing is None
    assert {found.as_written, found.assured} <= set(STATES)


def test_a_small_population_is_bounded_by_what_is_left_in_it():
    wide = judged(MANUAL, GroupVerdicts("run", 10**6, failing(12, 400)))
    small = judged(MANUAL, GroupVerdicts("run", 500, failing(12, 400)))
    assert (wide.assured, small.assured) == ("insufficient_evidence", "met")
    assert small.most_failing is not None and 12 < small.most_failing <= 20
    every = judged(MANUAL, GroupVerdicts("run", 400, failing(16, 400)))
    assert (every.how, every.assured, every.low_ppm, every.high_ppm) == (ALL, "met", 40_000, 40_000)
    assert judged(MANUAL, GroupVerdicts("run", 400, failing(17, 400))).assured == "not_met"


def test_all_must_pass_is_never_shown_by_a_sample_and_refuted_by_one_record():
    every = replace(MANUAL, size=100, pass_ppm=PPM)
    clean = judged(every, GroupVerdicts("run", 5000, [False] * 100))
    assert (clean.as_written, clean.assured) == ("met", "insufficient_evidence")
    one = judged(every, GroupVerdicts("run", 5000, failing(1, 100)))
    assert (one.as_written, one.assured) == ("not_met", "not_met")


def test_where_the_instrument_gives_no_number_a_person_decides():
    found = judged(replace(MANUAL, pass_ppm=None), GroupVerdicts("run", 10**6, failing(3, 4000)))
    assert (found.as_written, found.assured, found.share_ppm) == ("needs_human", "needs_human", 750)


def test_a_test_that_stopped_early_gives_a_state_and_no_interval():
    found = judged(SOURCE, GroupVerdicts("web", 10**6, [False] * 200, [False] * 200, (), [None] * 200))
    assert (found.how, found.sample, found.assured, found.as_written) == (STOPPED, 97, "met", "met")
    assert (found.low_ppm, found.high_ppm) == (None, None)
    foul = judged(SOURCE, GroupVerdicts("web", 10**6, [True] * 9, [True] * 9, (), ["unlawful"] * 9))
    assert (foul.assured, foul.sample, foul.unsure, foul.reasons) == ("not_met", 4, 4, {"unlawful": 4})
    capped = judged(SOURCE, GroupVerdicts("web", 10**6, failing(34, 1000)))
    assert (capped.how, capped.high_ppm) == (FELL_BACK, upper_ppm(34, 1000))


def test_a_rule_that_gives_a_size_is_not_answered_as_written_by_fewer():
    sized = replace(SOURCE, size_mark="S2")
    found = judged(sized, GroupVerdicts("web", 10**6, [False] * 100))
    assert (found.assured, found.as_written) == ("met", "insufficient_evidence")


def test_bounds_of_many_groups_can_be_made_to_hold_together():
    together = replace(MANUAL, together=True)
    assert alpha_of(together, 10) * 10 == alpha_of(MANUAL, 10)
    alone = judged(MANUAL, GroupVerdicts("a", 10**6, failing(130, 4000)), 10)
    among = judged(together, GroupVerdicts("a", 10**6, failing(130, 4000)), 10)
    assert (alone.assured, among.assured) == ("met", "insufficient_evidence")
    test = sequential_of(replace(SOURCE, together=True), 10)
    assert test is not None and (test.alpha_ppm, test.beta_ppm) == (5_000, 4_750)


def test_more_than_there_is_cannot_be_judged_nor_nothing():
    for population, flags in ((3, [True] * 4), (3, [])):
        with pytest.raises(ValueError, match="judge one at least"):
            judged(MANUAL, GroupVerdicts("a", population, flags))


# A machine's flags


def test_rogan_gladen_s_numbers():
    low_specificity = rogan_gladen(40, 1000, Crossed(60, 30, 40, 970))
    assert low_specificity.value is not None and abs(low_specificity.value - 17_544) <= 1  # 4 % flagged, 1.75 % true
    low_sensitivity = rogan_gladen(400, 10_000, Crossed(50, 1, 50, 999))
    assert low_sensitivity.value is not None and abs(low_sensitivity.value - 78_156) <= 1  # 4 % flagged, 7.8 % true
    perfect = rogan_gladen(5, 100, Crossed(10**6, 0, 0, 10**6))
    assert perfect.value == 50_000


def test_a_machine_whose_errors_nobody_measured_shows_nothing():
    plan = replace(MANUAL, by=MACHINE, pass_ppm=980_000, size=None, share_ppm=100_000)
    raw = judged(plan, GroupVerdicts("run", 10**6, failing(100, 100_000)))
    assert (raw.as_written, raw.assured, raw.true_ppm) == ("met", "insufficient_evidence", None)
    good = judged(plan, GroupVerdicts("run", 10**6, failing(100, 100_000)), 1, Crossed(95, 2, 5, 3998))
    assert (good.as_written, good.assured) == ("met", "met")
    blind = judged(plan, GroupVerdicts("run", 10**6, failing(1000, 100_000)), 1, Crossed(250, 100, 750, 38_900))
    assert (blind.as_written, blind.assured) == ("met", "not_met")  # 1 % flagged of 3 %
    for empty in (Crossed(0, 3, 0, 40), Crossed(4, 0, 3, 0), Crossed(1, 5, 9, 5)):
        assert rogan_gladen(4, 100, empty) == NOTHING


@pytest.mark.parametrize(
    ("share", "se", "sp", "sample", "crossed"),
    [(0.05, 0.5, 0.999, 10_000, 400), (0.02, 0.9, 0.95, 5_000, 2_000), (0.1, 0.7, 0.9, 1_000, 300)],
)  # fmt: skip
def test_corrected_bounds_cover_at_least_95_per_cent_of_simulated_samples(share, se, sp, sample, crossed):
    rng = np.random.default_rng(11)
    high = low = rounds = 0
    for _ in range(50):
        flagged = int(rng.binomial(sample, share * se + (1 - share) * (1 - sp)))
        bad = int(rng.binomial(crossed, share))
        both, neither = int(rng.binomial(bad, se)), int(rng.binomial(crossed - bad, sp))
        found = rogan_gladen(flagged, sample, Crossed(both, crossed - bad - neither, bad - both, neither))
        high, low, rounds = high + (found.high >= share * PPM), low + (found.low <= share * PPM), rounds + 1
    assert high / rounds >= 0.95 and low / rounds >= 0.95


# Strata


def test_strata_are_weighted_by_what_they_hold():
    strata = [Stratum(1_000, 59, 6), Stratum(99_000, 300, 3)]
    found = stratified(strata)
    exact = 0.01 * 6 / 59 + 0.99 * 3 / 300
    variance = 0.01**2 * (6 / 59) * (53 / 59) / 58 + 0.99**2 * 0.01 * 0.99 / 299
    assert found.share.value == round(exact * PPM) and float(weighted_share(strata)) == pytest.approx(exact)
    assert found.variance_ppm2 == pytest.approx(variance * PPM * PPM, rel=1e-6)
    pooled = upper_ppm(9, 359)
    assert found.share.high < pooled  # nine of 359 says nothing of the corpus: six are from a hundredth of it
    assert stratified([*strata, Stratum(0, 0, 0)]) == found and stratified([]).share == NOTHING
    with pytest.raises(ValueError, match="look at one at least"):
        stratified([Stratum(10, 0, 0)])


def test_a_group_of_strata_is_judged_by_the_weighted_bound():
    flags = [True] * 9 + [False] * 350
    told = GroupVerdicts("run", 100_000, flags, (), [Stratum(1_000, 59, 6), Stratum(99_000, 300, 3)])
    found = judged(MANUAL, told)
    assert found.share_ppm == stratified(told.strata).share.value and found.variance_ppm2 is not None
    assert found.as_written == "met" and found.share_ppm / PPM < 9 / 359


@pytest.mark.parametrize(
    ("shares", "populations", "samples"),
    [((0.01, 0.05, 0.0), (1000, 5000, 20_000), (59, 100, 300)), ((0.0, 0.0, 0.3), (100_000, 50_000, 2_000), (300, 100, 59)),
     ((0.04, 0.01), (500_000, 1000), (1000, 59)), ((0.05, 0.03), (4000, 6000), (400, 600))],
)  # fmt: skip
def test_weighted_bounds_cover_at_least_95_per_cent_of_simulated_samples(shares, populations, samples):
    rng = np.random.default_rng(5)
    true = sum(p * n for p, n in zip(shares, populations)) / sum(populations) * PPM
    drawn = [rng.binomial(n, p, 80) for p, n in zip(shares, samples)]
    found = [stratified([Stratum(*one) for one in zip(populations, samples, map(int, k))]).share for k in zip(*drawn)]
    assert np.mean([f.high >= true for f in found]) >= 0.92 and np.mean([f.low <= true for f in found]) >= 0.92
