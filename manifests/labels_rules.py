"""What the rules lack that batches were labelled under, and which batches lack something: version, rows, supervision."""

from collections.abc import Iterator

import numpy as np

from manifests.labels_rows import LABEL, Coded, days_of, numbered
from schemas.labels import CHECKED, FUNCTIONAL, PARTS, SAFETY, VOIDED, Batch, Labelling, Rules, RulesVersion
from schemas.labels_told import Gap
from schemas.risks import taxonomy


def rules_gaps(record: Labelling, placed: Coded) -> Iterator[Gap]:
    """Batches whose version of the rules was not in force on every day of theirs, and what the versions in use lack."""
    documents, tasks = {one.id: one for one in record.rules}, {one.id: one for one in record.tasks}
    days = days_of(placed, len(record.batches))
    used: dict[tuple[str, str], tuple[Rules, RulesVersion]] = {}
    for (first, last, undated), batch in zip(days, record.batches, strict=True):
        rules = documents[tasks[batch.task].rules]
        if undated:
            yield Gap("undated", batch.id, undated)
        version = next((one for one in rules.versions if one.version == batch.rules_version), None)
        if version is None:
            yield Gap("no-version", batch.id, named=(f"{rules.id} {batch.rules_version}",))
            continue
        used[rules.id, version.version] = (rules, version)
        known = [day for day in (first, last, batch.starts, batch.until) if day is not None]
        if known and not version.in_force(min(known), max(known)):
            yield Gap("not-in-force", batch.id, named=(f"{rules.id} {version.version}", min(known), max(known)))
    for _, (rules, version) in sorted(used.items()):
        yield from _lacking(rules, version)


def _lacking(rules: Rules, version: RulesVersion) -> Iterator[Gap]:
    of, covered = f"{rules.id} {version.version}", dict(version.covers)
    yield from (Gap(part, of) for part in PARTS if part not in covered)
    if version.review is None:
        yield Gap("review", of)
    missing = [leaf for leaf in taxonomy().ids() if leaf not in dict(version.risks)]
    if rules.kind == SAFETY and missing:
        yield Gap("risks", of, len(missing), tuple(missing))


def batch_gaps(record: Labelling, placed: Coded) -> Iterator[Gap]:
    """Batches without rows, without a check, or that should be void."""
    kinds = {one.id: one.kind for one in record.tasks}
    rows = np.bincount(placed.batch[placed.role == LABEL], minlength=len(record.batches)).tolist()
    checked = {event.batch for event in record.supervision if event.event == CHECKED}
    for n, batch in zip(rows, record.batches, strict=True):
        if not n and batch.state != VOIDED:
            yield Gap("no-rows", batch.id)
        if batch.id not in checked:
            yield Gap("unsupervised", batch.id)
        yield from _unlawful(batch, kinds[batch.task])


def _unlawful(batch: Batch, kind: str) -> Iterator[Gap]:
    if batch.state == VOIDED or kind != FUNCTIONAL:
        return
    if batch.illegal_found:
        yield Gap("to-void", batch.id)
    elif batch.illegal_found is None:
        yield Gap("illegal-not-stated", batch.id)


def mixed_files(record: Labelling, placed: Coded) -> Iterator[Gap]:
    """Files with labels of both kinds: safety labels are stored apart (TC260-003 §5.3 c, should)."""
    is_safety = np.array([one.kind == SAFETY for one in record.tasks], np.bool_)[placed.task]
    first, number = numbered(placed.file)
    safety = np.bincount(number, weights=is_safety, minlength=len(first))
    both = (safety > 0) & (safety < np.bincount(number, minlength=len(first)))
    yield from (Gap("mixed-file", f"file {n + 1}") for n in placed.file[first[both]].tolist())
