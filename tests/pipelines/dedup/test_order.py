"""Who stays: every field of the order decides a case of its own, and the evidence names it."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from checks.licence.classes import CLASSES
from pipelines.dedup.standing import FIELDS
from tests.kit.copies import Held, Removal, carried, content_id, removals, room_with, sentence

TEXT = sentence(range(50))
NEAR = sentence([*range(49), 99])
"""Of equal length, and a near copy of TEXT: 45 of 47 shingles."""


def columns(check: str, **values: Any) -> Mapping[str, Mapping[str, Any]]:
    return {check: {name: [value] for name, value in values.items()}}


def decided(folder: Path, units: list[Held], **more: Any) -> tuple[tuple[int, int], Removal]:
    """(place that goes, why) of the one removal."""
    (found,) = removals(carried(room_with(folder, units, **more))).items()
    return found


def better_and_worse(field: str) -> tuple[Held, Held]:
    """Two units of one text, of which the first is better in *field*, and in what follows it in the order is worse."""
    worse_in = FIELDS[FIELDS.index(field) + 1 :]
    rows: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "licence": (columns("licence", licence_class="permissive"), columns("licence", licence_class="non-commercial")),
        "personal": (columns("personal", n_found=0), columns("personal", n_found=3)),
        "damage": (columns("quality", bad=1, mojibake=1), columns("quality", bad=0, mojibake=3)),
        "date": (columns("provenance", date="2024-05"), columns("provenance", date="2024-06-01")),
    }
    good: dict[str, Any] = {}
    bad: dict[str, Any] = {}
    for name, (a, b) in rows.items():
        if name == field:
            good |= a
            bad |= b
        elif name in worse_in:
            good |= b
            bad |= a
    one, other = Held([TEXT], "b", columns=good), Held([TEXT], "a", columns=bad)
    if field == "provenance":
        other = replace(other, registered=False)
    elif "provenance" in worse_in:
        one = replace(one, registered=False)
    return one, other


@pytest.mark.parametrize("field", ["licence", "provenance", "personal", "damage", "date"])
@pytest.mark.parametrize("best_first", [True, False])
def test_a_field_of_the_order_decides_against_all_that_follow_it(tmp_path: Path, field: str, best_first: bool) -> None:
    one, other = better_and_worse(field)
    units = [one, other] if best_first else [other, one]
    gone, why = decided(tmp_path, units)
    assert (gone, why.kept, why.decided_by) == ((int(best_first), 0), (int(not best_first), 0), field)


@pytest.mark.parametrize(
    ("better", "worse"),
    list(itertools.pairwise(CLASSES)),
)
def test_of_two_licence_classes_the_less_restrictive_stays(tmp_path: Path, better: str, worse: str) -> None:
    units = [Held([TEXT], columns=columns("licence", licence_class=c)) for c in (worse, better)]
    gone, why = decided(tmp_path, units)
    assert (gone, why.decided_by) == ((0, 0), "licence")


def test_without_the_licence_check_a_declared_licence_decides(tmp_path: Path) -> None:
    gone, why = decided(tmp_path, [Held([TEXT], "a", licensed=False), Held([TEXT], "b")])
    assert (gone, why.decided_by) == ((0, 0), "licence")


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("2024-01-31", "2024-02-01"),
        ("2024-01-31", "2024-01"),
        ("2023-12-31", "2024"),
        ("2024-12", "2024"),
        ("2024", None),
    ],
)
def test_the_earlier_date_stays_and_what_is_known_exactly(tmp_path: Path, better: str, worse: str | None) -> None:
    units = [Held([TEXT], columns=columns("provenance", date=d)) for d in (worse, better)]
    gone, why = decided(tmp_path, units)
    assert (gone, why.decided_by) == ((0, 0), "date")


def test_an_earlier_run_decides_before_anything_else(tmp_path: Path) -> None:
    worst = {**columns("licence", licence_class="restricted"), **columns("personal", n_found=9)}
    theirs = Held([TEXT], "z", run="before", registered=False, columns=worst)
    gone, why = decided(tmp_path, [Held([sentence(range(51))]), theirs])
    assert (gone, why.kept, why.kept_run, why.decided_by) == ((0, 0), (1, 0), "before", "earlier")


def test_the_longer_of_two_near_copies_stays(tmp_path: Path) -> None:
    gone, why = decided(tmp_path, [Held([TEXT], "a"), Held([sentence(range(51))], "b")])
    assert (gone, why.decided_by) == ((0, 0), "length")


def test_of_near_copies_of_equal_standing_the_one_that_most_are_copies_of_stays(tmp_path: Path) -> None:
    """A middle of three: its neighbours are no copies of each other, and one of them is longer."""
    middle = list(range(100))
    left, right = [*range(1000, 1008), *middle[8:]], [*middle[:-8], *range(2000, 2009)]
    unit = Held([sentence(left), sentence(middle), sentence(right)])
    removed = removals(carried(room_with(tmp_path, [unit])))
    assert {row: (why.kept, why.decided_by) for (_, row), why in removed.items()} == {
        0: ((0, 1), "neighbours"), 2: ((0, 1), "neighbours"),
    }  # fmt: skip


def test_a_copy_of_a_copy_is_told_of_the_same_field(tmp_path: Path) -> None:
    """Byte copies of a record that went for its few neighbours went for them too."""
    middle = list(range(100))
    left, right = [*range(1000, 1008), *middle[8:]], [*middle[:-8], *range(2000, 2009)]
    unit = Held([sentence(left), sentence(middle), sentence(right), sentence(right), sentence(right).upper()])
    removed = removals(carried(room_with(tmp_path, [unit])))
    assert {(row, why.kept, why.decided_by) for (_, row), why in removed.items()} == {
        (row, (0, 1), "neighbours") for row in (0, 2, 3, 4)
    }


def test_the_source_decides_then_the_content_id_then_the_place(tmp_path: Path) -> None:
    gone, why = decided(tmp_path / "source", [Held([TEXT], "b"), Held([NEAR], "a")])
    assert (gone, why.decided_by) == ((0, 0), "source")
    less, greater = sorted([TEXT, NEAR], key=content_id)
    for number, texts in enumerate(([less, greater], [greater, less])):
        gone, why = decided(tmp_path / str(number), [Held(texts)])
        assert (texts[gone[1]], why.decided_by) == (greater, "content_id")
    gone, why = decided(tmp_path / "place", [Held([TEXT]), Held([TEXT])])
    assert (gone, why.decided_by) == ((1, 0), "place")


def test_the_order_of_fields_is_that_of_the_data_path() -> None:
    assert FIELDS == (
        "permitted", "earlier", "licence", "provenance", "personal", "damage", "neighbours", "length", "date", "source", "content_id", "place",
    )  # fmt: skip


def test_what_stayed_in_an_earlier_run_stays_though_more_are_near_what_it_dropped(tmp_path: Path) -> None:
    """The same place in both runs: row 0 stayed, row 1 went for it; now more copies of row 1 come."""
    base = list(range(100))
    stayed, went = sentence(base), sentence([*range(1000, 1006), *base[6:]])
    more = [sentence([*range(1000, 1006), *base[6:-1], 3000 + i]) for i in range(3)]
    rng = np.random.default_rng(1)
    earlier = Held([stayed, went, sentence(rng.integers(0, 1 << 30, 50).tolist())], earlier=True, dropped=(1,))
    removed = removals(carried(room_with(tmp_path, [earlier, Held(more)])))
    assert (0, 0) not in removed
    assert removed[0, 1].kept == (0, 0)
    assert {why.kept for why in removed.values()} == {(0, 0)}
    assert {(why.decided_by, why.kept_run) for why in removed.values()} == {("earlier", None)}
