"""Near copies: nobody goes who is not one, by the reference's own Jaccard, in every mode and for every cut."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from manifests.store import LocalStore
from pipelines.dedup import candidates, clusters, decide, exact, pairs, ranged, rounds, segments, standing
from pipelines.dedup import shingles as second_read
from pipelines.dedup.outcome import outcome_of
from pipelines.dedup.room import Room
from schemas.errors import RunError
from tests.kit.copies import (
    THRESHOLD_PPM,
    Held,
    Removal,
    carried,
    in_memory,
    jaccard_ppm,
    removals,
    room_with,
    sentence,
    shingle_set,
    variants,
)

CHAIN = [sentence(range(i, i + 60)) for i in range(1_000)]
"""Neighbours share 55 of 57 shingles; from the seventh on, less than 0.8."""
HAN = "".join(chr(0x4E00 + i) for i in range(3_000))


def cut(texts: Sequence[str], units: int) -> list[Held]:
    size = -(-len(texts) // units)
    return [Held(texts[i : i + size]) for i in range(0, len(texts), size)]


def told_of(units: Sequence[Held], removed: dict[tuple[int, int], Removal]) -> dict[str, tuple[str | None, Removal]]:
    """Text -> the text that stays for it, and why: what is equal for every cut and order of files."""
    return {
        str(units[u].texts[r]): (units[why.kept[0]].texts[why.kept[1]], why._replace(kept=(0, 0)))
        for (u, r), why in removed.items()
    }


def pairs_above(texts: Sequence[str], least_ppm: int) -> list[tuple[int, int]]:
    """Every pair of at least that Jaccard, by brute force over shared shingles."""
    sets = [shingle_set(t) for t in texts]
    holders: dict[int, list[int]] = {}
    for row, found in enumerate(sets):
        for value in found:
            holders.setdefault(value, []).append(row)
    shared = Counter(p for rows in holders.values() for p in itertools.combinations(rows, 2))
    return [(a, b) for (a, b), n in shared.items() if 1_000_000 * n >= least_ppm * (len(sets[a]) + len(sets[b]) - n)]


def mixed(seed: int) -> list[str]:
    """Seeded text of words, and of Han characters, with near copies at every distance."""
    rng = np.random.default_rng(seed)
    english = list(variants(rng, 500, 60, 120, 4))
    chinese = []
    for _ in range(40):
        base = rng.integers(0, len(HAN), 150)
        for _ in range(8):
            edited = base.copy()
            at = rng.choice(150, rng.integers(0, 4), replace=False)
            edited[at] = rng.integers(0, len(HAN), len(at))
            chinese.append("".join(HAN[i] for i in edited))
    return list(dict.fromkeys([*english, *chinese]))


@pytest.fixture(scope="module")
def chain() -> dict[str, tuple[str | None, Removal]]:
    """What is told of the chain as one file in order."""
    with in_memory() as folder:
        return told_of([Held(CHAIN)], removals(carried(room_with(folder, [Held(CHAIN)]))))


def test_of_a_chain_nobody_goes_who_is_far_from_what_stays(chain) -> None:
    for gone, (stays, why) in chain.items():
        assert stays is not None
        assert why.exact_ppm == jaccard_ppm(gone, stays) >= THRESHOLD_PPM
        assert why.scheme == "affine32"
    left = [text for text in CHAIN if text not in chain]
    assert {stays for stays, _ in chain.values()} <= set(left)
    # Those that fail against the first are compared with each other: of those that stay no two are copies.
    assert all(jaccard_ppm(a, b) < THRESHOLD_PPM for a, b in itertools.combinations(left, 2))
    assert len(left) <= 1_000 // 7 + 1 + 40  # one in 13 at best, one in 7 at worst; and the ends of gaps


@pytest.mark.parametrize(("units", "per_segment", "seed"), [(7, 2, 1), (11, 11, 2)])
def test_the_chain_comes_to_the_same_in_any_order_and_cut(
    tmp_path: Path, monkeypatch, chain, units: int, per_segment: int, seed: int
) -> None:
    for module, name, value in (
        (segments, "ROWS_A_TASK", 3_000),
        (pairs, "PAIRS_A_TASK", 700),
        (clusters, "EDGES_HELD", 50),
    ):
        monkeypatch.setattr(module, name, value)
    held = cut(np.random.default_rng(seed).permutation(CHAIN).tolist(), units)
    room = carried(room_with(tmp_path, held, per_segment=per_segment))
    assert told_of(held, removals(room)) == chain
    assert sum(t["clusters"] for t in room.left("forest")) == 1
    assert len(room.left("pairs")) > 3


def everything(room: Room) -> list[str]:
    """Digests of all evidence and decisions."""
    return [d for t in room.left("deciding") for d in (t["evidence"]["sha256"], *(u["sha256"] for u in t["units"]))]


def test_evidence_and_decisions_are_the_same_bytes_for_tasks_of_any_size(tmp_path: Path, monkeypatch) -> None:
    held = cut([*mixed(3), *mixed(3)[:50]], 9)
    whole = everything(carried(room_with(tmp_path / "whole", held)))
    small = (
        (segments, "ROWS_A_TASK", 1_000), (segments, "ROW_GROUP_ROWS", 100), (pairs, "PAIRS_A_TASK", 300),
        (pairs, "SIGNATURES_HELD", 7), (candidates, "HOT_ROWS", 64), (candidates, "PAIRS_HELD", 100),
        (clusters, "NODES_A_TASK", 20), (clusters, "EDGES_HELD", 50), (second_read, "VALUES_HELD", 300),
        (standing, "UNITS_A_TASK", 2), (exact, "EDGES_HELD", 3), (decide, "ROWS_A_PART", 10),
    )  # fmt: skip
    for module, name, value in small:
        assert hasattr(module, name)
        monkeypatch.setattr(module, name, value)
    room = carried(room_with(tmp_path / "small", held, per_segment=2))
    assert everything(room) == whole
    tasks = {step: len(room.left(step)) for step in ("segments", "standing", "candidates", "pairs", "settling")}
    assert min(tasks.values()) > 4, tasks


class Far(LocalStore):
    """A store whose files no reader can map into memory."""

    def local_path(self, path: str) -> Path:
        return None  # type: ignore[return-value]  # as an object store answers


def test_a_ledger_on_an_object_store_comes_to_the_same_bytes(tmp_path: Path) -> None:
    held = cut([*mixed(3), *mixed(3)[:50]], 9)
    near = carried(room_with(tmp_path / "near", held))
    room = room_with(tmp_path / "far", held)
    assert isinstance(room.store, LocalStore)
    far = carried(replace(room, desk=replace(room.desk, store=Far(room.store.root))))
    assert everything(far) == everything(near)


def test_exact_mode_has_precision_one_and_finds_what_brute_force_finds(tmp_path: Path) -> None:
    texts = mixed(4)
    room = carried(room_with(tmp_path, cut(texts, 3)))
    size = -(-len(texts) // 3)
    removed = {u * size + r: (w.kept[0] * size + w.kept[1], w) for (u, r), w in removals(room).items()}
    assert len(removed) > 200
    for gone, (stays, why) in removed.items():
        assert why.exact_ppm == jaccard_ppm(texts[gone], texts[stays]) >= THRESHOLD_PPM
    true = pairs_above(texts, THRESHOLD_PPM)
    together = sum(removed.get(a, (a, None))[0] == removed.get(b, (b, None))[0] for a, b in true)
    assert len(true) > 500
    assert together >= 0.9 * len(true)  # Jaccard is not transitive: a pair may go to two records that stay
    cost = outcome_of(room).cost
    assert cost["removed_by_estimate"] == 0
    assert cost["pairs_judged"] >= len(true) * 0.94


def test_near_mode_measures_only_what_lies_near_the_threshold(tmp_path: Path) -> None:
    texts = [*mixed(5), *CHAIN[:300]]
    exactly = outcome_of(carried(room_with(tmp_path / "exact", cut(texts, 4)))).cost
    room = carried(room_with(tmp_path / "near", cut(texts, 4), verify="near"))
    found, seen = removals(room), outcome_of(room)
    for why in found.values():
        assert why.estimate_ppm is not None
        close = abs(why.estimate_ppm - THRESHOLD_PPM) <= 100_000
        assert (why.exact_ppm is not None) == close, "measured near the threshold, and nowhere else"
        assert (why.estimate_ppm if why.exact_ppm is None else why.exact_ppm) >= THRESHOLD_PPM
    by_estimate = sum(why.exact_ppm is None for why in found.values())
    assert 0 < by_estimate < len(found)
    assert seen.cost["removed_by_estimate"] == by_estimate
    assert 0 < seen.wrong_ppm < by_estimate * 10_000  # estimated at 0.9 or more: hardly ever wrong
    assert seen.cost["records_read_twice"] <= exactly["records_read_twice"]


def test_far_from_the_threshold_near_mode_reads_nothing(tmp_path: Path) -> None:
    texts = [sentence([*range(100), 200 + i]) for i in range(20)]  # Jaccard 96 of 98
    room = carried(room_with(tmp_path, cut(texts, 2), verify="near"))
    assert {why.exact_ppm for why in removals(room).values()} == {None}
    assert len(removals(room)) == 19
    assert (outcome_of(room).cost["records_read_twice"], outcome_of(room).cost["units_read_twice"]) == (0, 0)


def test_estimate_mode_reads_nothing_twice_and_says_how_many_may_be_wrong(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(second_read, "read_sets", lambda *_: pytest.fail("a unit was read"))
    texts = mixed(6)
    room = carried(room_with(tmp_path, [Held(texts)], verify="estimate"))
    removed, seen = removals(room), outcome_of(room)
    assert {why.exact_ppm for why in removed.values()} == {None}
    assert all(why.estimate_ppm is not None and why.estimate_ppm >= THRESHOLD_PPM for why in removed.values())
    assert seen.cost["removed_by_estimate"] == len(removed) > 100
    wrong = sum(jaccard_ppm(texts[r], texts[why.kept[1]]) < THRESHOLD_PPM for (_, r), why in removed.items())
    assert 0 < wrong <= 2 * seen.wrong_ppm / 1_000_000 + 10
    assert seen.wrong_ppm > 1_000_000


@pytest.mark.parametrize("lost", ["kills", "gone", "changed"])
def test_a_compared_unit_that_cannot_be_read_again_is_judged_by_estimate_and_the_evidence_says_so(
    tmp_path: Path, lost: str
) -> None:
    base = [sentence(np.random.default_rng(i).integers(0, 1 << 30, 60).tolist()) for i in range(4)]
    ours = [f"{text} more" for text in base]
    room = carried(room_with(tmp_path, [Held(ours), Held(base[:2], run="x", lost=lost), Held(base[2:], run="x")]))
    removed = removals(room)
    assert {place: why.kept for place, why in removed.items()} == {
        (0, 0): (1, 0), (0, 1): (1, 1), (0, 2): (2, 0), (0, 3): (2, 1),
    }  # fmt: skip
    assert [removed[0, row].exact_ppm for row in range(4)] == [None, None, 1_000_000 * 56 // 57, 1_000_000 * 56 // 57]
    assert outcome_of(room).cost["removed_by_estimate"] == 2
    assert outcome_of(room).cost["units_read_twice"] == 2


def test_a_poisoned_unit_of_the_run_itself_is_judged_by_estimate(tmp_path: Path) -> None:
    texts = [sentence([*range(60), 100 + i]) for i in range(3)]
    removed = removals(carried(room_with(tmp_path, [Held(texts[:2]), Held([None, texts[2]], lost="kills")])))
    assert len(removed) == 2
    assert sum(why.exact_ppm is None for why in removed.values()) >= 1
    assert {p for p, why in removed.items() if why.exact_ppm is None} == {
        p for p, why in removed.items() if 1 in (p[0], why.kept[0])
    }


def test_a_unit_of_the_run_itself_that_changed_is_an_error(tmp_path: Path) -> None:
    texts = [sentence([*range(60), 100 + i]) for i in range(3)]
    with pytest.raises(RunError, match=r"00000000\.jsonl: changed while read; stop its writer and run again"):
        carried(room_with(tmp_path, [Held(texts, lost="changed")]))


def test_rows_that_could_not_be_read_leave_gaps_in_the_numbers(tmp_path: Path) -> None:
    texts = [None, sentence(range(60)), None, None, sentence(range(61)), "short", None]
    removed = removals(carried(room_with(tmp_path, [Held(texts), Held([None, sentence(range(62))])])))
    assert {place: (why.kept, why.exact_ppm) for place, why in removed.items()} == {
        (0, 1): ((1, 1), 56 * 1_000_000 // 58), (0, 4): ((1, 1), 57 * 1_000_000 // 58),
    }  # fmt: skip


def test_more_near_copies_than_dedup_max_nodes_come_to_the_same_evidence_by_rounds(
    tmp_path: Path, monkeypatch, chain
) -> None:
    monkeypatch.setattr(ranged, "ROWS_A_RANGE", 150)
    monkeypatch.setattr(pairs, "PAIRS_A_TASK", 700)
    held = cut(CHAIN, 7)
    within, beyond = (carried(room_with(tmp_path / str(most), held, max_nodes=most)) for most in (1_000, 999))
    assert not rounds.has_ended(within)
    assert rounds.has_ended(beyond)
    assert len(beyond.left("verifying")) > 3
    assert told_of(held, removals(beyond)) == chain
    assert everything(beyond) == everything(within)
    assert outcome_of(beyond).cost == outcome_of(within).cost


def test_what_two_compared_runs_hold_stands_for_what_is_new_though_one_is_a_copy_of_the_other(tmp_path: Path) -> None:
    """Both stay where they were sealed: who is near the second alone is a copy none the less."""
    base = list(range(100))
    first = sentence([*base, 100])
    second = sentence([*range(1000, 1006), *base[6:]])
    new = sentence([*range(1000, 1006), *base[6:-6], *range(3000, 3006)])
    assert min(jaccard_ppm(first, second), jaccard_ppm(second, new)) >= THRESHOLD_PPM > jaccard_ppm(first, new)
    licence = {"licence": {"licence_class": ["public-domain"]}}  # so it stays for the cluster, with fewer neighbours
    units = [Held([new]), Held([first], run="x", columns=licence), Held([second], run="y", licensed=False)]
    removed = removals(carried(room_with(tmp_path, units)))
    assert {place: (why.kept, why.kept_run, why.exact_ppm) for place, why in removed.items()} == {
        (0, 0): ((2, 0), "y", jaccard_ppm(second, new))
    }


def test_a_task_that_decides_takes_units_until_it_has_rows_enough(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(decide, "ROWS_A_TASK", 10)
    monkeypatch.setattr(decide, "UNITS_A_TASK", 4)
    sizes = [3, 3, 3, 3, 25, 1, 0, 0, 0, 0, 0, 2, 9]
    room = carried(room_with(tmp_path, [Held([f"{n} {row}" for row in range(size)]) for n, size in enumerate(sizes)]))
    tasks = [(t["first"], t["last"]) for t in decide.cut_deciding(room)]
    assert [unit for first, last in tasks for unit in range(first, last)] == list(range(len(sizes)))
    assert all(last - first == 1 or sum(sizes[first:last]) <= 10 for first, last in tasks)
    assert all(last - first <= 4 for first, last in tasks)
    assert len(tasks) == 6
