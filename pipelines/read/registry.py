"""Every reader by its format, and the one way to read a span of a shard."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version

from lxml import etree

from pipelines.read.arrow_ipc import read_arrow
from pipelines.read.base import Block, Careful, Framing, Reader, Shard, Span
from pipelines.read.delimited import read_delimited
from pipelines.read.json_array import read_json_array
from pipelines.read.jsonl import read_jsonl
from pipelines.read.parquet import read_parquet
from pipelines.read.plain import read_plain
from pipelines.read.warc import read_warc

READERS: Mapping[str, Reader] = {
    "jsonl": read_jsonl,
    "json-array": read_json_array,
    "csv": read_delimited,
    "parquet": read_parquet,
    "arrow": read_arrow,
    "warc": read_warc,
    "wet": read_warc,
    "text": read_plain,
    "markdown": read_plain,
    "code": read_plain,
}
"""Format of a framing -> its reader; the rule of each stands in docs/reading-rules.md."""

READING_VERSION = 1
"""Raised by hand when a reader's output changes for the same bytes; part of every work id."""

_ENGINES = {
    "jsonl": ("pyarrow",), "json-array": ("pyarrow",), "parquet": ("pyarrow",), "arrow": ("pyarrow",),
    "csv": (), "text": (), "markdown": (), "code": (), "warc": ("fastwarc", "lxml"), "wet": ("fastwarc",),
}  # fmt: skip


def read_blocks(shard: Shard, span: Span, framing: Framing, careful: Careful | None = None) -> Iterator[Block]:
    """The blocks of the records in *span*, by the reader of the framing's format.

    Raises ConfigError where the mapping does not fit the shard, with its name, the column and the columns it has.
    """
    return READERS[framing.format](shard, span, framing, careful)


@cache
def engines(kind: str) -> dict[str, str]:
    """Name -> version of what the output of a format's reader follows from beyond our own code, for work ids (data-path §5)."""
    named = {name: version(name) for name in _ENGINES[kind]}
    if "lxml" in named:
        named["libxml2"] = ".".join(map(str, etree.LIBXML_VERSION))
    return {"reading": str(READING_VERSION), **named}
