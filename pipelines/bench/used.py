"""Runs one program to its end on one core and says what it used: CPU seconds, wall seconds, peak memory of its largest process."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schemas.errors import RunError

SHOWN_CHARS: Final = 2000
_HOME: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Used:
    """*cpu_s*: user and system time of the program and of every process that it started and waited for."""

    cpu_s: float
    wall_s: float
    peak_bytes: int
    exit_code: int
    output: str


def use_of(command: Sequence[str], allowed: tuple[int, ...] = (0,)) -> Used:
    """Run *command*, held to one core; its standard output is kept.

    Raises `RunError` with the end of what it printed where its exit code is none of *allowed*.
    """
    core = str(min(os.sched_getaffinity(0)))
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(
            ["taskset", "-c", core, *command], cwd=_HOME, stdin=subprocess.DEVNULL, stdout=out, stderr=err
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.monotonic() - began
        out.seek(0)
        err.seek(0)
        said, complained = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    if process.returncode not in allowed:
        raise RunError(
            f"{' '.join(command[:4])}: exit code {process.returncode}; it said: {(said + complained)[-SHOWN_CHARS:]}"
        )
    return Used(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss * 1024, process.returncode, said)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs *module* with this interpreter."""
    return [sys.executable, "-m", module, *arguments]
