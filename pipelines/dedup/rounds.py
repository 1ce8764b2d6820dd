"""Clusters of more records than `dedup.max_nodes`: edges cut by ranges of rows, joined by rounds until nothing changes.

The alternating algorithm of R. Kiveris, S. Lattanzi, V. Mirrokni, V. Rastogi, S. Vassilvitskii, "Connected Components in
MapReduce and Beyond", SoCC 2014. *Large-star*: every node's greater neighbours are tied to the least of its neighbourhood;
*small-star*: so are the node and its less neighbours. Neither parts what is connected nor adds an edge, and each change
ties a node to a lesser one, so it ends; what is left are stars around the least row of each cluster, which is what
union-find calls it by. Paths shrink by doubling, as with pointer jumping, not by one step a round.

A task holds a least row for each row of its range (8 MiB), and streams edges past them. Every round is a job of its own,
for how many it takes shows only at its end; of its files the last round's alone are kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.pairs import join, labels, parents, unique_pairs
from pipelines.dedup import ranged
from pipelines.dedup.pairs import JUDGED, some_of
from pipelines.dedup.ranged import between, cut_ranges, first_of, save_ranged
from pipelines.dedup.room import Room, Rows, mark
from schemas.canonical import canonical_json, parse_json

EDGE: Final = np.dtype([("node", "<i8"), ("other", "<i8")])
"""Two rows of one cluster; the file is sorted by the first."""
DEGREE: Final = np.dtype([("row", "<i8"), ("neighbours", "<i4")])
EDGES_HELD: Final = 250_000
"""Edges before they are written: 4 MiB, 8 MiB where they are written from both ends."""
SPREAD: Final = "spread"


def is_waiting(room: Room) -> bool:
    """Must the steps from `forest` on wait for the rounds?"""
    return _has(room, "begun") and not has_ended(room)


def has_ended(room: Room) -> bool:
    """Were there rounds, and are they over?"""
    return _has(room, "ended")


def must_spread(room: Room) -> bool:
    """Do more rows have an edge than `dedup.max_nodes`? Then the rounds begin. A bit a row of memory, where it is not plain."""
    if _has(room, "begun"):
        return True
    told, most = room.left("verifying"), room.settings["max_nodes"]
    if min(2 * sum(t["edges"] for t in told), int(room.bases[-1])) <= most:
        return False
    bits = room.marks()
    for task in told:
        for edges in _edges_of(room, task):
            mark(bits, edges["a"])
            mark(bits, edges["b"])
    nodes = sum(int(np.bitwise_count(bits[some]).sum()) for some in some_of(len(bits), ranged.ROWS_A_RANGE))
    if nodes > most:
        _put(room, "begun", {"nodes": nodes})
    return bool(nodes > most)


def ended_round(room: Room, number: int) -> dict[str, Any] | None:
    """What a round came to, `moved`: how many edges; None where it is not over."""
    found: dict[str, Any] | None = (
        parse_json(room.store.get(_at(room, _name(number)))) if _has(room, _name(number)) else None
    )
    return found


def end_round(room: Room, number: int) -> dict[str, Any]:
    """Every task of a round is done: say so, and let go of the edges that it read."""
    moved = sum(told["moved"] for step in (large(number), small(number)) for told in room.left(step))
    ended = {"moved": moved}
    _put(room, _name(number), ended)
    for step in (_before(number), large(number)):
        for told in room.left(step):
            for path in told["files"]:
                room.store.delete(path)
    return ended


def end_rounds(room: Room) -> None:
    """The labels are written: the steps from `forest` on wait no more."""
    _put(room, "ended", {"rounds": count_rounds(room)})


def large(number: int) -> str:
    """Name of a round's first step."""
    return f"large-{_name(number)}"


def small(number: int) -> str:
    """Name of a round's second step."""
    return f"small-{_name(number)}"


def cut_spread(room: Room) -> list[dict[str, Any]]:
    """One task for each file of verified edges."""
    return [{"path": told["path"], "edges": told["edges"]} for told in room.left("verifying") if told["edges"]]


def spread_edges(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Edges of one file as stars by union-find within it, so that fewer travel; and how many neighbours each row has."""
    stars, degrees = _Edges(room, f"{SPREAD}/{number:08d}", both=True), list[str]()
    for edges in _edges_of(room, task):
        rows, place, count = np.unique(
            np.concatenate([edges["a"], edges["b"]]), return_inverse=True, return_counts=True
        )
        forest = parents(len(rows))
        join(forest, place[: len(edges)].astype(np.int64), place[len(edges) :].astype(np.int64))
        least = rows[labels(forest)]
        stars.add(rows[least < rows], least[least < rows])
        degree = np.zeros(len(rows), DEGREE)
        degree["row"], degree["neighbours"] = rows, count
        degrees.append(save_ranged(room, degree, "row", SPREAD, f"{number:08d}-{len(degrees):04d}.degrees"))
    return {"files": stars.end(), "degrees": degrees}


def cut_large(room: Room, round_: int) -> list[dict[str, Any]]:
    """The ranges with an edge."""
    return cut_ranges(room, files_of(room, _before(round_)))


def large_star(room: Room, task: Mapping[str, Any], number: int, round_: int) -> dict[str, Any]:
    """Each row's greater neighbours go to the least of its neighbourhood."""
    files, first = files_of(room, _before(round_)), first_of(task)
    least, found, moved = least_of(room, files, task), _Edges(room, f"{large(round_)}/{number:08d}"), 0
    for whole in between(room, files, EDGE, task["range"]):
        edges = whole[whole["other"] > whole["node"]]
        towards = least[edges["node"] - first]
        moved += int((towards < edges["node"]).sum())
        found.add(edges["other"], towards)
    return {"files": found.end(), "moved": moved}


def cut_small(room: Room, round_: int) -> list[dict[str, Any]]:
    """The ranges with an edge's greater end."""
    return cut_ranges(room, files_of(room, large(round_)))


def small_star(room: Room, task: Mapping[str, Any], number: int, round_: int) -> dict[str, Any]:
    """Each row and its less neighbours go to the least of them; from both ends, for the next round wants whole neighbourhoods."""
    files, first = files_of(room, large(round_)), first_of(task)
    least, found = least_of(room, files, task), _Edges(room, f"{small(round_)}/{number:08d}", both=True)
    moved = 0
    for edges in between(room, files, EDGE, task["range"]):
        towards = least[edges["node"] - first]
        others = edges["other"] != towards
        moved += int(others.sum())
        found.add(edges["other"][others], towards[others])
    for some in some_of(len(least), EDGES_HELD):
        rows = np.arange(some.start, min(some.stop, len(least))) + first
        tied = least[some] < rows
        found.add(rows[tied], least[some][tied])
    return {"files": found.end(), "moved": moved}


class _Edges:
    """Edges while they are found, from the greater row to the less; written sorted, without repeats among those held.

    *both*: from the less to the greater too.
    """

    def __init__(self, room: Room, name: str, *, both: bool = False) -> None:
        self.room, self.name, self.both, self.files = room, name, both, list[str]()
        self._held: list[tuple[Rows, Rows]] = []
        self._waiting = 0

    def add(self, node: Rows, other: Rows) -> None:
        """Take edges."""
        for some in some_of(len(node), EDGES_HELD):
            self._held.append((node[some], other[some]))
            self._waiting += len(node[some])
            if self._waiting >= EDGES_HELD:
                self._flush()

    def end(self) -> list[str]:
        """Write what is held; gives the paths of all files."""
        if self._waiting:
            self._flush()
        return self.files

    def _flush(self) -> None:
        node, other = (np.concatenate(ends).astype(np.uint64) for ends in zip(*self._held, strict=True))
        self._held, self._waiting = [], 0
        if self.both:
            node, other = np.concatenate([node, other]), np.concatenate([other, node])
        node, other = unique_pairs(node, other)
        edges = np.zeros(len(node), EDGE)
        edges["node"], edges["other"] = node, other
        self.files.append(save_ranged(self.room, edges, "node", f"{self.name}-{len(self.files):04d}.edges"))


def least_of(room: Room, files: list[str], task: Mapping[str, Any]) -> Rows:
    """The least of each row of the range and its neighbours."""
    first = first_of(task)
    least = np.arange(first, first + ranged.ROWS_A_RANGE, dtype=np.int64)
    for edges in between(room, files, EDGE, task["range"]):
        np.minimum.at(least, edges["node"] - first, edges["other"])
    return least


def _edges_of(room: Room, task: Mapping[str, Any]) -> Iterator[npt.NDArray[np.void]]:
    for some in some_of(task["edges"], ranged.ROWS_HELD):
        yield room.part(task["path"], JUDGED, some.start, min(some.stop, task["edges"]) - some.start)


def files_of(room: Room, step: str) -> list[str]:
    """What the tasks of a step wrote, in task order."""
    return [path for told in room.left(step) for path in told["files"]]


def _before(number: int) -> str:
    return small(number - 1) if number else SPREAD


def count_rounds(room: Room) -> int:
    """How many rounds are over."""
    count = 0
    while _has(room, _name(count)):
        count += 1
    return count


def _name(number: int) -> str:
    return f"{number:04d}"


def _at(room: Room, name: str) -> str:
    return room.path("rounds", f"{name}.json")


def _has(room: Room, name: str) -> bool:
    return room.store.exists(_at(room, name))


def _put(room: Room, name: str, told: Mapping[str, Any]) -> None:
    room.store.put(_at(room, name), canonical_json(dict(told)))
