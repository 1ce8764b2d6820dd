"""Shingles through a sieve: of all shingles exactly those that it lets through, by the kernel as without it."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import kernels, terms
from checks.terms import sieve as sieving
from checks.terms.sieve import Sieve, shingles_through

WAYS = pytest.mark.parametrize("way", ["kernel", "plain"])
PIECES = st.sampled_from(
    ["a", "bc ", " ", "中", "文字", "é", "ﬁ", "㎏", "\u200b", "x" * 40, "한글", "ไทย", "😀", "word " * 30, "山水" * 20]
)
VALUES = st.none() | st.lists(PIECES, max_size=40).map("".join)


@pytest.fixture
def looking(monkeypatch):
    def chosen(way):
        if way == "plain":
            monkeypatch.setattr(kernels, "library", lambda: None)
        elif kernels.library() is None:
            pytest.skip("the kernels are not built")

    return chosen


def random_hashes(count, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, count, dtype=np.uint64)


def expected(sieve, text, rows, width):
    hashes, places, ends = terms.shingle_runs(text, rows, width)
    kept = [bool(sieve.lets_through(hashes[i : i + 1])[0]) for i in range(len(hashes))]
    counts = [sum(kept[start:end]) for start, end in pairwise(ends.tolist())]
    return hashes[kept].tolist(), places[kept].tolist(), [0, *np.cumsum(counts).tolist()]


def got(sieve, text, rows, width, *, placed):
    hashes, places, ends = shingles_through(sieve, text, rows, width, placed=placed)
    return hashes.tolist(), places.tolist(), ends.tolist()


@WAYS
@settings(max_examples=40, deadline=None)
@given(values=st.lists(VALUES, max_size=6), width=st.sampled_from([1, 2, 5, 13, 30, 64]), data=st.data())
def test_it_gives_the_runs_that_go_through(way, values, width, data):
    if way == "plain" or kernels.library() is not None:
        text = pa.array(values, data.draw(st.sampled_from([pa.string(), pa.large_string()])))
        rows = np.array(data.draw(st.lists(st.integers(0, len(values) - 1), max_size=6)) if values else [], np.intp)
        all_of_them = terms.shingle_runs(text, rows, width)[0]
        sieve = Sieve.of(np.concatenate([all_of_them[::3], random_hashes(20)]))
        hashes, places, ends = expected(sieve, text, rows, width)
        with pytest.MonkeyPatch.context() as patch:
            if way == "plain":
                patch.setattr(kernels, "library", lambda: None)
            assert got(sieve, text, rows, width, placed=True) == (hashes, places, ends)
            assert got(sieve, text, rows, width, placed=False) == (hashes, [], ends)


@pytest.mark.parametrize("width", [1, 5, 13, 30, 64])
@pytest.mark.parametrize("unit", ["word{} ", "{}é ", "中"], ids=["ascii", "mixed", "han"])
def test_long_rows_are_sifted_over_every_joint_of_the_kernel_s_buffers(width, unit, looking):
    looking("kernel")
    text = pa.array(
        ["".join(unit.format(n % 977) for n in range(9_000)), "", "".join(unit.format(n) for n in range(7))]
    )
    rows = np.array([0, 1, 2, 0])
    all_of_them = terms.shingle_runs(text, rows, width)[0]
    sieve = Sieve.of(all_of_them[:: max(1, len(all_of_them) // 50)])
    assert got(sieve, text, rows, width, placed=True) == expected(sieve, text, rows, width)


@WAYS
def test_what_it_was_made_of_goes_through_and_of_others_few(way, looking):
    looking(way)
    for count in (0, 1, 100, 65_536, 300_000):
        own = random_hashes(count)
        sieve = Sieve.of(own)
        assert sieve.lets_through(own).all()
        assert np.count_nonzero(sieve.lets_through(random_hashes(200_000, 2))) < 200_000 / 100
        assert 64 <= len(sieve.words) <= max(64, count // 2)
    text = pa.array([" ".join(f"w{n}" for n in range(500))])
    none, every = Sieve(np.zeros(64, np.uint64)), Sieve(np.full(2, 2**64 - 1, np.uint64))
    assert len(shingles_through(none, text, np.array([0]), 13)[0]) == 0
    assert len(shingles_through(every, text, np.array([0]), 13)[0]) == 488


@WAYS
def test_rows_and_widths_that_are_not_there_are_refused(way, looking):
    looking(way)
    sieve = Sieve.of(random_hashes(4))
    for width in (0, 65, -1):
        with pytest.raises(ValueError, match="width"):
            shingles_through(sieve, pa.array(["a"]), np.array([0]), width)
    assert sieving.shingles_through(sieve, pa.array([], pa.string()), np.array([], np.intp), 5)[2].tolist() == [0]


def test_a_sieve_that_is_none_is_refused_by_the_kernel(looking):
    looking("kernel")
    with pytest.raises(ValueError, match="kernel"):
        shingles_through(Sieve(np.zeros(1, np.uint64)), pa.array(["a"]), np.array([0]), 5)
