"""Bands of up to 256 units merged into one sorted segment, which is the persisted index as well; and its ranges read again."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from checks.duplicates import PARTS
from checks.pairs import sorted_rows
from manifests.parquet import ROW_GROUP_ROWS
from manifests.store import Store
from pipelines.dedup.room import Room, is_gone
from pipelines.near_bands import NearBands
from pipelines.sketched import put_streamed, role_of
from pipelines.sorted_rows import opened
from schemas.canonical import canonical_json

CONTENT, FOLDED, NEAR = "content", "folded", "near"
PART_KINDS: Final = tuple(role_of(kind, part) for part in PARTS for kind in (FOLDED, NEAR))
"""The same of prompts and of responses: `folded.prompt`, `near.prompt`, …"""
KINDS: Final = (CONTENT, FOLDED, NEAR, *PART_KINDS)
ROLE: Final[Mapping[str, str]] = {CONTENT: "bands"} | {kind: kind for kind in KINDS[1:]}
GONE_BEFORE: Final[Mapping[str, str]] = {
    CONTENT: "first", FOLDED: "content", NEAR: "folded",
    **{role_of(FOLDED, part): "decided" for part in PARTS}, **{role_of(NEAR, part): part for part in PARTS},
}  # fmt: skip
"""Which rows the ranges of a kind pass over: those that a step before took away."""
UNITS_A_SEGMENT: Final = 256
ROWS_A_SEGMENT: Final = 1_000_000
NEAR_ROWS_A_SEGMENT: Final = 16_000_000
MERGED_AT_ONCE: Final = 500_000
"""Rows of exact bands that are merged at once: about 12 MB, and as much again while they are sorted."""
ROWS_A_TASK: Final = 600_000
"""About 16 MiB of band rows: what one range task holds at once."""
SEGMENT_NAME: Final = "corpusledger.band_segment"
WORKS: Final = b"corpusledger.works"
EXACT_SEGMENT: Final = pa.schema(
    [
        pa.field("hash", pa.binary(16), nullable=False),
        pa.field("place", pa.uint32(), nullable=False),  # in the segment's sorted list of reading work ids
        pa.field("row", pa.uint32(), nullable=False),
    ]
)
NEAR_SEGMENT: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),
        pa.field("key", pa.uint32(), nullable=False),
        pa.field("place", pa.uint32(), nullable=False),
        pa.field("row", pa.uint32(), nullable=False),
    ]
)
_PLACED: Final = 32
"""Bits of a row number below its place, while a segment is sorted."""


def is_near(kind: str) -> bool:
    """Is it a kind of band hashes, not of exact ids?"""
    return kind.partition(".")[0] == NEAR


def segments_of(members: Sequence[Mapping[str, Any]], kind: str) -> list[list[Mapping[str, Any]]]:
    """Cut (work, sha256, rows) members, one for each distinct reading work id, into segments, each sorted by work id."""
    cut: list[list[Mapping[str, Any]]] = []
    rows, most = 0, NEAR_ROWS_A_SEGMENT if is_near(kind) else ROWS_A_SEGMENT
    for member in members:
        if not cut or len(cut[-1]) >= UNITS_A_SEGMENT or rows + member["rows"] > most:
            cut.append([])
            rows = 0
        cut[-1].append(member)
        rows += member["rows"]
    return [sorted(c, key=lambda m: str(m["work"])) for c in cut]


def cut_segments(room: Room) -> list[dict[str, Any]]:
    """One task a new segment, of every kind."""
    return [
        {"kind": kind, "number": n}
        for kind in KINDS
        for n, segment in enumerate(room.brief["segments"][kind])
        if segment["sha256"] is None
    ]


def merge_segment(room: Room, task: Mapping[str, Any]) -> dict[str, Any]:
    """Write one segment: a merge that holds one band of its members."""
    members = room.brief["segments"][task["kind"]][task["number"]]["members"]
    scheme = canonical_json(room.brief["scheme"])
    notes = {WORKS: canonical_json([m["work"] for m in members]), b"corpusledger.scheme": scheme}
    if is_near(task["kind"]):
        tables = merged_near([m["sha256"] for m in members], room.store, room.brief["scheme"]["bands"])
        made = put_streamed(room.store, tables, NEAR_SEGMENT, SEGMENT_NAME, notes)
    else:
        tables = merged_exact([m["sha256"] for m in members], room.store)
        made = put_streamed(room.store, tables, EXACT_SEGMENT, SEGMENT_NAME, notes)
    return {**task, **made}


def merged_exact(bands: Sequence[str], store: Store) -> Iterator[pa.Table]:
    """BANDS of several units, objects in the order of their places, range after range of hashes."""
    rows = sum(pq.read_metadata(opened(store, digest)).num_rows for digest in bands)
    count = max(1, -(-rows // MERGED_AT_ONCE))
    for low, high in pairwise((1 << 64) * i // count for i in range(count + 1)):
        parts = [
            pa.Table.from_arrays(
                [t.column("hash"), pa.chunked_array([np.full(t.num_rows, place, np.uint32)]), t.column("row")],
                schema=EXACT_SEGMENT,
            )
            for place, digest in enumerate(bands)
            for t in _exact_groups(pq.ParquetFile(opened(store, digest)), low, high)
        ]
        if parts:
            yield pa.concat_tables(parts).sort_by([(n, "ascending") for n in EXACT_SEGMENT.names])


def merged_near(bands: Sequence[str], store: Store, count: int) -> Iterator[pa.Table]:
    """Near bands of several units, objects in the order of their places, band after band, each sorted by hash, key, place
    and row. Holds the rows and keys of all units, and one band.
    """
    units = [NearBands(store, digest) for digest in bands]
    told = [unit.rows() for unit in units]
    rows, keys = (np.concatenate(column) for column in zip(*told, strict=True))
    place = np.repeat(np.arange(len(units), dtype=np.uint32), [unit.count for unit in units])
    numbered = place.astype(np.uint64)
    numbered <<= np.uint64(_PLACED)
    numbered |= rows
    for band in range(count):
        yield _sorted_band([unit.hashes(band) for unit in units], keys, numbered, place, rows)


def _sorted_band(
    parts: Sequence[np.ndarray], keys: np.ndarray, numbered: np.ndarray, place: np.ndarray, rows: np.ndarray
) -> pa.Table:
    """One band as NEAR_SEGMENT; nothing but the table outlives the call."""
    hashes = np.concatenate(parts)
    order = sorted_rows(hashes, keys, numbered)
    columns = [pa.array(values[order]) for values in (hashes, keys, place, rows)]
    return pa.Table.from_arrays(columns, schema=NEAR_SEGMENT)


def cut_ranges(room: Room, kind: str) -> list[dict[str, Any]]:
    """One task a range of hashes; the numbers as text, for JSON holds no 64 bits."""
    found = segments(room, kind)
    if not found:
        return []
    near = is_near(kind)
    bands = room.brief["scheme"]["bands"]
    whole = (bands << 59) if near else 1 << 64
    rows = sum(s["rows"] for s in found)
    count = max(1, -(-rows // ROWS_A_TASK))
    edges = [whole * i // count for i in range(count + 1)]
    return [{"low": str(a), "high": str(b)} for a, b in pairwise(edges)]


def segments(room: Room, kind: str) -> list[dict[str, Any]]:
    """Every segment of *kind*, those of earlier runs too: sha256, rows, works in the order of places."""
    made = {(d["kind"], d["number"]): d for d in room.left("segments")}
    found = []
    for number, segment in enumerate(room.brief["segments"][kind]):
        told = made.get((kind, number), segment)
        works = segment["works"] if "works" in segment else [m["work"] for m in segment["members"]]
        mine = segment.get("mine") or [True] * len(works)  # a unit that two earlier segments hold counts in one of them
        found.append({"sha256": told["sha256"], "rows": told["rows"], "works": works, "mine": mine})
    return found


def rows_between(room: Room, kind: str, low: int, high: int) -> Iterator[Iterator[dict[str, np.ndarray]]]:
    """For each segment its rows with low <= hash < high, a row group at a time: hash (hi, lo or hash and key) and number.

    Rows of units that this run does not know, and those that are gone, are passed over; a unit registered twice counts
    for each.
    """
    bits = room.gone(GONE_BEFORE[kind])
    for segment in segments(room, kind):
        known = zip(segment["works"], segment["mine"], strict=True)
        units = [room.units_of_work.get(work, ()) if mine else () for work, mine in known]
        if any(units):
            yield _placed(room, pq.ParquetFile(opened(room.store, segment["sha256"])), kind, (low, high), units, bits)


def _placed(
    room: Room, file: pq.ParquetFile, kind: str, bounds: tuple[int, int], units: Sequence[Sequence[int]], bits: Any
) -> Iterator[dict[str, np.ndarray]]:
    low, high = bounds
    counts = np.array([len(u) for u in units], np.int64)
    firsts, flat = np.cumsum(counts) - counts, np.array([n for u in units for n in u], np.int64)
    step = max(1, ROW_GROUP_ROWS // int(counts.max()))
    same = int(counts[0]) if (counts == counts[0]).all() else None
    base = room.bases[flat].reshape(-1, same) if same else flat
    for group in _groups(file, low, high) if is_near(kind) else _exact_groups(file, low, high):
        for first in range(0, group.num_rows, step):
            table = group.slice(first, step)
            place, columns = table.column("place").to_numpy(), _hash_columns(table, kind)
            row = table.column("row").to_numpy()
            # A row stands once for each unit of its bytes, side by side: the stream stays in order of hash.
            if same is not None:
                number, at = (base[place] + row[:, None]).reshape(-1), np.zeros(0, np.intp)
            else:
                many = counts[place]
                at = np.repeat(np.arange(len(place)), many)
                nth = np.arange(len(at)) - np.repeat(np.cumsum(many) - many, many)
                number = room.bases[flat[firsts[place[at]] + nth]] + row[at]
            # What is gone is most of a corpus of copies: only what stays is copied.
            stays = np.flatnonzero(~is_gone(bits, number))
            if len(stays) == len(number) and same == 1:
                yield {**columns, "number": number}
            elif len(stays):
                from_row = stays // same if same is not None else at[stays]
                yield {**{k: v[from_row] for k, v in columns.items()}, "number": number[stays]}


def _hash_columns(table: pa.Table, kind: str) -> dict[str, np.ndarray]:
    if is_near(kind):
        return {"hash": table.column("hash").to_numpy(), "key": table.column("key").to_numpy()}
    halves = _halves(table.column("hash").combine_chunks())
    return {"hash": halves[:, 0].astype(np.uint64), "more": halves[:, 1].astype(np.uint64)}


def _halves(hashes: pa.Array) -> np.ndarray:
    data = np.frombuffer(hashes.buffers()[1], np.uint8)[hashes.offset * 16 : (hashes.offset + len(hashes)) * 16]
    return data.view(">u8").reshape(-1, 2)


def _groups(file: pq.ParquetFile, low: int, high: int) -> Iterator[pa.Table]:
    for group in range(file.num_row_groups):
        bounds = file.metadata.row_group(group).column(0).statistics
        if bounds is not None and bounds.has_min_max and (bounds.max < low or bounds.min >= high):
            continue
        table = file.read_row_group(group, use_threads=False)
        a, b = np.searchsorted(table.column("hash").to_numpy(), np.array([low, min(high, (1 << 64) - 1)], np.uint64))
        if high >= 1 << 64:
            b = table.num_rows
        if b > a:
            yield table.slice(a, b - a)


def _exact_groups(file: pq.ParquetFile, low: int, high: int) -> Iterator[pa.Table]:
    least = low.to_bytes(8, "big")
    most = None if high >= 1 << 64 else high.to_bytes(8, "big")
    for group in range(file.num_row_groups):
        bounds = file.metadata.row_group(group).column(0).statistics
        if (
            bounds is not None
            and bounds.has_min_max
            and (bounds.max < least or (most is not None and bounds.min >= most))
        ):
            continue
        table = file.read_row_group(group, use_threads=False)
        keep = pc.greater_equal(pc.cast(table.column("hash"), pa.binary()), least)
        if most is not None:
            keep = pc.and_(keep, pc.less(pc.cast(table.column("hash"), pa.binary()), most))
        kept = table.filter(keep)
        if kept.num_rows:
            yield kept
