"""The domains that most of a crawl came from, as the EU template for public summaries of training content asks.

European Commission, template under Art. 53(1)(d) of Regulation (EU) 2024/1689 (24 July 2025), section on data scraped from
the web: the top 10 % of all registrable domains by the size of what was scraped; for SMEs 5 %, or 1,000, whichever is fewer.
From memory and secondary sources: counsel must check it against the text.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

TOP_PPM: Final = 100_000
SME_TOP_PPM: Final = 50_000
SME_MOST: Final = 1000
COLUMNS: Final = pa.schema(
    [
        pa.field("domain", pa.string()),
        pa.field("records", pa.int64()),
        pa.field("bytes", pa.int64()),
        pa.field("bytes_ppm", pa.int64()),  # of all bytes that have a domain, rounded down
    ]
)


@dataclass(frozen=True)
class TopDomains:
    """*rows*: `COLUMNS`, most bytes first. *domains*: how many there are in all; *other_*: what came from no domain."""

    rows: pa.Table
    domains: int
    bytes: int
    other_records: int
    other_bytes: int


def top_domains(table: pa.Table, share_ppm: int = TOP_PPM, most: int | None = None) -> TopDomains:
    """The largest *share_ppm* of the domains of *table*, rounded up, at most *most*.

    *table*: rows of (domain, records, bytes), keys may repeat (a row a source). Ties go by the domain's bytes. Keys without
    a dot are no domains but what `provenance` says instead of one (no URL, an IP address, …): they are counted apart, as
    are masked names, so the number of domains is that of names that may be shown. Raises ``ValueError`` for a share
    outside 1..1,000,000 ppm.
    """
    if not 0 < share_ppm <= 1_000_000:
        msg = f"top_domains: share_ppm is {share_ppm}; give 1 to 1,000,000"
        raise ValueError(msg)
    sums = table.group_by("domain", use_threads=False).aggregate([("records", "sum"), ("bytes", "sum")])
    named = pc.fill_null(pc.match_substring(sums.column("domain"), "."), False)
    rows, other = sums.filter(named), sums.filter(pc.invert(named))
    count = -(-rows.num_rows * share_ppm // 1_000_000)
    count = count if most is None else min(count, most)
    whole = _sum(rows, "bytes_sum")
    keyed = rows.append_column("key", pc.cast(rows.column("domain"), pa.binary()))
    ordered = keyed.sort_by([("bytes_sum", "descending"), ("key", "ascending")]).slice(0, count)
    sizes = ordered.column("bytes_sum").to_pylist()
    shares = [size * 1_000_000 // whole if whole else 0 for size in sizes]  # Python's integers do not overflow
    columns = [
        ordered.column("domain").cast(pa.string()),
        ordered.column("records_sum"),
        ordered.column("bytes_sum"),
        shares,
    ]
    arrays = [pa.chunked_array([column], pa.int64()) if isinstance(column, list) else column for column in columns]
    return TopDomains(
        pa.Table.from_arrays(arrays, schema=COLUMNS),
        rows.num_rows,
        whole,
        _sum(other, "records_sum"),
        _sum(other, "bytes_sum"),
    )


def _sum(table: pa.Table, column: str) -> int:
    return pc.sum(table.column(column)).as_py() or 0
