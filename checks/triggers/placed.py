"""What rooms find in texts as evidence: rows of FINDING that tell each place, in bytes and in code points."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from checks.triggers.scanning import Places
from schemas.finding import FINDING


class Spot(NamedTuple):
    """Bytes [*start*, *end*) of the text of a batch's row *row*, found to be of *kind*; *detail*: a closed word, or None."""

    row: int
    start: int
    end: int
    kind: str
    detail: str | None = None


def octets(text: str) -> int:
    """The bytes of *text* that was decoded with ``surrogateescape``: those that are no UTF-8 count one each."""
    return len(text.encode("utf-8", "surrogateescape"))


def byte_span(text: str, start: int, end: int, at: int) -> tuple[int, int]:
    """[start, end) in bytes of code points [*start*, *end*) of *text*, decoded so, whose own first byte is *at*."""
    first = at + octets(text[:start])
    return first, first + octets(text[start:end])


def first_spots(found: Iterable[Spot], most: int, before: Counter[tuple[int, str]] | None = None) -> list[Spot]:
    """Of each kind in each row the first *most*, in their order. *before*: (row, kind) -> those that are listed already."""
    counts = Counter[tuple[int, str]](before)
    kept = []
    for spot in found:
        counts[spot.row, spot.kind] += 1
        if counts[spot.row, spot.kind] <= most:
            kept.append(spot)
    return kept


def refuse_no_places(most_places: int) -> None:
    """Raises `ValueError` where not one place would be listed: what has none reaches nobody."""
    if most_places < 1:
        msg = f"most_places is {most_places}; list at least one place"
        raise ValueError(msg)


def findings_of(check: str, batch: pa.RecordBatch, found: Sequence[Spot]) -> pa.Table:
    """FINDING of *found*, in its order, the rule being ``check.kind``; spots may overlap."""
    places = Places(batch.column("text"))
    # Each edge is asked for once and in rising order: so the text is walked once.
    edges = sorted({(spot.row, at) for spot in found for at in (spot.start, spot.end)})
    points = {edge: places.at(*edge) for edge in edges}
    spans = [(points[s.row, s.start], points[s.row, s.end], s.start, s.end) for s in found]
    columns = list(zip(*spans, strict=True)) or [()] * 4
    return pa.table(
        [
            pa.array([f"{check}.{spot.kind}" for spot in found], pa.string()),
            batch.column("row").take(pa.array([spot.row for spot in found], pa.int64())),
            *(pa.array(column, pa.int64()) for column in columns), pa.nulls(len(found), pa.int32()),
            pa.array([spot.detail for spot in found], pa.string()),
        ],
        schema=FINDING,
    )  # fmt: skip
