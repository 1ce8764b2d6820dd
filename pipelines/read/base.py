"""What a reader is given and what it yields: spans of shards in, blocks of framed records out.

Every framed record is counted: it is a row of the block's batch or one of its `unread`, never nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, NamedTuple, Protocol

import pyarrow as pa

from schemas.record import RECORD

BLOCK_BYTES = 16 << 20
"""About how much text a block holds; no result may depend on it."""


@dataclass(frozen=True)
class Framing:
    """How a shard's bytes become records: part of every unit id and work id.

    *format*: jsonl, json-array, csv, parquet, arrow, warc, wet, text, markdown, code; *layout*: plain, alpaca, sharegpt,
    openai-chat, preference; *record*: file or line (text, markdown, code only); *codec*: none, gz or zst;
    *columns*: mapped field -> field path in the record (``text: body.content``), sorted.
    """

    format: str
    layout: str = "plain"
    record: str = "file"
    codec: str = "none"
    columns: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """JSON form for unit and work ids."""
        return {
            "format": self.format, "layout": self.layout, "record": self.record, "codec": self.codec,
            "columns": [list(c) for c in self.columns],
        }  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Which part of one shard to read: bytes of an uncompressed line format, row groups of Parquet, or the whole.

    A record belongs to the span that holds its first byte. *end* None: to the end of the shard.
    """

    start: int = 0
    end: int | None = None


class Unread(NamedTuple):
    """A framed record that could not be read: where, and a reason from a closed set (`REASONS`)."""

    index: int  # type: ignore[assignment]  # place among the block's framed records
    offset: int
    length: int
    reason: str


class Block(NamedTuple):
    """Some consecutive framed records of one shard.

    *batch*: RECORD without `row` and `file`, plus `index` (uint32, place among the block's framed records), for the
    records that were read; *unread*: the others; *framed* = batch.num_rows + len(unread).
    """

    batch: pa.RecordBatch
    unread: tuple[Unread, ...]
    framed: int


class Shard(Protocol):
    """One stored file, open for reading. Readers touch storage through this alone."""

    name: str
    size_bytes: int

    def stream(self, start: int = 0) -> IO[bytes]:
        """Stored bytes from byte *start* on, sequential; every byte that passes is hashed."""
        ...

    def seekable(self) -> IO[bytes]:
        """Stored bytes with random access; hashing is the caller's business."""
        ...


class Careful(NamedTuple):
    """How to read a shard in which some record kills the process (data-path §6).

    *before(offset)* is called before the framed record or block at a decoded offset is parsed; offsets inside *slow*
    ranges are parsed one record at a time; a record at an offset in *skip* is never parsed, and is unread with that reason.
    """

    before: Callable[[int], None]
    slow: tuple[tuple[int, int], ...]
    skip: Mapping[int, str]


Reader = Callable[[Shard, Span, Framing, Careful | None], Iterator[Block]]

REASONS: Mapping[str, str] = {
    "not json": "the line is no JSON",
    "not an object": "the line is JSON, but not one object",
    "wrong type": "a mapped field has another type than its reader takes",
    "no text": "the text field is missing or null",
    "bad utf-8": "a mapped field is not valid UTF-8",
    "too long": "the record is longer than the reader takes",
    "cut short": "the shard ends inside a record, a member or a frame",
    "bad record": "the container's own framing is broken there (WARC headers or length, CSV quoting or columns, Parquet page)",
    "killed": "reading or checking it killed the process twice",
}
"""Reason -> what it means; one reason a record, the first that applies in this order of reading."""

READ_SCHEMA = pa.schema(
    [pa.field("index", pa.uint32(), nullable=False), *(f for f in RECORD if f.name not in ("row", "file"))]
)
"""The schema of `Block.batch`."""

LONGEST_RECORD_BYTES = 256 << 20
"""A framed record past this is unread, `too long`: one more byte than a 32-bit Arrow offset could hold is far above it."""
