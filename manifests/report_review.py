"""The part of a report on samples that people, or an independent machine, judged: shares, bounds and both states, no names."""

from collections.abc import Mapping, Sequence
from typing import Final

from manifests.report import Block, Cell, Missing, Note, code, count, missing, table, text
from manifests.reviews import ReviewEntry, newest_of
from manifests.store import Store
from schemas.personal import Estimated
from schemas.review import FROM_FILE, MACHINE, RUN, Judged, Review

OF_SOURCES: Final = "1.5"
OF_CONTENT: Final = "5.3"
"""Items of the Article 19 report: the gate of each source, and the content as a whole."""


def review_blocks(store: Store, run: str) -> dict[str, list[Block]]:
    """Item -> blocks on the newest review of each plan on *run*; that nobody looked, where the log has none."""
    found = newest_of(store, run)
    if not found:
        return {OF_CONTENT: [Missing("no-review")]}
    by_item: dict[str, list[tuple[ReviewEntry, Review]]] = {}
    for entry, review in found:
        by_item.setdefault(OF_SOURCES if review.sources_apart else OF_CONTENT, []).append((entry, review))
    return {item: _blocks(reviews) for item, reviews in by_item.items()}


def _blocks(reviews: Sequence[tuple[ReviewEntry, Review]]) -> list[Block]:
    columns = (
        "sampling_plan", "citation", "group", "judged_by", "records", "judged", "failing_share", "failing_limit", "corrected_share",
        "as_written", "with_confidence", "sample_review",
    )  # fmt: skip
    rows = [_row(entry, review, group) for entry, review in reviews for group in review.groups]
    told: list[Block] = [table("sample_reviews", columns, rows), Note("reviews_limits")]
    held: Mapping[str, bool] = {
        "reviews_from_file": any(r.seed_from == FROM_FILE for _, r in reviews),
        "reviews_again": any(r.draws > 1 or r.earlier for _, r in reviews),
        "reviews_machine": any(r.by == MACHINE and r.people is None for _, r in reviews),
    }
    return [*told, *(Note(name) for name, holds in held.items() if holds)]


def _row(entry: ReviewEntry, review: Review, g: Judged) -> tuple[Cell, ...]:
    limit = missing("no-number") if review.limit_ppm is None else Cell("ppm", review.limit_ppm)
    corrected = _estimate(g.true_ppm, g.true_low_ppm, g.true_high_ppm)
    return (
        Cell("words", review.title), text(f"{review.citation} [{review.mark}]"),
        Cell("term", "scope.run") if g.group == RUN else text(g.group), Cell("term", f"judged_by.{review.by}"),
        count(g.population), count(g.sample), _estimate(g.share_ppm, g.low_ppm, g.high_ppm), limit, corrected,
        Cell("term", f"state.{g.as_written}"), Cell("term", f"state.{g.assured}"), code(entry.sha256[:16]),
    )  # fmt: skip


def _estimate(value: int | None, low: int | None, high: int | None) -> Cell:
    """A share with its bounds; without them, as after a test that was stopped early, the share alone."""
    if value is None:
        return Cell("text", "—")
    return Cell("ppm", value) if low is None or high is None else Cell("estimate", Estimated(value, low, high))
