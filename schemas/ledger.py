"""The tables of a ledger that list what a run read and made, and the rollups that questions are asked of.

Within a number columns are only added, nullable, at the end; a meaning never changes (data-path §11).
"""

from typing import Final

import pyarrow as pa

FORMAT: Final = 1
"""The ledger format this code writes; `READER` is the highest `min_reader` it serves."""
READER: Final = 1

READ: Final = "read"
NOT_LOOKED_AT: Final = "not-looked-at"
UNREADABLE: Final = "unreadable"
STATUSES: Final = (READ, NOT_LOOKED_AT, UNREADABLE)
"""Of a file: its bytes were decoded; no reader takes its kind; no byte of it could be decoded."""

UNITS_NAME: Final = "corpusledger.units"
UNITS: Final = pa.schema(
    [
        pa.field("unit", pa.uint32()),  # number in the run's plan; null for a file that is in no unit
        pa.field("unit_id", pa.string()),  # sha256 hex of what the plan knew before reading (data-path §5)
        pa.field("source", pa.string(), nullable=False),
        pa.field("shard", pa.string(), nullable=False),  # path as registered
        pa.field("uri", pa.string(), nullable=False),
        pa.field("range_start", pa.int64()),  # stored bytes; row groups for Parquet; null with range_end: whole file
        pa.field("range_end", pa.int64()),
        pa.field("token", pa.string()),  # change token, canonical JSON
        pa.field("strong", pa.bool_(), nullable=False),  # the token alone proves the bytes unchanged
        pa.field("shard_bytes", pa.int64(), nullable=False),  # stored bytes of the whole shard
        pa.field("shard_digest", pa.string()),  # hex, RFC 9162 root over all its chunks; null: unreadable
        pa.field("chunk_digests", pa.list_(pa.string())),  # hex, of the 64 MiB chunks that this unit hashed
        pa.field("input_digest", pa.string()),  # hex, of exactly the stored bytes its records follow from
        pa.field("digest_from", pa.string()),  # `read`, or the run id whose knowledge of the token was used
        pa.field("first_row", pa.uint32()),  # number in the unit of this file's first framed record
        pa.field("rows", pa.uint32(), nullable=False),  # framed records of this row's range, unread ones too
        pa.field("records_unread", pa.uint32(), nullable=False),  # those of them that no check was shown
        pa.field("status", pa.string(), nullable=False),  # STATUSES
        pa.field("media_type", pa.string()),
        pa.field("framing", pa.string()),  # canonical JSON
        # The rest stands on the unit's first row and is null on its further ones.
        pa.field("works", pa.string()),  # canonical JSON {"reading": work id, check: work id, …}
        pa.field(
            "objects", pa.string()
        ),  # canonical JSON {"reading": {"records": {sha256, bytes, rows}, …}, check: {…}}
        pa.field("made", pa.string()),  # canonical JSON list of the work names made in this run
        pa.field("unread_by", pa.string()),  # canonical JSON {check: rows it alone could not be shown}
    ]
)
PLACE: Final = ("source", "shard", "range_start")
"""The order of `units` rows; a null range first."""
UNITS_ROWS: Final = 100_000
"""The most rows of one units file."""

FILES_NAME: Final = "corpusledger.files"
FILES: Final = pa.schema(
    [
        pa.field("name", pa.string(), nullable=False),  # rollups/domain, duplicates/evidence, index/…; never the run id
        pa.field("digest", pa.string(), nullable=False),  # sha256 hex: the object's name
        pa.field("rows", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # the schema's name in the object
    ]
)

DOMAINS: Final = "rollups/domain"
DOMAINS_NAME: Final = "corpusledger.rollup.domain"
ROLLUP_DOMAIN: Final = pa.schema(
    [
        pa.field("domain", pa.string(), nullable=False),  # lower case, IDNA as the records' URLs give it
        pa.field("source", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),  # UTF-8 bytes of those records' text
    ]
)

RESTRICTED: Final = "rollups/restricted"
RESTRICTED_NAME: Final = "corpusledger.rollup.restricted"
ROLLUP_RESTRICTED: Final = pa.schema(
    [
        pa.field("restricted", pa.string(), nullable=False),  # restricted dataset and its field: alpaca.prompt
        pa.field("source", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),  # that the dataset's fingerprint knows by that field
        pa.field("bytes", pa.int64(), nullable=False),  # of text
        pa.field("exact", pa.int64(), nullable=False),  # records that have all terms of a value
    ]
)

LICENCES: Final = "rollups/licences"
LICENCES_NAME: Final = "corpusledger.rollup.licences"
ROLLUP_LICENCES: Final = pa.schema(
    [
        # An SPDX expression, parts without an SPDX id as LicenseRef-…; `unknown` of records that declare nothing
        pa.field("licence", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),  # UTF-8 bytes of those records' text
    ]
)

AUTHORS: Final = "rollups/author"
AUTHORS_NAME: Final = "corpusledger.rollup.author"
ROLLUP_AUTHOR: Final = pa.schema(
    [
        pa.field("author", pa.binary(16), nullable=False),  # keyed HMAC (checks/personal/tables.py); no name is kept
        pa.field("source", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),  # UTF-8 bytes of those records' text
    ]
)

URLS: Final = "rollups/url"
URLS_NAME: Final = "corpusledger.rollup.url"
ROLLUP_URL: Final = pa.schema(
    [
        pa.field("url", pa.binary(16), nullable=False),  # of the sha256 of the masked URL, its first 16 bytes
        pa.field("source", pa.string(), nullable=False),
        pa.field("records", pa.int64(), nullable=False),
    ]
)

REPEATED: Final = "rollups/repeated_{}"
"""Of `line` and of `paragraph`."""
REPEATED_NAME: Final = "corpusledger.rollup.repeated"
ROLLUP_REPEATED: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),  # of its folded terms (checks/repetition/reference.py)
        pa.field("sources", pa.int64(), nullable=False),  # how many have it
        pa.field("records", pa.int64(), nullable=False),
        pa.field("places", pa.int64(), nullable=False),  # how often it occurs
        pa.field("bytes", pa.int64(), nullable=False),  # UTF-8 bytes of them all
        pa.field("unit", pa.uint32(), nullable=False),  # where its first record is: number in the run's plan
        pa.field("row", pa.uint32(), nullable=False),
    ]
)

LEDGER_FILE: Final = "ledger.json"
LEDGER_SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:corpusledger:schema:ledger:1",
    "title": "ledger.json",
    "type": "object",
    "additionalProperties": False,
    "required": ["format", "min_reader", "digest", "created_by", "create_if_absent"],
    "properties": {
        "format": {"type": "integer", "minimum": 1},
        "min_reader": {"type": "integer", "minimum": 1},
        "digest": {"const": "sha256"},
        "created_by": {"type": "string", "minLength": 1},
        "create_if_absent": {"type": "boolean"},
    },
}


def units_path(run: str, number: int) -> str:
    """``runs/<run>/units/NNNNN.parquet``."""
    return f"runs/{run}/units/{number:05d}.parquet"


def files_path(run: str) -> str:
    """``runs/<run>/files.parquet``."""
    return f"runs/{run}/files.parquet"


def manifest_path(run: str) -> str:
    """``runs/<run>/manifest.json``."""
    return f"runs/{run}/manifest.json"


def envelope_path(run: str) -> str:
    """``runs/<run>/manifest.dsse.json``: the signature over the manifest's digest."""
    return f"runs/{run}/manifest.dsse.json"
