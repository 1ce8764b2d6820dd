"""Exact copies across a run: which record of each group stays, and why. Pure functions over sorted band rows.

The order that chooses the representative is data-path §9's, of which two exact copies can differ in licence,
provenance, source and place; a record's own licence and date join it with near-duplicates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sorted_rows import run_starts

BAND_SCHEMA: Final = pa.schema(
    [pa.field("hash", pa.binary(16), nullable=False), pa.field("row", pa.uint32(), nullable=False)]
)
SEGMENT_SCHEMA: Final = pa.schema(
    [
        pa.field("hash", pa.binary(16), nullable=False),
        pa.field("place", pa.uint32(), nullable=False),  # in the segment's sorted list of reading work ids
        pa.field("row", pa.uint32(), nullable=False),
    ]
)
EVIDENCE_SCHEMA: Final = pa.schema(
    [
        pa.field("removed_unit", pa.uint32(), nullable=False),
        pa.field("removed_row", pa.uint32(), nullable=False),
        pa.field("kept_unit", pa.uint32(), nullable=False),
        pa.field("kept_row", pa.uint32(), nullable=False),
        pa.field("cluster", pa.binary(16), nullable=False),  # first 16 bytes of the representative's content_id
        pa.field("scheme", pa.string(), nullable=False),
        pa.field("exact_ppm", pa.int32(), nullable=False),
        pa.field("decided_by", pa.string(), nullable=False),
    ]
)
DECISION_SCHEMA: Final = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("decision", pa.uint8(), nullable=False),
        pa.field("rule", pa.string()),
        pa.field("cluster", pa.binary(16)),
    ]
)
KEPT, REDACTED, DROPPED, HELD = 0, 1, 2, 3
SCHEME: Final = "content_id"
RULE: Final = "duplicates.exact"
ROWS_A_SEGMENT: Final = 4_000_000
UNITS_A_SEGMENT: Final = 256
ROWS_A_TASK: Final = 600_000
"""About 16 MiB of band rows: what one range task holds at once."""

U32 = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Standing:
    """How the units of a run stand in the order: smaller is kept. Arrays indexed by unit number."""

    licence: U32  # 0: the source declares a licence or another legal basis; 1: it does not
    provenance: U32  # 0: registered; 1: not
    source: U32  # place of the source id among the sorted ids


def segment(bands: Sequence[tuple[int, pa.Table]]) -> pa.Table:
    """Bands of several units, (place in the segment's list, rows), as one sorted segment."""
    parts = [
        pa.Table.from_arrays(
            [t.column("hash"), pa.chunked_array([np.full(t.num_rows, place, np.uint32)]), t.column("row")],
            schema=SEGMENT_SCHEMA,
        )
        for place, t in bands
    ]
    return pa.concat_tables(parts).sort_by([(n, "ascending") for n in SEGMENT_SCHEMA.names])


def ranges(rows: int) -> list[tuple[bytes, bytes | None]]:
    """Hash ranges so that each holds about `ROWS_A_TASK` of *rows*: [low, high), together everything."""
    count = max(1, -(-rows // ROWS_A_TASK))
    edges = [(i << 32) // count for i in range(count)]
    lows = [e.to_bytes(4, "big") for e in edges]
    return list(zip([b"", *lows[1:]], [*lows[1:], None], strict=True))


def placed(rows: pa.Table, units: Sequence[Sequence[int]]) -> pa.Table:
    """Segment rows as (hash, unit, row) of this run. *units*: for each place of the list, the run's units with those
    bytes: none (rows of another run: skipped), one, or several (a copy registered twice: the rows count for each).
    """
    place = rows.column("place").to_numpy()
    most = max((len(u) for u in units), default=0)
    parts = []
    for nth in range(most):
        unit_of = np.array([u[nth] if nth < len(u) else -1 for u in units], dtype=np.int64)
        unit = unit_of[place]
        keep = np.flatnonzero(unit >= 0)
        taken = rows.take(pa.array(keep)) if len(keep) < len(unit) else rows
        parts.append(
            pa.table({"hash": taken.column("hash"), "unit": unit[keep].astype(np.uint32), "row": taken.column("row")})
        )
    if not parts:
        return pa.table(
            {"hash": pa.array([], pa.binary(16)), "unit": pa.array([], pa.uint32()), "row": pa.array([], pa.uint32())}
        )
    return pa.concat_tables(parts).combine_chunks()


def representatives(tables: Iterable[pa.Table], standing: Standing) -> pa.Table:
    """Of (hash, unit, row) tables: one row a hash that occurs more than once, with the representative's unit and row.

    Holds one row for each distinct hash; a hash with a million rows costs no more than one with two.
    """
    firsts = [_best(t, standing) for t in tables if t.num_rows]
    if not firsts:
        return pa.table(
            {"hash": pa.array([], pa.binary(16)), "unit": pa.array([], pa.uint32()), "row": pa.array([], pa.uint32())}
        )
    best = _best(pa.concat_tables(firsts), standing)
    return best.filter(pc.greater(best.column("count"), 1)).select(["hash", "unit", "row"])


def removals(tables: Iterable[pa.Table], kept: pa.Table, standing: Standing) -> pa.Table:
    """One evidence row for each record that goes, sorted by (removed unit, row)."""
    parts = [EVIDENCE_SCHEMA.empty_table()]
    hashes = kept.column("hash").combine_chunks()
    kept_unit, kept_row = kept.column("unit").to_numpy(), kept.column("row").to_numpy()
    for table in tables:
        index = pc.index_in(table.column("hash"), value_set=hashes)
        at = np.flatnonzero(pc.is_valid(index).to_numpy())
        if not len(at):
            continue
        group = pc.drop_null(index).to_numpy().astype(np.int64)
        unit, row = table.column("unit").to_numpy()[at], table.column("row").to_numpy()[at]
        goes = (unit != kept_unit[group]) | (row != kept_row[group])
        at, group, unit, row = at[goes], group[goes], unit[goes], row[goes]
        by = _decided_by(unit, kept_unit[group], standing)
        parts.append(
            pa.Table.from_arrays(
                [
                    pa.array(unit), pa.array(row), pa.array(kept_unit[group]), pa.array(kept_row[group]),
                    table.column("hash").take(pa.array(at)), pa.array([SCHEME] * len(at), pa.string()),
                    pa.array(np.full(len(at), 1_000_000, np.int32)), by,
                ],
                schema=EVIDENCE_SCHEMA,
            )
        )  # fmt: skip
    return pa.concat_tables(parts).sort_by([("removed_unit", "ascending"), ("removed_row", "ascending")])


def decisions(rows: U32, removed: pa.Table) -> pa.Table:
    """A unit's decisions in its row order. *rows*: the looked-at row numbers; *removed*: its evidence rows."""
    gone = removed.column("removed_row").combine_chunks()
    cluster = removed.column("cluster").combine_chunks()
    index = pc.index_in(pa.array(rows, pa.uint32()), value_set=gone)
    is_gone = pc.is_valid(index)
    return pa.Table.from_arrays(
        [
            pa.array(rows, pa.uint32()),
            pc.if_else(is_gone, pa.scalar(DROPPED, pa.uint8()), pa.scalar(KEPT, pa.uint8())),
            pc.if_else(is_gone, pa.scalar(RULE), pa.scalar(None, pa.string())),
            cluster.take(index),
        ],
        schema=DECISION_SCHEMA,
    )


def _best(table: pa.Table, standing: Standing) -> pa.Table:
    unit, row = table.column("unit").to_numpy(), table.column("row").to_numpy()
    index = table.column("hash").combine_chunks().dictionary_encode()
    group = index.indices.to_numpy().astype(np.int64)
    order = np.lexsort((row, unit, standing.source[unit], standing.provenance[unit], standing.licence[unit], group))
    starts = run_starts(pa.array(group[order]))
    first = order[starts[:-1]]
    weight = table.column("count").to_numpy() if "count" in table.column_names else np.ones(len(unit), np.int64)
    counts = np.add.reduceat(weight[order], starts[:-1])
    taken = table.select(["hash", "unit", "row"]).take(pa.array(first))
    return taken.append_column("count", pa.array(counts.astype(np.int64)))


def _decided_by(removed: U32, kept: U32, standing: Standing) -> pa.Array:
    by = np.full(len(removed), "place", dtype=object)
    for name in ("source", "provenance", "licence"):
        rank = getattr(standing, name)
        by[rank[removed] != rank[kept]] = name
    return pa.array(by, pa.string())
