"""The targeted second read of a unit: the records that are asked for, with their text and their own declarations."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from pipelines.escalation.undecided import Unit
from pipelines.read_again import planned_of, wanted_rows
from pipelines.unit import changed_shards
from schemas.errors import LedgerError


def read_again(unit: Unit) -> Iterator[pa.RecordBatch]:
    """The unit's undecided records as RECORD batches, in row order; files without one are not opened.

    Nothing where a record killed its reader, or a file is no longer as it was when the run read it: its places may have moved.
    """
    planned = [planned_of(file) for file in unit.files]
    if unit.kills or changed_shards({"files": planned}):
        return
    wanted = np.array(sorted({record.row for record in unit.records}), np.int64)
    try:
        for batch, keep in wanted_rows(planned, [file["rows"] for file in unit.files], wanted):
            yield batch.take(pa.array(keep))
    except (LedgerError, OSError):
        return  # what is not given is told as not read, as a file that changed is
