"""What a record of labelling came to: by task, batch and annotator, and what is missing of it, by name in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from schemas.shares import share_ppm
from schemas.words import Words

ROWS: Final = pa.schema(
    [
        pa.field("item", pa.string(), nullable=False),
        pa.field("annotator", pa.string(), nullable=False),  # a pseudonym
        pa.field("label", pa.string(), nullable=False),
        pa.field("batch", pa.string(), nullable=False),
        pa.field("day", pa.int32()),  # as `date.toordinal`; null: the row does not say
        pa.field("role", pa.string(), nullable=False),  # of ROW_ROLES
        pa.field("content", pa.binary(32)),  # content id of the item's text, where the row gives one
        pa.field("file", pa.int32(), nullable=False),  # which file, from 0
    ]
)
"""Rows of labels as they are read; one row a label."""
ERRORS: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),  # of a batch; or an annotator's pseudonym
        pa.field("kind", pa.string()),
        pa.field("state", pa.string()),
        pa.field("done", pa.int64(), nullable=False),
        pa.field("judged", pa.int64(), nullable=False),
        pa.field("wrong", pa.int64(), nullable=False),
        pa.field("upper_ppm", pa.int64(), nullable=False),
        pa.field("events", pa.string(), nullable=False),  # of supervision: event -> how many, canonical JSON
    ]
)
"""`ErrorStanding` of batches or of annotators, as a run keeps them."""
EVENTS: Final = pa.schema(
    [
        pa.field("on", pa.string(), nullable=False),  # ISO date
        pa.field("event", pa.string(), nullable=False),  # training, examination, or of `schemas.labels.EVENTS`
        pa.field("annotator", pa.string()),
        pa.field("batch", pa.string()),
        pa.field("by", pa.string()),
        pa.field("passed", pa.bool_()),
        pa.field("until", pa.string()),  # of an examination: the last day on which it counts
        pa.field("law", pa.string()),  # of a training: the parts of the law it dealt with, joined by "; "
    ]
)
"""What was done with annotators and batches, by day, as a run keeps it."""
LABEL, REVIEW, RELABEL = "label", "review", "relabel"
ROW_ROLES: Final = (LABEL, REVIEW, RELABEL)
"""`review`: what a reviewer found the label to be; `relabel`: the label put in place of one that was found wrong."""

GAPS: Final[Mapping[str, Words]] = {
    "goal": Words("标注规则未载明标注目标", "the rules do not state the goal of the labelling"),
    "data_format": Words("标注规则未载明数据格式", "the rules do not state the format of the data"),
    "method": Words("标注规则未载明标注方法", "the rules do not state the method of labelling"),
    "quality_indicators": Words("标注规则未载明数据质量指标", "the rules do not state quality indicators"),
    "review": Words("标注规则未载明审核规则", "the rules do not say how labels are reviewed"),
    "risks": Words("安全性标注规则未对应的风险", "risks that the safety rules do not deal with"),
    "no-version": Words("批次所用规则版本未登记", "the batch names a version of the rules that is not declared"),
    "not-in-force": Words("标注时规则版本未生效或已失效", "the version of the rules was not in force while the batch was labelled"),
    "undated": Words("标注时间缺失", "labels without a day"),
    "no-rows": Words("批次没有标注数据行", "the batch has no rows"),
    "unsampled": Words("功能性标注批次未经人工抽检", "no item of a batch of functional labelling was reviewed by another person"),
    "unsupervised": Words("批次没有监督检查记录", "no check of the batch is recorded"),
    "to-void": Words("发现违法内容但批次未作废", "unlawful content was found, and the batch was not voided"),
    "illegal-not-stated": Words("未说明抽检是否发现违法内容", "whether the check found unlawful content is not stated"),
    "unreviewed": Words("未经审核人员审核通过的安全性标注数据", "safety items without a reviewer"),
    "not-relabelled": Words("判为错误而未重新标注的数据", "items found wrong and not relabelled"),
    "no-record": Words("标注人员未登记", "labels of an annotator who is not declared"),
    "no-role": Words("标注人员职能与所做工作不符", "work in a role that the annotator was not given"),
    "no-training": Words("标注时未经培训", "labels made before any training"),
    "no-law": Words("培训未写明法律条款", "labels made when no training had named its part of the law"),
    "no-examination": Words("标注时未通过考核或考核已过期", "labels made without a passed examination that still counts"),
    "suspended": Words("暂停标注资格期间的标注", "labels made while suspended"),
    "both-roles": Words("同一任务中同一人员既标注又审核", "the same person labels and reviews in one task"),
    "mixed-file": Words("功能性与安全性标注数据同存一个文件", "one file holds functional and safety labels"),
    "no-agreement": Words("一致性无法计算", "agreement cannot be worked out"),
    "low-agreement": Words("一致性低于任务自定目标", "agreement is below the task's own target"),
    "many-errors": Words("错误率上限高于任务自定目标", "the upper bound of errors is above the task's own target"),
    "unknown-label": Words("任务未登记的标签值", "labels that the task does not declare"),
    "unplaced": Words("批次未登记的标注数据行", "rows of a batch that is not declared"),
}  # fmt: skip
"""Code of what is missing or wrong -> what it is."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing or wrong: *code* of GAPS, *what* it is of (an id), *count* of things, *named* ones of them."""

    code: str
    what: str
    count: int = 1
    named: tuple[str, ...] = ()

    @property
    def says(self) -> Words:
        """In both languages; a code of a later version stands as it is."""
        return GAPS.get(self.code, Words.from_text(self.code))

    def as_json(self) -> dict[str, Any]:
        """With the words."""
        told = {"code": self.code, "of": self.what, "count": self.count, "says": self.says.as_json()}
        return told | ({"named": list(self.named)} if self.named else {})


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of agreement, ppm, with its interval; None where there is none."""

    ppm: int | None = None
    low_ppm: int | None = None
    high_ppm: int | None = None


NO_FIGURE: Final = Figure()
FIGURES: Final = ("alpha", "cohen", "fleiss", "raw", "prevalence")


@dataclass(frozen=True, slots=True)
class TaskStanding:
    """One task. *items* labelled, *shared* of them by two or more.

    *cohen* of exactly two annotators, *fleiss* of as many labels on every shared item, *prevalence* of the most frequent label;
    intervals by the same *replicates* of the bootstrap over items under *seed*.
    """

    id: str
    kind: str
    method: str
    scale: str
    items: int
    labels: int
    annotators: int
    shared: int
    alpha: Figure = NO_FIGURE
    cohen: Figure = NO_FIGURE
    fleiss: Figure = NO_FIGURE
    raw: Figure = NO_FIGURE
    prevalence: Figure = NO_FIGURE
    replicates: int = 0
    seed: int = 0

    def as_json(self) -> dict[str, Any]:
        """All fields; a figure is three: ``alpha_ppm``, ``alpha_low_ppm``, ``alpha_high_ppm``."""
        told = {name: getattr(self, name) for name in self.__slots__ if name not in FIGURES}
        for name in FIGURES:
            figure: Figure = getattr(self, name)
            told |= {f"{name}_{part}": getattr(figure, part) for part in Figure.__slots__}
        return told


@dataclass(frozen=True, slots=True)
class ErrorStanding:
    """Labels of a batch (*judged*, *wrong*: items), or of an annotator (labels), as reviewers found them.

    *upper_ppm*: one-sided Clopper-Pearson bound of the share that is wrong; all of it where nothing was judged. *done*: all
    items of the batch, or labels of the annotator. *kind*, *state*: of a batch.
    """

    id: str
    done: int
    judged: int
    wrong: int
    upper_ppm: int
    kind: str | None = None
    state: str | None = None
    events: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """With the share as it was seen; None where nothing was judged."""
        told = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) is not None}
        return told | {
            "events": dict(self.events),
            "wrong_ppm": share_ppm(self.wrong, self.judged),
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """A whole record of labelling. *measures*: name -> whole number, None where nothing was there to measure."""

    tasks: tuple[TaskStanding, ...]
    batches: tuple[ErrorStanding, ...]
    annotators: tuple[ErrorStanding, ...]
    gaps: tuple[Gap, ...]
    measures: Mapping[str, int | None]

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        parts: Iterable[str] = ("tasks", "batches", "annotators", "gaps")
        return {
            **{name: [one.as_json() for one in getattr(self, name)] for name in parts},
            "measures": dict(self.measures),
        }
