"""The whole near-duplicate job, files in to decisions out, each a program of its own on one core: ours, datatrove, rensa."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from checks import CHECKS
from checks.kernels.loading import absence
from manifests.store import open_store
from pipelines.bench.dedup_inputs import Corpus
from pipelines.bench.inputs import Input, run_yaml
from pipelines.bench.used import Used, python, use_of
from pipelines.dedup.decide import EVIDENCE_NAME
from pipelines.dedup.outcome import outcome_of
from pipelines.dedup.room import BRIEF, Room, room_of
from pipelines.sorted_rows import opened
from schemas.errors import RunError

ALONE: Mapping[str, bool] = {check.name: False for check in CHECKS if check.name != "duplicates"}
"""Checks of a run that looks for copies and for nothing else."""
PEERS: Mapping[str, str] = {
    "datatrove": "pipelines.bench.datatrove_dedup",
    "rensa": "pipelines.bench.dedup_rensa",
}


@dataclass(frozen=True)
class Job:
    """*work_cpu_s*: from the first file opened to the last decision, without start and imports; *kept_of*: int64[n], for
    each document the one that stands for it.
    """

    used: Used
    work_cpu_s: float
    kept_of: npt.NDArray[np.int64]


def our_job(folder: Path, corpus: Corpus) -> Job:
    """`corpusledger scan` with duplicates alone and ``verify: exact``, the default. Raises `RunError` without the kernel."""
    used, told = our_scan(folder, (corpus.input,))
    room = _room(folder, told["run"])
    found = np.arange(len(corpus.texts), dtype=np.int64)
    if room.bases[-1] != len(found):
        raise RunError(f"bench dedup: {room.bases[-1]} records read of {len(found)} {corpus.language} documents")
    for name, digest, _, schema in outcome_of(room).files:
        if schema != EVIDENCE_NAME:
            continue
        rows = pq.read_table(opened(room.store, digest)).to_pydict()
        if any(run is not None for run in rows["kept_run"]):
            raise RunError(f"bench dedup: {name} names another run; the ledger of a benchmark is empty before")
        removed, kept = (
            room.bases[np.array(rows[f"{end}_unit"], np.int64)] + np.array(rows[f"{end}_row"], np.int64)
            for end in ("removed", "kept")
        )
        found[removed] = kept
    return Job(used, told["work_cpu_ms"] / 1000, found)


def our_scan(folder: Path, files: tuple[Input, ...]) -> tuple[Used, dict[str, Any]]:
    """The scan of *files* with a ledger in *folder*, and what it printed."""
    if (why := absence()) is not None:
        raise RunError(f"bench dedup: the C kernel is not there: {why}")
    used = use_of(python("pipelines.cli", "scan", str(run_yaml(folder, files, ALONE)), "--json", "--workers", "1"))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    return used, told


def peer_job(peer: str, folder: Path, corpus: Corpus) -> Job:
    """One of `PEERS` over the same file."""
    folder.mkdir(parents=True)
    used = use_of(python(PEERS[peer], corpus.language, str(folder), str(corpus.input.path)))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    found = np.load(folder / "kept_of.npy")
    if len(found) != len(corpus.texts):
        raise RunError(f"bench dedup: {peer} read {len(found)} of {len(corpus.texts)} {corpus.language} documents")
    return Job(used, told["work_cpu_s"], found)


def _room(folder: Path, run: str) -> Room:
    ledger = str(folder / "ledger")
    briefs = [path for path in open_store(ledger).list(f"work/{run}/dedup") if path.endswith(f"/{BRIEF}")]
    if len(briefs) != 1:
        raise RunError(f"bench dedup: {len(briefs)} deduplications in {ledger}, run {run}; one is expected")
    return room_of(ledger, run, briefs[0].split("/")[-2])
