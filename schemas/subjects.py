"""The index of data subjects: which records hold a value, by the value's keyed HMAC; and requests to be erased.

A segment is a set of files that share one list of works: ``index/subjects/<segment>/works`` names the personal check's
work ids in order, and ``index/subjects/<first>-<last>/<segment>`` holds the rows whose HMAC begins with a byte of that range
(both of two hexadecimal digits). A run finds its own units by their work ids; rows of works that it does not have are
another run's, and are passed over.
"""

from typing import Final

import pyarrow as pa

INDEX: Final = "index/subjects"
WORKS_KIND: Final = "corpusledger.subject_works"
WORKS: Final = pa.schema([pa.field("work", pa.string(), nullable=False)])
"""Work ids, sorted; the row's number is `place` in the segment."""
ROWS_KIND: Final = "corpusledger.subjects"
ROWS: Final = pa.schema(
    [
        pa.field("hmac", pa.binary(16), nullable=False),  # PERSONAL_FINDING's value_hmac
        pa.field("entity", pa.string(), nullable=False),
        pa.field("place", pa.uint32(), nullable=False),  # in the segment's list of works
        pa.field("row", pa.uint32(), nullable=False),  # number of the record in its unit
    ]
)
"""Sorted by hmac, place, row; a value that a record holds twice stands once."""

REQUESTED: Final = "erasure-requested"
"""Kind of a log entry: {request, recorded, identifiers: [{entity, hmac, key_id}], content_ids, runs, records}."""
ERASED: Final = "erased.request-{}"
"""The rule of a record that goes because of a request, with its number."""
DROPPED: Final = 2
"""The decision of a record that goes."""


def works_name(segment: str) -> str:
    """What files.parquet calls the list of works of a segment."""
    return f"{INDEX}/{segment}/works"


def rows_name(first: int, last: int, segment: str) -> str:
    """What files.parquet calls the rows of a segment whose first byte is in [first, last]."""
    return f"{INDEX}/{first:02x}-{last:02x}/{segment}"


def range_of(name: str) -> tuple[int, int, str] | None:
    """(first byte, last byte, segment) of a name of rows; None of any other name."""
    parts = name.removeprefix(f"{INDEX}/").split("/")
    if not name.startswith(f"{INDEX}/") or len(parts) != 2 or parts[1] == "works":
        return None
    first, _, last = parts[0].partition("-")
    return int(first, 16), int(last, 16), parts[1]
