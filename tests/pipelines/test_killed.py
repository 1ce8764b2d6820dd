"""A run that is killed or interrupted anywhere goes on where it was, and comes to what an undisturbed run comes to."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

import pipelines.look
from checks import BY_NAME
from manifests.ledger import open_ledger
from manifests.manifest import comparable
from manifests.places import unread_places
from manifests.runs import load_manifest, sealed_runs
from manifests.tables import read_units
from tests.kit.command import DEADLY, Started, age, here, lines, started, write_run

UNITS = 8
KILLED = 5
"""Tests that begin with a folder not run yet."""
SLOW = {f"en/{n}.jsonl": lines({"text": f"Unit {n} IS SLOW to look at, 第{n}个"}, *[{"text": f"Row {i} of {n}."} for i in range(9)])
        for n in range(UNITS)}  # fmt: skip
SOURCES = {"en": "paths: [corpus/en]\nlicence: MIT\n"}
EVERY = ("reading", *BY_NAME)


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> list[Path]:
    """Folders with the same corpus and settings, all old enough, not run yet: one for each test."""
    made = [tmp_path_factory.mktemp("killed") for _ in range(KILLED + 1)]
    for folder in made:
        write_run(folder, SOURCES, SLOW, "plan: {pack_files: 1}\n")
    age(made[-1])
    return made


@pytest.fixture(scope="module")
def undisturbed(folders: list[Path]) -> Path:
    """The folder of a run that nothing happened to."""
    folder = folders.pop()
    assert here("run", folder / "run.yaml", "--json").code == 1
    return folder


@pytest.fixture
def run_yaml(folders: list[Path], undisturbed: Path) -> Path:
    """The same corpus and settings, in a folder of its own."""
    return folders.pop() / "run.yaml"


def slow(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": DEADLY, "DEADLY_LOG": str(folder / "seen")}


def memos(folder: Path) -> list[Path]:
    return list((folder / "ledger" / "work").glob("*/memo/*.json"))


def seen(folder: Path) -> Counter[str]:
    """How often each unit was looked at."""
    return Counter((folder / "seen").read_text(encoding="utf-8").splitlines())


def newest(folder: Path):
    ledger = open_ledger(str(folder / "ledger"))
    return ledger.store, load_manifest(ledger.store, sealed_runs(ledger.store)[-1])


def sealed(folder: Path) -> str:
    """What is compared of the newest manifest; messages name YAML files as the command line named them."""
    return comparable(newest(folder)[1]).decode().replace(str(folder), ".")


def objects(folder: Path) -> set[str]:
    return set(newest(folder)[0].list("objects"))


def half_way(run: Started, folder: Path) -> str:
    """Wait until some units are finished; gives the run's id."""
    run.until(lambda: len(memos(folder)) >= 3)
    return memos(folder)[0].parts[-3]


def assert_as_undisturbed(folder: Path, undisturbed: Path) -> None:
    assert sealed(folder) == sealed(undisturbed)
    assert objects(folder) == objects(undisturbed)
    assert here("verify", folder / "ledger").code == 0
    assert list((folder / "ledger" / "work").iterdir()) == []


def goes_on_here(run_yaml: Path, run: str, monkeypatch) -> int:
    """Start it again in this process; gives the number of units that were looked at."""
    calls: list[int] = []
    real = pipelines.look.look_at
    isolated = pipelines.look.look_isolated
    monkeypatch.setattr(pipelines.look, "look_at", lambda unit, *a: (calls.append(unit["unit"]), real(unit, *a))[1])
    monkeypatch.setattr(
        pipelines.look, "look_isolated", lambda led, r, unit: (calls.append(unit["unit"]), isolated(led, r, unit))[1]
    )
    result = here("run", run_yaml, "--json").result
    assert (result["run"], result["resumed"]) == (run, True)
    assert result["made"] == dict.fromkeys(EVERY, UNITS)
    return len(calls)


def test_a_killed_child_is_started_again_and_what_it_finished_is_kept(run_yaml: Path, undisturbed: Path) -> None:
    folder = run_yaml.parent
    with started("run", run_yaml, "--json", env=slow(folder)) as run:
        ident = half_way(run, folder)
        (child,) = run.below("--supervised")
        os.kill(child, signal.SIGKILL)
        finished = len(memos(folder))
        done = run.done()
    assert done.code == 1, done.err
    assert (done.result["run"], done.result["resumed"]) == (ident, True)
    assert "stopped by signal 9; going on with what is finished" in done.err
    assert len(seen(folder)) == UNITS
    assert sum(n == 1 for n in seen(folder).values()) >= finished
    assert_as_undisturbed(folder, undisturbed)


def test_a_killed_supervisor_takes_its_child_along_and_the_same_command_goes_on(
    run_yaml: Path, undisturbed: Path, monkeypatch
) -> None:
    folder = run_yaml.parent
    with started("run", run_yaml, env=slow(folder)) as run:
        ident = half_way(run, folder)
        (child,) = run.below("--supervised")
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait()
        while Path(f"/proc/{child}/cmdline").exists() and Path(f"/proc/{child}/cmdline").read_bytes():
            pass
    assert goes_on_here(run_yaml, ident, monkeypatch) <= UNITS - 3
    assert_as_undisturbed(folder, undisturbed)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_the_same_command_goes_on(
    run_yaml: Path, undisturbed: Path, sign: signal.Signals, monkeypatch
) -> None:
    folder = run_yaml.parent
    with started("run", run_yaml, env=slow(folder)) as run:
        ident = half_way(run, folder)
        if sign == signal.SIGINT:
            os.killpg(run.process.pid, sign)  # as a terminal sends Ctrl-C
        else:
            os.kill(run.process.pid, sign)  # as a scheduler ends a job
        done = run.done()
    assert done.code == 3
    assert done.err == "corpusledger: interrupted; what was finished is kept, run the same command again to go on\n"
    kept = len(memos(folder))
    assert 3 <= kept < UNITS
    assert not (folder / "ledger" / "runs").exists()
    store = open_ledger(str(folder / "ledger")).store
    for path in store.list("objects"):
        store.get_object(path.rpartition("/")[2])  # every one is whole
    assert goes_on_here(run_yaml, ident, monkeypatch) == UNITS - kept
    assert_as_undisturbed(folder, undisturbed)


def test_two_worker_processes_come_to_the_same_even_where_one_is_killed(run_yaml: Path, undisturbed: Path) -> None:
    folder = run_yaml.parent
    with started("run", run_yaml, "--json", "--workers", 2, env=slow(folder)) as run:
        half_way(run, folder)
        workers = run.below("sdk_worker_main")
        assert len(workers) >= 2
        os.kill(workers[-1], signal.SIGKILL)
        done = run.done()
    assert done.code == 1, done.err
    assert "a worker process died; going on with what is finished" in done.err
    assert_as_undisturbed(folder, undisturbed)


def test_a_record_that_kills_is_unread_with_its_place_and_never_taken_over(tmp_path: Path) -> None:
    plain = [{"text": f"Record {i} of this file, 第{i}条。"} for i in range(5)]
    kills, fails = {"text": "a text that KILLS THE PROCESS"}, {"text": "a text that FAILS THE CHECK"}
    files = {
        "en/a.jsonl": lines(*plain[:3], kills, *plain[3:]),
        "en/b.jsonl": lines(fails, {"text": "B."}),
        "en/c.jsonl": lines({"text": "C."}),
    }
    run_yaml = write_run(tmp_path, SOURCES, files, "plan: {pack_files: 1}\n")
    age(tmp_path)
    with started("run", run_yaml, "--json", env={"PYTHONPATH": DEADLY}) as run:
        done = run.done()
    assert done.code == 1, done.err
    assert done.result["counts"]["records"]["unread_by"] == {"killed: signal 11": 1}
    store, manifest = newest(tmp_path)
    (place,) = unread_places(store, manifest)
    assert (place.shard, place.offset, place.reason) == (
        "corpus/en/a.jsonl",
        len(lines(*plain[:3])),
        "killed: signal 11",
    )
    counts = {c.check: c for c in manifest.counts.checks}
    assert (counts["provenance"].looked_at, counts["provenance"].unread) == (7, 2)
    assert (counts["quality"].looked_at, counts["quality"].unread) == (8, 1)
    assert here("verify", tmp_path / "ledger").code == 0
    again = here("run", run_yaml, "--json").result  # by a program that is mended
    assert again["counts"]["records"]["unread"] == 0
    assert again["made"] == dict.fromkeys(EVERY, 1) | {"provenance": 2}
    assert again["reused"] == dict.fromkeys(EVERY, 2) | {"provenance": 1}
    units = read_units(store, newest(tmp_path)[1]).to_pylist()
    assert [u["records_unread"] for u in units] == [0, 0, 0]
    third = here("run", run_yaml, "--json").result
    assert third["made"] == {}
