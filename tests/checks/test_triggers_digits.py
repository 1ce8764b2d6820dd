"""The digits and marks that every match holds: never more than a match has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.personal.spot import TRIGGERS
from checks.triggers.digits import least_digits, least_marks


@pytest.mark.parametrize(
    ("expression", "digits"),
    [
        ("[0-9]{4}", 4), ("[0-9](?:[ -]?[0-9]){10}", 11), ("(?:19|20)[0-9]{2}", 4), ("a|[0-9]", 0), ("[0-9a]{9}", 0),
        ("[0-9]*", 0), ("(?:[0-9]{3}|12)x", 2), ("(?=[0-9]{9})a", 0), ("(?<=[0-9])7", 1), (r"\\d", 0), ("[^a]5", 1),
        ("(?:[0-3]{2}){3,}", 6), ("[0-9]++", 1), ("[", 0),
    ],
)  # fmt: skip
def test_least_digits(expression, digits):
    assert least_digits(expression) == digits


@pytest.mark.parametrize(
    ("expression", "marks"), [("a@b", 1), ("a[@.]b", 0), ("(?:@|x@)", 1), ("@{2,3}@?", 2), ("[@]", 1)]
)
def test_least_marks(expression, marks):
    assert least_marks(expression, b"@") == marks


@pytest.mark.parametrize("expression", TRIGGERS.expressions)
def test_no_match_of_a_trigger_has_fewer(expression):
    @given(st.from_regex(expression.encode("ascii"), fullmatch=True))
    def holds(match):
        assert sum(0x30 <= byte <= 0x39 for byte in match) >= least_digits(expression)
        assert match.count(b"@") >= least_marks(expression, b"@")

    holds()
