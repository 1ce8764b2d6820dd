"""The part of a report on quality profiles that a run dropped under: which, with which rules, and what went, before and after."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from manifests.report import DITTO, Block, Cell, Facts, Note, code, count, missing, table, text
from manifests.selection import SelectionRow, SelectionRule, selected
from manifests.store import Store
from schemas.manifest import Manifest
from schemas.profiles import Loaded
from schemas.shares import PPM
from schemas.words import Words

_ROWS = (
    "source",
    "language",
    "records",
    "judged_records",
    "unfit_records",
    "unfit_share",
    "judged_bytes",
    "unfit_bytes",
)
_RULES = ("quality_profile", "quality_rule", "least", "most", "value_source", "unfit_first", "unfit_records")


def selection_blocks(store: Store, manifest: Manifest) -> list[Block]:
    """Profiles, what they took out by source and language, and by rule; where none was named, a sentence that says so."""
    found = selected(store, manifest)
    if not found.profiles:
        return [Note("no_selection")]
    rules = [_rule(rule) for rule in found.rules if rule.every]
    return [
        table("quality_profiles", ("quality_profile", "made_for", "value_source", "sha256"), map(_profile, found.profiles)),
        table("selection", _ROWS, _rows(found.rows)),
        *([table("selection_rules", _RULES, rules)] if rules else []),
        Facts((("selection_dropped", missing("not-recorded") if found.dropped is None else count(found.dropped)),)),
        Note("selection"),
    ]  # fmt: skip


def _profile(found: Loaded) -> tuple[Cell, ...]:
    one = found.profile
    told = f"{one.profile} {one.version}"
    made_for = text(", ".join(one.languages)) if one.languages else Cell("term", "made_for.any")
    return (
        Cell("words", Words(f"{one.title.zh}（{told}）", f"{one.title.en} ({told})")),
        made_for,
        text(one.source),
        code(found.digest),
    )


def _rows(rows: Sequence[SelectionRow]) -> Iterator[tuple[Cell, ...]]:
    """The languages that were judged, and of each source the others together."""
    for source, of_source in groupby(rows, key=lambda row: row.source):
        mine = list(of_source)
        yield from (_row(row) for row in mine if row.judged[0])
        if others := sum(row.all[0] for row in mine if not row.judged[0]):
            yield (
                text(source),
                Cell("term", "selection.left-alone"),
                count(others),
                missing("not-judged"),
                *(DITTO,) * 4,
            )


def _row(row: SelectionRow) -> tuple[Cell, ...]:
    share = Cell("ppm", row.unfit[0] * PPM // row.judged[0])
    return (
        text(row.source), code(row.language), count(row.all[0]), count(row.judged[0]), count(row.unfit[0]), share,
        count(row.judged[1]), count(row.unfit[1]),
    )  # fmt: skip


def _rule(of: SelectionRule) -> tuple[Cell, ...]:
    rule = of.rule
    bounds = ("–" if one is None else f"{one:,} ppm" if rule.per else f"{one:,}" for one in (rule.least, rule.most))
    return (
        text(of.profile), code(rule.id), *map(text, bounds), text(rule.source), count(of.first),
        count(of.every),
    )  # fmt: skip
