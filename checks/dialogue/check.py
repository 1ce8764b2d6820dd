"""Fine-tuning records: order of turns, empty, unanswered and unended ones, tool calls, preferences, and answers that conflict.

Records without roles cost nothing. Each sign is a screening indicator: a dialogue that ends with a letter may be whole. What
several records say to one prompt is known when all are counted: tables keyed by hashes go to the run (`pipelines.dialogues`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.dialogue.order import Order, order_of
from checks.dialogue.turns import (
    ASSISTANT,
    CHOSEN,
    OTHER,
    REJECTED,
    Flags,
    Hashes,
    Ints,
    Spans,
    mixed,
    said_by_row,
    spans_of,
)
from schemas.finding import FINDING

ANSWER, CROSSED, TEMPLATE = "answer", "crossed", "template"
PAIR: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("places", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("row", pa.uint32(), nullable=False),  # the least record that has it
    ]
)
"""What one key comes to, columns as in the tables of `repetition`, which are merged alike.

`answer`: a prompt; *places* and *bytes* are the sums of a hash of 20 bits of each answer and of its square, so records times
bytes is places squared exactly where all answers are one. `crossed`: a prompt with two answers, whichever is preferred; *places*:
records that prefer the one of the lesser hash. `template`: a beginning of prompts."""
_ANSWER_BITS: Final = np.uint64(44)
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
)
"""Signs that a record shows; rules are ``dialogue.<word>``."""
_COUNTED: Final = ("dialogues", "turns", "prompt_chars", "response_chars", "pairs", "chosen_longer", "rejected_longer", "chosen_chars",
                   "rejected_chars", "signed")  # fmt: skip


@dataclass(frozen=True)
class Dialogue(Check):
    """Show the signs of records that say who speaks; count what is said by prompts and by responses apart.

    *unended_from*: a last response of so many code points that ends with a letter or a comma is unended;
    *template_chars*: prompts that begin with the same so many code points share a template.
    """

    name: ClassVar[str] = "dialogue"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 640
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("dialogue_records", "records", "records that say who speaks: chat, instruction and preference layouts"),
        Measure("turns", "turns", "turns of these, a field that is no list of turns counting as one with those of its role beside it"),
        Measure("prompt_chars", "code points", "what system, user, tool and prompt say"),
        Measure("response_chars", "code points", "what the assistant says, and chosen answers"),
        Measure(
            "signed_records", "records",
            "records with at least one of the signs below, each a screening indicator",
        ),
        Measure(
            "turn_order_records", "records",
            "records, preference pairs apart, whose turns do not alternate: a system turn behind others, no user first, one role twice, "
            "an assistant's reply to nothing",
        ),
        Measure("unknown_role_records", "records", "records with a turn whose speaker is named by no known word, or not at all"),
        Measure("empty_turn_records", "records", "records with a turn between others that says nothing"),
        Measure("unanswered_records", "records", "records, preference pairs apart, that do not end with the assistant"),
        Measure(
            "unended_records", "records",
            "records whose last response has at least `unended_from` (200) code points and ends with a letter, a comma or the like",
        ),
        Measure(
            "tool_call_records", "records",
            "records in which a tool answers more often than the turn before called it, or calls are left unanswered before the next "
            "speaker; by number, for a record does not hold the ids of calls",
        ),
        Measure("echo_records", "records", "records with a response that is, byte for byte, the last thing said before it"),
        Measure("pair_records", "records", "records with a chosen and a rejected answer"),
        Measure("equal_pair_records", "records", "of these, records whose two answers are byte for byte one"),
        Measure("one_sided_pair_records", "records", "records with one of the two answers alone"),
        Measure("chosen_longer_records", "records", "pair_records whose chosen answer has more code points than the rejected one"),
        Measure(
            "chosen_longer_ppm", "ppm",
            "chosen_longer_records of the pair_records whose answers differ in length; 500,000 where length says nothing",
        ),
        Measure("chosen_to_rejected_ppm", "ppm", "code points of all chosen answers of those of all rejected ones of pair_records"),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = pa.schema(FINDING)
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = {ANSWER: PAIR, CROSSED: PAIR, TEMPLATE: PAIR}

    unended_from: int = 200
    template_chars: int = 32

    def __post_init__(self) -> None:
        """Refuse what would sign everything."""
        if self.unended_from < 1 or self.template_chars < 1:
            msg = f"unended_from is {self.unended_from}, template_chars {self.template_chars}; each at least 1"
            raise ValueError(msg)

    def zero(self) -> Tally:
        """No records."""
        return {**dict.fromkeys(_COUNTED, 0), "signs": dict.fromkeys(RULES, 0)}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding a record and sign; without roles nothing is read."""
        if not batch.num_rows or batch.column("roles").null_count == batch.num_rows:
            return Seen(self.zero())
        spans = spans_of(batch, self.template_chars, self.unended_from)
        order = order_of(spans, batch.num_rows)
        said = _Said(spans, order, batch.num_rows, self.unended_from)
        rows = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)
        total = self.zero() | said.totals()
        found = []
        anything = np.zeros(batch.num_rows, np.bool_)
        for rule, flags in said.signs().items():
            total["signs"][rule] = int(np.count_nonzero(flags))
            anything |= flags
            found.append(_findings(rule, rows[flags]))
        total["signed"] = int(np.count_nonzero(anything))
        table = pa.concat_tables(found).sort_by([("row", "ascending"), ("rule", "ascending")])
        return Seen(total, findings=table, tables=said.tables(rows))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand, and shares."""
        signs = {f"{rule.replace('-', '_')}_records": n for rule, n in total["signs"].items()}
        longer, shorter = total["chosen_longer"], total["rejected_longer"]
        values = {
            "dialogue_records": total["dialogues"], "turns": total["turns"], "prompt_chars": total["prompt_chars"],
            "response_chars": total["response_chars"], "signed_records": total["signed"], **signs,
            "pair_records": total["pairs"], "chosen_longer_records": longer,
            "chosen_longer_ppm": _ppm(longer, longer + shorter),
            "chosen_to_rejected_ppm": _ppm(total["chosen_chars"], total["rejected_chars"]),
        }  # fmt: skip
        return {measure.name: values[measure.name] for measure in self.measures}


class _Said:
    """What the records of one batch say; every flag is bool[rows]."""

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

    def totals(self) -> dict[str, Any]:
        """Counts of the tally but for the signs."""
        chosen, rejected = (self.chars[one][self.is_pair] for one in (CHOSEN, REJECTED))
        return {
            "dialogues": int(np.count_nonzero(self.has_turns)), "turns": self.order.turns,
            "prompt_chars": int(self.spans.chars[self.is_asked].sum()),
            "response_chars": int(self.spans.chars[self.is_answer].sum()),
            "pairs": int(np.count_nonzero(self.is_pair)), "chosen_longer": int(np.count_nonzero(chosen > rejected)),
            "rejected_longer": int(np.count_nonzero(chosen < rejected)), "chosen_chars": int(chosen.sum()),
            "rejected_chars": int(rejected.sum()),
        }  # fmt: skip

    def signs(self) -> dict[str, Flags]:
        """Rule -> the records that show it, in the order of RULES."""
        alone = ~self.either & self.has_turns
        last = self._last_answers()
        unended = np.zeros(self.rows, np.bool_)
        unended[self.spans.row[last]] = ~self.spans.ends[last] & (self.spans.chars[last] >= self.unended_from)
        return {
            "turn-order": self.order.out_of_order & alone, "unknown-role": self._has(self.spans.role == OTHER),
            "empty-turn": self.order.empty, "unanswered": self.order.unanswered & alone, "unended": unended,
            "tool-call": self.order.tools_astray & alone, "echo": self._echo(),
            "equal-pair": self.is_pair & (self.chosen == self.rejected),
            "one-sided-pair": self.has_chosen ^ self.has_rejected,
        }  # fmt: skip

    def tables(self, rows: npt.NDArray[np.uint32]) -> dict[str, pa.Table]:
        """ANSWER of records with one answer, CROSSED of pairs that differ, TEMPLATE of long enough prompts."""
        asked, answered = self._hash(self.is_asked), self._hash(self.is_answer)
        single = np.flatnonzero(self._has(self.is_asked) & self._once() & ~self.either)
        short = (mixed(answered[single], 4) >> _ANSWER_BITS).astype(np.int64)
        crossed = np.flatnonzero(self.is_pair & (self.chosen != self.rejected))
        low = np.minimum(self.chosen[crossed], self.rejected[crossed])
        high = np.maximum(self.chosen[crossed], self.rejected[crossed])
        key = mixed(mixed(asked[crossed], 5) ^ mixed(low, 6) + mixed(high, 7), 8)
        prefers = (self.chosen[crossed] == low).astype(np.int64)
        first = np.flatnonzero(self.spans.begin > 0)
        nought = np.zeros(len(first), np.int64)
        return {
            ANSWER: _keyed(asked[single], short, short * short, rows[single]),
            CROSSED: _keyed(key, prefers, np.zeros(len(key), np.int64), rows[crossed]),
            TEMPLATE: _keyed(self.spans.begin[first], nought, nought, rows[self.spans.row[first]]),
        }

    def _once(self) -> Flags:
        """Records in which the assistant speaks once, at the end: what was asked stands before it."""
        return np.asarray((self.order.answers == 1) & ~self.order.unanswered)

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


def _keyed(key: Hashes, places: Ints, size: Ints, rows: npt.NDArray[np.uint32]) -> pa.Table:
    ones = np.ones(len(key), np.int64)
    return pa.Table.from_arrays([pa.array(c) for c in (key, ones, places, size, rows)], schema=PAIR)


def _findings(rule: str, rows: npt.NDArray[np.uint32]) -> pa.Table:
    n = len(rows)
    columns: list[Any] = [
        pa.array([f"dialogue.{rule}"] * n, pa.string()), pa.array(rows), *(pa.nulls(n, pa.int64()) for _ in range(4)),
        pa.nulls(n, pa.int32()), pa.array([rule] * n, pa.string()),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=pa.schema(FINDING))


def _ppm(part: int, whole: int) -> int | None:
    return part * 1_000_000 // whole if whole else None
