"""Who goes and why: one evidence row for each removal, one decisions object a unit, and what each source copies of others.

A removal names the record that stays in the end: an exact copy of a record that is itself a near copy goes with the one
that stays for both.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.pairs import run_starts
from pipelines.dedup.clusters import SETTLED
from pipelines.dedup.exact import COPY, removed_by
from pipelines.dedup.room import NOT_MEASURED, Room, Rows, in_order_of
from pipelines.dedup.standing import DROPPED, FIELDS, decided_by, keys_of, standings
from pipelines.outputs import NO_OBJECT, put_table
from pipelines.sorted_rows import columns_of, opened

EVIDENCE_NAME: Final = "corpusledger.evidence"
EVIDENCE: Final = pa.schema(
    [
        pa.field("removed_unit", pa.uint32(), nullable=False),
        pa.field("removed_row", pa.uint32(), nullable=False),
        pa.field("kept_run", pa.string()),  # null: this run; else the earlier run whose unit and row follow
        pa.field("kept_unit", pa.uint32(), nullable=False),
        pa.field("kept_row", pa.uint32(), nullable=False),
        pa.field("cluster", pa.binary(16), nullable=False),  # first 16 bytes of the kept record's content_id
        pa.field("scheme", pa.string(), nullable=False),  # SCHEMES
        pa.field("estimate_ppm", pa.int32()),  # Jaccard from the signatures; null for bytes alike
        pa.field("exact_ppm", pa.int32()),  # Jaccard of the shingle sets; null: judged by the estimate alone
        pa.field("decided_by", pa.string(), nullable=False),  # standing.FIELDS
    ]
)
DECISIONS: Final = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("decision", pa.uint8(), nullable=False),
        pa.field("rule", pa.string()),
        pa.field("cluster", pa.binary(16)),
    ]
)
KEPT: Final = 0
BYTES, FOLDED, NEAR = 0, 1, 2
SCHEMES: Final = ("content_id", "folded", "affine32")
RULES: Final = ("duplicates.exact", "duplicates.folded", "duplicates.near")
SHARED: Final = np.dtype([("kept", "<i8"), ("source", "<i4"), ("records", "<i8"), ("terms", "<i8")])
"""How many records of a source are represented by one kept record, and their terms."""
UNITS_A_TASK: Final = 64
ROWS_A_TASK: Final = 500_000
"""About 100 MiB where all of them go; a larger unit is a task by itself."""
ROWS_A_PART: Final = 2_000_000
WHOLE_PPM: Final = 1_000_000


def cut_deciding(room: Room) -> list[dict[str, Any]]:
    """Some units each. The edges of folded copies and near copies are laid in one order first, for they are looked up."""
    folded = [path for told in room.left("folded") for path in told["files"]]
    near = [told["path"] for told in room.left("settling") if told["copies"]]
    for files, name, dtype in ((folded, "folded", COPY), (near, "near", SETTLED)):
        room.save(_in_one_order(room, files, dtype), "deciding", f"{name}.all")
    tasks, first = [], 0
    for unit in range(1, room.own + 1):
        rows = int(room.bases[min(unit + 1, room.own)] - room.bases[first])
        if unit == room.own or unit - first >= UNITS_A_TASK or rows > ROWS_A_TASK:
            tasks.append({"first": first, "last": unit})
            first = unit
    return tasks


def _in_one_order(room: Room, files: Sequence[str], dtype: np.dtype[np.void]) -> npt.NDArray[np.void]:
    found = np.zeros(sum(len(room.load(f, dtype)) for f in files), dtype)
    base = 0
    for file in files:
        part = room.load(file, dtype)
        found[base : base + len(part)] = part
        base += len(part)
    return in_order_of(found, "removed")


def decide(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Evidence, decisions and shares of some units."""
    first, last = task["first"], task["last"]
    removed = removals(room, int(room.bases[first]), int(room.bases[last]))
    goes, stays = (standings(room, np.array(removed[name])) for name in ("removed", "kept"))
    more = removed["more"].astype(np.int64)
    removed["by"] = decided_by(
        keys_of(room, removed["kept"], more, stays), keys_of(room, removed["removed"], 0 * more, goes)
    )
    evidence, shares = evidence_of(room, removed, stays["content"]), shares_of(room, removed, goes["terms"])
    units = []
    for unit in range(first, last):
        low, high = np.searchsorted(removed["removed"], room.bases[unit : unit + 2])
        table = _decisions(room, unit, removed[low:high], evidence.column("cluster").slice(low, high - low))
        if table is not None:
            kinds = np.bincount(removed["level"][low:high], minlength=len(SCHEMES)).tolist()
            units.append(
                {**put_table(room.store.put_object, table), "unit": unit, "dropped": int(high - low), "kinds": kinds}
            )
    made = put_table(room.store.put_object, evidence, EVIDENCE_NAME) if evidence.num_rows else NO_OBJECT
    by_estimate = (removed["kind"] == NEAR) & (removed["exact"] == NOT_MEASURED)
    return {
        "evidence": made, "units": units, "shares": room.save(shares, "deciding", f"{number:08d}.shares"),
        "by_estimate": int(by_estimate.sum()),
        "wrong_ppm": sum(wrong_ppm(int(e), room.settings["threshold_ppm"]) for e in removed["estimate"][by_estimate]),
    }  # fmt: skip


REMOVAL: Final = np.dtype(
    [*((n, SETTLED[n]) for n in SETTLED.names or ()), ("level", "u1"), ("kind", "u1"), ("by", "u1")]
)
"""*level*: what first took it away, as it is counted; *kind*: how alike it is to what stays in the end, as evidence tells."""


def removals(room: Room, low: int, high: int) -> npt.NDArray[np.void]:
    """REMOVAL of every row in [low, high) that goes, sorted: what stays for it in the end, and how alike they are; `by` is
    not yet told.
    """
    folded = room.load(room.path("deciding", "folded.all"), COPY)
    near = room.load(room.path("deciding", "near.all"), SETTLED)
    content = removed_by(room, "content", low, high)
    parts = [e["removed"][slice(*np.searchsorted(e["removed"], [low, high]))] for e in (content, folded, near)]
    rows, levels = np.concatenate(parts), np.repeat(np.arange(len(parts)), list(map(len, parts)))
    order = np.argsort(rows, kind="stable")
    found = np.zeros(len(rows), REMOVAL)
    found["removed"], found["level"] = rows[order], levels[order]
    found["kept"], found["estimate"], found["exact"] = found["removed"], WHOLE_PPM, WHOLE_PPM
    found["kind"] = BYTES
    for kind, edges in ((BYTES, content), (FOLDED, folded), (NEAR, near)):
        _follow(found, edges, kind)
    return found


def _follow(found: npt.NDArray[np.void], edges: npt.NDArray[np.void], kind: int) -> None:
    if not len(edges):
        return
    at = np.minimum(np.searchsorted(edges["removed"], found["kept"]), len(edges) - 1)
    there = edges["removed"][at] == found["kept"]
    at = at[there]
    found["kept"][there] = edges["kept"][at]
    found["kind"][there] = kind
    if kind == NEAR:
        for name in ("estimate", "exact", "more"):
            found[name][there] = edges[name][at]


def evidence_of(room: Room, removed: npt.NDArray[np.void], content: npt.NDArray[np.void]) -> pa.Table:
    """EVIDENCE rows, in order of the removed place. *content*: 16 bytes of the content id of each row that stays."""
    unit, kept_unit = room.unit_of(removed["removed"]), room.unit_of(removed["kept"])
    runs = list(dict.fromkeys(u["run"] for u in room.units))
    run_of = np.array([runs.index(u["run"]) for u in room.units])
    numbers = np.array([u["number"] for u in room.units], np.uint32)
    cluster = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(removed), [None, pa.py_buffer(content.tobytes())])
    unmeasured = removed["exact"] == NOT_MEASURED
    columns = [
        pa.array(unit.astype(np.uint32)), pa.array((removed["removed"] - room.bases[unit]).astype(np.uint32)),
        pa.array(runs, pa.string()).take(pa.array(run_of[kept_unit])), pa.array(numbers[kept_unit]),
        pa.array((removed["kept"] - room.bases[kept_unit]).astype(np.uint32)), cluster,
        _words(SCHEMES, removed["kind"]),
        pa.array(removed["estimate"].copy(), mask=removed["kind"] == BYTES), pa.array(removed["exact"].copy(), mask=unmeasured),
        _words(FIELDS, removed["by"]),
    ]  # fmt: skip
    return pa.Table.from_arrays(columns, schema=EVIDENCE)


def _words(words: Sequence[str], place: npt.NDArray[np.uint8]) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(place.copy()))


def shares_of(room: Room, removed: npt.NDArray[np.void], terms: npt.NDArray[np.uint32]) -> npt.NDArray[np.void]:
    """SHARED of the removed rows and their *terms*, sorted by kept row and source."""
    source = room.sources[room.unit_of(removed["removed"])]
    order = np.lexsort((source, removed["kept"]))
    kept, long = removed["kept"][order], terms[order].astype(np.int64)
    return summed_shares(kept, source[order], np.ones(len(kept), np.int64), long)


def summed_shares(kept: Rows, source: npt.NDArray[Any], records: Rows, terms: Rows) -> npt.NDArray[np.void]:
    """SHARED of sorted (kept, source) rows, one row for each."""
    if not len(kept):
        return np.zeros(0, SHARED)
    first = run_starts(kept, source)
    found = np.zeros(len(first), SHARED)
    found["kept"], found["source"] = kept[first], source[first]
    found["records"], found["terms"] = np.add.reduceat(records, first), np.add.reduceat(terms, first)
    return found


def _decisions(room: Room, unit: int, removed: npt.NDArray[np.void], cluster: pa.ChunkedArray) -> pa.Table | None:
    digest = room.units[unit]["records"]
    if digest is None:
        return None
    rows = columns_of(opened(room.store, digest), ["row"]).column("row").to_numpy()
    gone = (removed["removed"] - room.bases[unit]).astype(np.uint32)
    at = np.searchsorted(rows, gone)
    decision, rule = np.full(len(rows), KEPT, np.uint8), np.full(len(rows), -1, np.int64)
    decision[at], rule[at] = DROPPED, removed["level"]
    taken = np.full(len(rows), -1, np.int64)
    taken[at] = np.arange(len(gone))
    rules = pa.array(RULES, pa.string()).take(pa.array(rule, mask=rule < 0))
    clusters = cluster.combine_chunks().take(pa.array(taken, mask=taken < 0))
    return pa.Table.from_arrays([pa.array(rows), pa.array(decision), rules, clusters], schema=DECISIONS)


@cache
def wrong_ppm(estimate_ppm: int, threshold_ppm: int) -> int:
    """How probable it is, in ppm and never 0, that a pair judged by its estimate lies below the threshold: normal error, 128
    slots.
    """
    p = min(max(estimate_ppm / WHOLE_PPM, 1 / 256), 255 / 256)
    deviation = math.sqrt(p * (1 - p) / 128)
    wrong = round(WHOLE_PPM * 0.5 * (1 + math.erf((threshold_ppm / WHOLE_PPM - p) / (deviation * math.sqrt(2)))))
    return max(1, wrong)


def share_blocks(room: Room) -> Iterator[npt.NDArray[np.void]]:
    """SHARED of the whole run in order of the kept row, a bounded part at a time; a kept row never straddles two."""
    files = [room.load(told["shares"], SHARED) for told in room.left("deciding")]
    total = sum(map(len, files))
    if not total:
        return
    count = -(-total // ROWS_A_PART)
    sample = np.sort(np.concatenate([f["kept"][:: max(1, total // 100_000)] for f in files]))
    edges = np.unique([0, *(int(sample[len(sample) * i // count]) for i in range(1, count)), int(room.bases[-1])])
    for low, high in pairwise(edges.tolist()):
        parts = [f[slice(*np.searchsorted(f["kept"], [low, high]))] for f in files]
        joined = in_order_of(np.concatenate(parts), "kept", "source")
        yield summed_shares(joined["kept"], joined["source"], joined["records"], joined["terms"])
