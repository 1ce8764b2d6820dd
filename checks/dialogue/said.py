"""What the records of a batch say: signs, keys of prompts and answers, counts; by the kernel, or by array functions alike."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.dialogue.calls import calls_of
from checks.dialogue.order import MAY_FOLLOW, Order, order_of
from checks.dialogue.turns import (
    ASSISTANT,
    CHOSEN,
    OTHER,
    REJECTED,
    Flags,
    Hashes,
    Ints,
    Spans,
    coded_of,
    may_end,
    said_by_row,
    spans_of,
)
from checks.kernels import digest_calls, turn_calls
from checks.kernels.turn_calls import TOTALS

RULES: Final = (
    "turn-order",
    "unknown-role",
    "empty-turn",
    "unanswered",
    "unended",
    "tool-call",
    "echo",
    "equal-pair",
    "one-sided-pair",
    "unknown-call",
    "unanswered-call",
    "repeated-call-id",
)
"""Signs that a record shows; rules are ``dialogue.<word>``."""
IN_ANSWERS: Final = np.uint16(1 << len(RULES))
IN_CROSSED: Final = np.uint16(2 << len(RULES))
SIGNS: Final = np.uint16((1 << len(RULES)) - 1)
_UNENDED, _BY_NUMBER, _UNKNOWN, _NOT_ANSWERED, _REPEATED = (
    np.uint16(1 << RULES.index(rule))
    for rule in ("unended", "tool-call", "unknown-call", "unanswered-call", "repeated-call-id")
)
_ASCII: Final = 0x80
_ASCII_UNENDED: Final = np.array([not may_end(code) for code in range(_ASCII)] + [False])
"""Of each ASCII character, and of what is none."""

Bits = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Said:
    """Of n rows. *flags*: uint16, a bit for each of RULES, then one record with one answer (IN_ANSWERS), two answers that differ
    (IN_CROSSED); *asked*, …: hashes of what is said, where a flag asks for them; *begin*: of the first prompt's beginning, 0
    of none; *totals*: by TOTALS.
    """

    flags: Bits
    asked: Hashes
    answered: Hashes
    chosen: Hashes
    rejected: Hashes
    begin: Hashes
    totals: dict[str, int]


def said_of(batch: pa.RecordBatch, first_chars: int, unended_from: int) -> Said:
    """What RECORD rows say. *first_chars*: how long a beginning is; *unended_from*: code points of an answer whose end is
    looked at. Raises ``ValueError`` where the text's offsets lie outside its data.
    """
    said = _said_of(batch, first_chars, unended_from)
    _tell_ids(batch, said.flags)
    return said


def _said_of(batch: pa.RecordBatch, first_chars: int, unended_from: int) -> Said:
    library, text = kernels.library(), batch.column("text")
    if library is not None and digest_calls.is_quicker(library, text) and (coded := coded_of(batch, library)).is_whole:
        spans = turn_calls.RoleSpans(
            coded.first, coded.start, coded.end, coded.role, coded.role_of.astype(np.uint8), coded.path, coded.places, MAY_FOLLOW,
        )  # fmt: skip
        told = turn_calls.turns_of_rows(library, text, spans, first_chars, unended_from)
        if told is not None:
            return _of_kernel(told)
    return _said_by_arrays(batch, first_chars, unended_from)


def said_by_arrays(batch: pa.RecordBatch, first_chars: int, unended_from: int) -> Said:
    """The same of any spans, whatever they are."""
    said = _said_by_arrays(batch, first_chars, unended_from)
    _tell_ids(batch, said.flags)
    return said


def _said_by_arrays(batch: pa.RecordBatch, first_chars: int, unended_from: int) -> Said:
    spans = spans_of(batch, first_chars, unended_from)
    return _Arrays(spans, order_of(spans, batch.num_rows), batch.num_rows, unended_from).said()


def _tell_ids(batch: pa.RecordBatch, flags: Bits) -> None:
    """Add what the ids of calls tell to *flags*; where all have one, numbers have no say."""
    told = calls_of(batch)
    if told is not None:
        flags[told.row] |= (told.unknown * _UNKNOWN) | (told.unanswered * _NOT_ANSWERED) | (told.repeated * _REPEATED)
        flags[told.row[told.is_by_id]] &= ~_BY_NUMBER


def _of_kernel(told: turn_calls.RowsSaid) -> Said:
    flags, long = told.flags, np.flatnonzero(told.last)
    code = told.last[long]
    unended = _ASCII_UNENDED[np.minimum(code, _ASCII)]
    wide = np.flatnonzero(code >= _ASCII)
    distinct, which = np.unique(code[wide], return_inverse=True)
    unended[wide] = np.array([not may_end(one) for one in distinct.tolist()], np.bool_)[which]
    flags[long[unended]] |= _UNENDED
    asked, answered, chosen, rejected = told.keys
    return Said(
        flags, asked, answered, chosen, rejected, told.begin, dict(zip(TOTALS, told.totals.tolist(), strict=True))
    )


class _Arrays:
    """What the records of one batch say, by array functions; every flag is bool[rows]."""

    def __init__(self, spans: Spans, order: Order, rows: int, unended_from: int) -> None:
        self.spans, self.order, self.rows, self.unended_from = spans, order, rows, unended_from
        role = spans.role
        self.has_turns = np.bincount(spans.row, minlength=rows) > 0
        self.is_answer = (role == ASSISTANT) | (role == CHOSEN)
        self.is_asked = ~self.is_answer & (role != REJECTED)
        self.chosen, self.rejected = (self._hash(role == one) for one in (CHOSEN, REJECTED))
        self.has_chosen, self.has_rejected = (self._has(role == one) for one in (CHOSEN, REJECTED))
        self.chars = {one: self._chars(role == one) for one in (CHOSEN, REJECTED)}
        self.is_pair = self.has_chosen & self.has_rejected
        self.either = self.has_chosen | self.has_rejected

    def said(self) -> Said:
        """Everything of it."""
        flags = np.zeros(self.rows, np.uint16)
        signs, tables = self._signs(), self._tables()
        for bit, shown in zip((*range(len(signs)), len(RULES), len(RULES) + 1), (*signs, *tables), strict=True):
            flags[shown] |= np.uint16(1 << bit)
        begin = np.zeros(self.rows, np.uint64)
        first = np.flatnonzero(self.spans.begin > 0)
        begin[self.spans.row[first]] = self.spans.begin[first]
        asked, answered = self._hash(self.is_asked), self._hash(self.is_answer)
        return Said(flags, asked, answered, self.chosen, self.rejected, begin, self._totals())

    def _totals(self) -> dict[str, int]:
        chosen, rejected = (self.chars[one][self.is_pair] for one in (CHOSEN, REJECTED))
        counts = (
            np.count_nonzero(self.has_turns), self.order.turns, self.spans.chars[self.is_asked].sum(),
            self.spans.chars[self.is_answer].sum(), np.count_nonzero(self.is_pair), np.count_nonzero(chosen > rejected),
            np.count_nonzero(chosen < rejected), chosen.sum(), rejected.sum(),
        )  # fmt: skip
        return {name: int(count) for name, count in zip(TOTALS, counts, strict=True)}

    def _signs(self) -> tuple[Flags, ...]:
        """The records that show each of RULES, those that ids tell apart."""
        alone = ~self.either & self.has_turns
        last = self._last_answers()
        unended = np.zeros(self.rows, np.bool_)
        unended[self.spans.row[last]] = ~self.spans.ends[last] & (self.spans.chars[last] >= self.unended_from)
        return (
            self.order.out_of_order & alone, self._has(self.spans.role == OTHER), self.order.empty,
            self.order.unanswered & alone, unended, self.order.tools_astray & alone, self._echo(),
            self.is_pair & (self.chosen == self.rejected), self.has_chosen ^ self.has_rejected,
        )  # fmt: skip

    def _tables(self) -> tuple[Flags, ...]:
        """The records with one answer, at the end: what was asked stands before it; and the pairs that differ."""
        once = (self.order.answers == 1) & ~self.order.unanswered
        return self._has(self.is_asked) & once & ~self.either, self.is_pair & (self.chosen != self.rejected)

    def _echo(self) -> Flags:
        """Records with an answer that is, byte for byte, the last thing that was asked."""
        row, said = self.spans.row, self.spans.hash
        same = np.zeros(len(row), np.bool_)
        same[1:] = (row[1:] == row[:-1]) & (said[1:] == said[:-1]) & self.is_asked[:-1]
        return self._has(same & self.is_answer & ~self.spans.is_call & (self.spans.chars > 0))

    def _last_answers(self) -> Ints:
        """The last span of an answer in each record that has one."""
        at = np.flatnonzero(self.is_answer)
        return at[np.append(self.spans.row[at][1:] != self.spans.row[at][:-1], True)] if len(at) else at

    def _hash(self, which: Flags) -> Hashes:
        return said_by_row(self.spans.row[which], self.spans.hash[which], self.rows)

    def _has(self, which: Flags) -> Flags:
        return np.asarray(np.bincount(self.spans.row[which], minlength=self.rows) > 0)

    def _chars(self, which: Flags) -> Ints:
        return np.bincount(self.spans.row[which], weights=self.spans.chars[which], minlength=self.rows).astype(np.int64)
