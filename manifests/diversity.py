"""Scale, type and diversity of a sealed run, from the tallies and tables of its units: nothing of the corpus is read again.

Sums are whole numbers; entropies, Hill numbers and sketches are worked out of them in decimals (`schemas.diversity`), so that
anybody who has the ledger finds the same digits.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifests.copies import overlap_of
from manifests.diversity_languages import by_source, by_stage, tokens_told
from manifests.diversity_rows import (
    Axis,
    Cell,
    CellSource,
    Format,
    KindShare,
    LanguageScale,
    SourceScale,
    Wording,
    Years,
    axis_of,
    cell_of,
    kind_share,
    merged_sources,
    wording_of,
    years_of,
)
from manifests.diversity_sums import SCALE, Sums, gathered, united
from manifests.diversity_tables import table_axes, unmeasured
from manifests.store import Store
from schemas.content_kinds import FINE_TUNING, UNKNOWN
from schemas.errors import StoreError
from schemas.manifest import Manifest
from schemas.ratios import PPM, Drawn, Total, ratio_total

DUPLICATES: Final = "duplicates"
NO_LANGUAGE: Final = ("und",)
NO_YEAR: Final = ("undated", "unreadable")
NOT_DECLARED: Final = "not-declared"


@dataclass(frozen=True)
class Tokenizer:
    """Which tokenizer counted, and in which share of the texts."""

    name: str
    sha256: str
    share: str
    share_ppm: int


@dataclass(frozen=True)
class Diversity:
    """All of it. *total*: the run, None where no record was read; *stages*: the same by stage, *stage_languages* too; *merged*: source -> the least id of those it is one with, None where copies were not looked for;
    *unmeasured*: axis -> why nothing is known of it.
    """

    run: str
    tokenizer: Tokenizer | None
    drawn_ppm: int
    merged: Mapping[str, str] | None
    scale: tuple[SourceScale, ...]
    total: SourceScale | None
    stages: tuple[SourceScale, ...]
    languages: tuple[LanguageScale, ...]
    stage_languages: tuple[LanguageScale, ...]
    formats: tuple[Format, ...]
    kinds: tuple[KindShare, ...]
    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    cell_sources: tuple[CellSource, ...]
    wording: tuple[Wording, ...]
    years: tuple[Years, ...]
    unmeasured: Mapping[str, str]


def diversity_of(store: Store, manifest: Manifest, source: str | None = None) -> Diversity:
    """The scale, type and diversity of a run, or of *source* alone. Raises `StoreError` where the run did not look."""
    settings = next((c.settings for c in manifest.checks if c.name == SCALE), None)
    if settings is None:
        raise StoreError(f"run {manifest.run}: it did not measure scale; scan with the check `scale` on")
    sums = gathered(store, manifest, source)
    tokenizer = _tokenizer(settings)
    share = tokenizer.share_ppm if tokenizer else None
    declared = {s.id: s.declared for s in manifest.registry.sources}
    stored = {s.source: s.files.read_bytes for s in manifest.counts.sources}
    merged = _merged(store, manifest, sums)
    whole = united(s.scale for s in sums.values() if s.scale is not None)
    read = {name: one for name, one in sums.items() if one.scale and one.scale["records"]}
    rows = [
        _scale_row(name, one, declared.get(name, {}), manifest.stage or UNKNOWN, stored.get(name, 0), share)
        for name, one in read.items()
    ]
    told = {row.source: row.stage for row in rows}
    cells, parts = _cells(sums, merged, tokenizer is not None)
    return Diversity(
        manifest.run, tokenizer, int(str(settings["drawn_ppm"])), merged, tuple(rows),
        _together(read, rows, None, share) if rows else None,
        tuple(_together(read, rows, stage, share) for stage in sorted(set(told.values()))),
        by_source(sums, told, share), by_stage(sums, told, share),
        tuple(row for name, one in sums.items() for row in _formats(name, one)),
        tuple(row for name, one in sums.items() for row in _kinds(name, one)),
        tuple(_axes(store, manifest, sums, merged, declared, source)), cells, parts,
        tuple(wording_of(name, one.scale) for name, one in read.items() if one.scale) + ((wording_of(None, whole),) if whole else ()),
        tuple(years_of(name, one.years) for name, one in sums.items() if one.years), unmeasured(manifest),
    )  # fmt: skip


def density_of(store: Store, manifest: Manifest) -> dict[str, tuple[int, int]]:
    """Source -> (tokens, text bytes); empty where the run had no tokenizer."""
    settings = next((c.settings for c in manifest.checks if c.name == SCALE), {})
    tokenizer = _tokenizer(settings)
    if tokenizer is None:
        return {}
    found = {}
    for name, one in gathered(store, manifest, None).items():
        if one.scale and (total := _tokens([one.scale], tokenizer.share_ppm)):
            found[name] = (total.value, one.scale["bytes"])
    return found


def _tokenizer(settings: Mapping[str, Any]) -> Tokenizer | None:
    if settings.get("tokenizer") is None:
        return None
    share = str(settings["tokens"])
    return Tokenizer(
        str(settings["tokenizer_name"]), str(settings["tokenizer"]), share,
        PPM if share == "full" else int(settings["tokens_ppm"]),
    )  # fmt: skip


def _tokens(tallies: Iterable[Mapping[str, Any]], share: int | None) -> Total | None:
    if share is None:
        return None
    return ratio_total([Drawn(t["bytes"], t["group_bytes"], t["group_tokens"]) for t in tallies], share)


def _scale_row(
    name: str, one: Sums, declared: Mapping[str, Any], run_stage: str, stored: int, share: int | None
) -> SourceScale:
    assert one.scale is not None
    said = declared.get("stage")
    stage, by = (said, "declared") if said else (FINE_TUNING, "layout") if one.fine_tuning else (run_stage, "run")
    total = _tokens([one.scale], share)
    return SourceScale(
        name, str(stage), by, one.scale["records"], stored, one.scale["bytes"],
        one.scale["chars"], *tokens_told(total, None if share is None else one.scale["token_records"]),
    )  # fmt: skip


def _together(
    read: Mapping[str, Sums], rows: Iterable[SourceScale], stage: str | None, share: int | None
) -> SourceScale:
    """The sources of one stage, or all of them, as one row."""
    chosen = [row for row in rows if stage in (None, row.stage)]
    stages = {row.stage for row in chosen}
    total = _tokens((tally for row in chosen if (tally := read[row.source].scale)), share)
    columns = zip(*((r.records, r.stored_bytes, r.text_bytes, r.chars) for r in chosen), strict=True)
    records, stored, text_bytes, chars = map(sum, columns)
    counted = None if share is None else sum(row.token_records or 0 for row in chosen)
    return SourceScale(
        "run", stages.pop() if len(stages) == 1 else "several", "sources", records, stored, text_bytes, chars,
        *tokens_told(total, counted),
    )  # fmt: skip


def _formats(name: str, one: Sums) -> list[Format]:
    return [
        Format(name, modality, media, form or None, layout or None, status, files, one.format_bytes[key])
        for key, files in sorted(one.formats.items())
        for modality, media, form, layout, status in (key,)
    ]


def _kinds(name: str, one: Sums) -> list[KindShare]:
    sums: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for cell, counts in one.cells.items():
        sums[tuple(cell.split(" ")[1:])].update(counts)
    drawn = sum(counts["records"] for counts in sums.values())
    order = sorted(sums, key=lambda key: (-sums[key]["chars"], key))
    return [
        kind_share(name, kind, method, sums[kind, method]["records"], sums[kind, method]["chars"], drawn)
        for kind, method in order
    ]


def _merged(store: Store, manifest: Manifest, sources: Iterable[str]) -> dict[str, str] | None:
    dedup = manifest.settings.get("dedup")
    if not any(c.name == DUPLICATES for c in manifest.checks) or not isinstance(dedup, Mapping):
        return None
    shared = [
        (s.source, s.other, s.records, s.records_of_source)
        for s in overlap_of(store, manifest)
        if s.other_run == manifest.run
    ]
    return merged_sources(shared, sources, int(str(dedup["mostly_copies_ppm"])))


def _cells(
    sums: Mapping[str, Sums], merged: Mapping[str, str] | None, counted: bool
) -> tuple[tuple[Cell, ...], tuple[CellSource, ...]]:
    held: defaultdict[tuple[str, str], defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for name, one in sums.items():
        for cell, counts in one.cells.items():
            language, kind, _ = cell.split(" ")
            held[language, kind][merged[name] if merged else name].update(counts)
    cells = [
        cell_of(*key, sum(c["records"] for c in parts.values()), {s: c["chars"] for s, c in parts.items()})
        for key, parts in held.items()
    ]
    cells.sort(key=lambda cell: (-cell.chars, cell.language, cell.kind))
    rows = [
        CellSource(cell.language, cell.kind, name, c["records"], c["chars"], c["tokens"] if counted else None)
        for cell in cells
        for name, c in sorted(held[cell.language, cell.kind].items())
    ]
    return tuple(cells), tuple(rows)


def _axes(
    store: Store, manifest: Manifest, sums: Mapping[str, Sums], merged: Mapping[str, str] | None,
    declared: Mapping[str, Mapping[str, Any]], source: str | None,
) -> list[Axis]:  # fmt: skip
    found: list[Axis] = []
    for by in ("records", "bytes"):
        of_source, of_origin = Counter[str](), Counter[str]()
        for name, one in sums.items():
            count = one.scale[by] if one.scale else 0
            of_source[merged[name] if merged else name] += count
            said = declared.get(name, {}).get("origin")
            of_origin[str((said.get("value") if isinstance(said, Mapping) else said) or NOT_DECLARED)] += count
        found += [axis_of("source", by, of_source), axis_of("origin", by, of_origin, (NOT_DECLARED,))]
    for by in ("records", "chars"):
        languages = sum((one.languages[by] for one in sums.values()), Counter[str]())
        kinds = Counter[str]()
        for one in sums.values():
            for cell, counts in one.cells.items():
                kinds[cell.split(" ")[1]] += counts[by]
        found += [axis_of("language", by, languages, NO_LANGUAGE), axis_of("kind", by, kinds, (UNKNOWN,))]
    for by, name in (("records", "years"), ("bytes", "year_bytes")):
        found.append(axis_of("year", by, sum((getattr(one, name) for one in sums.values()), Counter[str]()), NO_YEAR))
    for by, name in (("files", "formats"), ("bytes", "format_bytes")):
        formats = Counter[str]()
        for one in sums.values():
            for key, count in getattr(one, name).items():
                formats[" ".join(key[1:4]).strip()] += count
        found.append(axis_of("format", by, formats))
    found += table_axes(store, manifest, sums, source)
    return sorted(found, key=lambda row: (row.axis, row.by))
