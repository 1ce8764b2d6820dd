"""Findings against labelled text: precision, recall and F2 by label and language, strict and by overlap."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from checks.personal import Personal
from pipelines.bench.personal_labelled import Gold, Labelled
from schemas.record import RECORD

ACCEPTED: Final[Mapping[str, frozenset[str]]] = {
    "BANK_CARD": frozenset(("BANK_CARD", "CREDIT_CARD")),
    "CREDIT_CARD": frozenset(("BANK_CARD", "CREDIT_CARD")),
    "PHONE_NUMBER": frozenset(("PHONE_NUMBER", "CN_MOBILE", "CN_LANDLINE")),
}
"""Label -> the entities that name it rightly, where more than its own does: labelled sets divide cards and telephones otherwise."""
_BATCH: Final = 2000


class Found(NamedTuple):
    """One finding in one text, in code points."""

    entity: str
    start: int
    end: int


@dataclass
class Tally:
    """Counts of one label: of gold, how many found; of findings, how many right; each strict and by overlap."""

    gold: int = 0
    found: int = 0
    found_by_overlap: int = 0
    reported: int = 0
    right: int = 0
    right_by_overlap: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    @property
    def recall(self) -> float:
        """Of the gold, the share whose exact span was found; 1 where there is none."""
        return _share(self.found, self.gold)

    @property
    def precision(self) -> float:
        """Of the findings, the share that is exactly a gold span; 1 where there is none."""
        return _share(self.right, self.reported)

    @property
    def f2(self) -> float:
        """F2 of strict precision and recall (van Rijsbergen): recall weighs four times as much."""
        return _f2(self.precision, self.recall)

    @property
    def by_overlap(self) -> tuple[float, float, float]:
        """(Precision, recall, F2) where one shared character is enough."""
        precision, recall = _share(self.right_by_overlap, self.reported), _share(self.found_by_overlap, self.gold)
        return precision, recall, _f2(precision, recall)


Scores = dict[tuple[str, str], Tally]
"""(Label, language) -> counts."""


def find(corpus: Sequence[Labelled], check: Personal) -> list[list[Found]]:
    """What *check* reports in each text, as a run would write it: overlaps resolved, nobody's addresses left out."""
    found: list[list[Found]] = [[] for _ in corpus]
    for first in range(0, len(corpus), _BATCH):
        texts = [each.text for each in corpus[first : first + _BATCH]]
        rows = pa.array(range(first, first + len(texts)), pa.uint32())
        columns = [rows if f.name == "row" else pa.array(texts, f.type) if f.name == "text" else
                   pa.nulls(len(texts), f.type) if f.nullable else pa.array(np.zeros(len(texts), np.int64), f.type) for f in RECORD]  # fmt: skip
        seen = check.look(pa.RecordBatch.from_arrays(columns, schema=RECORD))
        if seen.findings is None:
            continue
        for hit in seen.findings.select(["row", "entity", "start", "end"]).to_pylist():
            if hit["start"] is not None:
                found[hit["row"]].append(Found(hit["entity"], hit["start"], hit["end"]))
    return found


def accepts(label: str, entity: str) -> bool:
    """Is *entity* a right name for what is labelled *label*?"""
    return entity in ACCEPTED.get(label, (label,))


def score(corpus: Iterable[Labelled], found: Iterable[Sequence[Found]], labels: frozenset[str]) -> Scores:
    """Counts of *labels*. A finding that fits no gold counts against its own entity, or against the label that would take it.

    Findings of entities that no label takes are left out: nobody said where those are.
    """
    scores: Scores = defaultdict(Tally)
    homes = {e: label for label in sorted(labels) for e in ACCEPTED.get(label, ())} | {label: label for label in labels}
    for each, findings in zip(corpus, found, strict=True):
        wanted = [g for g in each.gold if g.label in labels and not _inside(g, each.unscored)]
        told = [f for f in findings if f.entity in homes and not _inside(f, each.unscored)]
        for gold in wanted:
            tally = scores[gold.label, each.language]
            tally.gold += 1
            fitting = [f for f in told if accepts(gold.label, f.entity)]
            tally.found += any((f.start, f.end) == (gold.start, gold.end) for f in fitting)
            tally.found_by_overlap += any(_meet(f, gold) for f in fitting)
        for finding in told:
            fits = [g for g in wanted if accepts(g.label, finding.entity) and _meet(finding, g)]
            exact = [g for g in fits if (g.start, g.end) == (finding.start, finding.end)]
            label = (exact or fits)[0].label if fits else homes[finding.entity]
            tally = scores[label, each.language]
            tally.reported += 1
            tally.right += bool(exact)
            tally.right_by_overlap += bool(fits)
    return dict(sorted(scores.items()))


def total(scores: Scores) -> Tally:
    """All labels and languages together."""
    return sum(scores.values(), Tally())


def _meet(a: Found | Gold, b: Found | Gold) -> bool:
    return a.start < b.end and b.start < a.end


def _inside(place: Found | Gold, spans: Iterable[tuple[int, int]]) -> bool:
    return any(place.start < end and start < place.end for start, end in spans)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f2(precision: float, recall: float) -> float:
    return 5 * precision * recall / (4 * precision + recall) if precision + recall else 0.0
