"""A customer's classifier over a keyed sample of a sealed run, and over candidates of the lexicons; figures of each apart.

Rows are ranked by a keyed hash of their places (`manifests.review_ranks`), so seed, seal and source give the sample again.
Records with a hint of state secrets and records dropped on a request are shown to no scorer. Nothing is written.
"""

import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from checks.confidentiality import STATE_SECRET_RULE, Confidentiality
from checks.safety import Safety
from checks.safety.scorer import NamedScorer
from manifests.review_ranks import hashes, shard_key
from manifests.store import Store
from pipelines.read_again import read_again
from pipelines.review_choose import UnitRead, units_of
from pipelines.works import READING
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError, RunError
from schemas.manifest import Manifest
from schemas.subjects import ERASED

PLAN: Final = "risk-scorer"
"""What stands in the place of a sampling plan in the key of the ranks."""
BATCH: Final = 256
_Rows = npt.NDArray[np.int64]


@dataclass
class _Part:
    """The sample of a source, or its candidates: (hash, unit, row) of the least ranks, and what came of them."""

    population: int = 0
    held: list[tuple[int, int, int]] = field(default_factory=list)
    scored: int = 0
    reached: Counter[str] = field(default_factory=Counter)

    def add(self, ranks: npt.NDArray[np.uint64], unit: int, rows: _Rows, most: int) -> None:
        self.population += len(rows)
        order = np.lexsort((rows, ranks))[:most]
        self.held = sorted([*self.held, *((int(ranks[i]), unit, int(rows[i])) for i in order)])[:most]

    def rows_of(self, unit: int) -> set[int]:
        return {row for _, of, row in self.held if of == unit}

    def as_json(self) -> dict[str, Any]:
        return {"of": self.population, "scored": self.scored, "reached": dict(sorted(self.reached.items()))}


def load_scorer(path: Path) -> NamedScorer:
    """The scorer of a Python file: ``name``, ``version`` and ``load()``, which gives a `RiskScorer`. Runs its code.

    Raises `ConfigError` where the file is none.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); correct path or permissions") from error
    spec = importlib.util.spec_from_file_location(f"corpusledger_scorer_{sha256_hex(data)[:12]}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: no Python file by its name; it ends in .py")
    module = importlib.util.module_from_spec(spec)
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
        name, version, scorer = str(module.name), str(module.version), module.load()
    except Exception as error:
        raise ConfigError(
            f"{path}: no scorer ({type(error).__name__}); it has name, version and load(), see docs/how-to/safety.md"
        ) from error
    finally:
        sys.dont_write_bytecode = before
    if not callable(scorer):
        raise ConfigError(f"{path}: load() gives nothing that can be called with texts")
    return NamedScorer(name, version, sha256_hex(data), scorer)


def score_run(
    store: Store, manifest: Manifest, manifest_sha256: str, scorer: NamedScorer, *, most: int, threshold_ppm: int, seed: bytes
) -> dict[str, Any]:  # fmt: skip
    """By source, of *most* records of a sample and of *most* candidates apart: how many reach the threshold, by leaf.

    Raises `RunError` where the run did not look for markings, the corpus has changed, or the scorer gives what is no answer.
    """
    if not any(check.name == Confidentiality.name for check in manifest.checks):
        raise RunError(
            f"run {manifest.run}: it did not look for markings of state secrets; run with the check `confidentiality`"
        )
    parts: dict[str, tuple[_Part, _Part]] = {}
    units: dict[int, UnitRead] = {}
    for unit in units_of(store, manifest):
        sample, candidates = parts.setdefault(unit.source, (_Part(), _Part()))
        rows, ranks = _ranked(store, unit, manifest_sha256, seed)
        if not len(rows):
            continue
        units[unit.number] = unit
        sample.add(ranks, unit.number, rows, most)
        is_candidate = np.isin(rows, _rows_with(store, unit, Safety.name, "safety."))
        candidates.add(ranks[is_candidate], unit.number, rows[is_candidate], most)
    for number, unit in units.items():
        _score_unit(unit, number, parts[unit.source], scorer, threshold_ppm)
    return {
        "run": manifest.run, "manifest_sha256": manifest_sha256, "seed": seed.hex(), "most": most, "threshold_ppm": threshold_ppm,
        "scorer": {"name": scorer.name, "version": scorer.version, "sha256": scorer.digest},
        "sources": [
            {"source": source, "sample": sample.as_json(), "candidates": candidates.as_json()}
            for source, (sample, candidates) in sorted(parts.items())
        ],
    }  # fmt: skip


def _score_unit(
    unit: UnitRead, number: int, parts: tuple[_Part, _Part], scorer: NamedScorer, threshold_ppm: int
) -> None:
    wanted = [part.rows_of(number) for part in parts]
    rows = np.array(sorted(wanted[0] | wanted[1]), np.int64)
    if not len(rows):
        return
    for row, scores in _scored(unit, rows, scorer):
        for part, mine in zip(parts, wanted, strict=True):
            if row in mine:
                part.scored += 1
                part.reached.update(leaf for leaf, score in scores.items() if score >= threshold_ppm)


def _scored(unit: UnitRead, rows: _Rows, scorer: NamedScorer) -> Iterator[tuple[int, Mapping[str, int]]]:
    for batch in read_again(unit.files, rows, by_token=True):
        numbers, texts = batch.column("row").to_pylist(), batch.column("text").to_pylist()
        for start in range(0, len(texts), BATCH):
            part = slice(start, start + BATCH)
            yield from zip(numbers[part], scorer.scores_ppm(texts[part]), strict=True)


def _ranked(store: Store, unit: UnitRead, manifest_sha256: str, seed: bytes) -> tuple[_Rows, npt.NDArray[np.uint64]]:
    """The rows of a unit that a scorer may see, with their ranks."""
    records = unit.table(store, READING, "records", ["row", "file", "offset"])
    if records is None:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    rows, files, offsets = (records.column(name).to_numpy().astype(np.int64) for name in ("row", "file", "offset"))
    ranks = np.zeros(len(rows), np.uint64)
    for place, file in enumerate(unit.files):
        of_file = files == place
        if of_file.any():
            key = shard_key(seed, manifest_sha256, PLAN, unit.source, file["shard"])
            ranks[of_file] = hashes(key, offsets[of_file])
    shut = np.concatenate([_rows_with(store, unit, Confidentiality.name, STATE_SECRET_RULE), _erased(store, unit)])
    seen = ~np.isin(rows, shut)
    return rows[seen], ranks[seen]


def _rows_with(store: Store, unit: UnitRead, check: str, rule: str) -> _Rows:
    found = unit.table(store, check, "findings", ["row", "rule"])
    if found is None:
        return np.zeros(0, np.int64)
    return np.unique(found.filter(pc.starts_with(found.column("rule"), rule)).column("row").to_numpy()).astype(np.int64)


def _erased(store: Store, unit: UnitRead) -> _Rows:
    decided = unit.table(store, "decisions", "decisions", ["row", "rule"])
    if decided is None:
        return np.zeros(0, np.int64)
    gone = decided.filter(pc.fill_null(pc.starts_with(decided.column("rule"), ERASED.partition("{")[0]), False))
    rows: _Rows = gone.column("row").to_numpy().astype(np.int64)
    return rows
