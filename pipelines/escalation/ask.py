"""The escalation, start to end: undecided records read again, their distinct notices shown to a detector, the answers put together."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pyarrow as pa

from checks.licence import statements
from checks.licence.classes import UNKNOWN, classify, registered
from checks.licence.fields import Fields, fields_of
from manifests.store import Store
from pipelines.escalation.answer import Answer, Moved, Notices, Row, answer_of, is_open, named_licence
from pipelines.escalation.detector import Detector, InProcess
from pipelines.escalation.notices import Evidence, Notice, cut, digest
from pipelines.escalation.reading import read_again
from pipelines.escalation.undecided import Record, Unit, undecided_units
from schemas.manifest import Manifest

HELD_BYTES: Final = 256 << 20
"""Of distinct notices' text; those beyond it are counted and not asked."""
MOST_ASKED: Final = 1000
Say = Callable[[int, int], None]
"""Told after each notice: how many are answered, of how many."""


@dataclass
class _Held:
    """One distinct notice while records are read: its row, and its text where there is room for it."""

    row: Row
    text: str | None
    start: int
    sources: Counter[str] = field(default_factory=Counter)


_Wanted = tuple[str, str, tuple[str, ...]]  # source, licence, digests of the notices that leave it unknown


@dataclass
class _Gathered:
    """What the second read gives."""

    said: Mapping[str, Mapping[str, Any]]
    held: dict[str, _Held] = field(default_factory=dict)
    unnamed: dict[_Wanted, list[int]] = field(default_factory=dict)
    records: int = 0
    read: int = 0
    held_bytes: int = 0

    def add(self, unit: Unit) -> None:
        """Read a unit's undecided records again."""
        self.records += len(unit.records)
        by_row = {record.row: record for record in unit.records}
        for batch in read_again(unit):
            fields, of_row = fields_of(batch)
            for i, row in enumerate(batch.column("row").to_pylist()):
                text = batch.column("text")[i].cast(pa.large_binary()).as_py()
                self.read += 1
                self._record(unit, by_row[row], text, fields[of_row[i]])

    def _record(self, unit: Unit, record: Record, text: bytes, fields: Fields) -> None:
        named = list[str]()
        for notice in cut(text, record.evidence):
            ident = digest(notice.text)
            held = self.held.get(ident)
            if held is None:
                held = self.held[ident] = self._first(unit, record, text, notice, ident)
            held.sources[unit.source] += 1
            if any(is_unknown(e) for e in notice.evidence):
                named.append(ident)
        if named and is_movable(record, fields, self.said.get(unit.source, {})):
            sums = self.unnamed.setdefault((unit.source, record.licence, tuple(sorted(set(named)))), [0, 0])
            sums[0], sums[1] = sums[0] + 1, sums[1] + len(text)

    def _first(self, unit: Unit, record: Record, text: bytes, notice: Notice, ident: str) -> _Held:
        start = len(text[: notice.start_byte].decode("utf-8", "ignore"))
        row = Row(
            ident, record.why, 0, {}, unit.source, unit.files[record.file]["shard"], record.offset, start, start + len(notice.text),
            tuple(dict.fromkeys(f"{e.rule}: {e.detail}" for e in notice.evidence)),
        )  # fmt: skip
        room = self.held_bytes + len(notice.text) <= HELD_BYTES
        self.held_bytes += len(notice.text) if room else 0
        return _Held(row, notice.text if room else None, start)


def escalate(
    store: Store, manifest: Manifest, manifest_sha256: str, detector: Detector | None, source: str | None = None,
    why: str | None = None, most: int = MOST_ASKED, say: Say | None = None,
) -> Notices:  # fmt: skip
    """The undecided notices of a sealed run, most records first; *detector* is asked of the first *most* of them.

    Reads again the units that hold one. Notices of one `normal_form` are one. Raises as `undecided_units` and the detector do.
    """
    gathered = _Gathered({entry.id: entry.declared for entry in manifest.registry.sources})
    for unit in undecided_units(store, manifest, source, why):
        gathered.add(unit)
    order = sorted(gathered.held.values(), key=lambda h: (-sum(h.sources.values()), h.row.notice))
    asked = [h for h in order if h.text is not None][:most] if detector is not None else []
    answers: dict[str, Answer] = {}
    for held in asked:
        assert detector is not None
        assert held.text is not None
        answers[held.row.notice] = answer_of(detector.ask(held.text), held.text, held.start)
        if say is not None:
            say(len(answers), len(asked))
    rows = [
        replace(
            h.row, records=sum(h.sources.values()), sources=dict(sorted(h.sources.items())),
            answer=answers.get(h.row.notice),
        )
        for h in order
    ]  # fmt: skip
    return Notices(
        manifest.run, manifest_sha256, _of(detector), _limits(detector), gathered.records, gathered.records - gathered.read,
        len(rows), len(asked), sum(a.failed is None for a in answers.values()),
        sum(a.failed is not None for a in answers.values()), tuple(rows), _moved(gathered, answers),
    )  # fmt: skip


def is_unknown(evidence: Evidence) -> bool:
    """Whether a piece declares a licence that nobody knows."""
    kind = evidence.rule.rpartition(".")[2]
    return evidence.declares and kind not in statements.KINDS and classify(evidence.detail).licence_class == UNKNOWN


def is_movable(record: Record, fields: Fields, said: Mapping[str, Any]) -> bool:
    """Whether the text's notices alone keep the record's licence unknown: not its source, its fields, a mention, another check."""
    if record.handed or not is_open(record.licence) or fields.mentioned or not all(e.declares for e in record.evidence):
        return False
    licence = said.get("licence")
    if said.get("generator") or (licence and registered(str(licence)).licence_class == UNKNOWN):
        return False
    return all(d.licence_class != UNKNOWN for d in fields.declared)


def _moved(gathered: _Gathered, answers: Mapping[str, Answer]) -> tuple[Moved, ...]:
    """What becomes of open records whose every unknown notice was answered surely."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for (source, licence, notices), (records, size) in gathered.unnamed.items():
        told = [answers.get(n) for n in notices]
        names = [a.expression for a in told if a is not None and a.counts and a.expression is not None]
        if len(names) == len(notices):
            at = sums.setdefault((source, licence, named_licence(licence, names)), [0, 0])
            at[0], at[1] = at[0] + records, at[1] + size
    return tuple(Moved(*key, *sums[key]) for key in sorted(sums))


def _of(detector: Detector | None) -> dict[str, str]:
    if detector is None:
        return {}
    package = {"package": detector.package} if isinstance(detector, InProcess) else {}
    return {"name": detector.name, "version": detector.version, **package}


def _limits(detector: Detector | None) -> dict[str, int]:
    if not isinstance(detector, InProcess):
        return {}
    return {"memory_bytes": detector.limits.memory_bytes, "notice_s": detector.limits.notice_s}
