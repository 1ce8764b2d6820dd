"""The steps of the deduplication in their order: what each cuts into tasks, and what a task does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipelines.dedup import (
    apart,
    candidates,
    clusters,
    decide,
    exact,
    overlap,
    pairs,
    segments,
    shingles,
    standing,
    verify,
)
from pipelines.dedup.room import Room
from schemas.canonical import canonical_json, parse_json

Told = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """*cut*: the tasks, from what earlier steps left; *do*: (room, task, its number) -> what it left, as JSON.

    A task is done once for a brief, however often it is started: what it left is written last, and found again.
    """

    name: str
    cut: Callable[[Room], list[Told]]
    do: Callable[[Room, Mapping[str, Any], int], Told]

    def cut_tasks(self, room: Room) -> list[bytes]:
        """Every task as canonical JSON with its number; says first how many there are."""
        tasks = self.cut(room)
        room.store.put(room.path(self.name, "tasks.json"), canonical_json({"tasks": len(tasks)}))
        return [canonical_json({"number": n, "task": task}) for n, task in enumerate(tasks)]

    def do_task(self, room: Room, told: bytes) -> int:
        """Do one task unless it is done; gives its number."""
        parsed = parse_json(told)
        number: int = parsed["number"]
        path = room.path(self.name, f"{number:08d}.json")
        if not room.store.exists(path):
            room.store.put(path, canonical_json(self.do(room, parsed["task"], number)))
        return number


def _unnumbered(do: Callable[[Room, Mapping[str, Any]], Told]) -> Callable[[Room, Mapping[str, Any], int], Told]:
    return lambda room, task, _: do(room, task)


def _in_kind(kind: str) -> Callable[[Room, Mapping[str, Any], int], Told]:
    return lambda room, task, number: exact.find_copies(room, kind, task, number)


def _cut_reading(room: Room) -> list[Told]:
    return shingles.cut_reading(room, [t["wanted"] for t in room.left("pairs")], "reading")


STEPS: Final = (
    Step("segments", segments.cut_segments, _unnumbered(segments.merge_segment)),
    Step("standing", standing.cut_standing, _unnumbered(standing.write_standing)),
    Step("content", exact.cut_content, _in_kind(segments.CONTENT)),
    Step("folded", exact.cut_folded, _in_kind(segments.FOLDED)),
    Step("candidates", candidates.cut_candidates, candidates.find_candidates),
    Step("pairs", pairs.cut_pairs, pairs.judge_pairs),
    Step("reading", _cut_reading, shingles.read_sets),
    Step("verifying", verify.cut_verifying, verify.verify_pairs),
    Step("forest", clusters.cut_forest, clusters.join_edges),
    Step("missing", clusters.cut_missing, clusters.name_missing),
    Step("again", clusters.cut_again, shingles.read_sets),
    Step("settling", clusters.cut_clusters, clusters.settle),
    Step("same", apart.cut_same, apart.find_same),
    Step("alike", apart.cut_alike, apart.find_alike),
    Step("counting", apart.cut_counting, apart.count_parts),
    Step("deciding", decide.cut_deciding, decide.decide),
    Step("overlap", overlap.cut_overlap, overlap.measure_overlap),
)
BY_NAME: Final = {step.name: step for step in STEPS}
