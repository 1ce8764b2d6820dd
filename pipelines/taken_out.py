"""Records that a list or a quality profile takes out are not kept: their rows, the decisions that say so, and how many go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.listed import Listed
from checks.selection import Selection
from manifests.store import Store
from pipelines.dedup.brief import TAKES_OUT
from pipelines.dedup.decide import DECISIONS
from pipelines.dedup.outcome import Outcome
from pipelines.measures import SourceTotals
from pipelines.outputs import put_table
from pipelines.sorted_rows import columns_of, opened
from pipelines.subjects_erased import decisions_of
from pipelines.unit import Looked
from schemas.subjects import DROPPED

FINDINGS: Final = "findings"

Gone = Mapping[str, Mapping[str, int]]
"""Check -> source -> records that go for it."""


def with_taken_out(
    store: Store, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked], found: Outcome
) -> tuple[Outcome, Gone]:
    """*found* with the rows dropped that a list or a profile takes out, and how many go for each; the rule is the first of a
    row's findings.

    A row that a request erases stays that request's. Such rows stand for no other record: the deduplication passes them over
    (`pipelines.dedup.exact`).
    """
    gone: dict[str, dict[str, int]] = {}
    for check in TAKES_OUT:
        found, gone[check] = _without(store, plan, looked, found, check)
    return found, gone


def with_gone_counts(sources: Mapping[str, SourceTotals], gone: Gone) -> dict[str, SourceTotals]:
    """*sources* with the records that go for lists and for profiles."""
    return {
        name: replace(totals, listed=gone[Listed.name].get(name, 0), unfit=gone[Selection.name].get(name, 0))
        for name, totals in sources.items()
    }


def _without(
    store: Store, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked], found: Outcome, check: str
) -> tuple[Outcome, dict[str, int]]:
    decided, counts = dict(found.decided), dict[str, int]()
    for unit, seen in zip(plan, looked, strict=True):
        result = seen.results.get(check)
        if result is not None and FINDINGS in result.objects:
            rules = _rules(store, result.objects[FINDINGS]["sha256"])
            table, newly = _dropped(decisions_of(store, seen, decided), rules)
            decided[seen.unit] = {**decided.get(seen.unit, {}), **put_table(store.put_object, table)}
            counts[unit["source"]] = counts.get(unit["source"], 0) + newly
    return replace(found, decided=decided), counts


def _rules(store: Store, digest: str) -> pa.Table:
    """(row, rule) of each row with a finding once, by row: the first of its rules in the order of the alphabet."""
    table = columns_of(opened(store, digest), ["row", "rule"], ["rule"])
    table = pa.table({"row": table.column("row"), "rule": table.column("rule").cast(pa.string())})
    return table.group_by("row", use_threads=False).aggregate([("rule", "min")]).sort_by("row")


def _dropped(table: pa.Table, rules: pa.Table) -> tuple[pa.Table, int]:
    """DECISIONS with the rows of *rules* dropped that nothing took out before, and how many of them were kept until now.

    A row that goes already, on a request or for a list, keeps its rule; no copy is among *rules*.
    """
    rows = table.column("row").to_numpy()
    found = rules.column("row").to_numpy()
    at = np.searchsorted(found, rows)
    at[at == len(found)] = 0
    decision = table.column("decision").to_numpy()
    goes = (found[at] == rows) & (decision != DROPPED)
    rule = pa.array(np.where(goes, at, 0), mask=~goes)
    columns = [
        table.column("row"),
        pa.array(np.where(goes, DROPPED, decision).astype(np.uint8)),
        _either(goes, rules.column("rule_min").combine_chunks().take(rule), table.column("rule")),
        table.column("cluster"),
    ]
    return pa.Table.from_arrays(columns, schema=DECISIONS), int(np.count_nonzero(goes))


def _either(goes: npt.NDArray[np.bool_], one: pa.Array, other: pa.ChunkedArray) -> pa.Array:
    """*one* where it goes, else *other*."""
    kind = DECISIONS.field("rule").type
    both = pa.chunked_array([one.cast(kind), *other.cast(kind).chunks]).combine_chunks()
    at = np.arange(len(goes), dtype=np.int64) + np.where(goes, 0, len(goes))
    return both.take(pa.array(at))
