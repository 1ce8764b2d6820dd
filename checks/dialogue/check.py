"""Fine-tuning records: order of turns, empty, unanswered and unended ones, tool calls, preferences, and answers that conflict.

Records without roles cost nothing. Each sign is a screening indicator: a dialogue that ends with a letter may be whole. What
several records say to one prompt is known when all are counted: tables keyed by hashes go to the run (`pipelines.dialogues`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally, records_measure
from checks.dialogue.apart import MEASURES, reported, sides_of, zero_of_sides
from checks.dialogue.said import IN_ANSWERS, IN_CROSSED, RULES, SIGNS, Said, said_of
from checks.dialogue.turns import Hashes, Ints
from checks.kernels.turn_calls import TOTALS
from checks.mixed import mixed
from schemas.finding import FINDING, record_findings
from schemas.shares import PPM, share_ppm
from schemas.yaml_shape import Bounds

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
_COUNTED: Final = (*TOTALS, "signed")
_BY_NAME: Final = sorted(range(len(RULES)), key=RULES.__getitem__)


@dataclass(frozen=True)
class Dialogue(Check):
    """Show the signs of records that say who speaks; count what is said by prompts and by responses apart.

    *signals_ppm*: the share of the records, drawn by their text alone, whose prompts and responses get the counts of the
    check `quality` apart; *unended_from*: a last response of so many code points that ends with a letter or a comma is unended;
    *template_chars*: prompts that begin with the same so many code points share a template.
    """

    name: ClassVar[str] = "dialogue"
    version: ClassVar[int] = 2
    tally_bytes: ClassVar[int] = 4096
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
            "speaker; by number, of records in which a call or an answer has no id",
        ),
        Measure("unknown_call_records", "records", "records in which a tool answers a call whose id no call before it has"),
        Measure(
            "unanswered_call_records", "records",
            "records in which no answer behind a call names its id though turns follow it; where answers name no id at all, numbers alone tell",
        ),
        Measure("repeated_call_id_records", "records", "records in which two calls have one id, or two answers name one"),
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
        *MEASURES,
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = pa.schema(FINDING)
    table_schemas: ClassVar[Mapping[str, pa.Schema]] = {ANSWER: PAIR, CROSSED: PAIR, TEMPLATE: PAIR}

    unended_from: int = 200
    template_chars: int = 32
    signals_ppm: Annotated[int, Bounds(0, PPM)] = 5_000

    def __post_init__(self) -> None:
        """Refuse what would sign everything."""
        if self.unended_from < 1 or self.template_chars < 1:
            msg = f"unended_from is {self.unended_from}, template_chars {self.template_chars}; each at least 1"
            raise ValueError(msg)

    def zero(self) -> Tally:
        """No records."""
        return {**dict.fromkeys(_COUNTED, 0), "signs": dict.fromkeys(RULES, 0), "said": zero_of_sides()}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding a record and sign; without roles nothing is read."""
        if not batch.num_rows or batch.column("roles").null_count == batch.num_rows:
            return Seen(self.zero())
        said = said_of(batch, self.template_chars, self.unended_from)
        rows = np.asarray(batch.column("row").to_numpy(zero_copy_only=False), np.uint32)
        signed = np.flatnonzero(said.flags & SIGNS)
        shown = said.flags[signed, None] >> np.array(_BY_NAME, np.uint16) & np.uint16(1)
        counts = dict(zip((RULES[at] for at in _BY_NAME), shown.sum(0, dtype=np.int64).tolist(), strict=True))
        total = self.zero() | said.totals
        total["signs"] |= counts
        total["signed"] = len(signed)
        total["said"] = sides_of(batch.column("text"), batch.column("roles"), self.signals_ppm)
        return Seen(total, findings=_findings(rows[signed], shown), tables=_tables(said, rows))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand, and shares."""
        signs = {records_measure(rule): n for rule, n in total["signs"].items()}
        longer, shorter = total["chosen_longer"], total["rejected_longer"]
        values = {
            "dialogue_records": total["dialogues"], "turns": total["turns"], "prompt_chars": total["prompt_chars"],
            "response_chars": total["response_chars"], "signed_records": total["signed"], **signs,
            "pair_records": total["pairs"], "chosen_longer_records": longer,
            "chosen_longer_ppm": share_ppm(longer, longer + shorter),
            "chosen_to_rejected_ppm": share_ppm(total["chosen_chars"], total["rejected_chars"]), **reported(total["said"]),
        }  # fmt: skip
        return {measure.name: values[measure.name] for measure in self.measures}


def _keyed(key: Hashes, places: Ints, size: Ints, rows: npt.NDArray[np.uint32]) -> pa.Table:
    ones = np.ones(len(key), np.int64)
    return pa.Table.from_arrays([pa.array(c) for c in (key, ones, places, size, rows)], schema=PAIR)


def _tables(said: Said, rows: npt.NDArray[np.uint32]) -> dict[str, pa.Table]:
    """ANSWER of records with one answer, CROSSED of pairs that differ, TEMPLATE of long enough prompts."""
    single, crossed = (np.flatnonzero(said.flags & bit) for bit in (IN_ANSWERS, IN_CROSSED))
    short = (mixed(said.answered[single], 4) >> _ANSWER_BITS).astype(np.int64)
    chosen, rejected = said.chosen[crossed], said.rejected[crossed]
    low, high = np.minimum(chosen, rejected), np.maximum(chosen, rejected)
    key = mixed(mixed(said.asked[crossed], 5) ^ mixed(low, 6) + mixed(high, 7), 8)
    prefers = (chosen == low).astype(np.int64)
    first = np.flatnonzero(said.begin)
    nought = np.zeros(len(first), np.int64)
    return {
        ANSWER: _keyed(said.asked[single], short, short * short, rows[single]),
        CROSSED: _keyed(key, prefers, np.zeros(len(key), np.int64), rows[crossed]),
        TEMPLATE: _keyed(said.begin[first], nought, nought, rows[first]),
    }


def _findings(rows: npt.NDArray[np.uint32], shown: npt.NDArray[np.uint16]) -> pa.Table:
    """One a record and sign, by both. *shown*: of each of *rows*, the signs in the order of their names."""
    record, sign = np.nonzero(shown)
    row = rows[record]
    order = np.lexsort((sign, row))
    at = pa.array(sign[order])
    words = pa.array([RULES[place] for place in _BY_NAME], pa.string()).take(at)
    names = pa.array([f"dialogue.{RULES[place]}" for place in _BY_NAME], pa.string()).take(at)
    return record_findings(names, pa.array(row[order]), words)
