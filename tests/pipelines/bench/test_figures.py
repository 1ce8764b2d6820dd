"""A benchmark's figures: one JSON line in the shape of the design, and no figure left out."""

import json

import pytest

from pipelines.bench import BENCHES
from pipelines.bench.figures import floors, result
from schemas.errors import RunError

MEASURED = {
    "scan_vs_datatrove": (60.0, "x"),
    "scan_mb_s": (14.0, "MB/CPU-s"),
    "scan_peak_mb": (400.0, "MB"),
    "beside": (1.5, "s"),
}


def test_one_line_of_json_with_bounds():
    found = json.loads(result("scan", MEASURED, "a file").line())
    assert found["bench"] == "scan" and found["read"] == "a file"
    figures = {figure["name"]: figure for figure in found["figures"]}
    assert figures["scan_vs_datatrove"] == {"name": "scan_vs_datatrove", "value": 60.0, "unit": "x", "floor": 50}
    assert figures["scan_peak_mb"]["ceiling"] == 1000
    assert figures["beside"] == {"name": "beside", "value": 1.5, "unit": "s"}
    assert "\n" not in result("scan", MEASURED, "a\nfile").line()


def test_what_misses_its_bound_is_named():
    found = result("scan", MEASURED, "a file")
    assert [figure.name for figure in found.missed] == ["scan_mb_s"]
    assert "MISSED" in str(found)


@pytest.mark.parametrize("spoilt", [None, (float("nan"), "x"), (float("inf"), "x"), (60.0, "s")])
def test_no_figure_is_left_out(spoilt):
    measured = {name: value for name, value in MEASURED.items() if name != "scan_vs_datatrove"}
    if spoilt:
        measured["scan_vs_datatrove"] = spoilt
    with pytest.raises(RunError, match="scan_vs_datatrove"):
        result("scan", measured, "a file")


def test_every_bound_belongs_to_a_benchmark():
    assert set(floors()) <= set(BENCHES)
    for figures in floors().values():
        for bound in figures.values():
            assert bound.keys() & {"floor", "ceiling"} and bound["unit"]
