"""The release's measured accuracy by entity, set and language: what a manifest shows beside each count, and corrects it by."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final, NamedTuple

import yaml

from checks.personal.estimate import Accuracy

LEAST_VALUES: Final = 30
"""A set with fewer labelled values of an entity says too little to correct a count by, where another has more."""


class Counts(NamedTuple):
    """One line of accuracy.yaml: values labelled and found, findings reported and right; the last two where overlap is enough."""

    gold: int
    found: int
    reported: int
    right: int
    found_by_overlap: int
    right_by_overlap: int


class Shown(NamedTuple):
    """What stands beside a count: the set it was measured on, its size, and strict shares in ppm (None: nothing to go by)."""

    measured_on: str
    values: int
    precision_ppm: int | None
    recall_ppm: int | None


@cache
def measured_counts() -> Mapping[str, Mapping[str, Mapping[str, Counts]]]:
    """Entity -> set -> language -> counts, as `python -m pipelines.bench.personal_record` wrote them for this release."""
    told = _told()["entities"]
    return {
        entity: {
            name: {language: Counts(*counts) for language, counts in languages.items()}
            for name, languages in sets.items()
        }
        for entity, sets in told.items()
    }


def measured_with() -> int:
    """The version of the check that was measured."""
    version: int = _told()["check_version"]
    return version


def accuracy_of(entity: str) -> tuple[str, Accuracy] | None:
    """(Set, counts) that *entity* is corrected by: of the sets with enough values the one on which it does worst.

    None for an entity that no set labels: its counts cannot be corrected, and a report says so.
    """
    whole = {name: _together(languages) for name, languages in measured_counts().get(entity, {}).items()}
    labelled = {name: counts for name, counts in whole.items() if counts.gold}
    if not labelled:
        return None
    enough = {name: counts for name, counts in labelled.items() if counts.gold >= LEAST_VALUES}
    if enough:
        name = min(enough, key=lambda n: (_worth(enough[n]), n))
    else:
        name = max(labelled, key=lambda n: (labelled[n].gold, n))
    return name, labelled[name]


def shown(entity: str) -> Shown | None:
    """Precision and recall to stand beside a count of *entity*; None where no set labels it."""
    found = accuracy_of(entity)
    if found is None:
        return None
    name, counts = found
    return Shown(name, counts.gold, counts.precision_ppm, counts.recall_ppm)


def _together(languages: Mapping[str, Counts]) -> Accuracy:
    return Accuracy(*(sum(counts[at] for counts in languages.values()) for at in range(4)))


def _worth(counts: Accuracy) -> int:
    # A blind detector reports nothing and is never wrong: recall alone must put it last.
    return (counts.recall_ppm or 0) * (counts.precision_ppm or 0)


@cache
def _told() -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath("accuracy.yaml").read_text(encoding="utf-8"))
