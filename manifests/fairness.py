"""Who is named in the drawn records of a sealed run, by ground and group, and beside which words: screening indicators.

No figure finds discrimination; none holds a text or a value of a record, only counts by ids of the lexicon.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifests.store import Store
from manifests.unit_objects import unit_objects
from schemas.diversity import spread
from schemas.errors import StoreError
from schemas.fairness import MENTIONS, NEGATIVE, RECORDS, SENTENCES, Group, odds_of, prior_ppm
from schemas.fairness_precision import Precision, measured_precision
from schemas.manifest import Manifest
from schemas.shares import share_ppm
from schemas.tallies import added

FAIRNESS: Final = "fairness"


@dataclass(frozen=True, slots=True)
class GroundRow:
    """One ground. *effective_groups_milli*: Hill's number of order 1 of the mentions; *top_ppm*: of the group named most."""

    ground: str
    records: int
    mentions: int
    groups: int
    effective_groups_milli: int | None
    entropy_millibits: int | None
    top_ppm: int | None
    negative_ppm: int | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group. *share_ppm*: of the mentions of its ground; *negative_ppm*: sentences with a negative word of its sentences;
    *log_odds_milli*, *z_milli*: against the other groups of the ground (`schemas.odds`); *marked*: it stands out.
    """

    ground: str
    group: str
    records: int
    mentions: int
    share_ppm: int | None
    sentences: int
    negative: int
    negative_ppm: int | None
    log_odds_milli: int | None
    z_milli: int | None
    marked: bool


@dataclass(frozen=True, slots=True)
class PronounRow:
    """One pronoun; those of Chinese begin with ``zh-``."""

    pronoun: str
    records: int
    mentions: int


@dataclass(frozen=True, slots=True)
class OccupationRow:
    """One occupation: sentences that name it and hold a female word or pronoun, a male one; *female_ppm*: of both together."""

    occupation: str
    female: int
    male: int
    female_ppm: int | None


@dataclass(frozen=True)
class Screening:
    """*records*, and of them those *drawn*, which all rows are of; *prior_ppm*: the share that the prior of z has."""

    records: int
    drawn: int
    drawn_bytes: int
    mention_records: int
    prior_ppm: int
    grounds: tuple[GroundRow, ...]
    groups: tuple[GroupRow, ...]
    pronouns: tuple[PronounRow, ...]
    occupations: tuple[OccupationRow, ...]


def screening_of(store: Store, manifest: Manifest, source: str | None = None) -> Screening:
    """The screening of a run, or of one *source*; added up from the tallies of its units.

    Raises `StoreError` where the run was not screened, or has no such source.
    """
    ids = sorted(one.id for one in manifest.registry.sources)
    if source is not None and source not in ids:
        known = ", ".join(ids)
        raise StoreError(f"run {manifest.run}: no source {source!r}; it has {known}")
    total: dict[str, Any] | None = None
    for unit in unit_objects(store, manifest, source):
        if (tally := unit.tally(FAIRNESS)) is not None:
            total = tally if total is None else added(total, tally)
    if total is None:
        raise StoreError(f"run {manifest.run}: it was not screened; scan with the check `fairness` on")
    return told(total)


def precision_in(manifest: Manifest) -> tuple[Precision, ...]:
    """How precise the words of the run's lexicon are, by ground and language; empty where that lexicon was not measured."""
    found = next((check for check in manifest.checks if check.name == FAIRNESS), None)
    return () if found is None else measured_precision(found.inputs.get("lexicon", ""))


def told(total: Mapping[str, Any]) -> Screening:
    """The screening of a tally of the check `fairness`."""
    groups: Mapping[str, Group] = total["groups"]
    prior = prior_ppm(groups)
    return Screening(
        total["records"], total["drawn_records"], total["drawn_bytes"], total["mention_records"], prior,
        tuple(_ground(ground, total["grounds"][ground], groups[ground]) for ground in sorted(groups)),
        tuple(row for ground in sorted(groups) for row in _groups(ground, groups[ground], prior)),
        tuple(PronounRow(name, *counts) for name, counts in sorted(total["pronouns"].items())),
        tuple(
            OccupationRow(name, female, male, share_ppm(female, female + male))
            for name, (female, male) in sorted(total["occupations"].items(), key=lambda one: (-sum(one[1]), one[0]))
        ),
    )  # fmt: skip


def _ground(ground: str, records: int, of: Group) -> GroundRow:
    mentions = [counts[MENTIONS] for counts in of.values()]
    found = spread(mentions)
    sentences, negative = (sum(counts[place] for counts in of.values()) for place in (SENTENCES, NEGATIVE))
    return GroundRow(
        ground, records, sum(mentions), len(of), found.hill1_milli if of else None, found.entropy_millibits if of else None,
        found.top1_ppm, share_ppm(negative, sentences),
    )  # fmt: skip


def _groups(ground: str, of: Group, prior: int) -> Iterator[GroupRow]:
    """The most mentions first."""
    whole, held = sum(counts[MENTIONS] for counts in of.values()), odds_of(of, prior)
    for group, counts in sorted(of.items(), key=lambda one: (-one[1][MENTIONS], one[0])):
        found = held[group]
        yield GroupRow(
            ground, group, counts[RECORDS], counts[MENTIONS], share_ppm(counts[MENTIONS], whole), counts[SENTENCES],
            counts[NEGATIVE], share_ppm(counts[NEGATIVE], counts[SENTENCES]),
            None if found is None else found.log_odds_milli, None if found is None else found.z_milli,
            found is not None and found.is_marked(counts[SENTENCES]),
        )  # fmt: skip
