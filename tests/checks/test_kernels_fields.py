"""The names of an implicit label's fields, found by the kernel where a search for each name finds them."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.authenticity.unmapped import _PRO, NAMES
from checks.kernels.field_calls import label_fields_of

PARTS = [
    *(name.encode() for name in sorted(NAMES)),
    b"Pro",
    b"Produce",
    b"Content",
    b"ContentPro",
    b"ID",
    b"P",
    b"x",
    b"\n",
    "文".encode(),
]


def searched(data):
    """By each name alone: a place is that of the Pro in it."""
    return sorted(m.start() + name.index("Pro") for name in NAMES for m in re.finditer(name.encode(), data))


@given(st.lists(st.sampled_from(PARTS), max_size=40).map(b"".join) | st.binary(max_size=200))
def test_the_places_are_those_of_a_search_for_each_name(library, data):
    octets = np.frombuffer(data, np.uint8)
    assert label_fields_of(library, octets).tolist() == searched(data)
    assert [m.start() for m in _PRO.finditer(data)] == searched(data)


@pytest.mark.parametrize("many", [0, 1, 255, 256, 257, 3_000])
def test_however_many_there_are(library, many):
    data = b"x" * 40 + b'"ContentProducer":"P",' * many
    assert label_fields_of(library, np.frombuffer(data, np.uint8)).tolist() == searched(data)


def test_what_lies_before_and_behind_the_buffer_is_not_looked_at(library):
    octets = np.frombuffer(b"ContentProducer ProduceID", np.uint8)
    for begin in range(1, 8):
        assert label_fields_of(library, octets[begin:]).tolist() == [16 - begin]
    for end in range(24, 16, -1):
        assert label_fields_of(library, octets[:end]).tolist() == [7]
