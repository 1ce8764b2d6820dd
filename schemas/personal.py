"""What a manifest says of personal information: counts by entity and source, how good they are, what of them is sensitive.

Whole numbers; shares are ppm. No value, no preview and no place of one: those stand in the tables of findings.
"""

from dataclasses import dataclass

from schemas.words import Words


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How an entity's recognizers did on the labelled set *measured_on*, of *values* labelled ones, by exact place.

    A share is None where it has no denominator: a set in which nothing was reported has no precision.
    """

    measured_on: str
    values: int
    precision_ppm: int | None
    recall_ppm: int | None


@dataclass(frozen=True, slots=True)
class Estimated:
    """A count corrected by precision and recall, with its interval of at least 95 %.

    *value* None: nothing to go by. *high* None: nothing bounds it.
    """

    value: int | None
    low: int
    high: int | None


@dataclass(frozen=True, slots=True)
class EntityCount:
    """Of one entity over one source, or over the run where *source* is None; looked_at + unread = records read.

    *findings*, those of them that were *validated*, and the *records* with one; *values*: how many there probably are;
    *records_ppm*: in what share of the records looked at, each counted as having one value. None: nothing measured.
    """

    source: str | None
    findings: int
    validated: int
    records: int
    looked_at: int
    unread: int
    values: Estimated | None
    records_ppm: Estimated | None


@dataclass(frozen=True, slots=True)
class EntityCounts:
    """One entity that was looked for. *accuracy* None: not measured. *counts*: of the run, then of sources with findings."""

    entity: str
    accuracy: Accuracy | None
    counts: tuple[EntityCount, ...]


@dataclass(frozen=True, slots=True)
class SensitiveCount:
    """*findings* of the *entities* that one legal text counts as sensitive; *mark*: how well that text is known."""

    profile: str
    title: Words
    mark: str
    entities: tuple[str, ...]
    findings: int
    note: Words | None


@dataclass(frozen=True, slots=True)
class PersonalCounts:
    """Everything counted of personal information. *under_14_records* None: no date *as_of* was given, none was looked for."""

    entities: tuple[EntityCounts, ...]  # in the order of the recognizers, the customer's own last
    profiles: str  # name and version of the file of legal texts
    sensitive: tuple[SensitiveCount, ...]
    as_of: str | None
    under_14_records: int | None
