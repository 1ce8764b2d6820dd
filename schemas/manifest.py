"""The manifest of one run: what was read, under which settings, what was measured, how the gate decided.

Whole numbers and text only; a ratio is integer ppm and its name ends in ``_ppm``. Nothing in it grows with the corpus
but by one line a 100,000 files: the lists themselves stand in tables that are named here by digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.described import Json
from schemas.personal import PersonalCounts
from schemas.words import Words

FORMAT: Final = 1
"""The number this code writes, and the highest it reads."""
SCHEMA_ID: Final = "urn:corpusledger:schema:manifest:1"

STATES: Final = ("met", "not_met", "insufficient_evidence", "needs_human", "not_applicable")
EFFECTS: Final = ("block", "hold", "warn", "info")
"""What a rule does to the run unless it is met or not applicable, the strongest first; the customer's setting."""


@dataclass(frozen=True, slots=True)
class Product:
    """The software that did the work: name, version, digest of the lock file if known, versions of its libraries."""

    name: str
    version: str
    python: str
    libraries: Mapping[str, str]
    lock_digest: str | None = None


@dataclass(frozen=True, slots=True)
class SourceAssessment:
    """The scan of a sample that the log holds of a source. *timing* of `schemas.assessment.TIMINGS`; *assessed*: UTC.

    *sha256*: of the assessment's object; *entry*: of the log; *sample_sha256*: see `schemas.assessment.Sample`;
    *unlawful_ppm*: the share of unlawful or unhealthy content in the sample, None where no check measured it.
    """

    sha256: str
    entry: int
    assessed: str
    timing: str
    sample_sha256: str
    records: int
    signed: bool
    unlawful_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One source of the registry: every field that its YAML declares, and the sha256 of their canonical JSON.

    *proofs_missing*: codes of `schemas.source_proofs` on the run's day, None in manifests of versions that did not look.
    """

    id: str
    declared: Mapping[str, Json]
    digest: str
    proofs_missing: tuple[str, ...] | None = None
    assessment: SourceAssessment | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """The registered sources in order of id; *digest* is the sha256 of the canonical JSON of their digests by id."""

    digest: str
    sources: tuple[SourceEntry, ...]


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """One policy pack or policy file: its name, its version as it states it, and the sha256 of its bytes."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class MeasureEntry:
    """What one number of a check means: its unit, and in one sentence how it is counted."""

    name: str
    unit: str
    method: str


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """One check as it ran: settings, digests of what it loaded, registry values it read, meaning of its measures."""

    name: str
    version: int
    settings: Mapping[str, Json]
    inputs: Mapping[str, str]
    reads: tuple[str, ...]
    measures: tuple[MeasureEntry, ...]


@dataclass(frozen=True, slots=True)
class FileCounts:
    """listed = read + not_looked_at + unreadable; *listed_bytes* are stored bytes of all of them."""

    listed: int
    read: int
    not_looked_at: int
    unreadable: int
    listed_bytes: int
    read_bytes: int


@dataclass(frozen=True, slots=True)
class MediaCount:
    """Files of one media type and what became of them (`schemas.ledger.STATUSES`)."""

    media_type: str
    status: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """read = looked_at + unread; *unread_by* counts the unread by reason; *text_bytes*: UTF-8 of those looked at."""

    read: int
    looked_at: int
    unread: int
    unread_by: Mapping[str, int]
    text_bytes: int


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """Of one check: looked_at + unread = the run's records read; *findings* rows of evidence."""

    check: str
    looked_at: int
    unread: int
    findings: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """What became of the records: looked_at = kept + redacted + dropped + held."""

    kept: int
    redacted: int
    dropped: int
    held: int


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """One source's part of the counts; *findings* by check."""

    source: str
    files: FileCounts
    records: RecordCounts
    findings: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Everything that was counted; `manifests.manifest.verify_conservation` says what must add up."""

    files: FileCounts
    media: tuple[MediaCount, ...]
    records: RecordCounts
    checks: tuple[CheckCounts, ...]
    sources: tuple[SourceCounts, ...]
    decisions: Decisions | None = None  # None: nothing was decided in this run
    personal: PersonalCounts | None = None  # None: not looked for, or by a version that did not count by entity


@dataclass(frozen=True, slots=True)
class Measured:
    """The measures of one check over one source, or over the run where *source* is None; None: nothing to measure."""

    source: str | None
    check: str
    looked_at: int
    unread: int
    values: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule came to. *state* of STATES, *effect* of EFFECTS; *observed* and *threshold* in *unit*.

    *citation*: instrument and clause with the verification mark; *title*: what the rule requires; *summary*: title, state,
    what was asked and seen. No text of it names a file.
    """

    rule: str
    citation: Words
    title: Words
    state: str
    effect: str
    check: str | None
    measure: str | None
    op: str | None
    threshold: int | None
    observed: int | None
    unit: str | None
    sources: tuple[str, ...]  # on which it came to this state, while neither met nor not applicable; none: the run
    summary: Words


@dataclass(frozen=True, slots=True)
class Gate:
    """*effect*: the strongest effect of a rule in force, None where no rule had one; block and hold stop the run."""

    stopped: bool
    effect: str | None
    rules: tuple[RuleResult, ...]


@dataclass(frozen=True, slots=True)
class TopKey:
    """One key of a table with its counts."""

    key: str
    records: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Top:
    """The largest keys of a table, by records then key; of domain and year only, other keys may be personal.

    Of author and url there is the number alone.
    """

    table: str
    keys: int  # number of keys in the whole table
    rows: tuple[TopKey, ...]


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table file: path in the ledger, sha256 hex of its bytes, number of rows."""

    name: str
    digest: str
    rows: int


@dataclass(frozen=True, slots=True)
class TableSet:
    """The files of a table in order, and the RFC 9162 root (hex) over its leaves (`manifests.tables`)."""

    tables: tuple[TableEntry, ...]
    root: str


@dataclass(frozen=True, slots=True)
class LogHead:
    """The newest log entry when the manifest was made: number and sha256 of its bytes."""

    index: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One run. *started*, *finished*: UTC, RFC 3339, the only wall clock outside *execution*.

    *provider*: name, name_en, contact, service, filing_number as the run file gives them; *model*: name, version,
    base_model, dataset_version likewise; *settings*: run-wide settings that results follow from.
    """

    run: str
    started: str
    finished: str
    provider: Mapping[str, str]
    model: Mapping[str, str]
    stage: str | None
    product: Product
    settings: Mapping[str, Json]
    registry: Registry
    policies: tuple[PolicyEntry, ...]
    checks: tuple[CheckEntry, ...]
    counts: Counts
    measures: tuple[Measured, ...]
    gate: Gate
    top: tuple[Top, ...]
    units: TableSet
    files: TableSet
    log: LogHead | None
    execution: Mapping[str, Json] = field(default_factory=dict)  # runner, host, times, attempts, made, reused
    format: int = FORMAT
    schema: str = SCHEMA_ID
