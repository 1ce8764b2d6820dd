"""Evidence of a check: where something was found, never the personal value itself."""

from typing import Final

import pyarrow as pa

FINDING: Final = pa.schema(
    [
        pa.field(
            "rule", pa.string(), nullable=False
        ),  # licence.cc-url, personal.EMAIL_ADDRESS, provenance.unregistered
        pa.field("row", pa.uint32(), nullable=False),
        pa.field("start", pa.int64()),  # code points in text, half open; null: the record as a whole
        pa.field("end", pa.int64()),
        pa.field("start_byte", pa.int64()),
        pa.field("end_byte", pa.int64()),
        pa.field("score_ppm", pa.int32()),
        pa.field("detail", pa.string()),  # a closed word (a licence id, a validator's name), never text of the record
    ]
)

PERSONAL_FINDING: Final = pa.schema(
    [
        *FINDING,
        pa.field("entity", pa.string(), nullable=False),
        pa.field(
            "value_hmac", pa.binary(16)
        ),  # HMAC-SHA256(key, entity + NUL + canonical value), first 16 bytes; null without a key
        pa.field("preview", pa.string()),  # masked; null unless asked for
    ]
)

ORDER: Final = ("row", "rule", "start", "end")
"""How the writer sorts findings before they become an object (data-path §8)."""


def record_findings(rule: pa.Array, row: pa.Array, detail: pa.Array) -> pa.Table:
    """FINDING of records as a whole, which have no place in their text: one of each entry."""
    nowhere = (pa.nulls(len(row), FINDING.field(name).type) for name in ("start", "end", "start_byte", "end_byte"))
    columns = [rule, row, *nowhere, pa.nulls(len(row), FINDING.field("score_ppm").type), detail]
    return pa.Table.from_arrays(columns, schema=FINDING)
