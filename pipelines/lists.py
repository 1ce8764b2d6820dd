"""The lists of run.yaml: read once by the driver, kept as one object of keys that every worker loads, told in the manifest.

The object holds what follows for the run's day, not the files: a list that was exported anew without a change, or a day on
which no authorisation begins or ends, gives the same object, so nothing is looked at again.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from checks.base import Check
from checks.listed import AUTHORISATIONS, BLOCKED, ENTRIES, JOINED, REFUSALS, TAKEDOWNS, Listed, use_lists
from checks.listed.check import HITS, personal_settings
from checks.listed.index import KEY_BYTES, Keys
from checks.personal import Personal
from checks.personal.keys import use_key
from manifests.parquet import parquet_bytes
from pipelines.authorisations import ledger, states_of
from pipelines.guards import elsewhere, off, unreadable
from pipelines.joined_object import JoinedObject
from pipelines.lists_read import Mistakes, content_id, fingerprint, site, text_list
from pipelines.places import resolved
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.manifest import Measured
from schemas.run import ListFile, Model
from schemas.yaml_places import Placed, quoted
from schemas.yaml_shape import Binding

NAME: Final = "corpusledger.lists"
FILE: Final = "lists/entries"
KEYED: Final = (AUTHORISATIONS, REFUSALS)
"""Lists of fingerprints that a key makes."""
ALWAYS: Final = "training"
"""The purpose of an authorisation that covers every stage."""
JOINS, MISSING, STALE, UNDATED, OTHER_KEY, NOT_GIVEN = "joined", "missing", "stale", "undated", "other-key", "not-given"
_ENTRY: Final = {REFUSALS: fingerprint, BLOCKED: site, TAKEDOWNS: content_id}


@dataclass(frozen=True)
class Told:
    """One list as the manifest tells of it. *state*: joined; missing, stale, undated, other-key: unknown; *age_days* on the run's day."""

    kind: str
    state: str
    digest: str | None = None  # sha256 of the file
    version: str | None = None
    as_of: str | None = None
    age_days: int | None = None
    max_age_days: int | None = None
    entries: int | None = None

    @property
    def is_certain(self) -> bool:
        """Does the list say something for certain?"""
        return self.state == JOINS

    def as_json(self) -> dict[str, Any]:
        """JSON form, without what is not known."""
        told = {**vars(self), "list": self.kind}
        return {name: value for name, value in told.items() if value is not None and name != "kind"}


@dataclass(frozen=True)
class Lists(JoinedObject):
    """The lists as keys, joined to the check that holds records against them. *told*: what is told of each."""

    file, kind, key, schema = FILE, NAME, "lists", ENTRIES
    keep = staticmethod(use_lists)

    told: tuple[Told, ...]


def lists_of(
    placed: Placed, good: Mapping[str, Any], folder: Path, checks: Sequence[Check], days: tuple[str, str], binding: Binding
) -> Lists | None:  # fmt: skip
    """The `lists` of run.yaml, *placed*, as bound in *good*; every mistake goes to *binding*, with its line.

    *days*: the run's day and today, ISO dates.
    """
    given: Mapping[str, ListFile] = {kind: one for kind, one in good.get("lists", ()) if kind in JOINED}
    if not given:
        return None
    lines = placed.value["lists"]
    before = len(binding.problems)
    for kind, problem in _problems(given, good, checks):
        binding.say(lines.key_lines[kind], f"lists.{kind}: {problem}")
    key_id = _key_id(given, good, folder, binding) if len(binding.problems) == before else None
    if len(binding.problems) > before:
        return None
    model: Model | None = good.get("model")
    reading = _Reading(folder, days, key_id, () if model is None else (model.stage, ALWAYS), binding, lines)
    read = {kind: reading.read(kind, given[kind]) for kind in JOINED if kind in given}
    if len(binding.problems) > before:
        return None
    tables = [entries_of(kind, keys, states) for kind, (_, keys, states) in read.items()]
    told = [one for one, _, _ in read.values()]
    found = next(c for c in checks if isinstance(c, Personal)) if REFUSALS in given else None
    return joined_lists(next(c for c in checks if isinstance(c, Listed)), tables, told, key_id, found)


def joined_lists(
    check: Listed, tables: Sequence[pa.Table], told: Sequence[Told], key_id: str | None, personal: Personal | None
) -> Lists:
    """*check* that joins the lists of *tables* (ENTRIES, in the order of JOINED); *personal*: finds what refusals name."""
    entries = pa.concat_tables([ENTRIES.empty_table(), *tables]).combine_chunks()
    data = parquet_bytes(entries, NAME, hashes=True)
    made = replace(
        check, index=sha256_hex(data), joined=tuple(t.kind for t in told),
        unknown=tuple(t.kind for t in told if not t.is_certain), key_id=key_id,
        personal=None if personal is None else personal_settings(replace(personal, key_id=key_id)),
    )  # fmt: skip
    return Lists(made, data, entries.num_rows, tuple(told))


def entries_of(kind: str, keys: Keys, states: Sequence[int] | np.ndarray[Any, Any] | None = None) -> pa.Table:
    """ENTRIES of one list, sorted, each key once; *states* of keys that are so already, else 0."""
    if states is None:
        halves = np.unique(np.ascontiguousarray(keys).view(">u8").reshape(-1, 2), axis=0)
        keys, states = halves.view(f"V{KEY_BYTES}").reshape(-1), np.zeros(len(halves), np.uint8)
    packed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(KEY_BYTES), len(keys), [None, pa.py_buffer(keys.tobytes())])
    place = np.full(len(keys), JOINED.index(kind), np.uint8)
    return pa.Table.from_arrays([pa.array(place), packed, pa.array(states, pa.uint8())], schema=ENTRIES)


def lists_told(lists: Lists | None, measures: Iterable[Measured]) -> list[dict[str, Any]]:
    """Every list as the manifest's settings tell it, with the records of the run that it takes out; ``not-given``: not looked."""
    whole = next((m.values for m in measures if m.check == Listed.name and m.source is None), {})
    told = {} if lists is None else {one.kind: one for one in lists.told}
    found = []
    for kind in JOINED:
        one = told.get(kind, Told(kind, NOT_GIVEN))
        hits = whole.get(HITS[kind]) if one.is_certain else None
        found.append(one.as_json() | ({} if hits is None else {"hits": hits}))
    return found


def _problems(given: Mapping[str, ListFile], good: Mapping[str, Any], checks: Sequence[Check]) -> list[tuple[str, str]]:
    """(kind, what is wrong) before a file is opened."""
    found: list[tuple[str, str]] = []
    keys = good.get("keys")
    for kind, one in given.items():
        if not any(isinstance(c, Listed) for c in checks):
            found.append((kind, off(Listed)))
        if (wrong := elsewhere(one.path, "lists")) is not None:
            found.append((kind, wrong))
        if kind in KEYED and (keys is None or keys.hmac is None):
            found.append((kind, "its fingerprints need a key; give keys.hmac"))
        if kind == REFUSALS and not any(isinstance(c, Personal) for c in checks):
            found.append(
                (kind, "the check `personal` is off, which finds what a refusal names; take one of the two out")
            )
        if one.purposes and kind != AUTHORISATIONS:
            found.append((kind, "purposes are those of authorisations; leave them out"))
    return found


def _key_id(given: Mapping[str, ListFile], good: Mapping[str, Any], folder: Path, binding: Binding) -> str | None:
    if not set(given) & set(KEYED):
        return None
    path = Path(resolved(good["keys"].hmac, folder))
    if not path.is_file():
        return None  # told as a mistake of `keys`
    try:
        return use_key(path)
    except ConfigError as error:
        binding.problems += error.problems
        return None


@dataclass(frozen=True)
class _Reading:
    """How the lists are read; mistakes go to *binding*, those of run.yaml with the place in *lines*."""

    folder: Path
    days: tuple[str, str]
    key_id: str | None
    purposes: tuple[str, ...]
    binding: Binding
    lines: Placed

    def read(self, kind: str, one: ListFile) -> tuple[Told, Keys, Any]:
        """(what is told, keys, states or None) of one list; no keys where it is missing."""
        path = Path(resolved(one.path, self.folder))
        nothing = np.zeros(0, f"V{KEY_BYTES}")
        mistakes = Mistakes(path, self.binding.problems)
        states, is_keyed = None, kind == REFUSALS
        try:
            if not path.exists():
                return Told(kind, MISSING, max_age_days=one.max_age_days), nothing, None
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if kind == AUTHORISATIONS:
                head, rows, is_keyed = ledger(path, one.purposes or self.purposes, self.key_id or "", mistakes)
                keys, states = states_of(rows, date.fromisoformat(self.days[0]).toordinal())
            else:
                head, keys = text_list(path, _ENTRY[kind], mistakes)
        except OSError as error:
            self._say(kind, unreadable(one.path, error))
            return Told(kind, MISSING), nothing, None
        told = self._told(kind, one, head, is_keyed=is_keyed)
        told = replace(told, digest=digest, entries=len(keys))
        return (told, keys, states) if told.state != OTHER_KEY else (told, nothing, None)

    def _told(self, kind: str, one: ListFile, head: Mapping[str, str], *, is_keyed: bool) -> Told:
        known = {}
        for name in ("version", "as_of", "key_id"):
            here, there = getattr(one, name), head.get(name)
            if here is not None and there is not None and here != there:
                self._say(
                    kind, f"{name} is {quoted(here)} here and {quoted(there)} at the head of the file; correct one"
                )
            known[name] = here if here is not None else there
        if is_keyed and known["key_id"] is None:
            self._say(kind, f"the key of its fingerprints is not told; give key_id (this run's key is {self.key_id})")
        as_of, age = known["as_of"], None
        if as_of is not None:
            try:
                age = (date.fromisoformat(self.days[0]) - date.fromisoformat(as_of)).days
            except ValueError:
                self._say(kind, f"as_of at the head of the file is no date such as 2026-11-22: {quoted(as_of)}")
            if age is not None and as_of > max(self.days):
                self._say(kind, f"as_of is {as_of}, which is still to come; correct it")
        state = JOINS
        if is_keyed and known["key_id"] != self.key_id:
            state = OTHER_KEY
        elif one.max_age_days is not None and age is None:
            state = UNDATED
        elif one.max_age_days is not None and age is not None and age > one.max_age_days:
            state = STALE
        return Told(
            kind, state, version=known["version"], as_of=as_of, age_days=None if age is None else max(0, age),
            max_age_days=one.max_age_days,
        )  # fmt: skip

    def _say(self, kind: str, problem: str) -> None:
        self.binding.say(self.lines.key_lines[kind], f"lists.{kind}: {problem}")
