"""The role spans of a batch as turns: whose, of which field, how long, a hash of what is said; by array functions alone."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.duplicates.content import content_ids, ids_of
from checks.kernels import turn_calls
from checks.kernels.turn_calls import Codes
from checks.laundering.values import Points, plain_text
from checks.mixed import mixed

ROLES: Final = ("system", "user", "assistant", "tool", "prompt", "chosen", "rejected", "other")
SYSTEM, USER, ASSISTANT, TOOL, PROMPT, CHOSEN, REJECTED, OTHER = range(len(ROLES))
NO_TURN: Final = -1
"""`at` of a field that is no list of turns."""
_LF: Final = 0x0A
_WORD: Final = 8
_MOST_BYTES: Final = 4  # of a code point
_PATH: Final = re.compile(r"(?P<field>[^\[]*)\[(?P<at>\d+)\](?P<rest>.*)", re.DOTALL)
_UNENDED: Final = frozenset(",，、;；:：(（[【{《<-—–/&+=")

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


class Stretches(NamedTuple):
    """Spans as bytes of all texts; *start*: in code points of the row."""

    row: Ints
    low: Ints
    high: Ints
    start: Ints


@dataclass(frozen=True)
class Spans:
    """One element a span, in the order of rows and of the text. *row*: place in the batch; *role*: place in ROLES; *field*: number.

    *at*: of the turn within its field, else NO_TURN; *is_call*: a tool call of its turn; *chars*: code points; *hash*: of its
    bytes; *begin*: hash of the first so many code points of the first thing a user says, 0 elsewhere and where it has no
    more; *ends*: of a long answer, whether its last code point may end what is said.
    """

    row: Ints
    role: Ints
    field: Ints
    at: Ints
    is_call: Flags
    chars: Ints
    hash: Hashes
    begin: Hashes
    ends: Flags


class Coded(NamedTuple):
    """Spans as they stand: those of row r from ``first[r]`` up to ``first[r + 1]``; *start*, *end*: code points as they are told.

    *role*: place in *role_of* (places in ROLES); *path*: place in *places* (number of the field, turn or NO_TURN, whether a tool
    call); *is_whole*: nothing is null.
    """

    first: Ints
    start: Ints
    end: Ints
    role: Codes
    role_of: Ints
    path: Codes
    places: Ints
    is_whole: bool


def coded_of(batch: pa.RecordBatch, library: Any | None = None) -> Coded:
    """The spans of RECORD rows; each role and each path is read once. *library*: the kernels, which find them sooner."""
    roles = batch.column("roles")
    lengths = pc.list_value_length(roles).fill_null(0).to_numpy(zero_copy_only=False)
    first = np.zeros(batch.num_rows + 1, np.int64)
    np.cumsum(lengths, out=first[1:])
    flat = pc.list_flatten(roles)
    role, path, start, end = (pc.struct_field(flat, name) for name in ("role", "path", "start", "end"))
    role_codes, role_of = _coded(library, role, lambda name: (ROLES.index(name) if name in ROLES else OTHER,))
    path_codes, places = places_of(path, library)
    return Coded(
        first, start.to_numpy(zero_copy_only=False), end.to_numpy(zero_copy_only=False), role_codes, role_of.reshape(-1), path_codes,
        places, not any(one.null_count for one in (flat, role, path, start, end)),
    )  # fmt: skip


def spans_of(batch: pa.RecordBatch, first_chars: int, unended_from: int) -> Spans:
    """The spans of RECORD rows; *first_chars*: how long a beginning is; *unended_from*: code points of an answer whose end is
    looked at. Spans outside the text are cut to it.
    """
    coded = coded_of(batch)
    row = np.repeat(np.arange(batch.num_rows), np.diff(coded.first))
    role = coded.role_of[coded.role]
    field, at, call = coded.places[coded.path].T
    start, end = (np.maximum(one, 0) for one in (coded.start, coded.end))
    points = Points.of(plain_text(batch))
    base = points.bounds[row]
    high = points.bytes(row, end)
    low = _lows(points, row, start, end, high)
    cut = np.flatnonzero(high - low < end - start)  # spans that go beyond the text are no reader's
    end[cut] = np.minimum(end[cut], points.points(row[cut], high[cut]))
    low = base + np.minimum(low, high)
    high = base + high
    chars = np.maximum(0, end - start)
    ends = np.ones(len(row), np.bool_)
    long = np.flatnonzero(((role == ASSISTANT) | (role == CHOSEN)) & (chars >= unended_from))
    ends[long] = _ends(points.data, low[long], high[long])
    return Spans(
        row, role, field, at, call > 0, chars, _hashes(points.data, low, high),
        _beginnings(points, Stretches(row, low, high, start), (role == USER) | (role == PROMPT), first_chars),
        ends,
    )  # fmt: skip


def places_of(paths: pa.Array, library: Any | None = None) -> tuple[Codes, Ints]:
    """The place of each of *paths* in int64[k, 3]: number of the field, turn or NO_TURN, whether a tool call."""
    names: dict[str, int] = {}
    codes, places = _coded(library, paths, lambda told: _place(told, names))
    return codes, places.reshape(-1, 3)


def said_by_row(row: Ints, said: Hashes, rows: int) -> Hashes:
    """uint64[rows]: a hash of all that is *said* (hashes of spans) in each row, in order, whoever says it; 0 of nothing."""
    found = np.zeros(rows, np.uint64)
    np.add.at(found, row, mixed(said ^ mixed(rank_in(row).astype(np.uint64), 1), 2))
    return found


def rank_in(group: Ints) -> Ints:
    """How many before each element have its group; *group* rising."""
    starts = np.flatnonzero(np.diff(group, prepend=-1)) if len(group) else np.zeros(0, np.int64)
    return np.asarray(np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group)))), np.int64)


def _lows(points: Points, row: Ints, start: Ints, end: Ints, high: Ints) -> Ints:
    """The byte at which each span begins, within its row: that behind the LF after the one before, where readers put it."""
    follows = np.zeros(len(row), np.bool_)
    follows[1:] = (row[1:] == row[:-1]) & (start[1:] == end[:-1] + 1)
    follows[1:] &= (
        points.data[np.minimum(points.bounds[row[1:]] + high[:-1], len(points.data) - 1)] == _LF
        if len(points.data)
        else False
    )
    low = np.zeros(len(row), np.int64)
    low[1:] = np.where(follows[1:], high[:-1] + 1, 0)
    others = np.flatnonzero(~follows & (start > 0))
    low[others] = points.bytes(row[others], start[others])
    return low


def _beginnings(points: Points, of: Stretches, wanted: Flags, first_chars: int) -> Hashes:
    """uint64[n]: a hash of the first *first_chars* code points of the first wanted span of each row; 0 of shorter ones."""
    found = np.zeros(len(of.row), np.uint64)
    at = np.flatnonzero(wanted)
    at = at[rank_in(of.row[at]) == 0]
    row, low = of.row[at], of.low[at]
    last = np.minimum(
        points.bounds[row] + points.bytes(row, of.start[at] + first_chars), low + _MOST_BYTES * first_chars
    )
    at, low, last = (one[last < of.high[at]] for one in (at, low, last))
    if not len(at):
        return found
    size = last - low
    words = -(-size // _WORD)
    data = points.data
    if int((low + words * _WORD).max()) > len(data):
        data = np.concatenate([data, np.zeros(_WORD, np.uint8)])
    at_every_byte = np.ndarray(len(data) - _WORD + 1, "<u8", np.ascontiguousarray(data).data, strides=(1,))
    for count in np.unique(words).tolist():  # the width of a beginning is its own, whatever others a batch has
        some = np.flatnonzero(words == count)
        read = at_every_byte[low[some][:, None] + _WORD * np.arange(count)].astype(np.uint64)
        read[:, -1] &= ~np.uint64(0) >> (8 * (count * _WORD - size[some])).astype(np.uint64)
        stirred = mixed(read ^ mixed(np.arange(count, dtype=np.uint64), 1), 2)
        found[at[some]] = np.maximum(mixed(stirred.sum(1, dtype=np.uint64), 3), np.uint64(1))
    return found


def _hashes(data: npt.NDArray[np.uint8], low: Ints, high: Ints) -> Hashes:
    """uint64[n]: the first eight bytes of the sha256 of each stretch."""
    if not len(low):
        return np.zeros(0, np.uint64)
    offsets = np.maximum.accumulate(np.append(np.stack([low, high], 1).reshape(-1), high[-1]))
    if (
        offsets[:-1].reshape(-1, 2) != np.stack([low, high], 1)
    ).any():  # spans that overlap are no reader's: one by one
        parts = [data[a:b].tobytes() for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        text: pa.Array = pa.array(parts, pa.large_binary()).view(pa.large_string())
        ids = ids_of(content_ids(text))
    else:
        view = pa.Array.from_buffers(
            pa.large_string(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
        )
        ids = ids_of(content_ids(view))[::2]
    wide = np.ascontiguousarray(ids).view(np.uint8).reshape(-1, 32)[:, :8]
    return np.ascontiguousarray(wide).view("<u8").reshape(-1).astype(np.uint64)


def _ends(data: npt.NDArray[np.uint8], low: Ints, high: Ints) -> Flags:
    """Whether the last code point of each stretch may end what is said: neither letter, comma nor the like; numbers end many answers."""
    found = np.ones(len(low), np.bool_)
    some = np.flatnonzero(high > low)
    if not len(some):
        return found
    reach = np.arange(4)
    at = high[some][:, None] - 1 - reach
    window = np.where(at >= low[some][:, None], data[np.maximum(at, 0)], 0).astype(np.uint32)
    back = np.argmax((window & 0xC0) != 0x80, axis=1)
    kept = np.where(reach <= back[:, None], window, 0)
    code = (kept << (8 * reach).astype(np.uint32)).sum(1, dtype=np.uint32)
    distinct, which = np.unique(code, return_inverse=True)
    found[some] = np.array([may_end(one) for one in distinct.tolist()], np.bool_)[which.reshape(-1)]
    return found


@lru_cache(maxsize=65_536)
def may_end(code: int) -> bool:
    """Whether a code point, its bytes as one number, may end what is said."""
    char = code.to_bytes(4, "big").lstrip(b"\0").decode("utf-8", "replace")[-1:]
    return not (char in _UNENDED or unicodedata.category(char or " ")[0] in "LM")


def _place(path: str, names: dict[str, int]) -> tuple[int, int, int]:
    """(number of the field, turn, whether a tool call) of a path such as ``messages[1].tool_calls[0].function.arguments``."""
    read = _PATH.fullmatch(path)
    if read is None:
        return names.setdefault(path, len(names)), NO_TURN, 0
    side = _PATH.fullmatch("x" + read["rest"])  # history[0][1]: question and answer
    at = int(read["at"]) if side is None or side["field"] != "x" else 2 * int(read["at"]) + int(side["at"])
    return names.setdefault(read["field"], len(names)), at, int(".tool_calls[" in read["rest"])


def _coded(library: Any | None, words: pa.Array, of: Callable[[str], tuple[int, ...]]) -> tuple[Codes, Ints]:
    """The place of each word among the distinct ones, and what *of* gives for each of those."""
    quick = turn_calls.coded_words(library, words) if library is not None and not words.null_count else None
    if quick is None:
        coded = words.dictionary_encode()
        quick = coded.indices.to_numpy(zero_copy_only=False), coded.dictionary.to_pylist()
    return quick[0], np.array([of(word) for word in quick[1]], np.int64)
