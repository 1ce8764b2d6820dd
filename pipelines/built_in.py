"""What the run itself counts, and the rules no policy can switch off: nothing vanishes, and what was not seen is shown."""

from collections.abc import Mapping
from typing import Final

from checks.base import Measure
from pipelines.dialogues import CONFLICTS
from pipelines.labels_measures import LABELLING
from pipelines.review_measures import REVIEWED
from schemas.rule import Instrument, Rule
from schemas.words import Words

COUNTED: Final[Mapping[str, tuple[Measure, ...]]] = {
    "files": (
        Measure("files_listed", "files", "files under the corpus roots and sources"),
        Measure(
            "files_read", "files", "files of which a reader decoded at least one byte, shards cut short among them"
        ),
        Measure(
            "files_not_looked_at",
            "files",
            "files that no reader takes (image, audio, video, PDF, archive, unknown); hashed and counted",
        ),
        Measure("files_unreadable", "files", "files of which no byte could be decoded"),
        Measure("bytes_not_looked_at", "bytes", "stored bytes of files_not_looked_at"),
        Measure("shards_cut_short", "files", "files that end inside a record, a member or a frame; counted as read"),
    ),
    "records": (
        Measure("records_read", "records", "framed records, unread ones too"),
        Measure("records_looked_at", "records", "records shown to the checks"),
        Measure("records_unread", "records", "framed records that could not be read, each with its place and reason"),
        Measure("unread_ppm", "ppm", "records_unread of records_read"),
        Measure(
            "records_erased",
            "records",
            "records dropped because a request in the log names a value or a text of theirs",
        ),
    ),
    "duplicates": (
        Measure(
            "exact_duplicate_records",
            "records",
            "records whose text is byte for byte that of another record of the run, without one of each text",
        ),
        Measure("exact_duplicate_ppm", "ppm", "exact_duplicate_records of records_looked_at"),
        Measure(
            "folded_duplicate_records",
            "records",
            "records of 20 terms or more whose terms, folded, are those of another record of other bytes, without one of each",
        ),
        Measure(
            "near_duplicate_records",
            "records",
            "records of 20 terms or more whose sets of 5-term shingles have a Jaccard of at least the threshold (0.8) with "
            "those of the record that stays, found by MinHash (affine32, 128 slots) and judged as `verify` says; copies, not paraphrase, "
            "containment or obfuscated code",
        ),
        Measure(
            "near_duplicate_ppm", "ppm", "folded_duplicate_records and near_duplicate_records of records_looked_at"
        ),
        Measure(
            "copied_elsewhere_records",
            "records",
            "records of a source, kept ones too, that have a copy of any of these kinds in another source of the run",
        ),
        Measure("copied_elsewhere_ppm", "ppm", "copied_elsewhere_records of records_looked_at"),
        Measure(
            "prompt_copied_records",
            "records",
            "records kept whose prompt (system, user and tool turns) has the folded terms of another kept record's, or is "
            "estimated to be its near copy; sources for pre-training apart; nothing is removed for it",
        ),
        Measure(
            "response_copied_records",
            "records",
            "the same of the response (assistant turns, the chosen answer)",
        ),
        Measure(
            "distinct_sources",
            "sources",
            "sources with records, those counted as one of which at least half (`dedup.mostly_copies_ppm`) of the one are "
            "copies of the other; of the run alone",
        ),
        Measure(
            "removals_by_estimate",
            "records",
            "near duplicates judged by the estimate alone, without the exact Jaccard; of the run alone",
        ),
        Measure(
            "wrong_removals_expected",
            "records",
            "of removals_by_estimate, how many are to be expected below the threshold: sum of normal error probabilities "
            "at 128 slots, rounded up; of the run alone",
        ),
    ),
    "listed": (
        Measure(
            "dropped_records",
            "records",
            "listed_records that are dropped for it; those that go because of a request are not among them",
        ),
    ),
    "selection": (
        Measure(
            "dropped_records",
            "records",
            "unfit_records that are dropped for it; those that go because of a list or a request are not among them",
        ),
    ),
    "repetition": (
        Measure(
            "repeated_lines",
            "lines",
            "different lines that are in at least `repeated_from` (10) records of the run; of a source, those it has",
        ),
        Measure("repeated_line_bytes", "bytes", "UTF-8 bytes of all places of repeated_lines"),
        Measure("repeated_line_ppm", "ppm", "repeated_line_bytes of the bytes of text"),
        Measure(
            "repeated_paragraphs",
            "paragraphs",
            "different paragraphs that are in at least `repeated_from` (10) records of the run; of a source, those it has",
        ),
        Measure("repeated_paragraph_bytes", "bytes", "UTF-8 bytes of all places of repeated_paragraphs"),
        Measure("repeated_paragraph_ppm", "ppm", "repeated_paragraph_bytes of the bytes of text"),
    ),
    "dialogue": CONFLICTS,
    "labels": LABELLING,
    "assessment": (
        Measure(
            "unlawful_ppm",
            "ppm",
            "share of unlawful content that the source's assessment measured in a sample before its collection began; unknown, not "
            "zero, where the log has no assessment, or a later one, or none of its checks measured it",
        ),
    ),
    "review": REVIEWED,
    "conservation": (
        Measure("files_astray", "files", "|files_listed - (files_read + files_not_looked_at + files_unreadable)|"),
        Measure("records_astray", "records", "|records_read - (records_looked_at + records_unread)|"),
        Measure("check_records_astray", "records", "over all checks, the sum of |looked_at + unread - records_read|"),
        Measure(
            "sum_astray",
            "files and records",
            "over the counts of files and records, the sum of |run - sum of the sources|",
        ),
    ),
}
"""Measures beside those of the checks; `conservation` is worked out by the gate from the others, `assessment` and `review` from the log."""

UNCOVERED: Final = ("files", "records", "conservation", "assessment", "review")
"""These count what was not looked at, or are of no record of the run, so a rule on them holds however little was looked at."""

CL: Final = {
    "CORPUSLEDGER": Instrument(
        Words("本工具的守恒规则", "This program's rules of conservation"),
        "own rule",
        binding=True,
        status="in_force",
        mark="T",
    )
}

_SEE_RUN: Final = Words(
    "数量不一致，说明有文件或记录未被计入；请重新运行，若仍如此，请报告缺陷并附清单",
    "files or records were lost between counts; run again, and if it stays so report a defect with the manifest",
)


NOT_LOOKED_AT: Final = "corpusledger query files RUN --ledger LEDGER --source SOURCE --status not-looked-at"
"""The command that names the files in question."""


def _conserved(rule_id: str, measure: str, zh: str, en: str, scope: str = "source") -> Rule:
    return Rule(
        rule_id, "CORPUSLEDGER", "conservation", "T", Words(zh, en), "block", _SEE_RUN, scope=scope,
        check="conservation", measure=measure, op="==", threshold=0, threshold_mark="T",
    )  # fmt: skip


BUILT_IN: Final = (
    _conserved("CL-FILES", "files_astray", "列出的文件数 = 已读 + 未查看 + 不可读", "files listed = read + not looked at + unreadable"),
    _conserved("CL-RECORDS", "records_astray", "读取的记录数 = 已查看 + 未读", "records read = looked at + unread"),
    _conserved("CL-CHECKS", "check_records_astray", "每项检查：已查看 + 未读 = 读取的记录数", "for every check, looked at + unread = records read"),
    _conserved("CL-SUMS", "sum_astray", "全部来源之和 = 本次运行", "the sources add up to the run", scope="run"),
    Rule(
        "CL-NOT-LOOKED-AT", "CORPUSLEDGER", "visibility", "T",
        Words("没有未查看的文件（如有，一律列示）", "no file is left not looked at (any that is, is always shown)"), "info",
        Words(
            f"将其转换为可读格式，或移出语料；文件见 `{NOT_LOOKED_AT}`",
            f"convert them to a format that is read, or take them out of the corpus; see `{NOT_LOOKED_AT}`",
        ),
        check="files", measure="files_not_looked_at", op="<=", threshold=0, threshold_mark="T",
    ),
)  # fmt: skip
