"""A deduplication of near-identical pages, watched: run as a process of its own, for peaks are of a process."""

import gc
import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

from pipelines.dedup.outcome import outcome_of
from pipelines.dedup.steps import STEPS
from tests.kit.copies import Held, evidence, in_memory, room_with, sentence

UNITS_OF = 50_000


def pages(first: int, last: int) -> list[str]:
    """One text of 23 terms, and a number that no other page has: Jaccard 19 of 21."""
    base = sentence(range(23))
    return [f"{base} x{number}" for number in range(first, last)]


def anonymous_mib() -> int:
    """Memory of this process that is no mapped file."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) >> 10


class Sampled:
    """The most memory that is no mapped file while the block runs, looked at every few milliseconds."""

    def __enter__(self) -> Self:
        self.most_mib, self._ended = anonymous_mib(), threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(0.005):
            self.most_mib = max(self.most_mib, anonymous_mib())


def watched(folder: Path, count: int) -> dict[str, Any]:
    """Deduplicate *count* pages; what each step held at most beyond what was held before them all, and what came of it."""
    os.fsync = lambda _: None  # type: ignore[assignment]
    units = [Held(pages(i, min(i + UNITS_OF, count))) for i in range(0, count, UNITS_OF)]
    room = room_with(folder, units, max_nodes=count)
    del units
    gc.collect()
    before_mib, began_s, held = anonymous_mib(), time.process_time(), dict[str, int]()
    for step in STEPS:
        with Sampled() as sampled:
            for task in step.cut_tasks(room):
                step.do_task(room, task)
        held[step.name] = sampled.most_mib - before_mib
    cpu_s, found = time.process_time() - began_s, evidence(room)
    return {
        "cpu_s": cpu_s, "held_mib": held, "removed": found.num_rows,
        "kept": found.group_by(["kept_unit", "kept_row"]).aggregate([]).num_rows,
        "exact_ppm": found["exact_ppm"].unique().to_pylist(), "schemes": found["scheme"].unique().to_pylist(),
        "cost": dict(outcome_of(room).cost),
    }  # fmt: skip


if __name__ == "__main__":
    with in_memory() as here:
        print(json.dumps(watched(here, int(sys.argv[1]))))
