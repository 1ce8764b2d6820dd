"""The assessment of a candidate source: what a scan of a sample measured, when, by whom, sealed before the collection began.

The figure before collection of the 5 % rule (TC260-003 §5.1 a), mark S2) comes from nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.described import Json
from schemas.words import Words

ASSESSED: Final = "source-assessed"
"""Kind of a log entry: {source, assessed, reviewer, sample_sha256, assessment_sha256, envelope_sha256 or null, signed}."""
PREDICATE: Final = "urn:corpusledger:assessment:1"
"""What an envelope states of the object that is an assessment."""
BEFORE: Final = "before"
LATE: Final = "late"
UNDATED: Final = "undated"
TIMINGS: Final = (BEFORE, LATE, UNDATED)
"""Against the source's `collected_from`: on that day or before, after it, or the source does not declare one."""
NONE: Final = "none"
STANDINGS: Final = (*TIMINGS, NONE)
"""What a rule's fact ``assessment`` says of a source: the timing of the assessment that counts, or that the log has none."""
MEASURED: Final = "measured"
INSUFFICIENT: Final = "insufficient_evidence"


@dataclass(frozen=True, slots=True)
class Sample:
    """What was scanned. *sha256*: of the canonical JSON of the sorted [sha256 of a file or "", its bytes]; no names.

    *files* = those read, not looked at and unreadable; *looked_at* + *unread* = *read* records.
    """

    files: int
    files_not_looked_at: int
    files_unreadable: int
    bytes: int
    sha256: str
    read: int
    looked_at: int
    unread: int


@dataclass(frozen=True, slots=True)
class CheckRan:
    """A check that looked at the sample, with its settings."""

    name: str
    version: int
    settings: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Judged:
    """What people found in *read* records of the sample: *unlawful* of them hold unlawful or unhealthy content.

    *upper_ppm*: the one-sided 95 % bound above that share (Clopper and Pearson, 1934).
    """

    read: int
    unlawful: int
    upper_ppm: int

    @property
    def ppm(self) -> int:
        """The share that they found, rounded up."""
        return -(-self.unlawful * 1_000_000 // self.read)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment. *assessed*: UTC, RFC 3339, when the scan ended; *declared_sha256*: of what the registry declared then;

    *measures*: check -> measure -> whole number, None where there was nothing to measure; *unlawful_ppm*: the share of
    unlawful or unhealthy content, as people *judged* it, else as a check measured it; None where nobody did, which is not zero.
    """

    source: str
    declared_sha256: str
    reviewer: str
    assessed: str
    product: str
    sample: Sample
    checks: tuple[CheckRan, ...]
    measures: Mapping[str, Mapping[str, int | None]]
    unlawful_ppm: int | None = None
    note: str | None = None
    format: int = 1
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure before collection. *state*: `MEASURED` with *ppm*, or `INSUFFICIENT` with the reason why."""

    state: str
    ppm: int | None
    reason: Words


def timing(assessed: str, collected_from: str | None) -> str:
    """One of `TIMINGS`. *assessed*: UTC, RFC 3339; *collected_from*: ISO date."""
    if collected_from is None:
        return UNDATED
    return BEFORE if assessed[:10] <= collected_from else LATE


def chosen(assessed: Sequence[str], collected_from: str | None) -> int | None:
    """Which of several assessments counts: the newest before the collection, else the newest; None of none.

    *assessed*: their times in the log's order.
    """
    if not assessed:
        return None
    ranks = [(timing(time, collected_from) == BEFORE, time, i) for i, time in enumerate(assessed)]
    return max(ranks)[2]


def figure_before(unlawful_ppm: int | None, when: str | None) -> Figure:
    """The figure before collection of a source. *when*: its assessment's timing, None where the log has none."""
    if when is None:
        return _insufficient("日志中没有采集前评估", "the log has no assessment of this source")
    if when == LATE:
        return _insufficient("评估晚于采集开始", "it was assessed after its collection began")
    if when == UNDATED:
        return _insufficient("未声明采集开始日期", "the source does not declare `collected_from`")
    if unlawful_ppm is None:
        return _insufficient(
            "无人审读样本，也没有检查测量违法和不良信息占比",
            "nobody read the sample for unlawful content, and no check measured its share: not measured",
        )
    return Figure(MEASURED, unlawful_ppm, Words("采集前评估所测", "as the assessment before collection measured"))


def _insufficient(zh: str, en: str) -> Figure:
    return Figure(INSUFFICIENT, None, Words(zh, en))
