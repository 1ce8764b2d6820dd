"""Read Arrow IPC, file and stream alike: a record is a row, its offset the row's number in the file."""

from collections.abc import Iterator

import pyarrow as pa

from pipelines.read.base import Block, Careful, Framing, Shard, Span
from pipelines.read.blocks import broken_block
from pipelines.read.codec import DecodedFile, decoded
from pipelines.read.columns import field_paths
from pipelines.read.label_columns import labels_of
from pipelines.read.tabular import block_of_rows, check_columns, slices

_FILE_MAGIC = b"ARROW1\0\0"


def read_arrow(shard: Shard, span: Span, framing: Framing, careful: Careful | None = None) -> Iterator[Block]:
    """All rows (*span* is the whole). A file is read as the stream it contains, so one that lost its footer is read too.

    What breaks off or does not decode is one unread record at the next row number, of length 0.
    Raises ConfigError where a mapped column is missing or holds no text.
    """
    if span != Span():
        raise ValueError(span)
    paths = field_paths(framing)
    stream = DecodedFile(decoded(shard.stream(), framing.codec))
    head = stream.read(len(_FILE_MAGIC))
    if not head and stream.failure is None:
        return
    row = 0
    try:
        source = pa.PythonFile(DecodedFile(stream, b"" if head == _FILE_MAGIC else head), "r")
        with pa.ipc.open_stream(source) as batches:
            check_columns(batches.schema, paths, shard.name)
            labels = labels_of(batches.schema, paths)
            for batch in batches:
                for part in slices(batch):
                    if careful is not None:
                        careful.before(row)
                    yield block_of_rows(part, paths, labels, row, careful)
                    row += part.num_rows
    except (pa.ArrowException, OSError, EOFError):
        yield broken_block(row, 0, stream.failure or ("cut short" if stream.ended else "bad record"))
        return
    if stream.failure is not None:
        yield broken_block(row, 0, stream.failure)
