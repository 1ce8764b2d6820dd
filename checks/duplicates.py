"""Exact copies: the content id of every record, the table that finds copies, and the groups they form.

A content id is the sha256 of the text's UTF-8 bytes before any normalising (data-path §1). Which copies exist across
units is known only when the sorted tables of all units are merged; `group_duplicates` does that as a stream.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
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
GROUPED: Final = pa.schema(
    [
        pa.field("hash", pa.binary(BAND_BYTES), nullable=False),
        pa.field("unit", pa.uint32(), nullable=False),
        pa.field("row", pa.uint32(), nullable=False),
    ]
)
"""Rows of several units by content, sorted by all three."""
_HASH: Final = np.dtype(f"S{BAND_BYTES}")
_ROW: Final = np.dtype([("high", np.uint64), ("low", np.uint64), ("unit", np.uint32), ("row", np.uint32)])
_NOTHING: Final = np.empty(0, _ROW)


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


def group_duplicates(sorted_rows: Sequence[Iterable[pa.RecordBatch]]) -> Iterator[pa.Table]:
    """Merge streams of GROUPED batches, each sorted by hash; yield the rows whose content occurs more than once.

    Rows come out sorted by (hash, unit, row), whole groups together. One batch of each stream is in memory at a time,
    and a group for as long as it lasts; no Python runs for each row.
    """
    streams = [_Stream(iter(batches)) for batches in sorted_rows]
    live = [stream for stream in streams if stream.refill()]
    held = _NOTHING
    while live:
        horizon = min(stream.hashes[-1] for stream in live)
        held = np.concatenate([held, *(stream.take_to(horizon) for stream in live)])
        live = [stream for stream in live if stream.refill()]
        held = held[np.lexsort([held[name] for name in ("row", "unit", "low", "high")])]
        # What lies before every stream's next row is complete; the last group may go on.
        done = len(held)
        if live:
            done = int(np.searchsorted(_named(held), min(stream.hashes[0] for stream in live)))
        copies, held = _copies(held[:done]), held[done:]
        if len(copies):
            hashes = _named(copies)
            yield pa.table([_binary(hashes), pa.array(copies["unit"]), pa.array(copies["row"])], schema=GROUPED)


class _Stream:
    """The rows of one sorted stream that are in memory."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.batches = batches
        self.hashes = np.empty(0, _HASH)
        self.rows = _NOTHING

    def refill(self) -> bool:
        """Whether a row is at hand, after taking batches until there is one."""
        while not len(self.rows):
            batch = next(self.batches, None)
            if batch is None:
                return False
            self.hashes = _hashes(batch.column("hash"), BAND_BYTES)
            self.rows = np.empty(batch.num_rows, _ROW)
            self.rows["high"], self.rows["low"] = _halves(self.hashes)[::-1]
            self.rows["unit"], self.rows["row"] = np.asarray(batch.column("unit")), np.asarray(batch.column("row"))
        return True

    def take_to(self, horizon: np.bytes_) -> npt.NDArray[np.void]:
        """Take away the rows whose hash is at most *horizon*."""
        end = int(np.searchsorted(self.hashes, horizon, "right"))
        taken, self.rows, self.hashes = self.rows[:end], self.rows[end:], self.hashes[end:]
        return taken


def _copies(rows: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """The rows whose neighbour has the same hash."""
    same = (rows["high"][1:] == rows["high"][:-1]) & (rows["low"][1:] == rows["low"][:-1])
    edge = np.zeros(1, np.bool_)
    several = np.concatenate([same, edge])[: len(rows)] | np.concatenate([edge, same])[: len(rows)]
    return rows.compress(several)


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


def _named(rows: npt.NDArray[np.void]) -> npt.NDArray[np.bytes_]:
    return np.stack([rows["high"], rows["low"]], axis=1).astype(">u8").view(_HASH).reshape(-1)


def _binary(hashes: npt.NDArray[np.bytes_]) -> pa.FixedSizeBinaryArray:
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(BAND_BYTES), len(hashes), [None, pa.py_buffer(hashes.tobytes())]
    )
