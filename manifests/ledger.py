"""A ledger: a store with `ledger.json` at its root, which says what format it has and what the store can do."""

import uuid
from contextlib import suppress
from dataclasses import dataclass

from manifests.store import Store, open_store
from schemas.canonical import canonical_json, parse_json
from schemas.errors import StoreError
from schemas.ledger import FORMAT, LEDGER_FILE, READER


@dataclass(frozen=True, slots=True)
class Ledger:
    """An opened ledger. Pickles to workers.

    *create_if_absent*: probed once, when the ledger was made. Where False only one writer at a time is allowed, and
    `manifests.log` takes a lease for each append.
    """

    store: Store
    created_by: str
    create_if_absent: bool
    format: int = FORMAT
    min_reader: int = READER

    @property
    def uri(self) -> str:
        """Where it lies."""
        return self.store.uri


def create_ledger(uri: str, created_by: str) -> Ledger:
    """Make a ledger at *uri*, or open the one another process has just made. *created_by*: product and version."""
    store = open_store(uri)
    can = _creates_if_absent(store)
    value = {
        "format": FORMAT,
        "min_reader": READER,
        "digest": "sha256",
        "created_by": created_by,
        "create_if_absent": can,
    }
    data = canonical_json(value)
    if not can:
        store.put(LEDGER_FILE, data)
    else:
        store.put_new(LEDGER_FILE, data)  # who loses reads the winner's
    return open_ledger(uri)


def open_ledger(uri: str) -> Ledger:
    """The ledger at *uri*. Refuses one that a newer program wrote, naming the version that reads it."""
    store = open_store(uri)
    place = store.place(LEDGER_FILE)
    if not store.exists(LEDGER_FILE):
        msg = f"{place}: there is no ledger here; check the path, or let `corpusledger run` make one"
        raise StoreError(msg)
    return read_ledger(store)


def read_ledger(store: Store) -> Ledger:
    """The ledger of *store*, from its `ledger.json`."""
    place = store.place(LEDGER_FILE)
    try:
        value = parse_json(store.get(LEDGER_FILE))
        found = Ledger(
            store, str(value["created_by"]), bool(value["create_if_absent"]),
            int(value["format"]), int(value["min_reader"]),
        )  # fmt: skip
        digest = value["digest"]
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{place}: is damaged; restore it from a copy"
        raise StoreError(msg) from error
    if found.min_reader > READER:
        msg = (
            f"{place}: asks for reader {found.min_reader}, this program is reader {READER};"
            f" it was written by {found.created_by}, that version or a later one reads it"
        )
        raise StoreError(msg)
    if digest != "sha256":
        msg = f"{place}: names its objects by {digest!r}, this program knows sha256; use {found.created_by} or later"
        raise StoreError(msg)
    return found


def open_or_create(uri: str, created_by: str) -> Ledger:
    """The ledger at *uri*, made if there is none."""
    if open_store(uri).exists(LEDGER_FILE):
        return open_ledger(uri)
    return create_ledger(uri, created_by)


def _creates_if_absent(store: Store) -> bool:
    """Does the store refuse the second of two creations? Asked once, under a name of its own."""
    probe = f"work/probe-{uuid.uuid4().hex}"
    store.put(probe, b"")  # a full, read-only or missing store speaks here, not as a lacking ability
    store.delete(probe)
    try:
        return store.put_new(probe, b"1") and not store.put_new(probe, b"2") and store.get(probe) == b"1"
    except StoreError:
        return False
    finally:
        with suppress(StoreError):  # a probe left behind does no harm
            store.delete(probe)
