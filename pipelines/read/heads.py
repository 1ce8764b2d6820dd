"""What the plan must see of a file before any worker does: its first bytes, and a Parquet file's row groups."""

from pathlib import Path

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq

from pipelines.read.media import HEAD_BYTES
from pipelines.read.shards import file_system, is_remote
from schemas.errors import StoreError


def head_of(uri: str) -> bytes:
    """The first `HEAD_BYTES` stored bytes. Raises StoreError where the file cannot be opened."""
    try:
        if not is_remote(uri):
            with Path(uri).open("rb") as file:
                return file.read(HEAD_BYTES)
        system, path = file_system(uri)
        with system.open_input_stream(path, compression=None, buffer_size=None) as stream:
            return bytes(stream.read(HEAD_BYTES))
    except OSError as error:
        raise StoreError(
            f"{uri}: cannot be opened ({error.strerror or 'no reason given'}); check that it may be read"
        ) from error


def row_group_bytes(uri: str) -> list[int]:
    """Stored bytes of each row group; of a file whose footer cannot be read, one group: its reader tells why."""
    try:
        system, path = file_system(uri) if is_remote(uri) else (pa.fs.LocalFileSystem(), uri)
        with system.open_input_file(path) as file:
            metadata = pq.ParquetFile(file).metadata
    except (OSError, pa.ArrowException):
        return [0]
    return [
        sum(metadata.row_group(g).column(c).total_compressed_size for c in range(metadata.num_columns))
        for g in range(metadata.num_row_groups)
    ] or [0]
