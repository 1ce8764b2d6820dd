"""Both engines of the one scan held against each other: hyperscan and RE2 hit the same lines, wherever they stand."""

import re

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.triggers import ENGINES, Hits, PatternSet, scan


def hits_of_both(column: pa.Array, patterns: PatternSet) -> Hits:
    """What either engine hits in *column*, which is one."""
    here, there = (scan(column, patterns, engine) for engine in ENGINES)
    for name, one, other in zip(here._fields, here, there, strict=True):
        assert np.array_equal(one, other), (name, column.to_pylist())
    return here


def hold_to_both(patterns: PatternSet, number: int, examples: int) -> None:
    """Hold lines that expression *number* of *patterns* matches, so many drawn, behind other text and twice in one record."""
    expression = patterns.patterns[number][1]
    flags = re.ASCII | (re.IGNORECASE if expression.startswith("(?i)") else 0)
    matching = st.from_regex(re.compile(expression.removeprefix("(?i)"), flags), fullmatch=True)

    @settings(max_examples=examples, database=None)
    @given(matching.filter(lambda text: "\n" not in text), st.sampled_from(["", "前言\n", "line\n", "中文中文，"]))
    def hold(line: str, before: str) -> None:
        hits_of_both(pa.array([before + line + "\n" + line, before + line], pa.large_string()), patterns)

    hold()
