"""Which lines and paragraphs a sealed run repeats, by hash, each with the place of one record that has it; never the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import iter_units, read_files
from schemas.canonical import parse_json
from schemas.errors import StoreError
from schemas.ledger import REPEATED
from schemas.manifest import Manifest

CHECK = "repetition"


@dataclass(frozen=True, slots=True)
class RepeatedRow:
    """One line or paragraph, by the hash of its folded terms (16 hexadecimal digits). *sources*: how many have it;
    *records*: in how many it is; *places*: how often; *bytes*: UTF-8 of them all. The place is that of its first record.
    """

    hash: str
    sources: int
    records: int
    places: int
    bytes: int
    source: str
    shard: str
    offset: int


def repeated_of(store: Store, manifest: Manifest, kind: str, limit: int) -> list[RepeatedRow]:
    """The *limit* lines or paragraphs (*kind*) in the most records, ties by hash.

    Raises `StoreError` where the run did not count them: it must not read as a run that repeats none.
    """
    if not any(counted.check == CHECK for counted in manifest.counts.checks):
        msg = f"runs/{manifest.run}: lines and paragraphs were not counted; run again with the check {CHECK!r} on"
        raise StoreError(msg)
    files = read_files(store, manifest)
    found = files.filter(pc.equal(files.column("name"), REPEATED.format(kind))).column("digest").to_pylist()
    if not found:
        return []
    most = _most(store, found[0], limit)
    wanted = list(zip(most.column("unit").to_pylist(), most.column("row").to_pylist(), strict=True))
    places = _places(store, manifest, wanted)
    return [
        RepeatedRow(f"{row['hash']:016x}", row["sources"], row["records"], row["places"], row["bytes"], *places[at])
        for row, at in zip(most.to_pylist(), wanted, strict=True)
    ]


def _most(store: Store, digest: str, limit: int) -> pa.Table:
    """Holds *limit* rows and a row group."""
    path = object_path(digest)
    local = store.local_path(path)
    file = pq.ParquetFile(local if local is not None else pa.BufferReader(store.get_object(digest)))
    held = file.schema_arrow.empty_table()
    for group in range(file.num_row_groups):
        both = pa.concat_tables([held, file.read_row_group(group, use_threads=False)])
        held = both.sort_by([("records", "descending"), ("hash", "ascending")]).slice(0, limit).combine_chunks()
    return held


def _places(
    store: Store, manifest: Manifest, wanted: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], tuple[str, str, int]]:
    """(unit, row) -> source, shard, offset."""
    rows_of: dict[int, list[int]] = {}
    for unit, row in sorted(set(wanted)):
        rows_of.setdefault(unit, []).append(row)
    parts: dict[int, list[dict[str, Any]]] = {}
    for table in iter_units(store, manifest):
        of_units = table.filter(pc.is_in(table.column("unit"), pa.array(list(rows_of), pa.uint32())))
        for part in of_units.select(["unit", "source", "shard", "first_row", "objects"]).to_pylist():
            parts.setdefault(part["unit"], []).append(part)
    places = {}
    for unit, rows in rows_of.items():
        files = sorted(parts[unit], key=lambda part: part["first_row"] or 0)
        head = next(part for part in files if part["objects"] is not None)
        digest = parse_json(head["objects"].encode())["reading"]["records"]["sha256"]
        records = read_parquet(store.get_object(digest), store.place(object_path(digest)))
        at = np.searchsorted(records.column("row").to_numpy(), rows)
        chosen = records.select(["file", "offset"]).take(pa.array(at)).to_pylist()
        for row, record in zip(rows, chosen, strict=True):
            places[unit, row] = (head["source"], files[record["file"]]["shard"], record["offset"])
    return places
