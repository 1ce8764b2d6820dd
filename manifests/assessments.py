"""Assessments of sources in the ledger: an object each, signed where a key is at hand, and the log entry that dates it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from manifests.ledger import Ledger
from manifests.log import Entry, append, entries
from manifests.store import Store, object_path
from schemas.assessment import ASSESSED, NONE, PREDICATE, Assessment, chosen, figure_before, timing
from schemas.canonical import canonical_json, parse_json
from schemas.described import as_json, from_json
from schemas.errors import StoreError
from schemas.manifest import Registry, SourceAssessment, SourceEntry


@dataclass(frozen=True, slots=True)
class Recorded:
    """One assessment of the log. *entry*, *entry_sha256*: where; *sha256*: of its object; *envelope*: None where unsigned."""

    source: str
    assessed: str
    entry: int
    entry_sha256: str
    sha256: str
    envelope: str | None


def record_assessment(ledger: Ledger, assessment: Assessment, key: Path | None) -> Recorded:
    """Keep *assessment* as an object, sign it with the Ed25519 key at *key* (None: unsigned), and append it to the log."""
    from manifests.seal import sign_statement, statement_on  # reading needs no cryptography

    store = ledger.store
    digest = store.put_object(canonical_json(as_json(assessment)))
    envelope = None
    if key is not None:
        told = statement_on(object_path(digest), digest, PREDICATE, {"source": assessment.source})
        envelope = store.put_object(sign_statement(told, key))
    body = {
        "source": assessment.source, "assessed": assessment.assessed, "reviewer": assessment.reviewer,
        "sample_sha256": assessment.sample.sha256, "assessment_sha256": digest, "envelope_sha256": envelope,
        "signed": envelope is not None,
    }  # fmt: skip
    return _recorded(store, append(ledger, ASSESSED, body))


def assessments_of(store: Store, source: str | None = None) -> tuple[Recorded, ...]:
    """Every assessment of the log, or those of *source*, in the log's order."""
    found = (_recorded(store, entry) for entry in entries(store) if entry.kind == ASSESSED)
    return tuple(one for one in found if source is None or one.source == source)


def load_assessment(store: Store, recorded: Recorded) -> Assessment:
    """The assessment itself, its bytes held against the digest in the log."""
    place = store.place(object_path(recorded.sha256))
    try:
        value = parse_json(store.get_object(recorded.sha256))
    except ValueError as error:
        msg = f"{place}: is no assessment; restore it from a copy"
        raise StoreError(msg) from error
    return from_json(Assessment, value, place)


def with_assessments(store: Store, registry: Registry) -> Registry:
    """*registry* with, for each source, the assessment that counts: the newest before its collection, else the newest."""
    held: dict[str, list[Recorded]] = {}
    for one in assessments_of(store):
        held.setdefault(one.source, []).append(one)
    return replace(registry, sources=tuple(_with(store, entry, held.get(entry.id, ())) for entry in registry.sources))


def standing_of(store: Store, collected: Mapping[str, str | None]) -> dict[str, tuple[str, int | None]]:
    """What the log says today of each source, by id: (one of `STANDINGS`, the share before collection, None where unknown).

    *collected*: source -> the day on which its collection began, ISO date; None: not declared.
    """
    held: dict[str, list[Recorded]] = {source: [] for source in collected}
    for one in assessments_of(store):
        held.get(one.source, []).append(one)
    return {source: _standing(store, held[source], day) for source, day in collected.items()}


def named_objects(store: Store) -> Iterator[str]:
    """The digests of objects that assessments of the log name."""
    for one in assessments_of(store):
        yield from (digest for digest in (one.sha256, one.envelope) if digest is not None)


def check_assessments(store: Store, keys: Sequence[Ed25519PublicKey] = ()) -> list[str]:
    """Hold every assessment against the log and, where *keys* are given, its signature; gives what a reader must know.

    Raises `LedgerError` for the first that is wrong.
    """
    from manifests.seal import SealError, opened

    notes = []
    for one in assessments_of(store):
        found = load_assessment(store, one)
        place = store.place(object_path(one.sha256))
        if (found.source, found.assessed) != (one.source, one.assessed):
            msg = f"{place}: is of another source or time than the log's entry {one.entry}; one of the two was changed"
            raise StoreError(msg)
        if one.envelope is None:
            notes.append(f"the assessment of source {one.source} (log entry {one.entry}) is unsigned")
            continue
        envelope = store.get_object(one.envelope)
        if not keys:
            notes.append(
                f"the assessment of source {one.source} is signed, the signature was not checked: name the key by --key"
            )
            continue
        try:
            _, statement = opened(envelope, keys)
        except SealError as error:
            msg = f"{store.place(object_path(one.envelope))}: {error}"
            raise SealError(msg) from error
        if not _states(statement, one):
            msg = (
                f"{store.place(object_path(one.envelope))}: signs something else than the assessment that the log names"
            )
            raise SealError(msg)
    return notes


def _standing(store: Store, held: Sequence[Recorded], day: str | None) -> tuple[str, int | None]:
    place = chosen([one.assessed for one in held], day)
    if place is None:
        return NONE, None
    when = timing(held[place].assessed, day)
    return when, figure_before(load_assessment(store, held[place]).unlawful_ppm, when).ppm


def _states(statement: Any, one: Recorded) -> bool:
    wanted = {"name": object_path(one.sha256), "digest": {"sha256": one.sha256}}
    told = {"subject": [wanted], "predicateType": PREDICATE, "predicate": {"source": one.source}}
    return {key: statement.get(key) for key in told} == told


def _with(store: Store, entry: SourceEntry, held: Sequence[Recorded]) -> SourceEntry:
    day = entry.declared.get("collected_from")
    place = chosen([one.assessed for one in held], day)
    if place is None:
        return entry
    one = held[place]
    found = load_assessment(store, one)
    told = SourceAssessment(
        one.sha256, one.entry, one.assessed, timing(one.assessed, day), found.sample.sha256, found.sample.looked_at,
        one.envelope is not None, found.unlawful_ppm,
    )  # fmt: skip
    return replace(entry, assessment=told)


def _recorded(store: Store, entry: Entry) -> Recorded:
    body = entry.body
    try:
        return Recorded(
            str(body["source"]), str(body["assessed"]), entry.index, entry.digest, str(body["assessment_sha256"]),
            body["envelope_sha256"],
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        msg = f"{store.place('log')}: entry {entry.index} is no whole assessment; it was written by another version, use that"
        raise StoreError(msg) from error
