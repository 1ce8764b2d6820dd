"""Exact copies: the content id of every record, and the rows of one unit sorted by content.

A content id is the sha256 of the text's UTF-8 bytes before any normalising (data-path §1). Which copies exist across
units is known only when the bands of all units are brought together: pipelines.dedup does that, by files.
"""

import hashlib
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels import digest_calls
from checks.pairs import sorted_rows
from checks.signs.count import utf8_buffers

CONTENT_ID_BYTES: Final = 32
BAND_BYTES: Final = 16
BANDS: Final = pa.schema(
    [pa.field("hash", pa.binary(BAND_BYTES), nullable=False), pa.field("row", pa.uint32(), nullable=False)]
)
"""One unit's rows by content, or by folded terms: the first 16 bytes of that id and the row, sorted by both."""
_HASH: Final = np.dtype(f"S{BAND_BYTES}")


def content_ids(text: pa.Array) -> pa.FixedSizeBinaryArray:
    """sha256 of each row's UTF-8 bytes, read where they lie in the Arrow buffer: binary(32)[n]; of none for a null row.

    Raises ``ValueError`` where the array's offsets lie outside its data.
    """
    library = kernels.library()
    if library is not None and digest_calls.is_quicker(library, text):
        content = digest_calls.digests_of_rows(library, text).tobytes()
    else:
        content = _by_hashlib(text)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(CONTENT_ID_BYTES), len(text), [None, pa.py_buffer(content)])


def _by_hashlib(text: pa.Array) -> bytes:
    offsets, data = utf8_buffers(text)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > len(data):
        raise ValueError("text array: a row's offsets lie outside the data")
    present, sha256 = np.asarray(text.is_valid()).tolist(), hashlib.sha256
    return b"".join(
        [
            sha256(data[a:b] if is_there else b"").digest()
            for is_there, (a, b) in zip(present, pairwise(offsets.tolist()), strict=True)
        ]
    )


def bands(ids: npt.NDArray[np.void], rows: npt.NDArray[np.uint32]) -> pa.Table:
    """BANDS of one unit: its *ids*, of any width from 16 bytes on, as `V` values, and the *rows* they are of."""
    width = ids.dtype.itemsize
    hashes = np.ascontiguousarray(ids.view(np.uint8).reshape(-1, width)[:, :BAND_BYTES]).view(_HASH).reshape(-1)
    low, high = _halves(hashes)
    order = sorted_rows(high, np.zeros(len(rows), np.uint32), rows.astype(np.uint64))
    first, second = high[order], low[order]
    if (
        (first[1:] == first[:-1]) & (second[1:] != second[:-1])
    ).any():  # by chance 2**-64, but within an attacker's reach
        order = np.lexsort((rows, low, high))
    return pa.table([_binary(hashes[order]), pa.array(rows[order])], schema=BANDS)


def ids_of(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.void]:
    """A column of fixed width as numpy values, without a copy where it is one chunk."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    width, data = array.type.byte_width, array.buffers()[1]
    whole = np.frombuffer(data if data is not None else b"", np.uint8)
    return whole[array.offset * width : (array.offset + len(array)) * width].view(f"V{width}")


def _halves(hashes: npt.NDArray[np.bytes_]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Low and high 64 bits, which sort as the bytes do."""
    halves = hashes.view(">u8").reshape(-1, 2).astype(np.uint64)
    return halves[:, 1], halves[:, 0]


def _binary(hashes: npt.NDArray[np.bytes_]) -> pa.FixedSizeBinaryArray:
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(BAND_BYTES), len(hashes), [None, pa.py_buffer(hashes.tobytes())]
    )
