"""Rows drawn for names: the kernel draws those of numpy and hmac, of any bytes and slices; cues are those of the expression."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.kernels.name_calls import drawn_rows
from checks.personal.names import CUES, cues_in
from checks.personal.names_en import english_names
from checks.personal.sampled import drawn_plainly
from tests.kit.compiled import LARGE, strings

pytestmark = pytest.mark.usefixtures("library")

KEY = bytes(range(7, 39))
ILL_FORMED = [b"\x80", b"\xc2", b"\xe4\xb8", b"\xed\xa0\x80", b"\xff", b"\x00" * 9]
any_bytes = st.one_of(st.binary(max_size=20), st.binary(min_size=50, max_size=200), st.sampled_from(ILL_FORMED))
columns = st.lists(st.none() | any_bytes, max_size=12)
PIECES = [
    "姓名",
    "原告",
    "法定代表人",
    "Mr",
    "Mrs",
    "Prof",
    "Name",
    "name",
    "signed by",
    "Attn",
    ":",
    "：",
    ". ",
    ".",
    " ",
    "A",
    "x",
    "\n",
    "N: A",
]


@given(
    columns,
    st.sampled_from([(1, 500_000), (1, 1_000_000), (2, 900_000), (32, 800_000)]),
    st.sampled_from([pa.string(), LARGE]),
    st.booleans(),
)
def test_the_kernel_draws_the_rows_that_numpy_and_hmac_draw(library, values, rule, kind, is_plain):
    sieve, below = rule
    for text in (strings(values, kind), strings([b"before", *values], kind)[1:]):
        expected = drawn_plainly(text, KEY, sieve, below)
        assert drawn_rows(library, text, KEY, sieve, below, is_plain).tolist() == expected.tolist()


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 55, 56, 63, 64, 65, 119, 120, 128, 1000])
def test_rows_at_the_borders_of_a_block_are_drawn_alike(library, length):
    text = strings([bytes([b]) * length for b in range(40)])
    ours = drawn_rows(library, text, KEY, 1, 500_000)
    assert ours.tolist() == drawn_plainly(text, KEY, 1, 500_000).tolist()
    assert 5 < ours.sum() < 35 or not length


def test_offsets_outside_the_data_keys_and_sieves_that_are_none_are_refused(library):
    offsets = pa.py_buffer(np.array([0, 9, 1, 3]))
    broken = pa.Array.from_buffers(LARGE, 3, [None, offsets, pa.py_buffer(b"abc")])
    with pytest.raises(ValueError, match="row 0"):
        drawn_rows(library, broken, KEY, 32, 6400)
    for key, sieve in ((b"k" * 65, 32), (KEY, 0)):
        with pytest.raises(ValueError, match="kernel"):
            drawn_rows(library, strings([b"a"]), key, sieve, 6400)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_cues_are_where_the_expression_finds_them(line):
    assert cues_in(line.encode()) == [m.span() for m in re.finditer(CUES.encode(), line.encode())]


def test_names_stand_where_they_did_beside_cues_titles_and_words():
    line = "Dear John, I am Mary Jones. Name: Lee; Mr. Smith met Dr. A. Brown and the Meanwhile Alice Walker's aunt"
    found = [line[name.start : name.end] for name in english_names(line)]
    assert found == ["John", "Mary Jones", "Lee", "Smith", "A. Brown", "Alice Walker"]
