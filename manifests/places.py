"""Where in the customer's files something is: unread records and findings of a sealed run, with their places.

A place is (source, shard, byte offset in the decoded shard; row number for Parquet); a line number is worked out by who
opens the file. Never a text, never a value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import iter_units
from schemas.canonical import parse_json
from schemas.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Unread:
    """A framed record that no check was shown, and why."""

    source: str
    shard: str
    offset: int
    length: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: which check and rule, in which record, from where to where (code points; None: the whole record)."""

    source: str
    shard: str
    offset: int
    check: str
    rule: str
    start: int | None
    end: int | None
    detail: str | None


@dataclass(frozen=True, slots=True)
class File:
    """One file of a run. *records*: framed ones, unread ones too; *digest*: None where not one byte could be had."""

    source: str
    shard: str
    status: str
    media_type: str | None
    bytes: int
    records: int
    digest: str | None


def files_of(store: Store, manifest: Manifest, source: str | None = None, status: str | None = None) -> Iterator[File]:
    """Every file of a run in place order, a split one once for each part; of one source or status where given."""
    for table in iter_units(store, manifest):
        for row in table.to_pylist():
            if source in (None, row["source"]) and status in (None, row["status"]):
                yield File(
                    row["source"],
                    row["shard"],
                    row["status"],
                    row["media_type"],
                    row["shard_bytes"],
                    row["rows"],
                    row["shard_digest"],
                )


def unread_places(store: Store, manifest: Manifest, source: str | None = None) -> Iterator[Unread]:
    """Every unread record of a run, in place order; of one source where given."""
    for unit in _units(store, manifest, source):
        listed = _table(store, unit, "reading", "unread")
        for row in listed.to_pylist() if listed is not None else ():
            file = unit.files[row["file"]]
            yield Unread(unit.source, file["shard"], row["offset"], row["length"], row["reason"])


def finding_places(
    store: Store, manifest: Manifest, source: str | None = None, check: str | None = None, rule: str | None = None
) -> Iterator[Found]:
    """Every finding of a run, in place order; of one source, check or rule where given (a rule by its beginning)."""
    for unit in _units(store, manifest, source):
        for name in sorted(unit.objects):
            if check is not None and name != check:
                continue
            findings = _table(store, unit, name, "findings")
            if findings is None:
                continue
            if rule is not None:
                findings = findings.filter(pc.starts_with(findings.column("rule"), rule))
            yield from _found(store, unit, name, findings)


@dataclass(frozen=True, slots=True)
class _Unit:
    source: str
    files: tuple[Mapping[str, Any], ...]
    objects: Mapping[str, Mapping[str, Mapping[str, Any]]]


def _units(store: Store, manifest: Manifest, source: str | None) -> Iterator[_Unit]:
    held: list[dict[str, Any]] = []
    for table in iter_units(store, manifest):
        for row in table.to_pylist():
            if held and row["unit"] != held[0]["unit"]:
                yield from _unit(held, source)
                held = []
            held.append(row)
    yield from _unit(held, source)


def _unit(rows: list[dict[str, Any]], source: str | None) -> Iterator[_Unit]:
    if rows and rows[0]["objects"] is not None and source in (None, rows[0]["source"]):
        yield _Unit(rows[0]["source"], tuple(rows), parse_json(rows[0]["objects"].encode()))


def _found(store: Store, unit: _Unit, check: str, findings: pa.Table) -> Iterator[Found]:
    records = _table(store, unit, "reading", "records")
    if records is None or not findings.num_rows:
        return
    at = pc.index_in(findings.column("row"), value_set=records.column("row").combine_chunks())
    places = records.take(at)
    columns = zip(
        places.column("file").to_pylist(), places.column("offset").to_pylist(),
        *(findings.column(c).to_pylist() for c in ("rule", "start", "end", "detail")), strict=True,
    )  # fmt: skip
    for file, offset, rule, start, end, detail in columns:
        yield Found(unit.source, unit.files[file]["shard"], offset, check, rule, start, end, detail)


def _table(store: Store, unit: _Unit, work: str, role: str) -> pa.Table | None:
    told = unit.objects.get(work, {}).get(role)
    if told is None:
        return None
    return read_parquet(store.get_object(told["sha256"]), store.place(object_path(told["sha256"])))
