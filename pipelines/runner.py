"""Which engine carries a graph, and with which options: in this process, in several, or on a Flink cluster."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from schemas.errors import ConfigError

RUNNERS: Final = ("local", "flink", "spark", "dataflow")
WORKER_DIED: Final = 70
"""Exit code of a driver whose worker process died; its supervisor starts it again."""


def options_of(runner: str, workers: int, given: Mapping[str, Any]) -> PipelineOptions:
    """Beam's options. *workers*: processes of the local runner, parallelism elsewhere; *given* are added as they stand.

    The HMAC key, and anything else that is secret, never stands here: options show up in runners' pages and logs.
    """
    if runner == "local":
        flags = ["--runner=FnApiRunner"]
        if workers > 1:
            flags += [f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing"]
    elif runner == "flink":
        # Against Beam's job server; workers outlive a stage, or every stage would start them anew.
        flags = ["--runner=PortableRunner", "--environment_cache_millis=60000", f"--parallelism={max(workers, 1)}"]
    elif runner in RUNNERS:
        flags = [f"--runner={ {'spark': 'PortableRunner', 'dataflow': 'DataflowRunner'}[runner] }"]
    else:
        msg = f"--runner: no runner {runner!r}; known: {', '.join(RUNNERS)}"
        raise ConfigError(msg)
    flags += [f"--{k}={v}" if v is not True else f"--{k}" for k, v in sorted(given.items())]
    return PipelineOptions(flags)


def carry(wire: Callable[[beam.Pipeline], Any], options: PipelineOptions, on_death: Callable[[], None]) -> None:
    """Build a graph and run it to its end. *on_death* is called when a local worker process dies under it.

    Beam's local runner waits for ever for a worker process that was killed, so this looks after its children itself.
    """
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(done, on_death), name="worker watch", daemon=True)
    watch.start()
    try:
        with beam.Pipeline(options=options) as pipeline:
            wire(pipeline)
    finally:
        done.set()


def _watch(done: threading.Event, on_death: Callable[[], None]) -> None:
    tasks = Path("/proc/self/task")
    workers: set[str] = set()
    while not done.is_set() and tasks.exists():
        now = set()
        for task in tasks.iterdir():
            try:
                now |= set((task / "children").read_text(encoding="ascii").split())
            except OSError:
                continue  # the thread ended between the listing and now
        for child in now:
            if child not in workers and _is_worker(child):
                workers.add(child)
        if not done.is_set() and any(not _lives(w) for w in workers):
            on_death()
            return
        time.sleep(0.5)


def _is_worker(process: str) -> bool:
    try:
        return b"sdk_worker_main" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def _lives(process: str) -> bool:
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
