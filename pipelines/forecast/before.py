"""The forecast of `corpusledger plan`, and the refusal of a run that would not fit, before a worker starts."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from checks.base import Check
from checks.duplicates import Duplicates
from manifests.ledger import Ledger, open_ledger
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store, open_store
from pipelines.attempts import Desk
from pipelines.config import Loaded
from pipelines.drive import clear, known_to, units_of
from pipelines.forecast.ahead import Ahead, ahead_of
from pipelines.forecast.copying import copies_of_run, copies_of_sample
from pipelines.forecast.figures import Corpus, Figures, figures_of
from pipelines.forecast.machine import machine_of
from pipelines.forecast.refusal import refusals, slower
from pipelines.forecast.sampled import Sample, sample_of
from pipelines.forecast.stretches import stretches_of
from pipelines.known import Earlier
from pipelines.settings import bench_of
from schemas.errors import ConfigError
from schemas.ledger import LEDGER_FILE
from schemas.manifest import Manifest
from schemas.source import UNREGISTERED, Source

LARGE_BYTES: Final = 1 << 30
"""Stored bytes to read from which on a run is held against this machine before it starts: a smaller one pays nothing."""
NOTHING_TO_READ: Final = "no sample: nothing is to be read"
NOTHING_READABLE: Final = "no sample: not one piece of what is to be read could be had"
Plan = Sequence[Mapping[str, Any]]


def forecast(loaded: Loaded, workers_for: Callable[[Plan], int] = lambda _: 1, runner: str = "local") -> dict[str, Any]:
    """Counts of the plan (bytes are stored bytes), the sample, and the figures. Writes nothing.

    Opens new files for their first bytes, and about 64 MiB of them for the sample. *workers_for*: processes that would carry
    a plan.
    """
    uri = loaded.resolve(loaded.run.ledger)
    ledger = open_ledger(uri) if open_store(uri).exists(LEDGER_FILE) else None
    earlier = known_to(ledger, loaded) if ledger is not None else Earlier()
    units, planned = units_of(loaded, earlier, time.time_ns())
    files = {f.file.uri: f.file for u in units for f in u.files}
    ahead = ahead_of(planned, earlier.works, loaded.checks, registry_of(loaded))
    for one in loaded.joined:
        one.use()
    sample = _sampled(loaded, ahead, loaded.checks)
    found = _figures(loaded, None if ledger is None else ledger.store, ahead, sample, workers_for(planned))
    place = machine_of(None).temporary_folder
    return {
        "files_listed": len(files),
        "files_not_looked_at": sum(f.framing is None and f.problem is None for f in files.values()),
        "files_unreadable": sum(f.problem is not None for f in files.values()),
        "bytes_listed": sum(f.size_bytes for f in files.values()),
        "units": len(units),
        "units_to_read": len(ahead.read),
        "bytes_to_read": round(sum(stored_of(ahead.read))),
        "checks": len(loaded.checks),
        "range_bytes": loaded.run.plan.range_bytes,
        "pack_bytes": loaded.run.plan.pack_bytes,
        "sample": _told(ahead, sample),
        "forecast": {name: figure.as_json() for name, figure in found.items()},
        "does_not_fit": refusals(found, str(loaded.path), loaded.run.dedup.verify, place, local=runner == "local"),
        "slower": slower(found, str(loaded.path)),
    }


def refuse_unfit(ledger: Ledger, desk: Desk, loaded: Loaded, plan: Plan, runner: str, workers: int) -> None:
    """Raise `ConfigError` where a run that reads `LARGE_BYTES` or more would not fit; its plan goes, for nothing was begun.

    Call before a worker starts, with the plan of a run that is not resumed.
    """
    if sum(u["planned_bytes"] for u in plan) < LARGE_BYTES or not any(isinstance(c, Duplicates) for c in loaded.checks):
        return
    ahead = ahead_of(plan, bench_of(ledger.uri, desk.run).works, loaded.checks, registry_of(loaded))
    if sum(stored_of(ahead.read)) < LARGE_BYTES:
        return
    # The signatures alone: what the other checks cost is of no account here.
    sample = _sampled(loaded, ahead, [c for c in loaded.checks if isinstance(c, Duplicates)])
    found = _figures(loaded, ledger.store, ahead, sample, workers)
    place = machine_of(None).temporary_folder
    told = refusals(found, str(loaded.path), loaded.run.dedup.verify, place, local=runner == "local")
    if told:
        clear(desk)
        raise ConfigError(*told)


def registry_of(loaded: Loaded) -> dict[str, Mapping[str, str]]:
    """Source id -> the values that checks may read, unregistered files too."""
    found: dict[str, Mapping[str, str]] = {s.id: s.registry_values() for s in loaded.sources}
    found[UNREGISTERED] = Source(id=UNREGISTERED, paths=()).registry_values()
    return found


def stored_of(units: Plan) -> tuple[float, ...]:
    """Stored bytes of each unit; of a Parquet file that is split, the row groups' share."""
    groups: dict[str, int] = {}
    for unit in units:
        if unit["kind"] == "row-groups":
            file = unit["files"][0]
            groups[file["uri"]] = max(groups.get(file["uri"], 0), file["end"])
    found = []
    for unit in units:
        file = unit["files"][0]
        if unit["kind"] == "row-groups":
            found.append(file["bytes"] * (file["end"] - file["start"]) / max(1, groups[file["uri"]]))
        else:
            found.append(float(unit["planned_bytes"]))
    return tuple(found)


def _sampled(loaded: Loaded, ahead: Ahead, checks: Sequence[Check]) -> Sample | None:
    stretches = stretches_of(ahead.read)
    return sample_of(stretches, checks, registry_of(loaded)) if stretches else None


def _figures(loaded: Loaded, store: Store | None, ahead: Ahead, sample: Sample | None, workers: int) -> Figures:
    check = next((c for c in loaded.checks if isinstance(c, Duplicates)), None)
    copies = None
    if check is not None and store is not None:
        copies = copies_of_run(store, check, loaded.run.dedup)
    local = open_store(loaded.resolve(loaded.run.ledger)).local_path(LEDGER_FILE)
    manifests = [] if store is None else [load_manifest(store, sealed_run(store, r)) for r in loaded.run.compare_with]
    values = [m.values for man in manifests for m in man.measures if m.source is None and m.check == "duplicates"]
    records = sum(m.counts.records.read for m in manifests)
    if sample is not None and (drawn := copies_of_sample(sample, loaded.run.dedup)) is not None:
        part = sample.records / max(1.0, sample.records + ahead.records + records)
        copies = drawn.within(part) if copies is None else replace(copies, compare_s=drawn.compare_s)
    corpus = Corpus(
        ahead, sample, copies, stored_of(ahead.read), sum(_units_of(m) for m in manifests), records,
        records - sum(v.get("short_records") or 0 for v in values),
    )  # fmt: skip
    folder = None if local is None else Path(local).parent
    return figures_of(corpus, loaded.checks, loaded.run.dedup.max_nodes, machine_of(folder), workers)


def _units_of(manifest: Manifest) -> int:
    told = manifest.execution.get("deduplication")
    units = told.get("units") if isinstance(told, Mapping) else None
    return units if isinstance(units, int) else 0


def _told(ahead: Ahead, sample: Sample | None) -> dict[str, Any]:
    if sample is None:
        return {"pieces": 0, "why": NOTHING_READABLE if ahead.read else NOTHING_TO_READ}
    return {
        "pieces": sample.pieces, "stored_bytes": sample.stored_bytes, "of_bytes": sample.population,
        "text_bytes": sample.text_read, "records": len(sample.weight), "whole": sample.is_whole,
        "not_read": list(sample.problems[:20]), "pieces_not_read": len(sample.problems),
    }  # fmt: skip
