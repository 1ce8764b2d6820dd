"""Who is at work on a unit, and what was finished: attempts, leases and memos in `work/<run>` (data-path §5, §6).

An attempt is left before a unit is looked at and removed with the memo. One left by a worker that is gone means that
the unit may hold a record that kills its reader.
"""

import os
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from checks.loaded import once
from manifests.store import Store
from schemas.canonical import canonical_json, parse_json
from schemas.errors import StoreError

REFRESH_S: Final = 20
GONE_AFTER_S: Final = 90
"""A worker on another machine that has not refreshed its lease for so long is gone."""


@dataclass(frozen=True)
class Worker:
    """This process, as others may ask whether it still lives."""

    machine: str
    process: int
    started: int  # kernel ticks after boot: tells a process from a later one of the same number

    def as_json(self) -> dict[str, Any]:
        """JSON form of a lease; `seen` is the wall clock, in seconds, of the last refresh."""
        return {"machine": self.machine, "process": self.process, "started": self.started, "seen": int(time.time())}


def this_worker() -> Worker:
    """The worker that this process is."""
    return Worker(_machine(), os.getpid(), _started(os.getpid()))


def is_gone(lease: Mapping[str, Any]) -> bool:
    """Has the worker of that lease given up, died, or, on another machine, not been seen for `GONE_AFTER_S`?"""
    if lease.get("given_up"):
        return True
    if lease["machine"] == _machine():
        try:
            return bool(_started(lease["process"]) != lease["started"])
        except OSError:
            return True
    return bool(time.time() - lease["seen"] > GONE_AFTER_S)


@dataclass(frozen=True)
class Desk:
    """The working folder of one run."""

    store: Store
    run: str

    def path(self, *parts: str) -> str:
        """A path under work/<run>."""
        return "/".join(("work", self.run, *parts))

    def memo(self, unit_id: str) -> dict[str, Any] | None:
        """What an earlier, cut-off pass finished for that unit, or None."""
        path = self.path("memo", f"{unit_id}.json")
        if not self.store.exists(path):
            return None
        memo: dict[str, Any] = parse_json(self.store.get(path))
        return memo

    def remember(self, unit_id: str, memo: Mapping[str, Any]) -> None:
        """Write the memo: last, when every object it names is stored."""
        self.store.put(self.path("memo", f"{unit_id}.json"), canonical_json(dict(memo)))

    def left_behind(self, unit_id: str) -> bool:
        """Is there an attempt at that unit by a worker that is gone?"""
        for path in self.store.list(self.path("attempts", unit_id)):
            try:
                lease = parse_json(self.store.get(path))
            except StoreError:
                continue  # removed by its owner between the listing and now
            if is_gone(lease):
                return True
        return False

    def begin(self, unit_id: str) -> str:
        """Leave an attempt; gives its path, to be removed by `end`."""
        path = self.path("attempts", unit_id, uuid.uuid4().hex)
        self.hold(path, {})
        return path

    def end(self, attempt: str, unit_id: str) -> None:
        """The unit is done: take away this attempt and those of workers that are gone."""
        self.let_go(attempt)
        for path in self.store.list(self.path("attempts", unit_id)):
            with suppress(StoreError):  # its owner may remove it first: units of equal id end side by side
                if is_gone(parse_json(self.store.get(path))):
                    self.store.delete(path)

    def hold(self, path: str, told: Mapping[str, Any]) -> None:
        """Leave this worker's lease, with what else is *told*, and say from now on that it lives."""
        self.store.put(path, canonical_json(this_worker().as_json() | dict(told)))
        _refreshed().add(self.store, path, told)

    def let_go(self, path: str) -> None:
        """Remove a lease that this process holds."""
        _refreshed().forget(path)
        self.store.delete(path)

    def give_up(self, path: str) -> None:
        """Leave a lease for the next worker to take at once; what is told in it stays."""
        _refreshed().forget(path)
        with suppress(StoreError):  # gone with this process at the latest
            lease = parse_json(self.store.get(path))
            self.store.put(path, canonical_json(lease | {"given_up": True}))

    def progress(self) -> tuple[int, int]:
        """Memos and attempts so far: whether starting again got anywhere."""
        return len(self.store.list(self.path("memo"))), len(self.store.list(self.path("attempts")))


class _Refreshed:
    """A thread that says every `REFRESH_S` that this process still works at what it holds."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[Store, Mapping[str, Any]]] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._run, name="lease refresher", daemon=True).start()

    def add(self, store: Store, path: str, told: Mapping[str, Any]) -> None:
        with self._lock:
            self._held[path] = store, told

    def forget(self, path: str) -> None:
        with self._lock:
            self._held.pop(path, None)

    def refresh(self) -> None:
        """Write every lease that is held anew."""
        with self._lock:
            # Under the lock, so that an attempt that was just ended is not written anew.
            for path, (store, told) in self._held.items():
                with suppress(StoreError):  # a full disk is told by who must write; the next refresh may go through
                    store.put(path, canonical_json(this_worker().as_json() | dict(told)))

    def _run(self) -> None:
        while True:
            time.sleep(REFRESH_S)
            self.refresh()


def _refreshed() -> _Refreshed:
    return once(("lease refresher", os.getpid()), _Refreshed)


def _machine() -> str:
    # Containers of one machine share its boot but not its process numbers.
    boot = Path("/proc/sys/kernel/random/boot_id")
    return once("machine", lambda: f"{boot.read_text(encoding='ascii').strip()} {Path('/proc/self/ns/pid').readlink()}")


def _started(process: int) -> int:
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
    state, ticks = stat.rpartition(")")[2].split()[0], stat.rpartition(")")[2].split()[19]
    if state == "Z":
        raise ProcessLookupError(process)
    return int(ticks)
