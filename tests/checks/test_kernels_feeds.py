"""Line feeds found by the kernel: where numpy finds them, whatever the buffer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.kernels.feed_calls import feeds_of, telling_lines


@given(st.binary(max_size=300) | st.lists(st.sampled_from([b"\n", b"a", b"\n\n", b"\r\n"]), max_size=90).map(b"".join))
def test_the_feeds_are_those_that_numpy_finds(library, data):
    octets = np.frombuffer(data, np.uint8)
    assert feeds_of(library, octets).tolist() == np.flatnonzero(octets == 10).tolist()


@pytest.mark.parametrize("data", [b"", b"\n", b"a" * 100_000, b"\n" * 100_000, b"ab\n" * 50_000 + b"c"])
def test_a_buffer_of_nothing_else_too(library, data):
    octets = np.frombuffer(data, np.uint8)
    assert np.array_equal(feeds_of(library, octets), np.flatnonzero(octets == 10))


def test_what_follows_the_buffer_is_not_looked_at(library):
    octets = np.frombuffer(b"a\nb\n\n\n", np.uint8)[:3]
    assert feeds_of(library, octets).tolist() == [1]


@given(st.lists(st.text("0189a年@/:\n"), max_size=30).map("\n".join), st.integers(1, 5), st.integers(0, 150))
def test_the_telling_lines_are_those_that_python_counts(library, text, least, padding):
    data = text.replace("a", "a" * padding).encode()
    found = telling_lines(library, np.frombuffer(data, np.uint8), least, b"@")
    at, expected = 0, []
    for line in data.split(b"\n"):
        if sum(0x30 <= byte <= 0x39 for byte in line) >= least or b"@" in line:
            expected.append((at, line))
        at += len(line) + 1
    laid = zip(found.start, found.laid, found.laid[1:], strict=False)
    assert [(start, bytes(found.octets[a : b - 1])) for start, a, b in laid] == expected
    assert bytes(found.octets) == b"".join(line + b"\n" for _, line in expected)


@pytest.mark.parametrize("line", [b"1", b"@", b"1" * 500, b"a" * 63 + b"@", b"a" * 64 + b"1"])
def test_every_line_may_tell(library, line):
    data = np.frombuffer(b"\n".join([line] * 9_999), np.uint8)
    found = telling_lines(library, data, 1, b"@")
    assert len(found.start) == 9_999
    assert bytes(found.octets) == bytes(data) + b"\n"
