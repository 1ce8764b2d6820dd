"""The engine of the gate against plain arithmetic, and the ways it could pass what it must not."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.expectations import Bound, Found, hold_bounds, read_results, version
from schemas.yaml_shape import MOST_INT
from tests.pipelines.test_gate import plain

VALUES = st.one_of(st.none(), st.integers(-3, 3), st.sampled_from([50_000, MOST_INT, MOST_INT - 1, -MOST_INT]))


@st.composite
def bounds(draw: st.DrawFn) -> list[Bound]:
    """One to four rules over one or two sets of sources, some of them the same set."""
    sets = [
        tuple(draw(st.lists(st.sampled_from(["a", "b", "c", "网页", "a b"]), min_size=1, unique=True)))
        for _ in range(2)
    ]
    found = []
    for i in range(draw(st.integers(1, 4))):
        scopes = draw(st.sampled_from(sets))
        values = tuple(draw(VALUES) for _ in scopes)
        threshold = draw(st.one_of(st.integers(-2, 2), st.sampled_from([MOST_INT, MOST_INT - 1])))
        found.append(Bound(f"R{i}", draw(st.sampled_from(["<=", ">=", "=="])), threshold, scopes, values))
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bounds())
def test_the_engine_says_what_arithmetic_says(given_bounds: Sequence[Bound]) -> None:
    assert hold_bounds(given_bounds) == plain(given_bounds)


def test_an_empty_table_says_nothing() -> None:
    found = hold_bounds([Bound("R", "<=", 1, (), ())])
    assert found == {"R": Found(frozenset(), frozenset(), "there is no row to look at")}
    assert hold_bounds([]) == {}


def test_a_column_of_nulls_is_unknown() -> None:
    assert hold_bounds([Bound("R", "<=", 1, ("a", "b"), (None, None))])["R"] == Found(
        frozenset(), frozenset({"a", "b"})
    )


def test_many_sources_are_all_named() -> None:
    names = tuple(f"s{i:05}" for i in range(10_000))
    values = tuple(i % 10 for i in range(10_000))
    found = hold_bounds([Bound("R", "<=", 4, names, values), Bound("S", ">=", 10, names, values)])
    assert len(found["R"].past) == 5_000
    assert len(found["S"].past) == 10_000


BOUND = Bound("R", "<=", 1, ("a", "b"), (0, 2))


def result(part: str, success: bool, listed: Sequence[str] = (), rows: int = 2, **info: Any) -> dict[str, Any]:
    rule = "" if part == "rows" else "R"
    return {
        "success": success, "meta": {"rule": rule, "part": part}, "exception_info": info or {"raised_exception": False},
        "result": {"element_count": rows, "unexpected_index_list": list(listed)},
    }  # fmt: skip


GOOD = [result("rows", True), result("known", True), result("bound", False, ["b"])]


@pytest.mark.parametrize(
    ("results", "failed"),
    [
        (GOOD[:2], "the engine gave no result"),
        (GOOD[1:], "there is no row to look at"),
        ([result("rows", False), *GOOD[1:]], "there is no row to look at"),
        ([*GOOD[:2], result("bound", True, raised_exception=True)], "the engine raised an exception"),
        (
            [*GOOD[:2], result("bound", True, **{"('m', 'id')": {"raised_exception": True}})],
            "the engine raised an exception",
        ),
        ([*GOOD[:2], result("bound", True, rows=0)], "the engine looked at another number of rows"),
        ([*GOOD[:2], result("bound", True, ["b"])], "the engine's verdict and its list differ"),
        ([*GOOD[:2], result("bound", False)], "the engine's verdict and its list differ"),
        ([*GOOD[:2], {**GOOD[2], "result": {}}], "the engine looked at another number of rows"),
    ],
)
def test_what_the_engine_leaves_open_is_never_a_pass(results: list[dict[str, Any]], failed: str) -> None:
    assert read_results(results, {"c0": BOUND}) == {"R": Found(frozenset(), frozenset(), failed)}


def test_good_results_are_read() -> None:
    assert read_results(GOOD, {"c0": BOUND}) == {"R": Found(frozenset({"b"}), frozenset())}


def test_nothing_but_the_gate_imports_the_engine() -> None:
    program = "import sys, pipelines.gate, pipelines.config; print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GX_CLOUD_ACCESS_TOKEN", "x")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert hold_bounds([BOUND])["R"].past == {"b"}
    assert not list(tmp_path.iterdir())
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert "GX_CLOUD_ACCESS_TOKEN" not in os.environ


def test_it_names_its_version() -> None:
    assert version().startswith("great_expectations 1.")
