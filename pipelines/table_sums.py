"""The rows of one table of a unit added up by key while batches come: in memory, and beyond 128 MiB on local disk."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.duplicates.content import ids_of
from checks.pairs import sorted_rows
from manifests.parquet import ROW_GROUP_ROWS
from pipelines.sorted_rows import merged

Uint64s = npt.NDArray[np.uint64]
SPILL_BYTES: Final = 128 << 20
WIDE: Final = pa.binary(16)
LEAST: Final = "row"
"""Of a column of this name the least of the rows stays; all others but the key are added up."""


def summed(table: pa.Table) -> pa.Table:
    """Rows of equal key (the first column) made one, sorted by key: text by its bytes, hashes (uint64, 16 bytes) as numbers."""
    kind = table.schema.field(0).type
    if pa.types.is_uint64(kind) or kind == WIDE:
        return _summed_hashes(table)
    key, *counts = table.schema.names
    how = [(c, "min" if c == LEAST else "sum") for c in counts]
    grouped = table.group_by(key, use_threads=False).aggregate(how)
    ordered = grouped.take(pc.sort_indices(pc.cast(grouped.column(key), pa.binary())))
    arrays = [ordered.column(key), *(ordered.column(f"{c}_{f}") for c, f in how)]
    return pa.Table.from_arrays(
        [a.cast(f.type) for a, f in zip(arrays, table.schema, strict=True)], schema=table.schema
    )


@dataclass
class TableSums:
    """Tables of one schema appended one after another, given back as one: keys sorted, each once.

    Holds *spill_bytes* of rows, twice that while they are added up; runs that do not fit lie sorted in nameless local files.
    """

    spill_bytes: int = SPILL_BYTES
    _held: list[pa.Table] = field(default_factory=list)
    _held_bytes: int = 0
    _runs: list[Any] = field(default_factory=list)

    def append(self, table: pa.Table) -> None:
        """Add rows; keys may repeat."""
        self._held.append(table)
        self._held_bytes += table.nbytes
        if self._held_bytes <= self.spill_bytes:
            return
        one = summed(pa.concat_tables(self._held))
        self._held, self._held_bytes = [one], one.nbytes
        if self._held_bytes > self.spill_bytes // 2:
            self._runs.append(_written(one))
            self._held, self._held_bytes = [], 0

    def tables(self) -> Iterator[pa.Table]:
        """All rows, one table after another in the order of keys; a table of few rows alone where nothing was spilled."""
        last = [summed(pa.concat_tables(self._held))] if self._held else []
        if not self._runs:
            yield from last
            return
        streams = [*(_read(run) for run in self._runs), *(_cut(t) for t in last)]
        key = next(iter(last)).schema.names[0] if last else pa.ipc.open_file(self._runs[0]).schema.names[0]
        for table in merged(streams, [key]):
            yield summed(table)


def halves_of(keys: pa.ChunkedArray) -> tuple[Uint64s, Uint64s]:
    """The high and low 64 bits of hashes of 16 bytes, which sort as the bytes do; of uint64 themselves and nothing."""
    if pa.types.is_uint64(keys.type):
        return np.ascontiguousarray(keys.to_numpy()), np.zeros(len(keys), np.uint64)
    both = ids_of(keys).view(">u8").reshape(-1, 2).astype(np.uint64)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def of_halves(high: Uint64s, low: Uint64s) -> pa.FixedSizeBinaryArray:
    """Hashes of 16 bytes again."""
    data = np.stack([high, low], axis=1).astype(">u8").tobytes()
    return pa.FixedSizeBinaryArray.from_buffers(WIDE, len(high), [None, pa.py_buffer(data)])


def _summed_hashes(table: pa.Table) -> pa.Table:
    high, low = halves_of(table.column(0))
    if (high[1:] > high[:-1]).all():
        return table
    order = sorted_rows(high, np.zeros(len(high), np.uint32), low)
    high, low = high[order], low[order]
    is_new = np.ones(len(high), np.bool_)
    is_new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
    starts = np.flatnonzero(is_new)
    keys = high[starts] if pa.types.is_uint64(table.schema.field(0).type) else of_halves(high[starts], low[starts])
    columns = [keys]
    for name in table.schema.names[1:]:
        values = table.column(name).to_numpy()[order]
        if len(starts) < len(values):
            values = (np.minimum if name == LEAST else np.add).reduceat(values, starts)
        columns.append(values)
    return pa.Table.from_arrays(
        [pa.array(c, f.type) for c, f in zip(columns, table.schema, strict=True)], schema=table.schema
    )


def _written(table: pa.Table) -> Any:
    file = tempfile.TemporaryFile(prefix="corpusledger-")  # noqa: SIM115  # it outlives this call, and its name goes at once
    with pa.ipc.new_file(pa.PythonFile(file, "w"), table.schema) as writer:
        writer.write_table(table, max_chunksize=ROW_GROUP_ROWS)
    return file


def _read(file: Any) -> Iterator[pa.Table]:
    reader = pa.ipc.open_file(file)
    for number in range(reader.num_record_batches):
        yield pa.Table.from_batches([reader.get_batch(number)])


def _cut(table: pa.Table) -> Iterator[pa.Table]:
    for first in range(0, table.num_rows, ROW_GROUP_ROWS):
        yield table.slice(first, ROW_GROUP_ROWS)
