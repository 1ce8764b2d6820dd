"""Lines and paragraphs that many records of the run share: the units' tables merged in the order of hashes, counted by source.

Every hash of the run passes once, whatever their number: up to 64 sorted streams are merged at a time, each held a few
thousand rows at once; more units than that go through sorted files on local disk first. Integer sums alone.
"""

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from checks.base import Check
from checks.pairs import sorted_rows
from checks.repetition import LINE, PARAGRAPH, Repetition
from manifests.parquet import write_parquet
from manifests.store import Store, object_path
from pipelines.assemble import objects_of
from pipelines.measures import Repeated
from pipelines.sketched import put_streamed
from schemas.ledger import REPEATED, REPEATED_NAME, ROLLUP_REPEATED

FAN_IN: Final = 64
BATCH_ROWS: Final = 8_192
ROW: Final = np.dtype(
    [
        ("hash", "u8"),
        ("source", "u4"),
        ("unit", "u4"),
        ("row", "u4"),
        ("records", "i8"),
        ("places", "i8"),
        ("bytes", "i8"),
    ]
)
"""One hash in one source, and the least place of it, which unit numbers and rows follow."""
MERGED: Final = pa.schema([pa.field(name, pa.from_numpy_dtype(ROW[name]), nullable=False) for name in ROW.names or ()])

Rows = npt.NDArray[np.void]
Stream = Iterator[Rows]


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
            streams = _narrowed(_streams(store, units, names, kind), Path(folder))
            found = _repeated(merged(streams), check.repeated_from, counts)
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


def merged(streams: Sequence[Stream]) -> Stream:
    """Sorted streams of ROW as one in the order of (hash, source, unit, row), one row a hash and source: counts added up,
    the least place kept. All rows of one hash are in one array.

    A stream's last hash may go on in what follows, so rows are given up to the least of those last hashes, without it.
    """
    heads = {i: head for i, stream in enumerate(streams) if (head := next(stream, None)) is not None}
    open_streams = set(heads)
    while heads:
        limit = min((int(heads[i]["hash"][-1]) for i in open_streams), default=None)
        ready = []
        for i, head in list(heads.items()):
            upto = len(head) if limit is None else int(np.searchsorted(head["hash"], np.uint64(limit)))
            if upto:
                ready.append(head[:upto])
            rest = head[upto:]
            while i in open_streams and int(rest["hash"][-1]) == limit:
                following = next(streams[i], None)
                if following is None:
                    open_streams.discard(i)
                else:
                    rest = np.concatenate([rest, following])
            if len(rest):
                heads[i] = rest
            else:
                del heads[i]
        if ready:
            yield _summed(np.concatenate(ready))


def _summed(rows: Rows) -> Rows:
    hashes, source = np.ascontiguousarray(rows["hash"]), np.ascontiguousarray(rows["source"])
    place = rows["unit"].astype(np.uint64) << np.uint64(32) | rows["row"]
    rows = rows[sorted_rows(hashes, source, place)]
    starts = _starts((rows["hash"][1:] != rows["hash"][:-1]) | (rows["source"][1:] != rows["source"][:-1]))
    if len(starts) == len(rows):
        return rows
    found = rows[starts]
    for name in ("records", "places", "bytes"):
        found[name] = np.add.reduceat(rows[name], starts)
    return found


def _repeated(blocks: Stream, least: int, counts: npt.NDArray[np.int64]) -> Iterator[pa.Table]:
    """ROLLUP_REPEATED of the hashes with *least* records; adds to *counts*, int64[2, sources]: hashes, bytes."""
    for rows in blocks:
        starts = _starts(rows["hash"][1:] != rows["hash"][:-1])
        again = np.add.reduceat(rows["records"], starts) >= least
        if not again.any():
            continue
        sizes = np.diff(starts, append=len(rows))
        kept, sizes = rows[np.repeat(again, sizes)], sizes[again]
        np.add.at(counts[0], kept["source"], 1)
        np.add.at(counts[1], kept["source"], kept["bytes"])
        starts = np.cumsum(sizes) - sizes
        place = np.minimum.reduceat(kept["unit"].astype(np.uint64) << np.uint64(32) | kept["row"], starts)
        columns = [
            kept["hash"][starts], sizes, *(np.add.reduceat(kept[c], starts) for c in ("records", "places", "bytes")),
            (place >> np.uint64(32)).astype(np.uint32), place.astype(np.uint32),
        ]  # fmt: skip
        yield pa.Table.from_arrays([pa.array(np.ascontiguousarray(c)) for c in columns], schema=ROLLUP_REPEATED)


def _starts(is_new: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    return np.concatenate(([0], np.flatnonzero(is_new) + 1))


def _streams(store: Store, units: pa.Table, names: Sequence[str], kind: str) -> list[Callable[[], Stream]]:
    heads = [r for r in units.select(["unit", "source", "objects"]).to_pylist() if r["objects"] is not None]
    opened = []
    for head, objects in zip(heads, objects_of(units), strict=True):
        told = objects.get(Repetition.name, {}).get(f"table.{kind}")
        if told is not None:
            opened.append(_opener(store, told["sha256"], names.index(head["source"]), head["unit"]))
    return opened


def _opener(store: Store, digest: str, source: int, unit: int) -> Callable[[], Stream]:
    path = object_path(digest)

    def stream() -> Stream:
        local = store.local_path(path)
        file = pa.memory_map(str(local)) if local is not None else pa.PythonFile(_Ranges(store, path), "r")
        return _rows(file, {"source": source, "unit": unit})

    return stream


def _narrowed(streams: list[Callable[[], Stream]], folder: Path) -> list[Stream]:
    """At most FAN_IN streams: more of them are merged into files in *folder* first, level after level."""
    level = 0
    while len(streams) > FAN_IN:
        streams = [
            _merged_file(streams[i : i + FAN_IN], folder / f"{level}-{i}") for i in range(0, len(streams), FAN_IN)
        ]
        level += 1
    return [stream() for stream in streams]


def _merged_file(streams: Sequence[Callable[[], Stream]], path: Path) -> Callable[[], Stream]:
    tables = (
        pa.Table.from_arrays([pa.array(np.ascontiguousarray(rows[name])) for name in MERGED.names], schema=MERGED)
        for rows in merged([stream() for stream in streams])
    )
    write_parquet(str(path), tables, MERGED, "corpusledger.merging")
    return lambda: _rows(pa.memory_map(str(path)), {})


def _rows(file: Any, constant: Mapping[str, int]) -> Stream:
    for batch in pq.ParquetFile(file).iter_batches(BATCH_ROWS, use_threads=False):
        rows = np.empty(batch.num_rows, ROW)
        for name, value in constant.items():
            rows[name] = value
        for name in batch.schema.names:
            rows[name] = batch.column(name).to_numpy()
        yield rows


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
