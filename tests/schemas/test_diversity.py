"""Entropy, Hill numbers and sketches against libraries, published figures and simulation."""

from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from checks.mixed import mixed
from checks.scale.distinct import note, united
from schemas.diversity import (
    RANKS,
    REGISTERS,
    STANDARD_ERROR_PPM,
    _sigma,
    _tau,
    distinct_seen,
    registers_of,
    spread,
    spread_of,
    written,
)

LETTERS = {  # Lewand, Cryptological Mathematics, 2000: per mille of a per cent of English text
    "e": 12702, "t": 9056, "a": 8167, "o": 7507, "i": 6966, "n": 6749, "s": 6327, "h": 6094, "r": 5987, "d": 4253, "l": 4025,
    "c": 2782, "u": 2758, "m": 2406, "w": 2360, "f": 2228, "g": 2015, "y": 1974, "p": 1929, "b": 1492, "v": 978, "k": 772,
    "j": 153, "x": 150, "q": 95, "z": 74,
}  # fmt: skip
sizes = st.lists(st.integers(0, 10**12), max_size=40)


@given(sizes)
def test_it_is_what_numpy_and_scipy_say(counts):
    found, known = spread(counts), np.array([c for c in counts if c], np.float64)
    assert found.parts == len(known)
    if not len(known):
        assert (found.hill1_milli, found.hill2_milli, found.top1_ppm, found.evenness_ppm) == (0, 0, None, None)
        return
    shares = known / known.sum()
    assert found.entropy_millibits == pytest.approx(1000 * entropy(shares, base=2), abs=0.6)
    assert found.hill1_milli == pytest.approx(1000 * np.exp(entropy(shares)), abs=0.6)
    assert found.hill2_milli == pytest.approx(1000 / (shares**2).sum(), abs=0.6)
    ordered = np.sort(shares)[::-1]
    assert found.top1_ppm == pytest.approx(1e6 * ordered[0], abs=0.6)
    assert found.top10_ppm == pytest.approx(1e6 * ordered[:10].sum(), abs=0.6)
    assert found.evenness_ppm == pytest.approx(1e6 * np.exp(entropy(shares)) / len(known), abs=0.6)


def test_published_figures():
    # Shannon (1951) gives 4.14 bits for the letters of English; later tables of letters lie between 4.14 and 4.19.
    assert spread(LETTERS.values()).entropy_millibits == 4176
    # US Department of Justice, Horizontal Merger Guidelines (2010), §5.3: 30, 30, 20 and 20 per cent have an index of 2,600.
    assert spread([30, 30, 20, 20]).hill2_milli == round(1000 * 10_000 / 2_600)
    assert spread([7] * 12).hill1_milli == spread([7] * 12).hill2_milli == 12_000
    assert spread([5]).entropy_millibits == 0


@given(sizes, st.randoms())
def test_order_names_and_zeros_do_not_matter(counts, random):
    turned = [*counts, 0, 0]
    random.shuffle(turned)
    assert spread(turned) == spread(counts) == spread_of(Counter(counts))


def test_a_part_is_not_negative():
    with pytest.raises(ValueError, match="a part of -3"):
        spread([1, -3])


def seen(hashes):
    registers = np.zeros(REGISTERS, np.uint8)
    note(registers, hashes)
    return registers


@pytest.mark.parametrize("different", [0, 1, 10, 300, 3_000, 10_000, 30_000, 300_000])
def test_a_sketch_errs_as_its_standard_error_says(different):
    random, rounds = np.random.default_rng(different), 30
    errors = []
    for _ in range(rounds):
        hashes = mixed(random.integers(0, 2**64, different, np.uint64))
        found = distinct_seen(seen(np.concatenate([hashes, hashes[: different // 2]])).tobytes())
        errors.append(0.0 if different == found else found / different - 1 if different else 1.0)
    allowed = STANDARD_ERROR_PPM / 1e6
    assert abs(np.mean(errors)) < 4 * allowed / rounds**0.5
    assert np.sqrt(np.mean(np.square(errors))) < 1.35 * allowed


@given(st.lists(st.integers(0, RANKS + 1), min_size=1, max_size=50), st.integers(0, 2**32))
def test_a_sketch_is_text_and_back(values, seed):
    registers = np.random.default_rng(seed).choice(np.array(values, np.uint8), REGISTERS).tobytes()
    assert registers_of(written(registers)) == registers
    assert written(registers).isascii()
    assert not set('"\\') & set(written(registers))


def test_sketches_unite_in_any_order_to_the_sketch_of_all():
    hashes = mixed(np.arange(9_000, dtype=np.uint64))
    parts = [
        written(seen(part).tobytes()) for part in (hashes[:4_000], hashes[3_000:5_000], hashes[5_000:], hashes[:0])
    ]
    whole = written(seen(hashes).tobytes())
    a, b, c, nothing = parts
    assert united(united(a, b), c) == united(c, united(b, a)) == united(united(whole, nothing), a) == whole
    assert united(nothing, nothing) == ""


def test_registers_take_the_leading_zeros_of_the_lower_bits():
    for register, low, value in (
        (0, 0, RANKS + 1),
        (5, 1, RANKS),
        (4095, 1 << (RANKS - 1), 1),
        (7, (1 << RANKS) - 1, 1),
    ):
        found = seen(np.array([register << RANKS | low], np.uint64))
        assert (found[register], np.count_nonzero(found)) == (value, 1)


@pytest.mark.parametrize("x", ["0.000001", "0.3", "0.9", "0.9997"])
def test_the_two_series_are_those_of_the_paper(x):
    x = float(x)
    sigma = x + sum(x ** (2**k) * 2 ** (k - 1) for k in range(1, 40))
    tau = (1 - x - sum((1 - x ** (2.0**-k)) ** 2 * 2.0**-k for k in range(1, 60))) / 3
    assert float(_sigma(Decimal(x))) == pytest.approx(sigma, rel=1e-9)
    assert float(_tau(Decimal(x))) == pytest.approx(tau, rel=1e-6)


@pytest.mark.parametrize("registers", [bytes(5), bytes([60]) * REGISTERS])
def test_what_is_no_sketch_is_refused(registers):
    with pytest.raises(ValueError, match="4096 registers"):
        distinct_seen(registers)
