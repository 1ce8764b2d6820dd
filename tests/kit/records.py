"""Build batches of RECORD rows, shown to checks as the pipeline shows them.

Values that look personal are put together at run time, from parts that are none.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from checks.base import Check
from schemas.record import RECORD, REGISTRY_READS, SHARD_NAME
from tests.kit.derived import with_columns

REGISTRY: Final = {
    "source.registered": "yes", "source.licence": "CC-BY-4.0", "source.class": "self-collected",
    "source.category": "web-crawl", "source.stage": "pre-training", "source.language": "zh",
    "source.review": "approved", "source.generator": "GPT-4 2024-05",
}  # fmt: skip
SHARD: Final = "web/part-00.jsonl"


def records(rows: Sequence[Mapping[str, Any]], *, first_row: int = 0) -> pa.RecordBatch:
    """A batch of RECORD from dicts of what is known of each record; places are made up, the rest is null."""
    columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in RECORD.names}
    lengths = [len(row["text"].encode()) + 12 for row in rows]
    columns["row"] = [first_row + i for i in range(len(rows))]
    columns["file"] = [0] * len(rows)
    columns["offset"] = [1000 * (first_row + i) for i in range(len(rows))]
    columns["length"] = lengths
    return pa.RecordBatch.from_pydict(columns, schema=RECORD)


def texts(*values: str) -> pa.RecordBatch:
    """A batch of bare texts."""
    return records([{"text": value} for value in values])


def shown(
    check: Check, batch: pa.RecordBatch, registry: Mapping[str, str] = REGISTRY, shard: str = SHARD
) -> pa.RecordBatch:
    """The batch as the pipeline shows it to *check*: with the registry values and the name that it declares, no others; with
    the columns of other checks that it follows from.
    """
    batch = with_columns(check, batch)
    return with_registry(batch, [key for key in check.reads if key != SHARD_NAME], SHARD_NAME in check.reads,
                         registry, shard)  # fmt: skip


def with_everything(check: Check, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch as it is shown to *check*, with every value that a check could declare."""
    return with_registry(with_columns(check, batch), REGISTRY_READS, True, REGISTRY, SHARD)


def with_registry(
    batch: pa.RecordBatch, keys: Sequence[str], named: bool, registry: Mapping[str, str], shard: str
) -> pa.RecordBatch:
    """The batch with these registry values in its metadata and, where *named*, the shard's name as a column."""
    if named:
        batch = batch.append_column(SHARD_NAME, pa.array([shard] * batch.num_rows, pa.string()))
    return batch.replace_schema_metadata({key: registry[key] for key in keys if key in registry})


def resident_id(digits_17: str) -> str:
    """An 18-digit Chinese resident id with the check character of GB 11643 (mod 11-2)."""
    weights = [pow(2, 17 - i, 11) for i in range(17)]
    remainder = sum(int(d) * w for d, w in zip(digits_17, weights, strict=True)) % 11
    return digits_17 + "10X98765432"[remainder]


def luhn(digits: str) -> str:
    """The digits with their Luhn check digit."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))]
    return digits + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def address(name: str, site: str = "mail.example-kit.com") -> str:
    """An e-mail address."""
    return f"{name}@{site}"
