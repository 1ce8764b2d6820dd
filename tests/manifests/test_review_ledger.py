"""Draws and reviews in the ledger: dated by the log, signed, worked out anew by verify, shown in the report."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from manifests.disclose import report_html, report_on
from manifests.ledger import Ledger
from manifests.review_groups import groups_of
from manifests.reviews import (
    check_reviews,
    draws_of,
    load_draw,
    load_review,
    named_review_objects,
    newest_of,
    put_rows,
    put_verdicts,
    record_draw,
    record_review,
    reviews_of,
)
from manifests.runs import sealed_run
from manifests.seal import SealError, make_key, public_key, public_path
from manifests.verify import verify_ledger
from schemas.errors import StoreError
from schemas.review import ROWS, VERDICT_ROWS, Draw, DrawnStratum, Review, ReviewPlan
from schemas.words import Words
from tests.kit.ledgers import small_ledger

TITLE = Words("抽检", "sample")
PLAN = ReviewPlan("house", "HOUSE", "a", "H", TITLE, TITLE, "H", size=20, pass_ppm=900_000, pass_mark="H")


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Ledger, Path]:
    ledger, public = small_ledger(tmp_path)
    return ledger, public.with_name("ledger.key")


def a_draw(ledger: Ledger, **changed: Any) -> Draw:
    rows = [
        {"number": i, "group": "run", "source": "news-zh", "shard": "crawl/a.jsonl", "offset": i, "hash": i, "content_id": None}
        for i in range(1, 21)
    ]  # fmt: skip
    made = Draw(
        "run-1", sealed_run(ledger.store, "run-1").manifest_sha256, PLAN, {"name": "x", "version": "1", "sha256": "ab" * 32}, "cd" * 32,
        "os-random", "2026-11-22T10:00:00Z", (DrawnStratum("run", None, 500, 20),), 20,
        put_rows(ledger.store, pa.Table.from_pylist(rows, schema=ROWS)),
    )  # fmt: skip
    return replace(made, **changed)


def a_review(ledger: Ledger, draw_sha256: str, failing: int) -> Review:
    draw = load_draw(ledger.store, draw_sha256)
    said = [
        {"number": i, "verdict": "fail" if i <= failing else "pass", "reason": None, "reviewer": 0, "second": None, "second_reviewer": None}
        for i in range(1, 21)
    ]  # fmt: skip
    verdicts = pa.Table.from_pylist(said, schema=VERDICT_ROWS)
    rows = pa.table({"number": range(1, 21), "group": ["run"] * 20, "source": ["news-zh"] * 20})
    return Review(
        draw.run, draw.manifest_sha256, draw_sha256, "house", TITLE, "HOUSE a", "H", "2026-11-22T11:00:00Z", "people", "run", None,
        ("reviewer-1",), "os-random", 1, 100_000, 50_000_000_000, groups_of(draw, rows, verdicts, None), 0, "ef" * 32,
        put_verdicts(ledger.store, verdicts),
    )  # fmt: skip


def test_they_come_back_as_they_went_and_verify_holds_them(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    drawn = record_draw(ledger, a_draw(ledger))
    review = a_review(ledger, drawn.sha256, 3)
    entry = record_review(ledger, review, key)
    assert draws_of(ledger.store, "run-1", "house") == (drawn,) and draws_of(ledger.store, "run-2") == ()
    assert reviews_of(ledger.store, "run-1") == (entry,) and load_review(ledger.store, entry.sha256) == review
    assert load_draw(ledger.store, drawn.sha256).plan == PLAN
    trusted = [public_key(public_path(key))]
    assert check_reviews(ledger.store, trusted) == []
    found = verify_ledger(ledger.store, trusted)
    assert found.problem is None and found.notes == ()  # their objects are no loose ones
    assert len(set(named_review_objects(ledger.store))) == 5
    assert "was not checked" in check_reviews(ledger.store)[0]
    other = key.with_name("other.key")
    make_key(other)
    with pytest.raises(SealError, match="made by none of the trusted keys"):
        check_reviews(ledger.store, [public_key(public_path(other))])


def test_figures_that_do_not_follow_from_the_verdicts_are_found(signed: tuple[Ledger, Path]) -> None:
    ledger, key = signed
    drawn = record_draw(ledger, a_draw(ledger))
    review = a_review(ledger, drawn.sha256, 3)
    record_review(
        ledger, replace(review, groups=(replace(review.groups[0], failing=1, share_ppm=50_000, assured="met"),)), key
    )
    with pytest.raises(StoreError, match="its verdicts come to something else than it says"):
        check_reviews(ledger.store)


def test_a_review_without_its_draw_or_before_it_is_found(signed: tuple[Ledger, Path]) -> None:
    ledger, _ = signed
    drawn = record_draw(ledger, a_draw(ledger))
    record_review(ledger, replace(a_review(ledger, drawn.sha256, 0), draw_sha256="12" * 32), None)
    with pytest.raises(StoreError, match="no draw of the log came before it"):
        check_reviews(ledger.store)


@pytest.mark.parametrize(
    ("changed", "match"), [({"manifest_sha256": "00" * 32}, "was not drawn from the sealed run"), ({"rows": 7}, "does not have the rows that it says")]
)  # fmt: skip
def test_a_draw_of_another_seal_or_with_rows_gone_is_found(
    signed: tuple[Ledger, Path], changed: dict[str, Any], match: str
) -> None:
    ledger, _ = signed
    record_draw(ledger, a_draw(ledger, **changed))
    with pytest.raises(StoreError, match=match):
        check_reviews(ledger.store)


def test_the_report_shows_the_newest_of_each_plan_and_that_there_is_none(signed: tuple[Ledger, Path]) -> None:
    ledger, _ = signed
    before = report_html(report_on(ledger, "run-1"))
    assert "no sample of this run was judged" in before and "本次运行没有经过抽检" in before
    drawn = record_draw(ledger, a_draw(ledger))
    record_review(ledger, a_review(ledger, drawn.sha256, 4), None)
    newest = record_review(ledger, replace(a_review(ledger, drawn.sha256, 1), earlier=("34" * 32,)), None)
    (shown,) = newest_of(ledger.store, "run-1")
    assert shown[0] == newest
    page = report_html(report_on(ledger, "run-1"))
    assert "5.00 %" in page and "20.00 %" not in page and newest.sha256[:16] in page
    assert "drawn or judged on this run more than once" in page and "reviewer-1" not in page
    assert "no sample of this run was judged" not in page
