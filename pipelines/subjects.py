"""The index of data subjects of a run: what earlier runs wrote is taken as it is, the rest is sorted into a new segment.

Bounded memory: a million rows are sorted at a time and lie in local files, which are merged as streams.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.ledger import Ledger
from manifests.parquet import ROW_GROUP_ROWS, parquet_bytes, write_parquet
from manifests.runs import load_manifest, sealed_runs
from manifests.store import Store
from manifests.tables import read_files
from pipelines.sorted_rows import opened
from pipelines.unit import Looked
from schemas.canonical import digest_of
from schemas.subjects import INDEX, ROWS, ROWS_KIND, WORKS, WORKS_KIND, range_of, rows_name, works_name

PERSONAL: Final = "personal"
HELD_ROWS: Final = 1 << 20
ROWS_A_FILE: Final = 1 << 20
SEGMENTS_AT_MOST: Final = 16
"""More segments than that are merged into one, so that a look-up does not open ever more files."""
_COLUMNS: Final = ["value_hmac", "entity", "row"]
Files = list[tuple[str, str, int, str]]


@dataclass(frozen=True)
class Segment:
    """*works*: sorted work ids; *files*: (name, sha256, rows, kind) of its works and its rows, as files.parquet has them."""

    ident: str
    works: tuple[str, ...]
    files: tuple[tuple[str, str, int, str], ...]


def index_subjects(ledger: Ledger, looked: Sequence[Looked]) -> list[Segment]:
    """The segments that hold every keyed finding of the run; one new one at most.

    An earlier segment is taken where at least half of its works are this run's and not yet held.
    """
    wanted = findings_of(looked)
    if not wanted:
        return []
    taken: list[Segment] = []
    missing = set(wanted)
    for segment in known_segments(ledger.store):
        mine = missing & set(segment.works)
        if mine and 2 * len(mine) >= len(segment.works):
            taken.append(segment)
            missing -= mine
    if len(taken) >= SEGMENTS_AT_MOST:
        taken, missing = [], set(wanted)
    if missing:
        made = make_segment(ledger.store, {work: wanted[work] for work in missing})
        taken += [made] if made is not None else []
    return taken


def findings_of(looked: Sequence[Looked]) -> dict[str, str]:
    """The personal check's work id -> its findings object, of every unit where it found anything."""
    found = {}
    for seen in looked:
        result = seen.results.get(PERSONAL)
        if result is not None and "findings" in result.objects:
            found[seen.works[PERSONAL]] = str(result.objects["findings"]["sha256"])
    return found


def known_segments(store: Store) -> Iterator[Segment]:
    """Every segment that a sealed run names, the newest run's first, each once."""
    seen: set[str] = set()
    for sealed in reversed(sealed_runs(store)):
        held: dict[str, Files] = {}
        for row in read_files(store, load_manifest(store, sealed)).to_pylist():
            if row["name"].startswith(f"{INDEX}/"):
                parts = range_of(row["name"])
                ident = parts[2] if parts else row["name"].split("/")[2]
                held.setdefault(ident, []).append((row["name"], row["digest"], row["rows"], row["kind"]))
        for ident, files in sorted(held.items()):
            if ident not in seen:
                seen.add(ident)
                listed = next(digest for name, digest, _, _ in files if name == works_name(ident))
                works = pq.ParquetFile(opened(store, listed)).read(use_threads=False).column("work").to_pylist()
                yield Segment(ident, tuple(works), tuple(sorted(files)))


def make_segment(store: Store, findings: Mapping[str, str]) -> Segment | None:
    """Sort the keyed findings of *findings* (work id -> object) into one segment; None where none has a key."""
    works = tuple(sorted(findings))
    ident = digest_of([ROWS_KIND, list(works)])[:16]
    with tempfile.TemporaryDirectory(prefix="corpusledger-") as made:
        runs, names, rows = _sorted_runs(store, [findings[w] for w in works], Path(made))
        if not rows:
            return None
        listed = parquet_bytes(pa.table({"work": pa.array(works, pa.string())}, WORKS), WORKS_KIND)
        files: Files = [(works_name(ident), store.put_object(listed), len(works), WORKS_KIND)]
        cut = _Cut(merged_runs([_blocks(run, len(runs)) for run in runs]))
        entities, target = pa.array(names, pa.string()), Path(made) / "rows.parquet"
        for first, bound in pairwise(_edges(rows)):
            tables = (_table(block, entities) for block in cut.below(bound << 56))
            count = write_parquet(str(target), tables, ROWS, ROWS_KIND)
            if count:
                files.append((rows_name(first, bound - 1, ident), store.put_object_of(target), count, ROWS_KIND))
    return Segment(ident, works, tuple(sorted(files)))


KEY: Final = np.dtype([("high", "<u8"), ("low", "<u8"), ("place", "<u4"), ("row", "<u4"), ("entity", "<u2")])
"""A row while it is sorted: the HMAC's two halves as numbers, so that their order is the bytes' order."""
Keys = npt.NDArray[np.void]


def _sorted_runs(store: Store, objects: Sequence[str], folder: Path) -> tuple[list[Path], list[str], int]:
    """Files of sorted KEY rows, the entities' names by number, and how many rows there are in all."""
    names: dict[str, int] = {}
    held: list[Keys] = []
    runs: list[Path] = []
    waiting = rows = 0
    for place, digest in enumerate(objects):
        for batch in pq.ParquetFile(opened(store, digest)).iter_batches(
            ROW_GROUP_ROWS, columns=_COLUMNS, use_threads=False
        ):
            held.append(_keys(batch.filter(pc.is_valid(batch.column("value_hmac"))), place, names))
            waiting += len(held[-1])
        if waiting >= HELD_ROWS or place == len(objects) - 1:
            block = once_each(np.concatenate([np.zeros(0, KEY), *held]))
            if len(block):
                runs.append(folder / f"{len(runs):06d}.run")
                block.tofile(runs[-1])
            rows += len(block)
            held, waiting = [], 0
    return runs, list(names), rows


def _keys(batch: pa.RecordBatch, place: int, names: dict[str, int]) -> Keys:
    found = np.zeros(batch.num_rows, KEY)
    if not batch.num_rows:
        return found
    halves = halves_of(batch.column("value_hmac"))
    coded = batch.column("entity").dictionary_encode()
    numbers = [names.setdefault(name, len(names)) for name in coded.dictionary.to_pylist()]
    found["high"], found["low"], found["place"] = halves[:, 0], halves[:, 1], place
    found["row"] = batch.column("row").to_numpy()
    found["entity"] = np.array(numbers, np.uint16)[coded.indices.to_numpy()]
    return found


def halves_of(hmacs: pa.Array) -> npt.NDArray[np.uint64]:
    """uint64[rows, 2] of a binary(16) array without nulls."""
    data = np.frombuffer(hmacs.buffers()[1], np.uint8)[hmacs.offset * 16 : (hmacs.offset + len(hmacs)) * 16]
    return data.view(">u8").reshape(-1, 2).astype(np.uint64)


def once_each(keys: Keys) -> Keys:
    """*keys* sorted by HMAC, place and row, each once."""
    order = np.lexsort((keys["row"], keys["place"], keys["low"], keys["high"]))
    placed = keys[order]
    if not len(placed):
        return placed
    same = np.ones(len(placed) - 1, np.bool_)
    for name in ("high", "low", "place", "row"):
        same &= placed[name][1:] == placed[name][:-1]
    return placed[np.concatenate(([True], ~same))]


def _blocks(run: Path, count: int) -> Iterator[Keys]:
    """A run so many rows at a time that the blocks of all runs hold about what was sorted at once."""
    step = max(1 << 10, 2 * HELD_ROWS // count)
    with run.open("rb") as file:
        while len(block := np.fromfile(file, KEY, step)):
            yield block


def merged_runs(streams: Sequence[Iterator[Keys]]) -> Iterator[Keys]:
    """Sorted streams as one; holds a block of each. What a place has lies in one stream, so nothing stands twice."""
    heads = {i: block for i, stream in enumerate(streams) if (block := next(stream, None)) is not None}
    while heads:
        least = min(heads, key=lambda i: tuple(heads[i][-1])[:4])
        pivot = heads[least][-1]
        ready = []
        for i in list(heads):
            upto = len(heads[i]) if i == least else _upto(heads[i], pivot)
            ready.append(heads[i][:upto])
            heads[i] = heads[i][upto:]
            if not len(heads[i]):
                following = next(streams[i], None)
                if following is None:
                    del heads[i]
                else:
                    heads[i] = following
        yield once_each(np.concatenate(ready)) if len(ready) > 1 else ready[0]


def _upto(block: Keys, pivot: Any) -> int:
    """How many rows of a sorted block are not above *pivot*."""
    low, high = 0, len(block)
    for name in ("high", "low", "place", "row"):
        column = block[name][low:high]
        a, b = np.searchsorted(column, pivot[name], "left"), np.searchsorted(column, pivot[name], "right")
        low, high = low + int(a), low + int(b)
        if low == high:
            return low
    return high


def _edges(rows: int) -> list[int]:
    """The first bytes at which files begin: a power of two of equal ranges, of about a million rows each."""
    count = 1
    while count < 256 and rows > count * ROWS_A_FILE:
        count *= 2
    return list(range(0, 257, 256 // count))


@dataclass
class _Cut:
    """A sorted stream, taken range after range."""

    stream: Iterator[Keys]
    held: Keys | None = None

    def below(self, bound: int) -> Iterator[Keys]:
        """The rows whose high half is less than *bound*; the first that is not waits for the next range."""
        while (block := self.held if self.held is not None else next(self.stream, None)) is not None:
            upto = len(block) if bound >> 64 else int(np.searchsorted(block["high"], np.uint64(bound)))
            self.held = block[upto:] if upto < len(block) else None
            if upto:
                yield block[:upto]
            if self.held is not None:
                return


def _table(keys: Keys, names: pa.Array) -> pa.Table:
    halves = np.stack([keys["high"], keys["low"]], axis=1).astype(">u8")
    hmac = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(keys), [None, pa.py_buffer(halves.tobytes())])
    entity = names.take(pa.array(keys["entity"].copy()))
    return pa.Table.from_arrays(
        [hmac, entity, pa.array(keys["place"].copy()), pa.array(keys["row"].copy())], schema=ROWS
    )
