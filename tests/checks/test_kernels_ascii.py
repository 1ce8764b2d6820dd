"""Long stretches of ASCII are counted 64 bytes at a time as they are one by one, by every instruction set that is here."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.quality.reference import count
from checks.signs import count as counting
from tests.kit.compiled import LARGE, strings

pytestmark = pytest.mark.usefixtures("library")

STEP = 64
LEVELS = (0, 1, 2)
COUNTED = ("bytes", "lower", "upper", "digits", "spaces", "newlines", "bad", "starts")
ascii_bytes = st.one_of(
    st.binary(min_size=1, max_size=600).map(lambda found: bytes(byte & 0x7F for byte in found)),
    st.lists(st.sampled_from([b"The cat ", b"9z", b"\r\n", b"\t", b"_-", b"\x00\x7f", b"AZ az", b"@[`{/:"]), min_size=1, max_size=120).map(b"".join),
)  # fmt: skip
mixed_bytes = st.lists(
    st.one_of(ascii_bytes, st.sampled_from(["中文，é".encode(), b"\x80", "ÂÃ©".encode(), b"\xe4\xb8"])), max_size=6
).map(b"".join)


@settings(max_examples=200)
@given(text=ascii_bytes, after=st.sampled_from([b"", b"\x80", "中".encode() * 30, b"~" * 63]))
@example(text=b"a" * (STEP * 300), after=b"")  # more steps than a counter of eight bits takes
@example(text=b" \x0b\x0c\x1f!" * 2000, after=b"\xff")
def test_every_instruction_set_counts_what_the_reference_counts(text, after):
    found = 0
    for level in LEVELS:
        counts, held = np.zeros(len(COUNTED), np.int64), np.frombuffer(text + after, np.uint8)
        passed = kernels.library().ascii_at(level, held.ctypes.data, len(held), counts.ctypes.data)
        if passed < 0:
            assert level > 0, "the plain level is always here"
            continue
        told = dict(zip(COUNTED, counts.tolist(), strict=True))
        ascii_only = text + after[: len(after) if after.isascii() else 0]
        assert passed == 1 + (len(ascii_only) - 1) // STEP * STEP
        seen, first = count(ascii_only[:passed]), count(ascii_only[:1])
        assert told["bytes"] == passed - 1
        assert {name: told[name] for name in COUNTED[1:-1]} == {
            name: seen[name] - first[name] for name in COUNTED[1:-1]
        }
        assert told["starts"] == seen["words"] - first["words"]
        found += 1
    assert found


@settings(max_examples=200)
@given(values=st.lists(st.none() | mixed_bytes, max_size=4))
@example(values=[b"word" * 100 + "中".encode() + b" x" * 100 + "é".encode() + b"a" * 80])
def test_rows_with_long_stretches_are_counted_as_numpy_does(values):
    for kind in (LARGE, pa.string()):
        text = strings(values, kind)
        for fast, slow in zip(counting.count_signs(text), counting.count_by_numpy(text), strict=True):
            assert np.array_equal(fast, slow)
