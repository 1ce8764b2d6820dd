"""What reviewers found of labels: wrong ones by batch and by annotator with a bound, samples that are missing, items without a reviewer."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from manifests.labels_rows import LABEL, RELABEL, REVIEW, Coded, Flags, Ints, numbered
from schemas.intervals import PPM, upper_ppm
from schemas.labels import FUNCTIONAL, SAFETY, VOIDED, Labelling
from schemas.labels_told import ErrorStanding, Gap


class Errors:
    """Judged items and labels. *judged*, *wrong*, *mended*: bool[items], by the number of the item (`numbered`)."""

    def __init__(self, record: Labelling, placed: Coded) -> None:
        """*placed*: rows of declared batches."""
        self.record, self.rows = record, placed
        first, item = numbered(placed.item)
        self.items = len(first)
        self.batch = placed.batch[first]
        labelled, review, mend = (placed.role == role for role in (LABEL, REVIEW, RELABEL))
        person = len(placed.people) + 1
        own = np.isin(item * person + placed.person, (item * person + placed.person)[~review])
        found = _last(item, placed.label, placed.day, review & ~own, self.items)  # nobody reviews what they labelled
        after = _last(item, placed.label, placed.day, mend, self.items)
        is_labelled = np.bincount(item[labelled], minlength=self.items) > 0
        self.judged: Flags = (found >= 0) & is_labelled
        self.row_judged: Flags = labelled & self.judged[item]
        self.row_wrong: Flags = self.row_judged & (placed.label != found[item])
        self.wrong: Flags = np.bincount(item[self.row_wrong], minlength=self.items) > 0
        self.mended: Flags = self.wrong & (after == found)
        self.is_labelled = is_labelled
        self.alpha = Fraction(PPM - record.confidence_ppm, PPM)

    def batches(self) -> list[ErrorStanding]:
        """One a declared batch, in their order."""
        n = len(self.record.batches)
        done, judged, wrong = (self._by(self.batch, which, n) for which in (self.is_labelled, self.judged, self.wrong))
        kinds = {one.id: one.kind for one in self.record.tasks}
        events = _events((one.batch, one.event) for one in self.record.supervision if one.batch is not None)
        return [
            ErrorStanding(
                one.id, done[i], judged[i], wrong[i], bound(wrong[i], judged[i], self.alpha), kinds[one.task], one.state,
                events.get(one.id, ()),
            )
            for i, one in enumerate(self.record.batches)
        ]  # fmt: skip

    def people(self) -> list[ErrorStanding]:
        """One an annotator, of the rows or declared, by pseudonym."""
        n, of_row = len(self.rows.people), self.rows.person
        labelled = self.rows.role == LABEL
        done, judged, wrong = (self._by(of_row, which, n) for which in (labelled, self.row_judged, self.row_wrong))
        counts = {name: (done[i], judged[i], wrong[i]) for i, name in enumerate(self.rows.people)}
        events = _events((one.annotator, one.event) for one in self.record.supervision if one.annotator is not None)
        names = sorted({*(name for name, (n, *_) in counts.items() if n), *(one.id for one in self.record.annotators)})
        return [
            ErrorStanding(name, d, j, w, bound(w, j, self.alpha), events=events.get(name, ()))
            for name in names
            for d, j, w in [counts.get(name, (0, 0, 0))]
        ]

    def gaps(self) -> Iterator[Gap]:
        """Batches and tasks that lack what their kind asks for; voided batches lack nothing."""
        tasks = {one.id: one for one in self.record.tasks}
        unmended = self._by(self.batch, self.wrong & ~self.mended, len(self.record.batches))
        for i, (batch, told) in enumerate(zip(self.record.batches, self.batches(), strict=True)):
            task = tasks[batch.task]
            if batch.state == VOIDED:
                continue
            if task.kind == FUNCTIONAL and not told.judged:
                yield Gap("unsampled", batch.id)
            if task.kind == SAFETY and told.judged < told.done:
                yield Gap("unreviewed", batch.id, told.done - told.judged)
            if unmended[i]:
                yield Gap("not-relabelled", batch.id, unmended[i])
            if task.error_most_ppm is not None and told.judged and told.upper_ppm > task.error_most_ppm:
                yield Gap("many-errors", batch.id)

    @staticmethod
    def _by(group: Ints, which: Flags, n: int) -> list[int]:
        return [int(one) for one in np.bincount(group[which], minlength=n)]


@lru_cache(maxsize=65_536)
def bound(wrong: int, judged: int, alpha: Fraction) -> int:
    """The one-sided upper bound of the share that is wrong, ppm; all of it where nothing was judged."""
    return upper_ppm(wrong, judged, alpha)


def _last(item: Ints, label: Ints, day: Ints, which: Flags, items: int) -> Ints:
    """The label of the last of those rows on each item, by day and then by row; -1 where there is none."""
    at = np.flatnonzero(which)
    at = at[np.argsort(day[at], kind="stable")]
    found = np.full(items, -1, np.int64)
    found[item[at]] = label[at]  # of equal places the last value stays
    return found


def _events(pairs: Iterator[tuple[str, str]]) -> dict[str, tuple[tuple[str, int], ...]]:
    counted: dict[str, Counter[str]] = {}
    for name, event in pairs:
        counted.setdefault(name, Counter())[event] += 1
    return {name: tuple(sorted(events.items())) for name, events in counted.items()}
