"""What reading and the checks left of each unit of a sealed run: one unit at a time, its objects read when asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import iter_units
from schemas.canonical import parse_json
from schemas.manifest import Manifest
from schemas.subjects import DROPPED

Rows = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class UnitObjects:
    """One unit of *source*. *objects*: work -> role -> {sha256, bytes, rows}, as the units table holds them."""

    store: Store
    source: str
    objects: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def has(self, work: str) -> bool:
        """Was it looked at by that check?"""
        return work in self.objects

    def table(self, work: str, role: str, columns: Sequence[str] | None = None) -> pa.Table | None:
        """These columns of an object, or all; None where there is none, for an empty table is no object."""
        told = self.objects.get(work, {}).get(role)
        if told is None or told["sha256"] is None:
            return None
        table = read_parquet(self.store.get_object(told["sha256"]), self.store.place(object_path(told["sha256"])))
        return table if columns is None else table.select([*columns])

    def tally(self, work: str) -> dict[str, Any] | None:
        """What the check counted there."""
        told = self.objects.get(work, {}).get("tally")
        if told is None:
            return None
        found: dict[str, Any] = parse_json(self.store.get_object(told["sha256"]))["tally"]
        return found

    def rows(self) -> Rows:
        """The records that were looked at, in order."""
        table = self.table("reading", "records", ("row",))
        return np.zeros(0, np.uint32) if table is None else np.asarray(table.column("row").to_numpy(), np.uint32)

    def going(self) -> pa.Table:
        """`row` and `rule` of those of them that go; none where the run decided nothing."""
        table = self.table("decisions", "decisions", ("row", "decision", "rule"))
        if table is None:
            return pa.table({"row": pa.array([], pa.uint32()), "rule": pa.array([], pa.string())})
        return table.filter(pa.array(table.column("decision").to_numpy() >= DROPPED)).select(["row", "rule"])

    def dropped(self) -> Rows:
        """Their rows."""
        return np.asarray(self.going().column("row").to_numpy(), np.uint32)


def unit_objects(store: Store, manifest: Manifest, source: str | None = None) -> Iterator[UnitObjects]:
    """Every unit of the run in place order, or those of *source*."""
    for table in iter_units(store, manifest):
        columns = (table.column(name).to_pylist() for name in ("source", "objects"))
        for of, objects in zip(*columns, strict=True):
            if objects is not None and source in (None, of):
                yield UnitObjects(store, of, parse_json(objects.encode()))
