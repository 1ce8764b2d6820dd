"""What reviews of a run count, as policy may bound it: taken by the gate from the ledger's log on the day it is asked."""

from collections.abc import Collection
from typing import Final

from checks.base import Measure
from manifests.reviews import newest_of
from manifests.store import Store
from schemas.manifest import Measured
from schemas.review import Judged
from schemas.sequential import INSUFFICIENT, NOT_MET

REVIEW: Final = "review"
REVIEWED: Final = (
    Measure(
        "samples_judged", "samples",
        "samples of the run that were judged and brought back: each group of the newest review of each plan; of a source, those drawn from it alone",
    ),
    Measure(
        "samples_not_met", "samples",
        "of samples_judged, those whose share in the sample is past the plan's number, as the rule is written; unknown, not zero, where none was judged",
    ),
    Measure(
        "samples_unproven", "samples",
        "of samples_judged, those that do not show with 95 % confidence that the plan's number is kept; unknown, not zero, where none was judged",
    ),
)  # fmt: skip


def reviewed(store: Store, run: str | None, sources: Collection[str]) -> list[Measured]:
    """The measures of `review` for the run and for each of *sources*. *run*: None where it is not sealed yet."""
    groups = [] if run is None else [(group, r.sources_apart) for _, r in newest_of(store, run) for group in r.groups]
    told = [Measured(None, REVIEW, 0, 0, _counts([group for group, _ in groups]))]
    for source in sorted(sources):
        mine = [group for group, apart in groups if apart and group.group == source]
        told.append(Measured(source, REVIEW, 0, 0, _counts(mine)))
    return told


def _counts(groups: Collection[Judged]) -> dict[str, int | None]:
    if not groups:
        return {"samples_judged": 0, "samples_not_met": None, "samples_unproven": None}
    return {
        "samples_judged": len(groups),
        "samples_not_met": sum(group.as_written == NOT_MET for group in groups),
        "samples_unproven": sum(group.assured in (NOT_MET, INSUFFICIENT) for group in groups),
    }
