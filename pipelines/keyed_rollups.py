"""Tables whose keys are hashes of 16 bytes merged into the run's: as many keys as the run has pages, in bounded memory.

Rows go by the highest bits of their key to parts that lie on local disk until one part is small enough to be sorted in
memory, so that no key stands in two parts, and parts follow one another in the order of keys.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from checks.pairs import sorted_rows
from manifests.store import Store
from pipelines.sketched import SPILL_BYTES, Spool
from pipelines.sorted_rows import opened
from pipelines.table_sums import halves_of, of_halves

ROWS_AT_ONCE: Final = 1 << 21
PART_BITS: Final = 6
KEY_BITS: Final = 64
_SOURCE: Final = "source"
Rows = npt.NDArray[np.void]


def merged_keys(
    store: Store, objects: Sequence[tuple[str, str, int]], schema: pa.Schema, rows_at_once: int = ROWS_AT_ONCE
) -> Iterator[pa.Table]:
    """The tables of units, *objects* (source, sha256, rows), as tables of *schema* (key, source, counts), one after another:
    sorted by key, then source, each pair once, its counts added up; no key stands in two of them.

    Holds *rows_at_once* rows, and as many while they are sorted.
    """
    names = sorted({source for source, _, _ in objects})
    counts = [name for name in schema.names[1:] if name != _SOURCE]
    kind = np.dtype([("high", "<u8"), ("low", "<u8"), (_SOURCE, "<u4"), *((name, "<i8") for name in counts)])
    streams = (
        _rows(table, kind, names.index(source), counts)
        for source, digest, _ in objects
        for table in _groups(store, digest)
    )
    for rows in _sorted(streams, sum(rows for _, _, rows in objects), kind, rows_at_once, KEY_BITS):
        sources = pa.DictionaryArray.from_arrays(pa.array(rows[_SOURCE].astype(np.int32)), pa.array(names, pa.string()))
        columns: dict[str, Any] = {schema.names[0]: of_halves(rows["high"], rows["low"]), _SOURCE: sources}
        columns |= {name: pa.array(np.ascontiguousarray(rows[name])) for name in counts}
        yield pa.table([columns[f.name].cast(f.type) for f in schema], schema=schema)


def _groups(store: Store, digest: str) -> Iterator[pa.Table]:
    file = pq.ParquetFile(opened(store, digest))
    for group in range(file.num_row_groups):
        yield file.read_row_group(group, use_threads=False)


def _rows(table: pa.Table, kind: np.dtype[np.void], source: int, counts: Sequence[str]) -> Rows:
    rows = np.empty(table.num_rows, kind)
    rows["high"], rows["low"] = halves_of(table.column(0))
    rows[_SOURCE] = source
    for name in counts:
        rows[name] = table.column(name).to_numpy()
    return rows


def _sorted(
    streams: Iterable[Rows], count: int, kind: np.dtype[np.void], rows_at_once: int, bits: int
) -> Iterator[Rows]:
    """*count* rows in all, of which all but the lowest *bits* of the high half are alike; equal ones are one in the end."""
    if count <= rows_at_once or bits < PART_BITS:
        if count:
            yield _summed(np.concatenate(list(streams)))
        return
    bits -= PART_BITS
    parts: list[Spool] = [Spool(kind, SPILL_BYTES >> PART_BITS) for _ in range(1 << PART_BITS)]
    for rows in streams:
        part = (rows["high"] >> np.uint64(bits)).astype(np.uint8) & np.uint8((1 << PART_BITS) - 1)
        order = np.argsort(part, kind="stable")
        ordered, ends = rows[order], np.cumsum(np.bincount(part, minlength=len(parts)))
        for n, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
            if start < end:
                parts[n].append(ordered[start:end])
    parts.reverse()
    while parts:  # a part's file goes when it was read
        spool = parts.pop()
        yield from _sorted(_pieces(spool, rows_at_once), spool.rows, kind, rows_at_once, bits)


def _pieces(spool: Spool, rows_at_once: int) -> Iterator[Rows]:
    whole = spool.array()
    for start in range(0, len(whole), rows_at_once):
        yield whole[start : start + rows_at_once]


def _summed(rows: Rows) -> Rows:
    high, low, source = (np.ascontiguousarray(rows[name]) for name in ("high", "low", _SOURCE))
    order = sorted_rows(high, source, low)
    first, second = high[order], low[order]
    if ((first[1:] == first[:-1]) & (second[1:] != second[:-1])).any():  # by chance 2**-64
        order = np.lexsort((source, low, high))
    rows = rows[order]
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = np.logical_or.reduce([rows[name][1:] != rows[name][:-1] for name in ("high", "low", _SOURCE)])
    starts = np.flatnonzero(is_new)
    if len(starts) == len(rows):
        return rows
    found: Rows = rows[starts]
    for name in (rows.dtype.names or ())[3:]:
        found[name] = np.add.reduceat(np.ascontiguousarray(rows[name]), starts)
    return found


def keys_in(table: pa.Table) -> int:
    """How many different keys a table of `merged_keys` has."""
    high, low = halves_of(table.column(0))
    return int(((high[1:] != high[:-1]) | (low[1:] != low[:-1])).sum()) + bool(len(high))
