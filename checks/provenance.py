"""Where records come from: a registered source, a site, a date, a declared licence and author; counted, never guessed.

No finding is made for a record of an unregistered source: there would be one a record or, worse, one a batch, whose
number hangs on the cut. The tally counts such records, and the source itself is what a person must look at.
"""

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.base import Check, Measure, Measures, Seen, Tally, registry_value
from checks.loaded import once
from schemas.canonical import sha256_hex

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

NO_URL: Final = "no-url"
NO_HOST: Final = "no-host"
IP_ADDRESS: Final = "ip-address"
MASKED: Final = "masked"
UNDATED: Final = "undated"
UNREADABLE: Final = "unreadable"
LONG_DIGIT_RUN: Final = 7  # 12306.cn and 163.com are sites; a longer run may be a telephone, QQ or identity number
_HOST_NAME: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_ADDRESS_LIKE: Final = re.compile(r"\[.*\]|.*:.*|(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}")
_LONG_DIGITS: Final = re.compile(rf"\d{{{LONG_DIGIT_RUN}}}")

# With a scheme or //, anything up to the path is the authority; without one only what looks like a host name is.
_HOST: Final = (
    r"^\s*(?:(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//(?:[^/?#\\@]*@)*(?P<given>\[[^\]/]*\]|[^/?#\\:@]*)"
    r"|(?P<bare>[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)(?:[/?#:]|\s*$))"
)
_DATE: Final = (
    r"^\s*(?P<year>(?:19|20)\d\d)(?:(?:[-/.]|年\s*)(?P<month>\d{1,2})(?:(?:[-/.]|月\s*)(?P<day>\d{1,2}))?"
    r"|(?P<month2>\d\d)(?P<day2>\d\d)(?:[T ]?\d{4,6})?)?(?:[^0-9].*)?$"
)


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
        return {"public suffix list": once("checks.provenance.suffix_list_digest", _suffix_list_digest)}

    def zero(self) -> Tally:
        """No records."""
        return dict.fromkeys(("records", "bytes", "unregistered", "unreviewed", "url", "dated", "licence", "author"), 0)

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Counts; domain and date of every record; records and bytes by domain and by year."""
        records = batch.num_rows
        text_bytes = pc.fill_null(pc.binary_length(batch.column("text")), 0).cast(pa.int64())
        url, collected_at = _given(batch, "url"), _given(batch, "collected_at")
        domain = domains(url)
        date = dates(collected_at)
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
            "licence": _valid(_given(batch, "declared_licence")),
            "author": _valid(_given(batch, "author")),
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
            "unregistered_records_ppm": _ppm(total["unregistered"], records),
            "unreviewed_records": total["unreviewed"],
            "url_records": total["url"],
            "dated_records": total["dated"],
            "dated_records_ppm": _ppm(total["dated"], records),
            "licence_records": total["licence"],
            "author_records": total["author"],
        }


def domains(url: pa.Array) -> pa.Array:
    """Registrable domain of each URL (string[n], no nulls), or NO_URL, NO_HOST, IP_ADDRESS, MASKED."""
    parts = pc.extract_regex(url, _HOST)
    given, bare = (pc.struct_field(parts, name) for name in ("given", "bare"))
    host = pc.if_else(pc.fill_null(pc.equal(given, ""), True), bare, given)
    distinct = host.dictionary_encode()
    named = pa.array([registrable_domain(h) for h in distinct.dictionary.to_pylist()], pa.string())
    found = pc.fill_null(named.take(distinct.indices), NO_HOST)
    return pc.if_else(pc.is_valid(url), found, NO_URL)


@lru_cache(maxsize=65_536)
def registrable_domain(host: str) -> str:
    """The part of a host name that somebody registered, lower case, in A-labels: `a.example.com.cn` gives `example.com.cn`.

    Public suffixes are ICANN's alone, so pages under a hosting service count as that service's: the name before
    `github.io` may be a person's. A name with LONG_DIGIT_RUN digits in a row is MASKED, as it may be a person's number.
    """
    name = host.strip().strip(".").lower()
    if _is_address(name):
        return IP_ADDRESS
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return NO_HOST
    if not _HOST_NAME.fullmatch(name):
        return NO_HOST
    domain = _suffixes().privatesuffix(name)
    if domain is None:
        return NO_HOST
    return MASKED if _LONG_DIGITS.search(_shown(domain).replace("-", "")) else str(domain)


def dates(collected_at: pa.Array) -> pa.Array:
    """ISO date of each value as far as it is given (string[n]); null where none can be read.

    Reads 2023, 2023-08, 2023-08-15 and what may follow it, 2023/8/15, 20230815, 20230815120000, 2023年8月15日.
    """
    parts = pc.extract_regex(collected_at, _DATE)
    year, month, day = (_either(parts, name) for name in ("year", "month", "day"))
    known = pc.fill_null(pc.and_(_up_to(month, 12), _up_to(day, 31)), False)
    # Never all null: pyarrow 25 then leaves the row out of its answer.
    whole = pc.binary_join_element_wise(
        pc.fill_null(year, ""), *(pc.utf8_lpad(part, 2, "0") for part in (month, day)), "-", null_handling="skip"
    )
    return pc.if_else(pc.and_(known, pc.is_valid(year)), whole, pa.scalar(None, pa.string()))


def _either(parts: pa.Array, name: str) -> pa.Array:
    """A named group, or its twin of the other spelling; null where neither took part."""
    first = pc.struct_field(parts, name)
    found = first if name == "year" else pc.if_else(pc.equal(first, ""), pc.struct_field(parts, f"{name}2"), first)
    return pc.if_else(pc.equal(found, ""), pa.scalar(None, pa.string()), found)


def _up_to(part: pa.Array, most: int) -> pa.Array:
    number = pc.fill_null(part, "1").cast(pa.int32())
    return pc.and_(pc.greater_equal(number, 1), pc.less_equal(number, most))


def _given(batch: pa.RecordBatch, name: str) -> pa.Array:
    """A column with blank values made null: blank is not given."""
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column(name).cast(pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), pa.scalar(None, pa.string()), column)


def _valid(column: pa.Array) -> int:
    return len(column) - int(column.null_count)


def _by_key(schema: pa.Schema, key: pa.Array, text_bytes: pa.Array) -> pa.Table:
    """Records and bytes by key, sorted by it."""
    rows = pa.table({"key": key, "bytes": text_bytes}).group_by("key", use_threads=False)
    sums = rows.aggregate([([], "count_all"), ("bytes", "sum")]).sort_by("key")
    return pa.table([sums.column("key"), sums.column("count_all"), sums.column("bytes_sum")], schema=schema)


def _is_address(host: str) -> bool:
    """IPv4, IPv6 in brackets or not, and the spellings of IPv4 in one to four numbers."""
    if not _ADDRESS_LIKE.fullmatch(host):
        return False
    if ":" not in host:
        return True
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def _suffixes() -> "PublicSuffixList":
    return once("checks.provenance.suffixes", _load_suffixes)


def _load_suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # parsed where a URL is seen, not at start

    return PublicSuffixList(only_icann=True)


def _shown(domain: str) -> str:
    """The domain as its owner writes it, where that can be had: digits of other scripts are digits too."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode().decode("idna")
    except UnicodeError:
        return domain


def _suffix_list_digest() -> str:
    import publicsuffixlist

    return sha256_hex(Path(publicsuffixlist.PSLFILE).read_bytes())


def _ppm(part: int, whole: int) -> int | None:
    return part * 1_000_000 // whole if whole else None
