"""Which engine carries a graph, and with which options: in this process, in several, or on a Flink cluster."""

import shlex
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from schemas.errors import ConfigError

RUNNERS: Final = ("local", "flink", "spark", "dataflow")
WORKER_DIED: Final = 70
"""Exit code of a driver whose worker process died; its supervisor starts it again."""
_WORKER_THREAD: Final = "run_worker"  # Beam's name for the thread that waits for a worker process, 2.77


def options_of(runner: str, workers: int, given: Mapping[str, Any]) -> PipelineOptions:
    """Beam's options. *workers*: processes of the local runner, parallelism elsewhere; *given* are added as they stand.

    The HMAC key, and anything else that is secret, never stands here: options show up in runners' pages and logs.
    """
    if runner == "local":
        flags = ["--runner=FnApiRunner"]
        if workers > 1:
            flags.append(f"--direct_num_workers={workers}")
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

    Beam's local runner waits for ever for a worker process that was killed: the thread that looks after it raises, and
    nobody listens. This does.
    """

    def hear(told: threading.ExceptHookArgs) -> None:
        if told.thread is not None and told.thread.name == _WORKER_THREAD:
            on_death()

    before, threading.excepthook = threading.excepthook, hear
    try:
        with beam.Pipeline(runner=_local_processes(options), options=options) as pipeline:
            wire(pipeline)
    finally:
        threading.excepthook = before


def _local_processes(options: PipelineOptions) -> FnApiRunner | None:
    """The local runner with worker processes that keep quiet, or None where the options name another runner."""
    if (
        options.view_as(StandardOptions).runner != "FnApiRunner"
        or options.view_as(DirectOptions).direct_num_workers < 2
    ):
        return None
    # They log every step to their standard error, which is ours, and take no option that says otherwise.
    command = f"exec {shlex.quote(sys.executable)} -m apache_beam.runners.worker.sdk_worker_main 2>/dev/null"
    return FnApiRunner(default_environment=SubprocessSDKEnvironment.from_command_string(command))
