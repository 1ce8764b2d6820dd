"""How much of each source is a copy of each other one: by hand, and against counting group by group."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from checks.terms.reference import terms
from pipelines.dedup import decide
from pipelines.dedup.outcome import outcome_of
from pipelines.dedup.overlap import distinct_sources
from pipelines.dedup.room import Room
from pipelines.sorted_rows import opened
from tests.kit.copies import Held, carried, removals, room_with, sentence, variants

X, Y, Z = sentence(range(5)), sentence(range(100, 107)), sentence(range(200, 203))
LONG = sentence(range(60))
UNIQUE = [f"unique {i}" for i in range(9)]


def overlap(room: Room) -> list[dict[str, Any]]:
    (told,) = room.left("overlap")
    digest = told["overlap"]["sha256"]
    return [] if digest is None else pq.read_table(opened(room.store, digest)).to_pylist()


def matrix(room: Room) -> dict[tuple[str, str, str | None], tuple[int, int, int]]:
    """(source, other, run of the other) -> records, terms, records of the source."""
    return {
        (r["source"], r["other"], r["other_run"]): (r["records"], r["terms"], r["records_of_source"])
        for r in overlap(room)
    }


def test_three_sources_by_hand(tmp_path: Path) -> None:
    units = [Held([X, X, Y, UNIQUE[0], UNIQUE[5]], "a"), Held([X, Y, Y, Y], "b"), Held([X, Z, Z, *UNIQUE[1:4]], "c")]
    room = carried(room_with(tmp_path, units))
    assert matrix(room) == {
        ("a", "a", None): (1, 5, 5), ("a", "b", None): (3, 17, 5), ("a", "c", None): (2, 10, 5),
        ("b", "a", None): (4, 26, 4), ("b", "b", None): (2, 14, 4), ("b", "c", None): (1, 5, 4),
        ("c", "a", None): (1, 5, 6), ("c", "b", None): (1, 5, 6), ("c", "c", None): (1, 3, 6),
    }  # fmt: skip
    seen = outcome_of(room)
    assert {s: c.elsewhere for s, c in seen.copies.items()} == {"a": 3, "b": 4, "c": 1}
    assert {s: (c.exact, c.folded, c.near) for s, c in seen.copies.items()} == {
        "a": (1, 0, 0),
        "b": (4, 0, 0),
        "c": (2, 0, 0),
    }
    assert seen.distinct == 2  # three of five records of a are in b as well, two of five in c


def test_folded_and_near_copies_count_like_those_of_equal_bytes(tmp_path: Path) -> None:
    units = [Held([LONG], "a"), Held([LONG.upper(), f"{LONG} more", UNIQUE[0]], "b"), Held(UNIQUE[1:3], "c")]
    room = carried(room_with(tmp_path, units))
    assert {k: v[0] for k, v in matrix(room).items()} == {("a", "b", None): 1, ("b", "a", None): 2, ("b", "b", None): 1}
    assert matrix(room)["b", "a", None][1] == 60 + 61
    seen = outcome_of(room)
    assert {s: c.dropped for s, c in seen.copies.items()} == {"a": 1, "b": 1, "c": 0}
    assert {s: c.elsewhere for s, c in seen.copies.items()} == {"a": 1, "b": 2, "c": 0}
    assert seen.distinct == 2


def test_a_source_of_a_compared_run_is_an_other_one_and_none_of_this_runs(tmp_path: Path) -> None:
    units = [Held([X, X, UNIQUE[0]], "a"), Held([X], "a", run="before"), Held([X, Y], "b", run="before")]
    room = carried(room_with(tmp_path, units))
    assert {k: (v[0], v[2]) for k, v in matrix(room).items()} == {
        ("a", "a", None): (1, 3), ("a", "a", "before"): (2, 3),
    }  # fmt: skip
    seen = outcome_of(room)
    assert set(seen.copies) == {"a"}
    assert (seen.copies["a"].exact, seen.distinct) == (2, 1)


def test_without_copies_there_is_no_table_and_every_source_with_records_counts(tmp_path: Path) -> None:
    room = carried(
        room_with(tmp_path, [Held(UNIQUE[:2], "a"), Held(UNIQUE[2:4], "b"), Held([None], "c"), Held([], "d")])
    )
    assert overlap(room) == []
    assert outcome_of(room).distinct == 2


@pytest.mark.parametrize(
    ("copied", "looked", "mostly_ppm", "distinct"),
    [
        ({(0, 1): 49}, [100, 100], 500_000, 2),
        ({(0, 1): 50}, [100, 100], 500_000, 1),
        ({(0, 1): 50, (1, 0): 1}, [100, 1000], 500_000, 1),  # a part of a large one is no source of its own
        ({(0, 1): 90, (1, 2): 90}, [100, 100, 100], 500_000, 1),  # one after another
        ({(0, 1): 90, (2, 3): 90}, [100, 100, 100, 100], 500_000, 2),
        ({(0, 0): 100}, [100, 100], 500_000, 2),  # copies within a source say nothing of another
        ({(0, 2): 100}, [100, 100], 500_000, 2),  # a compared run's
        ({(0, 1): 100}, [100, 100, 0], 1_000_000, 1),
        ({(0, 1): 99}, [100, 100, 0], 1_000_000, 2),
        ({}, [0, 0], 1, 0),
    ],
)
def test_sources_that_are_mostly_copies_are_one(
    copied: dict[tuple[int, int], int], looked: list[int], mostly_ppm: int, distinct: int
) -> None:
    assert distinct_sources(copied, looked, mostly_ppm) == distinct


def test_the_matrix_is_what_counting_group_by_group_gives(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(decide, "ROWS_A_PART", 20)
    monkeypatch.setattr(decide, "UNITS_A_TASK", 2)
    rng = np.random.default_rng(8)
    texts = [*variants(rng, 400, 60, 80, 3), *(f"short {i % 50}" for i in range(150))]
    texts = [texts[i] for i in rng.permutation(len(texts))]
    units = [Held(texts[i : i + 50], "abcd"[i // 50 % 4]) for i in range(0, len(texts), 50)]
    room = carried(room_with(tmp_path, units))
    removed = removals(room)
    groups: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for unit, held in enumerate(units):
        for row, text in enumerate(held.texts):
            stays = removed[unit, row].kept if (unit, row) in removed else (unit, row)
            groups.setdefault(stays, []).append((held.source, len(terms(str(text)))))
    records: Counter[tuple[str, str]] = Counter()
    many_terms: Counter[tuple[str, str]] = Counter()
    for members in groups.values():
        count = Counter(s for s, _ in members)
        for source, _ in members:
            for other in count:
                if other != source:
                    records[source, other] += 1
        for source, length in members:
            for other in count:
                if other != source:
                    many_terms[source, other] += length
        for source in count:
            records[source, source] += count[source] - 1
    told = matrix(room)
    assert {k[:2]: v[0] for k, v in told.items()} == {k: n for k, n in records.items() if n}
    assert {k[:2]: v[1] for k, v in told.items() if k[0] != k[1]} == dict(many_terms)
    assert len(room.left("deciding")) > 3
