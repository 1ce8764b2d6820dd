"""An answer about a person in Chinese and English: what was searched, how, how well, what was found, what was not asked.

What was not found is said to be not found in what was searched, and no more.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from manifests.subjects import NO_INDEX, NO_KEY, NOT_CHECKED, OTHER_KEY, Answer, RunAsked
from schemas.words import Words

MOST_LINES: Final = 20

WHY_NOT: Final = {
    NOT_CHECKED: Words("该运行没有检查个人信息", "the run did not look for personal information"),
    NO_KEY: Words(
        "该运行没有密钥，未存储可查询的标识", "the run had no key, so it stored nothing that can be asked for"
    ),
    OTHER_KEY: Words(
        "密钥未知：该运行用另一把密钥封存", "key unknown: it was sealed under another key than those given"
    ),
    NO_INDEX: Words("该运行没有写入主体索引", "the run wrote no index of subjects; run it again with this version"),
}
NAMES: Final = Words(
    "姓名未被查找：只按上列标识查找，不带这些标识的记录即使提到本人也不会出现。",
    "Names were not looked for: a record that speaks of the person without one of these identifiers does not appear.",
)
NOT_FOUND: Final = Words(
    "在已查的运行中未找到这些标识。这不说明其中没有此人的信息：召回率低于百分之百，未查的运行和其他写法不在此列。",
    "Not found in the runs searched. That does not say that nothing of the person is there: no detector finds all, and runs"
    " that were not searched, other identifiers and other forms are not covered.",
)
NOTHING_SEARCHED: Final = Words(
    "没有查到任何运行，因此什么也不能说。", "No run could be searched, so nothing can be said either way."
)
REMAINS: Final = Words(
    "此后使用本账本的每次运行都会剔除这些记录，并在清单中计数。已封存的运行未改动：其对象中仍有标识的 HMAC 和位置，须另行移除；原始分片由客户自行处理。",
    "Every later run on this ledger drops these records and counts them in its manifest. What is sealed is unchanged: its"
    " objects still hold the HMAC and the places until they are removed; the shards themselves are the customer's to change.",
)


class Recall(NamedTuple):
    """Measured recall of an entity in ppm, None where it was not measured; *measured_on*: on which labelled set."""

    recall_ppm: int | None
    measured_on: str | None = None


def lines_of(answer: Answer, entities: tuple[str, ...], recalls: Mapping[tuple[str, int], Recall]) -> list[Words]:
    """The whole answer, line by line. *recalls*: by (entity, version of the check)."""
    searched, left = answer.searched, [r for r in answer.runs if r.why_not is not None]
    names = ", ".join(entities)
    told = [Words(f"查找的标识类型：{names}", f"Identifiers searched: {names}")]
    told.append(Words(f"已查运行：{len(searched)}", f"Runs searched: {len(searched)}"))
    for run in searched[-MOST_LINES:]:
        told += _searched(run, recalls)
    told += _more(len(searched))
    if left:
        told.append(Words(f"未查运行：{len(left)}", f"Runs not searched: {len(left)}"))
        for run in left[-MOST_LINES:]:
            why = WHY_NOT[run.why_not or ""]
            told.append(Words(f"  {run.run}（{run.started}）：{why.zh}", f"  {run.run} ({run.started}): {why.en}"))
        told += _more(len(left))
    told.append(NAMES)
    if not searched:
        return [*told, NOTHING_SEARCHED]
    if not answer.found:
        return [*told, NOT_FOUND]
    total = sum(answer.found.values())
    told.append(Words(f"找到记录：{total}", f"Records found: {total}"))
    for (run_id, source), count in sorted(answer.found.items()):
        told.append(Words(f"  {run_id}，来源 {source}：{count}", f"  {run_id}, source {source}: {count}"))
    return told


def recall_words(recall: Recall) -> Words:
    """In words; unknown is said."""
    if recall.recall_ppm is None:
        return Words("未测量", "not measured")
    share = f"{recall.recall_ppm / 10_000:.2f} %"
    return Words(f"{share}（测于 {recall.measured_on}）", f"{share} (measured on {recall.measured_on})")


def _searched(run: RunAsked, recalls: Mapping[tuple[str, int], Recall]) -> list[Words]:
    zh = f"  {run.run}（{run.started} 至 {run.finished}）：已查看 {run.looked_at} 条，未读 {run.unread} 条"
    en = f"  {run.run} ({run.started} to {run.finished}): {run.looked_at} records looked at, {run.unread} unread"
    told = [Words(zh, en)]
    for entity in run.entities:
        words = recall_words(recalls.get((entity, run.check_version or 0), Recall(None)))
        told.append(Words(f"    {entity} 召回率：{words.zh}", f"    {entity}: recall {words.en}"))
    if run.not_looked_for:
        names = ", ".join(run.not_looked_for)
        told.append(Words(f"    该运行未查找：{names}", f"    this run did not look for: {names}"))
    return told


def _more(count: int) -> list[Words]:
    more = count - MOST_LINES
    return (
        [Words(f"  另有 {more} 次较早的运行，见 --json", f"  and {more} earlier ones, see --json")] if more > 0 else []
    )
