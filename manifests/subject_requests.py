"""Requests to be erased: recorded in the log with their proof, and read from there by every later run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from manifests.ledger import Ledger
from manifests.log import Entry, append, entries
from manifests.store import Store
from manifests.subjects import Answer, Identifier
from schemas.errors import RunError, StoreError
from schemas.subjects import REQUESTED

MOST_CONTENT_IDS: Final = 100_000
"""Of one request: 6.7 MB in the log, which every append reads."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. *number*: from 1; *entry*, *entry_sha256*: where the log has it; *identifiers*: keyed HMACs, never values;
    *content_ids*: hex, of the records in which the value was found then; *runs*: in which they were; *recorded*: UTC.
    """

    number: int
    recorded: str
    identifiers: tuple[Identifier, ...]
    content_ids: tuple[str, ...]
    runs: tuple[str, ...]
    records: int
    entry: int
    entry_sha256: str


def record_request(ledger: Ledger, identifiers: Sequence[Identifier], answer: Answer, recorded: str) -> Request:
    """Append a request for *identifiers*, with what *answer* found of them; gives it with its number.

    Raises `RunError` where too many records are found to be listed.
    """
    found = sorted({r.content_id for r in answer.records if r.content_id is not None})
    if len(found) > MOST_CONTENT_IDS:
        raise RunError(
            f"{ledger.uri}: {len(found)} records hold the value, at most {MOST_CONTENT_IDS} fit into one request; is it one person's?"
        )
    number = 1 + max((r.number for r in requests_of(ledger.store)), default=0)
    body = {
        "request": number, "recorded": recorded,
        "identifiers": [{"entity": i.entity, "hmac": i.hmac.hex(), "key_id": i.key_id} for i in identifiers],
        "content_ids": found, "runs": sorted({run for run, _ in answer.found}), "records": sum(answer.found.values()),
    }  # fmt: skip
    entry = append(ledger, REQUESTED, body)
    # Two at once may take one number; the log's order tells them apart, and rules name what the log says.
    return _request(ledger.store, entry, [r.number for r in requests_of(ledger.store) if r.entry < entry.index])


def requests_of(store: Store) -> tuple[Request, ...]:
    """Every request of the log, in its order; their numbers are their order."""
    found: list[Request] = []
    for entry in entries(store):
        if entry.kind == REQUESTED:
            found.append(_request(store, entry, [r.number for r in found]))
    return tuple(found)


def _request(store: Store, entry: Entry, before: Sequence[int]) -> Request:
    body: Mapping[str, Any] = entry.body
    try:
        identifiers = tuple(Identifier(i["entity"], i["key_id"], bytes.fromhex(i["hmac"])) for i in body["identifiers"])
        return Request(
            len(before) + 1, str(body["recorded"]), identifiers, tuple(body["content_ids"]), tuple(body["runs"]),
            int(body["records"]), entry.index, entry.digest,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{store.place('log')}: entry {entry.index} is no whole request; it was written by another version, use that"
        raise StoreError(msg) from error
