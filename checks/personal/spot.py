"""Text to findings in three steps: trigger scan, cheap look at the hit lines, Presidio's recognizer where that found any."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import regex  # type: ignore[import-untyped]

from checks.personal.context import weighed
from checks.personal.entities import BUILT_IN, Catalogue, Entity
from checks.personal.folding import Folded, fold
from checks.personal.overlaps import Candidate, resolved, unique
from checks.personal.pieces import pieces
from checks.triggers import Hits, Line, Places, hit_lines, scan

TRIGGERS: Final = BUILT_IN.triggers
_BEFORE: Final = 16


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


class _Read(NamedTuple):
    """What recognizers found in one line of a row."""

    row: int
    start_byte: int
    text: str
    candidates: list[Candidate]


def spot(
    array: pa.Array, with_engine: str | None = None, catalogue: Catalogue = BUILT_IN, cued: list[Line] | None = None
) -> Iterator[Spotted]:
    """Everything found in *array* (string or large string), overlaps resolved, by row and start.

    *cued*: is given the lines with one of the catalogue's cues.
    """
    places: Places | None = None
    for row, start_byte, text, candidates in _lines(array, with_engine, catalogue, cued):
        places = places or Places(array)
        point, at, byte = places.at(row, start_byte), 0, start_byte
        for found in resolved(candidates):
            byte += len(text[at : found.start].encode())
            value = text[found.start : found.end]
            end_byte = byte + len(value.encode())
            before = text[max(0, found.start - _BEFORE) : found.start]
            start, end = point + found.start, point + found.end
            yield Spotted(row, start, end, byte, end_byte, found.entity, found.score_ppm, value, before)
            at, byte = found.end, end_byte


def spot_all(
    array: pa.Array, with_engine: str | None = None, catalogue: Catalogue = BUILT_IN
) -> Iterator[tuple[int, int, int, str, int]]:
    """(row, start, end, entity, score_ppm), before overlaps between entities are resolved: what plain Presidio says."""
    places = Places(array)
    for row, start_byte, _, candidates in _lines(array, with_engine, catalogue):
        point = places.at(row, start_byte)
        for found in candidates:
            yield row, point + found.start, point + found.end, found.entity.name, found.score_ppm


def _lines(
    array: pa.Array, with_engine: str | None, catalogue: Catalogue, cued: list[Line] | None = None
) -> Iterator[_Read]:
    hits = scan(array, catalogue.triggers, with_engine)
    folded = _folded(array, hits, with_engine, catalogue)
    masked = tuple(zip(catalogue.entities, catalogue.masks, strict=True))
    asked: dict[int, list[tuple[int, Entity]]] = {}
    for i, line in enumerate(hit_lines(array, hits)):
        if line.patterns & catalogue.cued:
            if cued is not None:
                cued.append(line)
            if line.patterns == catalogue.cued:
                continue
        raw, mask = line.value.decode(), line.patterns
        written = Folded(raw)
        if i in folded:
            written, mask = folded[i]
        if mask not in asked:
            asked[mask] = [(rank, entity) for rank, (entity, bits) in enumerate(masked) if mask & bits]
        found = [c for rank, entity in asked[mask] for c in _candidates(entity, rank, written, raw)]
        if found:
            yield _Read(line.row, line.start_byte, raw, unique(found))


def _folded(
    array: pa.Array, hits: Hits, with_engine: str | None, catalogue: Catalogue
) -> dict[int, tuple[Folded, int]]:
    """Hit lines that hold odd characters, by index: as recognizers read them, and what a second scan finds there."""
    odd = np.flatnonzero(hits.patterns & np.uint64(catalogue.folding))
    if not len(odd):
        return {}
    lines = [fold(line.value.decode()) for line in hit_lines(array, Hits(*(column[odd] for column in hits)))]
    again = scan(pa.array([line.text for line in lines], pa.large_string()), catalogue.triggers, with_engine)
    masks = dict(zip(again.row.tolist(), again.patterns.tolist(), strict=True))
    return {i: (line, masks.get(at, 0)) for at, (i, line) in enumerate(zip(odd.tolist(), lines, strict=True))}


def _candidates(entity: Entity, rank: int, written: Folded, raw: str) -> Iterator[Candidate]:
    """What the untouched recognizer finds in a line, weighed; it is not asked where no match would survive validation."""
    for start, piece in pieces(written.text, entity.alphabet):
        if _worth_asking(entity, piece):
            from checks.personal.recognizers import analyse

            for result in analyse(entity, piece):
                begin, end = written.span(start + result.start, start + result.end)
                score = weighed(entity, round(result.score * 1_000_000), raw, begin, end)
                if score >= entity.least_ppm:
                    yield Candidate(begin, end, entity, score, rank)


def _worth_asking(entity: Entity, text: str) -> bool:
    # Presidio builds four objects a match, valid or not, and takes 20 us for none at all; this is the same search bare.
    validate = entity.validate
    return any(validate(m[0]) is not False for e in _compiled(entity.expressions) for m in e.finditer(text))


@lru_cache(maxsize=256)
def _compiled(expressions: tuple[str, ...]) -> tuple[regex.Pattern[str], ...]:
    return tuple(regex.compile(e) for e in expressions)
