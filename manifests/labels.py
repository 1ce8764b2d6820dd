"""A record of labelling held against its rows: agreement, errors, samples, reviews, roles, training, rules in force. Pure.

What is counted is what Art. 8 of the Interim Measures and TC260-003 §5.3 ask for; what is missing is named, never assumed. An
item is judged where a person who did not label it reviewed it; it is wrong where any of its labels is another one than theirs.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from manifests.labels_agreement import task_standing
from manifests.labels_errors import Errors
from manifests.labels_people import UNQUALIFIED, both_roles, unqualified
from manifests.labels_rows import LABEL, Coded, coded_rows, voided
from manifests.labels_rules import batch_gaps, mixed_files, rules_gaps
from schemas.labels import FUNCTIONAL, PARTS, SAFETY, VOIDED, Labelling
from schemas.labels_told import ErrorStanding, Gap, Standing, TaskStanding

_ONCE_A_CODE = {
    "rules_not_in_force": ("no-version", "not-in-force", "undated"),
    "batches_unsampled": ("unsampled",),
    "batches_to_void": ("to-void", "illegal-not-stated"),
    "batches_unsupervised": ("unsupervised",),
    "batches_without_rows": ("no-rows",),
    "rules_incomplete": PARTS,
    "rules_without_review": ("review",),
    "tasks_without_agreement": ("no-agreement",),
    "tasks_of_low_agreement": ("low-agreement",),
    "batches_of_many_errors": ("many-errors",),
    "mixed_files": ("mixed-file",),
}
"""Measure -> codes; things with any of these codes, each counted once."""
_SUMMED = {
    "role_conflicts": ("both-roles",),
    "unqualified_labels": UNQUALIFIED,
    "items_not_relabelled": ("not-relabelled",),
    "labels_unplaced": ("unplaced",),
    "labels_unknown": ("unknown-label",),
}
"""Measure -> codes whose counts are added up."""


def standing_of(record: Labelling, rows: pa.Table) -> Standing:
    """What *record* comes to with its *rows* (`schemas.labels_told.ROWS`)."""
    coded = coded_rows(record, rows)
    placed = coded.take(coded.batch >= 0)
    errors = Errors(record, placed)
    gaps = [
        *rules_gaps(record, placed), *batch_gaps(record, placed), *mixed_files(record, placed), *errors.gaps(),
        *unqualified(record, placed), *both_roles(record, placed),
    ]  # fmt: skip
    if len(placed.batch) < len(coded.batch):
        gaps.append(Gap("unplaced", "rows", len(coded.batch) - len(placed.batch)))
    tasks: list[TaskStanding] = []
    in_use = placed.take(~voided(record)[placed.batch])
    for place, task in enumerate(record.tasks):
        told, more = task_standing(record, task, in_use.take(in_use.task == place))
        tasks.append(told)
        gaps += more
    batches, people = errors.batches(), errors.people()
    return Standing(
        tuple(tasks), tuple(batches), tuple(people), tuple(gaps), _measures(record, coded, batches, people, gaps)
    )


def _measures(
    record: Labelling,
    coded: Coded,
    batches: Sequence[ErrorStanding],
    people: Sequence[ErrorStanding],
    gaps: Sequence[Gap],
) -> dict[str, int | None]:
    in_use = [one for one in batches if one.state != VOIDED]
    sampled = [one for one in in_use if one.kind == FUNCTIONAL and one.judged]
    safety = [one for one in in_use if one.kind == SAFETY]
    blind = any(
        not one.done for one in safety
    )  # a batch of safety labels without rows: how many items it has is unknown
    found: dict[str, int | None] = {
        "tasks": len(record.tasks), "batches": len(record.batches),
        "voided_batches": len(batches) - len(in_use),
        "labelled_items": sum(one.done for one in batches),
        "labels": int(np.count_nonzero(coded.role == LABEL)),
        "annotators": len(people),
        "judged_items": sum(one.judged for one in in_use),
        "wrong_items": sum(one.wrong for one in in_use),
        "error_upper_ppm": max((one.upper_ppm for one in sampled), default=None),
        "safety_items": sum(one.done for one in safety),
        "safety_unreviewed": None if blind else sum(one.done - one.judged for one in safety),
        "risks_unmapped": max((gap.count for gap in gaps if gap.code == "risks"), default=0),
    }  # fmt: skip
    found |= {name: len({gap.what for gap in gaps if gap.code in codes}) for name, codes in _ONCE_A_CODE.items()}
    return found | {name: sum(gap.count for gap in gaps if gap.code in codes) for name, codes in _SUMMED.items()}
