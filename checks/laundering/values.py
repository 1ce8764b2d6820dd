"""The values of records by field: every turn of a speaker, or the whole text where nobody is said to speak.

Nothing is copied: a value is a stretch of the text's own buffer, and the stretches between two values are rows as well,
which nobody asks for.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

FIELDS: Final = ("prompt", "response", "text")
PROMPT, RESPONSE, TEXT = range(len(FIELDS))
_FIELD_OF: Final = {
    "user": PROMPT, "prompt": PROMPT, "other": PROMPT, "assistant": RESPONSE, "chosen": RESPONSE, "rejected": RESPONSE,
}  # fmt: skip
"""Role -> field. What a system prompt or a tool says is no turn."""
_NO_TURN: Final = -1
_WORD: Final = 64

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Values:
    """*text*: LargeString in which value i is row ``rows[i]``; *row*: its record's place in the batch, rising; *field*:
    place in FIELDS; *turn*: how many values of its field the record has before it; *start*, *end*: bytes in the record's text.
    """

    text: pa.Array
    rows: Ints
    row: Ints
    field: Ints
    turn: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        """How many."""
        return len(self.rows)


@dataclass(frozen=True)
class Points:
    """Code points and bytes of the rows of a text: where one lies among the other. *bounds*: int64[n + 1], bytes in *data*."""

    data: npt.NDArray[np.uint8]
    bounds: Ints

    @staticmethod
    def of(text: pa.Array) -> "Points":
        """Of a LargeString array without nulls."""
        _, offsets, data = text.buffers()
        if not len(text):
            return Points(np.zeros(0, np.uint8), np.zeros(1, np.int64))
        bounds = np.frombuffer(offsets, np.int64)[text.offset : text.offset + len(text) + 1]
        whole = np.frombuffer(data if data is not None else b"", np.uint8)
        return Points(whole[bounds[0] : bounds[-1]], bounds - bounds[0])

    @cached_property
    def _begins(self) -> npt.NDArray[np.uint64]:
        """A bit for each byte that begins a code point."""
        bits = np.packbits((self.data & 0xC0) != 0x80, bitorder="little")
        return np.concatenate([bits, np.zeros(-len(bits) % 8 + 8, np.uint8)]).view("<u8").astype(np.uint64)

    @cached_property
    def _before(self) -> Ints:
        """Code points before each word of `_begins`."""
        return np.concatenate([[0], np.cumsum(np.bitwise_count(self._begins), dtype=np.int64)])

    def points(self, row: Ints, byte: Ints) -> Ints:
        """int64[n]: code points of the *row* before its *byte*."""
        first = self.bounds[row]
        return self._count(first + byte) - self._count(first)

    def bytes(self, row: Ints, point: Ints) -> Ints:
        """int64[n]: bytes of the *row* before its code point *point*; its length for what lies beyond its end."""
        places: Ints = np.minimum(point, self.bounds[row + 1] - self.bounds[row])
        wider = np.flatnonzero(self._is_wider[row])
        if len(wider):
            places[wider] = self._bytes(row[wider], point[wider])
        return places

    @cached_property
    def _is_wider(self) -> npt.NDArray[np.bool_]:
        """The rows with more bytes than code points: the others, of ASCII alone, need no look."""
        return np.asarray(np.diff(self._count(self.bounds)) < np.diff(self.bounds))

    def _bytes(self, row: Ints, point: Ints) -> Ints:
        first, last = self.bounds[row], self.bounds[row + 1]
        wanted = self._count(first) + point
        word = np.minimum(np.searchsorted(self._before, wanted, "right") - 1, len(self._begins) - 1)
        left, begins = wanted - self._before[word], self._begins[word]
        inside = np.zeros(len(word), np.int64)
        for size in (32, 16, 8, 4, 2, 1):  # the place of the bit before which *left* bits are set
            part = begins >> inside.astype(np.uint64) & np.uint64((1 << size) - 1)
            counted = np.bitwise_count(part).astype(np.int64)
            is_beyond = left >= counted
            left -= np.where(is_beyond, counted, 0)
            inside += np.where(is_beyond, size, 0)
        beyond = wanted >= self._before[-1]
        places: Ints = np.minimum(np.where(beyond, last, word * _WORD + inside), last) - first
        return places

    def _count(self, at: Ints) -> Ints:
        word, inside = at // _WORD, (at % _WORD).astype(np.uint64)
        low = (np.uint64(1) << inside) - np.uint64(1)
        counted: Ints = self._before[word] + np.bitwise_count(self._begins[word] & low).astype(np.int64)
        return counted


def plain_text(batch: pa.RecordBatch) -> pa.Array:
    """The text column as LargeString without nulls."""
    text = batch.column("text")
    return (text.fill_null("") if text.null_count else text).cast(pa.large_string())


def values_of(batch: pa.RecordBatch, points: Points, most_bytes: int | None = None) -> Values:
    """The values of RECORD rows, in the order of the text; empty ones are none. *points*: of `plain_text(batch)`.

    A turn is a run of spans of one field that follow one another: instruction and input are one prompt. *most_bytes*:
    longer values are left out.
    """
    roles = batch.column("roles")
    silent = np.flatnonzero(np.asarray(roles.is_null()))
    nought = np.zeros(len(silent), np.int64)
    row, field, start, end = silent, nought + TEXT, nought, np.diff(points.bounds)[silent]
    if len(silent) < batch.num_rows:
        turns = _turns(roles, points)
        row, field, start, end = (np.concatenate(pair) for pair in zip((row, field, start, end), turns, strict=True))
        order = np.lexsort((start, row))
        row, field, start, end = row[order], field[order], start[order], end[order]
    turn = _rank(row, field)
    kept = end > start
    if most_bytes is not None:
        kept &= end - start <= most_bytes
    row, field, turn, start, end = row[kept], field[kept], turn[kept], start[kept], end[kept]
    base = points.bounds[row]
    # Spans that overlap are no reader's; whatever they say, offsets never go back.
    return Values(
        _stretched(points.data, base + start, base + end), 2 * np.arange(len(row)), row, field, turn, start, end
    )


def stretches(values: Values, size: int, stride: int) -> tuple[pa.Array, Ints]:
    """The first *size* bytes of every *stride* bytes of the values: rows 0, 2, 4, … of a text, and of which value each is.

    One that ends inside a character ends in a term that is none of the text's.
    """
    _, offsets, data = values.text.buffers()
    bounds = np.frombuffer(offsets, np.int64)
    first, last = bounds[values.rows], bounds[values.rows + 1]
    count = np.maximum(1, -((first - last) // stride))
    value = np.repeat(np.arange(len(values)), count)
    at = (np.arange(len(value)) - np.repeat(np.cumsum(count) - count, count)) * stride + first[value]
    return _stretched(np.frombuffer(data, np.uint8), at, np.minimum(at + size, last[value])), value


def _stretched(data: npt.NDArray[np.uint8], start: Ints, end: Ints) -> pa.Array:
    """A LargeString over *data* whose rows 0, 2, 4, … are those stretches; spans that overlap are no reader's, and cut."""
    offsets = np.maximum.accumulate(np.append(np.stack([start, end], 1).reshape(-1), len(data)).astype(np.int64))
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])


def _turns(roles: pa.Array, points: Points) -> tuple[Ints, Ints, Ints, Ints]:
    """(row, field, start, end) in bytes of every turn."""
    lengths = pc.list_value_length(roles).fill_null(0).to_numpy(zero_copy_only=False)
    row = np.repeat(np.arange(len(roles)), lengths)
    flat = pc.list_flatten(roles)
    coded = pc.struct_field(flat, "role").dictionary_encode()
    known = np.array([_FIELD_OF.get(name, _NO_TURN) for name in coded.dictionary.to_pylist()] or [_NO_TURN], np.int64)
    field = known[coded.indices.to_numpy()]
    start, end = (pc.struct_field(flat, name).to_numpy(zero_copy_only=False) for name in ("start", "end"))
    first = np.ones(len(row), np.bool_)
    first[1:] = (row[1:] != row[:-1]) | (field[1:] != field[:-1])
    begins = np.flatnonzero(first)
    last = np.append(begins[1:], len(row)) - 1 if len(row) else begins
    spoken = field[begins] != _NO_TURN
    begins, last = begins[spoken], last[spoken]
    row, field = row[begins], field[begins]
    low = points.bytes(row, start[begins])
    high = np.maximum(points.bytes(row, end[last]), low)
    return row, field, low, high


def _rank(row: Ints, field: Ints) -> Ints:
    """How many before it have its row and field."""
    order = np.lexsort((np.arange(len(row)), field, row))
    at = np.arange(len(row))
    first = np.ones(len(row), np.bool_)
    first[1:] = (row[order][1:] != row[order][:-1]) | (field[order][1:] != field[order][:-1])
    rank = np.empty(len(row), np.int64)
    rank[order] = at - np.maximum.accumulate(np.where(first, at, 0)) if len(row) else 0
    return rank
