"""Records that a list of the customer's takes out: no live authorisation, a person who refused, a blocked site, a takedown.

Every row is looked up in lists of digests, worked out once a distinct value. Without lists there is nothing to look up,
which is not zero; and a list that is missing, stale or under another key leaves its measures unknown, though what it holds
is still found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, records_measure, registry_value
from checks.duplicates.content import content_ids, ids_of
from checks.listed.hosts import blocked
from checks.listed.index import (
    AUTHORISATIONS,
    BLOCKED,
    JOINED,
    KEY_BYTES,
    REFUSALS,
    STATES,
    TAKEDOWNS,
    Shelf,
    held_lists,
    keys_from,
)
from checks.listed.people import AUTHORED, fingerprints, pseudonyms
from checks.personal import Personal
from checks.personal.shared import findings_of
from schemas.canonical import canonical_json, parse_json
from schemas.finding import FINDING, ORDER
from schemas.shares import share_ppm

NO_USER: Final = "no-user"
UNKNOWN_USER: Final = "unknown-user"
UNAUTHORISED: Final = (NO_USER, UNKNOWN_USER, *STATES[1:])
"""Why a record of user input has no live authorisation; rules are ``listed.<word>``."""
REFUSED, BLOCKED_SITE, TAKEN_DOWN = "refused", "blocked-site", "taken-down"
_USER_INPUT: Final = "user-input"
_CLASS: Final = "source.class"
_PARENT, _HOST = 1, 2
_OF: Final[Mapping[str, tuple[str, ...]]] = {
    AUTHORISATIONS: (
        "user_input_records", "unauthorised_records", "unauthorised_records_ppm",
        *map(records_measure, UNAUTHORISED),
    ),
    REFUSALS: ("refused_records", "refused_author_records"),
    BLOCKED: ("blocked_site_records",),
    TAKEDOWNS: ("taken_down_records",),
}  # fmt: skip
"""List -> the measures that are unknown without it."""
HITS: Final[Mapping[str, str]] = {
    AUTHORISATIONS: "unauthorised_records", REFUSALS: "refused_records", BLOCKED: "blocked_site_records",
    TAKEDOWNS: "taken_down_records",
}  # fmt: skip
"""List -> the measure that counts the records it takes out."""


class _Found(NamedTuple):
    """Findings of one kind: *at*, places in the batch, rising; *where*: PERSONAL_FINDING rows whose places they have, or None."""

    rule: str
    at: npt.NDArray[np.int64]
    detail: list[str]
    where: pa.Table | None = None


@dataclass(frozen=True)
class Listed(Check):
    """Find records that a list takes out; name the list's word, never a value.

    All settings follow from `lists` of run.yaml: *index*, sha256 of the object of entries; *joined*, the lists named;
    *unknown*, those of them that say nothing for certain (missing, stale, other key); *key_id* of the fingerprints;
    *personal*, the settings of the check that finds personal values, as canonical JSON, where refusals are joined.
    """

    name: ClassVar[str] = "listed"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 512
    reads: ClassVar[tuple[str, ...]] = (_CLASS,)
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records held against at least one list"),
        Measure("listed_records", "records", "records that at least one list takes out, lists that are stale too"),
        Measure(
            "user_input_records", "records",
            "records of sources of class user-input, held against the ledger of authorisations",
        ),
        Measure(
            "unauthorised_records", "records",
            "of these, records without an authorisation of their user that is live on the run's day for its purpose",
        ),
        Measure("unauthorised_records_ppm", "ppm", "unauthorised_records of user_input_records"),
        Measure("no_user_records", "records", "of these, records that name no user"),
        Measure("unknown_user_records", "records", "of these, records of a user whom the ledger does not have"),
        Measure("not_yet_records", "records", "of these, records of a user who agrees only later"),
        Measure("withdrawn_records", "records", "of these, records of a user who has withdrawn"),
        Measure("expired_records", "records", "of these, records whose time of retention is over"),
        Measure("other_purpose_records", "records", "of these, records of a user who agreed to other purposes alone"),
        Measure(
            "refused_records", "records",
            "records with a finding of personal information, or an author, whose keyed fingerprint is on the list of refusals",
        ),
        Measure("refused_author_records", "records", "of these, records whose author is on it"),
        Measure("blocked_site_records", "records", "records with a URL whose host, or a domain above it, is on the list"),
        Measure("taken_down_records", "records", "records whose text has a content id on the list of takedowns"),
    )  # fmt: skip
    finding_schema: ClassVar[pa.Schema | None] = pa.schema(FINDING)

    index: str | None = None
    joined: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    key_id: str | None = None
    personal: str | None = None

    def __post_init__(self) -> None:
        """Refuse what only lists may set."""
        right = set(self.unknown) <= set(self.joined) <= set(JOINED) and (self.index is None) == (not self.joined)
        if not right or (self.personal is not None and REFUSALS not in self.joined):
            msg = "index, joined, unknown, key_id and personal follow from `lists`; leave them out here"
            raise ValueError(msg)

    def inputs(self) -> dict[str, str]:
        """The entries, and what finds personal values where those are held against refusals."""
        told = {} if self.index is None else {"lists": self.index}
        if (personal := self.finder) is not None:
            told |= {f"personal: {name}": value for name, value in personal.inputs().items()}
            told["personal: version"] = str(personal.version)
        return told

    @property
    def finder(self) -> Personal | None:
        """The check whose findings are held against refusals."""
        if self.personal is None:
            return None
        given = parse_json(self.personal.encode()).items()
        told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given}
        return Personal(**told)

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "listed": 0, "asked": 0, "unauthorised": dict.fromkeys(UNAUTHORISED, 0), "refused": 0,
            "refused_author": 0, "blocked": 0, "taken_down": 0,
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """One finding for each list that takes a record out, and of refusals one a place; without lists nothing is read."""
        total = self.zero()
        if self.index is None:
            return Seen(total)
        shelves = held_lists(self.index)
        found: list[_Found] = []
        total["records"] = batch.num_rows
        if AUTHORISATIONS in self.joined and registry_value(batch, _CLASS) == _USER_INPUT:
            total["asked"] = batch.num_rows
            found += self._unauthorised(batch, shelves[AUTHORISATIONS], total)
        if REFUSALS in self.joined:
            found += self._refused(batch, shelves[REFUSALS], total)
        if BLOCKED in self.joined:
            found.append(_blocked(batch, shelves[BLOCKED], total))
        if TAKEDOWNS in self.joined:
            found.append(_taken_down(batch, shelves[TAKEDOWNS], total))
        total["listed"] = len(np.unique(np.concatenate([np.zeros(0, np.int64), *(f.at for f in found)])))
        return Seen(total, findings=_table(batch, found))

    def report(self, total: Tally) -> Measures:
        """Counts as they stand; those of a list that was not joined, or is unknown, are None."""
        why = total["unauthorised"]
        lost = sum(why.values())
        values: Measures = {
            "records": total["records"], "listed_records": total["listed"], "user_input_records": total["asked"],
            "unauthorised_records": lost,
            "unauthorised_records_ppm": share_ppm(lost, total["asked"]),
            **{records_measure(word): why[word] for word in UNAUTHORISED},
            "refused_records": total["refused"], "refused_author_records": total["refused_author"],
            "blocked_site_records": total["blocked"], "taken_down_records": total["taken_down"],
        }  # fmt: skip
        if self.index is None:
            return dict.fromkeys(values)
        silent = {m for kind, ms in _OF.items() if kind not in self.joined or kind in self.unknown for m in ms}
        return {name: None if name in silent else value for name, value in values.items()}

    def _unauthorised(self, batch: pa.RecordBatch, shelf: Shelf, total: Tally) -> Iterator[_Found]:
        authors, number = _authors(batch)
        places = shelf.places(keys_from(pseudonyms(authors, self.key_id)))
        known = np.where(places < 0, len(STATES), shelf.states[places] if len(shelf.states) else 0)
        words = np.array([*STATES, UNKNOWN_USER, NO_USER])
        word = words[np.append(known, len(STATES) + 1)[number]]
        for why in UNAUTHORISED:
            at = np.flatnonzero(word == why)
            total["unauthorised"][why] = len(at)
            yield _Found(why, at, [why] * len(at))

    def _refused(self, batch: pa.RecordBatch, shelf: Shelf, total: Tally) -> Iterator[_Found]:
        if (personal := self.finder) is None:
            return
        authors, number = _authors(batch)
        prints = fingerprints(authors, self.key_id, personal.catalogue)
        ends = np.cumsum([0, *map(len, prints)])
        is_there = shelf.holds(keys_from([one for of_one in prints for one in sorted(of_one)]))
        hit = np.zeros(len(prints) + 1, np.bool_)
        hit[np.searchsorted(ends, np.flatnonzero(is_there), "right") - 1] = True
        by_author = np.flatnonzero(hit[number])
        seen = findings_of(personal, batch)
        seen = seen.filter(pc.is_valid(seen.column("value_hmac")))
        kept = np.flatnonzero(shelf.holds(ids_of(seen.column("value_hmac"))))
        seen = seen.take(pa.array(kept))
        rows = batch.column("row").to_numpy(zero_copy_only=False)
        order = np.argsort(rows, kind="stable")
        by_value = order[np.searchsorted(rows, seen.column("row").to_numpy(), sorter=order)].astype(np.int64)
        total["refused_author"] = len(by_author)
        total["refused"] = len(np.union1d(by_author, by_value))
        yield _Found(REFUSED, by_author, [AUTHORED] * len(by_author))
        yield _Found(REFUSED, by_value, seen.column("entity").to_pylist(), seen)


def personal_settings(personal: Personal) -> str:
    """The settings of *personal* as `Listed.personal` holds them."""
    return canonical_json(personal.settings()).decode()


def _blocked(batch: pa.RecordBatch, shelf: Shelf, total: Tally) -> _Found:
    kind = blocked(batch.column("url"), shelf)
    at = np.flatnonzero(kind)
    total["blocked"] = len(at)
    return _Found(BLOCKED_SITE, at, ["host" if k == _HOST else "domain above" for k in kind[at].tolist()])


def _taken_down(batch: pa.RecordBatch, shelf: Shelf, total: Tally) -> _Found:
    ids = ids_of(content_ids(batch.column("text"))).view(np.uint8).reshape(-1, 32)[:, :KEY_BYTES]
    at = np.flatnonzero(shelf.holds(np.ascontiguousarray(ids).view(f"V{KEY_BYTES}").reshape(-1)))
    total["taken_down"] = len(at)
    return _Found(TAKEN_DOWN, at, ["content id"] * len(at))


def _authors(batch: pa.RecordBatch) -> tuple[list[str], npt.NDArray[np.int64]]:
    """The different authors that are not blank, and of each row the place of its own, -1 of none."""
    author = pc.utf8_trim_whitespace(batch.column("author").cast(pa.string()))
    coded = pc.if_else(pc.equal(author, ""), pa.scalar(None, pa.string()), author).dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)


def _table(batch: pa.RecordBatch, found: list[_Found]) -> pa.Table:
    rows = batch.column("row")
    parts = [pa.schema(FINDING).empty_table()]
    for one in found:
        at, n = pa.array(one.at), len(one.at)
        where = [
            pa.nulls(n, pa.int64()) if one.where is None else one.where.column(name).combine_chunks()
            for name in ("start", "end", "start_byte", "end_byte")
        ]
        columns: list[Any] = [
            pa.array([f"listed.{one.rule}"] * n, pa.string()), rows.take(at), *where, pa.nulls(n, pa.int32()),
            pa.array(one.detail, pa.string()),
        ]  # fmt: skip
        parts.append(pa.Table.from_arrays(columns, schema=pa.schema(FINDING)))
    return pa.concat_tables(parts).sort_by([(name, "ascending") for name in (*ORDER, "detail")])
