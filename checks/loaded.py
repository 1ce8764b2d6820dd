"""The process's one cache of loaded things (pattern databases, recognizers, models), and per-thread copies of the unsafe.

Keyed by the digest of what they were built from, behind a lock (data-path §6): `setup()` runs once a DoFn instance and
several DoFns share a process, while a check itself holds settings only and pickles.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
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


def place_of(array: Any) -> tuple[Any, ...]:
    """Where an Arrow array lies: equal for two that are one, as long as one of them is held."""
    return str(array.type), array.offset, len(array), *((b.address, b.size) if b else None for b in array.buffers())


def of_arrays(name: str, arrays: Sequence[Any], build: Callable[[], T], *more: Any) -> T:
    """What *build* makes of these very *arrays*, and of *more*: the thread's last answer under *name* is kept for the next
    check that asks of one batch. The arrays are held with it, so that nothing else comes to lie where they lie.
    """
    key = ([place_of(array) for array in arrays], more)
    held: dict[str, Any] = per_thread(("of arrays", name), dict)
    if held.get("key") != key:
        held.clear()
        held.update(found=build(), arrays=arrays, key=key)
    return cast("T", held["found"])


def installed(package: str) -> str:
    """The version of an installed package, looked up once a process: a work id asks for it a unit."""
    return once(("version", package), lambda: metadata.version(package))
