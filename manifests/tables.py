"""The tables a manifest names: `units` (what was read) and `files` (what was made), written, read back and rooted.

Leaves of the Merkle roots, in the tables' order, each the canonical JSON (RFC 8785) of a list:

* units: one leaf a shard, ``[source, shard, shard_bytes, shard_digest or null, status]``, in order of source, then
  shard, by their UTF-8 bytes. A shard that several units read part by part is one leaf: the root does not follow the plan.
* files: one leaf a row, ``[name, digest, rows, kind]``, in order of name.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from manifests.parquet import parquet_bytes, read_parquet
from manifests.runs import refuse_sealed
from manifests.store import Store
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import StoreError
from schemas.ledger import FILES, FILES_NAME, PLACE, UNITS, UNITS_NAME, UNITS_ROWS, files_path, units_path
from schemas.manifest import Manifest, TableEntry, TableSet
from schemas.merkle import merkle_root

NO_UNITS = pa.Table.from_batches([], schema=UNITS)


def write_units(store: Store, run: str, tables: Iterable[pa.Table]) -> TableSet:
    """Sort the rows of *tables* (UNITS) by place and write them as ``runs/<run>/units/NNNNN.parquet``.

    At most 100,000 rows a file. Raises for a run that is sealed; raises `StoreError` where two rows have one place, or two rows of a shard disagree on
    its size, digest or status.
    """
    refuse_sealed(store, run)
    rows = pa.concat_tables([NO_UNITS, *(table.select(UNITS.names).cast(UNITS) for table in tables)])
    rows = in_place_order(rows)
    root = units_root(rows)
    entries = []
    for number, start in enumerate(range(0, rows.num_rows, UNITS_ROWS)):
        part = rows.slice(start, UNITS_ROWS)
        data = parquet_bytes(part, UNITS_NAME)
        store.put(units_path(run, number), data)
        entries.append(TableEntry(units_path(run, number), sha256_hex(data), part.num_rows))
    return TableSet(tuple(entries), root)


def read_units(store: Store, manifest: Manifest) -> pa.Table:
    """The UNITS rows of a run: only the files its manifest names, each checked for digest and row count."""
    parts = [_checked(store, entry, UNITS) for entry in manifest.units.tables]
    return pa.concat_tables([NO_UNITS, *parts])


def iter_units(store: Store, manifest: Manifest) -> Iterator[pa.Table]:
    """The same, one file at a time: for runs whose rows should not be in memory at once."""
    for entry in manifest.units.tables:
        yield _checked(store, entry, UNITS)


def write_files(store: Store, run: str, rows: Iterable[tuple[str, str, int, str]]) -> TableSet:
    """Write ``runs/<run>/files.parquet``: (name, digest, rows, kind) of every rollup, evidence and index file."""
    refuse_sealed(store, run)
    ordered = sorted(rows)
    for (name, *_), (other, *_) in pairwise(ordered):
        if name == other:
            msg = f"{store.place(files_path(run))}: two files are named {name!r}; give each its own name"
            raise StoreError(msg)
    table = pa.Table.from_pylist([dict(zip(FILES.names, row, strict=True)) for row in ordered], schema=FILES)
    data = parquet_bytes(table, FILES_NAME)
    store.put(files_path(run), data)
    return TableSet((TableEntry(files_path(run), sha256_hex(data), table.num_rows),), files_root(table))


def read_files(store: Store, manifest: Manifest) -> pa.Table:
    """The FILES rows of a run, checked for digest and row count."""
    return pa.concat_tables(
        [pa.Table.from_batches([], schema=FILES), *(_checked(store, e, FILES) for e in manifest.files.tables)]
    )


def units_root(rows: pa.Table) -> str:
    """The root, hex, over the shards of UNITS *rows* in place order."""
    columns = [rows.column(n).to_pylist() for n in ("source", "shard", "shard_bytes", "shard_digest", "status")]
    leaves = []
    for (source, shard), same in groupby(zip(*columns, strict=True), key=lambda row: row[:2]):
        told = set(same)
        if len(told) > 1:
            msg = f"shard of source {source}: its rows disagree on size, digest or status; it changed while it was read"
            raise StoreError(msg)
        leaves.append(canonical_json([source, shard, *told.pop()[2:]]))
    return merkle_root(leaves).hex()


def files_root(rows: pa.Table) -> str:
    """The root, hex, over FILES *rows* in order of name."""
    columns = [rows.column(name).to_pylist() for name in FILES.names]
    return merkle_root([canonical_json(list(row)) for row in zip(*columns, strict=True)]).hex()


def in_place_order(rows: pa.Table) -> pa.Table:
    """UNITS *rows* sorted by source, shard (UTF-8 bytes) and start of range, a whole file's null first."""
    start = pc.fill_null(rows.column("range_start"), -1)
    keyed = rows.select(["source", "shard"]).append_column("start", start)
    order = pc.sort_indices(keyed, sort_keys=[("source", "ascending"), ("shard", "ascending"), ("start", "ascending")])
    placed = keyed.take(order)
    if placed.num_rows > 1:
        same = [pc.equal(placed.column(c).slice(1), placed.column(c).slice(0, placed.num_rows - 1)) for c in range(3)]
        if pc.any(pc.and_(pc.and_(same[0], same[1]), same[2])).as_py():
            msg = f"units: two rows have one place ({', '.join(PLACE)}); a file was planned twice"
            raise StoreError(msg)
    return rows.take(order)


def objects_of(rows: pa.Table) -> Iterator[tuple[str, str, str, int, int]]:
    """Every object that UNITS *rows* name: (work name, role, sha256, bytes, rows), units in order, names sorted."""
    for text in rows.column("objects").to_pylist():
        works = {} if text is None else parse_json(text)
        for work in sorted(works):
            for role in sorted(works[work]):
                told = works[work][role]
                yield work, role, told["sha256"], told["bytes"], told["rows"]


def first_of_shard(rows: pa.Table) -> pa.Table:
    """One row a shard of UNITS *rows*: where files, not ranges, are counted."""
    start = pc.fill_null(rows.column("range_start"), 0)
    return rows.filter(pc.equal(start, 0))


def _checked(store: Store, entry: TableEntry, schema: pa.Schema) -> pa.Table:
    place = store.place(entry.name)
    data = store.get(entry.name)
    if sha256_hex(data) != entry.digest:
        msg = f"{place}: its bytes do not hash to the digest in the manifest; it was changed, restore it from a copy"
        raise StoreError(msg)
    table = read_parquet(data, place, schema)
    if table.num_rows != entry.rows:
        msg = f"{place}: has {table.num_rows} rows, the manifest says {entry.rows}; it was changed, restore it"
        raise StoreError(msg)
    return table
