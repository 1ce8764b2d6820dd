"""Bounds on a share from a sample: one-sided Clopper-Pearson, exact ones of small populations, Wilson for charts.

Clopper and Pearson (Biometrika 26, 1934): the upper bound is the least share under which so few failures, or fewer, have a
probability of at most alpha; the lower one the greatest under which so many, or more, have. It never covers less than it
says. Of a small population the same question is put to the hypergeometric distribution. Wilson (JASA 22, 1927) covers
95 % on average only, so it draws error bars and decides nothing.

Decimals of 50 digits and whole numbers: the same on every machine, where a library's incomplete beta function need not be.
Shares are whole ppm, bounds rounded outwards. A bound holds for one look at one random sample: looked at again and again
while the sample grows, it does not (`schemas.sequential`).
"""

from collections.abc import Callable, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import ceil, factorial, floor, isqrt
from typing import Final

PPM: Final = 1_000_000
ALPHA: Final = Fraction(1, 20)
"""What a one-sided bound of 95 % misses at most."""
Z_ONE_SIDED: Final = Fraction(16_448_536_269_514_722, 10**16)
"""Standard errors of a one-sided 95 %."""
Z_TWO_SIDED: Final = Fraction(19_599_639_845_400_54, 10**15)
"""Standard errors to either side of a two-sided 95 %."""
SMALL_POPULATION: Final = 10_000
"""Up to so many records a bound takes into account how many there are; beyond, the difference is below a sampled record."""
_CONTEXT: Final = Context(prec=50, Emin=MIN_EMIN, Emax=MAX_EMAX)
_NEGLIGIBLE: Final = Decimal(10) ** -40
_FINE: Final = 10**12  # square roots to so many parts, rounded up
_SHIFT: Final = 64  # from here on Stirling's series is exact to 40 digits
_BERNOULLI: Final = tuple(
    Fraction(*pair) for pair in (
        (1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798), (-174611, 330),
        (854513, 138), (-236364091, 2730),
    )
)  # fmt: skip
_PI: Final = Decimal("3.14159265358979323846264338327950288419716939937511")

Step = Callable[[int], tuple[int, int]]
"""The ratio, as two whole numbers, of a term of a tail to the one before it."""


@lru_cache(maxsize=4096)
def upper_ppm(failures: int, sample: int, alpha: Fraction = ALPHA) -> int:
    """The one-sided upper bound of the share of failures; all of it where nothing was sampled."""
    _refuse(failures, sample)
    if failures == sample:
        return PPM
    return _least(failures * PPM // sample, PPM, lambda ppm: at_most(failures, sample, ppm) <= _decimal(alpha))


@lru_cache(maxsize=4096)
def lower_ppm(failures: int, sample: int, alpha: Fraction = ALPHA) -> int:
    """The one-sided lower bound of the share of failures; 0 where nothing was sampled."""
    _refuse(failures, sample)
    if not failures:
        return 0
    return _least(0, failures * PPM // sample + 1, lambda ppm: at_least(failures, sample, ppm) > _decimal(alpha)) - 1


def accepted_up_to(sample: int, limit_ppm: int, alpha: Fraction = ALPHA) -> int:
    """The most failures whose upper bound is within *limit_ppm*; -1 where not even none has it: the sample is too small."""
    return _least(0, sample, lambda k: at_most(k, sample, limit_ppm) > _decimal(alpha)) - 1


def refused_from(sample: int, limit_ppm: int, alpha: Fraction = ALPHA) -> int:
    """The fewest failures whose lower bound is beyond *limit_ppm*; more than *sample* where not even all of it has it."""
    return _least(0, sample + 1, lambda k: at_least(k, sample, limit_ppm) <= _decimal(alpha))


def zero_failure_sample(limit_ppm: int, alpha: Fraction = ALPHA, population: int | None = None) -> int:
    """How many must be looked at so that none failing bounds the share by *limit_ppm*; of *population* records at most all."""
    if population is None:
        _refuse(limit_ppm, PPM)
        if not limit_ppm:
            raise ValueError("intervals: no sample without failures bounds a share by 0; look at all of them")
        most = 1
        while at_most(0, most, limit_ppm) > _decimal(alpha):
            most *= 2
        return _least(1, most, lambda n: at_most(0, n, limit_ppm) <= _decimal(alpha))
    bad = limit_ppm * population // PPM + 1
    if bad > population:
        return 0
    return _least(1, population, lambda n: finite_at_most(0, n, population, bad) <= _decimal(alpha))


def of_many(alpha: Fraction, looks: int) -> Fraction:
    """Bonferroni's alpha of each of *looks* bounds so that all of them hold together."""
    if looks < 1:
        raise ValueError(f"intervals: {looks} bounds; there is at least one")
    return alpha / looks


def finite_upper(failures: int, sample: int, population: int, alpha: Fraction = ALPHA) -> int:
    """The most failing records that *population* may hold, from a sample without replacement: a number of records."""
    _refuse_finite(failures, sample, population)
    most = population - (sample - failures)
    wanted = _decimal(alpha)
    return (
        _least(
            failures, most + 1, lambda bad: bad > most or finite_at_most(failures, sample, population, bad) <= wanted
        )
        - 1
    )


def finite_lower(failures: int, sample: int, population: int, alpha: Fraction = ALPHA) -> int:
    """The fewest failing records that *population* may hold."""
    _refuse_finite(failures, sample, population)
    wanted = _decimal(alpha)
    most = population - (sample - failures)
    return _least(failures, most, lambda bad: finite_at_least(failures, sample, population, bad) > wanted)


def at_most(failures: int, sample: int, share_ppm: int) -> Decimal:
    """P(X <= failures) of a binomial X, to about 40 digits."""
    if failures < 0:
        return Decimal(0)
    if failures >= sample or share_ppm <= 0:
        return Decimal(1)
    if share_ppm >= PPM:
        return Decimal(0)
    with localcontext(_CONTEXT):
        if (sample + 1) * share_ppm <= failures * PPM:  # beyond the mode: the other tail is the short one
            return 1 - _binomial_up(failures + 1, sample, share_ppm)
        rest = PPM - share_ppm
        return _tail(
            _binomial(failures, sample, share_ppm), range(failures, 0, -1),
            lambda i: (i * rest, (sample - i + 1) * share_ppm),
        )  # fmt: skip


def at_least(failures: int, sample: int, share_ppm: int) -> Decimal:
    """P(X >= failures)."""
    if failures <= 0:
        return Decimal(1)
    if failures > sample or share_ppm <= 0:
        return Decimal(0)
    if share_ppm >= PPM:
        return Decimal(1)
    with localcontext(_CONTEXT):
        if (sample + 1) * share_ppm < failures * PPM:
            return _binomial_up(failures, sample, share_ppm)
        return 1 - at_most(failures - 1, sample, share_ppm)


def finite_at_most(failures: int, sample: int, population: int, bad: int) -> Decimal:
    """P(X <= failures) of a hypergeometric X: *sample* of *population* of which *bad* fail."""
    least, most = max(0, sample + bad - population), min(sample, bad)
    if failures < least:
        return Decimal(0)
    if failures >= most:
        return Decimal(1)
    with localcontext(_CONTEXT):
        if failures * (population + 2) >= (sample + 1) * (bad + 1):
            return 1 - _finite_up(failures + 1, sample, population, bad)
        spare = population - bad - sample
        return _tail(
            _finite(failures, sample, population, bad), range(failures, least, -1),
            lambda i: (i * (spare + i), (bad - i + 1) * (sample - i + 1)),
        )  # fmt: skip


def finite_at_least(failures: int, sample: int, population: int, bad: int) -> Decimal:
    """P(X >= failures)."""
    with localcontext(_CONTEXT):
        if max(0, sample + bad - population) < failures <= min(sample, bad) and (
            failures * (population + 2) > (sample + 1) * (bad + 1)
        ):
            return _finite_up(failures, sample, population, bad)
        return 1 - finite_at_most(failures - 1, sample, population, bad)


def wilson(part: int, whole: int, z: Fraction = Z_TWO_SIDED) -> tuple[Fraction, Fraction]:
    """Wilson's interval of *part* in *whole* at *z* standard errors, rounded outwards; all of 0 to 1 for no whole."""
    if not whole:
        return Fraction(0), Fraction(1)
    squared = z * z
    middle, spread = part + squared / 2, z * root(Fraction(part * (whole - part), whole) + squared / 4)
    low, high = (middle - spread) / (whole + squared), (middle + spread) / (whole + squared)
    return (Fraction(0) if part == 0 else max(low, Fraction(0))), (
        Fraction(1) if part == whole else min(high, Fraction(1))
    )


def wilson_ppm(part: int, whole: int, z: Fraction = Z_TWO_SIDED) -> tuple[int, int]:
    """The same in ppm, rounded outwards: error bars of a chart."""
    low, high = wilson(part, whole, z)
    return floor(low * PPM), ceil(high * PPM)


def root(of: Fraction) -> Fraction:
    """The square root, rounded up to a part in 10**12."""
    scaled = ceil(of * _FINE * _FINE)
    found = isqrt(scaled)
    return Fraction(found + (found * found < scaled), _FINE)


def _binomial_up(failures: int, sample: int, share_ppm: int) -> Decimal:
    rest = PPM - share_ppm
    return _tail(
        _binomial(failures, sample, share_ppm), range(failures, sample),
        lambda i: ((sample - i) * share_ppm, (i + 1) * rest),
    )  # fmt: skip


def _finite_up(failures: int, sample: int, population: int, bad: int) -> Decimal:
    spare = population - bad - sample
    return _tail(
        _finite(failures, sample, population, bad), range(failures, min(sample, bad)),
        lambda i: ((bad - i) * (sample - i), (i + 1) * (spare + i + 1)),
    )  # fmt: skip


def _tail(first: Decimal, steps: Sequence[int], ratio: Step) -> Decimal:
    """The sum of a tail from its greatest term on, until what is left cannot matter."""
    total = term = first
    for i in steps:
        top, bottom = ratio(i)
        term = term * top / bottom
        total += term
        if term < total * _NEGLIGIBLE:
            break
    return min(total, Decimal(1))


def _binomial(failures: int, sample: int, share_ppm: int) -> Decimal:
    share = Decimal(share_ppm) / PPM
    logs = failures * share.ln() + (sample - failures) * (1 - share).ln()
    return (_chosen(sample, failures) + logs).exp()


def _finite(failures: int, sample: int, population: int, bad: int) -> Decimal:
    ways = _chosen(bad, failures) + _chosen(population - bad, sample - failures) - _chosen(population, sample)
    return ways.exp()


def _chosen(whole: int, part: int) -> Decimal:
    return _log_factorial(whole) - _log_factorial(part) - _log_factorial(whole - part)


@lru_cache(maxsize=4096)
def _log_factorial(n: int) -> Decimal:
    with localcontext(_CONTEXT):
        if n < _SHIFT:
            return Decimal(factorial(n)).ln()
        x = Decimal(n)
        total = x * x.ln() - x + (2 * _PI * x).ln() / 2
        power = x
        for j, b in enumerate(_BERNOULLI, 1):
            total += Decimal(b.numerator) / (b.denominator * 2 * j * (2 * j - 1)) / power
            power *= x * x
        return total


def _least(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number from *low* on for which *holds*, where it holds for all after it too; *high* where for none before."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _decimal(of: Fraction) -> Decimal:
    with localcontext(_CONTEXT):
        return Decimal(of.numerator) / of.denominator


def _refuse(part: int, whole: int) -> None:
    if not 0 <= part <= whole:
        raise ValueError(f"intervals: {part} of {whole}; a part is not negative and cannot exceed its whole")


def _refuse_finite(failures: int, sample: int, population: int) -> None:
    _refuse(failures, sample)
    _refuse(sample, population)
