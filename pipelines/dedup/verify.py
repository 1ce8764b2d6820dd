"""Judged pairs held against the texts themselves: the edges that enter union-find."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from pipelines.dedup.measured import Facts
from pipelines.dedup.pairs import JUDGED, is_near, to_measure
from pipelines.dedup.room import ESTIMATE, Room


def cut_verifying(room: Room) -> list[dict[str, Any]]:
    """One task for each part of the judged pairs."""
    return [{"path": told["path"]} for told in room.left("pairs") if told["pairs"]]


def verify_pairs(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """JUDGED edges: the pairs that are near copies under the mode; and what was measured, near copies or not."""
    judged = np.array(room.load(task["path"], JUDGED))
    facts = Facts(room, ("reading",), f"verifying/{number:08d}")
    if room.settings["verify"] != ESTIMATE:
        asked = np.flatnonzero(to_measure(room, judged))
        judged["exact"][asked] = facts.jaccard(judged["a"][asked], judged["b"][asked])
    edges = judged[is_near(room, judged)]
    return {"edges": len(edges), "path": room.save(edges, "verifying", f"{number:08d}.edges"), **facts.kept()}
