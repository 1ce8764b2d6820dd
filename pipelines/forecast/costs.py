"""What a deduplication writes, reads and holds, worked out from how many records and copies there are. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from checks.duplicates import SIGNATURE_BYTES, sketch_type
from checks.duplicates.content import BAND_BYTES
from pipelines.dedup.candidates import PAIR
from pipelines.dedup.clusters import NODE, SETTLED
from pipelines.dedup.decide import SHARED
from pipelines.dedup.exact import COPY
from pipelines.dedup.pairs import JUDGED
from pipelines.dedup.segments import NEAR_ROWS_A_SEGMENT, NEAR_SEGMENT, ROWS_A_SEGMENT, ROWS_A_TASK
from pipelines.dedup.standing import STANDING
from pipelines.forecast.copying import Copies
from pipelines.near_bands import HASH_BYTES
from pipelines.read.base import BLOCK_BYTES
from pipelines.read.shards import HELD_BYTES
from pipelines.sketched import SPILL_BYTES

EXACT_BYTES: Final = BAND_BYTES + 4
EXACT_SEGMENT_BYTES: Final = BAND_BYTES + 8
NEAR_BYTES: Final = HASH_BYTES + 1
"""Of a record in one band; its row and key are shared by some nine to sixteen of them."""
NEAR_SEGMENT_BYTES: Final = sum(f.type.bit_width // 8 for f in NEAR_SEGMENT)
EVIDENCE_BYTES: Final = 40
"""A removal's evidence row, compressed; most of it is the cluster, a hash."""
DECISION_BYTES: Final = 2
"""A record's row in the decisions, compressed; a removed one has a cluster of 16 more."""
UNIT_BYTES: Final = 48 << 10
"""A unit's tallies, memo, Parquet footers and row of the plan, and what of a disk's blocks they leave empty."""
FILE_BYTES: Final = 400
"""A file's row in the plan and in the units table."""
NODE_BYTES: Final = 36
"""Memory of union-find a node with an edge, at its peak: parents, labels, sorted rows and the nodes in their order. A
test holds `pipelines.dedup.clusters.join_edges` to it.
"""
ROUND_BYTES: Final = 96 << 20
"""Memory of a task of the rounds beyond `dedup.max_nodes`, whatever they join."""
ROUNDS: Final = 6
"""Rounds that are reckoned with: four were measured where clusters are small, eleven for a chain of 1,000."""
EDGE_BYTES: Final = 48
"""What a round writes an edge at most: once from its greater end, then from both."""
MERGE_EXACT_BYTES: Final = 136
MERGE_NEAR_BYTES: Final = 100
"""Memory of a row while a segment is merged: its parts, their order, the merged columns. Measured."""
BRIEF_BYTES: Final = 4 << 10
"""A unit in the brief, as Python holds it."""
BEAM_BYTES: Final = 120 << 20
"""What Beam and its runner add to a process once they are imported. Measured."""
UNION_FIND: Final = "union-find"
ROUNDS_PART: Final = "rounds of clusters"
Parts = dict[str, float]


@dataclass(frozen=True)
class Load:
    """What goes through the job. *new*: of units that are read in this run; *all*: with known ones and compared runs.

    *parts*, *long_parts*: prompts and responses compared apart; *unit_records*, *unit_long*: of the largest unit; *held*: bytes
    of columns in memory a record; *object_bytes*: what reading and checks leave in the ledger a record, without sketches.
    """

    bands: int
    units: int
    new_units: int
    new_files: int
    new_records: float
    new_long: float
    all_records: float
    all_long: float
    unit_records: float
    unit_long: float
    shingles: float
    object_bytes: float
    held: float
    new_parts: float = 0
    new_long_parts: float = 0
    all_parts: float = 0
    all_long_parts: float = 0

    @property
    def new_exact(self) -> float:
        """Rows of exact bands to be written: contents, folded terms, parts."""
        return self.new_records + self.new_long + self.new_parts

    @property
    def new_near(self) -> float:
        """Rows of near bands to be written."""
        return self.bands * (self.new_long + self.new_long_parts)


def written_to_ledger(load: Load, copies: Copies) -> Parts:
    """Bytes of bands, signatures, segments, evidence and decisions: objects that stay."""
    removed = (copies.exact + copies.folded + copies.near) * load.all_records
    return {
        "bands": EXACT_BYTES * load.new_exact + NEAR_BYTES * load.new_near,
        "signatures": SIGNATURE_BYTES * (load.new_records + load.new_long_parts),
        "segments": EXACT_SEGMENT_BYTES * load.new_exact + NEAR_SEGMENT_BYTES * load.new_near,
        "evidence": EVIDENCE_BYTES * removed,
        "decisions": DECISION_BYTES * load.all_records + 16 * removed,
    }


def is_joined_by_rounds(load: Load, copies: Copies, max_nodes: int) -> bool:
    """Do more records have a near copy than one process is to join?"""
    return copies.nodes * load.all_records > max_nodes


def written_to_work(load: Load, copies: Copies, max_nodes: int) -> Parts:
    """Bytes that steps leave each other in work/<run>, which go when the run is sealed."""
    n = load.all_records
    by_rounds = is_joined_by_rounds(load, copies, max_nodes)
    return {
        **(
            {ROUNDS_PART: (ROUNDS * EDGE_BYTES * copies.edges + 2 * NODE.itemsize * copies.nodes) * n}
            if by_rounds
            else {}
        ),
        "standing": STANDING.itemsize * n,
        "marks": 3 * n / 8,
        "exact copies": COPY.itemsize * (copies.exact + 2 * copies.folded) * n,
        "pairs": (PAIR.itemsize * copies.pairs + JUDGED.itemsize * (copies.judged + copies.edges)) * n,
        "shingle sets": (16 + 8 * load.shingles) * copies.wanted * n + 16 * copies.wanted * n,
        "clusters": (NODE.itemsize * copies.nodes + 2 * SETTLED.itemsize * copies.near) * n,
        "shares": SHARED.itemsize * (copies.exact + copies.folded + copies.near) * n,
    }


def read_from_ledger(load: Load, copies: Copies) -> Parts:
    """Bytes of bands read to be merged, of segments read by ranges, of signatures and columns."""
    times = 3 if copies.exact else 1
    folded_times = 3 if copies.folded else 1
    return {
        "bands": EXACT_BYTES * load.new_exact + NEAR_BYTES * load.new_near,
        "segments": EXACT_SEGMENT_BYTES * (times * load.all_records + folded_times * (load.all_long + load.all_parts))
        + NEAR_SEGMENT_BYTES * load.bands * (load.all_long + load.all_long_parts),
        "signatures": 2 * SIGNATURE_BYTES * (copies.pairs + copies.nodes) * load.all_records,
        "columns": (32 + 8) * load.all_records,
    }


def read_from_work(load: Load, copies: Copies) -> Parts:
    """Bytes of what steps left: standing, pairs, shingle sets, edges."""
    n = load.all_records
    asked = 2 * copies.judged + 2 * copies.nodes if copies.wanted else 0.0
    return {
        "standing": STANDING.itemsize * (2 * copies.exact + 2 * copies.folded + 3 * copies.near + copies.nodes) * n,
        "pairs": (PAIR.itemsize * copies.pairs + JUDGED.itemsize * (copies.judged + 2 * copies.edges)) * n,
        "shingle sets": 8 * load.shingles * asked * n,
        "clusters": (NODE.itemsize * copies.nodes + SETTLED.itemsize * 2 * copies.near) * n,
    }


def ledger_disk(load: Load, written: Parts, work: Parts) -> Parts:
    """Bytes that the run adds to the ledger's folder at its fullest, before it is sealed."""
    return {
        "objects of reading and checks": load.object_bytes * load.new_records,
        "units": UNIT_BYTES * load.new_units + FILE_BYTES * load.new_files,
        **written,
        # Of the rounds two at most: what a round has read goes when it is over.
        "work, until sealed": sum(v * (2 / ROUNDS if n == ROUNDS_PART else 1) for n, v in work.items()),
    }


def temporary_disk(load: Load, workers: int) -> Parts:
    """Bytes in the temporary folder at its fullest: files are whole before they go to the ledger."""
    spool = sketch_type(load.bands).itemsize * load.unit_long
    near = NEAR_BYTES * load.bands * load.unit_long
    merged = NEAR_SEGMENT_BYTES * min(NEAR_ROWS_A_SEGMENT, load.bands * load.new_long)
    unit = (spool if spool > SPILL_BYTES else 0) + max(near, SIGNATURE_BYTES * load.unit_records)
    return {"a unit's sketches" if unit > merged else "a merged segment": max(unit, merged) * workers}


def memory(load: Load, copies: Copies, base: int, workers: int, max_nodes: int) -> tuple[Parts, float, float]:
    """(bytes of each step beside the base, bytes of the largest process, bytes of all processes of the local runner)."""
    n = load.all_records
    many = {
        "look": 4 * BLOCK_BYTES + HELD_BYTES + min(SPILL_BYTES, sketch_type(load.bands).itemsize * load.unit_long)
        + 2 * load.held * load.unit_records,
        "merging exact copies": MERGE_EXACT_BYTES * min(ROWS_A_SEGMENT, load.new_records),
        "merging a band": MERGE_NEAR_BYTES * min(NEAR_ROWS_A_SEGMENT / load.bands, load.new_long),
        "a range": MERGE_EXACT_BYTES * min(ROWS_A_TASK, max(n, load.bands * load.all_long)),
    }  # fmt: skip
    by_rounds = is_joined_by_rounds(load, copies, max_nodes)
    many |= {ROUNDS_PART: float(ROUND_BYTES)} if by_rounds else {}
    single = {
        **({} if by_rounds else {UNION_FIND: NODE_BYTES * copies.nodes * n}),
        "deciding": 2 * (SETTLED.itemsize * copies.near + COPY.itemsize * copies.folded) * n,
        "rows to read twice": 3 * np.dtype(np.int64).itemsize * copies.wanted * n,
        "marks": 2 * n / 8,
    }
    held = BRIEF_BYTES * load.units
    parts: Parts = {"program, models and listing": float(base), "units of the brief": held, **many, **single}
    largest = base + held + max(*many.values(), *single.values())
    if workers == 1:
        return parts, largest, largest
    busy = max(workers * max(many.values()), *single.values())
    return parts, largest, (workers + 1) * float(base) + (workers + 1) * held + busy
