"""Candidate pairs made unique over all bands, with their estimates; and which rows must be read a second time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.pairs import equal_slots, estimate_ppm, unique_pairs
from pipelines.dedup.candidates import PAIR
from pipelines.dedup.known import Known
from pipelines.dedup.room import ESTIMATE, EXACT, NEAR, NOT_MEASURED, Room, Rows, in_order_of

JUDGED: Final = np.dtype([("a", "<i8"), ("b", "<i8"), ("estimate", "<i4"), ("exact", "<i4")])
"""A pair with its Jaccard in ppm: estimated from the signatures, and exact or `NOT_MEASURED`."""
PAIRS_A_TASK: Final = 500_000
NEAR_PPM: Final = 100_000
"""`verify: near` measures what is estimated within this of the threshold: three standard errors at 128 slots."""
HOPELESS_PPM: Final = 300_000
"""A pair estimated so far below the threshold is no candidate: more than eight standard errors."""
SIGNATURES_HELD: Final = 50_000


def cut_pairs(room: Room) -> list[dict[str, Any]]:
    """Ranges of pairs in order, so that each holds about as many, though one row may be in most of them."""
    left = room.left("candidates")
    total = sum(told["pairs"] for told in left)
    if not total:
        return []
    count = -(-total // PAIRS_A_TASK)
    # Where to cut follows from a sample of the pairs themselves: rows with many copies lie together.
    files = [path for told in left for path in told["files"]]
    step = max(1, total // 100_000)
    sample = in_order_of(np.concatenate([room.load(path, PAIR)[::step] for path in files]), "a", "b")
    inner = sorted({(int(a), int(b)) for a, b in (sample[len(sample) * i // count] for i in range(1, count))})
    edges = [(0, 0), *inner, (int(room.bases[-1]), 0)]
    return [{"low": low, "high": high} for low, high in pairwise(edges)]


def judge_pairs(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """JUDGED pairs of one range, with the Jaccards that compared runs measured; and the rows of those still to measure."""
    parts = [np.zeros(0, PAIR)]
    for told in room.left("candidates"):
        for path in told["files"]:
            pairs = room.load(path, PAIR)
            parts.append(pairs[_place(pairs, task["low"]) : _place(pairs, task["high"])])
    pairs = np.concatenate(parts)
    a, b = (x.astype(np.int64) for x in unique_pairs(pairs["a"].astype(np.uint64), pairs["b"].astype(np.uint64)))
    judged = np.zeros(len(a), JUDGED)
    judged["a"], judged["b"], judged["exact"] = a, b, NOT_MEASURED
    judged["estimate"] = estimates(room, a, b)
    judged = judged[judged["estimate"] >= room.settings["threshold_ppm"] - HOPELESS_PPM]
    asked = np.flatnonzero(to_measure(room, judged))
    judged["exact"][asked] = Known(room).jaccard(judged["a"][asked], judged["b"][asked])
    wanted = wanted_of(room, judged)
    known = int((judged["exact"] != NOT_MEASURED).sum())
    return {
        "path": room.save(judged, "pairs", f"{number:08d}.judged"), "pairs": len(judged),
        "unique": len(a), "known": known, "wanted": room.save(wanted, "pairs", f"{number:08d}.wanted"),
    }  # fmt: skip


def _place(pairs: npt.NDArray[np.void], border: Sequence[int]) -> int:
    """How many of the sorted *pairs* lie below *border*."""
    low, high = np.searchsorted(pairs["a"], [border[0], border[0] + 1])
    return int(low + np.searchsorted(pairs["b"][low:high], border[1]))


def estimates(room: Room, a: Rows, b: Rows, part: str = "") -> npt.NDArray[np.int32]:
    """The estimated Jaccard of each pair of rows, or of a part of them, in ppm."""
    found = np.zeros(len(a), np.int32)
    for first in range(0, len(a), SIGNATURES_HELD):
        some = slice(first, first + SIGNATURES_HELD)
        found[some] = estimate_ppm(equal_slots(room.signatures(a[some], part), room.signatures(b[some], part)))
    return found


def to_measure(room: Room, judged: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """Which pairs the mode wants measured: all, those near the threshold, or none."""
    mode = room.settings["verify"]
    if mode == ESTIMATE:
        return np.zeros(len(judged), np.bool_)
    open_ = judged["exact"] == NOT_MEASURED
    if mode == EXACT:
        return np.asarray(open_, np.bool_)
    assert mode == NEAR
    far = np.abs(judged["estimate"].astype(np.int64) - room.settings["threshold_ppm"])
    return np.asarray(open_ & (far <= NEAR_PPM), np.bool_)


def wanted_of(room: Room, judged: npt.NDArray[np.void]) -> Rows:
    """The rows, each once, of the pairs that the mode wants measured."""
    asked = judged[to_measure(room, judged)]
    return np.unique(np.concatenate([asked["a"], asked["b"]])).astype(np.int64)


def is_near(room: Room, judged: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    """Which pairs are near copies: by their exact Jaccard where there is one, else by the estimate."""
    jaccard = np.where(judged["exact"] == NOT_MEASURED, judged["estimate"], judged["exact"])
    return np.asarray(jaccard >= room.settings["threshold_ppm"], np.bool_)


def some_of(count: int, size: int) -> Iterator[slice]:
    """Slices of at most *size* that cover *count*."""
    for first in range(0, count, size):
        yield slice(first, first + size)
