"""What a check gave over some batches, added up and in one canonical form, so that any two ways can be compared."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import add
from typing import Any

import pyarrow as pa

from checks.base import Check, Seen, encode_tally
from schemas.canonical import canonical_json
from schemas.finding import ORDER

Show = Callable[[Check, pa.RecordBatch], pa.RecordBatch]


def whole(check: Check, batches: Iterable[pa.RecordBatch]) -> dict[str, Any]:
    """Tally bytes, measures, findings in the writer's order, columns row by row, tables summed by key."""
    seen = [check.look(batch) for batch in batches]
    total = check.zero()
    for one in seen:
        total = check.merge(total, one.total)
    return {
        "tally": encode_tally(total),
        "measures": check.report(total),
        "findings": findings_of(seen),
        "columns": rows_of(one.columns for one in seen),
        "tables": tables_of(seen),
        "sketches": sorted(
            row.tobytes().hex() for one in seen for row in (() if one.sketches is None else one.sketches)
        ),
    }


def findings_of(seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """Findings as dicts, sorted as the writer sorts them, ties by all that is left."""
    found = rows_of(one.findings for one in seen)
    return sorted(found, key=lambda f: ([_sortable(f[name]) for name in ORDER], _canonical(f)))


def tables_of(seen: Iterable[Seen]) -> dict[str, dict[Any, list[int]]]:
    """Table -> key -> counts, added up; of a column `row` the least. Keys that are hashes in hexadecimal digits."""
    sums: dict[str, dict[Any, list[int]]] = defaultdict(dict)
    for one in seen:
        for name, table in (one.tables or {}).items():
            adds = [min if column == "row" else add for column in table.column_names[1:]]
            for given, *counts in zip(*table.to_pydict().values(), strict=True):
                key = f"{given:016x}" if isinstance(given, int) else _plain(given)
                before = sums[name].get(key)
                sums[name][key] = (
                    counts if before is None else [f(a, b) for f, a, b in zip(adds, before, counts, strict=True)]
                )
    return {name: dict(sorted(keys.items())) for name, keys in sorted(sums.items())}


def rows_of(tables: Iterable[pa.Table | None]) -> list[dict[str, Any]]:
    """All rows as dicts, bytes as hexadecimal text."""
    rows = [row for table in tables if table is not None for row in table.to_pylist()]
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def digest_form(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result as canonical JSON takes it; a check without sketches has none in it."""
    result = {name: part for name, part in result.items() if name != "sketches" or part}
    return {**result, "tally": result["tally"].decode()}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value)


def _canonical(finding: dict[str, Any]) -> bytes:
    return canonical_json(finding)
