"""The main job, start to end: plan, LOOK, copies, measures, gate, manifest, seal. One function a step."""

import os
import platform
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks import BY_NAME
from checks.personal import Personal
from checks.personal.keys import use_key
from manifests.assessments import with_assessments
from manifests.ledger import Ledger, open_or_create
from manifests.manifest import measure_rows, verify_conservation
from manifests.runs import log_head, seal_run
from manifests.store import open_store
from manifests.subject_requests import requests_of
from manifests.tables import write_files, write_units
from pipelines.assemble import Assembled, assembled, complete
from pipelines.attempts import Desk
from pipelines.config import Loaded, load_run
from pipelines.dedup.before import before_dedup
from pipelines.dedup.brief import brief_dedup
from pipelines.dedup.outcome import Outcome, outcome_of
from pipelines.dedup.room import room_of
from pipelines.dialogues import with_dialogues
from pipelines.drive import (
    carrying,
    clear,
    find_or_make_run,
    hold_lease,
    looked_at,
    make_plan,
    plan_of,
    refuse_changed,
    summed_tallies,
    units_of,
)  # fmt: skip
from pipelines.forecast import refuse_unfit
from pipelines.joined import put_joined
from pipelines.known import Earlier
from pipelines.labels import with_labels
from pipelines.lexicon_joined import put_words
from pipelines.manifesting import PRODUCT, counts_of, manifest_of, product_version, result_counts
from pipelines.measures import NOTHING, Copies, Deduplicated, Repeated, SourceTotals, measured, together
from pipelines.progress import Progress, Watched
from pipelines.repeated import Again, find_repeated
from pipelines.rollups import put_rollups
from pipelines.settings import plan_files
from pipelines.subjects import index_subjects
from pipelines.subjects_erased import Erased, erased_rows, with_erased, with_subjects
from pipelines.taken_out import with_gone_counts, with_taken_out
from pipelines.tokenizer import put_tokenizer
from pipelines.tokens import with_tokens
from pipelines.unit import Looked
from schemas.errors import RunError
from schemas.ledger import LEDGER_FILE
from schemas.manifest import Gate as GateEntry
from schemas.manifest import Measured, Top

LOCAL_UNITS_A_WORKER = 2
"""The local runner takes a second process only where there is work for it; starting one costs seconds."""


@dataclass(frozen=True)
class Choice:
    """What the command line chose: *runner* and *workers* override run.yaml where given."""

    runner: str | None = None
    workers: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    fresh: bool = False


@dataclass
class Scanned:
    """A run whose records were looked at and whose copies were decided; not yet gated."""

    loaded: Loaded
    ledger: Ledger
    desk: Desk
    started: str
    resumed: bool
    runner: str
    built: Assembled
    sources: dict[str, SourceTotals]
    whole: SourceTotals
    measures: list[Measured]
    copies: Outcome
    findings: dict[str, dict[str, int]]
    erased: Erased
    seconds: float


def load(path: Path, profile: str | None = None) -> Loaded:
    """run.yaml and all it names, bound to the checks of this program; *profile*: in place of `dedup.profile`."""
    return load_run(path, BY_NAME, datetime.now(UTC).date().isoformat(), profile)


def scan_run(loaded: Loaded, choice: Choice) -> Scanned:
    """Everything up to the measures. What was finished by an earlier start of the same run is not done again."""
    began, where, config = time.monotonic(), loaded.resolve(loaded.run.ledger), loaded.digest()
    loaded, key = keyed(loaded)
    # What is wrong with the corpus' paths is told before there is a ledger; one that is there saves opening known files.
    first = None if open_store(where).exists(LEDGER_FILE) else units_of(loaded, Earlier(), time.time_ns())[1]
    ledger = open_or_create(where, f"{PRODUCT} {product_version()}")
    before_dedup(ledger, loaded)
    run, resumed = find_or_make_run(ledger, config, time.time(), choice.fresh)
    desk, started = Desk(ledger.store, run), _utc_now()
    put_joined(ledger.store, loaded.joined)
    hold_lease(desk, config, started)
    with carrying(desk):
        put_words(desk, loaded.joined)
        put_tokenizer(desk, loaded.joined)
        if not resumed:
            make_plan(ledger, loaded, desk, key, first)
        return _carried(loaded, ledger, desk, (started, resumed, began), choice)


def _carried(loaded: Loaded, ledger: Ledger, desk: Desk, begun: tuple[str, bool, float], choice: Choice) -> Scanned:
    plan, (started, resumed, began) = plan_of(desk), begun
    runner = choice.runner or loaded.run.runner.name
    workers = workers_of(choice, loaded, plan, runner)
    if not resumed:
        refuse_unfit(ledger, desk, loaded, plan, runner, workers)
    given = dict(loaded.run.runner.options) | dict(choice.options)
    _carry_scan(ledger.uri, desk, plan, runner, workers, given)
    looked = complete(plan, looked_at(desk))
    refuse_changed(desk, looked)
    segments = index_subjects(ledger, looked)
    erased = erased_rows(ledger.store, requests_of(ledger.store), loaded.checks, segments, looked)
    found = _carry_dedup(ledger, desk, loaded, plan, looked, erased.content_ids, runner, workers, given)
    found, gone = with_subjects(ledger.store, plan, looked, found, segments, erased)
    found, out = with_taken_out(ledger.store, plan, looked, found)
    built = assembled(plan, looked, found.decided)
    _refuse_nothing(built)
    again = find_repeated(ledger.store, loaded.checks, built.units)
    found = replace(found, files=[*found.files, *again.files])
    sources = with_gone_counts(with_erased(_totals(desk, built, found, again), gone), out)
    whole = replace(together(loaded.checks, list(sources.values())), repeated=again.whole)
    rows = [r for s, t in sorted(sources.items()) for r in measured(s, t, loaded.checks)]
    told = Deduplicated(found.distinct, found.cost.get("removed_by_estimate", 0), found.wrong_ppm)
    rows += measured(None, whole, loaded.checks, told)
    rows = with_tokens(rows, sources, loaded.checks)
    return Scanned(
        loaded,
        ledger,
        desk,
        started,
        resumed,
        runner,
        built,
        sources,
        whole,
        with_labels(with_dialogues(rows, ledger.store, loaded.checks, built.units), loaded.joined),
        found,
        _findings(plan, looked),
        erased,
        time.monotonic() - began,
    )


def seal_scan(scanned: Scanned, gate: GateEntry) -> dict[str, Any]:
    """Write tables and manifest, sign, log, and clear the desk. Gives the result that `--json` prints."""
    loaded, desk, store = scanned.loaded, scanned.desk, scanned.ledger.store
    files, tops = _write_rollups(scanned)
    units_set = write_units(store, desk.run, [scanned.built.units])
    files_set = write_files(store, desk.run, files)
    decides = any(c.name == "duplicates" for c in loaded.checks) or scanned.whole.dropped > 0
    counts = counts_of(loaded.checks, scanned.sources, scanned.whole, scanned.built, scanned.findings, decides)
    execution = {
        "runner": scanned.runner, "host": platform.node(), "cpus": os.cpu_count() or 0, "resumed": scanned.resumed,
        "made": dict(scanned.built.made), "reused": dict(scanned.built.reused), "scan_ms": int(scanned.seconds * 1000),
        "problems": list(scanned.built.problems[:100]), "deduplication": dict(scanned.copies.cost),
    }  # fmt: skip
    manifest = manifest_of(
        loaded, desk.run, (scanned.started, _utc_now()), counts, scanned.measures, gate, tops, units_set, files_set,
        log_head(store), execution,
    )  # fmt: skip
    manifest = replace(manifest, settings={**manifest.settings, **scanned.erased.as_settings()})
    manifest = replace(manifest, registry=with_assessments(store, manifest.registry))
    astray = verify_conservation(manifest)
    if astray:
        raise RunError(
            "\n".join(["the counts of this run do not add up; this is a defect, please report it:", *astray])
        )
    key = Path(loaded.resolve(loaded.run.keys.sign)) if loaded.run.keys.sign else None
    sealed = seal_run(scanned.ledger, manifest, key)
    clear(desk)
    return {
        "run": desk.run, "ledger": scanned.ledger.uri, "effect": gate.effect, "stopped": gate.stopped,
        "signed": sealed.signed, "manifest_sha256": sealed.manifest_sha256, "log_index": sealed.index,
        "counts": result_counts(counts), "copies": vars(scanned.whole.copies), "made": dict(scanned.built.made), "reused": dict(scanned.built.reused),
        "resumed": scanned.resumed, "unreadable": list(scanned.built.problems[:100]),
        "measures": [r._asdict() for r in measure_rows(manifest) if r.source is None],
    }  # fmt: skip


def _carry_scan(
    ledger: str, desk: Desk, plan: Sequence[Mapping[str, Any]], runner: str, workers: int, given: Mapping[str, Any]
) -> None:
    from pipelines.runner import WORKER_DIED, carry, options_of  # importing Beam takes seconds
    from pipelines.scan import scan

    sizes = {u["unit_id"]: u["planned_bytes"] for u in plan if u["digests"] is None}
    options = options_of(runner, workers, given)
    with Progress(Watched(desk, sizes, len(plan))):
        carry(lambda p: scan(p, plan_files(desk), ledger, desk.run), options, lambda: os._exit(WORKER_DIED))


def _carry_dedup(
    ledger: Ledger, desk: Desk, loaded: Loaded, plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked],
    erased: Sequence[str], runner: str, workers: int, given: Mapping[str, Any],
) -> Outcome:  # fmt: skip
    from pipelines.dedup.graph import dedup_here, dedup_jobs  # importing Beam takes seconds
    from pipelines.runner import WORKER_DIED, carry, options_of

    if not any(c.name == "duplicates" for c in loaded.checks):
        return Outcome()
    name = brief_dedup(ledger, desk, loaded, plan, looked, erased)
    if runner == "local" and workers == 1:
        dedup_here(ledger.uri, desk.run, name)  # what the local runner would do, without its three seconds of barriers
    else:
        for wire in dedup_jobs(ledger.uri, desk.run, name):
            carry(wire, options_of(runner, workers, given), lambda: os._exit(WORKER_DIED))
    return outcome_of(room_of(ledger.uri, desk.run, name))


def _write_rollups(scanned: Scanned) -> tuple[list[tuple[str, str, int, str]], list[Top]]:
    store = scanned.ledger.store
    rolled, tops = put_rollups(store, scanned.built.units)
    return [*rolled, *scanned.copies.files, *put_joined(store, scanned.loaded.joined)], tops


def _totals(desk: Desk, built: Assembled, found: Outcome, again: Again) -> dict[str, SourceTotals]:
    tallies = summed_tallies(desk)
    return {
        s: SourceTotals(
            tallies.get(s, NOTHING.tallies), f, found.copies.get(s, Copies()), again.sources.get(s, Repeated())
        )
        for s, f in built.files.items()
    }


def _findings(plan: Sequence[Mapping[str, Any]], looked: Sequence[Looked]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for unit, seen in zip(plan, looked, strict=True):
        for name, result in seen.results.items():
            if "findings" in result.objects:
                found.setdefault(unit["source"], Counter())[name] += result.objects["findings"]["rows"]
    return {s: dict(c) for s, c in found.items()}


def keyed(loaded: Loaded) -> tuple[Loaded, str | None]:
    """The loaded run with the key's id in the settings of the checks that use one, and where the key lies."""
    if not loaded.run.keys.hmac:
        return loaded, None
    key = loaded.resolve(loaded.run.keys.hmac)
    ident = use_key(key)
    checks = tuple(replace(c, key_id=ident) if isinstance(c, Personal) else c for c in loaded.checks)
    return replace(loaded, checks=checks), key


def workers_of(choice: Choice, loaded: Loaded, plan: Sequence[Mapping[str, Any]], runner: str) -> int:
    """The processes that carry a plan: as chosen, or as many as there is work for."""
    if choice.workers is not None:
        return choice.workers
    if runner != "local" or loaded.run.runner.workers > 1:
        return loaded.run.runner.workers
    to_do = sum(1 for u in plan if u["digests"] is None)
    to_read = sum(u["planned_bytes"] for u in plan if u["digests"] is None)
    enough = to_do >= LOCAL_UNITS_A_WORKER * 2 and to_read >= 512 << 20
    return (os.cpu_count() or 1) if enough else 1


def _refuse_nothing(built: Assembled) -> None:
    if built.units.num_rows == 0:
        msg = "corpus: no file under the corpus roots or sources; nothing was looked at, so nothing can be said"
        raise RunError(msg)


def _utc_now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
