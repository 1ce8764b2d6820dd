"""The figures of a forecast, each with its unit and what it rests on; what is not known has no value."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checks.base import Check
from checks.duplicates import Duplicates
from pipelines.forecast import costs
from pipelines.forecast.ahead import Ahead
from pipelines.forecast.copying import SAMPLE, Copies
from pipelines.forecast.machine import Machine, used_memory
from pipelines.forecast.sampled import Sample

PPM: Final = 1_000_000
LISTING: Final = "listing"
OFF: Final = "checks.duplicates is off"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Figure:
    """One number. *value* None: not known, and *basis* says why. *at_least*: it may well be more; *parts*: what it is made of."""

    value: int | None
    unit: str
    basis: str
    at_least: bool = False
    parts: Mapping[str, int] | None = None

    def as_json(self) -> dict[str, Any]:
        """JSON form."""
        told: dict[str, Any] = {"value": self.value, "unit": self.unit, "basis": self.basis, "at_least": self.at_least}
        return told if self.parts is None else told | {"parts": dict(self.parts)}


Figures = dict[str, Figure]


@dataclass(frozen=True)
class Corpus:
    """What is told of the corpus. *sample*: None where nothing is to be read, or no piece could be; *copies*: None where
    copies are not looked for, or nothing is known of them; *compared_*: of the runs of `compare_with`.
    """

    ahead: Ahead
    sample: Sample | None
    copies: Copies | None
    stored: tuple[float, ...]  # bytes of each unit to read that a reader takes
    compared_units: int = 0
    compared_records: int = 0
    compared_long: int = 0


def figures_of(
    corpus: Corpus, checks: Sequence[Check], max_nodes: int, machine: Machine, workers: int, loaded_bytes: int | None = None
) -> Figures:  # fmt: skip
    """Every figure by name; *loaded_bytes*: memory of this process with its models, measured now where not given."""
    check = next((c for c in checks if isinstance(c, Duplicates)), None)
    sample, ahead = corpus.sample, corpus.ahead
    found = _of_documents(corpus, check)
    load = None
    if check is not None and (sample is not None or not ahead.read) and (sample is None or sample.sketches is not None):
        load = _load(corpus, check)
    copies = corpus.copies
    if load is None or copies is None:
        why = OFF if check is None else f"{UNKNOWN}: {_why_no_copies(corpus)}"
        names = {**_TWICE, **_EXCHANGE, **_ROOM} if check is not None else {**_TWICE, **_EXCHANGE}
        found |= {name: Figure(0 if check is None else None, unit, why) for name, unit in names.items()}
        if check is None:
            found |= {
                name: Figure(None, unit, f"{UNKNOWN}: worked out with duplicates alone") for name, unit in _ROOM.items()
            }
    else:
        found |= _of_copies(corpus, load, copies, max_nodes)
        found |= _of_room(load, copies, machine, workers, loaded_bytes or used_memory(), _basis(corpus), max_nodes)
    return found | _of_time(corpus, copies, load, workers)


_TWICE: Final = {
    "near_copy_records": "records", "records_read_twice": "records", "records_read_twice_ppm": "ppm",
    "units_read_twice": "units", "units_read_twice_ppm": "ppm", "bytes_read_twice": "bytes",
}  # fmt: skip
_EXCHANGE: Final = {
    "exchange_written_ledger": "bytes", "exchange_written_work": "bytes", "exchange_read_ledger": "bytes",
    "exchange_read_work": "bytes",
}  # fmt: skip
_ROOM: Final = {"ledger_disk": "bytes", "temporary_disk": "bytes", "memory": "bytes", "memory_all_processes": "bytes"}


def _of_documents(corpus: Corpus, check: Duplicates | None) -> Figures:
    sample, ahead = corpus.sample, corpus.ahead
    basis = _basis(corpus)
    if ahead.read and sample is None:
        why = f"{UNKNOWN}: not one piece of the sample could be read"
        return {
            n: Figure(None, u, why)
            for n, u in (("records", "records"), ("text_bytes_to_read", "bytes"), ("long_records", "records"))
        }
    records = ahead.records + (sample.records if sample is not None else 0)
    long = ahead.long + (sample.long_records if sample is not None else 0)
    text = 0.0 if sample is None else sample.text_bytes
    found = {
        "records": Figure(round(records), "records", basis),
        "text_bytes_to_read": Figure(round(text), "bytes", SAMPLE if sample is not None else LISTING),
        "long_records": Figure(round(long), "records", basis),
    }
    if check is None or (sample is not None and sample.sketches is None):
        why = OFF if check is None else f"{UNKNOWN}: the check duplicates failed on the sample"
        found["long_records"] = Figure(None, "records", why)
    return found


def _basis(corpus: Corpus) -> str:
    if corpus.sample is None:
        return "earlier runs"
    return f"{SAMPLE} and earlier runs" if corpus.ahead.records else SAMPLE


def _why_no_copies(corpus: Corpus) -> str:
    if corpus.ahead.read and corpus.sample is None:
        return "not one piece of the sample could be read"
    return "nothing is to be read, and no earlier run of these signatures and settings looked for copies"


def _load(corpus: Corpus, check: Duplicates) -> costs.Load:
    sample, ahead = corpus.sample, corpus.ahead
    new = 0.0 if sample is None else sample.records
    long = 0.0 if sample is None else sample.long_records
    parts, long_parts = (0.0, 0.0) if sample is None else (sample.parts(long=False), sample.parts(long=True))
    total = sum(corpus.stored)
    largest = max(corpus.stored, default=0) / total if total else 0.0
    return costs.Load(
        check.bands, len(ahead.units) + corpus.compared_units, len(ahead.read), sum(len(u["files"]) for u in ahead.read),
        new, long, new + ahead.records + corpus.compared_records, long + ahead.long + corpus.compared_long,
        new * largest, long * largest, _shingles(corpus),
        0.0 if sample is None else sample.object_bytes, 0.0 if sample is None else sample.held_bytes,
        parts, long_parts, parts + ahead.parts, long_parts + ahead.long_parts,
    )  # fmt: skip


def _shingles(corpus: Corpus) -> float:
    """Distinct shingles of a record that is read twice; where nothing is sampled, one for each of its terms at most."""
    if corpus.sample is not None:
        return corpus.sample.mean_shingles
    return (corpus.copies.terms or 0.0) if corpus.copies is not None else 0.0


def _of_copies(corpus: Corpus, load: costs.Load, copies: Copies, max_nodes: int) -> Figures:
    units, stored = _read_twice(corpus, load, copies)
    all_units = max(1, load.units)
    told = {
        "near_copy_records": copies.nodes * load.all_records, "records_read_twice": copies.wanted * load.all_records,
        "records_read_twice_ppm": copies.wanted * PPM, "units_read_twice": units,
        "units_read_twice_ppm": units * PPM / all_units, "bytes_read_twice": stored,
    }  # fmt: skip
    found = {n: Figure(round(v), _TWICE[n], copies.basis, copies.is_least) for n, v in told.items()}
    found["max_nodes"] = Figure(max_nodes, "records", "dedup.max_nodes")
    parts = {
        "exchange_written_ledger": costs.written_to_ledger(load, copies),
        "exchange_written_work": costs.written_to_work(load, copies, max_nodes),
        "exchange_read_ledger": costs.read_from_ledger(load, copies),
        "exchange_read_work": costs.read_from_work(load, copies),
    }
    basis = _basis(corpus) if copies.basis == SAMPLE else f"{_basis(corpus)}; copies: {copies.basis}"
    return found | {n: _summed(p, basis, at_least=copies.is_least) for n, p in parts.items()}


def _read_twice(corpus: Corpus, load: costs.Load, copies: Copies) -> tuple[float, float]:
    """(units, stored bytes) read twice: the earlier run's shares, or what copies spread evenly come to."""
    planned = [float(u["planned_bytes"]) for u in corpus.ahead.units]
    if copies.units is not None and copies.stored is not None:
        return copies.units * load.units, copies.stored * sum(planned)
    rows = load.all_records / max(1.0, sum(planned))
    read = [-math.expm1(rows * size * math.log1p(-min(copies.wanted, 1 - 1e-9))) for size in planned]
    return math.fsum(read), math.fsum(size * share for size, share in zip(planned, read, strict=True))


def _of_room(
    load: costs.Load, copies: Copies, machine: Machine, workers: int, base: int, basis: str, max_nodes: int
) -> Figures:
    written, work = costs.written_to_ledger(load, copies), costs.written_to_work(load, copies, max_nodes)
    parts, largest, whole = costs.memory(load, copies, base + costs.BEAM_BYTES, workers, max_nodes)
    rounded = {name: round(value) for name, value in parts.items()}
    return {
        "ledger_disk": _summed(costs.ledger_disk(load, written, work), basis, at_least=copies.is_least),
        "ledger_disk_free": _left(machine.ledger, "the ledger lies on no disk of this machine"),
        "temporary_disk": _summed(costs.temporary_disk(load, workers), basis),
        "temporary_disk_free": _left(machine.temporary, f"{machine.temporary_folder} does not tell"),
        "memory": Figure(round(largest), "bytes", basis, copies.is_least, rounded),
        "memory_all_processes": Figure(round(whole), "bytes", f"{basis}, {workers} worker(s)", copies.is_least),
        "memory_free": _left(machine.memory, "this system does not tell"),
    }


def _of_time(corpus: Corpus, copies: Copies | None, load: costs.Load | None, workers: int) -> Figures:
    sample = corpus.sample
    if corpus.ahead.read and sample is None:
        why = f"{UNKNOWN}: not one piece of the sample could be read"
        return {n: Figure(None, "ms", why) for n in ("cpu", "wall")}
    if sample is None:
        why = f"{UNKNOWN}: nothing is to be read, so nothing was timed"
        return {n: Figure(None, "ms", why) for n in ("cpu", "wall")}
    parts = {"reading": sample.read_s, "checks": sample.check_s, "loading": sample.load_s * workers}
    if copies is not None and load is not None:
        # Bands are sorted in their unit, merged, and read again by ranges: three times what comparing the sample took.
        parts["comparing"] = 3 * (copies.compare_s or 0.0) * load.all_long
        parts["reading twice"] = sample.read_s * min(1.0, _read_twice(corpus, load, copies)[1] / sample.population)
        parts["shingle sets"] = sample.shingle_s * copies.wanted * load.all_records
    busy = max(1, min(workers, len(corpus.ahead.read)))
    wall = (sum(parts.values()) - parts["loading"]) / busy + sample.load_s
    least = copies is None or copies.is_least
    basis = f"{SAMPLE}, on this machine"
    told = {name: round(seconds * 1000) for name, seconds in parts.items()}
    return {
        "cpu": Figure(sum(told.values()), "ms", basis, least, told),
        "wall": Figure(round(wall * 1000), "ms", f"{basis}, {workers} worker(s), no waiting for storage", least),
    }


def _summed(parts: costs.Parts, basis: str, *, at_least: bool = False) -> Figure:
    whole = {name: round(value) for name, value in parts.items()}
    return Figure(sum(whole.values()), "bytes", basis, at_least, whole)


def _left(value: int | None, why: str) -> Figure:
    return Figure(value, "bytes", "this machine" if value is not None else f"{UNKNOWN}: {why}")
