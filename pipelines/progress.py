"""What long work says while it goes: one line on a terminal, nothing where there is none."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self, TextIO

from pipelines.attempts import Desk

LOCAL_S = 1.0


def told(records: int, done_bytes: int, all_bytes: int, units: int, all_units: int, seconds: float) -> str:
    """The line: units, records, bytes, rate, time left."""
    rate = done_bytes / seconds if seconds > 0 else 0
    left = (all_bytes - done_bytes) / rate if rate > 0 else 0
    share = 100 * done_bytes // all_bytes if all_bytes else 100
    return (
        f"{share:3d} %  {units:,}/{all_units:,} units  {records:,} records  {_bytes(done_bytes)} of {_bytes(all_bytes)}  "
        f"{_bytes(int(rate))}/s  about {_time(left)} left"
    )


class Watched:
    """How far LOOK is, from its memos alone, so the same on every runner; each memo is read once."""

    def __init__(self, desk: Desk, planned_bytes: Mapping[str, int], units: int) -> None:
        """*planned_bytes*: unit id -> stored bytes, of the units that must be read; *units*: of the whole plan."""
        self._desk, self._planned, self._units = desk, planned_bytes, units
        self._records: dict[str, int] = {}
        self._began = time.monotonic()

    def __call__(self) -> str:
        """The line as it stands now."""
        for path in self._desk.store.list(self._desk.path("memo")):
            unit = path.rpartition("/")[2].removesuffix(".json")
            if unit not in self._records and (memo := self._desk.memo(unit)) is not None:
                self._records[unit] = sum(rows for rows, *_ in memo["results"]["reading"]["files"])
        done = sum(size for unit, size in self._planned.items() if unit in self._records)
        seconds = time.monotonic() - self._began
        all_bytes = sum(self._planned.values())
        return told(sum(self._records.values()), done, all_bytes, len(self._records), self._units, seconds)


class Progress:
    """Asks every second how far the work is and rewrites one line of a terminal; silent elsewhere."""

    def __init__(self, ask: Callable[[], str], stream: TextIO | None = None) -> None:
        self._ask, self._stream = ask, stream or sys.stderr
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._stream.isatty():
            self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def _run(self) -> None:
        while not self._stop.wait(LOCAL_S):
            self._stream.write(f"\r\x1b[K{self._ask()}")
            self._stream.flush()


def since(started: float) -> float:
    """Seconds since a monotonic time."""
    return time.monotonic() - started


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # decimal units, as disks and networks count
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
