"""Of candidates that overlap, which stay: Presidio's rule within one entity, ours between entities."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from checks.personal.entities import Entity
from checks.personal.pack import SURE


class Candidate(NamedTuple):
    """A recognizer's result in one line; *start* and *end* are code points, half open; *rank*: its place in the catalogue."""

    start: int
    end: int
    entity: Entity
    score_ppm: int
    rank: int = 0


def unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    """*candidates* without those that another of the same entity contains with no lower score: `remove_duplicates`."""
    kept: list[Candidate] = []
    for c in sorted(candidates, key=lambda c: (c.entity.name, c.start, c.start - c.end, -c.score_ppm, c.rank)):
        if not any(
            k.entity.name == c.entity.name and k.start <= c.start and c.end <= k.end and c.score_ppm <= k.score_ppm
            for k in reversed(kept[-8:])
        ):
            kept.append(c)
    return kept


def resolved(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Candidates without overlaps, by start: validated before longer before higher score before the catalogue's order.

    An id number that passes Luhn is no card, and the digits of an e-mail address are no telephone number. What has its
    score from context stands above what is as long and has none.
    """
    by_start = sorted(candidates, key=lambda c: (c.start, -c.end, c.rank))
    kept: list[Candidate] = []
    group: list[Candidate] = []
    reach = -1
    for candidate in by_start:
        if candidate.start >= reach:
            kept += _best(group)
            group = []
        group.append(candidate)
        reach = max(reach, candidate.end)
    return kept + _best(group)


def _best(group: list[Candidate]) -> list[Candidate]:
    """Of one chain of overlapping candidates, those that no better one overlaps."""
    if len(group) <= 1:
        return group
    best: list[Candidate] = []
    for c in sorted(group, key=_worth):
        if all(c.end <= other.start or c.start >= other.end for other in best):
            best.append(c)
    return sorted(best, key=lambda c: c.start)


def _worth(c: Candidate) -> tuple[bool, int, int, int, int]:
    return (c.score_ppm < SURE, c.start - c.end, -c.score_ppm, c.rank, c.start)
