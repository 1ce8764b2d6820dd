"""The model of a disclosure report: values and keys of texts, no language and no layout; JSON as it stands.

Words stand in ``disclosure/zh.toml`` and ``en.toml`` under the keys used here, so both editions show the same numbers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from manifests.manifest import MeasureRow, measure_rows
from schemas.manifest import Manifest
from schemas.personal import Estimated
from schemas.words import Words

Pairs = tuple[tuple[str, str], ...]
MOST_ROWS: Final = 200
"""The most rows of one table in a report; how many more there are is printed under it."""


MOST_NAMED: Final = 20
"""The most sources named in one cell."""
MOST_ACROSS: Final = 9
"""The most measures side by side."""
KEY_MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "licence": (
        "public_domain_records", "permissive_records", "attribution_records", "share_alike_records", "unknown_records",
        "no_derivatives_records", "non_commercial_records", "restricted_records", "conflicting_records",
    ),
    "personal": (
        "documents_with_personal", "documents_with_validated_id", "sensitive_pipl_28_findings",
        "sensitive_gbt_35273_2020_findings", "sensitive_gbt_45574_2025_findings", "findings_in_urls",
    ),
    "optouts": (
        "evidence_records", "disallowed_records", "contract_records", "allowed_records", "silent_records", "unknown_records",
        "disallowed_now_records",
    ),
    "origin_hints": (
        "mainland_hint_records", "filing_records", "mainland_domain_records", "hk_mo_tw_domain_records",
        "other_country_domain_records", "general_domain_records",
    ),
    "laundering": ("restricted_records", "relabelled_records"),
    "dialogue": (
        "dialogue_records", "signed_records", "turn_order_records", "unanswered_records", "pair_records", "conflicting_records",
        "contradicting_records",
    ),
    "labels": ("labelled_items", "voided_records"),
    "authenticity": (
        "candidate_records", "assistant_records", "self_told_records", "visible_label_records", "implicit_label_records",
        "declared_synthetic_records", "undeclared_candidate_records", "impossible_date_records",
    ),
    "fairness": ("drawn_records", "mention_records", "marked_groups", "female_pronouns_ppm"),
    "language": ("determined_records", "languages", "zh_hans_records", "zh_hant_records", "en_records", "other_records"),
}  # fmt: skip
"""Check -> measures shown source by source; of a check without any of these, the first that it declares.

Entities of personal information have a table of their own (`manifests.report_personal`).
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value.

    *kind*: text, code, date, count (integer), ppm, term (key of a text), missing (key of the reason), words (a text that the
    manifest holds in both languages), method (key of a Chinese text, and the manifest's own sentence), pairs (names and values),
    estimate (ppm with its interval).
    """

    kind: str
    value: str | int | Words | Pairs | Estimated


DITTO: Final = Cell("text", "〃")
"""As the cell left of it says."""


@dataclass(frozen=True, slots=True)
class Table:
    """*caption* and *columns* are keys of texts; *left_out*: rows that did not fit, *left_out_records* in them."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a label (key of a text) and a value."""

    rows: tuple[tuple[str, Cell], ...]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Note:
    """A paragraph: key of a text."""

    text: str
    kind: str = "note"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person has stated, in both languages; printed as it stands."""

    zh: str
    en: str
    kind: str = "statement"


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing was provided: key of the reason."""

    reason: str
    kind: str = "missing"


Block = Table | Facts | Note | Statement | Missing


@dataclass(frozen=True, slots=True)
class Item:
    """One heading of the field list, such as 1.1; its title is the text ``item.<number>``."""

    number: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; its title is the text ``section.<number>``."""

    number: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One report. *draft*: no release was approved; *generated*: UTC, None where the caller gave none."""

    regime: str
    run: str
    manifest_sha256: str
    signed: bool
    generated: str | None
    draft: bool
    sections: tuple[Section, ...]
    format: int = 1


def text(value: str | None, reason: str = "not-declared") -> Cell:
    """A text, or missing for *reason*."""
    return Cell("text", value) if value else missing(reason)


def count(value: int) -> Cell:
    """A number of things."""
    return Cell("count", value)


def code(value: str) -> Cell:
    """A digest, a command, JSON: printed letter by letter."""
    return Cell("code", value)


def term(kind: str, value: str | None, reason: str = "not-declared") -> Cell:
    """A word of a closed list, text ``term.<kind>.<value>``; a word the texts do not know is shown as it stands."""
    return Cell("term", f"{kind}.{value}") if value else missing(reason)


def missing(reason: str) -> Cell:
    """未提供, for a reason: text ``missing.<reason>``."""
    return Cell("missing", reason)


def said_once(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The row with a reason that is missing said once: a cell with the same reason as the one left of it has a ditto mark."""
    same = (a.kind == "missing" and a == b for a, b in pairwise(row))
    return (*row[:1], *(DITTO if again else cell for cell, again in zip(row[1:], same, strict=True)))


def document(reference: Any) -> Cell:
    """How a report names a document: a digest or a bare web address; never a path, which may tell secrets."""
    if not isinstance(reference, str) or not reference:
        return missing("not-declared")
    if reference.startswith("sha256:"):
        return code(reference)
    if reference.startswith(("https://", "http://")) and "@" not in reference:
        return code(reference.split("?")[0].split("#")[0])
    return Cell("term", "document.on-file")


def table(caption: str, columns: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """A table cut to `MOST_ROWS`, which tells how many rows it leaves out."""
    whole = tuple(rows)
    return Table(caption, columns, whole[:MOST_ROWS], max(0, len(whole) - MOST_ROWS))


def named(sources: Sequence[str]) -> Cell:
    """Sources by id, the first of many, and how many more there are; of none, the run as a whole."""
    if not sources:
        return Cell("term", "scope.run")
    more = len(sources) - MOST_NAMED
    return text(", ".join(sources[:MOST_NAMED]) + (f" … (+{more:,})" if more > 0 else ""))


def by_source(manifest: Manifest) -> list[tuple[str, Mapping[str, Any]]]:
    """(id, declared fields) of every registered source and of counted ones in no registry: most records first, then by id."""
    declared = {s.id: s.declared for s in manifest.registry.sources}
    records = {s.source: s.records.read for s in manifest.counts.sources}
    ids = sorted(declared.keys() | records, key=lambda source: (-records.get(source, 0), source))
    return [(source, declared.get(source, {})) for source in ids]


def measured(manifest: Manifest, check: str, *, sources: bool = True, without: Collection[str] = ()) -> list[Block]:
    """The measures of one check as the check declares them: of the run with coverage and method, then source by source.

    *without*: measures that stand elsewhere in the report.
    """
    order = {m.name: place for c in manifest.checks if c.name == check for place, m in enumerate(c.measures)}
    rows = [row for row in measure_rows(manifest) if row.check == check]
    rows.sort(key=lambda row: order.get(row.measure, len(order)))
    told = [
        (code(r.measure), _number(r), Cell("term", f"unit.{r.unit}"), count(r.looked_at), count(r.unread),
         Cell("method", ((f"{r.check}.{r.measure}", r.method),)) if r.method else missing("not-recorded"))
        for r in rows if r.source is None and r.measure not in without
    ]  # fmt: skip
    columns = ("measure", "value", "unit", "looked_at", "unread", "method")
    blocks: list[Block] = [table("measures", columns, told)] if told else []
    return [*blocks, *_across(manifest, check, rows)] if sources else blocks


def _across(manifest: Manifest, check: str, rows: Sequence[MeasureRow]) -> list[Block]:
    """Sources down, key measures across; a measure that is zero on every source is left out."""
    found = {(row.source, row.measure): row for row in rows if row.source is not None}
    here = list(dict.fromkeys(row.measure for row in rows))
    wanted = [name for name in KEY_MEASURES.get(check, ()) if name in here] or here[:MOST_ACROSS]
    shown = [name for name in wanted if any(row.value != 0 for (_, measure), row in found.items() if measure == name)]
    sources = [source for source, _ in by_source(manifest) if any((source, name) in found for name in wanted)]
    if not sources or not wanted:
        return []
    told = []
    for source in sources:
        row = next(found[source, name] for name in wanted if (source, name) in found)
        cells = (_number(found.get((source, name))) for name in shown)
        told.append((text(source), *cells, count(row.looked_at), count(row.unread)))
    columns = ("source", *(f"{check}.{name}" for name in shown), "looked_at", "unread")
    return [table("measures_by_source", columns, told), Note("zero_left_out")]


def _number(row: MeasureRow | None) -> Cell:
    if row is None or row.value is None:
        return missing("nothing-to-measure")
    return Cell("ppm" if row.unit == "ppm" else "count", row.value)


def settings(values: Mapping[str, Any]) -> Cell:
    """Settings by name, those inside others with a dot; a text that may be a path or an address is withheld."""
    return Cell("pairs", tuple(_pairs("", values))) if values else Cell("term", "settings.none")


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key in sorted(value):
            yield from _pairs(f"{name}.{key}" if name else str(key), value[key])
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping | list | tuple) for item in value):
        for place, item in enumerate(value, 1):
            yield from _pairs(f"{name}.{place}", item)
    elif isinstance(value, list | tuple):
        yield name, ", ".join(map(_plain, value)) or "—"
    else:
        yield name, _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == {}:
        return "—"
    if isinstance(value, int):
        return f"{value:,}"
    return "(withheld)" if "/" in (said := str(value)) or "\\" in said else said
