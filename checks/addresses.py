"""From the addresses and dates that records give to hosts, registrable domains and days: shared by all rooms, nothing guessed."""

import ipaddress
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.loaded import of_arrays, once
from schemas.canonical import sha256_hex

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

NO_URL: Final = "no-url"
NO_HOST: Final = "no-host"
IP_ADDRESS: Final = "ip-address"
MASKED: Final = "masked"
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


def hosts(url: pa.Array) -> pa.Array:
    """The host of each URL as written (string[n]); null where there is no URL, or nothing in it that looks like a host."""
    if url.null_count == len(url):
        return pa.nulls(len(url), pa.string())
    parts = pc.extract_regex(url, _HOST)
    given, bare = (pc.struct_field(parts, name) for name in ("given", "bare"))
    return pc.if_else(pc.fill_null(pc.equal(given, ""), True), bare, given)


def batch_hosts(batch: pa.RecordBatch) -> pa.Array:
    """`hosts` of the URLs of *batch*: worked out once for the checks that look at one batch after another."""
    if "url" not in batch.schema.names:
        return hosts(given(batch, "url"))
    return of_arrays("hosts of a batch", [batch.column("url")], lambda: hosts(given(batch, "url")))


def batch_dates(batch: pa.RecordBatch) -> pa.Array:
    """`dates` of the dates of collection of *batch*: worked out once for the checks that look at one batch after another."""
    if "collected_at" not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    return of_arrays("dates of a batch", [batch.column("collected_at")], lambda: dates(given(batch, "collected_at")))


def domains(url: pa.Array) -> pa.Array:
    """Registrable domain of each URL (string[n], no nulls), or NO_URL, NO_HOST, IP_ADDRESS, MASKED."""
    return domains_of(url, hosts(url))


def domains_of(url: pa.Array, host: pa.Array) -> pa.Array:
    """The same, of URLs whose `hosts` are known."""
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
    if is_address(name):
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
    if collected_at.null_count == len(collected_at):
        return pa.nulls(len(collected_at), pa.string())
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


def given(batch: pa.RecordBatch, name: str) -> pa.Array:
    """A column with blank values made null: blank is not given."""
    if name not in batch.schema.names:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column(name).cast(pa.string())
    if column.null_count == len(column):
        return column
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(column), ""), pa.scalar(None, pa.string()), column)


def is_address(host: str) -> bool:
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
    return once("checks.addresses.suffixes", _load_suffixes)


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


def suffix_list_digest() -> str:
    """sha256 of the list as its package brings it."""
    import publicsuffixlist

    return sha256_hex(Path(publicsuffixlist.PSLFILE).read_bytes())
