"""Annotators on the days on which they labelled: declared, in their role, trained in a named part of the law, examined, not suspended."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Final

import numpy as np

from manifests.labels_rows import REVIEW, Coded, numbered
from schemas.labels import LABELLER, RE_EXAMINED, REVIEWER, SUSPENDED, Annotator, Event, Labelling
from schemas.labels_told import Gap

UNQUALIFIED: Final = ("no-record", "no-role", "no-training", "no-law", "no-examination", "suspended")
"""Why a label is not of a qualified annotator: the first that holds."""


def unqualified(record: Labelling, placed: Coded) -> list[Gap]:
    """One gap an annotator and reason, with the number of labels and reviews; those without a day are told by batch."""
    dated = placed.take(placed.day > 0)
    key = (dated.person * (1 << 22) + dated.day) * 2 + (dated.role == REVIEW)
    first, number = numbered(key)
    many = np.bincount(number, minlength=len(first)).tolist()
    known = {one.id: one for one in record.annotators}
    events: dict[str, list[Event]] = {}
    for event in record.supervision:
        if event.annotator is not None:
            events.setdefault(event.annotator, []).append(event)
    found: Counter[tuple[str, str]] = Counter()
    for at, n in zip(first.tolist(), many, strict=True):
        person, day = dated.people[int(dated.person[at])], date.fromordinal(int(dated.day[at])).isoformat()
        role = REVIEWER if dated.role[at] == REVIEW else LABELLER
        why = _reason(known.get(person), events.get(person, []), role, day)
        if why is not None:
            found[person, why] += n
    order = sorted(found, key=lambda one: (one[0], UNQUALIFIED.index(one[1])))
    return [Gap(why, person, found[person, why]) for person, why in order]


def both_roles(record: Labelling, placed: Coded) -> Iterator[Gap]:
    """Persons who label and review in one task (TC260-003 §5.3 a 3, M: the same person not both on one task)."""
    reviews = placed.role == REVIEW
    width = len(placed.people) + 1
    key = placed.task * width + placed.person
    for one in np.intersect1d(key[reviews], key[~reviews]).tolist():
        yield Gap("both-roles", placed.people[one % width], named=(record.tasks[one // width].id,))


def _reason(annotator: Annotator | None, events: list[Event], role: str, day: str) -> str | None:
    if annotator is None:
        return "no-record"
    if role not in annotator.roles:
        return "no-role"
    if annotator.model is None:
        before = [one for one in annotator.training if one.on <= day]
        if not before:
            return "no-training"
        if not any(one.law for one in before):
            return "no-law"
        if not any(
            one.passed and one.on <= day and (one.expires is None or day <= one.expires)
            for one in annotator.examinations
        ):
            return "no-examination"
    return "suspended" if _suspended(events, day) else None


def _suspended(events: list[Event], day: str) -> bool:
    """From the day of a suspension on, until the day of a re-examination that is passed."""
    turns = [(one.on, one.event == SUSPENDED) for one in events
             if one.on <= day and (one.event == SUSPENDED or (one.event == RE_EXAMINED and one.passed))]  # fmt: skip
    return bool(turns) and max(turns)[1]
