"""Records that a list takes out are not kept: their rows, the decisions that say so, and by source how many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.listed import Listed
from manifests.store import Store
from pipelines.dedup.decide import DECISIONS
from pipelines.dedup.outcome import Outcome
from pipelines.measures import SourceTotals
from pipelines.outputs import put_table
from pipelines.sorted_rows import columns_of, opened
from pipelines.subjects_erased import decisions_of
from pipelines.unit import Looked
from schemas.subjects import DROPPED, ERASED

FINDINGS: Final = "findings"


def with_listed(
    store: Store, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked], found: Outcome
) -> tuple[Outcome, dict[str, int]]:
    """*found* with the listed rows dropped, and by source how many go for that; the rule is the first of a row's findings.

    A row that a request erases stays that request's. Listed rows stand for no other record: the deduplication passes them over (`pipelines.dedup.exact`).
    """
    decided, counts = dict(found.decided), dict[str, int]()
    for unit, seen in zip(plan, looked, strict=True):
        result = seen.results.get(Listed.name)
        if result is not None and FINDINGS in result.objects:
            rules = _rules(store, result.objects[FINDINGS]["sha256"])
            table, newly = _dropped(decisions_of(store, seen, found.decided), rules)
            decided[seen.unit] = {**found.decided.get(seen.unit, {}), **put_table(store.put_object, table)}
            counts[unit["source"]] = counts.get(unit["source"], 0) + newly
    return replace(found, decided=decided), counts


def with_listed_counts(sources: Mapping[str, SourceTotals], counts: Mapping[str, int]) -> dict[str, SourceTotals]:
    """*sources* with the records that go for lists."""
    return {name: replace(totals, listed=counts.get(name, 0)) for name, totals in sources.items()}


def _rules(store: Store, digest: str) -> pa.Table:
    """(row, rule) of each listed row once, by row: the first of its rules in the order of the alphabet."""
    table = columns_of(opened(store, digest), ["row", "rule"], ["rule"])
    table = pa.table({"row": table.column("row"), "rule": table.column("rule").cast(pa.string())})
    return table.group_by("row", use_threads=False).aggregate([("rule", "min")]).sort_by("row")


def _dropped(table: pa.Table, rules: pa.Table) -> tuple[pa.Table, int]:
    rows = table.column("row").to_numpy()
    listed = rules.column("row").to_numpy()
    at = np.searchsorted(listed, rows)
    at[at == len(listed)] = 0
    is_listed = (listed[at] == rows) & ~_erased(table)
    decision = table.column("decision").to_numpy()
    newly = int(np.count_nonzero(is_listed & (decision != DROPPED)))
    rule = pa.array(np.where(is_listed, at, 0), mask=~is_listed)
    columns = [
        table.column("row"),
        pa.array(np.where(is_listed, DROPPED, decision).astype(np.uint8)),
        _either(
            is_listed,
            rules.column("rule_min").combine_chunks().take(rule),
            table.column("rule"),
            DECISIONS.field("rule").type,
        ),
        _either(
            is_listed,
            pa.nulls(len(rows), DECISIONS.field("cluster").type),
            table.column("cluster"),
            DECISIONS.field("cluster").type,
        ),
    ]
    return pa.Table.from_arrays(columns, schema=DECISIONS), newly


def _erased(table: pa.Table) -> npt.NDArray[np.bool_]:
    """bool[n]: the rows that a request drops."""
    rule = table.column("rule").cast(pa.string())
    by_request = pc.starts_with(rule, pattern=ERASED.partition("{")[0]).fill_null(False)
    return np.asarray(by_request.to_numpy())


def _either(is_listed: np.ndarray[Any, Any], one: pa.Array, other: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    """*one* where listed, else *other*."""
    both = pa.chunked_array([one.cast(kind), *other.cast(kind).chunks]).combine_chunks()
    at = np.arange(len(is_listed), dtype=np.int64) + np.where(is_listed, 0, len(is_listed))
    return both.take(pa.array(at))
