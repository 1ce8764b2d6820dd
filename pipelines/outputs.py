"""What reading and each check leave of one unit: gathered batch by batch, written as objects named by their bytes."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from checks.base import Check, Seen, encode_tally
from manifests.parquet import parquet_bytes, write_parquet
from pipelines.normalise import UNREAD_SCHEMA
from pipelines.sketched import Spool
from pipelines.table_sums import TableSums
from pipelines.terms import unknown_terms
from pipelines.works import READING
from schemas.canonical import canonical_json
from schemas.errors import LedgerError
from schemas.finding import ORDER

RECORDS_SCHEMA = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("file", pa.uint32(), nullable=False),
        pa.field("offset", pa.int64(), nullable=False),
        pa.field("length", pa.int64(), nullable=False),
    ]
)
"""The records table of a unit; text, author and meta are never stored (data-path §10)."""

PutObject = Callable[[bytes], str]
"""Stores complete bytes under their sha256 and gives that name back."""


NO_OBJECT: Final[Mapping[str, Any]] = {"sha256": None, "bytes": 0, "rows": 0}
"""What stands for a table without rows, which is no object."""


@dataclass(frozen=True)
class WorkResult:
    """What one work item came to: its objects, and how many records it could not look at.

    *objects*: role -> {sha256, bytes, rows}. *files*: for reading alone, rows, unread and status of each file.
    """

    objects: Mapping[str, Mapping[str, Any]]
    unread: int = 0
    files: tuple[tuple[int, int, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """JSON form, in memos and in the plan's table of known works."""
        return {"objects": self.objects, "unread": self.unread, "files": [list(f) for f in self.files]}

    @staticmethod
    def of_json(value: Mapping[str, Any]) -> "WorkResult":
        """The value of its JSON form."""
        return WorkResult(value["objects"], value["unread"], tuple((a, b, c) for a, b, c in value["files"]))


@dataclass
class CheckOutputs:
    """One check's outputs over one unit, while its batches come in row order."""

    check: Check
    total: dict[str, Any] = field(init=False)
    findings: list[pa.Table] = field(default_factory=list)
    columns: list[pa.Table] = field(default_factory=list)
    tables: dict[str, TableSums] = field(default_factory=dict)
    sketches: Spool | None = None
    terms: list[pa.Table] = field(default_factory=list)
    unread: int = 0

    def __post_init__(self) -> None:
        self.total = self.check.zero()
        if (kind := self.check.sketch_type) is not None:
            self.sketches = Spool(kind)

    def show(self, batch: pa.RecordBatch) -> None:
        """Show the check one batch. A row it fails on is unread for this check alone, whatever the exception was.

        This is the named boundary of data-path §6 at which any exception of a check is caught; errors that this
        project raises on purpose (a key that is not loaded) are the caller's and pass.
        """
        try:
            seen = self.check.look(batch)
        except LedgerError:
            raise
        except Exception:  # noqa: BLE001  # named boundary: the row is counted as unread by this check
            if batch.num_rows == 1:
                self.unread += 1
                if self.check.gives_terms:
                    self.terms.append(unknown_terms(self.check, batch))
                return
            half = batch.num_rows // 2
            self.show(batch.slice(0, half))
            self.show(batch.slice(half))
        else:
            self._add(batch, seen)

    def told(self) -> list[pa.Table]:
        """The licence terms that it gave since they were last asked for."""
        given, self.terms = self.terms, []
        return given

    def _add(self, batch: pa.RecordBatch, seen: Seen) -> None:
        self.total = self.check.merge(self.total, seen.total)
        if seen.findings is not None and seen.findings.num_rows:
            self.findings.append(seen.findings.sort_by([(name, "ascending") for name in ORDER]))
        if seen.columns is not None and batch.num_rows:
            row = pa.chunked_array([batch.column("row")])
            self.columns.append(seen.columns.add_column(0, pa.field("row", pa.uint32(), nullable=False), row))
        if self.sketches is not None and seen.sketches is not None and len(seen.sketches):
            self.sketches.append(seen.sketches)
        if seen.terms is not None:
            self.terms.append(seen.terms)
        for name, table in (seen.tables or {}).items():
            if table.num_rows:
                self.tables.setdefault(name, TableSums()).append(table)

    def write(self, put: PutObject, extra: Mapping[str, Mapping[str, Any]]) -> WorkResult:
        """Write what there is as objects, beside those that were written of its sketches; empty tables have none."""
        objects: dict[str, Mapping[str, Any]] = dict(extra)
        for role, parts in (("columns", self.columns), ("findings", self.findings)):
            if parts:
                objects[role] = put_table(put, pa.concat_tables(parts))
        for name, sums in sorted(self.tables.items()):
            objects[f"table.{name}"] = _put_sums(put, self.check.table_schemas[name], sums)
        tally = canonical_json({"check": self.check.name, "tally": self.total, "unread": self.unread})
        objects["tally"] = {"sha256": put(tally), "bytes": len(tally), "rows": 1}
        return WorkResult(objects, self.unread)

    def tally(self) -> bytes:
        """Canonical bytes of the tally, for the shuffle."""
        return encode_tally(self.total)


def _put_sums(put: PutObject, schema: pa.Schema, sums: TableSums) -> dict[str, Any]:
    sink = pa.BufferOutputStream()
    rows = write_parquet(sink, sums.tables(), schema, "corpusledger.table")
    data = bytes(sink.getvalue())
    return {"sha256": put(data), "bytes": len(data), "rows": rows}


def put_table(put: PutObject, table: pa.Table, name: str = "corpusledger.table") -> dict[str, Any]:
    """Write a table as one Parquet object under that schema name; gives {sha256, bytes, rows}."""
    data = parquet_bytes(table, name)
    return {"sha256": put(data), "bytes": len(data), "rows": table.num_rows}


def write_reading(
    put: PutObject, records: pa.Table, unread: pa.Table, files: tuple[tuple[int, int, str], ...]
) -> WorkResult:
    """The objects of reading itself: the records table, the unread rows, and the tally of both."""
    objects: dict[str, dict[str, Any]] = {}
    if records.num_rows:
        objects["records"] = put_table(put, records.select(RECORDS_SCHEMA.names).cast(RECORDS_SCHEMA))
    if unread.num_rows:
        objects["unread"] = put_table(put, unread.cast(UNREAD_SCHEMA))
    reasons = Counter(unread.column("reason").to_pylist())
    tally = canonical_json({"check": READING, "tally": reading_tally(records.num_rows, reasons), "unread": 0})
    objects["tally"] = {"sha256": put(tally), "bytes": len(tally), "rows": 1}
    killed = sum(n for reason, n in reasons.items() if reason.startswith("killed"))
    return WorkResult(objects, killed, files)


def reading_tally(looked: int, reasons: Mapping[str, int]) -> dict[str, Any]:
    """Records framed, looked at, and unread by reason, in the form every tally has."""
    return {"read": looked + sum(reasons.values()), "looked": looked, "unread": dict(sorted(reasons.items()))}
