"""Exact copies: the content id of every record, and the bands by which copies are found.

A content id is the sha256 of the text's UTF-8 bytes before any normalising (data-path §1). Which copies exist across
units is known only when the bands of all units are brought together: pipelines.copies does that, by files.
"""

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally

CONTENT_ID_BYTES: Final = 32
BAND_BYTES: Final = 16
BANDS: Final = pa.schema(
    [pa.field("hash", pa.binary(BAND_BYTES), nullable=False), pa.field("row", pa.uint32(), nullable=False)]
)
"""One unit's rows by content: the first 16 bytes of the content id and the row, sorted by both."""
_HASH: Final = np.dtype(f"S{BAND_BYTES}")


@dataclass(frozen=True)
class Duplicates(Check):
    """Name every record by its content, so that exact copies are found wherever they lie."""

    name: ClassVar[str] = "duplicates"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 128
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records given a content id"),
        Measure("bytes", "bytes", "UTF-8 bytes of their text"),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [pa.field("content_id", pa.binary(CONTENT_ID_BYTES), nullable=False)]
    )

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "bytes": 0}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """The content id of every record; a null text counts as an empty one."""
        text = batch.column("text")
        ids = content_ids(text)
        total = {"records": batch.num_rows, "bytes": pc.sum(pc.binary_length(text)).as_py() or 0}
        return Seen(total, columns=pa.table([ids], schema=self.column_schema))

    def report(self, total: Tally) -> Measures:
        """Records and bytes; how many are copies is the deduplication's to say."""
        return {"records": total["records"], "bytes": total["bytes"]}


def content_ids(text: pa.Array) -> pa.FixedSizeBinaryArray:
    """sha256 of each row's UTF-8 bytes, read where they lie in the Arrow buffer: binary(32)[n]."""
    if text.null_count:
        text = text.fill_null("")
    _, offsets, data = text.buffers()
    width = np.int64 if pa.types.is_large_string(text.type) else np.int32
    bounds = [0]
    if offsets is not None and len(text):
        bounds = np.frombuffer(offsets, width)[text.offset : text.offset + len(text) + 1].tolist()
    view, sha256 = memoryview(data if data is not None else b"").cast("B"), hashlib.sha256
    digests = [sha256(view[a:b]).digest() for a, b in pairwise(bounds)]
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(CONTENT_ID_BYTES), len(digests), [None, pa.py_buffer(b"".join(digests))]
    )


def bands(columns: pa.Table) -> pa.Table:
    """BANDS of one unit: *columns* holds `content_id`, and `row` unless its rows count from 0 without a gap."""
    hashes = _hashes(columns.column("content_id"), CONTENT_ID_BYTES)
    if "row" in columns.column_names:
        rows = np.asarray(columns.column("row"), np.uint32)
    else:
        rows = np.arange(len(hashes), dtype=np.uint32)
    order = np.lexsort((rows, *_halves(hashes)))
    return pa.table([_binary(hashes[order]), pa.array(rows[order])], schema=BANDS)


def _hashes(column: pa.Array | pa.ChunkedArray, width_bytes: int) -> npt.NDArray[np.bytes_]:
    """The first 16 bytes of each value, as a numpy string: it compares as bytes do."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    data = array.buffers()[1]
    whole = np.frombuffer(data if data is not None else b"", np.uint8)
    values = whole[array.offset * width_bytes : (array.offset + len(array)) * width_bytes].reshape(-1, width_bytes)
    return np.ascontiguousarray(values[:, :BAND_BYTES]).view(_HASH).reshape(-1)


def _halves(hashes: npt.NDArray[np.bytes_]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Low and high 64 bits, which sort as the bytes do."""
    halves = hashes.view(">u8").reshape(-1, 2).astype(np.uint64)
    return halves[:, 1], halves[:, 0]


def _binary(hashes: npt.NDArray[np.bytes_]) -> pa.FixedSizeBinaryArray:
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(BAND_BYTES), len(hashes), [None, pa.py_buffer(hashes.tobytes())]
    )
