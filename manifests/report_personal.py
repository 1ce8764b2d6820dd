"""The part of a report on personal information: by entity with its accuracy, by source, by legal text, declared bases."""

from collections.abc import Iterator
from typing import Final

from manifests.report import (
    Block,
    Cell,
    Facts,
    Missing,
    Note,
    by_source,
    count,
    measured,
    table,
    term,
    text,
)
from schemas.manifest import Manifest
from schemas.personal import EntityCount, EntityCounts, PersonalCounts, SensitiveCount
from schemas.words import Words

PERSON: Final = "PERSON"
_NOT_MEASURED: Final = Cell("term", "accuracy.not_measured")
_NOTHING: Final = Cell("text", "—")


def personal(m: Manifest) -> list[Block]:
    """Personal information found, how well it is found, what of it is sensitive, and the declared bases for it.

    A run whose manifest holds no counts by entity shows its measures alone.
    """
    rows = (
        (text(source), term("personal_basis", said.get("personal_basis")), text(said.get("sensitive_basis")))
        for source, said in by_source(m)
    )
    bases = table("personal_bases", ("source", "personal_basis", "sensitive_basis"), rows)
    found = m.counts.personal
    told = measured(m, "personal") if found is None else [*_by_entity(m, found), *_by_law(found)]
    return [*told, bases, Note("personal_limits"), Missing("accuracy")]


def accuracy_notes(m: Manifest) -> list[Block]:
    """Where the measured accuracy of the detectors stands, if any of them has one."""
    found = m.counts.personal
    known = found is not None and any(e.accuracy is not None for e in found.entities)
    return [Note("see_personal_accuracy")] if known else []


def _by_entity(m: Manifest, found: PersonalCounts) -> list[Block]:
    with_any = [(e, e.counts[0]) for e in found.entities if e.counts[0].findings]
    without = [(e, e.counts[0]) for e in found.entities if not e.counts[0].findings]
    told: list[Block] = []
    if found.entities:
        whole = found.entities[0].counts[0]
        told.append(Facts((("looked_at", count(whole.looked_at)), ("unread", count(whole.unread)))))
    columns: tuple[str, ...] = (
        "entity", "findings", "validated", "records_with", "estimated_share", "precision", "recall", "measured_on",
        "labelled_values",
    )  # fmt: skip
    rows = ((_name(e), *_counted(c), _share(e, c), *_accuracy(e)) for e, c in with_any)
    told.append(table("personal_by_entity", columns, rows) if with_any else Note("no_personal_found"))
    if without:
        columns = ("entity", "estimated_share", "recall", "measured_on", "labelled_values")
        missed = ((_name(e), _share(e, c), *_accuracy(e)[1:]) for e, c in without)
        told.append(table("personal_none_found", columns, missed))
    told.append(Note("personal_estimates"))
    if all(e.entity != PERSON for e in found.entities):
        told.append(Note("names_not_looked_for"))
    of_sources = tuple(_source_rows(m, found))
    if of_sources:
        columns = (
            "source",
            "entity",
            "findings",
            "validated",
            "records_with",
            "estimated_share",
            "looked_at",
            "unread",
        )
        told.append(table("personal_by_source", columns, of_sources))
    shown_above = {f"{e.entity.lower()}_findings" for e in found.entities} | {"under_14_records"}
    shown_above |= {f"sensitive_{s.profile.replace('-', '_')}_findings" for s in found.sensitive}
    return [*told, *measured(m, "personal", without=shown_above)]


def _source_rows(m: Manifest, found: PersonalCounts) -> Iterator[tuple[Cell, ...]]:
    for source, _ in by_source(m):
        for entity in found.entities:
            for c in entity.counts:
                if c.source == source:
                    yield (
                        text(source),
                        _name(entity),
                        *_counted(c),
                        _share(entity, c),
                        count(c.looked_at),
                        count(c.unread),
                    )


def _by_law(found: PersonalCounts) -> list[Block]:
    totals = {e.entity: e.counts[0].findings for e in found.entities}
    rows = ((_law(s), count(s.findings), _counted_under(s, totals), _remark(s)) for s in found.sensitive)
    children = found.under_14_records
    facts = [("under_14_records", Cell("term", "under_14.no_date") if children is None else count(children))]
    if found.as_of is not None:
        facts.append(("under_14_on", Cell("date", found.as_of)))
    columns = ("legal_text", "findings", "entities", "remark")
    return [table("sensitive", columns, rows), Facts(tuple(facts)), Note("sensitive_limits")]


def _name(entity: EntityCounts) -> Cell:
    return Cell("term", f"entity.{entity.entity}")


def _counted(c: EntityCount) -> tuple[Cell, Cell, Cell]:
    return count(c.findings), count(c.validated), count(c.records)


def _share(entity: EntityCounts, c: EntityCount) -> Cell:
    if c.records_ppm is None and entity.accuracy is None:
        return _NOT_MEASURED
    known = c.records_ppm is not None and c.records_ppm.value is not None
    return Cell("estimate", c.records_ppm) if known and c.records_ppm else Cell("term", "accuracy.no_estimate")


def _accuracy(entity: EntityCounts) -> tuple[Cell, Cell, Cell, Cell]:
    known = entity.accuracy
    if known is None:
        return _NOT_MEASURED, _NOT_MEASURED, _NOTHING, _NOTHING
    return _ppm(known.precision_ppm), _ppm(known.recall_ppm), term("set", known.measured_on), count(known.values)


def _ppm(value: int | None) -> Cell:
    return _NOT_MEASURED if value is None else Cell("ppm", value)


def _law(s: SensitiveCount) -> Cell:
    return Cell("words", Words(f"{s.title.zh} [{s.mark}]", f"{s.title.en} [{s.mark}]"))


def _counted_under(s: SensitiveCount, totals: dict[str, int]) -> Cell:
    found = tuple((name, f"{totals[name]:,}") for name in s.entities if totals.get(name))
    return Cell("pairs", found) if found else Cell("term", "settings.none")


def _remark(s: SensitiveCount) -> Cell:
    return Cell("term", "settings.none") if s.note is None else Cell("words", s.note)
