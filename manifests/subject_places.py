"""Records of a sealed run by (unit, row): source, shard, offset, number in the shard, decision and content id."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from manifests.store import Store, object_path
from manifests.tables import iter_units
from schemas.canonical import parse_json
from schemas.errors import StoreError
from schemas.manifest import Manifest
from schemas.subjects import DROPPED

Place = tuple[str, int, int, str | None, str | None, str | None]
"""Shard, offset, record number from 1, decision (kept, dropped; None: nothing was decided), rule, content id."""
_KEPT: Final = "kept"


@dataclass
class RunUnits:
    """The units of one run, read once: by the work id of *check*, and with what is needed to name a record's place."""

    store: Store
    manifest: Manifest
    check: str
    _by_work: dict[str, list[int]] = field(default_factory=dict)
    _files: dict[int, list[tuple[str, int, int]]] = field(default_factory=dict)  # shard, first row, number before it
    _sources: dict[int, str] = field(default_factory=dict)
    _objects: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        before: dict[tuple[str, str], int] = {}
        columns = ("unit", "source", "shard", "first_row", "rows", "works", "objects")
        for table in iter_units(self.store, self.manifest):  # in order of place: the parts of a split shard in theirs
            for unit, source, shard, first, rows, works, objects in zip(
                *(table.column(c).to_pylist() for c in columns), strict=True
            ):
                if unit is None:
                    continue
                number = before.get((source, shard), 0)
                before[source, shard] = number + rows
                self._files.setdefault(unit, []).append((shard, first or 0, number))
                if objects is not None:
                    self._sources[unit], self._objects[unit] = source, objects
                    work = parse_json(works.encode()).get(self.check)
                    if work is not None:
                        self._by_work.setdefault(work, []).append(unit)
        for files in self._files.values():
            files.sort(key=lambda f: f[1])

    def with_work(self, work: str) -> Sequence[int]:
        """The units whose work of the check has that id."""
        return self._by_work.get(work, ())

    def source(self, unit: int) -> str:
        """The source that a unit is of."""
        return self._sources[unit]

    def places(self, unit: int, rows: Sequence[int]) -> Iterator[Place]:
        """The places of *rows* (sorted) of a unit."""
        told = parse_json(self._objects[unit].encode())
        wanted = pa.array(sorted(set(rows)), pa.uint32())
        records = self._at(told, "reading", "records", ["file", "offset"], wanted)
        decided = self._at(told, "decisions", "decisions", ["decision", "rule"], wanted)
        content = self._at(told, "duplicates", "columns", ["content_id"], wanted)
        for row in wanted.to_pylist():
            if row not in records:
                msg = f"{self.store.place('runs/' + self.manifest.run)}: unit {unit} has no record {row}; run `corpusledger verify`"
                raise StoreError(msg)
            file, offset = records[row]
            shard, first, number = self._files[unit][file]
            decision, rule = decided.get(row, (None, None))
            word = None if decision is None else "dropped" if decision == DROPPED else _KEPT
            ident = content.get(row, (None,))[0]
            yield shard, offset, number + row - first + 1, word, rule, None if ident is None else ident.hex()

    def _at(
        self, told: Mapping[str, Any], work: str, role: str, columns: list[str], wanted: pa.Array
    ) -> dict[int, tuple[Any, ...]]:
        """Row -> *columns*, of the wanted rows; only the row groups that may hold one are read."""
        entry = told.get(work, {}).get(role)
        if entry is None:
            return {}
        path = object_path(entry["sha256"])
        local = self.store.local_path(path)
        try:
            file = pq.ParquetFile(
                pa.memory_map(str(local)) if local is not None else pa.BufferReader(self.store.get(path))
            )
        except (pa.ArrowException, OSError) as error:
            msg = f"{self.store.place(path)}: cannot be read ({type(error).__name__}); restore it from a copy, see `corpusledger verify`"
            raise StoreError(msg) from error
        found: dict[int, tuple[Any, ...]] = {}
        numbers = wanted.to_numpy()
        at = file.schema_arrow.get_field_index("row")
        for group in range(file.metadata.num_row_groups):
            told_of, mine, whole = file.metadata.row_group(group), numbers, False
            bounds = told_of.column(at).statistics
            if bounds is not None and bounds.has_min_max:
                mine = numbers[numbers.searchsorted(bounds.min, "left") : numbers.searchsorted(bounds.max, "right")]
                whole = (
                    bounds.max - bounds.min + 1 == told_of.num_rows
                )  # no row is left out: their numbers need no reading
            if not len(mine):
                continue
            table = file.read_row_group(group, columns=columns if whole else ["row", *columns], use_threads=False)
            if whole:
                near = mine.astype(np.int64) - bounds.min
            else:
                rows = table.column("row").to_numpy()  # sorted, as all objects of a unit are
                near = np.minimum(np.searchsorted(rows, mine), len(rows) - 1)
                mine, near = mine[rows[near] == mine], near[rows[near] == mine]
            kept = table.take(pa.array(near))
            values = zip(*(kept.column(c).to_pylist() for c in columns), strict=True)
            found |= dict(zip(mine.tolist(), values, strict=True))
        return found
