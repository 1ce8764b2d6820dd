"""A named claim with an end: who may write now, where a store cannot create-if-absent, or while a run is alive."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import sleep, time
from typing import Final

from manifests.store import Store
from schemas.canonical import canonical_json, parse_json
from schemas.errors import StoreError

SECONDS: Final = 300
"""How long a lease holds unless renewed; past its end anybody may take it."""
_SETTLE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Lease:
    """One claim on *path*; *token* is the holder's own, *until_s* seconds since 1970 by the holder's clock."""

    path: str
    holder: str
    token: str
    until_s: int


def take(
    store: Store, path: str, holder: str, seconds: int = SECONDS, clock: Callable[[], float] = time
) -> Lease | None:
    """A lease on *path*, or None while another's holds. Exactly one of racing takers wins where the store can promise it.

    An expired lease is replaced by a plain put and read back after two seconds: the last of racing writers keeps it.
    """
    mine = Lease(path, holder, uuid.uuid4().hex, int(clock()) + seconds)
    held = held_by(store, path)
    if held is not None and held.until_s > int(clock()):
        return None
    if held is None:
        try:
            return mine if store.put_new(path, _bytes(mine)) else None
        except StoreError:  # the store cannot create-if-absent: the way below is all there is
            pass
    store.put(path, _bytes(mine))
    sleep(_SETTLE_S)
    return mine if held_by(store, path) == mine else None


def renew(store: Store, lease: Lease, seconds: int = SECONDS, clock: Callable[[], float] = time) -> Lease:
    """The same claim with a later end; `StoreError` when somebody else has it by now."""
    if held_by(store, lease.path) != lease:
        msg = f"{store.place(lease.path)}: the lease is no longer ours; another writer took over, stop and run again"
        raise StoreError(msg)
    longer = Lease(lease.path, lease.holder, lease.token, int(clock()) + seconds)
    store.put(lease.path, _bytes(longer))
    return longer


def release(store: Store, lease: Lease) -> None:
    """Give the claim back; no harm when it is somebody else's by now."""
    if held_by(store, lease.path) == lease:
        store.delete(lease.path)


def held_by(store: Store, path: str) -> Lease | None:
    """The lease that stands at *path*, expired or not; None where there is none, or none that can be read."""
    if not store.exists(path):
        return None
    try:
        value = parse_json(store.get(path))
        return Lease(path, str(value["holder"]), str(value["token"]), int(value["until_s"]))
    except (StoreError, ValueError, KeyError, TypeError):  # given back meanwhile, or no lease at all: nobody's
        return None


@contextmanager
def leased(store: Store, path: str, holder: str, seconds: int = SECONDS) -> Iterator[Lease]:
    """Hold *path* for the block; `StoreError` at once when another holds it."""
    lease = take(store, path, holder, seconds)
    if lease is None:
        other = held_by(store, path)
        name = other.holder if other else "another writer"
        msg = f"{store.place(path)}: {name} is writing; wait until it ends, or at most {seconds} s if it is gone"
        raise StoreError(msg)
    try:
        yield lease
    finally:
        release(store, lease)


def _bytes(lease: Lease) -> bytes:
    return canonical_json({"holder": lease.holder, "token": lease.token, "until_s": lease.until_s})
