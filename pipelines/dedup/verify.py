"""Judged pairs held against the texts themselves: the edges that enter union-find."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.dedup.pairs import JUDGED, is_near, to_measure
from pipelines.dedup.room import ESTIMATE, Room
from pipelines.dedup.shingles import Sets


def cut_verifying(room: Room) -> list[dict[str, Any]]:
    """One task for each part of the judged pairs."""
    return [{"path": told["path"]} for told in room.left("pairs") if told["pairs"]]


def verify_pairs(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """JUDGED edges: the pairs that are near copies under the mode."""
    judged = np.array(room.load(task["path"], JUDGED))
    if room.settings["verify"] != ESTIMATE:
        asked = np.flatnonzero(to_measure(room, judged))
        measured = Sets(room, ("reading",)).jaccard(judged["a"][asked], judged["b"][asked])
        judged["exact"][asked] = measured
    edges = judged[is_near(room, judged)]
    return {"edges": len(edges), "path": room.save(edges, "verifying", f"{number:08d}.edges")}
