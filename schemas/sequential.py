"""Wald's sequential test of a share: look at records in an order fixed beforehand, and stop as soon as the answer is plain.

Wald (Annals of Mathematical Statistics 16, 1945): after each record the likelihood of the bad share over that of the good
one is held against (1 - beta) / alpha and beta / (1 - alpha). Alpha is the risk of refusing a source as good as *good_ppm*,
beta that of passing one as bad as *bad_ppm*. Wald's borders keep their sum, and in practice each. What is undecided at the
cap falls back to one bound of a sample of that size (`schemas.intervals`), which was looked at once.

The order must follow from a seed that nobody chose: who may order the records may choose the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Final

from schemas.intervals import ALPHA, PPM, accepted_up_to, refused_from

MET: Final = "met"
NOT_MET: Final = "not_met"
INSUFFICIENT: Final = "insufficient_evidence"
"""What a test comes to, in the words of `schemas.manifest.STATES`."""
_DIGITS: Final = 40
STOPPED: Final = "stopped"
FELL_BACK: Final = "fell-back"
GOES_ON: Final = "goes-on"
"""How a test came to its state: a border was crossed; the cap was reached and one bound answered; more records are needed."""


@dataclass(frozen=True)
class Sequential:
    """Shares and risks of a test, all in ppm, and the most records that it looks at. `ValueError` where they make no test."""

    good_ppm: int
    bad_ppm: int
    alpha_ppm: int
    beta_ppm: int
    cap: int

    def __post_init__(self) -> None:
        """Refuse what is no test."""
        if not 0 < self.good_ppm < self.bad_ppm < PPM:
            raise ValueError(
                f"sequential test: {self.good_ppm} and {self.bad_ppm} ppm; give 0 < good < bad < 1,000,000"
            )
        if min(self.alpha_ppm, self.beta_ppm) <= 0 or self.alpha_ppm + self.beta_ppm >= PPM or self.cap < 1:
            raise ValueError("sequential test: risks are above 0 and together below 1,000,000 ppm, the cap at least 1")

    def borders(self, sample: int) -> tuple[int, int]:
        """After *sample* records: the most failures that pass (-1: none do yet), the fewest that refuse."""
        with localcontext(prec=_DIGITS):
            slope, passing, refusing = self._lines
            passes, refuses = slope * sample - passing, slope * sample + refusing
            return int(passes.to_integral_value("ROUND_FLOOR")) if passes >= 0 else -1, int(
                refuses.to_integral_value("ROUND_CEILING")
            )

    def walk(self, failed: Sequence[bool], alpha: Fraction = ALPHA) -> "Walked":
        """What the records in their order come to; those after the stop are not looked at. *alpha*: of the bound at the cap."""
        failures = 0
        for sample, one in enumerate(failed[: self.cap], 1):
            failures += bool(one)
            passes, refuses = self.borders(sample)
            if failures <= passes or failures >= refuses:
                return Walked(MET if failures <= passes else NOT_MET, STOPPED, sample, failures)
        if len(failed) < self.cap:
            return Walked(INSUFFICIENT, GOES_ON, len(failed), failures)
        return Walked(self._at_the_cap(failures, alpha), FELL_BACK, self.cap, failures)

    def _at_the_cap(self, failures: int, alpha: Fraction) -> str:
        if failures <= accepted_up_to(self.cap, self.bad_ppm, alpha):
            return MET
        return NOT_MET if failures >= refused_from(self.cap, self.bad_ppm, alpha) else INSUFFICIENT

    @cached_property
    def _lines(self) -> tuple[Decimal, Decimal, Decimal]:
        """Slope, and how far below and above it the borders lie."""
        with localcontext(prec=_DIGITS):
            good, bad = Decimal(self.good_ppm) / PPM, Decimal(self.bad_ppm) / PPM
            alpha, beta = Decimal(self.alpha_ppm) / PPM, Decimal(self.beta_ppm) / PPM
            steep = (bad * (1 - good) / (good * (1 - bad))).ln()
            passing, refusing = ((1 - alpha) / beta).ln(), ((1 - beta) / alpha).ln()
            return ((1 - good) / (1 - bad)).ln() / steep, passing / steep, refusing / steep


@dataclass(frozen=True, slots=True)
class Walked:
    """*state* of `STATES`, *how* it came about, after how many records with how many failures."""

    state: str
    how: str
    sample: int
    failures: int
