"""Records that a list or a quality profile takes out are not kept: their rows, the decisions that say so, and how many go."""

from collections import Counter
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
    decided, gone = dict(found.decided), {check: Counter[str]() for check in TAKES_OUT}
    for unit, seen in zip(plan, looked, strict=True):
        findings = {c: seen.results[c].objects.get(FINDINGS) for c in TAKES_OUT if c in seen.results}
        rules = {check: _rules(store, told["sha256"]) for check, told in findings.items() if told is not None}
        if not rules:
            continue
        table = decisions_of(store, seen, found.decided)
        for check, of_check in rules.items():
            table, newly = _dropped(table, of_check)
            gone[check][unit["source"]] += newly
        decided[seen.unit] = {**found.decided.get(seen.unit, {}), **put_table(store.put_object, table)}
    return replace(found, decided=decided), gone


def with_gone_counts(sources: Mapping[str, SourceTotals], gone: Gone) -> dict[str, SourceTotals]:
    """*sources* with the records that go for lists and for profiles."""
    return {
        name: replace(totals, listed=gone[Listed.name].get(name, 0), unfit=gone[Selection.name].get(name, 0))
        for name, totals in sources.items()
    }


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
