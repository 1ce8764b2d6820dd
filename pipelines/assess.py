"""Assess a candidate source: the real scan over a sample of it, sealed in the ledger before the collection begins.

The sample is run as a corpus of its own in a ledger of its own, by the program's own `run` in a process of its own; what it
measured is kept, the rest goes.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from manifests.assessments import Recorded, record_assessment
from manifests.ledger import open_ledger, open_or_create
from manifests.manifest import registry_of
from manifests.runs import load_manifest, sealed_run
from manifests.tables import first_of_shard, read_units
from pipelines.config import load_sources
from pipelines.manifesting import PRODUCT, product_version
from pipelines.places import is_uri, resolved
from schemas.assessment import Assessment, CheckRan, Judged, Sample
from schemas.canonical import digest_of
from schemas.errors import ConfigError, RunError
from schemas.intervals import upper_ppm
from schemas.manifest import Manifest
from schemas.source import Source
from schemas.yaml_places import read_yaml
from schemas.yaml_shape import as_json

_READING: Final = ("class", "category", "stage", "language", "licence", "format", "layout", "record", "columns")
"""What of a candidate's YAML its scan follows from; its papers are not looked at."""
UNLAWFUL: Final = ("safety", "unlawful_records_ppm")
"""The check and measure whose figure over the sample is the share of unlawful content before collection.

The check has no such measure as long as nothing but people tells what is unlawful: its candidates are no share of it. What
people judged goes before it.
"""
_PASSED: Final = (0, 1)
"""Exit codes of a run that was sealed, whether its gate let it pass or not."""


@dataclass(frozen=True)
class Plan:
    """What an assessment starts from. *checks*: the `checks` of run.yaml as written; *sign*: file of the Ed25519 key."""

    source: Source
    ledger: str
    checks: Mapping[str, Any]
    sign: Path | None


def plan_of(ident: str, run_yaml: Path | None, registry: Path | None, ledger: str | None, sign: Path | None) -> Plan:
    """The plan of assessing the source *ident*: from run.yaml where one is given, what is named besides standing before it.

    Its files need not be there yet. Raises `ConfigError`.
    """
    said, folder = ({}, Path()) if run_yaml is None else (_read(run_yaml), run_yaml.resolve().parent)
    listed = said.get("sources") or []
    patterns = (str(registry.resolve()),) if registry is not None else tuple(str(one) for one in listed)
    where = ledger if ledger is not None else said.get("ledger")
    if not patterns or not isinstance(where, str):
        raise ConfigError("source assess: name the registry and the ledger: --run RUN.yaml, or --registry and --ledger")
    loaded = load_sources(patterns, folder.resolve(), _now()[:10], collected=False)
    source = next((one for one, _ in loaded if one.id == ident), None)
    if source is None:
        known = ", ".join(one.id for one, _ in loaded)
        raise ConfigError(
            f"--source: no source {ident!r} in the registry; known: {known}; `corpusledger source add` writes one"
        )
    place = where if ledger is not None else resolved(where, folder)
    return Plan(source, place, _checks_of(said, folder), sign or _key_of(said, folder, place))


def judged_of(read: int | None, unlawful: int | None) -> Judged | None:
    """What people found in the sample; None where nobody read it. Raises `ConfigError`."""
    if read is None and unlawful is None:
        return None
    if read is None or unlawful is None:
        raise ConfigError("--read and --unlawful: one says nothing without the other; give both, or neither")
    if read < 1 or not 0 <= unlawful <= read:
        raise ConfigError(
            f"--unlawful: {unlawful} of {read} records read cannot be; give 0 up to the number that was read"
        )
    return Judged(read, unlawful, upper_ppm(unlawful, read))


def assess(
    plan: Plan, sample: Path, reviewer: str, note: str | None = None, judged: Judged | None = None
) -> tuple[Assessment, Recorded]:
    """Scan *sample* (a file or folder) as the planned source and seal what was measured, and what people *judged*.

    Raises `LedgerError`, `ConfigError`.
    """
    if is_uri(str(sample)) or not sample.exists():
        raise ConfigError(f"{sample}: no such file or folder; give a sample of the candidate on this machine")
    if not reviewer.strip():
        raise ConfigError("--reviewer: is empty; name the person who answers for this assessment")
    ledger = open_or_create(
        plan.ledger, f"{PRODUCT} {product_version()}"
    )  # before the scan: one that is refused costs nothing
    with tempfile.TemporaryDirectory(prefix="corpusledger-") as made:
        manifest, sampled = _scanned(plan, sample.resolve(), Path(made))
    if judged is not None and judged.read > sampled.looked_at:
        raise ConfigError(
            f"--read: {judged.read:,} records read, but the sample has {sampled.looked_at:,} that can be looked at; "
            "give the sample that was read, whole"
        )
    measures = {m.check: dict(m.values) for m in manifest.measures if m.source is None}
    checks = tuple(CheckRan(c.name, c.version, dict(c.settings)) for c in manifest.checks)
    declared = registry_of([plan.source]).sources[0].digest
    found = Assessment(
        plan.source.id, declared, reviewer.strip(), _now(), f"{manifest.product.name} {manifest.product.version}", sampled,
        checks, measures, unlawful_of(measures) if judged is None else judged.ppm, note, judged=judged,
    )  # fmt: skip
    return found, record_assessment(ledger, found, plan.sign)


def unlawful_of(measures: Mapping[str, Mapping[str, int | None]]) -> int | None:
    """The share that `UNLAWFUL` measured, in ppm; None, which is not zero, where that check did not run or measured nothing."""
    check, measure = UNLAWFUL
    return measures.get(check, {}).get(measure)


def _scanned(plan: Plan, sample: Path, folder: Path) -> tuple[Manifest, Sample]:
    """The sealed manifest of the sample's own run, and what was scanned."""
    declared = {key: value for key, value in as_json(plan.source).items() if key in _READING}
    source = {"id": plan.source.id, "paths": [str(sample)], **declared}
    run = {
        "provider": {"name": "assessment"}, "model": {"name": "assessment", "stage": plan.source.stage or "pre-training"},
        "corpus": [str(sample)], "sources": ["source.yaml"], "ledger": "ledger", "policies": ["none.yaml"],
        "checks": dict(plan.checks), "identity": "bytes",
    }  # fmt: skip
    (folder / "none.yaml").write_text('policy: none\nversion: "1"\n', encoding="utf-8")
    for name, value in (("source.yaml", source), ("run.yaml", run)):
        (folder / name).write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.cli", "run", str(folder / "run.yaml"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in _PASSED:
        told = done.stderr.replace(f"{folder}/", "").removeprefix("corpusledger: ").strip()
        raise RunError(f"{sample}: the scan of the sample failed: {told or f'exit code {done.returncode}'}")
    store = open_ledger(str(folder / "ledger")).store
    manifest = load_manifest(store, sealed_run(store, json.loads(done.stdout.strip().splitlines()[-1])["run"]))
    counts = manifest.counts
    if not counts.records.looked_at:
        raise RunError(
            f"{sample}: no record of the sample could be looked at, so nothing is known of it; give another sample"
        )
    shards = first_of_shard(read_units(store, manifest)).select(["shard_digest", "shard_bytes"]).to_pylist()
    digest = digest_of(sorted([row["shard_digest"] or "", row["shard_bytes"]] for row in shards))
    sampled = Sample(
        counts.files.listed, counts.files.not_looked_at, counts.files.unreadable, counts.files.listed_bytes, digest,
        counts.records.read, counts.records.looked_at, counts.records.unread,
    )  # fmt: skip
    return manifest, sampled


def _read(run_yaml: Path) -> dict[str, Any]:
    """run.yaml as it is written; only what an assessment needs of it is looked at."""
    problems: list[str] = []
    try:
        placed = read_yaml(run_yaml.read_bytes(), str(run_yaml), problems)
    except OSError as error:
        raise ConfigError(f"{run_yaml}: cannot be read ({error.strerror}); check the path") from error
    value = None if placed is None else placed.plain()
    if problems or not isinstance(value, dict):
        raise ConfigError(*(problems or [f"{run_yaml}:1: run is a mapping; see docs/configuration.md"]))
    return value


def _checks_of(said: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The `checks` of run.yaml, the files that they name from any folder."""
    checks = dict(said.get("checks") or {})
    for name, setting in (("personal", "recognizers"), ("fairness", "lexicons")):
        given = checks.get(name)
        if isinstance(given, Mapping) and isinstance(given.get(setting), list):
            checks[name] = {**given, setting: [resolved(str(one), folder) for one in given[setting]]}
    return checks


def _key_of(said: Mapping[str, Any], folder: Path, ledger: str) -> Path | None:
    """The signing key: that of run.yaml, else keys/sign.pem beside a ledger on this machine where there is one."""
    keys = said.get("keys")
    named = keys.get("sign") if isinstance(keys, Mapping) else None
    if isinstance(named, str):
        return Path(resolved(named, folder))
    beside = None if is_uri(ledger) else Path(ledger).absolute().parent / "keys" / "sign.pem"
    return beside if beside is not None and beside.is_file() else None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
