"""The command under a supervisor: a run whose process is killed is started again, as long as it gets anywhere."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Final

STARTS_WITHOUT_PROGRESS: Final = 3
WORKER_DIED: Final = 70
EXIT_FAILED: Final = 3


def supervise(command: Sequence[str], progress: Callable[[], tuple[int, int]]) -> int:
    """Run *command* until it ends by itself; gives its exit code.

    A child ended by a signal, or by `WORKER_DIED`, is started again when *progress* (memos, attempts) changed since its
    start, and at most `STARTS_WITHOUT_PROGRESS` times without (data-path §6). Ctrl-C goes to the child, which is in
    this process group, and ends the supervisor with it.
    """
    idle = 0
    while True:
        before = progress()
        child = subprocess.Popen(list(command))  # our own command
        try:
            code = child.wait()
        except KeyboardInterrupt:
            _ended(child)
            return EXIT_FAILED
        if code >= 0 and code != WORKER_DIED:
            return code
        if code in (-signal.SIGINT, -signal.SIGTERM):
            return EXIT_FAILED
        idle = idle + 1 if progress() == before else 0
        reason = f"signal {-code}" if code < 0 else "a worker process died"
        if idle >= STARTS_WITHOUT_PROGRESS:
            sys.stderr.write(
                f"corpusledger: stopped by {reason} {idle} times without getting further; what was finished is kept\n"
            )
            return EXIT_FAILED
        sys.stderr.write(f"corpusledger: stopped by {reason}; going on with what is finished\n")


def _ended(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(timeout=20)  # it got the same Ctrl-C
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
