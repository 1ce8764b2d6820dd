"""Cut off anywhere and started again, or carried by Beam: every task is done once, and what comes of it is the same."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

import pipelines.run as job
from manifests.ledger import open_ledger
from manifests.store import LocalStore
from pipelines.attempts import Desk
from pipelines.dedup import candidates, clusters, decide, pairs, ranged, rounds, segments, standing
from pipelines.dedup.graph import End, dedup, dedup_here, dedup_jobs
from pipelines.dedup.room import Room
from pipelines.dedup.steps import STEPS
from pipelines.runner import carry, options_of
from schemas.errors import RunError
from tests.kit.copies import Held, carried, in_memory, removals, room_with, sentence, variants, with_hashes
from tests.pipelines.dedup.runs import corpus, look_here

STEP_NAMES = [step.name for step in STEPS]
SMALL = (
    (segments, "ROWS_A_TASK", 2_000), (standing, "UNITS_A_TASK", 2), (pairs, "PAIRS_A_TASK", 200), (clusters, "NODES_A_TASK", 60),
    (decide, "UNITS_A_TASK", 2), (candidates, "PAIRS_HELD", 300),
)  # fmt: skip


class Killed(BaseException):
    """Stands for the end of the process."""


def units() -> list[Held]:
    rng = np.random.default_rng(11)
    texts = [*variants(rng, 120, 30, 80, 6), *(sentence(range(i, i + 60)) for i in range(50)), *(["same"] * 20)]
    texts = [texts[i] for i in rng.permutation(len(texts))]
    held = [Held(texts[i : i + 64], "ab"[i // 64 % 2]) for i in range(0, len(texts), 64)]
    # A chain of which only neighbours share a band: what is near the threshold comes up when members meet what stays.
    number = np.arange(40)
    chain = with_hashes({0: number // 2, 1: (number + 1) // 2})
    return [*held, Held([sentence(range(2 * i, 2 * i + 100)) for i in number], "c", sketches=chain)]


def everything(room: Room) -> list[str]:
    """Digests of evidence, decisions, overlap and index."""
    told = [d for t in room.left("deciding") for d in (t["evidence"]["sha256"], *(u["sha256"] for u in t["units"]))]
    return [
        *told,
        *(t["overlap"]["sha256"] for t in room.left("overlap")),
        *(t["sha256"] for step in ("segments", "keeping") for t in room.left(step)),
    ]


@pytest.fixture(scope="module")
def undisturbed() -> Iterator[tuple[list[str], int]]:
    """(what comes of it, removals)."""
    with in_memory() as folder, pytest.MonkeyPatch.context() as patch:
        for module, name, value in SMALL:
            patch.setattr(module, name, value)
        room = carried(room_with(folder, units(), per_segment=2, verify="near"))
        assert len(room.left("again")) > 0
        yield everything(room), len(removals(room))


@pytest.mark.parametrize("step", STEP_NAMES)
def test_a_run_killed_in_any_step_goes_on_and_does_no_finished_task_again(
    tmp_path: Path, monkeypatch, undisturbed: tuple[list[str], int], step: str
) -> None:
    """Killed when the last task of the step has written all but its own end."""
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)
    ended: Counter[str] = Counter()
    killing = True
    put = LocalStore.put

    def watched(self: LocalStore, path: str, data: bytes) -> None:
        nonlocal killing
        name = path.rsplit("/", 2)
        if "/dedup/" in path and name[-2] in STEP_NAMES and name[-1][:8].isdigit() and name[-1].endswith(".json"):
            if killing and name[-2] == step and int(name[-1][:8]) == tasks[step] - 1:
                killing = False
                raise Killed
            ended[f"{name[-2]}/{name[-1]}"] += 1
        put(self, path, data)

    tasks: dict[str, int] = {}
    real = type(STEPS[0]).cut_tasks

    def cut(self, room):
        found = real(self, room)
        tasks[self.name] = len(found)
        return found

    monkeypatch.setattr(type(STEPS[0]), "cut_tasks", cut)
    monkeypatch.setattr(LocalStore, "put", watched)
    first = room_with(tmp_path, units(), per_segment=2, verify="near")
    if _has_tasks(step):
        with pytest.raises(Killed):
            carried(first)
    again = carried(room_with(tmp_path, units(), per_segment=2, verify="near"))
    assert again.name == first.name
    assert everything(again) == undisturbed[0]
    assert len(removals(again)) == undisturbed[1]
    assert set(ended.values()) == {1}, "a finished task was done again"
    assert len(ended) == sum(tasks.values())


def _has_tasks(step: str) -> bool:
    # Of prompts and responses; of compared runs.
    return step not in ("same", "alike", "counting", "lesser", "greater", "known", "displaced")


def test_nothing_is_done_twice_and_twice_is_the_same(tmp_path: Path) -> None:
    room = carried(room_with(tmp_path, units()))
    before, made = everything(room), sorted(room.store.list("work"))
    stamps = {p: _inode(room, p) for p in made if not p.endswith(("tasks.json", "brief.json")) and p.endswith(".json")}
    again = carried(room_with(tmp_path, units()))
    assert everything(again) == before
    assert sorted(again.store.list("work")) == made
    assert {p: _inode(again, p) for p in stamps} == stamps


def _inode(room: Room, path: str) -> int:
    local = room.store.local_path(path)
    assert local is not None
    return local.stat().st_ino


def test_another_setting_takes_nothing_of_what_was_left(tmp_path: Path) -> None:
    first, other = (carried(room_with(tmp_path, units(), threshold_ppm=t)) for t in (800_000, 900_000))
    assert first.name != other.name
    assert len(removals(other)) < len(removals(first))
    assert {why.exact_ppm for why in removals(other).values()} <= {None, *range(900_000, 1_000_001)}


@pytest.fixture
def briefed(tmp_path: Path, monkeypatch) -> tuple[str, str, str]:
    """(ledger, run, name) of a real run that was scanned and briefed; nothing of its deduplication is done."""
    return brief_of(tmp_path, monkeypatch)


def brief_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> tuple[str, str, str]:
    files = {f"{n:02d}.jsonl": [str(t) for t in unit.texts] for n, unit in enumerate(units())}
    loaded = job.load(corpus(tmp_path, files, more))
    monkeypatch.setattr(job, "_carry_scan", look_here)
    told: list[tuple[str, str, str]] = []

    def brief(ledger, desk, loaded, plan, looked, *_):
        told.append((ledger.uri, desk.run, job.brief_dedup(ledger, desk, loaded, plan, looked)))
        raise Killed

    monkeypatch.setattr(job, "_carry_dedup", brief)
    with pytest.raises(Killed):
        job.scan_run(loaded, job.Choice())
    return told[0]


def opened(ledger: str, run: str, name: str) -> Room:
    return Room(Desk(open_ledger(ledger).store, run), ledger, name, {})


def test_beam_and_this_process_come_to_the_same_bytes(briefed: tuple[str, str, str], monkeypatch) -> None:
    for module, name, value in SMALL:
        monkeypatch.setattr(module, name, value)
    options: PipelineOptions = options_of("local", 1, {})
    carry(lambda pipeline: dedup(pipeline, *briefed), options, lambda: pytest.fail("a worker died"))
    by_beam = everything(opened(*briefed))
    assert len(by_beam) > 8
    store, folder = open_ledger(briefed[0]).store, f"work/{briefed[1]}/dedup/{briefed[2]}"
    brief = store.get(f"{folder}/brief.json")
    local = store.local_path(f"{folder}/brief.json")
    assert local is not None
    shutil.rmtree(local.parent)
    store.put(f"{folder}/brief.json", brief)
    dedup_here(*briefed)
    assert everything(opened(*briefed)) == by_beam


def test_beam_does_the_rounds_as_jobs_of_their_own(tmp_path: Path, monkeypatch) -> None:
    for module, name, value in (*SMALL, (ranged, "ROWS_A_RANGE", 80)):
        monkeypatch.setattr(module, name, value)
    within = brief_of(tmp_path / "within", monkeypatch)
    dedup_here(*within)
    beyond = brief_of(tmp_path / "beyond", monkeypatch, "dedup: {max_nodes: 50}\n")
    carried = 0
    for wire in dedup_jobs(*beyond):
        carry(wire, options_of("local", 1, {}), lambda: pytest.fail("a worker died"))
        carried += 1
    room = opened(*beyond)
    assert len(room.left("forest")) > 1
    assert carried == 4 + rounds.count_rounds(room) > 5
    assert everything(room) == everything(opened(*within))


def test_a_task_that_the_runner_lost_is_told(tmp_path: Path, briefed: tuple[str, str, str]) -> None:
    dedup_here(*briefed)
    told = len(opened(*briefed).left("content"))
    assert list(End(*briefed, "content").process((0, [-1, *range(told), *range(told)]))) == [0]
    with pytest.raises(RunError, match=f"content: the runner did {told - 1} of {told} tasks; run again"):
        list(End(*briefed, "content").process((0, [-1, *range(told - 1)])))
