"""The demo corpus on a Flink cluster of two TaskManagers: what is equal to the local run (data path §8, a and b)."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.ledger import open_ledger
from manifests.manifest import comparable
from manifests.runs import load_manifest, sealed_run
from pipelines.demo import repair_demo, write_demo
from tests.cluster import flink

RUN_WITHIN_S = 600
GATE_STOPPED = 1


@pytest.fixture(scope="module")
def cluster() -> Iterator[flink.Cluster]:
    lacking = flink.missing()
    if lacking and os.environ.get("CI"):
        pytest.fail(f"CI must run this, and {', '.join(lacking)} is not on this machine")
    if lacking:
        pytest.skip(f"needs {', '.join(lacking)}: install a JDK and Maven")
    home = flink.ROOT / "build/flink-test"
    shutil.rmtree(home, ignore_errors=True)
    with flink.running(home) as started:
        yield started


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


def ledger_of(demo: Path, name: str) -> Path:
    """The demo's run file with a ledger of its own; the corpus is shared, as two engines would share it."""
    text = (demo / "run.yaml").read_text(encoding="utf-8").replace("ledger: ledger\n", f"ledger: ledger-{name}\n")
    (demo / f"run-{name}.yaml").write_text(text, encoding="utf-8")
    return demo / f"ledger-{name}"


def carried(demo: Path, name: str, *options: str) -> dict:
    """`corpusledger run` to its end; its JSON."""
    command = [sys.executable, "-m", "pipelines.cli", "run", str(demo / f"run-{name}.yaml"), "--json", *options]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=RUN_WITHIN_S, stdin=subprocess.DEVNULL, cwd=flink.ROOT
    )
    assert done.returncode in (0, GATE_STOPPED), done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def on_flink(cluster: flink.Cluster) -> list[str]:
    """The command's options that run it on *cluster*."""
    return [
        "--runner",
        "flink",
        "--workers",
        "4",
        *(word for option in cluster.given() for word in ("--option", option)),
    ]


def objects(ledger: Path) -> set[str]:
    return {path.name for path in (ledger / "objects").rglob("*") if path.is_file()}


def compared(ledger: Path, run: str) -> dict:
    store = open_ledger(str(ledger)).store
    return json.loads(comparable(load_manifest(store, sealed_run(store, run))))


def assert_equal_runs(demo: Path, names: tuple[str, str], runs: tuple[dict, dict]) -> None:
    ledgers = [demo / f"ledger-{name}" for name in names]
    first, second = (compared(ledger, run["run"]) for ledger, run in zip(ledgers, runs, strict=True))
    different = [key for key in first.keys() | second.keys() if first.get(key) != second.get(key)]
    assert not different, {key: (first.get(key), second.get(key)) for key in different}
    assert objects(ledgers[0]) == objects(ledgers[1])
    assert runs[0]["effect"] == runs[1]["effect"] and runs[0]["measures"] == runs[1]["measures"]


def test_the_cluster_gives_what_one_machine_gives(cluster: flink.Cluster, demo: Path):
    ledger_of(demo, "local")
    ledger_of(demo, "flink")
    local = carried(demo, "local", "--runner", "local")
    far = carried(demo, "flink", *on_flink(cluster))
    assert far["counts"] == local["counts"] and local["stopped"]
    assert_equal_runs(demo, ("local", "flink"), (local, far))


def test_a_run_of_one_engine_goes_on_from_the_other_s(cluster: flink.Cluster, demo: Path):
    repaired = repair_demo(demo)
    assert repaired
    again = carried(demo, "local", *on_flink(cluster))
    crossed = carried(demo, "flink", "--runner", "local")
    assert again["reused"], "what the local run made is not made again on the cluster"
    assert again["made"] == crossed["made"] and again["reused"] == crossed["reused"]
    assert not again["stopped"]
    assert_equal_runs(demo, ("local", "flink"), (again, crossed))


def test_both_taskmanagers_had_work(cluster: flink.Cluster):
    seen = cluster.overview()
    assert seen is not None and seen["taskmanagers"] == 2 and seen["slots-total"] == 4
    assert seen["jobs-finished"] >= 1 and seen["jobs-failed"] == 0
