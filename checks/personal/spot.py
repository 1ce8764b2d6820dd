"""Text to findings in three steps: trigger scan, cheap look at the hit lines, Presidio's recognizer where that found any."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import pyarrow as pa
import regex  # type: ignore[import-untyped]

from checks.personal.entities import ENTITIES, Entity
from checks.personal.pieces import pieces
from checks.triggers import PatternSet, Places, hit_lines, scan

_EXPRESSIONS: Final = tuple(dict.fromkeys(t for entity in ENTITIES for t in entity.triggers))
TRIGGERS: Final = PatternSet(tuple((f"personal.{i}", e) for i, e in enumerate(_EXPRESSIONS)))
_MASKS: Final = tuple(sum(1 << _EXPRESSIONS.index(t) for t in entity.triggers) for entity in ENTITIES)
_CONTEXT: Final = 16
_RANK: Final = {entity.key: i for i, entity in enumerate(ENTITIES)}


class Candidate(NamedTuple):
    """A recognizer's result in one piece of text; *start* and *end* are code points, half open."""

    start: int
    end: int
    entity: Entity
    score_ppm: int


class Spotted(NamedTuple):
    """A finding in one row. *value* is the text itself: it goes into an HMAC or a mask, and nowhere else."""

    row: int  # index into the array
    start: int  # code points in the row, half open
    end: int
    start_byte: int
    end_byte: int
    entity: Entity
    score_ppm: int
    value: str
    before: str  # up to 16 code points to its left, for context; never stored either


def spot(array: pa.Array, with_engine: str | None = None) -> Iterator[Spotted]:
    """Everything found in *array* (string or large string), overlaps resolved, by row and start."""
    places: Places | None = None
    for row, start_byte, text, candidates in _spot_pieces(array, with_engine):
        places = places or Places(array)
        point, at, byte = places.at(row, start_byte), 0, start_byte
        for found in resolved(candidates):
            byte += len(text[at : found.start].encode())
            value = text[found.start : found.end]
            end_byte = byte + len(value.encode())
            before = text[max(0, found.start - _CONTEXT) : found.start]
            start, end = point + found.start, point + found.end
            yield Spotted(row, start, end, byte, end_byte, found.entity, found.score_ppm, value, before)
            at, byte = found.end, end_byte


def spot_all(array: pa.Array, with_engine: str | None = None) -> Iterator[tuple[int, int, int, str, int]]:
    """(row, start, end, recognizer, score_ppm) of every candidate, before overlaps are resolved: what Presidio says."""
    places = Places(array)
    for row, start_byte, _, candidates in _spot_pieces(array, with_engine):
        point = places.at(row, start_byte)
        for found in candidates:
            yield row, point + found.start, point + found.end, found.entity.key, found.score_ppm


def _spot_pieces(array: pa.Array, with_engine: str | None) -> Iterator[tuple[int, int, str, list[Candidate]]]:
    for line in hit_lines(array, scan(array, TRIGGERS, with_engine)):
        wanted = [entity for entity, mask in zip(ENTITIES, _MASKS, strict=True) if mask & line.patterns]
        for start, piece in pieces(line.value):
            text = piece.decode()
            candidates = [c for entity in wanted for c in _candidates(entity, text)]
            if candidates:
                yield line.row, line.start_byte + start, text, candidates


def _candidates(entity: Entity, text: str) -> list[Candidate]:
    """What the untouched recognizer finds; it is not asked where no match of its expressions would survive validation."""
    if not _worth_asking(entity, text):
        return []
    from checks.personal.recognizers import analyse

    return [Candidate(r.start, r.end, entity, round(r.score * 1_000_000)) for r in analyse(entity, text)]


def _worth_asking(entity: Entity, text: str) -> bool:
    # Presidio builds four objects a match, valid or not, and takes 20 us for none at all; this is the same search bare.
    validate = entity.validate
    return any(validate(m[0]) is not False for e in _compiled(entity.key) for m in e.finditer(text))


@lru_cache(maxsize=len(ENTITIES))
def _compiled(key: str) -> tuple[regex.Pattern[str], ...]:
    return tuple(regex.compile(e) for e in ENTITIES[_RANK[key]].expressions)


def resolved(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Candidates without overlaps, by start: validated before longer before higher score before ENTITIES' order.

    An id number that passes Luhn is no card, and the digits of an e-mail address are no telephone number.
    """
    by_start = sorted(candidates, key=lambda c: (c.start, -c.end, _RANK[c.entity.key]))
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
    return (c.score_ppm < 1_000_000, c.start - c.end, -c.score_ppm, _RANK[c.entity.key], c.start)
