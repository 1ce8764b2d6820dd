"""The two graphs, driven: plan, LOOK, copies; what a killed driver finds again when it is started anew."""

import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa

from manifests.ledger import Ledger
from manifests.runs import load_manifest, sealed_runs
from manifests.tables import read_units
from pipelines.attempts import Desk, is_gone
from pipelines.config import Loaded
from pipelines.known import Earlier, learned, reading_settings
from pipelines.listing import listed
from pipelines.plan import ListedFile, PlanSizes, RowGroups, Unit, cut, row_group_spans
from pipelines.read.heads import row_group_bytes
from pipelines.settings import RunSettings, plan_files, write_plan
from pipelines.settings import read_units as read_plan
from pipelines.unit import Looked
from schemas.canonical import canonical_json, parse_json
from schemas.errors import LedgerError, RunError, StoreError
from schemas.source import UNREGISTERED, Source


def find_or_make_run(ledger: Ledger, digest: str, now_s: float, fresh: bool) -> tuple[str, bool]:
    """(id, is its plan made?) of the run to carry: one cut off under the same settings whose driver is gone, or a new one.

    Raises `RunError` where another live driver works on a run of these settings.
    """
    sealed = {s.run for s in sealed_runs(ledger.store)}
    left = _left(ledger)
    for run in reversed(left):
        desk = Desk(ledger.store, run)
        path = desk.path("lease.json")
        if run in sealed:
            clear(desk)  # killed between its seal and its end
            continue
        lease = parse_json(ledger.store.get(path))
        if lease["config"] != digest:
            continue
        if not is_gone(lease):
            msg = f"{ledger.store.place(path)}: process {lease['process']} works on this run already; wait for it, or stop it"
            raise RunError(msg)
        if not fresh:
            return run, bool(plan_files(desk))
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    taken = sealed | set(left)
    run = next(r for n in range(10_000) if (r := f"{stamp}-{digest[:8]}" + (f"-{n}" if n else "")) not in taken)
    return run, False


def hold_lease(desk: Desk, digest: str, started: str) -> None:
    """Say that this process drives the run."""
    told = {"config": digest, "started_at": started, "host": socket.gethostname(), "pid": os.getpid()}
    desk.hold(desk.path("lease.json"), told)


@contextmanager
def carrying(desk: Desk) -> Iterator[None]:
    """While the block runs, this process drives; where it fails, the next start may take the run up at once."""
    try:
        yield
    except BaseException:
        desk.give_up(desk.path("lease.json"))
        raise


def refuse_changed(desk: Desk, looked: Sequence[Looked]) -> None:
    """Raise `RunError` where shards changed while they were read. The next start lists anew and keeps what else is done."""
    changed = sorted({shard for d in looked for shard in d.changed})
    if changed:
        desk.store.delete(desk.path("plan", "settings.json"))  # a plan without its settings is made anew
        told = "\n".join(f"{shard}: changed while read" for shard in changed[:20])
        msg = f"{told}\n{len(changed)} shard(s) changed while read; nothing of them was taken; stop their writer and run again"
        raise RunError(msg)


def clear(desk: Desk) -> None:
    """Remove work/<run>: a sealed run needs none of it."""
    with suppress(StoreError):
        desk.let_go(desk.path("lease.json"))
    local = desk.store.local_path(desk.path("lease.json"))
    if local is not None:
        shutil.rmtree(local.parent, ignore_errors=True)
        return
    for path in desk.store.list(desk.path()):
        desk.store.delete(path)


def make_plan(
    ledger: Ledger, loaded: Loaded, desk: Desk, hmac_key: str | None, planned: Sequence[Mapping[str, Any]] | None
) -> None:
    """List, unless it is *planned* already, look up what is known, and write the plan.

    What an earlier plan of this run committed goes; memos stay, for their names follow from what they hold.
    """
    earlier = known_to(ledger, loaded)
    try:
        units = planned if planned is not None else units_of(loaded, earlier, time.time_ns())[1]
    except LedgerError:
        if not desk.store.list(desk.path("memo")):
            clear(desk)  # nothing was begun
        raise
    for stage in ("looked", "summed", "dedup"):
        for path in desk.store.list(desk.path(stage)):
            desk.store.delete(path)
    registry = {s.id: s.registry_values() for s in loaded.sources}
    registry[UNREGISTERED] = Source(id=UNREGISTERED, paths=()).registry_values()
    write_plan(desk, RunSettings(desk.run, loaded.checks, registry, hmac_key), units, earlier.works)


def units_of(loaded: Loaded, earlier: Earlier, now_ns: int) -> tuple[list[Unit], list[dict[str, Any]]]:
    """The units of the listing, and as plan rows with what earlier runs know of them."""
    plan = loaded.run.plan
    mean = min(PlanSizes().pack_mean_bytes, max(1, plan.pack_bytes // 4))
    sizes = PlanSizes(plan.range_bytes, plan.pack_bytes, plan.pack_files, mean)
    units = cut(listed(loaded, earlier, now_ns), loaded.checks, sizes, _row_groups(earlier))
    return units, [_planned(u, earlier) for u in units]


def known_to(ledger: Ledger, loaded: Loaded) -> Earlier:
    """What every sealed run of the ledger knows, the newest first."""
    plan = plan_settings(loaded)

    def runs() -> Iterator[tuple[str, pa.Table, dict[str, str], bool]]:
        for sealed in reversed(sealed_runs(ledger.store)):
            manifest = load_manifest(ledger.store, sealed)
            readings = {s.id: reading_settings(s.declared) for s in manifest.registry.sources}
            yield sealed.run, read_units(ledger.store, manifest), readings, manifest.settings.get("plan") == plan

    return learned(runs())


def plan_settings(loaded: Loaded) -> dict[str, int]:
    """How this run cuts its work, as the manifest prints it."""
    plan = loaded.run.plan
    return {"range_bytes": plan.range_bytes, "pack_bytes": plan.pack_bytes, "pack_files": plan.pack_files}


def plan_of(desk: Desk) -> list[dict[str, Any]]:
    """The plan that an earlier start of this run wrote."""
    return [u for path in plan_files(desk) for u in read_plan(desk.store, path)]


def looked_at(desk: Desk) -> list[Looked]:
    """LOOK's output collection, as the runner committed it."""
    return [
        Looked.of_json(d) for path in desk.store.list(desk.path("looked")) for d in parse_json(desk.store.get(path))
    ]


def summed_tallies(desk: Desk) -> dict[str, dict[str, Any]]:
    """Source -> its tallies by work name."""
    parts = [parse_json(desk.store.get(path)) for path in desk.store.list(desk.path("summed"))]
    return {p["source"]: p["tallies"] for p in parts}


def _planned(unit: Unit, earlier: Earlier) -> dict[str, Any]:
    framings = [canonical_json(p.file.framing.as_json()).decode() if p.file.framing else None for p in unit.files]
    digests = earlier.digests(unit, framings)
    return unit.as_json() | {
        "digests": digests, "hash_first": digests is None and earlier.may_hold(unit), "planned_bytes": unit.planned_bytes,
    }  # fmt: skip


def _row_groups(earlier: Earlier) -> RowGroups:
    def spans(file: ListedFile, range_bytes: int) -> Sequence[tuple[int, int]]:
        known = earlier.spans.get((file.uri, file.token)) if file.strong else None
        return known if known is not None else row_group_spans(row_group_bytes(file.uri), range_bytes)

    return spans


def _left(ledger: Ledger) -> list[str]:
    """Runs under way or cut off, and those whose folder outlived their seal."""
    return sorted({p.split("/")[1] for p in ledger.store.list("work") if p.endswith("/lease.json")})
