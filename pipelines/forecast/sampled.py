"""A sample of what is to be read, looked at as the run would: how many records, how long, at what cost."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check
from checks.duplicates import Duplicates
from checks.terms import shingle_sets
from manifests.parquet import parquet_bytes
from pipelines.forecast.glimpse import Glance, glance_at
from pipelines.forecast.stretches import Piece, Stretch, pieces_of
from pipelines.normalise import batches, shown
from pipelines.outputs import RECORDS_SCHEMA, CheckOutputs
from pipelines.read.base import Framing
from schemas.errors import LedgerError
from schemas.record import RECORD

WARMING: Final = (
    "The office answers letters: office@example.org, +1 202 555 0100, card 4111 1111 1111 1111, host 192.0.2.1.",
    "来之前请先给办公室写信：office@example.org，电话 010-5555 0100，证件号码 110101199001010000，卡号 4111111111111111。",
)
"""Shown first, so that what a check loads for a language is not taken for the cost of looking."""
LONGEST_SHOWN: Final = 8 << 20
"""A record with more text is counted and not shown to the checks: one such would be most of the sample's time."""
_HASHED: Final = 4 << 20


@dataclass
class Looked:
    """One piece. *weight*: what one of its records, or bytes, stands for; *shown*: records and text the checks saw."""

    stands_for: float
    stored_bytes: float
    records: float
    unread: int
    text_bytes: float
    shown_records: int = 0
    shown_text: int = 0
    read_s: float = 0
    check_s: float = 0
    weight: float = 0


@dataclass(frozen=True)
class Sample:
    """What the bytes to read hold, as the pieces tell: *records*, *unread*, *text_bytes*, CPU seconds are of all of them.

    Arrays have one value a shown record: *weight* (how many records it stands for), *row*; of *terms*, *shingles*
    (distinct; 0 for short ones), *content*, *sketches* only where the run looks for duplicates. *object_bytes* a record:
    what reading and the checks leave in the ledger, without sketches. *problems*: pieces that could not be had.
    """

    pieces: int
    stored_bytes: int
    text_read: int
    population: int
    is_whole: bool
    problems: tuple[str, ...]
    records: float
    unread: float
    text_bytes: float
    read_s: float
    check_s: float
    load_s: float
    object_bytes: float
    held_bytes: float  # of columns in memory, a record
    shingle_s: float  # a long record
    weight: npt.NDArray[np.float64]
    terms: npt.NDArray[np.int64] | None = None
    shingles: npt.NDArray[np.int64] | None = None
    content: npt.NDArray[np.void] | None = None
    sketches: npt.NDArray[np.void] | None = None

    @property
    def long(self) -> npt.NDArray[np.bool_]:
        """Which shown records are long enough to be compared."""
        found = np.zeros(len(self.weight), np.bool_)
        if self.sketches is not None:
            found[self.sketches["row"][self.sketches["part"] == 0]] = True
        return found

    @property
    def long_records(self) -> float:
        """Records long enough to be compared."""
        return float(self.weight[self.long].sum())

    def parts(self, *, long: bool) -> float:
        """Prompts and responses that are compared apart: all with a term, or those long enough for a signature."""
        if self.sketches is None:
            return 0.0
        some = self.sketches["part"] > 0
        return float(self.weight[self.sketches["row"][some & (self.sketches["long"] == 1) if long else some]].sum())

    @property
    def mean_shingles(self) -> float:
        """Distinct shingles of a long record."""
        if self.shingles is None or not self.long_records:
            return 0.0
        return float((self.weight * self.shingles)[self.long].sum() / self.long_records)


@dataclass
class _Bench:
    """The checks while they are shown the sample; all pieces count as one unit."""

    checks: Sequence[Check]
    registry: Mapping[str, Mapping[str, str]]
    names: list[str] = field(default_factory=list)
    outputs: list[CheckOutputs] = field(default_factory=list)
    records: list[pa.RecordBatch] = field(default_factory=list)
    met: set[Framing] = field(default_factory=set)
    shingles: list[npt.NDArray[np.int64]] = field(default_factory=list)
    load_s: float = 0
    shingle_s: float = 0
    rows: int = 0

    def show(self, source: str, batch: pa.RecordBatch) -> float:
        """Show a batch to every check; CPU seconds."""
        registry, names = dict(self.registry.get(source, {})), pa.array(self.names, pa.string())
        seen = [shown(batch, check.reads, registry, names) for check in self.checks]
        if not self.outputs:
            began = time.process_time()
            for check, one in zip(self.checks, seen, strict=True):
                CheckOutputs(check).show(_in_both_languages(one.slice(0, 1)))
            self.load_s = time.process_time() - began
            self.outputs = [CheckOutputs(check) for check in self.checks]
        began = time.process_time()
        for out, one in zip(self.outputs, seen, strict=True):
            out.show(one)
        took = time.process_time() - began
        self.records.append(batch.select(RECORDS_SCHEMA.names))
        if self.duplicates is not None:
            began = time.process_time()
            _, offsets = shingle_sets(batch.column("text"), np.arange(batch.num_rows, dtype=np.intp))
            self.shingle_s += time.process_time() - began
            self.shingles.append(np.diff(offsets))
        return took

    @property
    def duplicates(self) -> CheckOutputs | None:
        """The outputs of the check that sketches."""
        return next((o for o in self.outputs if isinstance(o.check, Duplicates)), None)

    def numbered(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """A block's batch as RECORD, rows numbered through the shown records of the sample, without gaps."""
        row = np.arange(self.rows, self.rows + batch.num_rows, dtype=np.uint32)
        self.rows += batch.num_rows
        file = np.full(batch.num_rows, len(self.names) - 1, np.uint32)
        places = {"row": pa.array(row), "file": pa.array(file)}
        columns = [places[name] if name in places else batch.column(name) for name in RECORD.names]
        return pa.RecordBatch.from_arrays(columns, schema=RECORD)


def sample_of(
    stretches: Sequence[Stretch], checks: Sequence[Check], registry: Mapping[str, Mapping[str, str]], **how: int
) -> Sample | None:
    """Read the pieces of *stretches* and show them to *checks*; None where not one of them could be read.

    *registry*: source id -> its values; *how*: of `pieces_of`. A piece that cannot be read is told in `problems` and left out.
    """
    drawn = pieces_of(stretches, **how)
    bench = _Bench(checks, registry)
    looked: list[Looked] = []
    problems: list[str] = []
    for piece in drawn.pieces:
        try:
            looked.append(_look(piece, drawn.room, bench))
        except (LedgerError, OSError, pa.ArrowException) as error:
            problems.append(f"{piece.stretches[0].shard}: {str(error).splitlines()[0]}")
    population = sum(s.size_bytes for s in stretches)
    read = sum(one.stands_for for one in looked)
    if not read or not sum(one.stored_bytes for one in looked):
        return None
    for one in looked:
        one.weight = one.stands_for / max(one.stored_bytes, 1) * population / read
    return _weighed(bench, looked, tuple(problems), population, is_whole=drawn.is_whole and not problems)


def _look(piece: Piece, room: int, bench: _Bench) -> Looked:
    told = Looked(piece.stands_for, 0, 0, 0, 0)
    left, held = room * piece.times, list[pa.RecordBatch]()
    for stretch in piece.stretches:
        if stretch.framing not in bench.met:
            glance_at(stretch, piece.at, room * piece.times)  # loads what its format needs
            bench.met.add(stretch.framing)
        began = time.process_time()
        glance = glance_at(stretch, piece.at, room * piece.times)
        told.read_s += (time.process_time() - began) * glance.whole_text
        told.stored_bytes += glance.stored_bytes
        told.records += glance.records
        told.unread += glance.unread
        told.text_bytes += glance.text_bytes * glance.whole_text
        for batch in _some(glance, bench, stretch, left - told.shown_text):
            told.shown_records += batch.num_rows
            told.shown_text += pc.sum(pc.binary_length(batch.column("text"))).as_py() or 0
            held.append(batch)
    for batch in batches(held):  # as a unit gathers them: small files are shown together
        told.check_s += bench.show(piece.stretches[0].source, batch)
    return told


def _in_both_languages(row: pa.RecordBatch) -> pa.RecordBatch:
    """That row, twice, with WARMING as its text."""
    both = row.take(pa.array([0, 0]))
    text = pa.array(WARMING, row.schema.field("text").type)
    return both.set_column(row.schema.get_field_index("text"), row.schema.field("text"), text)


def _some(glance: Glance, bench: _Bench, stretch: Stretch, left: int) -> Iterator[pa.RecordBatch]:
    """The records of a glance with about *left* bytes of text, numbered."""
    bench.names.append(stretch.shard)
    for batch in (block.batch for block in glance.blocks):
        sizes = pc.fill_null(pc.binary_length(batch.column("text")), 0).to_numpy(zero_copy_only=False)
        before = np.cumsum(sizes) - sizes
        keep = np.flatnonzero((before < max(left, 0)) & (sizes <= LONGEST_SHOWN))
        left -= int(sizes[keep].sum())
        if len(keep):
            yield bench.numbered(batch.take(pa.array(keep)))


def _weighed(
    bench: _Bench, looked: Sequence[Looked], problems: tuple[str, ...], population: int, *, is_whole: bool
) -> Sample:
    began = time.process_time()
    stored: list[int] = []

    def put(data: bytes) -> str:
        stored.append(len(data))
        return hashlib.sha256(data).hexdigest()

    for out in bench.outputs:
        out.write(put, {})
    if bench.records:
        put(parquet_bytes(pa.Table.from_batches(bench.records, RECORDS_SCHEMA)))
    rows = max(1, bench.rows)
    write_s = (time.process_time() - began) / rows
    text = sum(one.weight * one.text_bytes for one in looked)
    of_shown = sum(one.weight * one.text_bytes for one in looked if one.shown_text)
    check_s = sum(one.check_s * one.weight * one.text_bytes / one.shown_text for one in looked if one.shown_text)
    records = sum(one.weight * one.records for one in looked)
    weight = np.concatenate(
        [np.zeros(0), *(np.full(o.shown_records, _weight_of_row(o)) for o in looked if o.shown_records)]
    )
    held = sum(t.nbytes for o in bench.outputs for t in (*o.columns, *o.findings)) + RECORDS_SCHEMA_BYTES * rows
    sketches, content, terms = _sketched(bench)
    long = max(1, 0 if sketches is None else int((sketches["part"] == 0).sum()))
    return Sample(
        len(looked), int(sum(one.stored_bytes for one in looked)), sum(o.shown_text for o in looked), population, is_whole,
        problems, records, sum(o.weight * o.unread for o in looked), text,
        sum(o.weight * o.read_s for o in looked) + _hash_s() * population,
        (check_s * text / of_shown if of_shown else 0.0) + write_s * records, bench.load_s, sum(stored) / rows, held / rows,
        bench.shingle_s / long, weight, terms,
        None if bench.duplicates is None else np.concatenate([np.zeros(0, np.int64), *bench.shingles]), content, sketches,
    )  # fmt: skip


RECORDS_SCHEMA_BYTES: Final = 24
"""Bytes of a record's place in memory: row, file, offset, length."""


def _weight_of_row(one: Looked) -> float:
    return one.weight * max(one.records - one.unread, one.shown_records) / one.shown_records


def _sketched(
    bench: _Bench,
) -> tuple[npt.NDArray[np.void] | None, npt.NDArray[np.void] | None, npt.NDArray[np.int64] | None]:
    out = bench.duplicates
    if out is None or out.sketches is None or not out.columns or out.unread:
        return None, None, None
    columns = pa.concat_tables(out.columns).combine_chunks()
    ids = columns.column("content_id").chunk(0)
    content = np.frombuffer(ids.buffers()[1], np.uint8)[ids.offset * 32 : (ids.offset + len(ids)) * 32].view("V32")
    return out.sketches.array(), content, columns.column("terms").to_numpy().astype(np.int64)


def _hash_s() -> float:
    """CPU seconds that the digest of one stored byte costs on this machine."""
    octets = bytes(_HASHED)
    began = time.process_time()
    hashlib.sha256(octets).digest()
    return (time.process_time() - began) / _HASHED
