"""What the rounds left, as clusters: each row with its label, then the rows of each label together (data-path §9).

Labels are the least row of each cluster, so what comes of it is what union-find comes to, cut elsewhere into files.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipelines.dedup import ranged
from pipelines.dedup.clusters import NODE, cuts_of
from pipelines.dedup.ranged import between, cut_ranges, first_of, part_of, save_ranged, span_in
from pipelines.dedup.room import Room, Rows, in_order_of
from pipelines.dedup.rounds import DEGREE, SPREAD, count_rounds, files_of, least_of, small

LABELS: Final = "labels"


def cut_labels(room: Room) -> list[dict[str, Any]]:
    """The ranges with a row that has an edge."""
    return cut_ranges(room, _degrees(room))


def label_rows(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """NODE of one range's rows, sorted by label. The one step that holds a range's rows whole: about 60 bytes each, 60 MiB."""
    first = first_of(task)
    neighbours = np.zeros(ranged.ROWS_A_RANGE, np.int32)
    for part in between(room, _degrees(room), DEGREE, task["range"]):
        np.add.at(neighbours, part["row"] - first, part["neighbours"])
    label = least_of(room, files_of(room, small(count_rounds(room) - 1)), task)
    rows = np.flatnonzero(neighbours)
    nodes = np.zeros(len(rows), NODE)
    nodes["label"], nodes["row"], nodes["neighbours"] = label[rows], rows + first, neighbours[rows]
    return {"files": [save_ranged(room, in_order_of(nodes, "label"), "label", LABELS, f"{number:08d}.nodes")]}


def cut_gathering(room: Room) -> list[dict[str, Any]]:
    """The ranges with a label."""
    return cut_ranges(room, files_of(room, LABELS))


def gather_clusters(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """What `clusters.join_edges` gives, of the clusters whose label lies in one range."""
    files, first = files_of(room, LABELS), first_of(task)
    sizes = np.zeros(ranged.ROWS_A_RANGE, np.int64)
    for nodes in between(room, files, NODE, task["range"]):
        np.add.at(sizes, nodes["label"] - first, 1)
    label = np.flatnonzero(sizes)
    starts = np.concatenate(([0], np.cumsum(sizes[label])))
    count = int(starts[-1])
    path = room.save_parts(_in_order(room, files, task, label + first, starts), "forest", f"{number:08d}.nodes")
    return {"path": path, "nodes": count, "clusters": len(label), "cuts": cuts_of(starts[:-1], count)}


def _in_order(
    room: Room, files: list[str], task: Mapping[str, Any], label: Rows, starts: Rows
) -> Iterator[npt.NDArray[np.void]]:
    """NODE by label and row: some whole clusters at once, or one large one as it comes, for files follow their rows."""
    groups = [0]
    while groups[-1] < len(label):
        whole = int(np.searchsorted(starts, starts[groups[-1]] + ranged.ROWS_HELD, side="right")) - 1
        groups.append(max(whole, groups[-1] + 1))
    borders = np.append(label[groups[1:-1]], np.iinfo(np.int64).max)
    places = np.zeros((len(files), len(groups)), np.int64)
    for at, file in enumerate(files):
        low, high = span_in(room, file, task["range"])
        places[at] = low
        for nodes in part_of(room, file, NODE, low, high):
            places[at, 1:] += np.searchsorted(nodes["label"], borders)
    for group in range(len(groups) - 1):
        spans = zip(files, places[:, group], places[:, group + 1], strict=True)
        parts = (nodes for file, low, high in spans for nodes in part_of(room, file, NODE, int(low), int(high)))
        if groups[group + 1] - groups[group] == 1:
            yield from parts
        else:
            yield in_order_of(np.concatenate(list(parts)), "label")


def _degrees(room: Room) -> list[str]:
    return [path for told in room.left(SPREAD) for path in told["degrees"]]
