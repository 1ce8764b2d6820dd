"""What the terminal says of a review: each group with its share, its bounds and both states, in Chinese and English."""

from collections.abc import Iterator
from typing import Final

from manifests.disclose import per_cent
from manifests.reviews import ReviewEntry
from schemas.review import ALL, FIXED, FROM_FILE, MACHINE, Judged, Review
from schemas.sequential import FELL_BACK, STOPPED
from schemas.words import Words

STATES: Final = {
    "met": Words("已满足", "met"), "not_met": Words("未满足", "not met"),
    "insufficient_evidence": Words("证据不足", "insufficient evidence"), "needs_human": Words("待人工判断", "needs a person"),
}  # fmt: skip
HOW: Final = {
    FIXED: Words("定量抽样", "fixed sample"), ALL: Words("全部审核", "every record"),
    STOPPED: Words("序贯检验提前结束，此时区间无效", "stopped early by the sequential test, where no interval holds"),
    FELL_BACK: Words("序贯检验至上限", "sequential test to its cap"),
}  # fmt: skip


def lines_of(review: Review, entry: ReviewEntry, language: str) -> Iterator[str]:
    """The lines of one review."""
    signed = Words("已签名", "signed") if entry.envelope else Words("未签名", "unsigned")
    head = f"{review.plan} [{review.citation}, {review.mark}] {review.reviewed} sha256 {entry.sha256[:16]}…"
    yield f"{head}, log entry {entry.entry}, {_of(signed, language)}"
    yield f"  {_of(review.title, language)}"
    for group in review.groups:
        yield from (f"  {line}" for line in _group(review, group, language))
    for note in notes_of(review):
        yield f"  {_of(note, language)}"


def notes_of(review: Review) -> Iterator[Words]:
    """What must be known beside the figures."""
    if review.limit_ppm is None:
        yield Words("该依据未给出合格率，由人员判断", "the instrument gives no share that must pass: a person decides")
    if review.draws > 1:
        yield Words(f"该方案在本次运行上抽过 {review.draws} 次", f"the plan was drawn on this run {review.draws} times")
    if review.earlier:
        many = len(review.earlier)
        yield Words(
            f"该样本此前已导入过 {many} 次结论", f"verdicts on this sample were brought back {many} time(s) before"
        )
    if review.seed_from == FROM_FILE:
        yield Words("种子来自指定文件，并非随机产生", "the seed is from a file that somebody named, not random")
    if review.by == MACHINE and review.people is None:
        yield Words(
            "未与人工结论比对，机器差错不明；用 --against 指定人工抽检", "not held against people's verdicts: the machine's errors are unknown; name a people's review by --against"
        )  # fmt: skip
    if review.people is not None:
        h = review.people
        yield Words(
            f"人机对照：均判不合格 {h.both}，仅机器 {h.machine_alone}，仅人工 {h.people_alone}，均判合格 {h.neither}",
            f"people and machine: both say failing {h.both}, machine alone {h.machine_alone}, people alone {h.people_alone}, neither {h.neither}",
        )
    if review.disagreements:
        yield Words(
            f"两名审核人结论不一致 {review.disagreements} 条",
            f"two reviewers differed on {review.disagreements} records",
        )
    if len(review.groups) > 1 and review.alpha_ppm2 == 50_000 * 1_000_000:
        yield Words(
            "每组区间各按 95% 计，不对全部组同时成立",
            "each group's bound holds by itself at 95 %, not all of them together",
        )


def _group(review: Review, g: Judged, language: str) -> Iterator[str]:
    limit = "" if review.limit_ppm is None else f" (<= {per_cent(review.limit_ppm)})"
    yield (
        f"{g.group}: {g.failing:,}/{g.sample:,} of {g.population:,}, {_of(HOW.get(g.how, Words(g.how, g.how)), language)}: "
        f"{_of(Words('不合格', 'failing'), language)} {per_cent(g.share_ppm or 0)}{limit}"
    )
    bounds = (
        [] if g.low_ppm is None or g.high_ppm is None else [f"95 %: {per_cent(g.low_ppm)} - {per_cent(g.high_ppm)}"]
    )
    if g.most_failing is not None:
        bounds.append(f"{_of(Words('总体中至多', 'at most in all'), language)} {g.most_failing:,}")
    if g.true_ppm is not None and g.true_low_ppm is not None and g.true_high_ppm is not None:
        words = _of(Words("校正后", "corrected"), language)
        bounds.append(f"{words} {per_cent(g.true_ppm)} ({per_cent(g.true_low_ppm)} - {per_cent(g.true_high_ppm)})")
    if g.unsure:
        bounds.append(f"{_of(Words('无法判断（计为不合格）', 'unsure, counted as failing'), language)} {g.unsure:,}")
    bounds += [f"{reason} {count:,}" for reason, count in g.reasons.items()]
    if bounds:
        yield "  " + "; ".join(bounds)
    yield (
        f"  {_of(Words('按规则原文', 'as written'), language)}: {_of(STATES[g.as_written], language)}; "
        f"{_of(Words('以 95% 把握', 'with 95 % confidence'), language)}: {_of(STATES[g.assured], language)}"
    )


def _of(words: Words, language: str) -> str:
    return f"{words.zh} / {words.en}" if language == "both" else str(getattr(words, language))
