"""Tool calls by their ids: answers to a call that is not there, calls that nobody answers, ids used twice.

What the chat format of OpenAI demands: each call has an id, a tool's message names the call that it answers, and each call of a
message is answered behind it. Answers may come in any order; a call with which a record ends waits for one that is not part of it.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.dialogue.turns import NO_TURN, Flags, Hashes, Ints, places_of

_NEVER: Final = 1 << 31
"""Behind every message: `at` has 31 bits."""


class Calls(NamedTuple):
    """Of the records at *row*, places in the batch: signs, and *is_by_id*, whether every call and every answer has an id."""

    row: Ints
    unknown: Flags
    unanswered: Flags
    repeated: Flags
    is_by_id: Flags


class _Events(NamedTuple):
    """Calls and answers: *row*: place among the records, rising; *at*: the message; *id*: 0 of none."""

    row: Ints
    at: Ints
    is_answer: npt.NDArray[np.bool_]
    id: Hashes


def calls_of(batch: pa.RecordBatch) -> Calls | None:
    """What the ids of calls of RECORD rows tell; None where no record has any."""
    column = batch.column("calls")
    if column.null_count == batch.num_rows:
        return None
    rows = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False)).astype(np.int64)
    some = column.take(pa.array(rows))
    events = _events(some)
    return _told(rows, events, np.maximum(_last_said(batch, rows), _per_row(events.at, events.row, len(rows))))


def _events(calls: pa.Array) -> _Events:
    flat = calls.flatten()
    row = pc.list_parent_indices(calls).to_numpy(zero_copy_only=False).astype(np.int64)
    at, is_answer, ids = (flat.field(name).to_numpy(zero_copy_only=False) for name in ("at", "is_answer", "id"))
    return _Events(row, at.astype(np.int64), np.asarray(is_answer, np.bool_), ids.astype(np.uint64))


def _told(rows: Ints, events: _Events, last: Ints) -> Calls:
    """*last*: the last message of each record that says, calls or answers anything."""
    row, at, is_answer, ids = events
    n = len(rows)
    has = ids > 0
    named = np.flatnonzero(has)
    order = named[np.lexsort((ids[named], row[named]))]
    begins = np.ones(len(order), np.bool_)
    begins[1:] = (row[order][1:] != row[order][:-1]) | (ids[order][1:] != ids[order][:-1])
    of, first = np.cumsum(begins) - 1, np.flatnonzero(begins)
    answers, where, whose = is_answer[order], at[order], row[order]
    if len(order):
        called = np.minimum.reduceat(np.where(answers, _NEVER, where), first)[of]  # where its first call is
        answered = np.maximum.reduceat(np.where(answers, where, NO_TURN), first)[of]  # and its last answer
        times = np.maximum(
            np.add.reduceat(answers.astype(np.int64), first), np.add.reduceat(~answers, first, dtype=np.int64)
        )
    else:
        called = answered = times = np.zeros(0, np.int64)
    names = _any(row[has & is_answer], n)  # its tools name the calls they answer
    unanswered = whose[~answers & (answered <= where) & (where < last[whose])]
    return Calls(
        rows, _any(whose[answers & (called >= where)], n),
        _any(unanswered, n) & (names | ~_any(row[is_answer], n)), _any(whose[first[times > 1]], n), ~_any(row[~has], n),
    )  # fmt: skip


def _last_said(batch: pa.RecordBatch, rows: Ints) -> Ints:
    """The turn of the last span of each of *rows*."""
    roles = batch.column("roles")
    spans = pc.list_value_length(roles).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    some = np.flatnonzero(spans[rows])
    found = np.full(len(rows), NO_TURN, np.int64)
    path = pc.struct_field(pc.list_flatten(roles), "path").take(pa.array(np.cumsum(spans)[rows[some]] - 1))
    codes, places = places_of(path)
    found[some] = places[codes, 1]
    return found


def _per_row(at: Ints, row: Ints, rows: int) -> Ints:
    found = np.full(rows, NO_TURN, np.int64)
    np.maximum.at(found, row, at)
    return found


def _any(found: Ints, rows: int) -> Flags:
    return np.asarray(np.bincount(found, minlength=rows) > 0)
