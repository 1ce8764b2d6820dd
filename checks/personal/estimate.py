"""From findings to what there probably is: counts corrected by measured precision and recall, with an interval of whole numbers.

Of n findings about n*P are right, and they are a share R of what is there, so n*P/R is the estimate: Rogan and Gladen (Am. J.
Epidemiol. 107, 1978) in the form that needs no count of true negatives, which text does not have. The interval holds four
uncertainties, each within 2.5 standard errors (two-sided 0.0124), so at least 95 % together by the union bound: P and R were
measured on finitely many values (Wilson, JASA 22, 1927), and in this corpus the number of right findings and the number found
are themselves draws (score inversion of the binomial).

It carries one assumption that no arithmetic removes: P and R here are as they were where they were measured. Precision above
all follows from how many look-alikes a corpus has for each value. Reports say so beside the figure.

Whole-number arithmetic throughout: the same on every machine. ppm is parts in a million, bounds are rounded outwards.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

from schemas.intervals import PPM, root, wilson, wilson_ppm

_Z: Final = Fraction(5, 2)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """What was measured of one entity: *found* of *gold* labelled values, *right* of *reported* findings.

    Raises `ValueError` where a part exceeds its whole or is negative.
    """

    gold: int
    found: int
    reported: int
    right: int

    def __post_init__(self) -> None:
        if not (0 <= self.found <= self.gold and 0 <= self.right <= self.reported):
            raise ValueError(
                f"personal accuracy: {self.found} of {self.gold} found, {self.right} of {self.reported} right: "
                "a part cannot exceed its whole; correct the measured counts"
            )

    @property
    def recall_ppm(self) -> int | None:
        """Share of the labelled values that was found, rounded down; None where none was labelled."""
        return self.found * PPM // self.gold if self.gold else None

    @property
    def precision_ppm(self) -> int | None:
        """Share of the findings that was right, rounded down; None where nothing was reported."""
        return self.right * PPM // self.reported if self.reported else None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A corrected number and its interval of at least 95 %. *high* None: nothing bounds it; *value* None: nothing to go by."""

    value: int | None
    low: int
    high: int | None


def share_interval_ppm(part: int, whole: int) -> tuple[int, int]:
    """Wilson's interval of *part* in *whole* at 2.5 standard errors, in ppm, rounded outwards; all of 0 to 1 for no whole."""
    return wilson_ppm(part, whole, _Z)


def corrected(count: int, accuracy: Accuracy) -> Estimate:
    """How many values there probably are where *count* were found. Raises `ValueError` for a negative count."""
    if count < 0:
        raise ValueError(f"personal estimate: a count of {count}; counts are not negative")
    if not accuracy.found or not accuracy.reported:
        return Estimate(None, 0, None)
    value = Fraction(count * accuracy.right * accuracy.gold, accuracy.reported * accuracy.found)
    precision, recall = wilson(accuracy.right, accuracy.reported, _Z), wilson(accuracy.found, accuracy.gold, _Z)
    fewest = max(Fraction(0), count * precision[0] - _Z * root(count * precision[0] * (1 - precision[0])))
    most = min(Fraction(count), count * precision[1] + _Z * root(count * precision[1] * (1 - precision[1])))
    low, high = _before_thinning(fewest, recall[1], -1), _before_thinning(most, recall[0], 1)
    whole = floor(value + Fraction(1, 2))
    return Estimate(whole, max(0, min(floor(low), whole)), max(ceil(high), whole))


def corrected_rate_ppm(count: int, of: int, accuracy: Accuracy) -> Estimate:
    """The same as a share of *of* records, in ppm, at most all of them; of no records there is no rate."""
    if of <= 0:
        return Estimate(None, 0, None)
    if not 0 <= count <= of:
        raise ValueError(f"personal estimate: {count} of {of} records; a part cannot exceed its whole")
    found = corrected(count, accuracy)
    value = None if found.value is None else min(PPM, found.value * PPM // of)
    high = PPM if found.high is None else min(PPM, -(-found.high * PPM // of))
    return Estimate(value, min(PPM, found.low * PPM // of), high)


def _before_thinning(kept: Fraction, share: Fraction, sign: int) -> Fraction:
    """The least or greatest N whose binomial draw with *share* lies within 2.5 standard errors of *kept*."""
    lost = 1 - share
    inner = _Z * _Z * lost
    return (inner + 2 * kept + sign * _Z * root(lost * (inner + 4 * kept))) / (2 * share)
