"""What every reader yields and every check sees: one Arrow schema, one row a record that could be read."""

from typing import Final

import pyarrow as pa

ROLE_SPAN: Final = pa.struct(
    [
        pa.field("role", pa.string(), nullable=False),  # system, user, assistant, tool, prompt, chosen, rejected
        pa.field("path", pa.string(), nullable=False),  # the field it came from: messages[1].content
        pa.field("start", pa.int64(), nullable=False),  # code points in text, half open
        pa.field("end", pa.int64(), nullable=False),
    ]
)

TOOL_CALL: Final = pa.struct(
    [
        pa.field("at", pa.int32(), nullable=False),  # the message: n of messages[n]
        pa.field("is_answer", pa.bool_(), nullable=False),  # of a tool, to a call; else a call
        pa.field("id", pa.uint64(), nullable=False),  # a hash of the call's id; 0: it has, or names, none
    ]
)

RECORD: Final = pa.schema(
    [
        pa.field("row", pa.uint32(), nullable=False),  # number within the unit; unread records take one too
        pa.field("text", pa.large_string(), nullable=False),
        pa.field("roles", pa.list_(ROLE_SPAN)),  # null where the layout has no roles
        pa.field("url", pa.string()),
        pa.field("collected_at", pa.string()),  # as the record gives it
        pa.field("declared_licence", pa.string()),
        pa.field("author", pa.string()),
        pa.field("meta", pa.string()),  # what else the mapping names, as JSON text
        pa.field("file", pa.uint32(), nullable=False),  # which file of the unit, from 0
        pa.field("offset", pa.int64(), nullable=False),  # bytes in the decoded shard; row number for Parquet
        pa.field("length", pa.int64(), nullable=False),  # decoded bytes of the framed record; 1 for Parquet
        pa.field("calls", pa.list_(TOOL_CALL)),  # null where the record has no id of a tool call; in memory alone
        pa.field("implicit_labels", pa.string()),  # of GB 45438, in what the source does not map; in memory alone
    ]
)

MAPPED: Final = ("text", "url", "collected_at", "declared_licence", "author", "meta")
"""The fields a source's column mapping may name."""

# What a check may ask for beyond the record (data-path §5 `reads`), in the batch's schema metadata or as a column.
# Only declared values are ever there, so a work id spells out all a result follows from.
REGISTRY_READS: Final = (
    "source.registered", "source.licence", "source.class", "source.category", "source.stage", "source.language",
    "source.review", "source.generator", "source.generator_licence", "source.content_kind",
)  # fmt: skip
SHARD_NAME: Final = "shard.name"
"""Declared by a check that reads the shard's path as registered: the batch then has a string column of that name."""

LICENCE_TERMS: Final = "licence.terms"
"""Declared by a check that reads what other checks say of a record's terms: the batch then has a column of that name, lists of
`LICENCE_TERM`, where they say anything of any of its records."""
LICENCE_TERM: Final = pa.struct(
    [
        pa.field("licence", pa.string(), nullable=False),  # an SPDX expression, or LicenseRef-…
        pa.field("detector", pa.string(), nullable=False),  # the check that says so
        pa.field("version", pa.int32(), nullable=False),  # of the check
        pa.field("what", pa.string(), nullable=False),  # what it went by: a signal, a dataset and field
        pa.field("start", pa.int64()),  # code points in text, half open; null: of the whole record
        pa.field("end", pa.int64()),
        pa.field("start_byte", pa.int64()),
        pa.field("end_byte", pa.int64()),
        pa.field("confidence_ppm", pa.int32(), nullable=False),
    ]
)
TERMS: Final = pa.schema([pa.field("row", pa.uint32(), nullable=False), *LICENCE_TERM])
"""What one check says of some rows of a batch: `row` as in RECORD, of one row any number of terms."""
