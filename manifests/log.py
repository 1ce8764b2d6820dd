"""The append-only log: one object an entry, created only if absent, each naming the digest of the one before it.

A checkpoint is derived from the entries (their number, and the RFC 9162 root over their bytes). It may be rewritten with
the same content and never goes backwards; copied outside the operator's reach it shows later that nothing was changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifests.lease import leased
from manifests.ledger import Ledger
from manifests.store import Store
from schemas.canonical import canonical_json, digest_of, parse_json, sha256_hex
from schemas.errors import StoreError
from schemas.ledger import LEDGER_FILE
from schemas.merkle import merkle_root

ENTRIES: Final = "log/entries"
CHECKPOINTS: Final = "log/checkpoints"
OPENED: Final = "ledger"
"""Kind of entry 0: {ledger_sha256}."""
SEALED: Final = "run"
"""Kind of a sealed run: {run, manifest_sha256, envelope_sha256 or null, signed}."""

GATED: Final = "gated"
"""Kind of a later gate result, ``runs/<run>/gates/<n>.json``: {run, gate: n, gate_sha256, …}."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. *digest*: sha256 of the entry's stored bytes; *prev*: that of the entry before, None for the first."""

    index: int
    kind: str
    body: Mapping[str, Any]
    prev: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log's state when it had *size* entries; *root* in hex."""

    size: int
    root: str


def append(ledger: Ledger, kind: str, body: Mapping[str, Any]) -> Entry:
    """Add one entry and write the checkpoint after it. Who loses a race reads the winner and appends after it."""
    if ledger.create_if_absent:
        open_log(ledger)
        entry = _append(ledger.store, kind, body)
    else:
        with leased(ledger.store, "log/lease.json", "corpusledger log"):
            open_log(ledger)
            entry = _append(ledger.store, kind, body, alone=True)
    write_checkpoint(ledger.store)
    return entry


def entries(store: Store) -> tuple[Entry, ...]:
    """Every entry in order, the chain checked; `StoreError` names the first one that is missing or changed."""
    found: list[Entry] = []
    for index, path in enumerate(store.list(ENTRIES)):
        if path != entry_path(index):
            msg = f"{store.place(entry_path(index))}: this log entry is missing; restore it from a copy"
            raise StoreError(msg)
        entry = _read(store, index)
        before = found[-1].digest if found else None
        if entry.prev != before:
            msg = f"{store.place(entry_path(index - 1))}: changed after it was written: entry {index} names another digest"
            raise StoreError(msg)
        found.append(entry)
    return tuple(found)


def head(store: Store) -> Entry | None:
    """The newest entry; None of an empty log."""
    paths = store.list(ENTRIES)
    return _read(store, len(paths) - 1) if paths else None


def write_checkpoint(store: Store) -> Checkpoint:
    """Derive the checkpoint of the log as it stands and write it, after holding it against the one before."""
    newest = newest_checkpoint(store)  # before the entries: another writer may add both between the two looks
    leaves = [store.get(path) for path in store.list(ENTRIES)]
    if newest is not None:
        problem = disagreement(store, newest, leaves)
        if problem:
            raise StoreError(problem)
    made = Checkpoint(len(leaves), merkle_root(leaves).hex())
    if newest != made:
        store.put(checkpoint_path(made.size), _checkpoint_bytes(made))
    return made


def disagreement(store: Store, checkpoint: Checkpoint, leaves: list[bytes]) -> str | None:
    """What is wrong between *checkpoint* and the entries' bytes; None where they agree."""
    place = store.place(checkpoint_path(checkpoint.size))
    if checkpoint.size > len(leaves):
        return _shorter(store, checkpoint, len(leaves))
    if merkle_root(leaves[: checkpoint.size]).hex() != checkpoint.root:
        return f"{place}: its root is not that of the first {checkpoint.size} entries; one or the other was changed"
    return None


def checkpoints(store: Store) -> tuple[Checkpoint, ...]:
    """Every stored checkpoint, smallest first."""
    return tuple(_read_checkpoint(store, size) for size in _checkpoint_sizes(store))


def newest_checkpoint(store: Store) -> Checkpoint | None:
    """The largest stored checkpoint."""
    sizes = _checkpoint_sizes(store)
    return _read_checkpoint(store, sizes[-1]) if sizes else None


def open_log(ledger: Ledger) -> None:
    """Entry 0, which holds ledger.json's digest; its bytes follow from ledger.json, so any process may be first."""
    if not ledger.store.exists(entry_path(0)):
        body = {"ledger_sha256": sha256_hex(ledger.store.get(LEDGER_FILE))}
        data = _entry_bytes(0, None, OPENED, body)
        if ledger.create_if_absent:
            ledger.store.put_new(entry_path(0), data)
        else:
            ledger.store.put(entry_path(0), data)


def entry_path(index: int) -> str:
    """``log/entries/<12 digits>.json``."""
    return f"{ENTRIES}/{index:012d}.json"


def checkpoint_path(size: int) -> str:
    """``log/checkpoints/<tree size>.json``."""
    return f"{CHECKPOINTS}/{size}.json"


def _shorter(store: Store, checkpoint: Checkpoint, entries: int) -> str:
    place = store.place(checkpoint_path(checkpoint.size))
    return f"{place}: counts {checkpoint.size} entries, the log has {entries}; entries are missing, restore them"


def _append(store: Store, kind: str, body: Mapping[str, Any], *, alone: bool = False) -> Entry:
    newest = newest_checkpoint(store)
    index = len(store.list(ENTRIES))
    if newest is not None and newest.size > index:  # an entry was lost: nothing may take its number
        raise StoreError(_shorter(store, newest, index))
    while True:
        prev = _read(store, index - 1).digest if index else None
        data = _entry_bytes(index, prev, kind, body)
        if alone:
            store.put(entry_path(index), data)
        if alone or store.put_new(entry_path(index), data):
            return Entry(index, kind, body, prev, sha256_hex(data))
        index += 1


def _entry_bytes(index: int, prev: str | None, kind: str, body: Mapping[str, Any]) -> bytes:
    value = {
        "format": 1,
        "index": index,
        "prev": prev,
        "kind": kind,
        "body": dict(body),
        "body_sha256": digest_of(body),
    }
    return canonical_json({**value, "entry_sha256": digest_of(value)})


def _read(store: Store, index: int) -> Entry:
    data = store.get(entry_path(index))
    try:
        value = parse_json(data)
        entry = Entry(int(value["index"]), str(value["kind"]), value["body"], value["prev"], sha256_hex(data))
        # Its own digest tells a changed entry from a changed neighbour; what a later writer added is covered too.
        told = value.pop("entry_sha256")
        whole = entry.index == index and digest_of(value) == told and digest_of(entry.body) == value["body_sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(store, entry_path(index)) from error
    if not whole:
        raise _damaged(store, entry_path(index))
    return entry


def _checkpoint_sizes(store: Store) -> list[int]:
    names = [path.rpartition("/")[2].removesuffix(".json") for path in store.list(CHECKPOINTS)]
    return sorted(int(name) for name in names if name.isdecimal())


def _read_checkpoint(store: Store, size: int) -> Checkpoint:
    data = store.get(checkpoint_path(size))
    try:
        checkpoint = Checkpoint(size, str(parse_json(data)["root"]))
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(store, checkpoint_path(size)) from error
    if data != _checkpoint_bytes(checkpoint):
        raise _damaged(store, checkpoint_path(size))
    return checkpoint


def _checkpoint_bytes(checkpoint: Checkpoint) -> bytes:
    return canonical_json({"format": 1, "root": checkpoint.root, "tree_size": checkpoint.size})


def _damaged(store: Store, path: str) -> StoreError:
    return StoreError(f"{store.place(path)}: is damaged; restore it from a copy")
