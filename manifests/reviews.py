"""Draws and reviews in the ledger: objects, signed where a key is at hand, and the log entries that date them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from manifests.ledger import Ledger
from manifests.log import Entry, append, entries
from manifests.parquet import parquet_bytes, read_parquet
from manifests.review_groups import groups_of
from manifests.runs import sealed_run
from manifests.store import Store, object_path
from schemas.canonical import canonical_json, parse_json
from schemas.described import as_json, from_json
from schemas.errors import StoreError
from schemas.review import DRAWN, PREDICATE, REVIEWED, ROWS, ROWS_NAME, VERDICT_ROWS, VERDICTS_NAME, Draw, Review

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DrawEntry:
    """A draw of the log: its *plan* on *run*; *sha256*: of its object."""

    run: str
    plan: str
    drawn: str
    entry: int
    sha256: str
    again: str | None


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """A review of the log; *draw*, *sha256*: of the two objects; *envelope*: None where unsigned."""

    run: str
    plan: str
    reviewed: str
    entry: int
    entry_sha256: str
    draw: str
    sha256: str
    envelope: str | None


def put_rows(store: Store, rows: pa.Table) -> str:
    """Keep the ROWS of a draw; gives their sha256."""
    return store.put_object(parquet_bytes(rows.select(ROWS.names).cast(ROWS), ROWS_NAME))


def put_verdicts(store: Store, rows: pa.Table) -> str:
    """Keep the VERDICT_ROWS of a review; gives their sha256."""
    return store.put_object(parquet_bytes(rows.select(VERDICT_ROWS.names).cast(VERDICT_ROWS), VERDICTS_NAME))


def record_draw(ledger: Ledger, draw: Draw) -> DrawEntry:
    """Keep *draw* as an object and append it to the log: before anybody sees a worksheet."""
    digest = ledger.store.put_object(canonical_json(as_json(draw)))
    body = {
        "run": draw.run, "plan": draw.plan.id, "drawn": draw.drawn, "manifest_sha256": draw.manifest_sha256,
        "draw_sha256": digest, "rows": draw.rows, "again": draw.again,
    }  # fmt: skip
    return _draw(ledger.store, append(ledger, DRAWN, body))


def record_review(ledger: Ledger, review: Review, key: Path | None) -> ReviewEntry:
    """Keep *review* as an object, sign it with the Ed25519 key at *key* (None: unsigned), and append it to the log."""
    from manifests.seal import sign_statement, statement_on  # reading needs no cryptography

    store = ledger.store
    digest = store.put_object(canonical_json(as_json(review)))
    envelope = None
    if key is not None:
        told = statement_on(object_path(digest), digest, PREDICATE, {"run": review.run, "plan": review.plan})
        envelope = store.put_object(sign_statement(told, key))
    body = {
        "run": review.run, "plan": review.plan, "reviewed": review.reviewed, "draw_sha256": review.draw_sha256,
        "review_sha256": digest, "envelope_sha256": envelope, "signed": envelope is not None,
    }  # fmt: skip
    return _review(store, append(ledger, REVIEWED, body))


def draws_of(store: Store, run: str | None = None, plan: str | None = None) -> tuple[DrawEntry, ...]:
    """Every draw of the log, or those on *run* and of *plan*, in the log's order."""
    found = (_draw(store, entry) for entry in entries(store) if entry.kind == DRAWN)
    return tuple(one for one in found if run in (None, one.run) and plan in (None, one.plan))


def reviews_of(store: Store, run: str | None = None) -> tuple[ReviewEntry, ...]:
    """Every review of the log, or those of *run*, in the log's order."""
    found = (_review(store, entry) for entry in entries(store) if entry.kind == REVIEWED)
    return tuple(one for one in found if run in (None, one.run))


def newest_of(store: Store, run: str) -> tuple[tuple[ReviewEntry, Review], ...]:
    """Of each plan the newest review of *run*, plans in the order in which they were first reviewed."""
    newest = {one.plan: one for one in reviews_of(store, run)}
    return tuple((one, load_review(store, one.sha256)) for one in newest.values())


def load_draw(store: Store, sha256: str) -> Draw:
    """The draw itself, its bytes held against their digest."""
    return _loaded(store, sha256, Draw)


def load_review(store: Store, sha256: str) -> Review:
    """The review itself, its bytes held against their digest."""
    return _loaded(store, sha256, Review)


def drawn_rows(store: Store, draw: Draw) -> pa.Table:
    """The ROWS of a draw."""
    place = store.place(object_path(draw.rows_sha256))
    return read_parquet(store.get_object(draw.rows_sha256), place, ROWS)


def verdict_rows(store: Store, review: Review) -> pa.Table:
    """The VERDICT_ROWS of a review."""
    place = store.place(object_path(review.verdicts_sha256))
    return read_parquet(store.get_object(review.verdicts_sha256), place, VERDICT_ROWS)


def named_review_objects(store: Store) -> Iterator[str]:
    """The digests of objects that draws and reviews of the log name."""
    for drawn in draws_of(store):
        yield drawn.sha256
        yield load_draw(store, drawn.sha256).rows_sha256
    for one in reviews_of(store):
        yield from (digest for digest in (one.sha256, one.envelope) if digest is not None)
        yield load_review(store, one.sha256).verdicts_sha256


def check_reviews(store: Store, keys: Sequence[Ed25519PublicKey] = ()) -> list[str]:
    """Hold every draw and review against log, seal and each other, and signatures where *keys* are given.

    Gives what a reader must know; raises `LedgerError` for the first that is wrong.
    """
    drawn = {one.sha256: one for one in draws_of(store)}
    for one in drawn.values():
        draw = load_draw(store, one.sha256)
        place = store.place(object_path(one.sha256))
        if (draw.run, draw.plan.id, draw.drawn, draw.again) != (one.run, one.plan, one.drawn, one.again):
            raise StoreError(f"{place}: is another draw than the log's entry {one.entry}; one of the two was changed")
        sealed = sealed_run(store, one.run)
        if draw.manifest_sha256 != sealed.manifest_sha256 or sealed.index > one.entry:
            raise StoreError(f"{place}: was not drawn from the sealed run {one.run}; do not rely on its reviews")
        if drawn_rows(store, draw).num_rows != draw.rows:
            raise StoreError(f"{place}: does not have the rows that it says; restore it from a copy")
    notes = []
    for told in reviews_of(store):
        review = load_review(store, told.sha256)
        place = store.place(object_path(told.sha256))
        if (review.run, review.plan, review.reviewed, review.draw_sha256) != (
            told.run, told.plan, told.reviewed, told.draw,
        ):  # fmt: skip
            raise StoreError(
                f"{place}: is another review than the log's entry {told.entry}; one of the two was changed"
            )
        if told.draw not in drawn or drawn[told.draw].entry > told.entry:
            raise StoreError(f"{place}: no draw of the log came before it; do not rely on it")
        try:
            draw = load_draw(store, told.draw)
            found = groups_of(draw, drawn_rows(store, draw), verdict_rows(store, review), review.people)
        except (ValueError, KeyError) as error:
            raise StoreError(f"{place}: its verdicts are not of its draw; restore it from a copy") from error
        if found != review.groups:
            raise StoreError(f"{place}: its verdicts come to something else than it says; do not rely on it")
        notes += _signature(store, told, keys)
    return notes


def _signature(store: Store, told: ReviewEntry, keys: Sequence[Ed25519PublicKey]) -> list[str]:
    from manifests.seal import SealError, opened

    name = f"the review of run {told.run} by plan {told.plan} (log entry {told.entry})"
    if told.envelope is None:
        return [f"{name} is unsigned"]
    envelope = store.get_object(told.envelope)
    if not keys:
        return [f"{name} is signed, the signature was not checked: name the key by --key"]
    place = store.place(object_path(told.envelope))
    try:
        _, statement = opened(envelope, keys)
    except SealError as error:
        raise SealError(f"{place}: {error}") from error
    wanted = {
        "subject": [{"name": object_path(told.sha256), "digest": {"sha256": told.sha256}}],
        "predicateType": PREDICATE, "predicate": {"run": told.run, "plan": told.plan},
    }  # fmt: skip
    if {key: statement.get(key) for key in wanted} != wanted:
        raise SealError(f"{place}: signs something else than the review that the log names")
    return []


def _loaded(store: Store, sha256: str, kind: type[T]) -> T:
    place = store.place(object_path(sha256))
    try:
        value = parse_json(store.get_object(sha256))
    except ValueError as error:
        raise StoreError(f"{place}: is no {kind.__name__.lower()}; restore it from a copy") from error
    return from_json(kind, value, place)


def _draw(store: Store, entry: Entry) -> DrawEntry:
    body = entry.body
    try:
        return DrawEntry(
            str(body["run"]),
            str(body["plan"]),
            str(body["drawn"]),
            entry.index,
            str(body["draw_sha256"]),
            body["again"],
        )
    except (KeyError, TypeError) as error:
        raise _broken(store, entry) from error


def _review(store: Store, entry: Entry) -> ReviewEntry:
    body: Any = entry.body
    try:
        return ReviewEntry(
            str(body["run"]), str(body["plan"]), str(body["reviewed"]), entry.index, entry.digest, str(body["draw_sha256"]),
            str(body["review_sha256"]), body["envelope_sha256"],
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise _broken(store, entry) from error


def _broken(store: Store, entry: Entry) -> StoreError:
    return StoreError(
        f"{store.place('log')}: entry {entry.index} is no whole {entry.kind}; it was written by another version, use that"
    )
