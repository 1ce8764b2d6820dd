"""Where a person's value is: the runs, sources and records whose findings have its keyed HMAC, and what could not be asked.

An opened `Subjects` keeps the footers of the index's files and the units of the runs that it answered of, so that a further
question costs one row group a file. Only what the log, the manifests and their tables name is read. Never a value: it is
asked by HMAC, and what is not found may still be there, in another form, in a run that was not searched, or unrecognised.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.ledger import Ledger
from manifests.runs import load_manifest, sealed_runs
from manifests.store import Store, object_path
from manifests.subject_places import RunUnits
from manifests.tables import read_files
from schemas.errors import StoreError
from schemas.manifest import Manifest
from schemas.subjects import INDEX, range_of, works_name

PERSONAL: Final = "personal"
NO_KEY, OTHER_KEY, NO_INDEX, NOT_CHECKED = "no-key", "key-unknown", "no-index", "not-checked"
"""Why a run was not searched: it had no key; it was sealed under a key that is not at hand; it wrote no index of subjects;
it did not look for personal information."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What is asked for: an entity and the HMAC of its canonical value under the key of that id."""

    entity: str
    key_id: str
    hmac: bytes


@dataclass(frozen=True, slots=True)
class RunAsked:
    """One sealed run and how it was searched. *why_not*: None where it was. *entities*: what of the identifiers it had looked
    for; *not_looked_for*: what of them its check did not know. *check_version*: what its recall follows from.
    """

    run: str
    started: str
    finished: str
    looked_at: int
    unread: int
    why_not: str | None
    entities: tuple[str, ...] = ()
    not_looked_for: tuple[str, ...] = ()
    check_version: int | None = None


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """A record that holds the value. *record*: its number in the shard, from 1; *offset*: bytes in the decoded shard (row for
    Parquet). *decision*: kept, dropped, or None where the run decided nothing; *rule*: why it was dropped.
    """

    run: str
    source: str
    shard: str
    offset: int
    record: int
    entity: str
    decision: str | None
    rule: str | None
    content_id: str | None


@dataclass(frozen=True)
class Answer:
    """*runs*: every sealed run, searched or not. *found*: (run, source) -> records. *records*: at most as many as asked for,
    by run and place.
    """

    runs: tuple[RunAsked, ...]
    found: Mapping[tuple[str, str], int]
    records: tuple[SubjectRecord, ...]

    @property
    def searched(self) -> tuple[RunAsked, ...]:
        """The runs that were searched, for at least one of the identifiers."""
        return tuple(r for r in self.runs if r.why_not is None)


@dataclass
class Subjects:
    """An opened index of a ledger, for as many questions as there are."""

    ledger: Ledger
    _files: dict[str, "_File"] = field(default_factory=dict)
    _works: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def runs(self) -> tuple["_Run", ...]:
        """Every sealed run, in the log's order."""
        store = self.ledger.store
        return tuple(_Run(store, load_manifest(store, sealed)) for sealed in sealed_runs(store))

    def find(self, wanted: Sequence[Identifier], limit: int = 1000) -> Answer:
        """Every sealed run asked for *wanted*."""
        hits: dict[tuple[str, bytes], list[tuple[str, int]]] = {}
        asked, found, records = [], dict[tuple[str, str], int](), list[SubjectRecord]()
        for run in self.runs:
            mine = [w for w in wanted if w.key_id == run.key_id]
            told = run.asked(wanted, mine)
            asked.append(told)
            if told.why_not is not None:
                continue
            for one in mine:
                if one.entity not in told.entities:
                    continue
                for segment, files in run.segments.items():
                    key = segment, one.hmac
                    if key not in hits:
                        hits[key] = list(self._rows(segment, files, run, one.hmac))
                    self._place(run, one.entity, hits[key], limit, found, records)
        return Answer(tuple(asked), found, tuple(records))

    def _rows(
        self, segment: str, files: Sequence[tuple[int, int, str]], run: "_Run", hmac: bytes
    ) -> Iterator[tuple[str, int]]:
        for first, last, digest in files:
            if first <= hmac[0] <= last:
                if digest not in self._files:
                    self._files[digest] = _File(self.ledger.store, digest)
                for place, row in self._files[digest].rows(hmac):
                    if segment not in self._works:
                        self._works[segment] = run.works(segment)
                    yield self._works[segment][place], row

    def _place(
        self, run: "_Run", entity: str, rows: Sequence[tuple[str, int]], limit: int,
        found: dict[tuple[str, str], int], records: list[SubjectRecord],
    ) -> None:  # fmt: skip
        by_unit: dict[int, list[int]] = {}
        for work, row in rows:
            for unit in run.units.with_work(work):
                by_unit.setdefault(unit, []).append(row)
        for unit, numbers in sorted(by_unit.items()):
            key = run.manifest.run, run.units.source(unit)
            found[key] = found.get(key, 0) + len(numbers)
            if len(records) < limit:
                records += [
                    SubjectRecord(*key, shard, offset, number, entity, *rest)
                    for shard, offset, number, *rest in run.units.places(unit, numbers[: limit - len(records)])
                ]


@dataclass
class _Run:
    store: Store
    manifest: Manifest

    @cached_property
    def check(self) -> Any:
        return next((c for c in self.manifest.checks if c.name == PERSONAL and "key_id" in c.settings), None)

    @cached_property
    def key_id(self) -> str | None:
        return None if self.check is None else self.check.settings["key_id"]

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = read_files(self.store, self.manifest).to_pylist()
        return [row for row in listed if row["name"].startswith(f"{INDEX}/")]

    @cached_property
    def segments(self) -> dict[str, list[tuple[int, int, str]]]:
        """Segment -> its files: first byte, last byte, object."""
        found: dict[str, list[tuple[int, int, str]]] = {}
        for row in self.files:
            if (told := range_of(row["name"])) is not None:
                found.setdefault(told[2], []).append((told[0], told[1], row["digest"]))
        return found

    @cached_property
    def units(self) -> RunUnits:
        return RunUnits(self.store, self.manifest, PERSONAL)

    def works(self, segment: str) -> list[str]:
        digest = next(row["digest"] for row in self.files if row["name"] == works_name(segment))
        listed: list[str] = _opened(self.store, digest).read(use_threads=False).column("work").to_pylist()
        return listed

    def asked(self, wanted: Sequence[Identifier], mine: Sequence[Identifier]) -> RunAsked:
        m = self.manifest
        counts = next((c for c in m.counts.checks if c.check == PERSONAL), None)
        seen = (0, 0) if counts is None else (counts.looked_at, counts.unread)
        told = (m.run, m.started, m.finished, *seen)
        if self.check is None:
            return RunAsked(*told, NOT_CHECKED)
        if self.key_id is None:
            return RunAsked(*told, NO_KEY)
        if not mine:
            return RunAsked(*told, OTHER_KEY)
        if not self.segments and counts is not None and counts.findings:
            return RunAsked(*told, NO_INDEX)
        measures = {measure.name for measure in self.check.measures}
        names = tuple(dict.fromkeys(w.entity for w in wanted))
        looked_for = tuple(n for n in names if f"{n.lower()}_findings" in measures)
        lacking = tuple(n for n in names if n not in looked_for)
        return RunAsked(*told, None, looked_for, lacking, self.check.version)


@dataclass
class _File:
    """One sorted file of rows, its footer read once."""

    store: Store
    digest: str

    def __post_init__(self) -> None:
        self._file = _opened(self.store, self.digest)
        bounds = [
            self._file.metadata.row_group(i).column(0).statistics for i in range(self._file.metadata.num_row_groups)
        ]
        if any(b is None or not b.has_min_max for b in bounds):
            msg = f"{self.store.place(object_path(self.digest))}: has no bounds of its row groups; run `corpusledger verify`"
            raise StoreError(msg)
        self._least = [bytes(b.min) for b in bounds]
        self._most = [bytes(b.max) for b in bounds]

    def rows(self, hmac: bytes) -> Iterator[tuple[int, int]]:
        """(place, row) of every row with that HMAC."""
        first, last = bisect_left(self._most, hmac), bisect_right(self._least, hmac)
        for group in range(first, last):
            keys = self._file.read_row_group(group, columns=["hmac"], use_threads=False).column(0).combine_chunks()
            keys = keys.chunk(0) if isinstance(keys, pa.ChunkedArray) else keys
            at = np.flatnonzero(pc.equal(keys, pa.scalar(hmac, pa.binary(16))).to_numpy(zero_copy_only=False))
            if len(at):
                table = self._file.read_row_group(group, columns=["place", "row"], use_threads=False)
                found = table.slice(int(at[0]), len(at))
                yield from zip(found.column("place").to_pylist(), found.column("row").to_pylist(), strict=True)


def rows_with(store: Store, digest: str, hmac: bytes) -> Iterator[tuple[int, int]]:
    """(place, row) of every row with that HMAC in one file of rows."""
    yield from _File(store, digest).rows(hmac)


def _opened(store: Store, digest: str) -> pq.ParquetFile:
    """An object as Parquet: mapped where it lies on this machine, else its bytes."""
    path = object_path(digest)
    local = store.local_path(path)
    try:
        data = pa.memory_map(str(local)) if local is not None else pa.BufferReader(store.get(path))
        return pq.ParquetFile(data)
    except (pa.ArrowException, OSError) as error:
        msg = f"{store.place(path)}: cannot be read ({type(error).__name__}); restore it from a copy, see `corpusledger verify`"
        raise StoreError(msg) from error
