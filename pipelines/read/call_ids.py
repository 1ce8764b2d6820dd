"""The ids of tool calls, and of the answers that name them, as hashes beside a chat record: no part of its text, and never stored."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from checks.duplicates.content import content_ids, ids_of
from schemas.record import TOOL_CALL

CALLS: Final = pa.list_(TOOL_CALL)
_ID_BYTES: Final = 8

Ints = NDArray[np.int64]


class Named(NamedTuple):
    """Calls or answers of some records, one element each: *row* in the table, *at*: number of the message, rising within a row.

    *id*: string, null or empty where there is none.
    """

    row: Ints
    at: Ints
    is_answer: NDArray[np.bool_]
    id: pa.Array


def none_named(rows: int) -> pa.Array:
    """`calls` of records without an id."""
    return pa.nulls(rows, CALLS)


def has_ids(ids: pa.Array) -> bool:
    """Whether any of *ids* is an id: neither null nor empty."""
    if ids.null_count == len(ids):
        return False
    return bool(pc.any(pc.greater(pc.binary_length(ids), 0)).as_py())


def calls_by_row(kinds: list[Named], rows: int) -> pa.Array:
    """List of TOOL_CALL a record, by message, as they stand within one; null for a record that has no id at all.

    An id is known by the first eight bytes of the sha256 of its UTF-8 bytes: enough to tell whether two of one record are one.
    """
    row, at, is_answer = (np.concatenate([getattr(k, name) for k in kinds]) for name in ("row", "at", "is_answer"))
    ids = np.concatenate([_hashes(k.id) for k in kinds])
    has = np.bincount(row[ids > 0], minlength=rows) > 0
    order = np.lexsort((at, row))
    order = order[has[row[order]]]
    structs = pa.StructArray.from_arrays(
        [pa.array(at[order].astype(np.int32)), pa.array(is_answer[order]), pa.array(ids[order])],
        fields=list(TOOL_CALL),
    )
    offsets = np.searchsorted(row[order], np.arange(rows + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), structs, mask=pa.array(~has))


def _hashes(ids: pa.Array) -> NDArray[np.uint64]:
    """uint64[n], 0 of none."""
    found = np.zeros(len(ids), np.uint64)
    some = np.flatnonzero(pc.fill_null(pc.greater(pc.binary_length(ids), 0), False).to_numpy(zero_copy_only=False))
    if len(some):
        digests = ids_of(content_ids(ids.take(pa.array(some)))).view(np.uint8).reshape(len(some), -1)
        found[some] = np.maximum(np.ascontiguousarray(digests[:, :_ID_BYTES]).view("<u8").reshape(-1), 1)
    return found
