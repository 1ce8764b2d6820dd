"""What the verdicts on one group of a draw come to: by the rule as it is written, and with 95 % confidence.

As written, a rule holds the share in the sample against its number, whatever a sample of that size can show. With
confidence, a bound decides: met where even the upper bound of the failing share is within the limit, not met where the
lower one is beyond it, else insufficient evidence. A machine's flags are no verdicts: without a table of people and machine
their errors are unknown, and the evidence is insufficient.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from schemas.corrected import Crossed, Share, Stratum, rogan_gladen, stratified, weighted_share
from schemas.intervals import ALPHA, PPM, SMALL_POPULATION, finite_lower, finite_upper, lower_ppm, of_many, upper_ppm
from schemas.review import ALL, FIXED, MACHINE, Judged, ReviewPlan
from schemas.sequential import INSUFFICIENT, MET, NOT_MET, STOPPED, Sequential, Walked

NEEDS_HUMAN: Final = "needs_human"


@dataclass(frozen=True)
class GroupVerdicts:
    """The verdicts on one group, in the order of the draw: *failed*, and of those *unsure*; *reasons* by record, or none.

    *strata*: its parts, where it was drawn by parts.
    """

    group: str
    population: int
    failed: Sequence[bool]
    unsure: Sequence[bool] = ()
    strata: Sequence[Stratum] = ()
    reasons: Sequence[str | None] = ()

    def unsure_in(self, sample: int) -> int:
        """How many of the first *sample* nobody could judge."""
        return sum(map(bool, self.unsure[:sample]))

    def reasons_in(self, sample: int) -> dict[str, int]:
        """Reason -> how many of the first *sample* fail for it."""
        return dict(sorted(Counter(one for one in self.reasons[:sample] if one is not None).items()))


def alpha_of(plan: ReviewPlan, groups: int) -> Fraction:
    """What each bound may miss: 5 %, or so much less that the bounds of all groups hold together."""
    return of_many(ALPHA, max(1, groups)) if plan.together else ALPHA


def sequential_of(plan: ReviewPlan, groups: int) -> Sequential | None:
    """The sequential test of a plan; its risks are shared out where all groups are to hold together."""
    if plan.stopping is None:
        return None
    many = max(1, groups) if plan.together else 1
    s = plan.stopping
    return Sequential(s.good_ppm, s.bad_ppm, max(1, s.alpha_ppm // many), max(1, s.beta_ppm // many), s.cap)


def judged(plan: ReviewPlan, of: GroupVerdicts, groups: int = 1, crossed: Crossed | None = None) -> Judged:
    """What one group comes to. *groups*: of the whole draw; *crossed*: how a machine's flags stand to people's verdicts.

    ``ValueError`` where more was judged than there is, or nothing was.
    """
    if not 0 < len(of.failed) <= of.population:
        raise ValueError(f"group {of.group}: {len(of.failed)} of {of.population} records judged; judge one at least")
    alpha, test = alpha_of(plan, groups), sequential_of(plan, groups)
    walked = None if test is None else test.walk(of.failed, alpha)
    if walked is not None and walked.how == STOPPED and walked.sample < of.population:
        return _stopped(plan, of, walked)
    sample, failing = len(of.failed), sum(map(bool, of.failed))
    if sample == of.population:
        share = Fraction(failing, sample)
        return _told(plan, of, ALL, sample, failing, share, floor(share * PPM), ceil(share * PPM), crossed, alpha)
    if len(of.strata) > 1:
        whole = stratified(of.strata, alpha)
        share, bounds = weighted_share([s for s in of.strata if s.population]), whole.share
        return _told(
            plan, of, FIXED, sample, failing, share, bounds.low, bounds.high, crossed, alpha, whole.variance_ppm2
        )
    how = FIXED if walked is None else walked.how
    low, high = lower_ppm(failing, sample, alpha), upper_ppm(failing, sample, alpha)
    return _told(plan, of, how, sample, failing, Fraction(failing, sample), low, high, crossed, alpha)


def _stopped(plan: ReviewPlan, of: GroupVerdicts, walked: Walked) -> Judged:
    sample, share = walked.sample, Fraction(walked.failures, walked.sample)
    enough = plan.size_mark == "H" or sample >= (plan.size or 0)
    return Judged(
        of.group, of.population, sample, walked.failures, of.unsure_in(sample), STOPPED, _ppm(share), None, None, None, None,
        None, None, None, _as_written(plan, share) if enough else INSUFFICIENT, walked.state, of.reasons_in(sample),
    )  # fmt: skip


def _told(
    plan: ReviewPlan, of: GroupVerdicts, how: str, sample: int, failing: int, share: Fraction, low: int, high: int,
    crossed: Crossed | None, alpha: Fraction, variance: int | None = None,
) -> Judged:  # fmt: skip
    small = how != ALL and variance is None and of.population <= SMALL_POPULATION
    most = finite_upper(failing, sample, of.population, alpha) if small else None
    least = finite_lower(failing, sample, of.population, alpha) if small else None
    true = None if crossed is None or plan.by != MACHINE else rogan_gladen(failing, sample, crossed, alpha)
    if plan.by == MACHINE:
        assured = INSUFFICIENT if true is None else _by_bounds(plan, Fraction(true.low, PPM), Fraction(true.high, PPM))
    elif how == ALL:
        assured = _by_bounds(plan, share, share)
    elif most is not None and least is not None:
        assured = _by_bounds(plan, Fraction(least, of.population), Fraction(most, of.population))
    else:
        assured = _by_bounds(plan, Fraction(low, PPM), Fraction(high, PPM))
    given = true or Share(None, 0, 0)
    return Judged(
        of.group, of.population, sample, failing, of.unsure_in(sample), how, _ppm(share), low, high, most, variance,
        given.value, None if true is None else true.low, None if true is None else true.high,
        _as_written(plan, share), assured, of.reasons_in(sample),
    )  # fmt: skip


def _as_written(plan: ReviewPlan, share: Fraction) -> str:
    if plan.limit_ppm is None:
        return NEEDS_HUMAN
    return MET if share * PPM <= plan.limit_ppm else NOT_MET


def _by_bounds(plan: ReviewPlan, low: Fraction, high: Fraction) -> str:
    if plan.limit_ppm is None:
        return NEEDS_HUMAN
    limit = Fraction(plan.limit_ppm, PPM)
    return MET if high <= limit else NOT_MET if low > limit else INSUFFICIENT


def _ppm(share: Fraction) -> int:
    return floor(share * PPM + Fraction(1, 2))
