"""Batches as derived checks are shown them: beside the columns of RECORD those of other checks, and profiles to drop under."""

import pyarrow as pa

from checks import BY_NAME
from checks.base import Check
from checks.quality import COUNTS, FURTHER
from checks.selection import Selection
from pipelines.selection import joined_profiles
from schemas.profiles import load

SETTINGS = {"quality": {"signals": "full"}}


def with_columns(check: Check, batch: pa.RecordBatch) -> pa.RecordBatch:
    """*batch* with the columns that *check* follows from, worked out of its texts; as it is where there are none."""
    for name, columns in check.derives.items():
        seen = BY_NAME[name](**SETTINGS.get(name, {})).look(batch.select(["row", "text"])).columns
        assert seen is not None
        for column in columns:
            held = seen.column(column).combine_chunks()
            batch = batch.append_column(f"{name}.{column}", held if isinstance(held, pa.Array) else held.chunk(0))
    return batch


def dropping_under(*names: str) -> Selection:
    """The check that judges by these profiles, loaded in this process."""
    made = joined_profiles(Selection(), [load(name, (*COUNTS, *FURTHER)) for name in names])
    made.use()
    return made.check
