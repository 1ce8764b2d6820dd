"""Licence terms that some checks find of records, on their way to the checks that read them: no check knows another."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from checks.base import Check
from schemas.record import LICENCE_TERM, LICENCE_TERMS, TERMS

UNKNOWN: Final = "LicenseRef-unknown"
_PPM: Final = 1_000_000
_ORDER: Final = [(name, "ascending") for name in TERMS.names]


def reads_terms(check: Check) -> bool:
    """Is it shown what other checks say of a record's terms?"""
    return LICENCE_TERMS in check.reads


def to_show(checks: Sequence[Check], known: Collection[str]) -> tuple[Check, ...]:
    """The checks that a unit is to be shown to, those that give terms before those that read them.

    *known*: names of those whose result is there already; one that gives terms is shown the unit again where one that reads
    them is not known. A derived check is shown no record.
    """
    checks = [c for c in checks if not c.derives]
    missing = [c for c in checks if c.name not in known]
    again = any(map(reads_terms, missing))
    wanted = [c for c in checks if c.name not in known or (again and c.gives_terms)]
    return tuple(sorted(wanted, key=reads_terms))


def unknown_terms(check: Check, batch: pa.RecordBatch) -> pa.Table:
    """TERMS that say of every row that its terms are unknown, for *check*, which gives terms, failed on it."""
    told = {
        "licence": UNKNOWN,
        "detector": check.name,
        "version": check.version,
        "what": "unread",
        "confidence_ppm": _PPM,
    }
    rows = [{**dict.fromkeys(TERMS.names), **told, "row": row} for row in batch.column("row").to_pylist()]
    return pa.Table.from_pylist(rows, schema=TERMS)


def with_terms(batch: pa.RecordBatch, told: Sequence[pa.Table]) -> pa.RecordBatch:
    """*batch*, rows in rising order, with the column LICENCE_TERMS where *told* (tables of TERMS on its rows) has any row.

    Of one record the terms stand in the order of their values, each once, whatever the order in which they were told.
    """
    if not any(table.num_rows for table in told):
        return batch
    terms = pa.concat_tables(told).group_by(TERMS.names, use_threads=False).aggregate([]).sort_by(_ORDER)
    rows = np.asarray(batch.column("row").to_numpy(zero_copy_only=False))
    ends = np.searchsorted(terms.column("row").to_numpy(), rows, "right")
    values = pa.StructArray.from_arrays(
        [terms.column(field.name).combine_chunks() for field in LICENCE_TERM], fields=list(LICENCE_TERM)
    )
    lists = pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), values)
    return batch.append_column(LICENCE_TERMS, lists)
