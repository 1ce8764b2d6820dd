"""The progress line: from memos alone, on a terminal alone."""

import io
from pathlib import Path

from manifests.store import open_store
from pipelines.attempts import Desk
from pipelines.progress import Progress, Watched, told


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def memo(rows: int) -> dict[str, object]:
    return {"results": {"reading": {"files": [[rows, 0, "read"], [1, 1, "read"]]}}}


def test_the_line_names_records_bytes_rate_and_time_left() -> None:
    line = told(1234, 30_000_000, 120_000_000, 3, 12, 10.0)
    assert line == " 25 %  3/12 units  1,234 records  30.0 MB of 120.0 MB  3.0 MB/s  about 30 s left"


def test_memos_tell_how_far_it_is(tmp_path: Path) -> None:
    desk = Desk(open_store(str(tmp_path)), "run")
    watched = Watched(desk, {"a": 1_000, "b": 3_000}, 3)
    assert watched().startswith("  0 %  0/3 units  0 records")
    desk.remember("a", memo(41))
    assert watched().startswith(" 25 %  1/3 units  42 records  1.0 kB of 4.0 kB")
    desk.remember("b", memo(7))
    assert watched().startswith("100 %  2/3 units  50 records")


def test_nothing_is_said_where_there_is_no_terminal() -> None:
    quiet = io.StringIO()
    with Progress(lambda: "line", quiet):
        pass
    assert quiet.getvalue() == ""


def test_the_line_is_cleared_at_the_end() -> None:
    terminal = Terminal()
    with Progress(lambda: "line", terminal):
        pass
    assert terminal.getvalue().endswith("\r\x1b[K")
