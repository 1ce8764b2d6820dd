"""Canonical JSON: the quick way writes what RFC 8785 writes, and what may not be in it is refused."""

from collections import Counter, OrderedDict
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas.canonical import canonical_json

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
PLAIN = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_rfc(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("text", ["\x00\x1f\x7f\x80", '"\\/\b\t\n\f\r', "\u2028\u2029\ufeff", "中文\U0002070e\ufffd"])
def test_every_escape_is_the_rfcs(text: str) -> None:
    assert canonical_json({"a": text}) == rfc8785.dumps({"a": text})


def test_keys_beyond_ascii_are_in_the_order_of_utf_16() -> None:
    value = {"\U0001f600": 1, "\ufb33": 2, "a": 3}
    assert canonical_json(value) == rfc8785.dumps(value) == '{"a":3,"\U0001f600":1,"\ufb33":2}'.encode()


@pytest.mark.parametrize("value", [1.0, [0.5], {"a": {"b": 2.0}}, Counter({"a": 1.5}), (1, 2.5), OrderedDict(a=[0.1])])
def test_a_float_is_refused_wherever_it_lies(value: Any) -> None:
    with pytest.raises(TypeError, match="no floats"):
        canonical_json(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), [2**60]])
def test_a_number_past_the_rfc_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.IntegerDomainError):
        canonical_json(value)


def test_a_key_that_is_no_string_is_refused() -> None:
    with pytest.raises(TypeError, match="keys are strings, got int"):
        canonical_json({"a": {1: 2}})


def test_half_a_character_is_refused() -> None:
    with pytest.raises((UnicodeEncodeError, rfc8785.CanonicalizationError)):
        canonical_json({"a": "\ud800"})


def test_what_json_has_no_form_for_is_refused() -> None:
    with pytest.raises((TypeError, rfc8785.CanonicalizationError)):
        canonical_json({"a": b"bytes"})
