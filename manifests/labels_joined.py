"""Items of voided batches among the records of a sealed run: joined by content id, over what the run itself kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import read_files, read_units
from manifests.unit_objects import UnitObjects
from schemas.canonical import parse_json
from schemas.errors import StoreError
from schemas.labels_told import ERRORS
from schemas.manifest import Manifest


@dataclass(frozen=True, slots=True)
class VoidedRecord:
    """A record of the run that is an item of a voided *batch*; *offset* as in `manifests.places`."""

    source: str
    shard: str
    offset: int
    batch: str
    content_id: str


def voided_records(store: Store, manifest: Manifest, voided: Mapping[bytes, str]) -> Iterator[VoidedRecord]:
    """Every record whose content id is in *voided* (content id -> batch), in the order of the units.

    Raises `StoreError` where the run kept no content ids: the check `duplicates` was off, so nothing can be said.
    """
    wanted = pa.array(sorted(voided), pa.binary(32))
    units: dict[int, list[Mapping[str, object]]] = {}
    for row in read_units(store, manifest).to_pylist():
        if row["unit"] is not None:
            units.setdefault(row["unit"], []).append(row)
    for number in sorted(units):
        files = sorted(units[number], key=lambda row: row["first_row"] or 0)  # type: ignore[arg-type, return-value]
        told: dict[str, Any] = next(
            (parse_json(str(row["objects"]).encode()) for row in files if row["objects"] is not None), {}
        )
        if "records" not in told.get("reading", {}):
            continue  # a unit without records has no object of them
        if "columns" not in told.get("duplicates", {}):
            place = store.place(f"runs/{manifest.run}")
            raise StoreError(f"{place}: keeps no content ids; run it with the check `duplicates`, and ask again")
        unit = UnitObjects(store, str(files[0]["source"]), told)
        columns = unit.table("duplicates", "columns")
        if columns is None:
            continue
        hit = columns.filter(pc.is_in(columns.column("content_id"), value_set=wanted))
        records = unit.table("reading", "records") if hit.num_rows else None
        if records is None:
            continue
        at = np.searchsorted(records.column("row").to_numpy(), hit.column("row").to_numpy())
        of_file, offsets = records.column("file").to_numpy()[at], records.column("offset").to_numpy()[at]
        for file, offset, content in zip(
            of_file.tolist(), offsets.tolist(), hit.column("content_id").to_pylist(), strict=True
        ):
            one = files[file]
            yield VoidedRecord(str(one["source"]), str(one["shard"]), offset, voided[content], content.hex())


def errors_kept(store: Store, manifest: Manifest, name: str) -> list[dict[str, object]]:
    """The rows of `ERRORS` that the run keeps under *name*; none where it keeps none."""
    listed = read_files(store, manifest).to_pylist()
    digest = next((row["digest"] for row in listed if row["name"] == name), None)
    if digest is None:
        return []
    rows: list[dict[str, object]] = read_parquet(
        store.get_object(digest), store.place(object_path(digest)), ERRORS
    ).to_pylist()
    return rows
