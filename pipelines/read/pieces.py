"""Join the values of a fine-tuning record into its text, with a role span for each, for all records at once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from checks import kernels
from checks.kernels.join_calls import MOST_ARRAYS, Laid, joined_pieces
from schemas.record import ROLE_SPAN

Ints = NDArray[np.int64]
_LF = "\n"


class Words(NamedTuple):
    """A word for each element: ``words[code]``."""

    words: pa.Array
    code: Ints

    @property
    def array(self) -> pa.Array:
        """The words spelled out."""
        return self.words.take(pa.array(self.code))


class Pieces(NamedTuple):
    """Values of some records, one element each: *row* in the table, its place in the record by (*slot*, *at*, *part*).

    A null or empty *value* (large string) is no piece and must not be here.
    """

    row: Ints
    slot: int
    at: Ints
    part: Ints
    role: Words
    path: Words
    value: pa.Array


class Joined(NamedTuple):
    """One row a record: *text* (null where it has no piece) and *roles* (list of ROLE_SPAN, null likewise)."""

    text: pa.Array
    roles: pa.Array


def pieces_of(
    row: Ints, slot: int, at: Ints | None, part: Ints | None, role: Words | str, path: Callable[[int, int], str],
    value: pa.Array,
) -> Pieces:  # fmt: skip
    """Pieces of one kind; those without a value are left out. *path* names the field for (at, part)."""
    value = pc.cast(value, pa.large_string())
    kept = np.flatnonzero(pc.fill_null(pc.greater(pc.binary_length(value), 0), False).to_numpy(zero_copy_only=False))
    nought = np.zeros(len(kept), np.int64)
    ats = nought if at is None else at[kept]
    parts = nought if part is None else part[kept]
    roles = (
        Words(pa.array([role], pa.string()), nought) if isinstance(role, str) else Words(role.words, role.code[kept])
    )
    if len(kept) < len(value):
        value, row = _at(value, kept), row[kept]
    return Pieces(row, slot, ats, parts, roles, _paths(ats, parts, path), value)


def _at(value: pa.Array, kept: NDArray[np.intp]) -> pa.Array:
    """The large strings at *kept*. What is left out is empty, so their bytes lie side by side: bounds alone are new."""
    if not len(kept):
        return value.slice(0, 0)
    _, bounds, octets = value.buffers()
    held = np.frombuffer(bounds, np.int64)[value.offset :]
    starts, ends = held[kept], held[kept + 1]
    if (starts[1:] != ends[:-1]).any():  # a null may have bytes
        return value.take(pa.array(kept))
    return pa.Array.from_buffers(
        pa.large_string(), len(kept), [None, pa.py_buffer(np.append(starts, ends[-1:])), octets]
    )


def joined(kinds: Sequence[Pieces], rows: int) -> Joined:
    """The pieces of every record in their order, joined by one LF. Spans count code points, half open."""
    row = np.concatenate([k.row for k in kinds])
    order = _order(kinds, row)
    offsets = np.searchsorted(row[order], np.arange(rows + 1)).astype(np.int64)
    library, values = kernels.library(), [k.value for k in kinds]
    if library is None or len(values) > MOST_ARRAYS:
        laid = _laid(values, order, offsets)
    else:
        laid = joined_pieces(library, values, order, offsets)
    nothing = pa.array(np.diff(offsets) == 0)
    role, path = (_spelled([getattr(k, name) for k in kinds], order) for name in ("role", "path"))
    spans = pa.StructArray.from_arrays([role, path, pa.array(laid.start), pa.array(laid.end)], fields=list(ROLE_SPAN))
    roles = pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), spans, mask=nothing)
    _, ends, octets = laid.text.buffers()
    return Joined(
        pa.Array.from_buffers(pa.large_string(), rows, [pc.invert(nothing).buffers()[1], ends, octets]), roles
    )


def _order(kinds: Sequence[Pieces], row: Ints) -> NDArray[np.intp]:
    """The pieces by row, slot, at, part; those of one kind lie so already, and kinds by slot where each has one of its own."""
    slots = [k.slot for k in kinds]
    if slots == sorted(set(slots)):
        return np.argsort(row, kind="stable")
    slot = np.repeat(slots, [len(k.row) for k in kinds])
    at, part = (np.concatenate([getattr(k, name) for k in kinds]) for name in ("at", "part"))
    return np.lexsort((part, at, slot, row))


def _spelled(words: Sequence[Words], order: NDArray[np.intp]) -> pa.Array:
    base = np.cumsum([0, *(len(w.words) for w in words)])
    codes = np.concatenate([w.code + b for w, b in zip(words, base, strict=False)])
    return pa.concat_arrays([w.words for w in words]).take(pa.array(codes[order]))


def _laid(values: Sequence[pa.Array], order: NDArray[np.intp], offsets: Ints) -> Laid:
    """What the kernel gives, by array functions."""
    value = pa.concat_arrays(values).take(pa.array(order))
    lengths = pc.utf8_length(value).to_numpy(zero_copy_only=False).astype(np.int64) + 1  # the LF after it
    ends = np.cumsum(lengths)
    before = np.concatenate([np.zeros(1, np.int64), ends])[offsets[:-1]]  # where each record's first piece begins
    ends -= np.repeat(before, np.diff(offsets))
    last = np.zeros(len(value), np.int8)
    last[offsets[1:][np.diff(offsets) > 0] - 1] = 1
    after = pa.array([_LF, ""], pa.large_string()).take(pa.array(last))
    parted = pc.binary_join_element_wise(value, after, pa.scalar("", pa.large_string()))
    _, bounds, octets = parted.buffers()
    starts = np.frombuffer(bounds, np.int64)[offsets] if len(value) else np.zeros(len(offsets), np.int64)
    text = pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(starts), octets])
    return Laid(text, ends - lengths, ends - 1)


def _paths(at: Ints, part: Ints, path: Callable[[int, int], str]) -> Words:
    """The paths, spelled out once for each place that occurs."""
    if not len(at):
        return Words(pa.array([], pa.string()), at)
    if not at.any() and not part.any():
        return Words(pa.array([path(0, 0)], pa.string()), at)
    width = int(part.max()) + 1
    places, codes = np.unique(at * width + part, return_inverse=True)
    return Words(pa.array([path(*divmod(int(p), width)) for p in places], pa.string()), codes.astype(np.int64))
