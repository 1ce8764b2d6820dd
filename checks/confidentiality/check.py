"""Markings of confidentiality in records, held for a person who is named; of a state-secret hint the place alone is kept.

A marking shows that somebody marked a text, not that the marking was right, still holds, or that the text is secret; and no
marking does not make a text free. State secrets are for the person whom the customer names and the authority, outside this
program (Law on Guarding State Secrets): no text, no preview, no level of such a hint stands in any output.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.confidentiality.edges import head_and_foot
from checks.confidentiality.marks import EDGE_LINES, KINDS, STATE_SECRET, TRIGGERS, marks_in
from checks.triggers import PatternSet, Places, hit_lines, scan
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


def _measure(kind: str) -> str:
    return f"{kind.replace('-', '_')}_records"


class _Place(NamedTuple):
    row: int
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Confidentiality(Check):
    """Find markings by form and position, each with its place and without its text; lines that merely speak of one are counted.

    *most_places*: of one kind in one record so many are listed.
    """

    name: ClassVar[str] = "confidentiality"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 1024
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records in which markings of confidentiality were sought"),
        Measure("marked_records", "records", "records with a marking of any kind but the heading of exam papers; not that they are secret"),
        *(Measure(_measure(kind), "records", f"records with {shown}") for kind, shown in _SHOWN.items()),
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

    most_places: int = 20

    def __post_init__(self) -> None:
        """Refuse a list of no places: a hint without one reaches nobody."""
        if self.most_places < 1:
            msg = f"most_places is {self.most_places}; list at least one place"
            raise ValueError(msg)

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """What it looks for in texts."""
        return (TRIGGERS,)

    def inputs(self) -> dict[str, str]:
        """The trigger set."""
        return {"triggers": TRIGGERS.digest}

    def zero(self) -> Tally:
        """No records."""
        return {"records": 0, "marked": 0, "held": 0, "mentions": 0, "kinds": dict.fromkeys(KINDS, 0)}

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Lines with a trigger are read, with as much of their record around them as tells whether they stand at an edge."""
        total = self.zero()
        total["records"] = batch.num_rows
        text = batch.column("text")
        found: list[_Place] = []
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
        return Seen(total, findings=_findings(batch, self._listed(found)))

    def _listed(self, found: list[_Place]) -> list[_Place]:
        counts = Counter[tuple[int, str]]()
        kept = []
        for place in found:
            counts[place.row, place.kind] += 1
            if counts[place.row, place.kind] <= self.most_places:
                kept.append(place)
        return kept

    def report(self, total: Tally) -> Measures:
        """Counts as they stand."""
        return {
            "records": total["records"], "marked_records": total["marked"],
            **{_measure(kind): total["kinds"][kind] for kind in _SHOWN},
            "held_records": total["held"], "mentions": total["mentions"],
        }  # fmt: skip


def _places(row: int, at: int, line: bytes, *, at_edge: bool) -> Iterator[_Place]:
    text = line.decode("utf-8", "surrogateescape")
    for mark in marks_in(text, at_edge=at_edge):
        start = at + _octets(text[: mark.start])
        yield _Place(row, start, start + _octets(text[mark.start : mark.end]), mark.kind)


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _findings(batch: pa.RecordBatch, found: list[_Place]) -> pa.Table:
    places = Places(batch.column("text"))
    ends = sorted({(place.row, at) for place in found for at in (place.start, place.end)})
    points = {one: places.at(*one) for one in ends}
    spans = [(points[p.row, p.start], points[p.row, p.end], p.start, p.end) for p in found]
    columns = list(zip(*spans, strict=True)) or [()] * 4
    return pa.table(
        [
            pa.array([f"confidentiality.{place.kind}" for place in found], pa.string()),
            batch.column("row").take(pa.array([place.row for place in found], pa.int64())),
            *(pa.array(column, pa.int64()) for column in columns), pa.nulls(len(found), pa.int32()),
            pa.nulls(len(found), pa.string()),
        ],
        schema=FINDING,
    )  # fmt: skip
