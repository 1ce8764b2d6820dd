"""A run of one unit, planned and not carried: for tests of what happens to a unit."""

from pathlib import Path
from typing import Any

from manifests.ledger import open_or_create
from pipelines.attempts import Desk
from pipelines.drive import units_of
from pipelines.known import Earlier
from pipelines.look import Look
from pipelines.run import load
from pipelines.settings import RunSettings, write_plan
from tests.kit.command import write_run


def one_planned(folder: Path, jsonl: bytes) -> tuple[Look, Desk, dict[str, Any]]:
    """LOOK over a run of one file, its desk, and its one unit. Every token is weak."""
    run_yaml = write_run(folder, {"en": "paths: [corpus]\nlicence: MIT\n"}, {"a.jsonl": jsonl})
    loaded = load(run_yaml)
    ledger = open_or_create(str(folder / "ledger"), "test")
    desk = Desk(ledger.store, f"run-{folder.name}")  # a name of its own: what is opened is kept for the process
    _, (unit,) = units_of(loaded, Earlier(), 0)  # as if listed at the beginning of time
    registry = {s.id: s.registry_values() for s in loaded.sources}
    write_plan(desk, RunSettings(desk.run, loaded.checks, registry, None), [unit], {})
    return Look(ledger.uri, desk.run), desk, unit
