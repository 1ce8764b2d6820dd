"""The model of a disclosure report: values and keys of texts, no language and no layout; JSON as it stands.

Words stand in ``disclosure/zh.toml`` and ``en.toml`` under the keys used here, so both editions show the same numbers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifests.manifest import measure_rows
from schemas.canonical import canonical_json
from schemas.manifest import Manifest

MOST_ROWS: Final = 200
"""The most rows of one table in a report; how many more there are is printed under it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. *kind*: text, code, date, count (integer), ppm, term (key of a text) or missing (key of the reason)."""

    kind: str
    value: str | int


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


def by_source(manifest: Manifest) -> list[tuple[str, Mapping[str, Any]]]:
    """(id, declared fields) of every registered source and of counted ones that are in no registry, by id."""
    declared = {s.id: s.declared for s in manifest.registry.sources}
    counted = {s.source for s in manifest.counts.sources}
    return [(source, declared.get(source, {})) for source in sorted(declared.keys() | counted)]


def measured(manifest: Manifest, check: str, *, sources: bool = True) -> list[Table]:
    """The measures of one check with unit, method and coverage: of the run, then, with *sources*, source by source."""
    rows = [
        (
            text(r.source) if r.source else Cell("term", "scope.run"), Cell("term", f"measure.{r.check}.{r.measure}"),
            missing("nothing-to-measure") if r.value is None else Cell("ppm" if r.unit == "ppm" else "count", r.value),
            Cell("term", f"unit.{r.unit}"), count(r.looked_at), count(r.unread), text(r.method, "not-recorded"),
        )
        for r in sorted(measure_rows(manifest), key=lambda r: r.source or "") if r.check == check and (sources or r.source is None)
    ]  # fmt: skip
    columns = ("scope", "measure", "value", "unit", "looked_at", "unread", "method")
    return [table("measures", columns, rows)] if rows else []


def settings(values: Mapping[str, Any]) -> Cell:
    """Settings as JSON; a text that may be a path or an address is withheld."""
    return code(canonical_json(_public(values)).decode()) if values else Cell("term", "settings.none")


def _public(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _public(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_public(item) for item in value]
    return "(withheld)" if isinstance(value, str) and ("/" in value or "\\" in value) else value
