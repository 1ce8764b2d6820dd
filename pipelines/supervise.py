"""The command under a supervisor: a run whose process is killed is started again, as long as it gets anywhere."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

STARTS_WITHOUT_PROGRESS: Final = 3
WORKER_DIED: Final = 70
EXIT_FAILED: Final = 3
GRACE_S: Final = 15
"""An interrupted child that has not ended by then is killed."""
INTERRUPTED: Final = "interrupted; what was finished is kept, run the same command again to go on"
SUPERVISOR: Final = "CORPUSLEDGER_SUPERVISOR"
"""Environment variable by which a child knows that it has one, and its process number."""
_PR_SET_PDEATHSIG: Final = 1  # prctl(2)
_had: Final = threading.Event()


def supervise(command: Sequence[str], progress: Callable[[], tuple[int, int]]) -> int:
    """Run *command* until it ends by itself; gives its exit code.

    A child ended by a signal, or by `WORKER_DIED`, is started again when *progress* (memos, attempts) changed since its
    start, and at most `STARTS_WITHOUT_PROGRESS` times without (data-path §6). Ctrl-C and SIGTERM end child and
    supervisor with it.
    """
    idle, child = 0, None
    before_us = signal.signal(signal.SIGTERM, _interrupt)
    try:
        while True:
            before = progress()
            child = _started(command)
            code = child.wait()
            if code in (-signal.SIGINT, -signal.SIGTERM):
                return _interrupted()
            if code >= 0 and code != WORKER_DIED:
                return code
            idle = idle + 1 if progress() == before else 0
            reason = f"signal {-code}" if code < 0 else "a worker process died"
            if idle >= STARTS_WITHOUT_PROGRESS:
                sys.stderr.write(
                    f"corpusledger: stopped by {reason} {idle} times without getting further; what was finished is kept\n"
                )
                return EXIT_FAILED
            sys.stderr.write(f"corpusledger: stopped by {reason}; going on with what is finished\n")
    except KeyboardInterrupt:
        return _ended(child)
    finally:
        signal.signal(signal.SIGTERM, before_us)


def end_with(parent: int) -> None:
    """Let this process be killed when *parent* is gone: nobody would take its exit code. Linux alone can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), signal.SIGKILL)


def end_on_first_interrupt() -> None:
    """Take the first SIGINT as Ctrl-C and none after it, so that nothing cuts off the tidying up."""

    def once(_signal: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _had.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, once)


def was_interrupted() -> bool:
    """Has Ctrl-C come? Beam makes a RuntimeError of it where it hits a step of the graph."""
    return _had.is_set()


def _started(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # Ignored until the child says otherwise: Python would answer Ctrl-C during its imports with a traceback.
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.Popen(list(command), env=os.environ | {SUPERVISOR: str(os.getpid())})
    finally:
        signal.signal(signal.SIGINT, ours)


def _ended(child: subprocess.Popen[bytes] | None) -> int:
    """Interrupt *child*, which may have had the same Ctrl-C, and wait for its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    patience = time.monotonic() + GRACE_S
    while child is not None and child.poll() is None:
        child.send_signal(signal.SIGINT if time.monotonic() < patience else signal.SIGKILL)
        time.sleep(0.2)
    return EXIT_FAILED if child is not None and child.returncode == EXIT_FAILED else _interrupted()


def _interrupted() -> int:
    sys.stderr.write(f"corpusledger: {INTERRUPTED}\n")
    return EXIT_FAILED


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt
