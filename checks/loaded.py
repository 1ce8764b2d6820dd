"""The process's one cache of loaded things (pattern databases, recognizers, models), and per-thread copies of the unsafe.

Keyed by the digest of what they were built from, behind a lock (data-path §6): `setup()` runs once a DoFn instance and
several DoFns share a process, while a check itself holds settings only and pickles.
"""

import threading
from collections.abc import Callable, Hashable
from importlib import metadata
from typing import Any, TypeVar, cast

T = TypeVar("T")

_shared: dict[Hashable, Any] = {}
_lock = threading.RLock()
_local = threading.local()


def once(key: Hashable, build: Callable[[], T]) -> T:
    """What *build* makes, made once a process for *key*; only for what is safe to use from many threads."""
    found = _shared.get(key)
    if found is None:
        with _lock:
            found = _shared.get(key)
            if found is None:
                found = _shared[key] = build()
    return cast("T", found)


def per_thread(key: Hashable, build: Callable[[], T]) -> T:
    """What *build* makes, made once a thread for *key*; for scratch space and objects that keep state."""
    mine: dict[Hashable, Any] = _local.__dict__.setdefault("things", {})
    if key not in mine:
        mine[key] = build()
    return cast("T", mine[key])


def installed(package: str) -> str:
    """The version of an installed package, looked up once a process: a work id asks for it a unit."""
    return once(("version", package), lambda: metadata.version(package))
