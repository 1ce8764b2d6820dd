"""Which record each removed one is a copy of, and how much the sources share: from a sealed run's evidence, with places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np

from manifests.parquet import read_parquet
from manifests.runs import load_manifest, sealed_run
from manifests.store import Store, object_path
from manifests.tables import read_files, read_units
from schemas.canonical import parse_json
from schemas.errors import StoreError
from schemas.manifest import Manifest

EVIDENCE: Final = "duplicates/evidence/"
OVERLAP: Final = "duplicates/overlap"
DISPLACED: Final = "duplicates/displaced/"
OPENED: Final = 64
"""Units whose record tables are held at once while places are worked out."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A record that goes and the one that stays for it; offsets as in `manifests.places`.

    *estimate_ppm*, *exact_ppm*: Jaccard of their 5-term shingles; None where it was not worked out (bytes alike; judged by
    the estimate alone). *decided_by*: why the other stays.
    """

    source: str
    shard: str
    offset: int
    kept_source: str
    kept_shard: str
    kept_offset: int
    kept_run: str
    scheme: str
    estimate_ppm: int | None
    exact_ppm: int | None
    decided_by: str
    content_id: str


@dataclass(frozen=True, slots=True)
class Shared:
    """Records of *source* that have a copy in *other* (itself: copies within it) as *other_run* has it."""

    source: str
    other: str
    other_run: str
    records: int
    terms: int
    records_of_source: int


@dataclass(frozen=True, slots=True)
class Displaced:
    """A record of *earlier_run* that stood for *records* others there and stands for none in this run.

    *reason*: dropped, erased or not permitted. Of erased records the place is not told: *representatives* is how many of
    them one row counts; it is 1 for the others.
    """

    earlier_run: str
    reason: str
    source: str | None
    shard: str | None
    offset: int | None
    representatives: int
    records: int


def copies_of(store: Store, manifest: Manifest, source: str | None = None) -> Iterator[Copy]:
    """Every removed record of a run, in place order; of one source where given."""
    here = _Run(store, manifest)
    runs: dict[str, _Run] = {}
    for digest in _files(store, manifest, EVIDENCE):
        for row in read_parquet(store.get_object(digest), store.place(object_path(digest))).to_pylist():
            gone = here.place(row["removed_unit"], row["removed_row"])
            if source not in (None, gone[0]):
                continue
            other, name = here, row["kept_run"]
            if name is not None:
                if name not in runs:
                    runs[name] = _Run(store, load_manifest(store, sealed_run(store, name)))
                other = runs[name]
            kept = other.place(row["kept_unit"], row["kept_row"])
            yield Copy(
                *gone[:3],
                *kept[:3],
                name or manifest.run,
                row["scheme"],
                row["estimate_ppm"],
                row["exact_ppm"],
                row["decided_by"],
                gone[3],
            )


def displaced_of(store: Store, manifest: Manifest, source: str | None = None) -> Iterator[Displaced]:
    """Every record of a compared run that stayed for others there and does not here; of one source where given, which
    leaves out erased ones.
    """
    runs: dict[str, _Run] = {}
    for digest in _files(store, manifest, DISPLACED):
        for row in read_parquet(store.get_object(digest), store.place(object_path(digest))).to_pylist():
            name: str = row["earlier_run"]
            place: tuple[str | None, str | None, int | None] = (None, None, None)
            if row["unit"] is not None:
                if name not in runs:
                    runs[name] = _Run(store, load_manifest(store, sealed_run(store, name)))
                place = runs[name].place(row["unit"], row["row"])[:3]
            if source in (None, place[0]):
                yield Displaced(name, row["reason"], *place, row["representatives"], row["records"])


def overlap_of(store: Store, manifest: Manifest) -> list[Shared]:
    """The overlap of every source with every other, those without any left out."""
    return [
        Shared(**{**row, "other_run": row["other_run"] or manifest.run})
        for digest in _files(store, manifest, OVERLAP)
        for row in read_parquet(store.get_object(digest), store.place(object_path(digest))).to_pylist()
    ]


def _files(store: Store, manifest: Manifest, name: str) -> list[str]:
    listed = read_files(store, manifest).to_pylist()
    return [
        row["digest"] for row in listed if row["name"] == name or (name.endswith("/") and row["name"].startswith(name))
    ]


@dataclass
class _Run:
    store: Store
    manifest: Manifest
    units: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = [r for r in read_units(self.store, self.manifest).to_pylist() if r["unit"] is not None]
        for row in sorted(rows, key=lambda r: (r["unit"], r["first_row"] or 0)):
            self.units.setdefault(row["unit"], []).append(row)
        self._records = lru_cache(OPENED)(self._read)

    def place(self, unit: int, row: int) -> tuple[str, str, int, str]:
        """(source, shard, offset, content id) of one record."""
        rows, file, offset, content = self._records(unit)
        at = int(np.searchsorted(rows, row))
        if at == len(rows) or rows[at] != row:
            msg = f"{self.store.place('runs/' + self.manifest.run)}: unit {unit} has no record {row}; run `corpusledger verify`"
            raise StoreError(msg)
        part = self.units[unit][file[at]]
        return part["source"], part["shard"], int(offset[at]), content[at].as_py().hex()

    def _read(self, unit: int) -> tuple[Any, Any, Any, Any]:
        head = next(r for r in self.units[unit] if r["objects"] is not None)
        told = parse_json(head["objects"].encode())
        records, columns = (
            read_parquet(self.store.get_object(digest), self.store.place(object_path(digest)))
            for digest in (told["reading"]["records"]["sha256"], told["duplicates"]["columns"]["sha256"])
        )
        at = np.searchsorted(columns.column("row").to_numpy(), records.column("row").to_numpy())
        content = columns.column("content_id").take(np.minimum(at, columns.num_rows - 1))
        return (
            records.column("row").to_numpy(),
            records.column("file").to_pylist(),
            records.column("offset").to_numpy(),
            content,
        )
