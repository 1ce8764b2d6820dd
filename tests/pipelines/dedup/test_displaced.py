"""What stood for others in an earlier run and was dropped, erased or forbidden since gives way, and the change is told."""

import json
from pathlib import Path

import pytest

from manifests.copies import Displaced, copies_of, displaced_of
from manifests.runs import load_manifest, sealed_run
from pipelines.dedup.before import is_permitted
from schemas.source import Review, Source
from tests.kit.command import here, lines, write_run
from tests.kit.copies import content_id, sentence
from tests.pipelines.dedup.runs import ALONE, FILE_A_UNIT, Ran, corpus, run

BASE = list(range(60))
STAYS, GOES, THIRD = sentence([*BASE, 60, 61]), sentence([*BASE, 60]), sentence(BASE)
OLD = {"a.jsonl": [STAYS, "x"], "b.jsonl": [GOES]}
REJECTED = "review: {decision: rejected, by: Li, on: 2026-01-02}\n"
REASONS = ("earlier_erased", "earlier_not_permitted", "earlier_dropped")


def reasons(ran: Ran) -> tuple[int, ...]:
    return tuple(ran.cost[name] for name in REASONS)


def displaced(ran: Ran, source: str | None = None) -> list[Displaced]:
    return list(displaced_of(ran.store, load_manifest(ran.store, sealed_run(ran.store, ran.run)), source))


def test_an_erased_representative_gives_way_to_what_went_for_it(tmp_path: Path) -> None:
    first = run(corpus(tmp_path, OLD))
    assert set(first.removed) == {("b.jsonl", 0)}
    (tmp_path / "erased.txt").write_text(content_id(STAYS))
    more = f"compare_with: [{first.run}]\nlists: {{tombstones: erased.txt}}\n"
    again = run(corpus(tmp_path, {"c.jsonl": [THIRD]}, more))
    assert {place: (r["kept_run"], r["kept_row"]) for place, r in again.removed.items()} == {("c.jsonl", 0): (None, 0)}
    assert again.places()[again.removed["c.jsonl", 0]["kept_unit"]] == "b.jsonl"
    assert reasons(again) == (1, 0, 0)
    # Where the erased one lay is not told.
    assert displaced(again) == [Displaced(first.run, "erased", None, None, None, 1, 1)]
    assert displaced(again, "s") == []


def test_a_compared_runs_records_stand_for_nothing_once_their_source_is_rejected(tmp_path: Path) -> None:
    first = run(corpus(tmp_path / "first", OLD))
    path = corpus(tmp_path / "next", {"c.jsonl": [STAYS, GOES]}, f"compare_with: [{first.run}]\n")
    path.write_text(path.read_text().replace("ledger: ledger", f"ledger: {tmp_path / 'first' / 'ledger'}"))
    sources = [p for p in (tmp_path / "next").rglob("*.yaml") if "paths: [corpus]" in p.read_text()]
    (source,) = (p for p in sources if p != path)
    whole = source.read_text()
    source.write_text(whole + REJECTED)
    again = run(path)
    # The same source is this run's too: its records are held against each other alone.
    assert {place: r["kept_run"] for place, r in again.removed.items()} == {("c.jsonl", 1): None}
    assert reasons(again) == (0, 1, 0)
    assert displaced(again) == displaced(again, "s")
    (told,) = displaced(again)
    assert (told.reason, told.shard.rsplit("/", 1)[-1], told.offset) == ("not permitted", "a.jsonl", 0)
    assert (told.representatives, told.records) == (1, 1)
    done = here("query", "copies", again.run, "--ledger", str(tmp_path / "first" / "ledger"))
    assert done.code == 0
    assert "stood for others in an earlier run, and no more:" in done.out
    assert f"{first.run}  not permitted  s" in done.out
    done = here("query", "copies", again.run, "--ledger", str(tmp_path / "first" / "ledger"), "--json")
    assert [d["reason"] for d in json.loads(done.out)["displaced"]] == ["not permitted"]
    source.write_text(whole)
    permitted = run(path)
    assert {place: r["kept_run"] for place, r in permitted.removed.items()} == {
        ("c.jsonl", 0): first.run, ("c.jsonl", 1): first.run,
    }  # fmt: skip
    assert (reasons(permitted), displaced(permitted)) == ((0, 0, 0), [])


def test_a_source_that_this_run_does_not_have_is_held_against_the_review_it_had_then(tmp_path: Path) -> None:
    path = corpus(tmp_path / "first", OLD, "as_of: 2025-06-01\n")
    (source,) = (p for p in (tmp_path / "first").rglob("*.yaml") if p != path)
    approved = "review: {decision: approved, by: Li, on: 2025-01-02, expires: 2025-12-31}\n"
    source.write_text(source.read_text() + approved)
    first = run(path)
    for number, (as_of, gone) in enumerate((("2025-12-31", {0: first.run, 1: first.run}), ("2026-01-01", {1: None}))):
        folder = tmp_path / f"next{number}"
        sources, data = {"other": "paths: [corpus]\n"}, {"c.jsonl": lines({"text": STAYS}, {"text": GOES})}
        path = write_run(folder, sources, data, f"{ALONE}compare_with: [{first.run}]\nas_of: {as_of}\n")
        path.write_text(path.read_text().replace("ledger: ledger", f"ledger: {tmp_path / 'first' / 'ledger'}"))
        again = run(path)
        assert {row: r["kept_run"] for (_, row), r in again.removed.items()} == gone
        assert reasons(again) == (0, number, 0)


def two_sources(folder: Path, bad: str) -> Path:
    """A run over the sources bad (of the better licence and earlier) and good."""
    sources = {"bad": f"paths: [corpus/a.jsonl]\nlicence: MIT\n{bad}", "good": "paths: [corpus/c.jsonl]\n"}
    data = {"a.jsonl": lines({"text": STAYS}, {"text": GOES}), "c.jsonl": lines({"text": THIRD})}
    return write_run(folder, sources, data, ALONE + FILE_A_UNIT)


def test_a_forbidden_source_of_the_same_places_comes_last_and_the_evidence_says_so(tmp_path: Path) -> None:
    path = two_sources(tmp_path, "")
    (tmp_path / "corpus" / "c.jsonl").unlink()
    (tmp_path / "corpus" / "c.jsonl").write_text("")
    first = run(path)
    assert {r["decided_by"] for r in first.evidence} == {"length"}
    for review, kept, decided in (("", "a.jsonl", "earlier"), (REJECTED, "c.jsonl", "permitted")):
        path = two_sources(tmp_path, review)
        path.write_text(path.read_text() + f"compare_with: [{first.run}]\n")
        again = run(path)
        told = {(again.places()[r["kept_unit"]], r["decided_by"]) for r in again.evidence}
        assert (kept, decided) in told
        assert reasons(again) == (0, int(bool(review)), 0)
        if review:
            assert told == {("c.jsonl", "permitted")}
            assert {shard for shard, _ in again.removed} == {"a.jsonl"}


def test_what_the_newer_of_two_compared_runs_dropped_is_dropped(tmp_path: Path) -> None:
    """Run 1 kept STAYS; run 2, which knew nothing of run 1, kept a longer one and dropped STAYS."""
    first = run(corpus(tmp_path, OLD))
    longer = sentence([*BASE, 60, 61, 62, 63])
    second = run(corpus(tmp_path, {"c.jsonl": [longer]}))
    assert second.run > first.run or pytest.skip("both began within one second")
    assert set(second.removed) == {("a.jsonl", 0), ("b.jsonl", 0)}
    for order in ([first.run, second.run], [second.run, first.run]):
        third = run(corpus(tmp_path, {}, f"compare_with: [{', '.join(order)}]\n"))
        assert set(third.removed) == {("a.jsonl", 0), ("b.jsonl", 0)}
        assert {third.places()[r["kept_unit"]] for r in third.evidence} == {"c.jsonl"}
        assert reasons(third) == (0, 0, 1)
        (told,) = displaced(third)
        assert (told.earlier_run, told.reason, told.offset, told.records) == (first.run, "dropped", 0, 1)
        assert told.shard is not None
        assert told.shard.endswith("a.jsonl")


def test_nothing_changes_where_nothing_was_taken_back(tmp_path: Path) -> None:
    first = run(corpus(tmp_path, OLD))
    again = run(corpus(tmp_path, {"c.jsonl": [THIRD]}, f"compare_with: [{first.run}]\n"))
    assert reasons(again) == (0, 0, 0)
    assert not [name for name in again.files if name.startswith("duplicates/displaced/")]
    assert len(list(copies_of(again.store, load_manifest(again.store, sealed_run(again.store, again.run))))) == 2


def review(decision: str, expires: str | None = None) -> Review:
    return Review(decision, "Li", "2026-01-02", expires)


@pytest.mark.parametrize(
    ("now", "then", "permitted"),
    [
        (None, {}, True),
        (None, {"review": {"decision": "rejected"}}, False),
        (None, {"review": {"decision": "approved", "expires": "2026-06-01"}}, True),
        (None, {"review": {"decision": "approved", "expires": "2026-05-31"}}, False),
        (review("approved"), {"review": {"decision": "rejected"}}, True),  # what is known now is what counts
        (review("rejected"), {"review": {"decision": "approved"}}, False),
        (review("pending"), {}, True),
        (review("approved", "2026-05-31"), {}, False),
        (review("approved", "2026-06-01"), {}, True),
    ],
)
def test_a_source_is_permitted_unless_it_was_rejected_or_its_review_has_expired(
    now: Review | None, then: dict[str, object], permitted: bool
) -> None:
    known = [] if now is None else [Source("s", ("corpus",), review=now)]
    other = Source("other", ("x",), review=review("rejected"))
    assert is_permitted("s", [other, *known], then, "2026-06-01") == permitted
    assert is_permitted("s", [Source("s", ("corpus",))], {}, "2026-06-01")
