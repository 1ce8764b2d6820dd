"""Read Parquet: a record is a row, its offset the row's number in the file; only mapped columns are decoded, and labels."""

from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.read.base import BLOCK_BYTES, Block, Careful, Framing, Shard, Span, Unread
from pipelines.read.blocks import broken_block, make_block
from pipelines.read.columns import field_paths
from pipelines.read.label_columns import Labels, labels_of
from pipelines.read.tabular import Paths, block_of_rows, check_columns, projection

_MAGIC = b"PAR1"
_LEAST_BYTES = 12  # magic, footer length, magic
_UNREAD_ROWS = 65_536


def read_parquet(shard: Shard, span: Span, framing: Framing, careful: Careful | None = None) -> Iterator[Block]:
    """The rows of the row groups in *span*, in blocks of about `BLOCK_BYTES` of the columns that are decoded.

    A file without a readable footer gives one unread record at row 0 of length 0. Where a page does not decode, the rows
    of its batch and the rest of its row group are `bad record`, since Parquet gives no way to find a row behind it.
    Raises ConfigError where a mapped column is missing or holds no text.
    """
    paths = field_paths(framing)
    with shard.seekable() as file:
        size = file.seek(0, 2)
        if size == 0:
            return
        try:
            table = pq.ParquetFile(file, pre_buffer=False)
        except (pa.ArrowException, OSError):
            yield broken_block(0, 0, "bad record" if _ends_well(file, size) else "cut short")
            return
        check_columns(table.schema_arrow, paths, shard.name)
        labels = labels_of(table.schema_arrow, paths, table.metadata.metadata)
        last = table.num_row_groups if span.end is None else min(span.end, table.num_row_groups)
        row = sum(table.metadata.row_group(i).num_rows for i in range(span.start))
        for group in range(span.start, last):
            yield from _group(table, group, row, paths, labels, careful)
            row += table.metadata.row_group(group).num_rows


def row_group_count(shard: Shard) -> int:
    """How many row groups *shard* has, for the plan; 0 where its footer cannot be read."""
    with shard.seekable() as file:
        try:
            return int(pq.read_metadata(file).num_row_groups)
        except (pa.ArrowException, OSError):
            return 0


def _group(
    table: pq.ParquetFile, group: int, first: int, paths: Paths, labels: Labels, careful: Careful | None
) -> Iterator[Block]:
    columns = projection(paths, labels)
    rows = table.metadata.row_group(group).num_rows
    step = _batch_rows(table.metadata.row_group(group), columns)
    if careful is not None and any(first < end and start < first + rows for start, end in careful.slow):
        step = 1
    done = 0
    try:
        for batch in table.iter_batches(step, row_groups=[group], columns=columns, use_threads=False):
            if careful is not None:
                careful.before(first + done)
            yield block_of_rows(batch, paths, labels, first + done, careful)
            done += batch.num_rows
    except (pa.ArrowException, OSError):
        pass  # what is left of the group is counted below
    for start in range(done, rows, _UNREAD_ROWS):
        count = min(_UNREAD_ROWS, rows - start)
        none = np.empty(0, np.int64)
        lost = [Unread(i, first + start + i, 1, "bad record") for i in range(count)]
        yield make_block({}, none, none, none, lost)


def _batch_rows(group: pq.RowGroupMetaData, columns: list[str]) -> int:
    """Rows of about `BLOCK_BYTES` of these columns; a function of the file alone."""
    chunks = [group.column(i) for i in range(group.num_columns)]
    mapped = [c for c in chunks if any(c.path_in_schema == n or c.path_in_schema.startswith(f"{n}.") for n in columns)]
    total = sum(c.total_uncompressed_size for c in mapped)
    return int(max(1, min(group.num_rows, BLOCK_BYTES * group.num_rows // max(1, total)), min(group.num_rows, 16)))


def _ends_well(file: IO[bytes], size: int) -> bool:
    """Whether the last bytes are the magic that stands behind a footer; in a shorter file it is the one at the start."""
    file.seek(max(0, size - len(_MAGIC)))
    return file.read(len(_MAGIC)) == _MAGIC and size >= _LEAST_BYTES
