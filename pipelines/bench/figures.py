"""The figures of a benchmark: named numbers with their bounds, as one JSON line and as a verdict."""

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from schemas.errors import RunError


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. *floor*, *ceiling*: bounds it must keep; without them it is shown beside the others."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ceiling: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it keeps its bounds."""
        return (self.floor is None or self.value >= self.floor) and (self.ceiling is None or self.value <= self.ceiling)

    def as_json(self) -> dict[str, Any]:
        """Name, value, unit and, where there is one, the bound."""
        bounds = {"floor": self.floor, "ceiling": self.ceiling}
        found = {"name": self.name, "value": self.value, "unit": self.unit}
        return found | {key: bound for key, bound in bounds.items() if bound is not None}

    def __str__(self) -> str:
        bound = f"  at least {self.floor:g}" if self.floor is not None else ""
        bound += f"  at most {self.ceiling:g}" if self.ceiling is not None else ""
        return f"{self.name:28} {self.value:12.4g} {self.unit:10}{bound}{'' if self.holds else '  MISSED'}"


@dataclass(frozen=True)
class Result:
    """Every figure of one benchmark, and in words what it read."""

    bench: str
    figures: tuple[Figure, ...]
    read: str

    @property
    def missed(self) -> tuple[Figure, ...]:
        """The figures that do not keep their bounds."""
        return tuple(figure for figure in self.figures if not figure.holds)

    def line(self) -> str:
        """One JSON object on one line: ``{"bench", "figures": […], "read"}``."""
        return json.dumps({"bench": self.bench, "figures": [f.as_json() for f in self.figures], "read": self.read})

    def __str__(self) -> str:
        return "\n".join([f"bench {self.bench}: {self.read}", *(f"  {figure}" for figure in self.figures)])


def result(bench: str, measured: Mapping[str, tuple[float, str]], read: str) -> Result:
    """The result of *bench*: name -> (value, unit), with the bounds of floors.toml.

    Raises `RunError` where a figure that is bound was not measured, has another unit or is no number: none is left out.
    """
    bounds = floors().get(bench, {})
    figures = []
    for name in [*bounds, *(name for name in measured if name not in bounds)]:
        if name not in measured:
            raise RunError(f"bench {bench}: {name} was not measured; see what was printed before")
        (value, unit), bound = measured[name], bounds.get(name, {})
        if not math.isfinite(value):
            raise RunError(f"bench {bench}: {name} came to {value}; nothing was measured")
        if bound and bound["unit"] != unit:
            raise RunError(f"bench {bench}: {name} is in {unit}, its bound in {bound['unit']}; correct floors.toml")
        figures.append(Figure(name, round(value, 6), unit, bound.get("floor"), bound.get("ceiling")))
    return Result(bench, tuple(figures), read)


@cache
def floors() -> dict[str, dict[str, dict[str, Any]]]:
    """bench -> figure -> unit and bound."""
    return tomllib.loads(resources.files(__package__).joinpath("floors.toml").read_text(encoding="utf-8"))
