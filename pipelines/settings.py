"""What a worker must know of the run it serves, and of its plan: read from the ledger, once a process."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from checks import BY_NAME
from checks.base import Check
from checks.loaded import once
from checks.personal.keys import use_key
from manifests.parquet import parquet_bytes
from manifests.store import Store, open_store
from pipelines.attempts import Desk
from pipelines.joined import load_joined
from pipelines.lexicon_joined import load_words
from pipelines.outputs import WorkResult
from pipelines.tokenizer import load_tokenizer
from schemas.canonical import canonical_json, digest_of, parse_json

UNITS_A_FILE: Final = 2_000
LOOKED_A_GROUP: Final = 1_000
"""Descriptors of LOOK are committed in groups of so many unit numbers: a few MB a group, far under 16 MiB."""
PLAN_SCHEMA: Final = pa.schema(
    [pa.field("unit", pa.uint32(), nullable=False), pa.field("planned", pa.string(), nullable=False)]
)
WORKS_SCHEMA: Final = pa.schema(
    [pa.field("work", pa.string(), nullable=False), pa.field("result", pa.string(), nullable=False)]
)


@dataclass(frozen=True)
class RunSettings:
    """The part of a run that workers need; holds where the key lies, never the key."""

    run: str
    checks: tuple[Check, ...]
    registry: Mapping[str, Mapping[str, str]]  # source id -> registry values
    hmac_key: str | None

    def as_json(self) -> dict[str, Any]:
        """JSON form, `work/<run>/plan/settings.json`."""
        return {
            "run": self.run,
            "checks": [{"name": c.name, "settings": c.settings()} for c in self.checks],
            "registry": {k: dict(v) for k, v in self.registry.items()},
            "hmac_key": self.hmac_key,
        }


def checks_of(chosen: Sequence[Mapping[str, Any]]) -> tuple[Check, ...]:
    """The checks of their JSON form; lists become tuples, as frozen settings hold them."""
    made = []
    for check in chosen:
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in check["settings"].items()}
        made.append(BY_NAME[check["name"]](**settings))
    return tuple(made)


def write_plan(
    desk: Desk, settings: RunSettings, units: Sequence[Mapping[str, Any]], known: Mapping[str, WorkResult]
) -> list[str]:
    """Write `work/<run>/plan/*`; gives the paths of the units' files, from which the graph starts."""
    names = []
    for i in range(0, len(units), UNITS_A_FILE):
        part = units[i : i + UNITS_A_FILE]
        planned = [canonical_json(dict(u)).decode() for u in part]
        table = pa.table({"unit": pa.array([u["unit"] for u in part], pa.uint32()), "planned": planned}, PLAN_SCHEMA)
        names.append(desk.path("plan", f"units-{i // UNITS_A_FILE:05d}.parquet"))
        desk.store.put(names[-1], parquet_bytes(table))
    works = sorted(known)
    results = [canonical_json(known[w].as_json()).decode() for w in works]
    desk.store.put(
        desk.path("plan", "works.parquet"), parquet_bytes(pa.table({"work": works, "result": results}, WORKS_SCHEMA))
    )
    # Settings last: a plan without them was cut off while it was made, and is made anew.
    desk.store.put(desk.path("plan", "settings.json"), canonical_json(settings.as_json()))
    return names


def read_units(store: Store, path: str) -> list[dict[str, Any]]:
    """The planned units of one plan file."""
    table = pq.read_table(pa.BufferReader(store.get(path)))
    return [parse_json(p.encode()) for p in table.column("planned").to_pylist()]


def plan_files(desk: Desk) -> list[str]:
    """The names of the plan's unit files, or none where no complete plan was written."""
    if not desk.store.exists(desk.path("plan", "settings.json")):
        return []
    return [p for p in desk.store.list(desk.path("plan")) if "/units-" in p]


@dataclass(frozen=True)
class Works:
    """What earlier runs made, by work id; parsed one at a time when asked for."""

    results: Mapping[str, str]

    def get(self, work: str, /) -> WorkResult | None:
        """What was made of it, or None."""
        found = self.results.get(work)
        return None if found is None else WorkResult.of_json(parse_json(found.encode()))


@dataclass(frozen=True)
class Bench:
    """A worker's opened run: where to read and write, what to do, what is known."""

    desk: Desk
    settings: RunSettings
    works: Works


def bench_of(ledger: str, run: str) -> Bench:
    """Open the run for this process; once, whatever number of DoFns ask."""

    def opened() -> Bench:
        # What is loaded by now stays: without this every full collection walks a million objects of Beam and spaCy.
        gc.collect()
        gc.freeze()
        desk = Desk(open_store(ledger), run)
        raw = parse_json(desk.store.get(desk.path("plan", "settings.json")))
        if raw["hmac_key"] is not None:
            use_key(raw["hmac_key"])
        settings = RunSettings(raw["run"], checks_of(raw["checks"]), raw["registry"], raw["hmac_key"])
        load_joined(desk.store, settings.checks)
        load_words(desk, settings.checks)
        load_tokenizer(desk, settings.checks)
        table = pq.read_table(pa.BufferReader(desk.store.get(desk.path("plan", "works.parquet"))))
        known = dict(zip(table.column("work").to_pylist(), table.column("result").to_pylist(), strict=True))
        return Bench(desk, settings, Works(known))

    return once(("bench", ledger, run, digest_of([ledger, run])), opened)
