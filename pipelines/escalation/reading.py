"""The targeted second read of a unit: the records that are asked for, with their text and their own declarations."""

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.escalation.undecided import Unit
from pipelines.normalise import Framed, batches
from pipelines.read.registry import read_blocks
from pipelines.read.shards import open_shard
from pipelines.unit import changed_shards, framing_of, span_of
from schemas.canonical import parse_json
from schemas.errors import LedgerError


def read_again(unit: Unit) -> Iterator[pa.RecordBatch]:
    """The unit's undecided records as RECORD batches, in row order; files without one are not opened.

    Nothing where a record killed its reader, or a file is no longer as it was when the run read it: its places may have moved.
    """
    if unit.kills or changed_shards({"files": [_planned(file) for file in unit.files]}):
        return
    wanted = pa.array([record.row for record in unit.records], pa.uint32())
    try:
        for batch in batches(_numbered(unit)):
            here = batch.filter(pc.is_in(batch.column("row"), wanted))
            if here.num_rows:
                yield here
    except (LedgerError, OSError):
        return  # what is not given is told as not read, as a file that changed is


def _numbered(unit: Unit) -> Iterator[pa.RecordBatch]:
    framed, files = Framed(), {record.file for record in unit.records}
    for number, file in enumerate(unit.files):
        framed.begin_file()
        planned = _planned(file)
        framing = framing_of(planned)
        if number not in files or framing is None:
            framed.rows += file["rows"]
            continue
        with open_shard(planned["uri"], span_of(planned), framing) as shard:
            for block in read_blocks(shard, span_of(planned), framing, None):
                if (batch := framed.number(block)) is not None:
                    yield batch


def _planned(file: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the units table as the plan had it."""
    return {
        "shard": file["shard"], "uri": file["uri"], "token": file["token"], "start": file["range_start"], "end": file["range_end"],
        "framing": None if file["framing"] is None else parse_json(file["framing"].encode()), "problem": None,
    }  # fmt: skip
