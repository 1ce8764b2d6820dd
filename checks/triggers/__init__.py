"""The one multi-pattern scan that the rooms of checks share: which lines of a column's text match which patterns."""

from checks.triggers.joined import scanned_together, value_bytes
from checks.triggers.line_borders import line_end, line_start
from checks.triggers.pattern_set import PatternSet
from checks.triggers.scanning import (
    ENGINES,
    Hits,
    Line,
    Places,
    code_points,
    engine,
    hit_lines,
    scan,
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
    "line_end",
    "line_start",
    "scan",
    "scanned_together",
    "value_bytes",
]
