"""What a sealed run's diversity is told in: the rows, and the arithmetic from sums to rows. Pure, whole numbers alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from schemas.diversity import Spread, distinct_seen, registers_of, spread, spread_of
from schemas.intervals import wilson_ppm
from schemas.shares import share_ppm

PPM: Final = 1_000_000
NARROW_HILL2_MILLI: Final = 2_000
NARROW_TOP_PPM: Final = 800_000
"""Below the one, or above the other, a language and kind rests on too few sources: this product's suggestion, no rule of law."""
WIDTHS: Final = (1, 2, 3)
SEGMENT: Final = 100


@dataclass(frozen=True, slots=True)
class SourceScale:
    """How much of one source. *stored_bytes*: of the files read; *stage_by*: `declared`, else `layout` (of turns, prompts, preferences), else `run`, the
    stage that the run file names; tokens None: no tokenizer
    was named, or nothing was drawn; bounds None: too little was drawn. *token_records*: whose tokens were counted, of
    *token_groups* of the 64 groups of texts (`schemas.ratios`).
    """

    source: str
    stage: str
    stage_by: str
    records: int
    stored_bytes: int
    text_bytes: int
    chars: int
    tokens: int | None
    tokens_least: int | None
    tokens_most: int | None
    token_records: int | None
    token_groups: int | None


@dataclass(frozen=True, slots=True)
class LanguageScale:
    """How much of one language in a source (`run`: in all sources of the stage), *stage* as the source's; *tokens*: its code
    points times the tokens a code point of the *token_records* in it, with the bounds of its interval, all as of `SourceScale`.
    """

    source: str
    stage: str
    language: str
    records: int
    chars: int
    tokens: int | None
    tokens_least: int | None
    tokens_most: int | None
    token_records: int | None
    token_groups: int | None


@dataclass(frozen=True, slots=True)
class Format:
    """Files of one source by modality, media type, format and layout; those that no reader takes have no format."""

    source: str
    modality: str
    media_type: str
    format: str | None
    layout: str | None
    status: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class KindShare:
    """Drawn records of one kind, by how it was told; *share_ppm* of the source's drawn records, with Wilson's 95 % interval;
    a kind that is declared is that of all records.
    """

    source: str
    kind: str
    method: str
    records: int
    chars: int
    share_ppm: int | None
    low_ppm: int
    high_ppm: int


@dataclass(frozen=True, slots=True)
class Axis:
    """How the run spreads over one axis, *by* records, bytes, code points or files. *unknown_ppm*: what has no known value on
    it, which the other numbers leave out; *top*: the largest part, never of authors and URLs.
    """

    axis: str
    by: str
    top: str | None
    unknown_ppm: int | None
    parts: int
    entropy_millibits: int
    hill1_milli: int
    hill2_milli: int
    evenness_ppm: int | None
    top1_ppm: int | None
    top10_ppm: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """Drawn records of one language and kind: over how many sources, copied ones merged, and how evenly by code points."""

    language: str
    kind: str
    records: int
    chars: int
    sources: int
    hill2_milli: int
    top_source: str | None
    top1_ppm: int | None
    narrow: bool


@dataclass(frozen=True, slots=True)
class CellSource:
    """The part of one source, or of several that are mostly copies, in a cell."""

    language: str
    kind: str
    source: str
    records: int
    chars: int
    tokens_drawn: int | None


@dataclass(frozen=True, slots=True)
class Wording:
    """Different runs of terms of drawn records, and how far they compress; *source* None: the run."""

    source: str | None
    drawn_records: int
    runs: tuple[int, ...]
    distinct: tuple[int, ...]
    distinct_ppm: tuple[int | None, ...]
    segment_distinct_ppm: int | None
    blocks: int
    compressed_ppm: int | None


@dataclass(frozen=True, slots=True)
class Years:
    """Which years of collection a source's records name. *missing*: years between the first and the last that none names."""

    source: str
    dated_records: int
    undated_records: int
    unreadable_records: int
    first: int | None
    last: int | None
    years: int
    missing: int


def axis_of(axis: str, by: str, counts: Mapping[str, int], unknown: Iterable[str] = ()) -> Axis:
    """The spread over *counts*, those of *unknown* names told apart."""
    apart = set(unknown)
    known = {name: count for name, count in counts.items() if name not in apart}
    top = min(known, key=lambda name: (-known[name], name)) if any(known.values()) else None
    return axis_row(axis, by, top, Counter(known.values()), sum(counts.values()))


def axis_row(axis: str, by: str, top: str | None, sizes: Mapping[int, int], whole: int) -> Axis:
    """The same of how many parts there are of each size, *whole* with what is not known."""
    found: Spread = spread_of(sizes)
    known = sum(size * many for size, many in sizes.items())
    return Axis(
        axis, by, top if found.parts else None, share_ppm(whole - known, whole), found.parts, found.entropy_millibits,
        found.hill1_milli, found.hill2_milli, found.evenness_ppm, found.top1_ppm, found.top10_ppm,
    )  # fmt: skip


def cell_of(language: str, kind: str, records: int, chars: Mapping[str, int]) -> Cell:
    """A cell of its code points by source."""
    found = spread(chars.values())
    narrow = found.parts > 0 and (found.hill2_milli < NARROW_HILL2_MILLI or (found.top1_ppm or 0) > NARROW_TOP_PPM)
    top = min(chars, key=lambda name: (-chars[name], name)) if found.parts else None
    return Cell(
        language, kind, records, sum(chars.values()), found.parts, found.hill2_milli, top, found.top1_ppm, narrow
    )


def kind_share(source: str, kind: str, method: str, records: int, chars: int, drawn: int) -> KindShare:
    """A share of the drawn records; of a declared kind there is nothing to estimate."""
    low, high = (PPM, PPM) if method == "declared" else wilson_ppm(records, drawn)
    return KindShare(source, kind, method, records, chars, share_ppm(records, drawn), low, high)


def wording_of(source: str | None, tally: Mapping[str, object]) -> Wording:
    """The row of a tally of the check `scale`."""
    runs: list[int] = tally["runs"]  # type: ignore[assignment]
    sketches: Mapping[str, str] = tally["sketches"]  # type: ignore[assignment]
    sums: Mapping[str, int] = tally  # type: ignore[assignment]
    seen = [min(distinct_seen(registers_of(sketches[str(n)])), all_) for n, all_ in zip(WIDTHS, runs, strict=True)]
    return Wording(
        source, sums["drawn_records"], tuple(runs), tuple(seen), tuple(map(share_ppm, seen, runs)),
        share_ppm(sums["different"], sums["segments"] * SEGMENT), sums["blocks"],
        share_ppm(min(sums["pressed_bytes"], sums["block_bytes"]), sums["block_bytes"]),
    )  # fmt: skip


def years_of(source: str, records: Mapping[str, int]) -> Years:
    """The row of a source's records by year, `undated` and `unreadable`."""
    dated = {int(year): n for year, n in records.items() if year.isdigit() and n}
    first, last = (min(dated), max(dated)) if dated else (None, None)
    span = last - first + 1 if first is not None and last is not None else 0
    return Years(
        source, sum(dated.values()), records.get("undated", 0), records.get("unreadable", 0), first, last, len(dated),
        span - len(dated),
    )  # fmt: skip


def merged_sources(
    shared: Iterable[tuple[str, str, int, int]], sources: Iterable[str], mostly_ppm: int
) -> dict[str, str]:
    """Each source -> the least id of those it is one with: where one is mostly a copy of the other.

    *shared*: source, other, records of it that the other has, records of it; *mostly_ppm*: from this share on.
    """
    of = {source: source for source in sources}

    def root(name: str) -> str:
        while of[name] != name:
            name = of[name]
        return name

    for source, other, records, whole in sorted(shared):
        if source != other and source in of and other in of and records * PPM >= mostly_ppm * whole:
            first, second = sorted((root(source), root(other)))
            of[second] = first
    return {source: root(source) for source in of}
