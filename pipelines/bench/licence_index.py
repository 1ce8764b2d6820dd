"""The measuring program of `bench licence`: what the index of licence texts takes to be made, to be ready, and in memory."""

import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa

from checks.licence.texts import matches
from checks.licence.texts.store import opened
from checks.terms import shingle_runs

MB = 1_000_000


def main(text: str) -> None:
    """Print CPU and wall seconds from nothing to an open index and *text* matched, and the memory that this added."""
    shingle_runs(
        pa.array(["warm up"], pa.large_string()), np.zeros(1, np.intp), 1
    )  # the kernel and its table are everybody's
    before, wall, cpu = _peak_bytes(), time.perf_counter(), time.process_time()
    opened()
    ready_s, ready_cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    matches(text)
    print(json.dumps({"ready_s": ready_s, "ready_cpu_s": ready_cpu_s, "added_mb": (_peak_bytes() - before) / MB}))


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1])
