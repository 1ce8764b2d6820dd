"""Which records a draw falls on: every record of the run ranked under the seed, the first of each group taken.

Holds the least ranks of each stratum alone, so memory follows the sample and not the corpus.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.parquet import read_parquet
from manifests.review_ranks import hashes, shard_key
from manifests.store import Store, object_path
from manifests.tables import iter_units
from pipelines.works import READING
from schemas.intervals import PPM
from schemas.manifest import Manifest
from schemas.review import CLASS, KEPT, RUN, SOURCE, DrawnStratum, ReviewPlan
from schemas.source import UNREGISTERED
from schemas.subjects import DROPPED, ERASED

RANKED: Final = np.dtype([("hash", "<u8"), ("unit", "<u4"), ("row", "<u4"), ("file", "<u4"), ("offset", "<i8")])
"""A record with its rank; *file*: its place among the unit's files."""
UNDECLARED: Final = "undeclared"
_SPARE: Final = 65_536


@dataclass(frozen=True)
class UnitRead:
    """One unit of a sealed run: its rows of the units table in the order of its files, and its objects by work and role."""

    number: int
    source: str
    files: tuple[Mapping[str, Any], ...]
    objects: Mapping[str, Mapping[str, Mapping[str, Any]]]
    unread_by: Mapping[str, int]

    def table(self, store: Store, work: str, role: str, columns: Sequence[str]) -> pa.Table | None:
        """*columns* of one of its objects; None where there is none."""
        told = self.objects.get(work, {}).get(role)
        if told is None or told["sha256"] is None:
            return None
        return read_parquet(store.get_object(told["sha256"]), store.place(object_path(told["sha256"]))).select(columns)


@dataclass(frozen=True)
class Chosen:
    """*rows*: RANKED in order of group, then rank; *group_of*: each row's group; *strata*: how many of how many."""

    rows: npt.NDArray[np.void]
    group_of: tuple[str, ...]
    strata: tuple[DrawnStratum, ...]
    units: Mapping[int, UnitRead]


@dataclass
class _Stratum:
    keep: int | None  # None: all of them may be wanted
    population: int = 0
    held: list[npt.NDArray[np.void]] = field(default_factory=list)
    rows: int = 0

    def add(self, found: npt.NDArray[np.void]) -> None:
        self.population += len(found)
        self.held.append(found)
        self.rows += len(found)
        if self.keep is not None and self.rows > 2 * self.keep + _SPARE:
            self._cut(self.keep)

    def _cut(self, keep: int) -> None:
        whole = np.concatenate(self.held)
        edge = np.partition(whole["hash"], keep)[keep]
        kept = whole[whole["hash"] <= edge]  # ties of the last place stay: place breaks them at the end
        self.held, self.rows = [kept], len(kept)

    def all(self) -> npt.NDArray[np.void]:
        return np.concatenate([np.zeros(0, RANKED), *self.held])


def choose(store: Store, manifest: Manifest, manifest_sha256: str, plan: ReviewPlan, seed: bytes) -> Chosen:
    """The records that *plan* draws from a sealed run under *seed*. No group: no record is in the plan's population.

    A record that the run dropped on a request to erase it is in no population.
    """
    declared = {s.id: s.declared for s in manifest.registry.sources}
    strata: dict[tuple[str, str | None], _Stratum] = {}
    units: dict[int, UnitRead] = {}
    keep = max(plan.size or 0, plan.least_each_source or 0) if plan.share_ppm is None else None
    for unit in units_of(store, manifest):
        said = declared.get(unit.source, {})
        if not _is_wanted(plan, said):
            continue
        rows = _ranked(store, unit, manifest_sha256, plan, seed)
        if not len(rows):
            continue
        units[unit.number] = unit
        key = group_of(plan.each, unit.source, said), unit.source if plan.least_each_source is not None else None
        strata.setdefault(key, _Stratum(keep)).add(rows)
    return _taken(plan, strata, units)


def units_of(store: Store, manifest: Manifest) -> Iterator[UnitRead]:
    """Every unit of a run that was read, in the order of its number's first place."""
    held: dict[int, list[Mapping[str, Any]]] = {}
    for table in iter_units(store, manifest):
        for row in table.to_pylist():
            if row["unit"] is not None:
                held.setdefault(row["unit"], []).append(row)
    for number in sorted(held):
        rows = sorted(held.pop(number), key=lambda row: row["first_row"] or 0)
        head = next((row for row in rows if row["objects"] is not None), None)
        if head is not None:
            yield UnitRead(
                number, head["source"], tuple(rows), json.loads(head["objects"]), json.loads(head["unread_by"] or "{}")
            )


def group_of(each: str, source: str, declared: Mapping[str, Any]) -> str:
    """The group of a plan that a source's records are in: the run, the source's class as declared, the source."""
    if each == CLASS:
        return UNREGISTERED if source == UNREGISTERED else str(declared.get("class") or UNDECLARED)
    return source if each == SOURCE else RUN


def wanted_of(plan: ReviewPlan, population: int) -> int:
    """How many records of a group of *population* a plan asks for."""
    share = 0 if plan.share_ppm is None else -(-population * plan.share_ppm // PPM)
    return min(population, max(plan.size or 0, share))


def allotted(wanted: int, populations: Sequence[int], least: int) -> list[int]:
    """*wanted* records over strata of these *populations*: in proportion, at least *least* of each (or all of it).

    Fractions go to the largest remainders, ties to the first; what the least asks for comes on top.
    """
    whole = sum(populations)
    shares = [divmod(wanted * p, whole) for p in populations] if whole else []
    given = [quotient for quotient, _ in shares]
    order = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))
    for i in order[: wanted - sum(given)]:
        given[i] += 1
    return [min(p, max(n, least)) for n, p in zip(given, populations, strict=True)]


def _is_wanted(plan: ReviewPlan, declared: Mapping[str, Any]) -> bool:
    return all(str(declared.get(where.fact)) in where.values for where in plan.where)


def _ranked(
    store: Store, unit: UnitRead, manifest_sha256: str, plan: ReviewPlan, seed: bytes
) -> npt.NDArray[np.void]:  # fmt: skip
    records = unit.table(store, READING, "records", ["row", "file", "offset"])
    if records is None:
        return np.zeros(0, RANKED)
    found = np.zeros(records.num_rows, RANKED)
    for name in ("row", "file", "offset"):
        found[name] = records.column(name).to_numpy()
    decided = unit.table(store, "decisions", "decisions", ["row", "decision", "rule"])
    if decided is not None:
        gone = pc.fill_null(
            pc.starts_with(decided.column("rule"), ERASED.partition("{")[0]), pa.scalar(value=False)
        ).to_numpy()
        if plan.of == KEPT:  # what follows DROPPED waits for a person: it is held, and not kept either
            gone = gone | (decided.column("decision").to_numpy() >= DROPPED)
        found = found[~np.isin(found["row"], decided.column("row").to_numpy()[gone])]
    found["unit"] = unit.number
    for place, file in enumerate(unit.files):
        of_file = found["file"] == place
        if of_file.any():
            key = shard_key(seed, manifest_sha256, plan.id, unit.source, file["shard"])
            found["hash"][of_file] = hashes(key, found["offset"][of_file])
    return found


def _taken(
    plan: ReviewPlan, strata: Mapping[tuple[str, str | None], _Stratum], units: Mapping[int, UnitRead]
) -> Chosen:  # fmt: skip
    rows, names, told = [np.zeros(0, RANKED)], list[str](), list[DrawnStratum]()
    for group in sorted({group for group, _ in strata}):
        mine = sorted((source or "", one) for (name, source), one in strata.items() if name == group)
        wanted = wanted_of(plan, sum(one.population for _, one in mine))
        parts = allotted(wanted, [one.population for _, one in mine], plan.least_each_source or 0)
        taken = []
        for (source, one), many in zip(mine, parts, strict=True):
            taken.append(_in_order(one.all(), units)[:many])
            told.append(DrawnStratum(group, source or None, one.population, many))
        rows.append(_in_order(np.concatenate(taken), units))
        names += [group] * len(rows[-1])
    return Chosen(np.concatenate(rows), tuple(names), tuple(told), units)


def _in_order(rows: npt.NDArray[np.void], units: Mapping[int, UnitRead]) -> npt.NDArray[np.void]:
    """By rank; equal ranks, which chance does not make, by place."""
    order = np.argsort(rows["hash"], kind="stable")
    rows = rows[order]
    same = np.flatnonzero(rows["hash"][1:] == rows["hash"][:-1])
    if not len(same):
        return rows

    def place(row: Any) -> tuple[int, str, str, int]:
        unit = units[int(row["unit"])]
        return int(row["hash"]), unit.source, unit.files[int(row["file"])]["shard"], int(row["offset"])

    return np.array(sorted(rows, key=place), RANKED)
