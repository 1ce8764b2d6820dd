"""Pass the values of records to `joins.c`: laid end to end, a line feed between those of one record."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
MOST_ARRAYS: Final = 255


class Laid(NamedTuple):
    """*text*: large string, one a record; *start*, *end*: int64, code points of each piece in it, half open."""

    text: pa.Array
    start: Ints
    end: Ints


def declare(library: Any) -> None:
    """Give the function of `joins.c` its argument types."""
    from ctypes import c_int64, c_void_p

    library.join_pieces.argtypes = (
        c_void_p, c_void_p, c_int64, c_void_p, c_void_p, c_void_p, c_void_p, c_int64, c_void_p, c_int64, c_void_p,
        c_void_p, c_void_p,
    )  # fmt: skip
    library.join_pieces.restype = c_int64


def joined_pieces(library: Any, arrays: Sequence[pa.Array], order: Ints, first: Ints) -> Laid:
    """The values of *arrays* (large strings without nulls, one after another) in *order*; record r has those from
    ``first[r]`` up to ``first[r + 1]``.

    Raises ``ValueError`` for offsets outside the data, and for more than `MOST_ARRAYS` arrays.
    """
    if len(arrays) > MOST_ARRAYS:
        raise ValueError(f"values to join: {len(arrays)} arrays; give at most {MOST_ARRAYS}")
    buffers = [array.buffers() for array in arrays]  # held until the call is over
    bounds = [
        np.frombuffer(b[1], np.int64)[a.offset : a.offset + len(a) + 1] if len(a) else np.zeros(1, np.int64)
        for a, b in zip(arrays, buffers, strict=True)
    ]
    values = np.array([b[2].address if b[2] is not None else 0 for b in buffers], np.uint64)
    sizes = np.array([b[2].size if b[2] is not None else 0 for b in buffers], np.int64)
    kind = np.repeat(np.arange(len(arrays), dtype=np.uint8), [len(a) for a in arrays])[order]
    start = np.concatenate([b[:-1] for b in bounds])[order]
    length = np.concatenate([np.diff(b) for b in bounds])[order]
    room = int(np.maximum(length, 0).sum()) + len(order)
    out = np.empty(room, np.uint8)
    ends, begin, end = np.zeros(len(first), np.int64), np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    if library.join_pieces(
        values.ctypes.data, sizes.ctypes.data, len(arrays), kind.ctypes.data, start.ctypes.data, length.ctypes.data,
        first.ctypes.data, len(first) - 1, out.ctypes.data, room, ends.ctypes.data, begin.ctypes.data, end.ctypes.data,
    ):  # fmt: skip
        raise ValueError("values to join: an offset lies outside the data; the array is not sound")
    text = pa.Array.from_buffers(pa.large_string(), len(first) - 1, [None, pa.py_buffer(ends), pa.py_buffer(out)])
    return Laid(text, begin, end)
