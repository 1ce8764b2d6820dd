"""A forecast in words, for the terminal."""

from collections.abc import Mapping
from typing import Any, Final

from pipelines.forecast.figures import Figure
from pipelines.forecast.refusal import amount, size_of

_WIDTH: Final = 28


def told_of_forecast(result: Mapping[str, Any]) -> list[str]:
    """The lines of `corpusledger plan`: counts, the sample, each figure with its basis, and why the run would not fit."""
    lines = [
        f"{name.replace('_', ' '):{_WIDTH}} {value:,}"
        for name, value in result.items()
        if isinstance(value, int) and not isinstance(value, bool)
    ]
    lines += ["", _of_sample(result["sample"])]
    lines += [f"  not read: {line}" for line in result["sample"].get("not_read", ())]
    for name, told in result["forecast"].items():
        figure = Figure(told["value"], told["unit"], told["basis"], told["at_least"], told.get("parts"))
        basis = figure.basis.removeprefix("unknown: ")
        lines.append(f"{name.replace('_', ' '):{_WIDTH}} {amount(figure)} ({basis})")
        lines += [f"  {part:{_WIDTH - 2}} {amount(Figure(value, figure.unit, ''))}" for part, value in (figure.parts or {}).items()]  # fmt: skip
    if result["slower"]:
        lines += ["", "this run would be slower than it could be:", *result["slower"]]
    if result["does_not_fit"]:
        lines += ["", "this run would be refused:", *result["does_not_fit"]]
    return lines


def _of_sample(told: Mapping[str, Any]) -> str:
    if not told["pieces"]:
        return str(told["why"])
    if told["whole"]:
        return f"all of it was read for this forecast: {told['records']:,} records"
    return (
        f"from a sample: {told['pieces']} pieces, {size_of(told['stored_bytes'])} of {size_of(told['of_bytes'])}, "
        f"{told['records']:,} records looked at"
    )
