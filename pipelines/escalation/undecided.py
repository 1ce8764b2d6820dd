"""Which records of a sealed run have licence evidence and no decided licence, by unit; read from the ledger, without any text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.licence.classes import UNKNOWN, classify
from checks.licence.evidence import KINDS, MENTION_PPM
from manifests.parquet import read_parquet
from manifests.store import Store, object_path
from manifests.tables import iter_units
from pipelines.escalation.notices import Evidence
from schemas.canonical import parse_json
from schemas.errors import ConfigError
from schemas.manifest import Manifest

CHECK: Final = "licence"
CONFLICTING: Final = "conflicting"
_COLUMNS: Final = [
    "unit", "source", "shard", "uri", "range_start", "range_end", "token", "framing", "first_row", "rows", "objects", "unread_by",
]  # fmt: skip
WHYS: Final = (UNKNOWN, CONFLICTING)
"""Nobody knows what the evidence comes to; or it declares licences of different classes."""


@dataclass(frozen=True, slots=True)
class Record:
    """One undecided record. *licence*: what was decided of it, as `Verdict.key`; *file*, *offset*: its place; *evidence* in its text;

    *handed*: another check has found it under a term.
    """

    row: int
    file: int
    offset: int
    licence: str
    why: str
    evidence: tuple[Evidence, ...]
    handed: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with undecided records, in row order. *files*: its rows of the units table, in order."""

    source: str
    files: tuple[Mapping[str, Any], ...]
    kills: bool
    records: tuple[Record, ...]


def undecided_units(store: Store, manifest: Manifest, source: str | None = None, why: str | None = None) -> Iterator[Unit]:  # fmt: skip
    """The units of a run that hold undecided records, in place order; of one source, or of one of `WHYS`, where given.

    Raises `ConfigError` where the run did not look for licences.
    """
    if not any(check.name == CHECK for check in manifest.checks):
        raise ConfigError(f"{manifest.run}: the run did not look for licences; run again with the check `{CHECK}` on")
    for rows in _by_unit(store, manifest):
        head = next((row for row in rows if row["objects"] is not None), None)  # they stand on one row of a unit
        if head is None or source not in (None, head["source"]):
            continue
        objects = parse_json(head["objects"].encode())
        records = tuple(_records(store, objects, why))
        if records:
            kills = parse_json((head["unread_by"] or "{}").encode()).get("reading", 0) > 0
            yield Unit(head["source"], tuple(rows), kills, records)


def is_conflicting(licence: str) -> bool:
    """Whether the parts of an expression fall into different classes, unknown ones left aside."""
    return len({classify(part).licence_class for part in parts_of(licence)} - {UNKNOWN}) > 1


def parts_of(licence: str) -> tuple[str, ...]:
    """What AND joins at the top of an expression, choices without their parentheses."""
    parts, depth, held = list[str](), 0, list[str]()
    for word in licence.split(" "):
        if word == "AND" and not depth:
            parts.append(" ".join(held))
            held = []
            continue
        depth += word.count("(") - word.count(")")
        held.append(word)
    whole = [*parts, " ".join(held)]
    return tuple(p[1:-1] if p.startswith("(") and p.endswith(")") else p for p in whole if p)


def _by_unit(store: Store, manifest: Manifest) -> Iterator[list[dict[str, Any]]]:
    """The rows of each unit in the order of its files; those without a unit are not looked at."""
    held: dict[int, list[dict[str, Any]]] = {}
    for table in iter_units(store, manifest):
        for row in table.select(_COLUMNS).to_pylist():
            if row["unit"] is not None:
                held.setdefault(row["unit"], []).append(row)
    for unit in sorted(held):
        yield sorted(held.pop(unit), key=lambda row: row["first_row"] or 0)


def _records(store: Store, objects: Mapping[str, Mapping[str, Any]], why: str | None) -> Iterator[Record]:
    columns, findings = _table(store, objects, CHECK, "columns"), _table(store, objects, CHECK, "findings")
    records = _table(store, objects, "reading", "records")
    if columns is None or findings is None or records is None:
        return
    in_text = pc.is_in(findings.column("rule"), pa.array([f"{CHECK}.{kind}" for kind in KINDS]))
    handed = set(findings.column("row").filter(pc.invert(in_text)).to_pylist())
    findings, reasons = findings.filter(in_text), _reasons(columns, why)
    wanted = pc.and_(pc.is_valid(reasons), pc.is_in(columns.column("row"), findings.column("row").combine_chunks()))
    rows = columns.column("row").filter(wanted)
    if not len(rows):
        return
    found = _evidence(findings.filter(pc.is_in(findings.column("row"), rows.combine_chunks())))
    places = records.take(pc.index_in(rows, records.column("row").combine_chunks()))
    licences = pc.coalesce(columns.column("licence"), columns.column("licence_class")).filter(wanted)
    listed = (rows, places.column("file"), places.column("offset"), licences, reasons.filter(wanted))
    for row, file, offset, licence, reason in zip(*(c.to_pylist() for c in listed), strict=True):
        yield Record(row, file, offset, licence, reason, tuple(found[row]), row in handed)


def _reasons(columns: pa.Table, why: str | None) -> pa.Array:
    """`WHYS` of each row, null where its licence is decided; worked out once a distinct licence."""
    licences = columns.column("licence").combine_chunks().dictionary_encode()
    clash = pa.array([is_conflicting(v) for v in licences.dictionary.to_pylist()], pa.bool_())
    conflicting = pc.fill_null(clash.take(licences.indices), fill_value=False)
    unknown = pc.equal(columns.column("licence_class").combine_chunks(), UNKNOWN)
    told = pc.if_else(unknown, UNKNOWN, pc.if_else(conflicting, CONFLICTING, pa.scalar(None, pa.string())))
    return told if why is None else pc.if_else(pc.equal(told, why), told, pa.scalar(None, pa.string()))


def _evidence(findings: pa.Table) -> dict[int, list[Evidence]]:
    names = ("row", "start_byte", "end_byte", "rule", "detail", "score_ppm")
    found: dict[int, list[Evidence]] = {}
    for row, start, end, rule, detail, score in zip(*(findings.column(n).to_pylist() for n in names), strict=True):
        if start is not None:
            found.setdefault(row, []).append(Evidence(start, end, rule, detail or "", (score or 0) > MENTION_PPM))
    return found


def _table(store: Store, objects: Mapping[str, Mapping[str, Any]], work: str, role: str) -> pa.Table | None:
    told = objects.get(work, {}).get(role)
    if told is None or told["sha256"] is None:
        return None
    return read_parquet(store.get_object(told["sha256"]), store.place(object_path(told["sha256"])))
