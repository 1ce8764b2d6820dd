"""Beyond `dedup.max_nodes`: rounds over ranges of rows come to the bytes of union-find, on any edges, however they are cut."""

import tracemalloc
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.ledger import open_or_create
from manifests.store import LocalStore
from pipelines.attempts import Desk
from pipelines.dedup import clusters, gathering, ranged, rounds
from pipelines.dedup.pairs import JUDGED
from pipelines.dedup.room import Room, write_brief
from pipelines.dedup.steps import Step, jobs, step_named
from schemas.canonical import canonical_json
from schemas.errors import RunError
from tests.kit.copies import in_memory

Edges = npt.NDArray[np.int64]
"""int64[m, 2]."""
SIZES = ((ranged, "ROWS_A_RANGE"), (ranged, "ROWS_HELD"), (rounds, "EDGES_HELD"), (clusters, "NODES_A_TASK"))
SMALL = (150, 90, 70, 50)
OURS = ("forest", rounds.SPREAD, gathering.LABELS)


def room_of_edges(folder: Path, rows: int, files: Sequence[Edges], most: int) -> Room:
    """A room in which the steps before the clusters are done: what they verified are *files*."""
    ledger = open_or_create(str(folder), "test")
    desk = Desk(ledger.store, "r")
    brief: dict[str, Any] = {
        "units": [{"rows": rows - rows // 3, "source": 0}, {"rows": rows // 3, "source": 0}], "own": 2,
        "settings": {"max_nodes": most}, "files": len(files),
    }  # fmt: skip
    room = Room(desk, ledger.uri, write_brief(desk, brief), brief)
    _told(room, "verifying", [_verified(room, n, file) for n, file in enumerate(files)])
    return room


def _verified(room: Room, number: int, edges: Edges) -> dict[str, Any]:
    judged = np.zeros(len(edges), JUDGED)
    judged["a"], judged["b"] = edges.min(axis=1), edges.max(axis=1)
    return {"edges": len(edges), "path": room.save(judged, "verifying", f"{number:08d}.edges")}


def _told(room: Room, step: str, told: Sequence[Mapping[str, Any]]) -> None:
    room.store.put(room.path(step, "tasks.json"), canonical_json({"tasks": len(told)}))
    for number, each in enumerate(told):
        room.store.put(room.path(step, f"{number:08d}.json"), canonical_json(dict(each)))


def is_ours(step: Step) -> bool:
    return step.name in OURS or step.name.startswith(("large-", "small-"))


def joined(room: Room) -> Room:
    """The clusters alone: what comes before them is there, and what follows wants texts."""
    for job in jobs(room):
        for step in filter(is_ours, job):
            for task in step.cut_tasks(room):
                step.do_task(room, task)
    return room


def nodes_of(room: Room) -> bytes:
    return b"".join(bytes(room.load(told["path"], np.uint8)) for told in room.left("forest"))


def both(folder: Path, rows: int, edges: Edges, files: int, most: int, sizes: Sequence[int] = SMALL) -> Room:
    """The room of the rounds, once it is held against union-find."""
    cut = np.array_split(edges, files)
    plain = joined(room_of_edges(folder / "plain", rows, cut, 1_000_000))
    assert not rounds.has_ended(plain)
    with pytest.MonkeyPatch.context() as patched:
        for (module, name), size in zip(SIZES, sizes, strict=True):
            patched.setattr(module, name, size)
        by_rounds = joined(room_of_edges(folder / "rounds", rows, cut, most))
        told, same = by_rounds.left("forest"), plain.left("forest")
        assert rounds.has_ended(by_rounds)
        for field in ("nodes", "clusters"):
            assert sum(t[field] for t in told) == sum(t[field] for t in same)
        for each in told:
            nodes = by_rounds.load(each["path"], clusters.NODE)
            assert each["cuts"][0] == 0
            assert each["cuts"][-1] == len(nodes)
            for at in each["cuts"][1:-1]:
                assert nodes["label"][at] != nodes["label"][at - 1], "a cluster was cut"
    assert nodes_of(by_rounds) == nodes_of(plain)
    return by_rounds


def distinct(edges: Edges) -> Edges:
    """Each pair once, in the order in which verified pairs come."""
    found: Edges = np.unique(np.sort(edges[edges[:, 0] != edges[:, 1]], axis=1), axis=0)
    return found


def graph(rng: np.random.Generator, rows: int) -> Edges:
    """Chains, stars, cliques and loose edges over shuffled rows; some of them meet."""
    parts, ids = [], rng.permutation(rows)
    for _ in range(rng.integers(1, 8)):
        some = rng.choice(ids, rng.integers(2, max(3, rows // 3)), replace=False)
        kind = rng.integers(4)
        if kind == 0:
            parts.append(np.stack([some[:-1], some[1:]], axis=1))
        elif kind == 1:
            parts.append(np.stack([np.full(len(some) - 1, some[0]), some[1:]], axis=1))
        elif kind == 2:
            left, right = np.triu_indices(min(len(some), 12), 1)
            parts.append(np.stack([some[left], some[right]], axis=1))
        else:
            parts.append(rng.choice(ids, (len(some), 2)))
    return distinct(np.concatenate(parts).astype(np.int64))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), rows=st.integers(3, 400), files=st.integers(1, 7),
    sizes=st.tuples(st.integers(1, 200), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90)), shuffled=st.booleans(),
)  # fmt: skip
def test_rounds_come_to_the_bytes_of_union_find(
    seed: int, rows: int, files: int, sizes: tuple[int, ...], shuffled: bool
) -> None:
    rng = np.random.default_rng(seed)
    edges = graph(rng, rows)
    if not len(edges):
        return
    if shuffled:
        edges = rng.permutation(edges)
    nodes = len(np.unique(edges))
    sizes = (max(sizes[0], -(-rows // 12)), *sizes[1:])  # more than a dozen ranges only take longer
    with in_memory() as folder, patch("os.fsync"):
        both(folder, rows, edges, files, int(rng.integers(1, nodes)), sizes)


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_chain_of_a_thousand_takes_a_dozen_rounds_at_most(seed: int | None) -> None:
    ids = np.arange(1_000) if seed is None else np.random.default_rng(seed).permutation(1_000)
    edges = np.stack([ids[:-1], ids[1:]], axis=1)
    edges = np.random.default_rng(7).permutation(edges)  # neighbours lie in different files
    with in_memory() as folder:
        room = both(folder, 1_000, edges, 9, 999)
        assert 5 < rounds.count_rounds(room) <= 12
        moved = [rounds.ended_round(room, n) for n in range(rounds.count_rounds(room))]
        assert [m is not None and m["moved"] > 0 for m in moved] == [True] * (len(moved) - 1) + [False]


def test_a_star_of_which_every_leaf_is_less_than_its_centre(tmp_path: Path) -> None:
    edges = np.stack([np.arange(3_000), np.full(3_000, 3_000)], axis=1)
    room = both(tmp_path, 3_001, edges, 9, 1, (500, 100, 100, 100))
    assert [t["clusters"] for t in room.left("forest")] == [1]


def test_as_many_nodes_as_max_nodes_are_joined_at_once_and_one_more_by_rounds(tmp_path: Path) -> None:
    edges = np.stack([np.arange(0, 40, 2), np.arange(1, 41, 2)], axis=1)  # 40 rows of 90, in 20 clusters
    for most, by_rounds in ((40, False), (39, True)):
        room = joined(room_of_edges(tmp_path / str(most), 90, [edges], most))
        assert rounds.has_ended(room) is by_rounds
        assert sum(t["clusters"] for t in room.left("forest")) == 20


def test_edges_of_rounds_that_are_over_are_let_go(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    room = both(tmp_path, 300, rng.permutation(distinct(graph(rng, 300))), 5, 2)
    last = rounds.small(rounds.count_rounds(room) - 1)
    left = {path.rsplit("/", 2)[-2] for path in room.store.list("work") if path.endswith(".edges")}
    assert left == {"verifying", last}


class Killed(BaseException):
    """Stands for the end of the process."""


def test_killed_anywhere_it_goes_on_and_does_no_finished_task_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before every single write of a descriptor or of a round's end, one after the other."""
    for (module, name), size in zip(SIZES, (100, 60, 50, 50), strict=True):
        monkeypatch.setattr(module, name, size)
    rng = np.random.default_rng(5)
    files = np.array_split(rng.permutation(distinct(graph(rng, 300))), 4)
    whole = nodes_of(joined(room_of_edges(tmp_path / "whole", 300, files, 1_000_000)))
    put, ended, told = LocalStore.put, Counter[str](), set[str]()
    killed = 0

    def watched(self: LocalStore, path: str, data: bytes) -> None:
        nonlocal killed
        step, name = path.rsplit("/", 2)[-2:]
        is_end = (
            name.endswith(".json") and name != "tasks.json" and (step in OURS or step == "rounds" or step[5:6] == "-")
        )
        if is_end and path not in told:
            told.add(path)
            killed += 1
            raise Killed
        put(self, path, data)
        if is_end:
            ended[path] += 1

    room = room_of_edges(tmp_path / "killed", 300, files, 7)
    monkeypatch.setattr(LocalStore, "put", watched)
    while True:
        try:
            joined(Room(room.desk, room.ledger, room.name, room.brief))  # as another process opens it
        except Killed:
            continue
        break
    assert killed > 20
    assert set(ended.values()) == {1}
    assert nodes_of(room) == whole


def test_the_steps_after_the_clusters_wait_for_the_rounds(tmp_path: Path) -> None:
    room = room_of_edges(tmp_path, 30, [np.array([[0, 1], [1, 2]])], 2)
    order = jobs(room)
    names = [step.name for step in next(order)]
    at = names.index("forest")
    for name in names[at:]:
        assert step_named(name).cut_tasks(room) == []
    assert [step.name for step in next(order)] == [rounds.SPREAD]
    assert room.left("settling") == []


def test_a_file_that_ends_early_is_told(tmp_path: Path) -> None:
    room = room_of_edges(tmp_path, 30, [np.array([[0, 1]])], 2)
    (path,) = (told["path"] for told in room.left("verifying"))
    with pytest.raises(RunError, match=r"00000000\.edges: ends after 1 of 2 values from byte 0"):
        room.part(path, JUDGED, 0, 2)


def test_a_task_holds_no_more_for_five_times_the_edges(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for (module, name), size in zip(SIZES, (20_000, 20_000, 20_000, 20_000), strict=True):
        monkeypatch.setattr(module, name, size)
    peaks = [_peak(tmp_path / str(count), count) for count in (60_000, 300_000)]
    assert peaks[1] < 1.5 * peaks[0] < 1.5 * (12 << 20)


def _peak(folder: Path, leaves: int) -> int:
    """The most memory of a task over one centre's *leaves*, the greater ones of which came first."""
    edges = np.stack([np.zeros(leaves, np.int64), np.arange(1, leaves + 1)[::-1]], axis=1)
    room = room_of_edges(folder, leaves + 1, np.array_split(edges, leaves // 20_000), 2)
    peak = 0
    for job in jobs(room):
        for step in filter(is_ours, job):
            for task in step.cut_tasks(room):
                if step.name == "forest" and task == b"":
                    continue
                tracemalloc.start()
                try:
                    step.do_task(room, task)
                    peak = max(peak, tracemalloc.get_traced_memory()[1])
                finally:
                    tracemalloc.stop()
    assert sum(told["nodes"] for told in room.left("forest")) == leaves + 1
    return peak


def test_what_the_tasks_of_a_step_gave_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = room_of_edges(tmp_path, 30, [np.array([[n, n + 1]]) for n in range(9)], 100)
    read, get = Counter[str](), LocalStore.get

    def counted(self: LocalStore, path: str) -> bytes:
        read[path.rsplit("/", 1)[-1]] += 1
        return get(self, path)

    monkeypatch.setattr(LocalStore, "get", counted)
    first = room.left("verifying")
    assert len(first) == 9
    for _ in range(5):
        assert room.left("verifying") == first
    assert {n for name, n in read.items() if name != "tasks.json"} == {1}


def test_tasks_that_come_later_are_seen(tmp_path: Path) -> None:
    room = room_of_edges(tmp_path, 30, [np.array([[0, 1]])], 100)
    _told(room, "later", [])
    assert room.left("later") == []
    _told(room, "later", [{"n": 1}, {"n": 2}])
    assert room.left("later") == [{"n": 1}, {"n": 2}]
