"""Verified edges into clusters: union-find over edge files, then for each cluster who stays and who really is its copy.

Jaccard of 0.8 is not transitive, so every member is held against the one that stays. Those that fail are compared with
each other, in the same order, before they stand alone (data-path §9, round 3).
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.pairs import join, labels, parents, run_starts
from pipelines.dedup.measured import Facts
from pipelines.dedup.pairs import JUDGED, NEAR_PPM, estimates, is_near, some_of
from pipelines.dedup.room import NEAR, NOT_MEASURED, Room, Rows, in_order_of
from pipelines.dedup.shingles import cut_reading
from pipelines.dedup.standing import keys_of

SETTLED: Final = np.dtype([("removed", "<i8"), ("kept", "<i8"), ("estimate", "<i4"), ("exact", "<i4"), ("more", "<i4")])
"""A near copy, the record that stays for it, their Jaccard in ppm; how many more verified neighbours the latter has."""
NODE: Final = np.dtype([("label", "<i8"), ("row", "<i8"), ("neighbours", "<i4")])
"""A row with an edge: its cluster's least row, itself, how many verified neighbours it has."""
NODES_A_TASK: Final = 200_000
EDGES_HELD: Final = 1_000_000
NODES_WRITTEN: Final = 50_000
COMPARED_MOST: Final = 4_000_000
"""Comparisons among the failed members of one cluster; those left over after them stand alone, and so stay."""


def cut_forest(room: Room) -> list[dict[str, Any]]:
    """One task, or none where no edge was verified."""
    return [{}] if any(told["edges"] for told in room.left("verifying")) else []


def join_edges(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Union-find over all edges: NODE in order of label, row; and where to cut them. 17 bytes a node while it joins, 30 while it sorts.

    Beyond `dedup.max_nodes` `pipelines.dedup.rounds` does it.
    """
    del task, number
    files = [told["path"] for told in room.left("verifying") if told["edges"]]
    nodes = _nodes(room, files)
    forest, neighbours = parents(len(nodes)), np.zeros(len(nodes), np.int32)
    for path in files:
        edges = room.load(path, JUDGED)
        for some in some_of(len(edges), EDGES_HELD):
            a, b = (np.searchsorted(nodes, edges[end][some]).astype(np.int64) for end in ("a", "b"))
            join(forest, a, b)
            np.add.at(neighbours, a, 1)
            np.add.at(neighbours, b, 1)
    label = labels(forest)
    del forest
    order = np.argsort(label, kind="stable")
    label = label[order]
    starts = run_starts(label)

    def written() -> Iterator[npt.NDArray[np.void]]:
        for some in some_of(len(nodes), NODES_WRITTEN):
            part = np.zeros(len(order[some]), NODE)
            part["label"], part["row"], part["neighbours"] = (
                nodes[label[some]],
                nodes[order[some]],
                neighbours[order[some]],
            )
            yield part

    path = room.save_parts(written(), "forest", "nodes")
    return {"path": path, "nodes": len(nodes), "clusters": len(starts), "cuts": cuts_of(starts, len(nodes))}


def cuts_of(starts: npt.NDArray[np.int64], count: int) -> list[int]:
    """Where tasks begin, and the end: a task holds whole clusters, which begin at *starts*; a larger one is a task by itself."""
    cuts = [0]
    while (at := int(np.searchsorted(starts, cuts[-1] + NODES_A_TASK))) < len(starts):
        cuts.append(int(starts[at]))
    return [*cuts, count]


def _nodes(room: Room, files: list[str]) -> Rows:
    """Every row with an edge, once, sorted; as many sorts as doublings."""
    held, waiting, known = [np.zeros(0, np.int64)], 0, 0
    for path in files:
        edges = room.load(path, JUDGED)
        for some in some_of(len(edges), EDGES_HELD):
            held += [edges["a"][some], edges["b"][some]]
            waiting += len(held[-1]) * 2
            if waiting > max(EDGES_HELD, known // 2):
                held = [_sorted_once(held)]
                known, waiting = len(held[0]), 0
    return _sorted_once(held)


def _sorted_once(held: list[Rows]) -> Rows:
    """The distinct values, sorted; empties *held*, for its parts are not needed beside what they come to."""
    whole = np.concatenate(held)
    held.clear()
    whole.sort()
    first = np.ones(len(whole), np.bool_)
    np.not_equal(whole[1:], whole[:-1], out=first[1:])
    return whole[first]


def cut_clusters(room: Room) -> list[dict[str, Any]]:
    """One task for some whole clusters each."""
    return [
        {"path": told["path"], "low": low, "high": high}
        for told in room.left("forest")
        for low, high in pairwise(told["cuts"])
    ]


def cut_missing(room: Room) -> list[dict[str, Any]]:
    """`verify: near` alone: the clusters whose members may lie near the threshold of the one that stays."""
    return cut_clusters(room) if room.settings["verify"] == NEAR else []


def name_missing(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The rows to read once more: all of each cluster in which a member's estimate lies near the threshold, or below it:
    those that fail are compared with each other.
    """
    nodes, first = ordered(room, task)
    estimate = estimates(room, nodes["row"], nodes["row"][first])
    close = (estimate.astype(np.int64) <= room.settings["threshold_ppm"] + NEAR_PPM) & (first != np.arange(len(nodes)))
    wanted = nodes["row"][np.isin(nodes["label"], nodes["label"][close])]
    return {"wanted": room.save(np.unique(wanted), "missing", f"{number:08d}.wanted")}


def cut_again(room: Room) -> list[dict[str, Any]]:
    """Round 2 of the targeted read."""
    return cut_reading(room, [told["wanted"] for told in room.left("missing")], "again")


def settle(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """SETTLED copies of some clusters, sorted by the removed row."""
    nodes, first = ordered(room, task)
    facts = Facts(room, ("reading", "again"), f"settling/{number:08d}")
    settled, passed = judged(room, facts, nodes, nodes[first])
    is_first = first == np.arange(len(nodes))
    # What a compared run holds stays, so it may stand for others though it is a copy itself.
    own = nodes["row"] < room.bases[room.own]
    parts, failed = [settled[passed & own & ~is_first]], np.flatnonzero(~(passed & own) & ~is_first)
    borders = np.flatnonzero(np.diff(nodes["label"][failed])) + 1
    for members in np.split(failed, borders) if len(failed) else []:
        parts += [copies[goes] for _, copies, goes in compared(room, facts, nodes[members])]
    found = in_order_of(np.concatenate(parts), "removed")
    told = {"copies": len(found), "failed": int((own & ~passed & ~is_first).sum()), **facts.kept()}
    return {"path": room.save(found, "settling", f"{number:08d}.settled"), **told}


def ordered(room: Room, task: Mapping[str, Any]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]:
    """(nodes by cluster, the one that stays first; for each node the place of the one that stays)."""
    nodes = np.array(room.load(task["path"], NODE)[task["low"] : task["high"]])
    keys = keys_of(room, nodes["row"].astype(np.int64), nodes["neighbours"].astype(np.int64))
    nodes = nodes[np.lexsort((*reversed(keys), nodes["label"]))]
    starts = np.concatenate(([True], nodes["label"][1:] != nodes["label"][:-1]))
    return nodes, np.maximum.accumulate(np.where(starts, np.arange(len(nodes)), 0))


def judged(
    room: Room, facts: Facts, nodes: npt.NDArray[np.void], kept: npt.NDArray[np.void]
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.bool_]]:
    """(SETTLED of each node and the one that would stay for it, are they near copies?)."""
    pairs = np.zeros(len(nodes), JUDGED)
    pairs["a"], pairs["b"] = nodes["row"], kept["row"]
    pairs["estimate"] = estimates(room, pairs["a"], pairs["b"])
    pairs["exact"] = facts.jaccard(pairs["a"], pairs["b"])
    if room.settings["verify"] == NEAR:
        far = np.abs(pairs["estimate"].astype(np.int64) - room.settings["threshold_ppm"]) > NEAR_PPM
        pairs["exact"][far] = NOT_MEASURED
    found = np.zeros(len(nodes), SETTLED)
    for name, of in (("removed", "a"), ("kept", "b"), ("estimate", "estimate"), ("exact", "exact")):
        found[name] = pairs[of]
    found["more"] = kept["neighbours"] - nodes["neighbours"]
    return found, is_near(room, pairs)


def compared(
    room: Room, facts: Facts, nodes: npt.NDArray[np.void]
) -> Iterator[tuple[npt.NDArray[np.void], npt.NDArray[np.void], npt.NDArray[np.bool_]]]:
    """The failed members of one cluster, in its order: the first stays for those that are its copies, and so on.

    Gives for each that is the first in its turn (those left after it, their SETTLED, which of them go).
    """
    rounds = max(64, COMPARED_MOST // len(nodes))
    while len(nodes) > 1 and rounds:
        first, nodes = nodes[:1], nodes[1:]
        settled, passed = judged(room, facts, nodes, np.repeat(first, len(nodes)))
        goes = passed & (nodes["row"] < room.bases[room.own])
        yield nodes, settled, goes
        nodes, rounds = nodes[~goes], rounds - 1
