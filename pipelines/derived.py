"""Checks that follow from what other checks stored of a unit: they are shown those columns, and no record is read for them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from checks import BY_NAME
from checks.base import Check
from manifests.store import Store
from pipelines.outputs import CheckOutputs, WorkResult
from pipelines.sorted_rows import columns_of, opened
from pipelines.works import READING

ROWS_A_BATCH: Final = 65_536


def with_derived(
    store: Store, checks: Sequence[Check], known: Mapping[str, WorkResult]
) -> tuple[dict[str, WorkResult], list[str]]:
    """*known*, the results of reading and of the checks of a unit, with those of the derived checks that are not there yet; and
    the names of these.
    """
    results, made = dict(known), list[str]()
    for check in checks:
        if check.derives and check.name not in results:
            results[check.name] = _derived(store, check, results)
            made.append(check.name)
    return results, made


def _derived(store: Store, check: Check, results: Mapping[str, WorkResult]) -> WorkResult:
    out = CheckOutputs(check)
    for batch in _batches(store, check, results):
        out.show(batch)
    return out.write(store.put_object, {})


def _batches(store: Store, check: Check, results: Mapping[str, WorkResult]) -> Iterator[pa.RecordBatch]:
    """`row` of every record of the unit and the columns that *check* follows from, in row order; see `Check.derives`."""
    records = results[READING].objects.get("records")
    if records is None:
        return
    row = columns_of(opened(store, records["sha256"]), ["row"]).column("row").combine_chunks()
    held = {"row": row}
    for name, columns in check.derives.items():
        held |= _beside(store, name, columns, results[name].objects.get("columns"), row)
    yield from pa.table(held).combine_chunks().to_batches(ROWS_A_BATCH)


def _beside(
    store: Store, name: str, columns: Sequence[str], told: Mapping[str, str] | None, row: pa.Array
) -> dict[str, pa.Array]:
    """The columns of a check beside *row*; null for a row that it has not."""
    if told is None:  # it could look at none of the records
        schema = BY_NAME[name].column_schema
        assert schema is not None
        return {f"{name}.{column}": pa.nulls(len(row), schema.field(column).type) for column in columns}
    table = columns_of(opened(store, told["sha256"]), ["row", *columns])
    rows = table.column("row").to_numpy()
    at = np.minimum(np.searchsorted(rows, row.to_numpy()), len(rows) - 1)
    place = pa.array(at, mask=rows[at] != row.to_numpy())
    return {f"{name}.{column}": table.column(column).combine_chunks().take(place) for column in columns}
