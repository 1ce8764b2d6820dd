"""The supervisor: a killed job is started again while it gets anywhere, and given up where it does not."""

import sys
from pathlib import Path

from pipelines.supervise import STARTS_WITHOUT_PROGRESS, supervise

DIES = (
    "import os, pathlib, signal, sys; p = pathlib.Path(sys.argv[1]); n = int(p.read_text()); p.write_text(str(n + 1));"
)


def count(path: Path) -> int:
    return int(path.read_text())


def test_a_job_that_ends_by_itself_is_not_started_again(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    starts.write_text("0")
    assert supervise([sys.executable, "-c", DIES + "sys.exit(1)", str(starts)], lambda: (0, 0)) == 1
    assert count(starts) == 1


def test_a_killed_job_goes_on_while_memos_are_added(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    starts.write_text("0")
    job = DIES + "n < 5 and os.kill(os.getpid(), signal.SIGKILL)"
    assert supervise([sys.executable, "-c", job, str(starts)], lambda: (count(starts), 0)) == 0
    assert count(starts) == 6


def test_a_job_that_gets_nowhere_is_given_up(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    starts.write_text("0")
    job = DIES + "os.kill(os.getpid(), signal.SIGSEGV)"
    assert supervise([sys.executable, "-c", job, str(starts)], lambda: (0, 0)) == 3
    assert count(starts) == STARTS_WITHOUT_PROGRESS
