"""How much of the corpus has copies: from an earlier run of the same scheme, else from the sample, which sees fewer."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.duplicates import Duplicates
from checks.pairs import equal_slots_at, estimate_ppm, join, labels, parents, unique_pairs
from manifests.runs import load_manifest, sealed_run, sealed_runs
from manifests.store import Store
from pipelines.dedup.pairs import HOPELESS_PPM, NEAR_PPM
from pipelines.dedup.room import ESTIMATE, EXACT
from pipelines.forecast.sampled import Sample
from schemas.manifest import Manifest
from schemas.run import Dedup

SAMPLE: Final = "sample"
NEXT: Final = 16
"""In a run of equal band hashes longer than this not all pairs are looked at, so that a sample costs little."""


@dataclass(frozen=True)
class Copies:
    """Shares of all records: removed as *exact*, *folded* or *near* copies; *nodes*: with a near copy; *wanted*: read
    twice; candidate *pairs* a record, those *judged*, verified *edges*. *units*, *stored*: shares of units and of stored
    bytes read twice, None where they follow from *wanted*.

    *basis*: `sample` or `run <id>`. *is_least*: it may be more, for copies of what was not drawn are not seen.
    """

    basis: str
    is_least: bool
    exact: float
    folded: float
    near: float
    nodes: float
    wanted: float
    pairs: float
    judged: float
    edges: float
    units: float | None = None
    stored: float | None = None
    compare_s: float | None = None  # CPU seconds of sorting and comparing, a long record
    terms: float | None = None  # of a record of that run

    def within(self, share: float) -> "Copies":
        """The same where only that *share* of all records was looked at: of the others nothing is known, so it is the least."""
        if share >= 1:
            return self
        counted = {f: getattr(self, f) * share for f in _COUNTED}
        return replace(self, is_least=True, **counted)


_COUNTED: Final = ("exact", "folded", "near", "nodes", "wanted", "pairs", "judged", "edges")


def copies_of_run(store: Store, check: Duplicates, dedup: Dedup) -> Copies | None:
    """From the newest sealed run with the same signatures, threshold and mode that looked for copies; None: there is none."""
    for sealed in reversed(sealed_runs(store)):
        manifest = load_manifest(store, sealed)
        told = manifest.execution.get("deduplication")
        if isinstance(told, Mapping) and told and _is_like(manifest, check, dedup):
            return _copies_of(store, manifest, told)
    return None


def _is_like(manifest: Manifest, check: Duplicates, dedup: Dedup) -> bool:
    entry = next((c for c in manifest.checks if c.name == check.name), None)
    settings = manifest.settings.get("dedup")
    if entry is None or dict(entry.inputs) != check.inputs() or not isinstance(settings, Mapping):
        return False
    # What was not set stands in no manifest.
    mine, standard = {"threshold_ppm": dedup.threshold_ppm, "verify": dedup.verify}, Dedup()
    theirs = {name: settings.get(name, getattr(standard, name)) for name in mine}
    return theirs == mine and manifest.counts.records.looked_at > 0


def _copies_of(store: Store, manifest: Manifest, told: Mapping[str, Any]) -> Copies:
    whole = [manifest, *(load_manifest(store, sealed_run(store, run)) for run in compared(manifest))]
    records = sum(m.counts.records.looked_at for m in whole)
    stored = sum(m.counts.files.read_bytes for m in whole)
    values = next(m.values for m in manifest.measures if m.source is None and m.check == "duplicates")

    def share(count: Any) -> float:
        return int(count or 0) / records

    return Copies(
        f"run {manifest.run}", False, share(values.get("exact_duplicate_records")),
        share(values.get("folded_duplicate_records")), share(values.get("near_duplicate_records")),
        share(told["records_in_clusters"]), share(told["records_read_twice"]), share(told["candidate_pairs"]),
        share(told["pairs_judged"]), share(told["verified_edges"]), told["units_read_twice"] / max(1, told["units"]),
        told["bytes_read_twice"] / max(1, stored), terms=(values.get("terms") or 0) / max(1, values.get("records") or 0),
    )  # fmt: skip


def compared(manifest: Manifest) -> tuple[str, ...]:
    """The runs that a sealed run was compared with."""
    found = manifest.settings.get("compare_with") or ()
    return tuple(str(run) for run in found) if isinstance(found, list | tuple) else ()


def copies_of_sample(sample: Sample, dedup: Dedup) -> Copies | None:
    """From the documents of the sample alone; None where none was sketched.

    A lower bound, unless the sample is the whole: the partner of a drawn record is mostly not drawn itself.
    """
    if sample.sketches is None or sample.content is None or not sample.weight.sum():
        return None
    began = time.process_time()
    weight, whole = sample.weight, float(sample.weight.sum())
    first = _firsts(sample.content)
    sketches = sample.sketches[sample.sketches["part"] == 0]
    sketches = sketches[first[sketches["row"]]]
    alone = _firsts(np.ascontiguousarray(sketches["folded"]))
    folded, sketches = weight[sketches["row"][~alone]].sum(), sketches[alone]
    a, b = _candidates(sketches)
    estimate = estimate_ppm(equal_slots_at(sketches["slots"], a, sketches["slots"], b)).astype(np.int64)
    likely = estimate >= dedup.threshold_ppm - HOPELESS_PPM
    measured = likely & (dedup.verify != ESTIMATE)
    if dedup.verify not in {EXACT, ESTIMATE}:
        measured &= np.abs(estimate - dedup.threshold_ppm) <= NEAR_PPM
    near = estimate >= dedup.threshold_ppm
    of = weight[sketches["row"]]

    def weighs(some: npt.NDArray[np.bool_]) -> float:
        return float(of[np.unique(np.concatenate([a[some], b[some]]))].sum()) / whole

    def pairs(some: npt.NDArray[np.bool_]) -> float:
        return float(of[a[some]].sum()) / whole

    forest = parents(len(sketches))
    join(forest, a[near], b[near])
    stays = labels(forest) == np.arange(len(sketches))
    took = time.process_time() - began
    return Copies(
        SAMPLE, not sample.is_whole, float(weight[~first].sum()) / whole, float(folded) / whole,
        float(of[~stays].sum()) / whole, weighs(near), weighs(measured), pairs(np.ones(len(a), np.bool_)),
        pairs(likely), pairs(near), compare_s=took / max(1, len(sketches)),
    )  # fmt: skip


def _candidates(sketches: npt.NDArray[np.void]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Pairs of places that share a band, each once: a member of a run with its first, and with the NEXT that follow."""
    found = []
    for band in range(sketches.dtype["hashes"].shape[0]):
        hashes = np.ascontiguousarray(sketches["hashes"][:, band])
        order = np.argsort(hashes, kind="stable")
        same = np.flatnonzero(hashes[order][1:] == hashes[order][:-1]) + 1
        starts = np.arange(len(order))
        starts[same] = 0
        leader = np.maximum.accumulate(starts)
        found.append(np.stack([order[leader[same]], order[same]]))
        for step in range(1, NEXT + 1):
            ahead = same[same >= step]
            ahead = ahead[(leader[ahead] < ahead - step) & (leader[ahead] == leader[ahead - step])]
            if not len(ahead):
                break
            found.append(np.stack([order[ahead - step], order[ahead]]))
    pairs = np.concatenate([np.zeros((2, 0), np.int64), *found], axis=1).astype(np.uint64)
    a, b = unique_pairs(np.minimum(pairs[0], pairs[1]), np.maximum(pairs[0], pairs[1]))
    return a.astype(np.int64), b.astype(np.int64)


def _firsts(ids: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """Which values occur for the first time."""
    found = np.zeros(len(ids), np.bool_)
    found[np.unique(ids.view(f"S{ids.dtype.itemsize}"), return_index=True)[1]] = True
    return found
