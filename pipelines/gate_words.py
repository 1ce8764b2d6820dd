"""How outcomes are put into words: one line for the engineer who fixes it, one phrase in two languages for counsel."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from schemas.assessment import NONE, figure_before
from schemas.errors import Where
from schemas.rule import Case, Rule
from schemas.source import RUN
from schemas.source_proofs import said as proofs_said
from schemas.words import Words

MOST_LINES: Final = 20
"""Sources a rule names one by one; the outcome's cases hold all of them."""

UNITS: Final = {
    "files": Words("个文件", "file"),
    "bytes": Words("字节", "byte"),
    "records": Words("条记录", "record"),
    "findings": Words("处", "finding"),
    "languages": Words("种语言", "language"),
    "code points": Words("个码点", "code point"),
    "words": Words("个词", "word"),
    "lines": Words("行", "line"),
    "documents": Words("篇", "document"),
    "tokens": Words("个词元", "token"),
    "terms": Words("个词元", "term"),
    "paragraphs": Words("段", "paragraph"),
    "sources": Words("个来源", "source"),
    "items": Words("道题", "item"),
    "sets": Words("个评测集", "set"),
    "datasets": Words("个数据集", "dataset"),
    "values": Words("个值", "value"),
    "spans": Words("处片段", "span"),
    "prompts": Words("个提示", "prompt"),
    "pairs": Words("对回答", "pair"),
    "templates": Words("个模板", "template"),
    "turns": Words("轮", "turn"),
    "tasks": Words("个标注任务", "task"),
    "batches": Words("个标注批次", "batch"),
    "labels": Words("个标注", "label"),
    "labelled items": Words("条标注数据", "labelled item"),
    "annotators": Words("名标注人员", "annotator"),
    "rules": Words("份标注规则", "set of rules"),
    "risks": Words("类风险", "risk"),
    "samples": Words("个样本", "sample"),
    "libraries": Words("个关键词库", "library"),
    "mentions": Words("次提及", "mention"),
    "groups": Words("个群体", "group"),
    "grounds": Words("类因素", "ground"),
    "sentences": Words("句", "sentence"),
    "thousandths of a group": Words("千分之一个群体", "thousandth of a group"),
    "files and records": Words("个文件或记录", "file or record"),
}
"""Unit of a measure -> in Chinese, and in English of one; a unit that is not here is printed as it stands."""
OPS_ZH: Final = {"<=": "不超过", ">=": "不少于", "==": "等于"}

STATE_WORDS: Final = {
    "not_met": Words("未满足", "not met"),
    "insufficient_evidence": Words("证据不足", "insufficient evidence"),
    "needs_human": Words("待人工判断", "needs a person"),
    "met": Words("满足", "met"),
    "not_applicable": Words("不适用", "not applicable"),
}
PAST: Final = Words("数值越过阈值", "the number is past the threshold")
NOT_MEASURED: Final = Words(
    "没有可测量的内容，未知不等于没有问题", "nothing was there to measure, and unknown is not fine"
)
NOTHING_SEEN: Final = Words("没有查看任何记录", "no record was looked at")
TOO_LITTLE_SEEN: Final = Words("查看的记录少于规则要求的比例", "fewer records were looked at than the rule asks for")
UNDECLARED: Final = Words("登记中没有声明", "not declared in the registry")
REFUSED: Final = Words("登记中的声明不在可接受的取值内", "what the registry declares is none of the accepted values")
UNANSWERED: Final = Words("尚无人员回答", "no person has answered")


def not_measured(rule: Rule, facts: Mapping[str, str]) -> Words:
    """Why there is no number. *facts*: of the source."""
    if rule.check != "assessment":
        return NOT_MEASURED
    told = facts.get("assessment")
    return figure_before(None, None if told == NONE else told).reason


@cache
def unproven(codes: str) -> Words:
    """Why a source's proofs are incomplete: each that is missing, by name. *codes*: the fact ``proofs.missing``."""
    named = proofs_said(tuple(codes.split(",")))
    return Words(f"缺少：{named.zh}", f"missing: {named.en}")


@cache
def excused(facts: tuple[str, ...]) -> Words:
    """Why a number past the threshold does not count: a declared fact."""
    named = ", ".join(facts)
    return Words(f"依登记声明的 {named}", f"rests on the declared {named}")


def engine_failed(why: str) -> Words:
    """Why a rule could not be held: the engine's fault, in the adapter's own words."""
    return Words(f"校验引擎未能给出结果（{why}）", f"the engine gave no answer ({why})")


def number(value: int, unit: str) -> str:
    """``12,000 ppm (1.2 %)``, ``3 records``, ``1 record``."""
    if unit == "ppm":
        return f"{value:,} ppm ({_share(value)} %)"
    one = UNITS[unit].en if value == 1 and unit in UNITS else unit
    return f"{value:,} {one}".rstrip()


def number_zh(value: int, unit: str) -> str:
    """``1.2%（12,000 ppm）``, ``3 条记录``."""
    if unit == "ppm":
        return f"{_share(value)}%（{value:,} ppm）"
    return f"{value:,} {UNITS[unit].zh if unit in UNITS else unit}".rstrip()


def _share(ppm: int) -> str:
    whole, part = divmod(abs(ppm), 10_000)
    return ("-" if ppm < 0 else "") + f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def asked(rule: Rule, unit: str) -> str:
    """What the rule asks for, without the number it saw: ``licence.unknown_ppm <= 50,000 ppm (5 %) [H]``."""
    if rule.measure is not None and rule.threshold is not None:
        per = f" per {rule.per}" if rule.per else ""
        return f"{rule.check}.{rule.measure}{per} {rule.op} {number(rule.threshold, unit)} [{rule.threshold_mark}]"
    if rule.declares:
        values = f" as {' or '.join(rule.accepts)}" if rule.accepts else ""
        return f"{' or '.join(rule.declares)} declared{values}"
    return f"an answer to {rule.asks}"


def asked_zh(rule: Rule, unit: str) -> str:
    """The same in Chinese; names of measures, facts and questions stand as in the YAML."""
    if rule.measure is not None and rule.threshold is not None:
        per = f"（相对 {rule.per}）" if rule.per else ""
        return f"{rule.check}.{rule.measure}{per} {OPS_ZH[rule.op]} {number_zh(rule.threshold, unit)}[{rule.threshold_mark}]"
    if rule.declares:
        values = f"，取值为 {' 或 '.join(rule.accepts)}" if rule.accepts else ""
        return f"登记中声明 {' 或 '.join(rule.declares)}{values}"
    return f"由人员回答 {rule.asks}"


def line(rule: Rule, case: Case, unit: str, place: Where | None) -> str:
    """``place: what is wrong; what to do``, for the engineer."""
    who = "the run" if case.scope == RUN else f"source {case.scope!r}"
    at = f"{place}: " if place is not None else ""
    saw = "" if case.observed is None else f", saw {number(case.observed, unit)}"
    # A number past its threshold speaks for itself; any other state needs its reason.
    why = "" if case.state == "not_met" and saw else f": {case.reason.en}"
    state = f"{STATE_WORDS[case.state].en}{why}"
    do = rule.guidance.en.replace("--source SOURCE", f"--source {case.scope}")
    return f"{at}{rule.title.en}: {who}: {state}; asked {asked(rule, unit)}{saw}; {do} [{rule.id}, {rule.instrument} {rule.article}]"


def open_cases(cases: Sequence[Case]) -> list[Case]:
    """The cases that stand in the way, worst state first, then by source: the order of `lines`."""
    found = [case for case in cases if case.state in ("not_met", "insufficient_evidence", "needs_human")]
    return sorted(found, key=lambda case: (list(STATE_WORDS).index(case.state), case.scope))


def lines(rule: Rule, cases: Sequence[Case], unit: str, places: Mapping[str, Where]) -> tuple[str, ...]:
    """A line for each of the first sources that stand in the way, worst state first, and how many more there are."""
    open_ = open_cases(cases)
    found = [line(rule, case, unit, places.get(case.scope)) for case in open_[:MOST_LINES]]
    if len(open_) > MOST_LINES:
        found.append(f"{rule.id}: and {len(open_) - MOST_LINES:,} more sources; `--json` lists them all")
    return tuple(found)


def summary(rule: Rule, state: str, counts: Mapping[str, int], observed: int | None, unit: str) -> Words:
    """What the rule came to, for counsel, in both languages; names no file."""
    many = sum(counts.values())
    zh_saw = "" if observed is None else f"；最不利的观测值：{number_zh(observed, unit)}"
    en_saw = "" if observed is None else f"; worst observed: {number(observed, unit)}"
    if rule.scope == RUN:
        zh_on, en_on = "", ""
    else:
        zh_on = f"（{many:,} 个来源中的 {counts.get(state, 0):,} 个）"
        en_on = f" (on {counts.get(state, 0):,} of {many:,} source{'' if many == 1 else 's'})"
    words = STATE_WORDS[state]
    return Words(
        f"{rule.title.zh}：{words.zh}{zh_on}；要求：{asked_zh(rule, unit)}{zh_saw}",
        f"{rule.title.en}: {words.en}{en_on}; asked: {asked(rule, unit)}{en_saw}",
    )
