"""The part of a report on scale and type that stands in the ledger's tables: tokens, languages, formats, kinds of content."""

from manifests.diversity import Diversity, diversity_of
from manifests.diversity_rows import Axis, LanguageScale, SourceScale
from manifests.report import DITTO, Block, Cell, Facts, Note, code, count, missing, said_once, table, term, text
from manifests.store import Store
from schemas.manifest import Manifest
from schemas.personal import Estimated
from schemas.ratios import LEAST_GROUPS
from schemas.words import Words

CHECK = "scale"


def scale_blocks(store: Store, manifest: Manifest) -> dict[str, list[Block]]:
    """Item of the Article 19 report -> blocks on what the check `scale` counted; nothing where it did not run."""
    if not any(check.name == CHECK for check in manifest.checks):
        return {}
    found = diversity_of(store, manifest)
    return {
        "2.1": _tokenizer(found),
        "2.2": _sizes(found),
        "3.1": _formats(found),
        "3.2": [*_kinds(found), *_spread(found)],
    }


def _tokenizer(found: Diversity) -> list[Block]:
    told = found.tokenizer
    if told is None:
        return []
    return [Facts((
        ("tokenizer", code(told.name)), ("tokenizer_sha256", code(told.sha256)),
        ("tokenizer_share", Cell("ppm", told.share_ppm)),
    ))]  # fmt: skip


def _sizes(found: Diversity) -> list[Block]:
    sources = ("source", "stage", "stage_by", "records", "text_bytes", "chars", "tokens", "tokens_least", "tokens_most")
    languages = ("source", "stage", "language", "records", "chars", "tokens", "tokens_least", "tokens_most")
    return [
        table("tokens_by_source", sources, map(_source, found.scale)),
        table(
            "scale_by_stage", sources[1:2] + sources[3:], (_source(row)[1:2] + _source(row)[3:] for row in found.stages)
        ),
        table("scale_by_language", languages, map(_language, found.languages)),
        table("scale_by_stage_language", languages[1:], (_language(row)[1:] for row in found.stage_languages)),
        Note("tokens_estimated"),
    ]


def _source(row: SourceScale) -> tuple[Cell, ...]:
    return (
        text(row.source), term("stage", row.stage), term("stage_by", row.stage_by), count(row.records), count(row.text_bytes),
        count(row.chars), *_tokens(row),
    )  # fmt: skip


def _language(row: LanguageScale) -> tuple[Cell, ...]:
    return (
        text(row.source), term("stage", row.stage), code(row.language), count(row.records), count(row.chars), *_tokens(row),
    )  # fmt: skip


def _tokens(row: SourceScale | LanguageScale) -> tuple[Cell, Cell, Cell]:
    """The figure and its bounds; from too few texts there are none, and from how many stands in their place."""
    if row.tokens is None:
        return missing("tokens-not-counted"), DITTO, DITTO
    if row.tokens_least is None or row.tokens_most is None:
        drawn, groups = row.token_records or 0, row.token_groups or 0
        few = Words(
            f"无区间：抽到 {drawn:,} 条（{groups} 组文本，至少须 {LEAST_GROUPS} 组）",
            f"no interval: {drawn:,} records drawn, {groups} groups of texts; {LEAST_GROUPS} needed",
        )
        return count(row.tokens), Cell("words", few), DITTO
    return count(row.tokens), count(row.tokens_least), count(row.tokens_most)


def _formats(found: Diversity) -> list[Block]:
    rows = [
        (text(row.source), term("modality", row.modality), code(row.media_type), _code(row.format), _code(row.layout),
         Cell("term", f"status.{row.status}"), count(row.files), count(row.bytes))
        for row in found.formats
    ]  # fmt: skip
    columns = ("source", "modality", "media_type", "format", "layout", "status", "files", "bytes")
    return [table("formats", columns, rows)] if rows else []


def _kinds(found: Diversity) -> list[Block]:
    rows = [
        (text(row.source), term("kind", row.kind), term("kind_by", row.method), count(row.records),
         Cell("estimate", Estimated(row.share_ppm, row.low_ppm, row.high_ppm)) if row.share_ppm is not None
         else missing("nothing-to-measure"))
        for row in found.kinds
    ]  # fmt: skip
    columns = ("source", "content_kind", "kind_by", "drawn_records", "estimated_share")
    return [table("content_kinds", columns, rows), Note("kinds_by_cues")] if rows else []


def _spread(found: Diversity) -> list[Block]:
    columns = ("axis", "counted_by", "parts", "effective_parts", "largest_share", "unknown_share")
    rows = [*map(_axis, found.axes)]
    rows += [
        said_once((term("axis", axis), *(missing(why),) * (len(columns) - 1)))
        for axis, why in sorted(found.unmeasured.items())
    ]
    return [table("spread", columns, rows), Note("spread_effective")]


def _axis(row: Axis) -> tuple[Cell, ...]:
    shares = (
        Cell("ppm", share) if share is not None else missing("nothing-to-measure")
        for share in (row.top1_ppm, row.unknown_ppm)
    )
    effective = f"{row.hill1_milli // 1000:,}.{row.hill1_milli % 1000:03d}"
    return (term("axis", row.axis), term("by", row.by), count(row.parts), text(effective), *shares)


def _code(value: str | None) -> Cell:
    return missing("nothing-to-measure") if value is None else code(value)
