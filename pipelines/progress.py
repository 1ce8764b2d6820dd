"""What long work says while it goes: one line on a terminal, nothing where there is none."""

import sys
import threading
import time
from collections.abc import Callable
from typing import Self, TextIO

LOCAL_S = 1.0


def told(done_bytes: int, all_bytes: int, units: int, all_units: int, seconds: float) -> str:
    """The line: units, bytes, rate, time left."""
    rate = done_bytes / seconds if seconds > 0 else 0
    left = (all_bytes - done_bytes) / rate if rate > 0 else 0
    share = 100 * done_bytes // all_bytes if all_bytes else 100
    return (
        f"{share:3d} %  {units:,}/{all_units:,} units  {_bytes(done_bytes)} of {_bytes(all_bytes)}  "
        f"{_bytes(int(rate))}/s  about {_time(left)} left"
    )


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
