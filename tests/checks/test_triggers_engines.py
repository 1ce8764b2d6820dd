"""In the one walk for all checks, hyperscan finds every line that RE2 finds, for every expression of the product.

Some sets of alternatives are known to be missed by the engine that hyperscan's wheel carries (a word that stands both in a head
and in an optional middle part); an expression of that kind would be told here.
"""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from checks import CHECKS
from checks.triggers import engine, scan, scanned_together

SETS = [patterns for check in CHECKS for patterns in check().triggers]
EXPRESSIONS = [(at, number) for at, patterns in enumerate(SETS) for number in range(len(patterns.expressions))]
EXAMPLES = 12

pytestmark = pytest.mark.skipif(engine() != "hyperscan", reason="hyperscan is not here: RE2 alone scans")


def matches_of(expression: str) -> list[str]:
    """Texts of one line that the expression matches whole: its escapes are bytes, told as Latin-1 and read as UTF-8."""
    found: list[str] = []
    latin = st.from_regex(re.compile(expression, re.ASCII), fullmatch=True)

    @seed(20261122)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(latin.filter(lambda text: "\n" not in text and len(text) < 400 and max(map(ord, text), default=0) < 256))
    def gather(text: str) -> None:
        try:
            found.append(text.encode("latin-1").decode())
        except UnicodeDecodeError:  # a class of any bytes drew a part of a character
            return

    gather()
    return found


@pytest.fixture(scope="module")
def texts() -> pa.Array:
    lines = [text for at, number in EXPRESSIONS for text in matches_of(SETS[at].expressions[number])]
    assert len(lines) > 3 * len(EXPRESSIONS)
    return pa.array([f"前文 {line}" if place % 2 else line for place, line in enumerate(lines)], pa.large_string())


@pytest.mark.parametrize("at", range(len(SETS)))
def test_every_set_finds_with_hyperscan_what_it_finds_with_re2(texts, at):
    with scanned_together(SETS):
        here = scan(texts, SETS[at], "hyperscan")
    there = scan(texts, SETS[at], "re2")
    assert len(there.row)
    for name, one, other in zip(here._fields, here, there, strict=True):
        assert np.array_equal(one, other), name
