"""How many of the words that the fairness lexicon finds name what they stand for: measured on real texts, by ground and language.

The counts stand in `packs/fairness/precision.yaml` with the digest of the lexicon that they were judged with; of any other
lexicon nothing was measured. How they were drawn and judged: docs/how-to/fairness.md.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

from schemas.intervals import ALPHA, PPM, lower_ppm, upper_ppm

FILE: Final = "packs/fairness/precision.yaml"
TWO_SIDED: Final[Fraction] = ALPHA / 2


@dataclass(frozen=True, slots=True)
class Precision:
    """*right* of *judged* places name the group; *low_ppm*, *high_ppm*: Clopper and Pearson's two-sided 95 %."""

    ground: str
    language: str
    judged: int
    right: int
    precision_ppm: int
    low_ppm: int
    high_ppm: int


def measured_precision(lexicon: str) -> tuple[Precision, ...]:
    """By ground and language, of the lexicon with this digest; empty for one that nobody judged."""
    told = _told()
    if told["lexicon"] != lexicon:
        return ()
    return tuple(
        precision_of(ground, language, *counts)
        for ground, of in told["grounds"].items()
        for language, counts in of.items()
    )


def precision_of(ground: str, language: str, judged: int, right: int) -> Precision:
    """A share of places judged, rounded down, with its interval, rounded outwards."""
    low, high = lower_ppm(right, judged, TWO_SIDED), upper_ppm(right, judged, TWO_SIDED)
    return Precision(ground, language, judged, right, right * PPM // judged, low, high)


@cache
def _told() -> Any:
    return yaml.safe_load(files("schemas").joinpath(FILE).read_text(encoding="utf-8"))
