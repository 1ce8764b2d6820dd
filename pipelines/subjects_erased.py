"""Requests to be erased as a run honours them: whose records it holds, that none stands for another, and that all go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check
from checks.personal import Personal
from manifests.store import Store
from manifests.subject_requests import Request
from manifests.subjects import rows_with
from pipelines.dedup.decide import DECISIONS, KEPT
from pipelines.dedup.outcome import Outcome
from pipelines.measures import SourceTotals
from pipelines.outputs import put_table
from pipelines.sorted_rows import columns_of, opened
from pipelines.subjects import PERSONAL, Segment
from pipelines.unit import Looked
from pipelines.works import READING
from schemas.subjects import DROPPED, ERASED, range_of

NO_ROWS: Final[Mapping[int, int]] = {}


@dataclass(frozen=True)
class Erased:
    """What a run holds that is to be erased. *rows*: unit -> row -> the first request that asks for it; *content_ids*: of
    those rows and of the requests, hex, sorted; *requests*: those that were read from the log.
    """

    rows: Mapping[int, Mapping[int, int]] = field(default_factory=dict)
    content_ids: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()

    def as_settings(self) -> dict[str, Any]:
        """What the manifest names, for results follow from it: the requests that were in the log, by number."""
        return {"erasure_requests": [r.number for r in self.requests]} if self.requests else {}


def erased_rows(
    store: Store, requests: Sequence[Request], checks: Sequence[Check], segments: Sequence[Segment], looked: Sequence[Looked]
) -> Erased:  # fmt: skip
    """The rows of *looked* that a request names: by the HMAC of a value found in them, or by their content id."""
    if not requests:
        return Erased()
    rows: dict[int, dict[int, int]] = {}
    by_hmac = _by_hmac(store, requests, checks, segments)
    for seen in looked:
        for row, number in by_hmac.get(seen.works.get(PERSONAL, ""), NO_ROWS).items():
            _note(rows, seen.unit, row, number)
    asked: dict[bytes, int] = {}
    for request in requests:
        for told in request.content_ids:
            asked.setdefault(bytes.fromhex(told), request.number)
    for seen in looked:
        if seen.unit in rows and (table := _content(store, seen)) is not None:
            numbers = rows[seen.unit]
            kept = table.filter(pc.is_in(table.column("row"), value_set=pa.array(sorted(numbers), pa.uint32())))
            for row, content in zip(kept.column("row").to_pylist(), kept.column("content_id").to_pylist(), strict=True):
                asked.setdefault(content, numbers[row])
    listed = pa.array(sorted(asked), pa.binary(32))
    for seen in looked if asked else ():
        if (table := _content(store, seen)) is not None:
            kept = table.filter(pc.is_in(table.column("content_id"), value_set=listed))
            for row, content in zip(kept.column("row").to_pylist(), kept.column("content_id").to_pylist(), strict=True):
                _note(rows, seen.unit, row, asked[content])
    return Erased(rows, tuple(sorted(a.hex() for a in asked)), tuple(requests))


def with_subjects(
    store: Store, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked], found: Outcome, segments: Sequence[Segment],
    erased: Erased,
) -> tuple[Outcome, dict[str, int]]:  # fmt: skip
    """*found* with the index's files and the erased rows dropped; and by source how many go for requests alone."""
    decided, counts = dict(found.decided), dict[str, int]()
    for unit, seen in zip(plan, looked, strict=True):
        if seen.unit in erased.rows:
            table, newly = _dropped(decisions_of(store, seen, found.decided), erased.rows[seen.unit])
            decided[seen.unit] = {**found.decided.get(seen.unit, {}), **put_table(store.put_object, table)}
            counts[unit["source"]] = counts.get(unit["source"], 0) + newly
    index = [file for segment in segments for file in segment.files]
    return replace(found, decided=decided, files=[*found.files, *index]), counts


def with_erased(sources: Mapping[str, SourceTotals], counts: Mapping[str, int]) -> dict[str, SourceTotals]:
    """*sources* with the records that go for requests alone."""
    return {name: replace(totals, erased=counts.get(name, 0)) for name, totals in sources.items()}


def _by_hmac(
    store: Store, requests: Sequence[Request], checks: Sequence[Check], segments: Sequence[Segment]
) -> dict[str, dict[int, int]]:
    """Work id of the personal check -> row -> request."""
    key_id = next((c.key_id for c in checks if isinstance(c, Personal)), None)
    found: dict[str, dict[int, int]] = {}
    for request in requests:
        for one in request.identifiers:
            if one.key_id != key_id:
                continue
            for segment in segments:
                for name, digest, _, _ in segment.files:
                    told = range_of(name)
                    if told is not None and told[0] <= one.hmac[0] <= told[1]:
                        for place, row in rows_with(store, digest, one.hmac):
                            found.setdefault(segment.works[place], {}).setdefault(row, request.number)
    return found


def _note(rows: dict[int, dict[int, int]], unit: int, row: int, number: int) -> None:
    mine = rows.setdefault(unit, {})
    mine[row] = min(number, mine.get(row, number))


def _content(store: Store, seen: Looked) -> pa.Table | None:
    result = seen.results.get("duplicates")
    if result is None or "columns" not in result.objects:
        return None
    return columns_of(opened(store, result.objects["columns"]["sha256"]), ["row", "content_id"])


def decisions_of(store: Store, seen: Looked, decided: Mapping[int, Mapping[str, Any]]) -> pa.Table:
    """DECISIONS of a unit, as *decided*; where nothing was, every row is kept."""
    told = decided.get(seen.unit)
    if told is not None:
        return columns_of(opened(store, told["sha256"]), DECISIONS.names).cast(DECISIONS)
    records = seen.results[READING].objects["records"]
    rows = columns_of(opened(store, records["sha256"]), ["row"]).column("row")
    decision = pa.array(np.full(len(rows), KEPT, np.uint8))
    nothing = [pa.nulls(len(rows), DECISIONS.field(name).type) for name in ("rule", "cluster")]
    return pa.Table.from_arrays([rows, decision, *nothing], schema=DECISIONS)


def _dropped(table: pa.Table, rows: Mapping[int, int]) -> tuple[pa.Table, int]:
    numbers, decision = table.column("row").to_pylist(), table.column("decision").to_pylist()
    rules, clusters = table.column("rule").to_pylist(), table.column("cluster").to_pylist()
    newly = 0
    for i, row in enumerate(numbers):
        if row in rows:
            newly += decision[i] != DROPPED
            decision[i], rules[i], clusters[i] = DROPPED, ERASED.format(rows[row]), None
    columns = [numbers, decision, rules, clusters]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, DECISIONS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=DECISIONS), newly
