"""Check a run or a whole ledger offline, from the signature down to every object's bytes; name the first thing wrong.

What a run that was cut short left behind, or wrote anew for its lists, is told as *unsealed*, which is no failure.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from manifests import log
from manifests.assessments import check_assessments, named_objects
from manifests.ledger import read_ledger
from manifests.manifest import verify_conservation
from manifests.reviews import check_reviews, named_review_objects
from manifests.runs import Sealed, load_manifest, sealed_run, sealed_runs
from manifests.seal import SealError, verify
from manifests.store import Store, UnreachableError, object_path
from manifests.tables import files_root, first_of_shard, in_place_order, objects_of, read_files, read_units, units_root
from schemas.canonical import parse_json, sha256_hex
from schemas.errors import LedgerError, StoreError
from schemas.ledger import LEDGER_FILE, NOT_LOOKED_AT, READ, UNREADABLE, envelope_path, manifest_path
from schemas.manifest import Manifest

_PIECE_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Verdict:
    """*problem*: the first thing that is wrong, None when nothing is; *notes*: what the reader must know besides."""

    runs: int = 0
    objects: int = 0
    object_bytes: int = 0
    problem: str | None = None
    notes: tuple[str, ...] = field(default=())


def verify_run(store: Store, run: str, keys: Sequence[Ed25519PublicKey] = ()) -> Verdict:
    """Check one sealed run and the log it stands in. *keys*: whose signature counts.

    Raises `UnreachableError` where the store could not be looked at: that is neither good nor bad.
    """
    return _first_wrong(store, keys, lambda: [sealed_run(store, run)])


def verify_ledger(store: Store, keys: Sequence[Ed25519PublicKey] = ()) -> Verdict:
    """Check the log and every sealed run in it; tell what is unsealed. Raises like `verify_run`."""
    verdict = _first_wrong(store, keys, lambda: sealed_runs(store))
    if verdict.problem is not None:
        return verdict
    return replace(verdict, notes=(*verdict.notes, *_unsealed(store)))


def _first_wrong(store: Store, keys: Sequence[Ed25519PublicKey], runs: Callable[[], Iterable[Sealed]]) -> Verdict:
    verdict = Verdict()
    try:
        _check_log(store)
        seen: set[str] = set()
        for sealed in runs():
            notes = _check_seal(store, sealed, keys)
            _check_gates(store, sealed.run)
            objects, size = _check_run(store, load_manifest(store, sealed), seen)
            verdict = Verdict(
                verdict.runs + 1, verdict.objects + objects, verdict.object_bytes + size, None, (*verdict.notes, *notes)
            )
        of_people = (*check_assessments(store, keys), *check_reviews(store, keys))
        verdict = replace(verdict, notes=(*verdict.notes, *of_people))
    except UnreachableError:
        raise
    except LedgerError as error:
        return replace(verdict, problem=str(error))
    return verdict


def _check_log(store: Store) -> None:
    read_ledger(store)
    found = log.entries(store)
    if found and (
        found[0].kind != log.OPENED or found[0].body.get("ledger_sha256") != sha256_hex(store.get(LEDGER_FILE))
    ):
        msg = f"{store.place(LEDGER_FILE)}: is not the one the log began with; restore it from a copy"
        raise StoreError(msg)
    leaves = [store.get(log.entry_path(entry.index)) for entry in found]
    for checkpoint in log.checkpoints(store):
        problem = log.disagreement(store, checkpoint, leaves)
        if problem:
            raise StoreError(problem)


def _check_seal(store: Store, sealed: Sealed, keys: Sequence[Ed25519PublicKey]) -> list[str]:
    place = store.place(envelope_path(sealed.run))
    if sealed.envelope_sha256 is None:
        if keys:
            msg = f"{place}: run {sealed.run} was logged as unsigned, though a trusted key was named; do not rely on it"
            raise SealError(msg)
        return [f"run {sealed.run} is unsigned: no key was at hand when it was sealed"]
    envelope = store.get(envelope_path(sealed.run))
    if sha256_hex(envelope) != sealed.envelope_sha256:
        msg = f"{place}: its bytes do not hash to the digest in the log; it was changed, restore it from a copy"
        raise SealError(msg)
    if not keys:
        return [f"run {sealed.run} is signed, the signature was not checked: name the public key by --key"]
    try:
        seal = verify(envelope, keys)
    except SealError as error:
        msg = f"{place}: {error}"
        raise SealError(msg) from error
    if (seal.run, seal.manifest_sha256) != (sealed.run, sealed.manifest_sha256):
        msg = f"{place}: signs another manifest than the log names; one of the two was changed"
        raise SealError(msg)
    return []


def _check_gates(store: Store, run: str) -> None:
    for entry in log.entries(store):
        if entry.kind == log.GATED and entry.body.get("run") == run:
            path = f"runs/{run}/gates/{entry.body.get('gate')}.json"
            if sha256_hex(store.get(path)) != entry.body.get("gate_sha256"):
                msg = f"{store.place(path)}: its bytes do not hash to the digest in the log; it was changed, restore it from a copy"
                raise StoreError(msg)


def _check_run(store: Store, manifest: Manifest, seen: set[str]) -> tuple[int, int]:
    """Everything below the manifest; returns how many objects were hashed for it, and their bytes."""
    place = store.place(manifest_path(manifest.run))
    for problem in verify_conservation(manifest):
        msg = f"{place}: {problem}; something vanished, do not rely on this run"
        raise StoreError(msg)
    units = read_units(store, manifest)
    if not in_place_order(units).equals(units) or units_root(units) != manifest.units.root:
        msg = f"{place}: the root over the shards in units/ is another than the manifest's; it was changed"
        raise StoreError(msg)
    for problem in units_against_counts(units, manifest):
        msg = f"{place}: {problem}; the tables and the counts disagree, do not rely on this run"
        raise StoreError(msg)
    files = read_files(store, manifest)
    if files_root(files) != manifest.files.root:
        msg = f"{place}: the root over files.parquet is another than the manifest's; it was changed"
        raise StoreError(msg)
    return _check_objects(store, _named(units, files), seen)


def units_against_counts(units: pa.Table, manifest: Manifest) -> list[str]:
    """Every count of the manifest that the UNITS rows do not bear out; one sentence each."""
    counts = manifest.counts
    shards = first_of_shard(units)
    statuses = shards.column("status").to_pylist()
    alone: dict[str, int] = {}
    for text in units.column("unread_by").to_pylist():
        for check, rows in ({} if text is None else parse_json(text)).items():
            alone[check] = alone.get(check, 0) + rows
    told = [
        ("files listed", counts.files.listed, shards.num_rows),
        ("files read", counts.files.read, statuses.count(READ)),
        ("files not looked at", counts.files.not_looked_at, statuses.count(NOT_LOOKED_AT)),
        ("files unreadable", counts.files.unreadable, statuses.count(UNREADABLE)),
        ("bytes listed", counts.files.listed_bytes, _sum(shards.column("shard_bytes"))),
        ("records read", counts.records.read, _sum(units.column("rows"))),
        ("records unread", counts.records.unread, _sum(units.column("records_unread"))),
        *(
            (f"records unread by {c.check}", c.unread, counts.records.unread + alone.get(c.check, 0))
            for c in counts.checks
        ),
    ]
    return [f"{name} {said}, in units/ {found}" for name, said, found in told if said != found]


def _named(units: pa.Table, files: pa.Table) -> Iterator[tuple[str, str, int | None]]:
    for work, role, digest, size, _ in objects_of(units):
        yield f"{role} of {work}", digest, size
    for name, digest in zip(files.column("name").to_pylist(), files.column("digest").to_pylist(), strict=True):
        yield name, digest, None


def _check_objects(store: Store, named: Iterable[tuple[str, str, int | None]], seen: set[str]) -> tuple[int, int]:
    count = size = 0
    for name, digest, expected in named:
        place = store.place(object_path(digest))
        if digest not in seen:
            if not store.exists(object_path(digest)):
                msg = f"{place}: is missing ({name}); restore it from a copy"
                raise StoreError(msg)
            found, length = _hashed(store, object_path(digest))
            if found != digest:
                msg = f"{place}: its bytes do not hash to its name ({name}); it was changed, restore it from a copy"
                raise StoreError(msg)
            seen.add(digest)
            count, size = count + 1, size + length
        if expected is not None and expected != store.size(object_path(digest)):
            msg = f"{place}: is not as long as units/ says ({name}); the table was changed"
            raise StoreError(msg)
    return count, size


def _hashed(store: Store, path: str) -> tuple[str, int]:
    """sha256 hex and length of a file, read in pieces of 64 MiB."""
    length, running = store.size(path), sha256()
    for start in range(0, length, _PIECE_BYTES):
        running.update(store.get_range(path, start, _PIECE_BYTES))
    return running.hexdigest(), length


def _unsealed(store: Store) -> list[str]:
    sealed = sealed_runs(store)
    known = {s.run for s in sealed}
    started = {path.split("/")[1] for top in ("work", "runs") for path in store.list(top) if path.count("/") > 1}
    notes = [
        f"unsealed: run {run} was started and not sealed; run it again or collect it" for run in sorted(started - known)
    ]
    named: set[str] = set()
    for one in sealed:
        manifest = load_manifest(store, one)
        named.update(digest for _, digest, _ in _named(read_units(store, manifest), read_files(store, manifest)))
    named.update(named_objects(store))
    named.update(named_review_objects(store))
    loose = [path for path in store.list("objects") if path.rpartition("/")[2] not in named]
    told = f"{len(loose)} objects" if len(loose) != 1 else "1 object"
    return [*notes, *([f"unsealed: {told} that no sealed run names"] if loose else [])]


def _sum(column: pa.ChunkedArray) -> int:
    return int(pc.sum(column).as_py() or 0)
