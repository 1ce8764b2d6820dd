"""Prompts and responses apart: how many of the records that stay have the prompt, or the response, of another one.

Nothing is removed for it: the same question with another answer, or one answer to many questions, is for a person to look
at. Ids of folded terms find the same text at any length, signatures a near copy of 20 terms or more, judged by estimate.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from checks.duplicates import PARTS
from checks.pairs import unique_pairs
from pipelines.dedup.candidates import PAIR, pairs_between
from pipelines.dedup.clusters import SETTLED
from pipelines.dedup.exact import find_groups
from pipelines.dedup.pairs import estimates
from pipelines.dedup.room import Room, is_gone, mark
from pipelines.dedup.segments import FOLDED, NEAR, cut_ranges
from pipelines.sketched import role_of


def cut_same(room: Room) -> list[dict[str, Any]]:
    """Ranges of the folded ids of each part; marks first every record that goes."""
    bits = room.marks("folded")
    for told in room.left("settling"):
        mark(bits, room.load(told["path"], SETTLED)["removed"])
    room.save(bits, "gone", "decided")
    return [{**task, "part": part} for part in PARTS for task in cut_ranges(room, role_of(FOLDED, part))]


def find_same(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Rows whose part has the folded terms of another row's; of each group one is left for the near copies."""
    rows, spare = find_groups(room, role_of(FOLDED, task["part"]), task)
    return {
        "part": task["part"], "rows": len(rows), "path": room.save(rows, "same", f"{number:08d}.rows"),
        "spare": room.save(spare, "same", f"{number:08d}.spare"),
    }  # fmt: skip


def cut_alike(room: Room) -> list[dict[str, Any]]:
    """Ranges of the bands of each part."""
    for part in PARTS:
        bits = room.marks("decided")
        for told in room.left("same"):
            if told["part"] == part:
                mark(bits, room.load(told["spare"], np.int64))
        room.save(bits, "gone", part)
    return [{**task, "part": part} for part in PARTS for task in cut_ranges(room, role_of(NEAR, part))]


def find_alike(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Rows whose part is estimated to be a near copy of another row's."""
    part, threshold = task["part"], room.settings["threshold_ppm"]
    files, _, _ = pairs_between(room, role_of(NEAR, part), task, f"alike/{number:08d}", part)
    found = [np.zeros(0, np.int64)]
    for path in files:
        pairs = room.load(path, PAIR)
        a, b = (x.astype(np.int64) for x in unique_pairs(pairs["a"].astype(np.uint64), pairs["b"].astype(np.uint64)))
        near = estimates(room, a, b, part) >= threshold
        found += [a[near], b[near]]
    rows = np.unique(np.concatenate(found))
    return {"part": part, "rows": len(rows), "path": room.save(rows, "alike", f"{number:08d}.rows")}


def cut_counting(room: Room) -> list[dict[str, Any]]:
    """One task, where any record has parts."""
    return [{}] if room.left("same") else []


def count_parts(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """part -> source -> records with that part of another record."""
    del task, number
    counts: dict[str, dict[str, int]] = {}
    for part in PARTS:
        bits = room.marks()
        for told in (*room.left("same"), *room.left("alike")):
            if told["part"] == part:
                mark(bits, room.load(told["path"], np.int64))
        of_source = dict.fromkeys(range(len(room.brief["looked"])), 0)
        for unit in range(room.own):
            rows = np.arange(room.bases[unit], room.bases[unit + 1])
            of_source[int(room.sources[unit])] += int(is_gone(bits, rows).sum())
        counts[part] = {str(source): n for source, n in of_source.items() if n}
    return {"counts": counts}
