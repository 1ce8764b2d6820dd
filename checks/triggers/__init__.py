"""The one multi-pattern scan that the rooms of checks share: which lines of a column's text match which patterns."""

from checks.triggers.scanning import (
    ENGINES,
    Hits,
    Line,
    PatternSet,
    Places,
    code_points,
    engine,
    hit_lines,
    scan,
    value_bytes,
)

__all__ = [
    "ENGINES",
    "Hits",
    "Line",
    "PatternSet",
    "Places",
    "code_points",
    "engine",
    "hit_lines",
    "scan",
    "value_bytes",
]
