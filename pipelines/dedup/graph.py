"""The deduplication as Beam graphs, mostly one: step after step, each cut into tasks, spread, done, and ended before the next begins.

Elements are names, numbers and task lines of a few hundred bytes; bands, pairs and sets travel by files (data-path §9).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import apache_beam as beam

from pipelines.dedup.room import Room, room_of
from pipelines.dedup.steps import STEPS, Step, jobs, step_named
from schemas.errors import RunError


class _InRoom(beam.DoFn):
    def __init__(self, ledger: str, run: str, name: str, step: str) -> None:
        self.ledger, self.run, self.name, self.step = ledger, run, name, step

    def room(self) -> Room:
        """Opened once a process."""
        return room_of(self.ledger, self.run, self.name)


class Cut(_InRoom):
    """The end of the step before -> the tasks of this one."""

    def process(self, _: int) -> Iterator[bytes]:
        """One element a task, and an empty one, so that the end of a step without tasks is told too."""
        yield b""
        yield from step_named(self.step).cut_tasks(self.room())


class Do(_InRoom):
    """A task -> (0, its number), when what it leaves is written."""

    def process(self, task: bytes) -> Iterator[tuple[int, int]]:
        """Do it; the empty one has no number."""
        yield 0, step_named(self.step).do_task(self.room(), task) if task else -1


class End(_InRoom):
    """(0, numbers) -> 0: every task of the step is done exactly once."""

    def process(self, group: tuple[int, Iterable[int]]) -> Iterator[int]:
        """Raises `RunError` where a task is missing."""
        done = {number for number in group[1] if number >= 0}
        told = len(self.room().left(self.step))
        if done != set(range(told)):
            msg = f"{self.step}: the runner did {len(done)} of {told} tasks; run again"
            raise RunError(msg)
        yield group[0]


def dedup_jobs(ledger: str, run: str, name: str) -> Iterator[Callable[[beam.Pipeline], Any]]:
    """What wires each job, given out when the job before it is done: how many there are shows only then (`steps.jobs`)."""
    for steps in jobs(room_of(ledger, run, name)):
        yield partial(dedup, ledger=ledger, run=run, name=name, steps=steps)


def dedup(pipeline: beam.Pipeline, ledger: str, run: str, name: str, steps: Sequence[Step] = STEPS) -> Any:
    """Wire the steps of one job; *name*: of the deduplication's folder (`room.write_brief`)."""
    ended = pipeline | "Start" >> beam.Create([0], reshuffle=False).with_output_types(int)
    keyed = tuple[int, int]
    for step in steps:
        which = (ledger, run, name, step.name)
        title = step.name.capitalize()
        ended = (
            ended
            | f"Cut{title}" >> beam.ParDo(Cut(*which)).with_output_types(bytes)
            | f"Spread{title}" >> beam.Reshuffle()
            | f"Do{title}" >> beam.ParDo(Do(*which)).with_output_types(keyed)
            | f"Group{title}" >> beam.GroupByKey()
            | f"End{title}" >> beam.ParDo(End(*which)).with_output_types(int)
        )
    return ended


def dedup_here(ledger: str, run: str, name: str) -> None:
    """The same steps in this process, one task after another: for tests and for looking into a run."""
    room = room_of(ledger, run, name)
    for steps in jobs(room):
        for step in steps:
            for task in step.cut_tasks(room):
                step.do_task(room, task)
