"""Put a block together: columns of what was read, its places, and what was not read."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.read.base import READ_SCHEMA, Block, Unread

Ints = NDArray[np.int64]


def make_block(
    columns: Mapping[str, pa.Array], index: Ints, offset: Ints, length: Ints, unread: Sequence[Unread]
) -> Block:
    """A block of the records at *index* among the framed ones, *columns* row for row with it; a missing column is null.

    *unread* may come in any order. Every framed record is in one of both, so their number is the block's `framed`.
    """
    places = {
        "index": pa.array(index.astype(np.uint32)),
        "offset": pa.array(offset, pa.int64()),
        "length": pa.array(length, pa.int64()),
    }
    arrays = [
        _as(places.get(f.name, columns.get(f.name)), f.type, len(index)) for f in READ_SCHEMA
    ]  # fmt: skip
    batch = pa.RecordBatch.from_arrays(arrays, schema=READ_SCHEMA)
    return Block(batch, tuple(sorted(unread)), len(index) + len(unread))


def broken_block(offset: int, length: int, reason: str) -> Block:
    """A block of one framed record that could not be read."""
    none = np.empty(0, np.int64)
    return make_block({}, none, none, none, [Unread(0, offset, length, reason)])


def invalid_rows(column: pa.Array) -> list[int]:
    """Rows of *column* that `validate(full=True)` refuses standing alone: bytes that are not UTF-8."""
    rows: list[int] = []
    runs = [(0, len(column))]
    while runs:
        low, high = runs.pop()
        if high == low or _valid(column.slice(low, high - low)):
            continue
        if high - low == 1:
            rows.append(low)
        else:
            middle = (low + high) // 2
            runs += [(middle, high), (low, middle)]
    return rows


def json_texts(values: Sequence[Any]) -> pa.Array:
    """*values* (JSON text or None) as a string array."""
    return pa.array(values, pa.string())


def combined(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One array of a column, copied only where it has several chunks."""
    if isinstance(column, pa.Array):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _valid(column: pa.Array) -> bool:
    try:
        column.validate(full=True)
    except (
        pa.ArrowInvalid,
        UnicodeDecodeError,
    ):  # pyarrow raises the second where the message itself cannot be decoded
        return False
    return True


def _as(column: pa.Array | None, wanted: pa.DataType, rows: int) -> pa.Array:
    if column is None:
        return pa.nulls(rows, wanted)
    return column if column.type == wanted else pc.cast(column, wanted)
