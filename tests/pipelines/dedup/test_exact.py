"""Exact copies: who is one, who stays, and that neither cuts nor order of units and segments matter."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.terms.reference import terms
from pipelines.dedup import exact, segments
from pipelines.dedup.steps import step_named
from tests.kit.copies import Held, carried, decisions, evidence, in_memory, removals, room_with, sentence

LONG = sentence(range(30))
SHOUTED = f"  {LONG.upper()}!! "
SHORT = sentence(range(19))
TEXTS = (
    "", "2+2", "2-2", "一", SHORT, SHORT + ".", LONG, SHOUTED, sentence(range(40)), sentence(range(40)).title(), "今天" * 15,
    "今天，" * 15,
)  # fmt: skip
UNITS = st.lists(st.lists(st.sampled_from((*TEXTS, None)), max_size=8), min_size=1, max_size=6)


def staying(units: list[list[str | None]], gone: set[tuple[int, int]]) -> list[str]:
    return sorted(text for unit, row, text in places(units) if (unit, row) not in gone)


def places(units: list[list[str | None]]) -> Iterator[tuple[int, int, str]]:
    """(unit, row, text) of every text, in order."""
    for unit, texts in enumerate(units):
        yield from ((unit, row, text) for row, text in enumerate(texts) if text is not None)


def known_by(text: str) -> str:
    """What exact copies share: the text; of twenty terms or more, its terms."""
    found = terms(text)
    return "folded " + " ".join(found) if len(found) >= 20 else "text " + text


@settings(max_examples=15)
@given(UNITS, st.integers(1, 6))
def test_every_text_stays_exactly_once_wherever_its_copies_lie(units: list[list[str | None]], per_segment: int) -> None:
    with in_memory() as folder:
        room = carried(room_with(folder, [Held(u) for u in units], per_segment=per_segment))
        removed = removals(room)
        left = staying(units, set(removed))
        there = {known_by(text) for texts in units for text in texts if text is not None}
        assert sorted(map(known_by, left)) == sorted(there), "each once"
        for (unit, row), why in removed.items():
            gone, stays = units[unit][row], units[why.kept[0]][why.kept[1]]
            assert gone is not None
            assert stays is not None
            assert why.kept not in removed, "what stays for a removed record is removed itself"
            assert why.scheme == ("content_id" if gone == stays else "folded")
            assert gone == stays or (terms(gone) == terms(stays) and len(terms(gone)) >= 20)
            assert why.exact_ppm == 1_000_000
            assert why.estimate_ppm == (None if why.scheme == "content_id" else 1_000_000)


@settings(max_examples=15)
@given(UNITS)
def test_decisions_say_what_evidence_says_row_after_row(units: list[list[str | None]]) -> None:
    with in_memory() as folder:
        room = carried(room_with(folder, [Held(u) for u in units]))
        removed, told = evidence(room).to_pylist(), decisions(room)
        assert sorted(told) == [n for n, u in enumerate(units) if any(t is not None for t in u)]
        for unit, rows in told.items():
            assert [r["row"] for r in rows] == Held(units[unit]).read
        dropped = [
            (unit, r["row"], r["rule"], r["cluster"])
            for unit, rows in sorted(told.items())
            for r in rows
            if r["decision"] == 2
        ]
        assert {r["decision"] for rows in told.values() for r in rows} <= {0, 2}
        assert [(u, row, c) for u, row, _, c in dropped] == [
            (r["removed_unit"], r["removed_row"], r["cluster"]) for r in removed
        ]
        # The rule is what took it away first, the scheme how alike it is to what stays in the end.
        seen = {text: (unit, row) for unit, row, text in reversed(list(places(units)))}
        assert [rule for _, _, rule, _ in dropped] == [
            "duplicates.exact" if seen[str(units[u][row])] < (u, row) else "duplicates.folded"
            for u, row, _, _ in dropped
        ]
        assert all(
            r["rule"] is None and r["cluster"] is None for rows in told.values() for r in rows if not r["decision"]
        )


@pytest.mark.parametrize(("one", "other"), [("2+2", "2-2"), (SHORT, SHORT.upper()), (SHORT, SHORT + "!")])
def test_short_texts_that_differ_in_case_or_punctuation_both_stay(tmp_path: Path, one: str, other: str) -> None:
    removed = removals(carried(room_with(tmp_path, [Held([one, other, one, other])])))
    assert {place: why.kept for place, why in removed.items()} == {(0, 2): (0, 0), (0, 3): (0, 1)}
    assert {why.scheme for why in removed.values()} == {"content_id"}


def test_of_twenty_terms_case_and_punctuation_are_nothing(tmp_path: Path) -> None:
    texts = [sentence(range(20)), sentence(range(20)).upper() + "?!"]
    (why,) = removals(carried(room_with(tmp_path, [Held(texts)]))).values()
    assert (why.scheme, why.exact_ppm, why.estimate_ppm) == ("folded", 1_000_000, 1_000_000)


def test_a_chain_of_content_folded_and_near_names_the_record_that_stays_in_the_end(tmp_path: Path) -> None:
    """Byte copies of a shouted copy of a near copy."""
    words = list(range(60))
    best = sentence([*words, 60])  # longer, so it is kept
    near = sentence(words)
    shouted = near.upper()
    units = [Held([shouted, shouted]), Held([shouted, near]), Held([best])]
    removed = removals(carried(room_with(tmp_path, units)))
    assert {why.kept for why in removed.values()} == {(2, 0)}
    assert set(removed) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert {(why.scheme, why.exact_ppm) for why in removed.values()} == {("affine32", 1_000_000 * 56 // 57)}
    assert {why.decided_by for why in removed.values()} == {"length"}


def test_a_unit_registered_twice_counts_for_each_source(tmp_path: Path) -> None:
    texts = [LONG, "a", "b", sentence(range(100, 130))]
    removed = removals(carried(room_with(tmp_path, [Held(texts, "a"), Held(texts, "b")])))
    assert {place: (why.kept, why.decided_by) for place, why in removed.items()} == {
        (1, row): ((0, row), "source") for row in range(4)
    }


def test_empty_units_and_units_without_a_long_record_are_no_trouble(tmp_path: Path) -> None:
    units = [Held([]), Held(["a", None, "b"]), Held([None, None]), Held([LONG]), Held([None, LONG, "a"])]
    assert {p: w.kept for p, w in removals(carried(room_with(tmp_path, units))).items()} == {
        (4, 1): (3, 0),
        (4, 2): (1, 0),
    }


def test_nothing_at_all_is_no_trouble(tmp_path: Path) -> None:
    for number, units in enumerate(([Held([])], [Held(["short"])], [Held([LONG])])):
        assert removals(carried(room_with(tmp_path / str(number), units))) == {}


def test_ranges_cover_every_hash_once(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(segments, "ROWS_A_TASK", 7)
    room = room_with(tmp_path, [Held([f"text {i}" for i in range(100)])])
    for step in ("segments", "standing", "content", "folded"):
        for task in step_named(step).cut_tasks(room):
            step_named(step).do_task(room, task)
    cut = [(int(t["low"]), int(t["high"])) for t in segments.cut_ranges(room, segments.CONTENT)]
    assert len(cut) == 15
    assert (cut[0][0], cut[-1][1]) == (0, 1 << 64)
    assert all(a[1] == b[0] for a, b in itertools.pairwise(cut))
    rows = [
        int(n)
        for low, high in cut
        for stream in segments.rows_between(room, segments.CONTENT, low, high)
        for block in stream
        for n in block["number"]
    ]
    assert sorted(rows) == list(range(100))


def test_a_hash_with_many_rows_costs_no_more_than_one_with_two(tmp_path: Path, monkeypatch) -> None:
    """Its edges leave the task in files of a bounded length; what is held of it meanwhile is one row."""
    monkeypatch.setattr(exact, "EDGES_HELD", 1000)
    monkeypatch.setattr(segments, "ROW_GROUP_ROWS", 500)
    monkeypatch.setattr(exact, "_counted", seen := Counted(exact._counted))
    room = carried(room_with(tmp_path, [Held(["same"] * 30_000), Held(["same"] * 30_000)]))
    files = [room.load(path, exact.COPY) for told in room.left("content") for path in told["files"]]
    assert sum(map(len, files)) == 59_999
    assert max(map(len, files)) <= 1000 + 500
    assert seen.distinct == [1]
    found = evidence(room)
    assert found.num_rows == 59_999
    assert set(found.column("kept_row").to_pylist()) == {0}
    assert set(found.column("kept_unit").to_pylist()) == {0}


class Counted:
    """`_counted`, watched: how many distinct hashes it came to."""

    def __init__(self, real) -> None:
        self.real, self.distinct = real, []

    def __call__(self, *given):
        found = self.real(*given)
        if len(found[0]):
            self.distinct.append(len(found[0]))
        return found


def test_ids_that_share_their_first_half_are_told_apart(tmp_path: Path) -> None:
    """2**-64 by chance; but whoever writes a corpus may look for such pairs."""
    high = np.array([3, 3, 3, 5, 5, 2**64 - 1, 2**64 - 1], np.uint64)
    low = np.array([1, 7, 9, 0, 2**64 - 1, 0, 2**64 - 1], np.uint64)
    block = {
        "hash": np.array([3, 3, 3, 3, 5, 5, 5, 2**64 - 1, 4], np.uint64),
        "more": np.array([1, 9, 7, 8, 2**64 - 1, 0, 1, 2**64 - 1, 0], np.uint64),
    }
    group, at = exact._groups_of((high, low), block)
    assert list(zip(at.tolist(), group.tolist(), strict=True)) == [(0, 0), (1, 2), (2, 1), (4, 4), (5, 3), (7, 6)]
