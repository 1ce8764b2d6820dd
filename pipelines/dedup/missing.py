"""Which rows are read once more before clusters are settled: those of a pair that decides and is not measured yet.

Without earlier runs this is for `verify: near` alone, for `exact` has read every member. With Jaccards known from earlier
runs members may lie in units that were not read: settling is gone through with what is known, and where it would need a
pair that is not, the rows of that pair are read, and with them those that failed in its cluster: they are compared with
each other. What is settled is the same as if everything had been read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.dedup import clusters
from pipelines.dedup.known import Known
from pipelines.dedup.measured import Facts
from pipelines.dedup.pairs import to_measure
from pipelines.dedup.room import ESTIMATE, Room, Rows


def cut_missing(room: Room) -> list[dict[str, Any]]:
    """The clusters, some whole ones a task."""
    if Known(room) and room.settings["verify"] != ESTIMATE:
        return clusters.cut_clusters(room)
    return clusters.cut_missing(room)


def name_missing(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The rows of some clusters to read once more; {wanted: path}."""
    facts = Facts(room, ("reading",))
    if not facts.known:
        return clusters.name_missing(room, task, number)
    nodes, first = clusters.ordered(room, task)
    settled, passed = clusters.judged(room, facts, nodes, nodes[first])
    is_first, own = first == np.arange(len(nodes)), _is_own(room, nodes)
    failed, open_ = ~(passed & own) & ~is_first, to_measure(room, settled) & own & ~is_first
    places = np.flatnonzero(failed | open_)
    parts = [np.zeros(0, np.int64)]
    for members in np.split(places, np.flatnonzero(np.diff(nodes["label"][places])) + 1):
        if len(members):
            parts += _wanted(room, facts, nodes, first[members[0]], members, open_[members])
    return {"wanted": room.save(np.unique(np.concatenate(parts)), "missing", f"{number:08d}.wanted")}


def _wanted(
    room: Room, facts: Facts, nodes: npt.NDArray[np.void], first: int, members: Rows, open_: npt.NDArray[np.bool_]
) -> Iterator[Rows]:
    """Of one cluster: its *first*, and the *members* that failed against it or may fail, those *open_* are not measured."""
    if open_.any():
        yield nodes["row"][[first]]
        yield nodes["row"][members]
    elif any(
        (to_measure(room, settled) & _is_own(room, rest)).any()
        for rest, settled, _ in clusters.compared(room, facts, nodes[members])
    ):
        yield nodes["row"][members]


def _is_own(room: Room, nodes: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """What a compared run holds goes for nothing, so what it is a copy of decides nothing."""
    return np.asarray(nodes["row"] < room.bases[room.own], np.bool_)
