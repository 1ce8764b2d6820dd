"""The steps of the deduplication in their order: what each cuts into tasks, and what a task does."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from pipelines.dedup import (
    apart,
    candidates,
    clusters,
    decide,
    displaced,
    exact,
    gathering,
    known,
    measured,
    missing,
    overlap,
    pairs,
    rounds,
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


def _cut_forest(room: Room) -> list[Told]:
    """Union-find in one task, or what the rounds came to; none while they are to do."""
    if rounds.has_ended(room):
        return gathering.cut_gathering(room)
    tasks = clusters.cut_forest(room)
    return [] if tasks and rounds.must_spread(room) else tasks


def _join(room: Room, task: Mapping[str, Any], number: int) -> Told:
    return gathering.gather_clusters(room, task, number) if task else clusters.join_edges(room, task, number)


def _joined(step: Step) -> Step:
    """The same step, without tasks while the clusters wait for their rounds."""
    return Step(step.name, lambda room: [] if rounds.is_waiting(room) else step.cut(room), step.do)


_BEFORE: Final = (
    Step("segments", segments.cut_segments, _unnumbered(segments.merge_segment)),
    Step("standing", standing.cut_standing, _unnumbered(standing.write_standing)),
    Step("content", exact.cut_content, _in_kind(segments.CONTENT)),
    Step("folded", exact.cut_folded, _in_kind(segments.FOLDED)),
    Step("candidates", candidates.cut_candidates, candidates.find_candidates),
    Step("lesser", known.cut_lesser, known.find_lesser),
    Step("greater", known.cut_greater, known.find_greater),
    Step("known", known.cut_known, known.gather_known),
    Step("pairs", pairs.cut_pairs, pairs.judge_pairs),
    Step("reading", _cut_reading, shingles.read_sets),
    Step("verifying", verify.cut_verifying, verify.verify_pairs),
)
_FROM_CLUSTERS: Final = (
    Step("forest", _cut_forest, _join),
    _joined(Step("missing", missing.cut_missing, missing.name_missing)),
    _joined(Step("again", clusters.cut_again, shingles.read_sets)),
    _joined(Step("settling", clusters.cut_clusters, clusters.settle)),
    _joined(Step("keeping", measured.cut_keeping, measured.keep_pairs)),
    _joined(Step("same", apart.cut_same, apart.find_same)),
    _joined(Step("alike", apart.cut_alike, apart.find_alike)),
    _joined(Step("counting", apart.cut_counting, apart.count_parts)),
    _joined(Step("deciding", decide.cut_deciding, decide.decide)),
    _joined(Step("overlap", overlap.cut_overlap, overlap.measure_overlap)),
    _joined(Step("displaced", displaced.cut_displaced, displaced.find_displaced)),
)
STEPS: Final = (*_BEFORE, *_FROM_CLUSTERS)
"""All of them, but for the rounds of a run with more nodes than `dedup.max_nodes`."""
_SPREAD: Final = Step(rounds.SPREAD, rounds.cut_spread, rounds.spread_edges)
_LABELS: Final = Step(gathering.LABELS, gathering.cut_labels, gathering.label_rows)
_BY_NAME: Final = {step.name: step for step in (*STEPS, _SPREAD, _LABELS)}
_ROUND: Final = re.compile(r"(?:large|small)-(\d{4,})")


def step_named(name: str) -> Step:
    """The step of that name, of a round too. Raises `KeyError`: there is none."""
    match = _ROUND.fullmatch(name)
    return next(s for s in _round(int(match[1])) if s.name == name) if match else _BY_NAME[name]


def jobs(room: Room) -> Iterator[Sequence[Step]]:
    """Steps to do one after another; what follows a job shows when all of its tasks are done, and it is asked for.

    Mostly one job. Where more nodes than `dedup.max_nodes` have an edge, its last steps have no tasks: rounds follow as
    jobs of their own until nothing changes (data-path §9), and those steps once more. A run that was cut off begins with
    the first job again, and takes no round twice.
    """
    yield STEPS
    if not rounds.is_waiting(room):
        return
    yield (_SPREAD,)
    number, moved = 0, True
    while moved:
        ended = rounds.ended_round(room, number)
        if ended is None:
            yield _round(number)
            ended = rounds.end_round(room, number)
        number, moved = number + 1, ended["moved"] > 0
    yield (_LABELS,)
    rounds.end_rounds(room)
    yield _FROM_CLUSTERS


def _round(number: int) -> tuple[Step, Step]:
    return (
        Step(rounds.large(number), partial(rounds.cut_large, round_=number), partial(rounds.large_star, round_=number)),
        Step(rounds.small(number), partial(rounds.cut_small, round_=number), partial(rounds.small_star, round_=number)),
    )
