"""Blocks of framed records in, numbered record batches of one unit out; the text is never changed.

A batch holds about 16 MiB of text and never spans two units, so never two sources. Where it is cut changes no result.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.base import BLOCK_BYTES, Block
from schemas.record import RECORD, SHARD_NAME

UNREAD_SCHEMA = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("file", pa.uint32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
    ]
)


@dataclass
class Framed:
    """What reading one unit came to so far: rows a file, and the rows that could not be read."""

    rows: int = 0
    file_rows: list[int] = field(default_factory=list)
    file_unread: list[int] = field(default_factory=list)
    unread: list[tuple[int, int, int, int, str]] = field(default_factory=list)

    def begin_file(self) -> None:
        """The blocks that follow belong to the next file of the unit."""
        self.file_rows.append(0)
        self.file_unread.append(0)

    def number(self, block: Block) -> pa.RecordBatch | None:
        """The block's rows under their numbers in the unit; None where none could be read."""
        file = len(self.file_rows) - 1
        for u in block.unread:
            self.unread.append((self.rows + u.index, file, u.offset, u.length, u.reason))
        self.file_unread[file] += len(block.unread)
        self.file_rows[file] += block.framed
        first, self.rows = self.rows, self.rows + block.framed
        batch = block.batch
        if not batch.num_rows:
            return None
        row = np.asarray(batch.column("index").to_numpy(zero_copy_only=False), dtype=np.uint32) + np.uint32(first)
        columns = [
            pa.array(row) if f.name == "row"
            else pa.array(np.full(len(row), file, dtype=np.uint32)) if f.name == "file"
            else batch.column(f.name)
            for f in RECORD
        ]  # fmt: skip
        return pa.RecordBatch.from_arrays(columns, schema=RECORD)

    def nothing_decoded(self) -> bool:
        """Did the current file give nothing but the sign that no byte of it could be decoded (offset 0, length 0)?"""
        if not self.unread or self.file_rows[-1] != 1 or self.file_unread[-1] != 1:
            return False
        _, file, offset, length, _ = self.unread[-1]
        return (file, offset, length) == (len(self.file_rows) - 1, 0, 0)

    def unread_table(self) -> pa.Table:
        """The unread rows as a table, in row order."""
        columns = list(zip(*self.unread, strict=True)) or [()] * len(UNREAD_SCHEMA)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, UNREAD_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=UNREAD_SCHEMA)


def batches(numbered: Iterable[pa.RecordBatch], batch_bytes: int = BLOCK_BYTES) -> Iterator[pa.RecordBatch]:
    """Gather small batches and cut large ones, to about *batch_bytes* of text each."""
    held: list[pa.RecordBatch] = []
    held_bytes = 0
    for batch in numbered:
        for piece in _cut(batch, batch_bytes):
            size = _text_bytes(piece)
            if held and held_bytes + size > batch_bytes:
                yield _joined(held)
                held, held_bytes = [], 0
            held.append(piece)
            held_bytes += size
    if held:
        yield _joined(held)


def shown(
    batch: pa.RecordBatch, reads: Iterable[str], registry: dict[str, str], names: pa.Array | None
) -> pa.RecordBatch:
    """The batch as one check may see it: the registry values and file names that it declared, and no others.

    *names*: the shard name of each file of the unit, in order.
    """
    wanted = {k: registry[k] for k in reads if k in registry}
    if SHARD_NAME in reads and names is not None:
        batch = batch.append_column(SHARD_NAME, names.take(batch.column("file")))
    metadata: dict[Any, Any] = {k.encode(): v.encode() for k, v in wanted.items()}
    return batch.replace_schema_metadata(metadata)


def _text_bytes(batch: pa.RecordBatch) -> int:
    offsets = batch.column("text").buffers()[1]
    text = batch.column("text")
    bounds = np.frombuffer(offsets, dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    return int(bounds[-1] - bounds[0]) if len(bounds) else 0


def _cut(batch: pa.RecordBatch, batch_bytes: int) -> Iterator[pa.RecordBatch]:
    if _text_bytes(batch) <= batch_bytes:
        yield batch
        return
    sizes = pc.binary_length(batch.column("text")).to_numpy(zero_copy_only=False)
    bins = np.cumsum(sizes) // batch_bytes
    edges = [0, *(np.flatnonzero(np.diff(bins)) + 1).tolist(), batch.num_rows]
    for a, b in itertools.pairwise(edges):
        if b > a:
            yield batch.slice(a, b - a)


def _joined(held: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(held) == 1:
        return held[0]
    return pa.Table.from_batches(held).combine_chunks().to_batches()[0]
