"""Sampling plans, draws and reviews: what is to be looked at by people or a machine, which records it fell on, what came of it.

A plan is data (`schemas/packs/review`). A draw fixes the records by a seed that is made after the run was sealed. A review
holds the verdicts against the plan's number twice: as the rule is written, and as what a sample of that size can show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import pyarrow as pa

from schemas.rule import MARKS, Instrument
from schemas.words import Words
from schemas.yaml_shape import Bounds, Choice, Identifier, Named, Text

DRAWN: Final = "review-drawn"
"""Kind of a log entry: {run, plan, drawn, manifest_sha256, draw_sha256, rows, again}; `again` null or the reason."""
REVIEWED: Final = "reviewed"
"""Kind of a log entry: {run, plan, reviewed, draw_sha256, review_sha256, envelope_sha256 or null, signed}."""
PREDICATE: Final = "urn:corpusledger:review:1"
"""What an envelope states of the object that is a review."""

LOOKED_AT, KEPT = "looked-at", "kept"
RUN, CLASS, SOURCE = "run", "class", "source"
PEOPLE, MACHINE = "people", "machine"
TEXT, METADATA, FINDINGS = "text", "metadata", "findings"
PASS, FAIL, UNSURE = "pass", "fail", "unsure"
VERDICTS: Final[Mapping[str, str]] = {
    PASS: PASS, FAIL: FAIL, UNSURE: UNSURE, "合格": PASS, "不合格": FAIL, "无法判断": UNSURE,
}  # fmt: skip
"""What may stand in a worksheet, and what it means."""
PLACE_ONLY: Final = ("confidentiality",)
"""Checks whose hints show a record's place alone: its text may be a secret."""
OS_RANDOM, FROM_FILE = "os-random", "file"
"""Where a seed is from: the operating system, or a file that somebody named, which is told beside every figure."""
FIXED, ALL = "fixed", "all"
"""How a group was judged beside `schemas.sequential.STOPPED` and `FELL_BACK`: every drawn record, every record there is."""

Ppm = Annotated[int, Bounds(0, 1_000_000)]
Mark = Annotated[str, Choice(tuple(MARKS))]
Count = Annotated[int, Bounds(1, 10_000_000)]


@dataclass(frozen=True)
class Where:
    """Only sources whose registry declares *fact* with one of *values* (`is` in YAML)."""

    fact: Text
    values: Annotated[tuple[Text, ...], Bounds(least=1), Named("is")]


@dataclass(frozen=True)
class Stopping:
    """Wald's test (`schemas.sequential.Sequential`): shares of failing records and risks, in ppm."""

    good_ppm: Ppm
    bad_ppm: Ppm
    alpha_ppm: Ppm
    beta_ppm: Ppm
    cap: Count


@dataclass(frozen=True)
class ReviewPlan:
    """One sampling plan: what is drawn, who judges it by which question, and what share must pass.

    *of*: records looked at, or those that the run keeps; *each*: the size is meant of the whole run, of each class of
    source, or of each source; *size* and *share_ppm*: at least so many, and at least this part, at most all;
    *least_each_source*: within a group, at least so many of each source (the estimate is then weighted). *pass_ppm* unset:
    the instrument gives no number, so a person decides. *reasons*: closed list of why a record fails. *independent_of*:
    checks, filters and models that may not be the judge; those that decided or selected rows never may.
    """

    id: Identifier
    instrument: Identifier
    article: Text
    mark: Mark
    title: Words
    asks: Words
    size_mark: Mark
    of: Annotated[str, Choice((LOOKED_AT, KEPT))] = LOOKED_AT
    each: Annotated[str, Choice((RUN, CLASS, SOURCE))] = RUN
    where: tuple[Where, ...] = ()
    size: Count | None = None
    share_ppm: Ppm | None = None
    least_each_source: Count | None = None
    pass_ppm: Ppm | None = None
    pass_mark: Mark | None = None
    by: Annotated[str, Choice((PEOPLE, MACHINE))] = PEOPLE
    reviewers: Annotated[int, Bounds(1, 2)] = 1
    shows: Annotated[tuple[Annotated[str, Choice((TEXT, METADATA, FINDINGS))], ...], Bounds(least=1)] = (TEXT,)
    reasons: tuple[Identifier, ...] = ()
    stopping: Stopping | None = None
    together: bool = False
    independent_of: tuple[Text, ...] = ()

    @property
    def limit_ppm(self) -> int | None:
        """The greatest share that may fail."""
        return None if self.pass_ppm is None else 1_000_000 - self.pass_ppm


@dataclass(frozen=True)
class ReviewPack:
    """A YAML file of sampling plans, with the instruments that they cite."""

    review: Identifier
    version: Text
    title: Words | None = None
    instruments: tuple[tuple[Identifier, Instrument], ...] = ()
    plans: Annotated[tuple[ReviewPlan, ...], Bounds(least=1)] = ()


ROWS: Final = pa.schema(
    [
        pa.field("number", pa.uint32(), nullable=False),  # from 1, in order of group, hash, place
        pa.field("group", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("hash", pa.uint64(), nullable=False),  # manifests.review_ranks
        pa.field("content_id", pa.string()),  # hex; null where the run did not work it out
    ]
)
"""What a draw fell on: places, never a text."""
ROWS_NAME: Final = "corpusledger.review_rows"
VERDICT_ROWS: Final = pa.schema(
    [
        pa.field("number", pa.uint32(), nullable=False),
        pa.field("verdict", pa.string(), nullable=False),  # pass, fail, unsure
        pa.field("reason", pa.string()),  # a word of the plan's list
        pa.field("reviewer", pa.uint8(), nullable=False),  # place in the review's list
        pa.field("second", pa.string()),  # the second verdict, where there are two
        pa.field("second_reviewer", pa.uint8()),
    ]
)
VERDICTS_NAME: Final = "corpusledger.review_verdicts"


@dataclass(frozen=True, slots=True)
class DrawnStratum:
    """Part of a group that was drawn by itself. *source* None: all sources of the group together."""

    group: str
    source: str | None
    population: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw. *plan*: as it stood then; *pack*: name, version and sha256; *seed*: hex, with *seed_from* where it is from.

    *rows_sha256*: ROWS; *earlier*: draws of the plan on this run before, by their sha256; *again*: why it was drawn once more.
    """

    run: str
    manifest_sha256: str
    plan: ReviewPlan
    pack: Mapping[str, str]
    seed: str
    seed_from: str
    drawn: str
    strata: tuple[DrawnStratum, ...]
    rows: int
    rows_sha256: str
    earlier: tuple[str, ...] = ()
    again: str | None = None
    format: int = 1


@dataclass(frozen=True, slots=True)
class Judged:
    """One group of a review. Shares are of *failing* records, in ppm; unsure ones count as failing.

    *sample* of *population* were judged, in the way *how*; *low_ppm*, *high_ppm*: one-sided Clopper-Pearson, 95 % each, null
    where the sample was stopped early, for there they do not hold; *most_failing*: the most failing records that a small
    population may hold; *true_ppm*, *true_low_ppm*, *true_high_ppm*: corrected for the machine's errors. *as_written*,
    *assured*: states of `schemas.manifest.STATES`, by the rule's own arithmetic, and with 95 % confidence.
    """

    group: str
    population: int
    sample: int
    failing: int
    unsure: int
    how: str
    share_ppm: int | None
    low_ppm: int | None
    high_ppm: int | None
    most_failing: int | None
    variance_ppm2: int | None
    true_ppm: int | None
    true_low_ppm: int | None
    true_high_ppm: int | None
    as_written: str
    assured: str
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HumanTable:
    """Records that people and the machine both judged, and what follows; *review_sha256*: people's review."""

    review_sha256: str
    both: int
    machine_alone: int
    people_alone: int
    neither: int
    sensitivity_ppm: int | None
    specificity_ppm: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """One review. *reviewers*: pseudonyms; *each*: what a group is of, as the plan says; *judge*: the machine, None for people; *draws*: how often the plan was drawn.

    *limit_ppm*: the greatest share that may fail, None where the instrument gives no number; *alpha_ppm2*: what each bound
    misses at most, times 10**12, smaller than 5 % where all groups hold together; *worksheet_sha256*: the file itself is
    not kept. *disagreements*: records on which two reviewers differed; *earlier*: reviews of the same draw before, by sha256.
    """

    run: str
    manifest_sha256: str
    draw_sha256: str
    plan: str
    title: Words
    citation: str
    mark: str
    reviewed: str
    by: str
    each: str
    judge: str | None
    reviewers: tuple[str, ...]
    seed_from: str
    draws: int
    limit_ppm: int | None
    alpha_ppm2: int
    groups: tuple[Judged, ...]
    disagreements: int
    worksheet_sha256: str
    verdicts_sha256: str
    people: HumanTable | None = None
    earlier: tuple[str, ...] = ()
    format: int = 1

    @property
    def sources_apart(self) -> bool:
        """Is each group one source?"""
        return self.each == SOURCE
