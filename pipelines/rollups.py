"""Tables of the units merged into the run's rollups: exact at any size, streams of sorted rows."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.store import Store
from pipelines.sorted_rows import merged, opened
from pipelines.table_sums import summed
from schemas.ledger import ROLLUP_DOMAIN

FAN_IN = 64


def rollup(store: Store, digests: Sequence[str], key: str) -> pa.Table:
    """Sorted (key, counts…) rows of many objects as one table: equal keys summed, sorted by key bytes."""
    parts = [_rows(store, d) for d in digests]
    while len(parts) > FAN_IN:
        parts = [iter([_joined(parts[i : i + FAN_IN], key)]) for i in range(0, len(parts), FAN_IN)]
    return _joined(parts, key)


def by_source(rollups: Mapping[str, pa.Table]) -> pa.Table:
    """Domain rollups of the sources as one table of `ROLLUP_DOMAIN`, sorted by domain, then source."""
    parts = [
        t.append_column("source", pa.array([source] * t.num_rows, pa.string()))
        .select(ROLLUP_DOMAIN.names)
        .cast(ROLLUP_DOMAIN)
        for source, t in sorted(rollups.items())
        if t.num_rows
    ]
    table = pa.concat_tables([ROLLUP_DOMAIN.empty_table(), *parts])
    return table.sort_by([("domain", "ascending"), ("source", "ascending")])


def top(table: pa.Table, key: str, count: int) -> list[tuple[str, int, int]]:
    """The *count* largest keys over all sources, by records, then key: (key, records, bytes)."""
    grouped = table.group_by(key, use_threads=False).aggregate([("records", "sum"), ("bytes", "sum")])
    ordered = grouped.sort_by([("records_sum", "descending"), (key, "ascending")]).slice(0, count)
    columns = [ordered.column(c).to_pylist() for c in (key, "records_sum", "bytes_sum")]
    return list(zip(*columns, strict=True))


def keys_of(table: pa.Table, key: str) -> int:
    """How many different keys."""
    return int(pc.count_distinct(table.column(key)).as_py())


def _rows(store: Store, digest: str) -> Iterator[pa.Table]:
    file = pq.ParquetFile(opened(store, digest))
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, use_threads=False)


def _joined(streams: Sequence[Iterator[pa.Table]], key: str) -> pa.Table:
    parts = [summed(t) for t in merged(streams, [key])]
    return pa.concat_tables(parts) if parts else pa.table({key: pa.array([], pa.string())})
