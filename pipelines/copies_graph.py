"""The graph of exact copies: bands -> segments -> hash ranges -> evidence -> decisions, by files, one stage after another.

Elements are names and numbers. Bands travel by sorted files (data-path §9), never through a shuffle.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from manifests.parquet import parquet_bytes
from pipelines.copies import (
    ROWS_A_SEGMENT,
    SEGMENT_SCHEMA,
    UNITS_A_SEGMENT,
    Standing,
    decisions,
    placed,
    ranges,
    removals,
    representatives,
    segment,
)  # fmt: skip
from pipelines.outputs import put_table
from pipelines.settings import bench_of
from pipelines.sorted_rows import opened, rows_of
from schemas.canonical import canonical_json, parse_json

BRIEF = "bands.json"
"""work/<run>/copies/bands.json: what the driver tells the stages: units with their reading work ids, bands, rows."""
UNITS_A_TASK = 64
DECIDED_A_GROUP = 1_000


class _Stage(beam.DoFn):
    def __init__(self, ledger: str, run: str) -> None:
        self.ledger, self.run = ledger, run

    def setup(self) -> None:
        """Open the run; the brief is small beside the corpus: two hundred bytes a unit."""
        self.desk = bench_of(self.ledger, self.run).desk
        self.brief = parse_json(self.desk.store.get(self.desk.path("copies", BRIEF)))

    def units_of(self, works: list[str]) -> list[list[int]]:
        """For each reading work id, this run's units with those bytes."""
        held: dict[str, list[int]] = {}
        for unit, work in enumerate(self.brief["works"]):
            held.setdefault(work, []).append(unit)
        return [held.get(w, []) for w in works]

    def standing(self) -> Standing:
        """The units' ranks, from the driver."""
        return Standing(*(np.array(self.brief["standing"][k], np.uint32) for k in ("licence", "provenance", "source")))


class MergeSegment(_Stage):
    """Number of a segment -> (0, descriptor): bands of up to 256 units merged and sorted."""

    def process(self, number: int) -> Iterator[Any]:
        """Write one segment."""
        store, members = self.desk.store, self.brief["segments"][number]
        bands = [(i, pq.read_table(opened(store, m["bands"]))) for i, m in enumerate(members)]
        table = segment(bands)
        notes = {b"corpusledger.works": canonical_json([m["work"] for m in members])}
        data = parquet_bytes(table, "corpusledger.band_segment", 1, notes)
        yield (
            0,
            canonical_json(
                {"segment": number, "sha256": store.put_object(data), "bytes": len(data), "rows": table.num_rows}
            ),
        )


class FindCopies(_Stage):
    """(range, segments) -> (0, descriptor): the evidence rows of one hash range."""

    def process(self, task: bytes) -> Iterator[Any]:
        """Read the range twice: once for the representatives, once for what goes."""
        todo, standing = parse_json(task), self.standing()
        low, high = bytes.fromhex(todo["low"]), bytes.fromhex(todo["high"]) if todo["high"] else None

        def tables() -> Iterator[pa.Table]:
            for s in todo["segments"]:
                units = self.units_of([m["work"] for m in self.brief["segments"][s["segment"]]])
                for rows in rows_of(opened(self.desk.store, s["sha256"]), "hash", low, high):
                    yield placed(rows.cast(SEGMENT_SCHEMA), units)

        kept = representatives(tables(), standing)
        evidence = removals(tables(), kept, standing) if kept.num_rows else None
        found = (
            put_table(self.desk.store.put_object, evidence)
            if evidence is not None
            else {"sha256": None, "bytes": 0, "rows": 0}
        )
        yield 0, canonical_json(found | {"task": todo["task"]})


class Decide(_Stage):
    """(first unit, evidence) -> (group, descriptor) for each unit: its decisions object."""

    def process(self, task: bytes) -> Iterator[Any]:
        """Decide some units; unchanged decisions have the bytes, so the name, that they had."""
        todo, store = parse_json(task), self.desk.store
        first, last = todo["first"], min(todo["first"] + UNITS_A_TASK, len(self.brief["works"]))
        parts = []
        for evidence in todo["evidence"]:
            file = pq.ParquetFile(opened(store, evidence["sha256"]))
            for g in range(file.num_row_groups):
                bounds = file.metadata.row_group(g).column(0).statistics
                if bounds is None or not bounds.has_min_max or (bounds.max >= first and bounds.min < last):
                    parts.append(file.read_row_group(g, use_threads=False))
        removed = pa.concat_tables(parts) if parts else None
        for unit in range(first, last):
            rows = self._rows(unit)
            if not len(rows):
                continue
            mine = removed.filter(pc.equal(removed.column("removed_unit"), unit)) if removed is not None else _NOTHING
            table = decisions(rows, mine)
            decided = put_table(store.put_object, table) | {"unit": unit, "dropped": mine.num_rows}
            yield unit // DECIDED_A_GROUP, canonical_json(decided)

    def _rows(self, unit: int) -> np.ndarray:
        records = self.brief["records"][unit]
        if records is None:
            return np.zeros(0, np.uint32)
        column = pq.read_table(opened(self.desk.store, records), columns=["row"]).column("row")
        return np.asarray(column.to_numpy(), dtype=np.uint32)


_NOTHING = pa.table({"removed_row": pa.array([], pa.uint32()), "cluster": pa.array([], pa.binary(16))})


class Commit(_Stage):
    """(group, descriptors) -> the descriptors, sorted and written as one file; passes the file's content on."""

    def __init__(self, ledger: str, run: str, name: str, order: str) -> None:
        super().__init__(ledger, run)
        self.name, self.order = name, order

    def process(self, group: tuple[int, Iterable[bytes]]) -> Iterator[bytes]:
        """Write work/<run>/copies/<name>-<group>.json."""
        rows = sorted((parse_json(d) for d in group[1]), key=lambda d: d[self.order])
        data = canonical_json(rows)
        self.desk.store.put(self.desk.path("copies", f"{self.name}-{group[0]:08d}.json"), data)
        yield data


class CutRanges(_Stage):
    """All segments -> one task a hash range."""

    def process(self, segments: bytes) -> Iterator[bytes]:
        """As many ranges as rows ask for, whatever the runner."""
        listed = parse_json(segments)
        for i, (low, high) in enumerate(ranges(sum(s["rows"] for s in listed))):
            yield canonical_json(
                {"task": i, "low": low.hex(), "high": high.hex() if high else None, "segments": listed}
            )


class CutUnits(_Stage):
    """All evidence -> one task for some units each."""

    def process(self, evidence: bytes) -> Iterator[bytes]:
        """Evidence objects without rows do not exist."""
        listed = [e for e in parse_json(evidence) if e["sha256"]]
        for first in range(0, len(self.brief["works"]), UNITS_A_TASK):
            yield canonical_json({"first": first, "evidence": listed})


def copies(pipeline: beam.Pipeline, segment_count: int, ledger: str, run: str) -> Any:
    """Wire the stages; each ends before the next begins, by the grouping between them."""
    keyed = tuple[int, bytes]
    segments = (
        pipeline
        | "Segments" >> beam.Create(list(range(segment_count)), reshuffle=False).with_output_types(int)
        | "SpreadSegments" >> beam.Reshuffle()
        | "MergeSegment" >> beam.ParDo(MergeSegment(ledger, run)).with_output_types(keyed)
        | "GroupSegments" >> beam.GroupByKey()
        | "CommitSegments" >> beam.ParDo(Commit(ledger, run, "segments", "segment")).with_output_types(bytes)
    )
    evidence = (
        segments
        | "CutRanges" >> beam.ParDo(CutRanges(ledger, run)).with_output_types(bytes)
        | "SpreadRanges" >> beam.Reshuffle()
        | "FindCopies" >> beam.ParDo(FindCopies(ledger, run)).with_output_types(keyed)
        | "GroupEvidence" >> beam.GroupByKey()
        | "CommitEvidence" >> beam.ParDo(Commit(ledger, run, "evidence", "task")).with_output_types(bytes)
    )
    return (
        evidence
        | "CutUnits" >> beam.ParDo(CutUnits(ledger, run)).with_output_types(bytes)
        | "SpreadUnits" >> beam.Reshuffle()
        | "Decide" >> beam.ParDo(Decide(ledger, run)).with_output_types(keyed)
        | "GroupDecided" >> beam.GroupByKey()
        | "CommitDecided" >> beam.ParDo(Commit(ledger, run, "decided", "unit")).with_output_types(bytes)
    )


def segments_of(members: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Cut (work, bands, rows) members, one for each distinct reading work id, into segments, each sorted by work id."""
    cut: list[list[dict[str, Any]]] = []
    rows = 0
    for member in members:
        if not cut or len(cut[-1]) >= UNITS_A_SEGMENT or rows + member["rows"] > ROWS_A_SEGMENT:
            cut.append([])
            rows = 0
        cut[-1].append(member)
        rows += member["rows"]
    return [sorted(c, key=lambda m: m["work"]) for c in cut]
