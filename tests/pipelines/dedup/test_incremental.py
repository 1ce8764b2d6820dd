"""A run that is compared with earlier ones: what they hold stays, what is new and a copy goes, and nothing is sealed twice."""

from pathlib import Path

import pytest

import pipelines.run as job
from schemas.errors import ConfigError
from tests.kit.command import here
from tests.kit.copies import content_id, jaccard_ppm, sentence
from tests.pipelines.dedup.runs import corpus, decisions, run, works_of

WORDS = list(range(60))
TEXT = sentence(WORDS)
LONGER = sentence([*WORDS, 60])
OTHER = sentence(range(1000, 1060))
FIRST = {"a.jsonl": [TEXT, "2+2", OTHER], "b.jsonl": ["2-2", OTHER.upper(), sentence(range(2000, 2050))]}


def next_to(folder: Path, files: dict[str, list[str]], more: str = "") -> Path:
    """A run over a corpus of its own, with the ledger of *folder*'s first one."""
    path = corpus(folder / "next", files, more)
    path.write_text(path.read_text().replace("ledger: ledger", f"ledger: {folder / 'first' / 'ledger'}"))
    return path


def with_more(path: Path, more: str) -> Path:
    path.write_text(path.read_text() + more)
    return path


def test_new_copies_of_what_an_earlier_run_holds_go_and_name_its_run(tmp_path: Path) -> None:
    first = run(corpus(tmp_path / "first", FIRST))
    assert set(first.removed) == {("b.jsonl", 1)}
    new = {"c.jsonl": [LONGER, "2+2", "2-2 ", OTHER.title(), "new", "new"]}
    again = run(next_to(tmp_path, new, f"compare_with: [{first.run}]\n"))
    told = {
        row: (r["scheme"], r["kept_run"], first.places().get(r["kept_unit"]), r["kept_row"], r["decided_by"])
        for (_, row), r in again.removed.items()
    }
    assert told == {
        0: ("affine32", first.run, "a.jsonl", 0, "earlier"),  # though longer
        1: ("content_id", first.run, "a.jsonl", 1, "earlier"),
        3: ("folded", first.run, "a.jsonl", 2, "earlier"),
        5: ("content_id", None, "a.jsonl", 4, "place"),  # unit 0 here
    }
    assert again.removed["c.jsonl", 0]["exact_ppm"] == jaccard_ppm(LONGER, TEXT)
    assert [r.hex() for r in {e["cluster"] for e in again.evidence if e["scheme"] == "affine32"}] == [
        content_id(TEXT)[:32]
    ]
    # Nothing of the earlier run is decided anew: its units have no decisions here, its own lie as they were.
    assert set(decisions(again)) == {"c.jsonl"}


def test_without_compare_with_nothing_is_compared(tmp_path: Path) -> None:
    run(corpus(tmp_path / "first", FIRST))
    assert run(next_to(tmp_path, {"c.jsonl": [TEXT, "2+2"]})).removed == {}


def test_a_shard_of_both_runs_is_no_copy_of_itself_and_its_segments_are_taken_as_they_are(tmp_path: Path) -> None:
    path = corpus(tmp_path, FIRST)
    first = run(path)
    corpus(tmp_path, {"c.jsonl": [LONGER, "2+2", "fresh"]}, f"compare_with: [{first.run}]\n")
    again = run(path)
    assert set(again.removed) == {("b.jsonl", 1), ("c.jsonl", 0), ("c.jsonl", 1)}
    assert {r["kept_run"] for r in again.evidence} == {None}
    assert {again.removed["c.jsonl", row]["decided_by"] for row in (0, 1)} == {"earlier"}
    assert [str(d) for d in decisions(first).values()] == [
        str(d) for s, d in decisions(again).items() if s != "c.jsonl"
    ]
    # The earlier segments stand in the new run's index by their own digests; what is written holds the new unit alone.
    assert set(first.index.values()) < set(again.index.values())
    written = [name for name, digest in again.index.items() if digest not in first.index.values()]
    assert len(written) == 3
    assert {len(works_of(again, name)) for name in written} == {1}


def test_a_run_that_is_not_compared_takes_the_newest_runs_segments_too(tmp_path: Path) -> None:
    path = corpus(tmp_path, FIRST)
    first, again = run(path), run(path)
    assert again.index == first.index
    assert again.evidence == first.evidence


def test_what_an_earlier_run_dropped_stands_for_nothing(tmp_path: Path) -> None:
    """New is a copy of what went, not of what stayed for it."""
    base = list(range(100))
    stayed, went = sentence([*base, 100]), sentence([*range(1000, 1006), *base[6:]])
    new = sentence([*range(1000, 1006), *base[6:-6], *range(3000, 3006)])
    assert jaccard_ppm(stayed, went) >= 800_000
    assert jaccard_ppm(went, new) >= 800_000
    assert jaccard_ppm(stayed, new) < 800_000
    first = run(corpus(tmp_path / "first", {"a.jsonl": [went, stayed]}))
    assert set(first.removed) == {("a.jsonl", 0)}
    again = run(next_to(tmp_path, {"c.jsonl": [new, went]}, f"compare_with: [{first.run}]\n"))
    # Of the two new ones `went` is a near copy of what stayed; `new` is near it alone, and stays.
    assert {row: r["kept_run"] for (_, row), r in again.removed.items()} == {1: first.run}


def test_what_stayed_stays_in_the_next_run_of_the_same_places(tmp_path: Path) -> None:
    """However many new copies of what went for it come along."""
    base = list(range(100))
    stayed, went = sentence([*base, 100]), sentence([*range(1000, 1006), *base[6:]])
    path = corpus(tmp_path, {"b.jsonl": [stayed, went]})
    first = run(path)
    assert set(first.removed) == {("b.jsonl", 1)}
    more = [sentence([*range(1000, 1006), *base[6:-1], 3000 + i]) for i in range(4)]
    corpus(tmp_path, {"a.jsonl": more}, f"compare_with: [{first.run}]\n")
    again = run(path)
    assert set(again.removed) == {("b.jsonl", 1), *(("a.jsonl", row) for row in range(4))}
    assert {(r["kept_row"], again.places()[r["kept_unit"]]) for r in again.evidence} == {(0, "b.jsonl")}


def test_two_compared_runs_with_the_same_shard_are_one_place(tmp_path: Path) -> None:
    path = corpus(tmp_path / "first", FIRST)
    first = run(path)
    corpus(tmp_path / "first", {"c.jsonl": [sentence(range(5000, 5060))]}, f"compare_with: [{first.run}]\n")
    second = run(path)
    new = {"d.jsonl": [LONGER, sentence(range(5000, 5061)), "2-2"]}
    third = run(next_to(tmp_path, new, f"compare_with: [{first.run}, {second.run}]\n"))
    assert {row: r["kept_run"] for (_, row), r in third.removed.items()} == {0: first.run, 1: second.run, 2: first.run}


@pytest.mark.parametrize("change", ["changed", "gone"])
def test_an_earlier_shard_that_cannot_be_read_as_it_was_is_judged_by_estimate(tmp_path: Path, change: str) -> None:
    first = run(corpus(tmp_path / "first", FIRST))
    shard = tmp_path / "first" / "corpus" / "a.jsonl"
    if change == "gone":
        shard.unlink()
    else:
        shard.write_bytes(shard.read_bytes() + b"\n")
    again = run(next_to(tmp_path, {"c.jsonl": [LONGER, "2+2"]}, f"compare_with: [{first.run}]\n"))
    told = {row: (r["scheme"], r["exact_ppm"], r["kept_run"]) for (_, row), r in again.removed.items()}
    assert told == {0: ("affine32", None, first.run), 1: ("content_id", 1_000_000, first.run)}
    assert again.removed["c.jsonl", 0]["estimate_ppm"] >= 800_000
    assert again.cost["removed_by_estimate"] == 1
    measures = {m["measure"]: m["value"] for m in again.result["measures"] if m["check"] == "duplicates"}
    assert (measures["removals_by_estimate"], measures["near_duplicate_records"]) == (1, 1)
    assert measures["wrong_removals_expected"] == 1  # rounded up: never said to be none


@pytest.mark.parametrize(
    ("settings", "named"),
    [("shortest_terms: 10", "shortest_terms '20' there, '10' here"), ("bands: 8", "bands '16' there, '8' here")],
)
def test_another_scheme_is_refused_before_a_worker_starts(
    tmp_path: Path, monkeypatch, settings: str, named: str
) -> None:
    first = run(corpus(tmp_path, FIRST))
    path = corpus(tmp_path, {}, f"compare_with: [{first.run}]\n")
    path.write_text(path.read_text().replace("checks: {", f"checks: {{duplicates: {{{settings}}}, "))
    monkeypatch.setattr(job, "_carry_scan", lambda *_: pytest.fail("a worker was started"))
    done = here("run", path)
    assert done.code == 2
    assert f"compare_with: the signatures of run {first.run} cannot be compared with these ({named})" in done.err
    assert "use its settings, or run its corpus again" in done.err


def test_a_run_that_is_not_there_is_refused(tmp_path: Path, monkeypatch) -> None:
    path = corpus(tmp_path, FIRST, "compare_with: [20200101T000000Z-12345678]\n")
    monkeypatch.setattr(job, "_carry_scan", lambda *_: pytest.fail("a worker was started"))
    done = here("run", path)
    assert done.code in (2, 3)
    assert "20200101T000000Z-12345678" in done.err


def test_compare_with_needs_the_check(tmp_path: Path) -> None:
    first = run(corpus(tmp_path, FIRST))
    path = corpus(tmp_path, {}, f"compare_with: [{first.run}]\n")
    path.write_text(path.read_text().replace("checks: {", "checks: {duplicates: off, "))
    with pytest.raises(ConfigError, match="compare_with needs the check `duplicates`, which is off"):
        run(path)


def test_an_erased_record_is_neither_kept_for_another_nor_removed(tmp_path: Path) -> None:
    files = {"a.jsonl": ["erased", TEXT, "x"], "b.jsonl": ["erased", "erased", LONGER, "x"]}
    path = corpus(tmp_path, files, "lists: {tombstones: erased.txt}\n")
    (tmp_path / "erased.txt").write_text(f"{content_id('erased')}  # request 1\n{content_id(LONGER).upper()}\n")
    found = run(path)
    assert set(found.removed) == {("b.jsonl", 3)}
    assert found.removed["b.jsonl", 3]["kept_row"] == 2


def test_a_compared_runs_erased_record_stands_for_nothing(tmp_path: Path) -> None:
    first = run(corpus(tmp_path / "first", FIRST))
    (tmp_path / "next").mkdir()
    (tmp_path / "next" / "erased.txt").write_text(content_id(TEXT))
    more = f"compare_with: [{first.run}]\nlists: {{tombstones: erased.txt}}\n"
    again = run(next_to(tmp_path, {"c.jsonl": [LONGER, TEXT, "2+2"]}, more))
    assert set(again.removed) == {("c.jsonl", 2)}
