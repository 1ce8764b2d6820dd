"""The run's tokens: added up over its sources, each by its own tokens a byte, not by one ratio for texts of all kinds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from checks.base import Check
from checks.scale import Scale
from pipelines.measures import SourceTotals
from schemas.manifest import Measured


def with_tokens(
    rows: Sequence[Measured], sources: Mapping[str, SourceTotals], checks: Sequence[Check]
) -> list[Measured]:
    """*rows* with the tokens of the run, and their interval, in those of the check `scale`. *sources*: by id."""
    check = next((c for c in checks if isinstance(c, Scale)), None)
    if check is None:
        return list(rows)
    tallies = [totals.tallies[check.name]["tally"] for totals in sources.values() if check.name in totals.tallies]
    found = check.tokens_of(tallies)
    bounds = (None, None, None) if found is None else (found.value, found.low, found.high)
    told = dict(zip(("tokens", "tokens_least", "tokens_most"), bounds, strict=True))
    return [
        replace(row, values={**row.values, **told}) if row.check == check.name and row.source is None else row
        for row in rows
    ]
