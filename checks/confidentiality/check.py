"""Markings of confidentiality in records, held for a person who is named; of a state-secret hint the place alone is kept.

A marking shows that somebody marked a text, not that the marking was right, still holds, or that the text is secret; and no
marking does not make a text free. State secrets are for the person whom the customer names and the authority, outside this
program (Law on Guarding State Secrets): no text, no preview, no level of such a hint stands in any output.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import pyarrow as pa

from checks.base import Measure, Measures, PatternCheck, Seen, Tally, records_measure
from checks.confidentiality.edges import head_and_foot
from checks.confidentiality.marks import EDGE_LINES, KINDS, STATE_SECRET, TRIGGERS, marks_in
from checks.triggers import PatternSet, Spot, byte_span, findings_of, first_spots, hit_lines, refuse_no_places, scan
from checks.triggers.joined import value_bytes
from schemas.finding import FINDING

STATE_SECRET_RULE: Final = f"confidentiality.{STATE_SECRET}"
"""The rule whose findings show nothing but their place; whoever shows texts of records to people leaves these rows out."""
_SHOWN: Final = {
    "state-secret": "a marking of state secrets (机密★10年 and the like), a hint of which the place alone is kept",
    "exam-paper": "the heading 绝密★启用前 of exam papers and mock papers, a custom",
    "internal": "a marking as internal (内部资料 注意保密, internal use only)",
    "trade-secret": "a marking as a trade secret (商业秘密, 核心商密)",
    "proprietary": "a notice or marking as confidential or proprietary",
    "internal-host": "the address of a host that only an internal network has (*.corp, *.internal, intranet)",
}  # fmt: skip
_MARKS: Final = tuple(kind for kind in KINDS if kind not in (STATE_SECRET, "exam-paper"))


@dataclass(frozen=True)
class Confidentiality(PatternCheck):
    """Find markings by form and position, each with its place and without its text; lines that merely speak of one are counted.

    *most_places*: of one kind in one record so many are listed.
    """

    name: ClassVar[str] = "confidentiality"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 1024
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records in which markings of confidentiality were sought"),
        Measure("marked_records", "records", "records with a marking of any kind but the heading of exam papers; not that they are secret"),
        *(Measure(records_measure(kind), "records", f"records with {shown}") for kind, shown in _SHOWN.items()),
        Measure(
            "held_records", "records",
            "records with a marking as internal, trade secret, confidential or proprietary, or an internal host, for a person to decide",
        ),
        Measure(
            "mentions", "lines",
            "lines that begin with a word of such markings or hold one of their forms and are none: texts about secrets",
        ),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = FINDING
    patterns: ClassVar[PatternSet] = TRIGGERS

    most_places: int = 20

    def __post_init__(self) -> None:
        """Refuse a list of no places: a hint without one reaches nobody."""
        refuse_no_places(self.most_places)

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "marked": 0, "held": 0, "mentions": 0, "kinds": dict.fromkeys(KINDS, 0)}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Lines with a trigger are read, with as much of their record around them as tells whether they stand at an edge."""
        total = self.zero()
        total["records"] = batch.num_rows
        text = batch.column("text")
        found: list[Spot] = []
        data, offsets = value_bytes(text)
        row, length, head, foot = -1, 0, 0, 0
        for line in hit_lines(text, scan(text, TRIGGERS)):
            if line.row != row:
                row = line.row
                value = data[int(offsets[row]) : int(offsets[row + 1])]
                length, (head, foot) = len(value), head_and_foot(value, EDGE_LINES)
            end = line.start_byte + len(line.value)
            is_whole = len(line.value) + 2 >= length  # a word by itself marks nothing
            at_edge = not is_whole and (line.start_byte < head or end > foot)
            marks = list(_places(row, line.start_byte, line.value, at_edge=at_edge))
            found += marks
            total["mentions"] += not marks
        for kind in KINDS:
            total["kinds"][kind] = len({place.row for place in found if place.kind == kind})
        total["held"] = len({place.row for place in found if place.kind in _MARKS})
        total["marked"] = len({place.row for place in found if place.kind in (*_MARKS, STATE_SECRET)})
        return Seen(total, findings=findings_of(self.name, batch, first_spots(found, self.most_places)))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand."""
        return {
            "records": total["records"], "marked_records": total["marked"],
            **{records_measure(kind): total["kinds"][kind] for kind in _SHOWN},
            "held_records": total["held"], "mentions": total["mentions"],
        }  # fmt: skip


def _places(row: int, at: int, line: bytes, *, at_edge: bool) -> Iterator[Spot]:
    text = line.decode("utf-8", "surrogateescape")
    for mark in marks_in(text, at_edge=at_edge):
        yield Spot(row, *byte_span(text, mark.start, mark.end, at), mark.kind)
