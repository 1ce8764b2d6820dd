"""The one multi-pattern scan that the rooms of checks share: which lines of a column's text match which patterns."""

from checks.triggers.joined import scanned_together, value_bytes
from checks.triggers.line_borders import line_end, line_start
from checks.triggers.pattern_set import PatternSet
from checks.triggers.placed import Spot, byte_span, findings_of, first_spots, octets, refuse_no_places
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
    "Spot",
    "byte_span",
    "code_points",
    "engine",
    "findings_of",
    "first_spots",
    "hit_lines",
    "line_end",
    "line_start",
    "octets",
    "refuse_no_places",
    "scan",
    "scanned_together",
    "value_bytes",
]
