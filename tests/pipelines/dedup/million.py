"""A deduplication of near-identical pages, watched: run as a process of its own, for peaks are of a process."""

import json
import os
import resource
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

from pipelines.dedup.outcome import outcome_of
from pipelines.dedup.steps import STEPS
from tests.kit.copies import Held, evidence, in_memory, room_with, sentence

UNITS_OF = 50_000


def pages(first: int, last: int) -> list[str]:
    """One text of 23 terms, and a number that no other page has: Jaccard 19 of 21."""
    base = sentence(range(23))
    return [f"{base} x{number}" for number in range(first, last)]


def watched(folder: Path, count: int) -> dict[str, Any]:
    """Deduplicate *count* pages; what each step held at most beyond what was held before it, and what came of them."""
    os.fsync = lambda _: None  # type: ignore[assignment]
    units = [Held(pages(i, min(i + UNITS_OF, count))) for i in range(0, count, UNITS_OF)]
    room = room_with(folder, units, max_nodes=count)
    del units
    before_mib, began_s = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, time.process_time()
    held: dict[str, int] = {}
    tracemalloc.start()
    for step in STEPS:
        peak = 0
        for task in (None, *step.cut_tasks(room)):
            if task is not None:
                step.do_task(room, task)
            peak = max(peak, tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
        held[step.name] = peak >> 20
    tracemalloc.stop()
    found = evidence(room)
    return {
        "cpu_s": time.process_time() - began_s, "held_mib": held, "before_mib": before_mib,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, "removed": found.num_rows,
        "kept": len(set(zip(found["kept_unit"].to_pylist(), found["kept_row"].to_pylist(), strict=True))),
        "exact_ppm": found["exact_ppm"].unique().to_pylist(), "schemes": found["scheme"].unique().to_pylist(),
        "cost": dict(outcome_of(room).cost),
    }  # fmt: skip


if __name__ == "__main__":
    with in_memory() as here:
        print(json.dumps(watched(here, int(sys.argv[1]))))
