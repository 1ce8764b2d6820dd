"""Tables of the units merged into the run's rollups: exact at any size, streams of sorted rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.parquet import write_parquet
from manifests.store import Store
from manifests.unnamed import put_written
from pipelines.assemble import objects_of
from pipelines.keyed_rollups import keys_in, merged_keys
from pipelines.outputs import put_table
from pipelines.sorted_rows import merged, opened
from pipelines.table_sums import summed
from schemas.ledger import (
    AUTHORS,
    AUTHORS_NAME,
    DOMAINS,
    DOMAINS_NAME,
    LICENCES,
    LICENCES_NAME,
    RESTRICTED,
    RESTRICTED_NAME,
    ROLLUP_AUTHOR,
    ROLLUP_DOMAIN,
    ROLLUP_LICENCES,
    ROLLUP_RESTRICTED,
    ROLLUP_URL,
    URLS,
    URLS_NAME,
)
from schemas.manifest import Top, TopKey

FAN_IN = 64
TOP_KEYS = 20


def rollup(store: Store, digests: Sequence[str], key: str) -> pa.Table:
    """Sorted (key, counts…) rows of many objects as one table: equal keys summed, sorted by key bytes."""
    parts = [_rows(store, d) for d in digests]
    while len(parts) > FAN_IN:
        parts = [iter([_joined(parts[i : i + FAN_IN], key)]) for i in range(0, len(parts), FAN_IN)]
    return _joined(parts, key)


ROLLED: Final[Mapping[str, tuple[str, str]]] = {
    "domain": ("provenance", "domain"), "licences": ("licence", "licence"), "restricted": ("laundering", "restricted"),
    "year": ("provenance", "year"),
}  # fmt: skip
"""Table -> the check that makes it, and its key column."""


_LISTED: Final[Mapping[str, tuple[str, str, pa.Schema]]] = {
    "domain": (DOMAINS, DOMAINS_NAME, ROLLUP_DOMAIN), "licences": (LICENCES, LICENCES_NAME, ROLLUP_LICENCES),
    "restricted": (RESTRICTED, RESTRICTED_NAME, ROLLUP_RESTRICTED),
}  # fmt: skip
"""Table -> its file in the run, the schema's name, the schema."""
_SHOWN: Final = ("domain", "year")
"""Whose largest keys stand in the manifest."""
KEYED: Final[Mapping[str, tuple[str, str, str, pa.Schema]]] = {
    "author": ("personal", AUTHORS, AUTHORS_NAME, ROLLUP_AUTHOR), "url": ("personal", URLS, URLS_NAME, ROLLUP_URL),
}  # fmt: skip
"""Table whose keys are hashes of what may be personal -> the check that makes it, its file, the schema's name, the schema. The
manifest holds how many keys it has, and none of them."""


def put_rollups(store: Store, units: pa.Table) -> tuple[list[tuple[str, str, int, str]], list[Top]]:
    """Merge the units' tables source by source: the files (name, digest, rows, schema's name), and the largest keys."""
    digests: dict[str, dict[str, list[str]]] = {}
    hashed: dict[str, list[tuple[str, str, int]]] = {}
    heads = [r for r in units.select(["source", "objects"]).to_pylist() if r["objects"] is not None]
    for row, objects in zip(heads, objects_of(units), strict=True):
        for table, (check, _) in ROLLED.items():
            found = objects.get(check, {}).get(f"table.{table}")
            if found is not None:
                digests.setdefault(table, {}).setdefault(row["source"], []).append(found["sha256"])
        for table, (check, *_) in KEYED.items():
            found = objects.get(check, {}).get(f"table.{table}")
            if found is not None:
                hashed.setdefault(table, []).append((row["source"], found["sha256"], found["rows"]))
    files, tops = [], []
    for table, per_source in sorted(digests.items()):
        key = ROLLED[table][1]
        summed_up = {s: rollup(store, d, key) for s, d in sorted(per_source.items())}
        if table in _SHOWN:
            whole = pa.concat_tables(list(summed_up.values()))
            keys = [TopKey(str(k), r, b) for k, r, b in top(whole, key, TOP_KEYS)]
            tops.append(Top(table, keys_of(whole, key), tuple(keys)))
        if table in _LISTED:
            name, kind, schema = _LISTED[table]
            made = by_source(summed_up, schema)
            files.append((name, put_table(store.put_object, made)["sha256"], made.num_rows, kind))
    for table, parts in sorted(hashed.items()):
        file, told = _put_keyed(store, table, parts)
        files.append(file)
        tops.append(told)
    return files, sorted(tops, key=lambda one: one.table)


def _put_keyed(
    store: Store, table: str, parts: Sequence[tuple[str, str, int]]
) -> tuple[tuple[str, str, int, str], Top]:
    _, name, kind, schema = KEYED[table]
    keys = 0

    def counted() -> Iterator[pa.Table]:
        nonlocal keys
        for merged_part in merged_keys(store, parts, schema):
            keys += keys_in(merged_part)
            yield merged_part

    made = put_written(store, lambda sink: write_parquet(sink, counted(), schema, kind))
    return (name, made["sha256"], made["rows"], kind), Top(table, keys, ())


def by_source(rollups: Mapping[str, pa.Table], schema: pa.Schema = ROLLUP_DOMAIN) -> pa.Table:
    """Rollups of the sources as one table of *schema* (key, source, counts…), sorted by key, then source."""
    parts = [
        t.append_column("source", pa.array([source] * t.num_rows, pa.string())).select(schema.names).cast(schema)
        for source, t in sorted(rollups.items())
        if t.num_rows
    ]
    table = pa.concat_tables([schema.empty_table(), *parts])
    return table.sort_by([(schema.names[0], "ascending"), ("source", "ascending")])


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
