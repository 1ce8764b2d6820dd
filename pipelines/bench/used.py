"""Runs one program to its end on one core and says what it used: CPU seconds, wall seconds, peak memory of its largest process."""

import json
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
# Linux counts, as the peak of a new program, the memory of the process that started it. So a small one stands between.
_BETWEEN: Final = """
import json, os, sys
told, core, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child = os.fork()
if child == 0:
    os.close(told)
    os.sched_setaffinity(0, {core})
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error}", file=sys.stderr, flush=True)
        os._exit(127)
_, status, used = os.wait4(child, 0)
os.write(told, json.dumps([os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss]).encode())
"""


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
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as told:
        began = time.monotonic()
        between = [sys.executable, "-I", "-S", "-c", _BETWEEN, str(told.fileno()), core]
        subprocess.run(
            [*between, *command], cwd=_HOME, stdin=subprocess.DEVNULL, stdout=out, stderr=err, pass_fds=(told.fileno(),), check=True
        )  # fmt: skip
        wall_s = time.monotonic() - began
        told.seek(0)
        exit_code, cpu_s, peak_kib = json.loads(told.read())
        out.seek(0)
        err.seek(0)
        said, complained = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    if exit_code not in allowed:
        raise RunError(f"{' '.join(command[:4])}: exit code {exit_code}; it said: {(said + complained)[-SHOWN_CHARS:]}")
    return Used(cpu_s, wall_s, peak_kib * 1024, exit_code, said)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs *module* with this interpreter."""
    return [sys.executable, "-m", module, *arguments]
