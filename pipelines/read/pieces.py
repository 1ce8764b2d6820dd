"""Join the values of a fine-tuning record into its text, with a role span for each, for all records at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.record import ROLE_SPAN

Ints = NDArray[np.int64]
_LF = "\n"


class Pieces(NamedTuple):
    """Values of some records, one element each: *row* in the table, its place in the record by (*slot*, *at*, *part*).

    *role* and *path* are string arrays; a null or empty *value* is no piece and must not be here.
    """

    row: Ints
    slot: Ints
    at: Ints
    part: Ints
    role: pa.Array
    path: pa.Array
    value: pa.Array


class Joined(NamedTuple):
    """One row a record: *text* (null where it has no piece) and *roles* (list of ROLE_SPAN, null likewise)."""

    text: pa.Array
    roles: pa.Array


def pieces_of(
    row: Ints, slot: int, at: Ints | None, part: Ints | None, role: pa.Array | str, path: Callable[[int, int], str],
    value: pa.Array,
) -> Pieces:  # fmt: skip
    """Pieces of one kind; those without a value are left out. *path* names the field for (at, part)."""
    value = pc.cast(value, pa.large_string())
    kept = np.flatnonzero(pc.fill_null(pc.greater(pc.binary_length(value), 0), False).to_numpy(zero_copy_only=False))
    nought = np.zeros(len(kept), np.int64)
    ats = nought if at is None else at[kept]
    parts = nought if part is None else part[kept]
    roles = pa.repeat(pa.scalar(role), len(kept)) if isinstance(role, str) else role.take(pa.array(kept))
    if len(kept) < len(value):
        value = value.take(pa.array(kept))
    return Pieces(row[kept], np.full(len(kept), slot, np.int64), ats, parts, roles, _paths(ats, parts, path), value)


def joined(kinds: Sequence[Pieces], rows: int) -> Joined:
    """The pieces of every record in their order, joined by one LF. Spans count code points, half open."""
    row = np.concatenate([k.row for k in kinds])
    keys = [np.concatenate([getattr(k, name) for k in kinds]) for name in ("part", "at", "slot")]
    order = np.lexsort((*keys, row))
    take = pa.array(order)
    value, role, path = (pa.concat_arrays([getattr(k, n) for k in kinds]).take(take) for n in ("value", "role", "path"))
    offsets = np.searchsorted(row[order], np.arange(rows + 1))
    nothing = pa.array(np.diff(offsets) == 0)
    lengths = pc.utf8_length(value).to_numpy(zero_copy_only=False).astype(np.int64) + 1  # the LF after it
    ends = np.cumsum(lengths)
    before = np.concatenate([np.zeros(1, np.int64), ends])[offsets[:-1]]  # where each record's first piece begins
    ends -= np.repeat(before, np.diff(offsets))
    spans = pa.StructArray.from_arrays(
        [role, path, pa.array(ends - lengths), pa.array(ends - 1)], fields=list(ROLE_SPAN)
    )
    at = pa.array(offsets.astype(np.int32))
    return Joined(_text(value, offsets, nothing), pa.ListArray.from_arrays(at, spans, mask=nothing))


def _text(value: pa.Array, offsets: Ints, nothing: pa.Array) -> pa.Array:
    """One string a record: its values, each but the last with an LF after it, lie side by side in one buffer."""
    last = np.zeros(len(value), np.int8)
    last[offsets[1:][np.diff(offsets) > 0] - 1] = 1
    after = pa.array([_LF, ""], pa.large_string()).take(pa.array(last))
    parted = pc.binary_join_element_wise(value, after, pa.scalar("", pa.large_string()))
    _, ends, octets = parted.buffers()
    starts = np.frombuffer(ends, np.int64)[offsets] if len(value) else np.zeros(len(offsets), np.int64)
    valid = pc.invert(nothing).buffers()[1]
    return pa.Array.from_buffers(pa.large_string(), len(nothing), [valid, pa.py_buffer(starts), octets])


def _paths(at: Ints, part: Ints, path: Callable[[int, int], str]) -> pa.Array:
    """The paths, spelled out once for each place that occurs."""
    if not len(at):
        return pa.array([], pa.string())
    width = int(part.max()) + 1
    places, codes = np.unique(at * width + part, return_inverse=True) if at.any() or part.any() else (at[:1], at)
    names = pa.array([path(*divmod(int(p), width)) for p in places], pa.string())
    return names.take(pa.array(codes))
