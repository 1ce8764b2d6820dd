"""Sorted Parquet objects merged as streams: bounded memory whatever their number of rows. Pure but for the reading."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.store import Store, object_path


def opened(store: Store, digest: str) -> pa.NativeFile:
    """An object for reading with random access: mapped into memory where it lies on this machine."""
    path = object_path(digest)
    local = store.local_path(path)
    return pa.memory_map(str(local)) if local is not None and local.stat().st_size else pa.BufferReader(store.get(path))


def columns_of(data: pa.NativeFile, names: Sequence[str], words: Sequence[str] = ()) -> pa.Table:
    """Whole columns of an object; those of *words* as a dictionary and its codes, as they lie there."""
    return pq.ParquetFile(data, read_dictionary=list(words)).read(columns=list(names), use_threads=False)


def rows_of(data: pa.NativeFile, key: str, low: bytes = b"", high: bytes | None = None) -> Iterator[pa.Table]:
    """A sorted object's rows with low <= key < high, one row group at a time; groups outside are not decoded."""
    file = pq.ParquetFile(data)
    column = file.schema_arrow.get_field_index(key)
    for group in range(file.num_row_groups):
        bounds = file.metadata.row_group(group).column(column).statistics
        if bounds is not None and bounds.has_min_max:
            if _bytes(bounds.max) < low:
                continue
            if high is not None and _bytes(bounds.min) >= high:
                return
        table = file.read_row_group(group, use_threads=False)
        keys = pc.cast(table.column(key), pa.binary())
        keep = pc.greater_equal(keys, low)
        if high is not None:
            keep = pc.and_(keep, pc.less(keys, high))
        kept = table.filter(keep)
        if kept.num_rows:
            yield kept


def merged(streams: Sequence[Iterator[pa.Table]], order: Sequence[str]) -> Iterator[pa.Table]:
    """Streams of tables, each sorted by *order*, as one sorted stream; rows of one first key never straddle two tables
    of the output unless one stream alone holds more than a row group of them.

    Holds one table a stream. The pivot is the least of the streams' last keys: all rows below it are there.
    """
    key = order[0]
    heads = {i: t for i, s in enumerate(streams) if (t := next(s, None)) is not None}
    while heads:
        lasts = {i: _bytes(t.column(key)[t.num_rows - 1].as_py()) for i, t in heads.items()}
        pivot = min(lasts.values())
        ready: list[pa.Table] = []
        for i in list(heads):
            table = heads[i]
            upto = _first_above(table.column(key), pivot)
            if upto:
                ready.append(table.slice(0, upto))
            if upto < table.num_rows:
                heads[i] = table.slice(upto)
            elif (following := next(streams[i], None)) is None:
                del heads[i]
            else:
                heads[i] = following
        table = pa.concat_tables(ready) if len(ready) > 1 else ready[0]
        if len(ready) > 1:
            table = table.sort_by([(c, "ascending") for c in order])
        yield table.combine_chunks()


def run_starts(keys: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Where a new key begins in a sorted column, and its length at the end: runs are slices between neighbours."""
    array = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    if not len(array):
        return np.zeros(1, dtype=np.int64)
    differs = pc.not_equal(array.slice(1), array.slice(0, len(array) - 1)).to_numpy(zero_copy_only=False)
    return np.concatenate(([0], np.flatnonzero(differs) + 1, [len(array)]))


def _first_above(keys: pa.ChunkedArray, pivot: bytes) -> int:
    low, high = 0, len(keys)
    while low < high:
        middle = (low + high) // 2
        if _bytes(keys[middle].as_py()) <= pivot:
            low = middle + 1
        else:
            high = middle
    return low


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value
