"""Lines and paragraphs that many records of the run share: the units' tables merged in the order of hashes, counted by source.

Every hash of the run passes once, whatever their number: up to 128 sorted streams are merged at a time, a million
rows in all held at once; more units than that go through sorted files on local disk first. Integer sums alone.
"""

import heapq
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from checks.base import Check
from checks.pairs import run_starts, sorted_rows
from checks.repetition import LINE, PARAGRAPH, Repetition
from manifests.parquet import ROW_GROUP_ROWS, write_parquet
from manifests.store import Store, object_path
from pipelines.assemble import objects_of
from pipelines.measures import Repeated
from pipelines.sketched import put_streamed
from schemas.ledger import REPEATED, REPEATED_NAME, ROLLUP_REPEATED

FAN_IN: Final = 128
ROWS_AT_ONCE: Final = 1 << 20
LEAST_BATCH_ROWS: Final = 1 << 10
ROW_BITS: Final = 32
MERGED: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("source", pa.uint32(), nullable=False),  # its place among the run's sources
        pa.field("unit", pa.uint32(), nullable=False),  # with `row` the least place, which unit numbers and rows follow
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("places", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
    ]
)
"""One hash in one source."""


@dataclass(frozen=True)
class Head:
    """The next rows of a stream: MERGED, sorted by hash."""

    batch: pa.RecordBatch

    @cached_property
    def hashes(self) -> npt.NDArray[np.uint64]:
        """uint64[rows]."""
        found: npt.NDArray[np.uint64] = self.batch.column("hash").to_numpy()
        return found

    @property
    def first(self) -> int:
        """The least hash."""
        return int(self.hashes[0])

    @property
    def last(self) -> int:
        """The greatest hash."""
        return int(self.hashes[-1])


Stream = Iterator[Head]
Opener = Callable[[int], Stream]
"""Opens a stream that is read so many rows at a time."""


@dataclass(frozen=True)
class Again:
    """What the run repeats. *files*: (name, sha256, rows, kind) for files.parquet."""

    sources: Mapping[str, Repeated] = field(default_factory=dict)
    whole: Repeated = field(default_factory=Repeated)
    files: Sequence[tuple[str, str, int, str]] = ()


def find_repeated(store: Store, checks: Sequence[Check], units: pa.Table) -> Again:
    """Merge the tables of every unit of *units* (UNITS), and keep what at least `repeated_from` records have as rollups."""
    check = next((c for c in checks if isinstance(c, Repetition)), None)
    if check is None:
        return Again()
    names = sorted(set(units.column("source").to_pylist()))
    whole: dict[str, int] = {}
    sources: dict[str, dict[str, int]] = {name: {} for name in names}
    files = []
    for kind in (LINE, PARAGRAPH):
        with tempfile.TemporaryDirectory(prefix="corpusledger-") as folder:
            counts = np.zeros((2, len(names)), np.int64)
            streams = narrowed(streams_of(store, units, names, Repetition.name, kind), Path(folder))
            found = _repeated(streams, check.repeated_from, counts)
            first = next(found, None)
            total = 0
            if first is not None:
                made = put_streamed(store, chain([first], found), ROLLUP_REPEATED, REPEATED_NAME)
                files.append((REPEATED.format(kind), made["sha256"], made["rows"], REPEATED_NAME))
                total = made["rows"]
        whole |= {f"{kind}s": total, f"{kind}_bytes": int(counts[1].sum())}
        for name, many, size in zip(names, *counts.tolist(), strict=True):
            sources[name] |= {f"{kind}s": many, f"{kind}_bytes": size}
    return Again({name: Repeated(**told) for name, told in sources.items()}, Repeated(**whole), files)


def blocks(streams: Sequence[Stream], rows_at_once: int) -> Iterator[pa.Table]:
    """Sorted streams of MERGED cut into tables of which each is wholly before the next, so that all rows of one hash are in
    one; within a table the rows stand stream after stream.

    The stream that has come least far is read on until about *rows_at_once* are held. Its last hash may go on in what
    follows, so rows are given up to that hash, without it.
    """
    heads: list[list[Head]] = [[] for _ in streams]
    furthest = [(-1, i) for i in range(len(streams))]
    held = 0
    while furthest or held:
        while furthest and (held < rows_at_once or not any(_is_given(of_one, furthest[0][0]) for of_one in heads)):
            _, i = furthest[0]
            if (following := next(streams[i], None)) is None:
                heapq.heappop(furthest)
            else:
                heads[i].append(following)
                held += following.batch.num_rows
                heapq.heapreplace(furthest, (following.last, i))
        ready = [batch for of_one in heads for batch in _given(of_one, furthest[0][0] if furthest else None)]
        if ready:
            table = pa.Table.from_batches(ready, MERGED)
            held -= table.num_rows
            yield table


def _is_given(held: list[Head], limit: int) -> bool:
    return bool(held) and held[0].first < limit


def _given(held: list[Head], limit: int | None) -> Iterator[pa.RecordBatch]:
    """Takes the rows below *limit* off."""
    while held and (limit is None or held[0].last < limit):
        yield held.pop(0).batch
    if held and limit is not None and (upto := int(np.searchsorted(held[0].hashes, np.uint64(limit)))):
        yield held[0].batch.slice(0, upto)
        held[0] = Head(held[0].batch.slice(upto))


def summed_rows(table: pa.Table) -> pa.Table:
    """MERGED in the order of (hash, source), each pair once: counts added up, the least place kept."""
    hashes, source, unit, row = (table.column(name).to_numpy() for name in ("hash", "source", "unit", "row"))
    place = unit.astype(np.uint64) << np.uint64(ROW_BITS) | row
    order = sorted_rows(hashes, source, place)
    hashes, source, place = hashes[order], source[order], place[order]
    starts = run_starts(hashes, source)
    place = place[starts]
    sums = (np.add.reduceat(table.column(name).to_numpy()[order], starts) for name in ("records", "places", "bytes"))
    return _table((hashes[starts], source[starts], *_parted(place), *sums), MERGED)


def _in_many(table: pa.Table, least: int) -> npt.NDArray[np.int64]:
    """The places of the rows whose hash has *least* records: few, and only these are looked at as a whole."""
    hashes = table.column("hash").to_numpy()
    order = np.argsort(hashes)  # the order among equal ones does not matter here
    hashes = hashes[order]
    starts = run_starts(hashes)
    enough = np.add.reduceat(table.column("records").to_numpy()[order], starts) >= least
    return order[np.repeat(enough, np.diff(starts, append=len(hashes)))] if enough.any() else order[:0]


def _repeated(streams: Sequence[Stream], least: int, counts: npt.NDArray[np.int64]) -> Iterator[pa.Table]:
    """ROLLUP_REPEATED of the hashes with *least* records; adds to *counts*, int64[2, sources]: hashes, bytes."""
    for table in blocks(streams, ROWS_AT_ONCE):
        chosen = _in_many(table, least)
        if not len(chosen):
            continue
        kept = summed_rows(table.take(pa.array(chosen)))
        hashes, source, unit, row, *sums = (column.to_numpy() for column in kept.columns)
        np.add.at(counts[0], source, 1)
        np.add.at(counts[1], source, sums[-1])
        starts = run_starts(hashes)
        place = np.minimum.reduceat(unit.astype(np.uint64) << np.uint64(ROW_BITS) | row, starts)
        told = (np.add.reduceat(values, starts) for values in sums)
        yield _table((hashes[starts], np.diff(starts, append=len(hashes)), *told, *_parted(place)), ROLLUP_REPEATED)


def _parted(place: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    return (place >> np.uint64(ROW_BITS)).astype(np.uint32), place.astype(np.uint32)


def _table(columns: Iterable[npt.NDArray[Any]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_arrays([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)


def streams_of(store: Store, units: pa.Table, names: Sequence[str], check: str, kind: str) -> list[Opener]:
    """The table *kind* of *check* of every unit of *units* (UNITS) that has one; its columns are those of MERGED."""
    heads = [r for r in units.select(["unit", "source", "objects"]).to_pylist() if r["objects"] is not None]
    opened = []
    for head, objects in zip(heads, objects_of(units), strict=True):
        told = objects.get(check, {}).get(f"table.{kind}")
        if told is not None:
            opened.append(_opener(store, told["sha256"], names.index(head["source"]), head["unit"]))
    return opened


def _opener(store: Store, digest: str, source: int, unit: int) -> Opener:
    path = object_path(digest)

    def stream(batch_rows: int) -> Stream:
        local = store.local_path(path)
        file = pa.memory_map(str(local)) if local is not None else pa.PythonFile(_Ranges(store, path), "r")
        return _heads(file, {"source": source, "unit": unit}, batch_rows)

    return stream


def narrowed(streams: list[Opener], folder: Path) -> list[Stream]:
    """At most FAN_IN streams: more of them are merged into files in *folder* first, level after level."""
    level = 0
    while len(streams) > FAN_IN:
        streams = [
            _merged_file(streams[i : i + FAN_IN], folder / f"{level}-{i}") for i in range(0, len(streams), FAN_IN)
        ]
        level += 1
    return _opened(streams)


def _opened(streams: Sequence[Opener]) -> list[Stream]:
    """Each read so few rows at a time that what is left over of all of them, while they wait, is little of a block."""
    batch_rows = min(ROW_GROUP_ROWS, max(LEAST_BATCH_ROWS, ROWS_AT_ONCE // (4 * max(1, len(streams)))))
    return [stream(batch_rows) for stream in streams]


def _merged_file(streams: Sequence[Opener], path: Path) -> Opener:
    tables = map(summed_rows, blocks(_opened(streams), ROWS_AT_ONCE))
    write_parquet(str(path), tables, MERGED, "corpusledger.merging", hashes=True)
    return lambda batch_rows: _heads(pa.memory_map(str(path)), {}, batch_rows)


def _heads(file: Any, constant: Mapping[str, int], batch_rows: int) -> Stream:
    for batch in pq.ParquetFile(file).iter_batches(batch_rows, use_threads=False):
        more = {name: pa.array(np.full(batch.num_rows, value, np.uint32)) for name, value in constant.items()}
        columns = [more[name] if name in more else batch.column(name) for name in MERGED.names]
        yield Head(pa.RecordBatch.from_arrays(columns, schema=MERGED))


class _Ranges(io.RawIOBase):
    """An object of a store, read by ranges: its columns are never in memory whole."""

    def __init__(self, store: Store, path: str) -> None:
        self._store, self._path, self._at, self._size = store, path, 0, store.size(path)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        data = (
            self._store.get_range(self._path, self._at, left if size < 0 else min(size, left)) if left and size else b""
        )
        self._at += len(data)
        return data
