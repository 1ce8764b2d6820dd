"""What every step of the deduplication works with: the brief, the row numbers, and the files that steps leave each other.

A row of the run is one number: its unit's base plus its row. Bases follow unit numbers, which follow places, so a less
number is an earlier place; units of compared runs come after the run's own. Files of steps are arrays of fixed width,
mapped into memory where the ledger is a folder; they lie in `work/<run>/dedup/<brief>/` and go when the run is sealed.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.loaded import once
from manifests.store import Store, object_path
from pipelines.attempts import Desk
from pipelines.settings import LOOKED_A_GROUP, UNITS_A_FILE, bench_of, plan_files, read_units
from pipelines.sketched import read_signatures, role_of
from pipelines.works import READING
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import RunError

Rows = npt.NDArray[np.int64]
"""Numbers of rows."""
BRIEF: Final = "brief.json"
EXACT, NEAR, ESTIMATE = "exact", "near", "estimate"
NOT_MEASURED: Final = -1
"""In place of an exact Jaccard where none was worked out."""
STEPS_KEPT: Final = 6
"""Steps of which a process keeps what their tasks gave; a task looks at three of them at most."""


@dataclass(frozen=True)
class Room:
    """One run's deduplication, as a worker sees it; opened once a process."""

    desk: Desk
    ledger: str
    name: str
    brief: Mapping[str, Any]

    @property
    def store(self) -> Store:
        """The ledger's store."""
        return self.desk.store

    @cached_property
    def units(self) -> Sequence[Mapping[str, Any]]:
        """The run's units, then those of compared runs; see `pipelines.dedup.brief`."""
        found: Sequence[Mapping[str, Any]] = self.brief["units"]
        return found

    @property
    def own(self) -> int:
        """How many of the units are the run's own."""
        return int(self.brief["own"])

    @property
    def settings(self) -> Mapping[str, Any]:
        """threshold_ppm, verify, max_nodes, mostly_copies_ppm."""
        found: Mapping[str, Any] = self.brief["settings"]
        return found

    @cached_property
    def bases(self) -> Rows:
        """int64[units + 1]: number of each unit's first row, and of all rows."""
        return np.concatenate(([0], np.cumsum([u["rows"] for u in self.units], dtype=np.int64))).astype(np.int64)

    @cached_property
    def sources(self) -> npt.NDArray[np.int32]:
        """Each unit's source, as its place in the brief's list of sources."""
        return np.array([u["source"] for u in self.units], np.int32)

    def unit_of(self, rows: Rows) -> npt.NDArray[np.int64]:
        """The unit that each row lies in."""
        return np.searchsorted(self.bases, rows, side="right") - 1

    @cached_property
    def units_of_work(self) -> Mapping[str, Sequence[int]]:
        """Reading work id -> units with those bytes: several where a copy is registered twice."""
        held: dict[str, list[int]] = {}
        for number, unit in enumerate(self.units):
            held.setdefault(unit["work"], []).append(number)
        return held

    def planned(self, number: int) -> dict[str, Any]:
        """How that unit is read once more: files, file_rows, kills (did a record kill its reader?), bytes."""
        if number >= self.own:
            found: dict[str, Any] = parse_json(self.store.get(self.path("compared", f"{number:08d}.json")))
            return found
        unit = read_units(self.store, plan_files(self.desk)[number // UNITS_A_FILE])[number % UNITS_A_FILE]
        looked = parse_json(self.store.get(self.desk.path("looked", f"{number // LOOKED_A_GROUP:08d}.json")))
        reading = looked[number % LOOKED_A_GROUP]["results"][READING]
        return {
            "files": unit["files"], "file_rows": [rows for rows, _, _ in reading["files"]], "kills": reading["unread"] > 0,
            "bytes": unit["planned_bytes"],
        }  # fmt: skip

    def path(self, *parts: str) -> str:
        """A path under the deduplication's folder."""
        return self.desk.path("dedup", self.name, *parts)

    def save(self, array: npt.NDArray[Any], *parts: str) -> str:
        """Keep an array for later steps; gives its path."""
        path = self.path(*parts)
        self.store.put(path, np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return path

    def save_parts(self, parts: Iterable[npt.NDArray[Any]], *path: str) -> str:
        """Keep arrays end to end, one at a time in memory; gives their path."""
        with tempfile.TemporaryDirectory(prefix="corpusledger-") as folder:
            file = Path(folder) / "array"
            with file.open("wb") as out:
                for part in parts:
                    out.write(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
            self.store.put_file(self.path(*path), file)
        return self.path(*path)

    def load(self, path: str, dtype: Any) -> npt.NDArray[Any]:
        """An array that a step left."""
        return _mapped(self.store, path, np.dtype(dtype))

    def part(self, path: str, dtype: Any, first: int, count: int, skip: int = 0) -> npt.NDArray[Any]:
        """*count* values of an array that a step left, from value *first*, *skip* bytes into its file: read, neither
        mapped nor kept. Raises `RunError` where the file ends before.
        """
        wanted = np.dtype(dtype)
        start, local = skip + first * wanted.itemsize, self.store.local_path(path)
        if local is not None:
            found = np.fromfile(local, wanted, count, offset=start)
        else:
            found = np.frombuffer(self.store.get_range(path, start, count * wanted.itemsize) if count else b"", wanted)
        if len(found) != count:
            msg = f"{path}: ends after {len(found)} of {count} values from byte {start}; remove the run's work folder and run again"
            raise RunError(msg)
        return found

    def left(self, step: str) -> list[dict[str, Any]]:
        """What the tasks of an earlier step gave, in task order; shared by its readers, who change nothing in it.

        Read once a process while few other steps are asked for: what a task gave is never written again. How many tasks
        there are is looked up each time, for a step that waits for the rounds has none yet.
        """
        return self._told(step, parse_json(self.store.get(self.path(step, "tasks.json")))["tasks"])

    @cached_property
    def _told(self) -> Callable[[str, int], list[dict[str, Any]]]:
        def read(step: str, count: int) -> list[dict[str, Any]]:
            return [parse_json(self.store.get(self.path(step, f"{n:08d}.json"))) for n in range(count)]

        return lru_cache(STEPS_KEPT)(read)

    def signatures(self, rows: Rows, part: str = "") -> npt.NDArray[np.uint8]:
        """uint8[n, 128]: the kept signatures of *rows*, or of a part of them; zeros for a row that has none."""
        found = np.zeros((len(rows), 128), np.uint8)
        unit_of = self.unit_of(rows)
        for unit in np.unique(unit_of):
            told = self.units[unit]["signatures"].get(role_of("signatures", part))
            if told is None:
                continue
            at = np.flatnonzero(unit_of == unit)
            whole = read_signatures(_mapped(self.store, object_path(told), np.dtype(np.uint8)))
            found[at] = whole[rows[at] - self.bases[unit]]
        return found

    def gone(self, when: str) -> npt.NDArray[np.uint8] | None:
        """The bits of rows that are passed over from *when* on, or None where there are none."""
        path = self.path("gone", when)
        return self.load(path, np.uint8) if self.store.exists(path) else None

    def marks(self, before: str | None = None) -> npt.NDArray[np.uint8]:
        """Bits of all rows to `mark`: those passed over from *before* on, or none yet."""
        held = None if before is None else self.gone(before)
        return np.zeros(int(self.bases[-1]) // 8 + 1, np.uint8) if held is None else np.array(held)


_BIT: Final = (1 << np.arange(8)).astype(np.uint8)


def is_gone(bits: npt.NDArray[np.uint8] | None, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which of *rows* are marked."""
    if bits is None:
        return np.zeros(len(rows), np.bool_)
    return np.asarray(np.take(bits, rows >> 3) >> (rows.astype(np.uint8) & 7) & 1 != 0)


def mark(bits: npt.NDArray[np.uint8], rows: Rows) -> None:
    """Mark *rows*."""
    np.bitwise_or.at(bits, rows >> 3, _BIT[rows & 7])


def in_order_of(array: npt.NDArray[np.void], *fields: str) -> npt.NDArray[np.void]:
    """The rows sorted by *fields*, the first deciding. numpy's own ``order=`` compares fields as Python objects would."""
    keys = [array[name] for name in fields]
    order = np.argsort(keys[0], kind="stable") if len(keys) == 1 else np.lexsort(keys[::-1])
    return array[order]


def room_of(ledger: str, run: str, name: str) -> Room:
    """Open the deduplication of a run; once a process."""

    def opened() -> Room:
        desk = bench_of(ledger, run).desk
        return Room(desk, ledger, name, parse_json(desk.store.get(desk.path("dedup", name, BRIEF))))

    return once(("dedup", ledger, run, name), opened)


def write_brief(desk: Desk, brief: Mapping[str, Any]) -> str:
    """Keep the brief; gives the name of the folder, which follows from it: files of another brief are never taken."""
    data = canonical_json(dict(brief))
    name = sha256_hex(data)[:16]
    desk.store.put(desk.path("dedup", name, BRIEF), data)
    return name


def _mapped(store: Store, path: str, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    local = store.local_path(path)
    if local is None:
        return once(("dedup file", store.uri, path, dtype.str), lambda: np.frombuffer(store.get(path), dtype))
    if not local.stat().st_size:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(local, dtype, "r"))  # a plain view: the mapped class makes every slice of it dear
