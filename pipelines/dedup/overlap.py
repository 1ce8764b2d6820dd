"""How much of each source is a copy of each other one, and how many sources are left when mostly-copies are one.

For each group of copies: every record of a source counts towards each other source that has a record in the group; and
the records of a source beyond its first count as copies within it.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.pairs import run_starts
from pipelines.dedup.decide import SHARED, share_blocks, summed_shares
from pipelines.dedup.room import Room, in_order_of
from pipelines.dedup.standing import standings
from pipelines.outputs import NO_OBJECT, put_table

OVERLAP_NAME: Final = "corpusledger.overlap"
OVERLAP: Final = pa.schema(
    [
        pa.field("source", pa.string(), nullable=False),
        pa.field("other", pa.string(), nullable=False),  # itself: copies within the source
        pa.field("other_run", pa.string()),  # null: this run; else the earlier run that the other is of
        pa.field("records", pa.int64(), nullable=False),  # of `source`, that have a copy in `other`
        pa.field("terms", pa.int64(), nullable=False),
        pa.field("records_of_source", pa.int64(), nullable=False),  # looked at
    ]
)
WHOLE_PPM: Final = 1_000_000
DENSE_PAIRS: Final = 1 << 22
"""Pairs of sources whose sums are one array: 2,048 sources."""
EXACT: Final = 1 << 53
"""numpy counts with weights in 64-bit floats, four times as fast as in integers: exact up to here."""


def cut_overlap(room: Room) -> list[dict[str, Any]]:
    """One task: it reads what every removal left, group after group."""
    return [{}] if room.left("deciding") else []


def measure_overlap(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The OVERLAP table as an object; records of each source with a copy elsewhere; distinct sources."""
    del task, number
    records: Counter[tuple[int, int]] = Counter()
    terms: Counter[tuple[int, int]] = Counter()
    elsewhere: Counter[int] = Counter()
    for block in share_blocks(room):
        _count(room, block, records, terms, elsewhere)
    names, looked = room.brief["sources"], room.brief["looked"]
    own = len(looked)
    rows = [
        {"source": names[a]["id"], "other": names[b]["id"], "other_run": names[b]["run"], "records": records[a, b],
         "terms": terms[a, b], "records_of_source": looked[a]}
        for a, b in sorted(records, key=lambda pair: (names[pair[0]]["id"], names[pair[1]]["run"] or "", names[pair[1]]["id"]))
        if a < own and records[a, b]
    ]  # fmt: skip
    table = pa.Table.from_pylist(rows, OVERLAP)
    made = put_table(room.store.put_object, table, OVERLAP_NAME) if rows else NO_OBJECT
    return {
        "overlap": made, "elsewhere": {str(a): n for a, n in sorted(elsewhere.items()) if a < own},
        "distinct": distinct_sources(records, looked, room.settings["mostly_copies_ppm"]),
    }  # fmt: skip


def distinct_sources(records: Mapping[tuple[int, int], int], looked: list[int], mostly_ppm: int) -> int:
    """Sources with records, those counted as one of which the one is mostly a copy of the other."""
    of = list(range(len(looked)))

    def root(a: int) -> int:
        while of[a] != a:
            of[a] = of[of[a]]
            a = of[a]
        return a

    for (a, b), copied in sorted(records.items()):
        if a != b and a < len(looked) and b < len(looked) and copied * WHOLE_PPM >= mostly_ppm * looked[a]:
            of[root(a)] = root(b)
    return len({root(a) for a in range(len(looked)) if looked[a]})


def _count(
    room: Room,
    block: np.ndarray,
    records: Counter[tuple[int, int]],
    terms: Counter[tuple[int, int]],
    elsewhere: Counter[int],
) -> None:
    kept = np.unique(block["kept"])
    stays = np.zeros(len(kept), SHARED)
    stays["kept"], stays["source"], stays["records"] = kept, room.sources[room.unit_of(kept)], 1
    stays["terms"] = standings(room, kept)["terms"]
    whole = in_order_of(np.concatenate([block, stays]), "kept", "source")
    whole = summed_shares(whole["kept"], whole["source"], whole["records"], whole["terms"])
    starts = run_starts(whole["kept"])
    sizes = np.diff(np.concatenate((starts, [len(whole)])))
    beyond = np.maximum(whole["records"] - 1, 0)
    within = (beyond, whole["terms"] * beyond // whole["records"])
    for held, found in zip((records, terms), within, strict=True):
        copies = np.zeros(len(room.brief["sources"]), np.int64)
        np.add.at(copies, whole["source"], found)
        for source in np.unique(whole["source"]).tolist():
            held[source, source] += int(copies[source])
    count = len(room.brief["sources"])
    dense = count * count <= DENSE_PAIRS
    sums = {name: np.zeros(count * count if dense else 0, np.int64) for name in ("records", "terms")}
    for size in np.unique(sizes[sizes > 1]).tolist():
        # Groups of as many sources at once: place i of every group against place j.
        at = starts[sizes == size][:, None] + np.arange(size)
        source = whole["source"][at].astype(np.int64)
        many = {name: whole[name][at] for name in sums}
        _add(elsewhere, source.reshape(-1), many["records"].reshape(-1))
        for i in range(size):
            for held, name in ((records, "records"), (terms, "terms")):
                if dense:
                    _add_pairs(sums[name], source[:, i : i + 1] * count + source, many[name][:, i])
                    continue
                for j in (j for j in range(size) if j != i):
                    _add(held, source[:, i] * count + source[:, j], many[name][:, i], count)
    for held, name in ((records, "records"), (terms, "terms")):
        if dense:
            sums[name][:: count + 1] = 0  # a source with itself is counted above
        pair = np.flatnonzero(sums[name])
        _add(held, pair, sums[name][pair], count)


def _add_pairs(sums: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64], many: npt.NDArray[np.int64]) -> None:
    """Add ``many[g]`` under each of ``pairs[g]``."""
    weights = np.repeat(many, pairs.shape[1])
    if pairs.size * 4 < len(sums) or int(many.sum()) * pairs.shape[1] > EXACT:
        np.add.at(sums, pairs.reshape(-1), weights)
    else:
        sums += np.bincount(pairs.reshape(-1), weights, len(sums)).astype(np.int64)


def _add(held: Counter[Any], key: npt.NDArray[np.int64], many: npt.NDArray[np.int64], count: int = 0) -> None:
    """Add *many* under each *key*: a number, or, where *count* is given, the two that it was made of."""
    found, place = np.unique(key, return_inverse=True)
    sums = np.zeros(len(found), np.int64)
    np.add.at(sums, place, many)
    for one, total in zip(found.tolist(), sums.tolist(), strict=True):
        held[divmod(one, count) if count else one] += total
