"""Whole runs of a small corpus, sealed, without Beam and with the check for duplicates alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq

from checks import BY_NAME
from manifests.ledger import open_ledger
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store
from manifests.tables import read_files, read_units
from pipelines import run as job
from pipelines.attempts import Desk
from pipelines.look import AddUp, CommitLooked, CommitTallies, Look
from pipelines.sorted_rows import opened
from schemas.canonical import canonical_json, parse_json
from schemas.manifest import Gate
from tests.kit.command import lines, write_run

ALONE = f"checks: {{{', '.join(f'{name}: off' for name in BY_NAME if name != 'duplicates')}}}\n"
FILE_A_UNIT = "plan: {pack_files: 1}\n"


def look_here(
    ledger: str, desk: Desk, plan: list[Mapping[str, Any]], runner: str, workers: int, given: Mapping[str, Any]
) -> None:
    """LOOK over the whole plan in this process, one unit after another; commits what its graph commits."""
    look, adder = Look(ledger, desk.run), AddUp(ledger, desk.run)
    groups: dict[int, list[bytes]] = {}
    tallies: dict[str, bytes] = {}
    for unit in plan:
        (group, descriptor), tagged = list(look.process(canonical_json(dict(unit))))
        groups.setdefault(group, []).append(descriptor)
        source, tally = tagged.value
        tallies[source] = adder.add_input(tallies.get(source, adder.create_accumulator()), tally)
    for committed in groups.items():
        list(CommitLooked(ledger, desk.run).process(committed))
    for summed in tallies.items():
        list(CommitTallies(ledger, desk.run).process(summed))


@dataclass(frozen=True)
class Ran:
    """A sealed run: its id, its evidence, and where everything lies."""

    run: str
    store: Store
    units: list[dict[str, Any]]
    files: dict[str, str]
    result: dict[str, Any]
    cost: Mapping[str, int]

    def places(self) -> dict[int, str]:
        """Unit -> the shard of its first file."""
        return {r["unit"]: r["shard"].rsplit("/", 1)[-1] for r in reversed(self.units) if r["unit"] is not None}

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """All evidence rows, in order."""
        digests = [d for name, d in sorted(self.files.items()) if name.startswith("duplicates/evidence/")]
        return [row for d in digests for row in pq.read_table(opened(self.store, d)).to_pylist()]

    @property
    def removed(self) -> dict[tuple[str, int], dict[str, Any]]:
        """(shard, row) -> its evidence row; files are units."""
        return {(self.places()[r["removed_unit"]], r["removed_row"]): r for r in self.evidence}

    @property
    def index(self) -> dict[str, str]:
        """Name -> digest of the run's index files."""
        return {name: d for name, d in self.files.items() if name.startswith("index/bands/")}


def corpus(folder: Path, files: Mapping[str, list[str]], more: str = "") -> Path:
    """A run file over JSONL *files* in corpus/; each file is a unit."""
    data = {name: lines(*({"text": t} for t in texts)) for name, texts in files.items()}
    return write_run(folder, {"s": "paths: [corpus]\nlicence: MIT\n"}, data, ALONE + FILE_A_UNIT + more)


def run(run_yaml: Path) -> Ran:
    """Scan, deduplicate and seal."""
    loaded = job.load(run_yaml)
    with patch.object(job, "_carry_scan", look_here):
        scanned = job.scan_run(loaded, job.Choice())
        result = job.seal_scan(scanned, Gate(False, None, ()))
    ledger = open_ledger(loaded.resolve(loaded.run.ledger))
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, result["run"]))
    files = {r["name"]: r["digest"] for r in read_files(ledger.store, manifest).to_pylist()}
    units = read_units(ledger.store, manifest).to_pylist()
    return Ran(result["run"], ledger.store, units, files, result, scanned.copies.cost)


def works_of(ran: Ran, name: str) -> list[str]:
    """The reading work ids that an index file holds."""
    kept = pq.read_metadata(opened(ran.store, ran.files[name])).metadata
    works: list[str] = parse_json(kept[b"corpusledger.works"])
    return works


def decisions(ran: Ran) -> dict[str, pa.Table]:
    """Shard -> its decisions."""
    found = {}
    for row in ran.units:
        if row["objects"] is not None:
            told = parse_json(row["objects"].encode()).get("decisions")
            if told is not None:
                found[row["shard"].rsplit("/", 1)[-1]] = pq.read_table(opened(ran.store, told["decisions"]["sha256"]))
    return found
