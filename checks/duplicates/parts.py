"""Prompt and response of a fine-tuning record apart, as two string arrays: what its roles say of each span of the text."""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

PROMPT, RESPONSE = "prompt", "response"
PARTS: Final = (PROMPT, RESPONSE)
SIDE: Final = {
    "system": PROMPT, "user": PROMPT, "tool": PROMPT, "prompt": PROMPT, "assistant": RESPONSE, "chosen": RESPONSE,
}  # fmt: skip
"""Role -> part. A rejected answer is neither: it is there to be told from the chosen one."""
CHUNK_BYTES: Final = 2 << 20
"""Text whose code points are counted at once: eight bytes of memory for each."""
LINE_FEED: Final = 0x0A


def parts_of(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """part -> LargeString[n]: the record's spans of that part joined by one LF; empty where it has none.

    *batch*: RECORD rows; spans are half-open, in code points of the row's text.
    """
    found: dict[str, list[pa.Array]] = {part: [] for part in PARTS}
    for some in _chunks(batch):
        spans = _spans(some)
        for part in PARTS:
            found[part].append(_gathered(some.column("text"), *(column[spans[3] == part] for column in spans[:3])))
    return {
        part: pa.concat_arrays(arrays) if arrays else pa.array([], pa.large_string()) for part, arrays in found.items()
    }


def has_parts(batch: pa.RecordBatch) -> bool:
    """Does any record of the batch say who speaks?"""
    return bool(batch.num_rows and batch.column("roles").null_count < batch.num_rows)


def _chunks(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    sizes = pc.binary_length(batch.column("text")).fill_null(0).to_numpy(zero_copy_only=False)
    number = np.cumsum(sizes) // CHUNK_BYTES
    edges = [0, *(np.flatnonzero(np.diff(number)) + 1).tolist(), batch.num_rows]
    return [batch.slice(a, b - a) for a, b in pairwise(edges) if b > a]


def _spans(
    batch: pa.RecordBatch,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """(row, start, end, part) of every span, in row order."""
    roles = batch.column("roles")
    lengths = pc.list_value_length(roles).fill_null(0).to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(batch.num_rows), lengths)
    flat = pc.list_flatten(roles)
    coded = pc.struct_field(flat, "role").dictionary_encode()
    sides = np.array([SIDE.get(name, "") for name in coded.dictionary.to_pylist()] or [""], dtype=object)
    start, end = (pc.struct_field(flat, name).to_numpy(zero_copy_only=False) for name in ("start", "end"))
    return row, start, end, sides[coded.indices.to_numpy()]


def _gathered(
    text: pa.Array, row: npt.NDArray[np.int64], start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> pa.Array:
    """The spans of each row, joined by LF; *start* and *end* in code points of the row."""
    if text.null_count:
        text = text.fill_null("")
    text = text.cast(pa.large_string())
    _, offsets, data = text.buffers()
    bounds = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
    whole = np.frombuffer(data if data is not None else b"", np.uint8)[: bounds[-1]]
    # Where each code point begins, and, for a span at the end, where the text does.
    begins = np.concatenate([np.flatnonzero((whole & 0xC0) != 0x80), [len(whole)]])
    first = np.searchsorted(begins, bounds)
    low = begins[np.minimum(first[row] + start, first[row + 1])]
    high = begins[np.minimum(first[row] + end, first[row + 1])]
    high = np.minimum(high, bounds[row + 1])
    low = np.minimum(low, high)
    sizes = high - low + 1  # with the LF after it
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    at = np.repeat(low - (ends - sizes), sizes) + np.arange(total)
    out = (
        np.where(at < len(whole), whole[np.minimum(at, max(len(whole) - 1, 0))], LINE_FEED)
        if len(whole)
        else np.full(total, LINE_FEED, np.uint8)
    )
    out[ends - 1] = LINE_FEED
    of_row = np.zeros(len(text) + 1, np.int64)
    np.add.at(of_row, row + 1, sizes)
    places = np.cumsum(of_row)
    filled = np.flatnonzero(of_row[1:] > 0)
    # The LF after the last span of a row is no part of it.
    keep = np.ones(total, np.bool_)
    keep[places[filled + 1] - 1] = False
    of_row[filled + 1] -= 1
    joined = out[keep].astype(np.uint8).tobytes()
    return pa.Array.from_buffers(
        pa.large_string(), len(text), [None, pa.py_buffer(np.cumsum(of_row).tobytes()), pa.py_buffer(joined)]
    )
