"""How evenly a whole is spread over its parts: entropy, Hill numbers, top shares; and how many different things a sketch saw.

Hill (Ecology 54, 1973): the number of order q is (sum p^q)^(1/(1-q)): order 0 counts the parts, order 1 is the exponential of
Shannon's entropy, order 2 one over the sum of squared shares (one over the Herfindahl-Hirschman index). Each is a number
of parts: so many equal ones would be as diverse.

Decimals of 50 digits, rounded once at the end to thousandths or ppm: the same on every machine.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from math import isqrt
from typing import Final

PPM: Final = 1_000_000
MILLI: Final = 1_000
_CONTEXT: Final = Context(prec=50, rounding=ROUND_HALF_EVEN)
_TOP: Final = (1, 10)
_NEGLIGIBLE: Final = Decimal(10) ** -45

REGISTER_BITS: Final = 12
REGISTERS: Final = 1 << REGISTER_BITS
RANKS: Final = 64 - REGISTER_BITS
"""A register holds 0 to RANKS + 1."""
_ALPHABET: Final = bytes(sign for sign in range(ord("0"), 127) if sign != ord("\\"))
_SIGNS: Final = _ALPHABET[: RANKS + 2] + bytes(256 - RANKS - 2)
_VALUES: Final = bytes(max(_SIGNS.find(sign), 0) for sign in range(256))
STANDARD_ERROR_PPM: Final = 1_040_000 // isqrt(REGISTERS)
"""1.04 over the root of the number of registers (Flajolet, Fusy, Gandouet and Meunier: HyperLogLog, 2007)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """*parts* that are not zero (Hill's number of order 0); entropy in thousandths of a bit; Hill's numbers of order 1 and 2
    in thousandths; *evenness_ppm*: order 1 of order 0; shares of the largest part and of the ten largest. Of nothing: all
    zero, and None where there is nothing to divide by.
    """

    parts: int
    entropy_millibits: int
    hill1_milli: int
    hill2_milli: int
    evenness_ppm: int | None
    top1_ppm: int | None
    top10_ppm: int | None


def spread(counts: Iterable[int]) -> Spread:
    """The spread of a whole over parts of these sizes; zeros are no parts. Raises ``ValueError`` for a negative size."""
    return spread_of(Counter(counts))


def spread_of(many_of: Mapping[int, int]) -> Spread:
    """The same of how many parts there are of each size."""
    sizes = Counter({size: many for size, many in many_of.items() if size and many})
    if sizes and min(sizes) < 0:
        raise ValueError(f"spread: a part of {min(sizes)}; a part is not negative")
    parts, whole = sizes.total(), sum(size * many for size, many in sizes.items())
    if not parts:
        return Spread(0, 0, 0, 0, None, None, None)
    squares = sum(size * size * many for size, many in sizes.items())
    with localcontext(_CONTEXT):
        logs = sum((Decimal(many * size) * Decimal(size).ln() for size, many in sorted(sizes.items())), Decimal(0))
        nats = max(Decimal(whole).ln() - logs / whole, Decimal(0)) if parts > 1 else Decimal(0)
        one = nats.exp()
        largest = sorted(sizes, reverse=True)
        top = [_ppm(_largest(sizes, largest, n), whole) for n in _TOP]
        return Spread(
            parts, _rounded(nats / Decimal(2).ln() * MILLI), _rounded(one * MILLI), _rounded_ratio(whole * whole * MILLI, squares),
            _rounded(one / parts * PPM), *top,
        )  # fmt: skip


def distinct_seen(registers: Sequence[int]) -> int:
    """How many different things a HyperLogLog sketch of REGISTERS *registers* saw, to the nearest whole number.

    Ertl (New cardinality estimation algorithms for HyperLogLog sketches, 2017), algorithm 6: without bias from nothing to
    2**64, and without tables. Raises ``ValueError`` for another number of registers, or a value none can have.
    """
    if len(registers) != REGISTERS or not all(0 <= value <= RANKS + 1 for value in registers):
        raise ValueError(f"sketch: {REGISTERS} registers of 0 to {RANKS + 1} are needed")
    having = Counter(registers)
    if having[0] == REGISTERS:
        return 0
    with localcontext(_CONTEXT):
        m = Decimal(REGISTERS)
        z = m * _tau(1 - having[RANKS + 1] / m)
        for value in range(RANKS, 0, -1):
            z = (z + having[value]) / 2
        z += m * _sigma(having[0] / m)
        return _rounded(m * m / (2 * Decimal(2).ln() * z))


def written(registers: bytes) -> str:
    """A sketch as text: one sign a register, in the order of their values; nothing for one that saw nothing."""
    return registers.translate(_SIGNS).decode("ascii") if any(registers) else ""


def registers_of(signs: str) -> bytes:
    """The registers of what `written` gave, a byte each."""
    return signs.encode("ascii").translate(_VALUES) if signs else bytes(REGISTERS)


def _sigma(x: Decimal) -> Decimal:
    """x plus the sum over k of x^(2^k) * 2^(k-1)."""
    power, total, weight = x, x, Decimal(1)
    while power > _NEGLIGIBLE:
        power *= power
        total += power * weight
        weight *= 2
    return total


def _tau(x: Decimal) -> Decimal:
    """A third of (1 - x minus the sum over k of (1 - x^(2^-k))^2 * 2^-k)."""
    if not 0 < x < 1:
        return Decimal(0)
    total, weight, step = 1 - x, Decimal(1), Decimal(1)
    while step > _NEGLIGIBLE:
        x, weight = x.sqrt(), weight / 2
        step = (1 - x) ** 2 * weight
        total -= step
    return total / 3


def _largest(sizes: Counter[int], order: Sequence[int], most: int) -> int:
    """The *most* largest parts together."""
    total = 0
    for size in order:
        taken = min(sizes[size], most)
        total, most = total + taken * size, most - taken
        if not most:
            break
    return total


def _ppm(part: int, whole: int) -> int:
    return _rounded_ratio(part * PPM, whole)


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def _rounded_ratio(part: int, whole: int) -> int:
    return round(Fraction(part, whole))
