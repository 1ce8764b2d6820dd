"""Where records come from: a registered source, a site, a date, a declared licence and author; counted, never guessed.

No finding is made for a record of an unregistered source: there would be one a record or, worse, one a batch, whose
number hangs on the cut. The tally counts such records, and the source itself is what a person must look at.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.addresses import batch_dates, batch_hosts, domains_of, given, suffix_list_digest
from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.loaded import once
from schemas.shares import share_ppm

UNDATED: Final = "undated"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True)
class Provenance(Check):
    """Count records by what is known of their origin, by registrable domain, and by year of collection."""

    name: ClassVar[str] = "provenance"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 1024
    reads: ClassVar[tuple[str, ...]] = ("source.registered", "source.review")
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "records looked at"),
        Measure("bytes", "bytes", "UTF-8 bytes of their text"),
        Measure("unregistered_records", "records", "records of files that no registered source claims"),
        Measure("unregistered_records_ppm", "ppm", "such records of all records"),
        Measure("unreviewed_records", "records", "records of a source whose review is not `approved`, or has none"),
        Measure("url_records", "records", "records that give a URL"),
        Measure("dated_records", "records", "records whose date of collection could be read"),
        Measure("dated_records_ppm", "ppm", "such records of all records"),
        Measure("licence_records", "records", "records that declare a licence"),
        Measure("author_records", "records", "records that name an author"),
    )
    column_schema: ClassVar[pa.Schema | None] = pa.schema(
        [
            pa.field("domain", pa.string(), nullable=False),  # registrable domain (A-labels), or one of the words above
            pa.field("date", pa.string()),  # YYYY, YYYY-MM or YYYY-MM-DD of collected_at; null: none could be read
        ]
    )
    table_schemas: ClassVar[dict[str, pa.Schema]] = {
        name: pa.schema([pa.field(name, pa.string()), pa.field("records", pa.int64()), pa.field("bytes", pa.int64())])
        for name in ("domain", "year")
    }

    def inputs(self) -> dict[str, str]:
        """The public suffix list comes with its package; nothing is fetched."""
        return {"public suffix list": once("checks.provenance.suffix_list_digest", suffix_list_digest)}

    def zero(self) -> Tally:
        """No records."""
        return dict.fromkeys(("records", "bytes", "unregistered", "unreviewed", "url", "dated", "licence", "author"), 0)

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Counts; domain and date of every record; records and bytes by domain and by year."""
        records = batch.num_rows
        text_bytes = pc.fill_null(pc.binary_length(batch.column("text")), 0).cast(pa.int64())
        url, collected_at = given(batch, "url"), given(batch, "collected_at")
        domain = domains_of(url, batch_hosts(batch))
        date = batch_dates(batch)
        year = pc.fill_null(pc.utf8_slice_codeunits(date, 0, 4),
                            pc.if_else(pc.is_valid(collected_at), UNREADABLE, UNDATED))  # fmt: skip
        total = {
            "records": records,
            "bytes": pc.sum(text_bytes).as_py() or 0,
            # What the registry does not say counts against the record: unknown is never fine.
            "unregistered": 0 if registry_value(batch, "source.registered") == "yes" else records,
            "unreviewed": 0 if registry_value(batch, "source.review") == "approved" else records,
            "url": _valid(url),
            "dated": _valid(date),
            "licence": _valid(given(batch, "declared_licence")),
            "author": _valid(given(batch, "author")),
        }
        columns = pa.table([domain, date], schema=self.column_schema)
        tables = {
            "domain": _by_key(self.table_schemas["domain"], domain, text_bytes),
            "year": _by_key(self.table_schemas["year"], year, text_bytes),
        }
        return Seen(total, columns=columns, tables=tables)

    def report(self, total: Tally) -> Measures:
        """Counts and shares of records; shares are None where there are no records."""
        records = total["records"]
        return {
            "records": records,
            "bytes": total["bytes"],
            "unregistered_records": total["unregistered"],
            "unregistered_records_ppm": share_ppm(total["unregistered"], records),
            "unreviewed_records": total["unreviewed"],
            "url_records": total["url"],
            "dated_records": total["dated"],
            "dated_records_ppm": share_ppm(total["dated"], records),
            "licence_records": total["licence"],
            "author_records": total["author"],
        }


def _valid(column: pa.Array) -> int:
    return len(column) - int(column.null_count)


def _by_key(schema: pa.Schema, key: pa.Array, text_bytes: pa.Array) -> pa.Table:
    """Records and bytes by key, sorted by it."""
    rows = pa.table({"key": key, "bytes": text_bytes}).group_by("key", use_threads=False)
    sums = rows.aggregate([([], "count_all"), ("bytes", "sum")]).sort_by("key")
    return pa.table([sums.column("key"), sums.column("count_all"), sums.column("bytes_sum")], schema=schema)
