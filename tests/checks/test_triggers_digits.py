"""The digits and marks that every match holds: never more than a match has."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import CHECKS
from checks.personal.spot import TRIGGERS
from checks.triggers.digits import MARK, _least_of, least_digits, least_marks


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


def test_expressions_told_without_parsing_are_told_as_by_parsing():
    """Every expression of the product, and ways of spelling a digit or the mark."""
    shipped = {e for check in CHECKS for patterns in check().triggers for e in patterns.expressions}
    for expression in shipped | {
        r"\x30{4}",
        r"[\x30-\x39]{4}",
        r"\x40",
        r"a{4}",
        r"\x41\xe5[\x80-\xbf]{12}",
        r"\60\100",
    }:
        assert least_digits(expression) == _least_of(expression, lambda low, high: low >= 48 and high <= 57)
        assert least_marks(expression, MARK) == _least_of(expression, lambda low, high: low == high == 64)
