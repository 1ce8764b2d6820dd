"""Counts of personal information by entity and source, corrected by the release's measured precision and recall. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from checks.base import Check
from checks.personal import Personal, accuracy, estimate, sensitivity
from checks.personal.entities import NAMES
from checks.personal.names import OFF
from pipelines.measures import SourceTotals
from schemas.personal import Accuracy, EntityCount, EntityCounts, Estimated, PersonalCounts, SensitiveCount

PERSON: Final = "PERSON"
"""Counted apart by the check: in the lines read for names alone, so its counts are not corrected to the whole text."""


def personal_counts(
    checks: Sequence[Check], sources: Mapping[str, SourceTotals], whole: SourceTotals
) -> PersonalCounts | None:
    """What the manifest says of every entity that was looked for; None where the run has no check for them.

    *sources*: by id; *whole*: all of them as one.
    """
    check = next((c for c in checks if isinstance(c, Personal)), None)
    if check is None:
        return None
    total = _tally(check, whole)
    people = (PERSON,) if check.names != OFF else ()
    names = dict.fromkeys((*check.catalogue.names, *sorted(total["findings"]), *people))
    profiles = sensitivity.read_profiles(sensitivity.PACK.read_bytes(), str(sensitivity.PACK), NAMES)
    sensitive = tuple(
        SensitiveCount(p.id, p.title, p.mark, p.entities, sensitivity.sensitive(p, total["findings"]), p.note)
        for p in profiles.texts
    )
    return PersonalCounts(
        tuple(_entity(check, name, sources, whole) for name in names), f"{profiles.profiles} {profiles.version}",
        sensitive, check.as_of, None if check.as_of is None else total["under_14"],
    )  # fmt: skip


def measured_accuracy(check: Personal, entity: str) -> tuple[Accuracy, estimate.Accuracy] | None:
    """(What is shown, what counts are corrected by) for *entity*; None where it was not measured, or another version was."""
    told = accuracy.accuracy_of(entity) if check.version == accuracy.measured_with() else None
    if told is None:
        return None
    name, counts = told
    return Accuracy(name, counts.gold, counts.precision_ppm, counts.recall_ppm), counts


def _entity(check: Personal, name: str, sources: Mapping[str, SourceTotals], whole: SourceTotals) -> EntityCounts:
    known = measured_accuracy(check, name)
    by = None if known is None or name == PERSON else known[1]
    rows = [_count(check, name, None, whole, by)]
    of_sources = (_count(check, name, source, totals, by) for source, totals in sorted(sources.items()))
    return EntityCounts(name, None if known is None else known[0], (*rows, *(c for c in of_sources if c.findings)))


def _count(
    check: Personal, name: str, source: str | None, totals: SourceTotals, by: estimate.Accuracy | None
) -> EntityCount:
    tally, unread = _tally(check, totals), _unread(check, totals)
    if name == PERSON:
        findings, validated, records = int(tally["people"]["findings"]), 0, int(tally["people"]["records_with"])
    else:
        findings, validated, records = (int(tally[p].get(name, 0)) for p in ("findings", "validated", "records_with"))
    looked = totals.looked - unread
    values = None if by is None else _estimated(estimate.corrected(findings, by))
    share = None if by is None else _estimated(estimate.corrected_rate_ppm(records, looked, by))
    return EntityCount(source, findings, validated, records, looked, totals.read - looked, values, share)


def _estimated(found: estimate.Estimate) -> Estimated:
    return Estimated(found.value, found.low, found.high)


def _tally(check: Personal, totals: SourceTotals) -> Mapping[str, Any]:
    work = totals.tallies.get(check.name)
    tally: Mapping[str, Any] = check.zero() if work is None else work["tally"]
    return tally


def _unread(check: Personal, totals: SourceTotals) -> int:
    work = totals.tallies.get(check.name)
    return 0 if work is None else int(work["unread"])
