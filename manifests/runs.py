"""Seal a run into its ledger, and find sealed runs again: by the log, never by what happens to lie in a folder."""

from dataclasses import dataclass
from pathlib import Path

from manifests.ledger import Ledger
from manifests.log import SEALED, Entry, append, entries, head
from manifests.manifest import decode, encode
from manifests.store import Store
from schemas.canonical import sha256_hex
from schemas.errors import StoreError
from schemas.ledger import envelope_path, manifest_path
from schemas.manifest import LogHead, Manifest


@dataclass(frozen=True, slots=True)
class Sealed:
    """A run in the log: its manifest's sha256, its envelope's (None: unsigned), and the number of its entry."""

    run: str
    manifest_sha256: str
    envelope_sha256: str | None
    index: int

    @property
    def signed(self) -> bool:
        """Was a key at hand when it was sealed? Whether the signature holds is `manifests.verify`'s answer."""
        return self.envelope_sha256 is not None


def seal_run(ledger: Ledger, manifest: Manifest, key: Path | None) -> Sealed:
    """Write manifest.json and its signature, then the log entry that makes the run part of the ledger.

    Without *key* the run is logged as unsigned. Done again with the same manifest it goes on where it stopped; another
    manifest of a run that is sealed is refused.
    """
    from manifests.seal import sign  # reading sealed runs needs no cryptography

    store, run = ledger.store, manifest.run
    found = {s.run: s for s in sealed_runs(store)}.get(run)
    data = encode(manifest)
    if found is not None and found.manifest_sha256 != sha256_hex(data):
        msg = (
            f"{store.place(manifest_path(run))}: this run is sealed with another manifest; give the new run its own id"
        )
        raise StoreError(msg)
    if found is not None:
        return found
    envelope = None if key is None else sign(data, run, key)
    store.put(manifest_path(run), data)
    if envelope is not None:
        store.put(envelope_path(run), envelope)
    digest = None if envelope is None else sha256_hex(envelope)
    body = {"run": run, "manifest_sha256": sha256_hex(data), "envelope_sha256": digest, "signed": digest is not None}
    return _sealed(append(ledger, SEALED, body))


def refuse_sealed(store: Store, run: str) -> None:
    """`StoreError` when *run* is sealed: its tables are never written again."""
    if any(sealed.run == run for sealed in sealed_runs(store)):
        msg = f"{store.place(manifest_path(run))}: this run is sealed; give the new run its own id"
        raise StoreError(msg)


def log_head(store: Store) -> LogHead | None:
    """What a new manifest names as the log before it."""
    newest = head(store)
    return None if newest is None else LogHead(newest.index, newest.digest)


def sealed_runs(store: Store) -> tuple[Sealed, ...]:
    """Every sealed run, in the log's order."""
    return tuple(_sealed(entry) for entry in entries(store) if entry.kind == SEALED)


def sealed_run(store: Store, run: str) -> Sealed:
    """The run's place in the log; `StoreError` names the runs there are."""
    found = sealed_runs(store)
    for sealed in found:
        if sealed.run == run:
            return sealed
    known = ", ".join(s.run for s in found[-5:]) or "none"
    msg = f"{store.place('log')}: no sealed run {run!r}; the newest are: {known}"
    raise StoreError(msg)


def load_manifest(store: Store, sealed: Sealed) -> Manifest:
    """The manifest of a sealed run, its bytes held against the digest in the log."""
    place = store.place(manifest_path(sealed.run))
    data = store.get(manifest_path(sealed.run))
    if sha256_hex(data) != sealed.manifest_sha256:
        msg = f"{place}: its bytes do not hash to the digest in the log; it was changed, restore it from a copy"
        raise StoreError(msg)
    return decode(data, place)


def _sealed(entry: Entry) -> Sealed:
    body = entry.body
    return Sealed(body["run"], body["manifest_sha256"], body["envelope_sha256"], entry.index)
