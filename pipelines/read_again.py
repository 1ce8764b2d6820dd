"""Records of a sealed run read once more from the corpus: wanted rows of a unit, by its row of the units table.

Only for as long as somebody looks: what is read is never kept. A file that is no longer what the run read is an error.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.normalise import Framed, batches
from pipelines.read.registry import read_blocks
from pipelines.read.shards import open_shard
from pipelines.unit import changed_shards, framing_of, span_of
from schemas.errors import LedgerError, RunError

NOT_THE_SAME: Final = "is not the file that the run read; restore it, or run again and draw from that run"


def read_again(
    files: Sequence[Mapping[str, Any]], wanted: npt.NDArray[np.int64], *, by_token: bool
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """RECORD batches of the *wanted* rows (sorted numbers in the unit) alone; files without one are not opened.

    *files*: the unit's rows of the units table, in the order of its files. *by_token*: refuse a file whose change token
    moved; without it the caller holds each text against its content id, so that a file put back from a copy is as good.
    Raises `RunError` where one has changed, is gone or cannot be read.
    """
    planned = [planned_of(row) for row in files]
    touched = [
        file for file, (low, high) in zip(planned, _bounds(files, wanted), strict=True) if low < high and by_token
    ]
    _refuse_changed(touched)
    try:
        for batch, keep in wanted_rows(planned, [row["rows"] for row in files], wanted):
            yield batch.take(pa.array(keep))
    except (LedgerError, OSError) as error:
        told = str(error) if isinstance(error, LedgerError) else f"{files[0]['shard']}: {error}"
        raise RunError(f"{told}; it could be read before: see what changed there") from error
    _refuse_changed(touched)


def wanted_rows(
    planned: Sequence[Mapping[str, Any]], counts: Sequence[int], wanted: npt.NDArray[np.int64]
) -> Iterator[tuple[pa.RecordBatch, npt.NDArray[np.intp]]]:
    """(RECORD batch, places in it of *wanted* rows: sorted numbers in the unit), where there are any.

    *planned*: the unit's files as its plan has them; *counts*: rows of each. Files without a wanted row are not opened.
    Raises what reading raises: whether that is an error, or told as not read, is the caller's.
    """
    framed = Framed()

    def numbered() -> Iterator[pa.RecordBatch]:
        for file, count in zip(planned, counts, strict=True):
            framed.begin_file()
            low, high = np.searchsorted(wanted, [framed.rows, framed.rows + count])
            framing = framing_of(file)
            if low == high or framing is None:
                framed.rows += count
                continue
            with open_shard(file["uri"], span_of(file), framing) as shard:
                for block in read_blocks(shard, span_of(file), framing, None):
                    if (batch := framed.number(block)) is not None:
                        yield batch

    for batch in batches(numbered()):
        keep = np.flatnonzero(np.isin(batch.column("row").to_numpy(), wanted))
        if len(keep):
            yield batch, keep


def planned_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the units table as the plan had it."""
    return {
        "shard": row["shard"], "uri": row["uri"], "token": row["token"], "start": row["range_start"], "end": row["range_end"],
        "framing": json.loads(row["framing"]) if row["framing"] is not None else None, "problem": None,
    }  # fmt: skip


def _bounds(files: Sequence[Mapping[str, Any]], wanted: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    first, found = 0, []
    for row in files:
        low, high = np.searchsorted(wanted, [first, first + row["rows"]])
        found.append((int(low), int(high)))
        first += row["rows"]
    return found


def _refuse_changed(files: Sequence[Mapping[str, Any]]) -> None:
    changed = changed_shards({"files": files})
    if changed:
        raise RunError("\n".join(f"{shard}: {NOT_THE_SAME}" for shard in changed))
