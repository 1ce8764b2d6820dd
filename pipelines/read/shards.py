"""Open one stored file, local or on a store, so that readers read it once and its digests come along."""

import io
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from pipelines.read.base import Framing, Span
from pipelines.read.digests import CHUNK_BYTES, Extent, ShardDigests, Tap
from schemas.errors import ConfigError, StoreError

HELD_BYTES = 64 << 20
"""A file up to this size is read once, into memory."""
_DRAIN_BYTES = 4 << 20


class OpenShard:
    """A shard open for one span of one framing: the `Shard` that readers take, and its digests after reading.

    `digests()` reads what the reader has left, so it gives the same with and without reading (`hash_only`).
    """

    def __init__(self, name: str, size_bytes: int, files: "_Files", extent: Extent, chunk_bytes: int) -> None:
        """Use `open_shard`. *files* opens the stored bytes anew each time."""
        self.name = name
        self.size_bytes = size_bytes
        self._files = files
        self._tap = Tap(extent, chunk_bytes)
        self._streams: list[IO[bytes]] = []

    def stream(self, start: int = 0) -> IO[bytes]:
        """Stored bytes from byte *start* on, sequential; every byte that passes is hashed."""
        stream: IO[bytes] = _Hashed(self._files.open(), start, self._tap)  # type: ignore[assignment]
        self._streams.append(stream)
        return stream

    def seekable(self) -> IO[bytes]:
        """Stored bytes with random access, not hashed on the way."""
        return self._files.open()

    def digests(self) -> ShardDigests:
        """Digests of this span; reads the bytes that no stream has passed yet."""
        if not self._tap.done:
            buffer = memoryview(bytearray(min(_DRAIN_BYTES, max(1, self.size_bytes))))
            with self._files.open() as file:
                while not self._tap.done:
                    at = self._tap.skip_to()
                    file.seek(at)
                    got = file.readinto(buffer)  # type: ignore[attr-defined]
                    if not got:
                        raise StoreError(
                            f"{self.name}@{at}: the shard is shorter than the {self.size_bytes} bytes it had when it was opened; "
                            "it changes while it is read: run again when it is complete"
                        )
                    self._tap.show(buffer[:got], at)
        return self._tap.digests()

    def close(self) -> None:
        """Close every stream, and give up what is held in memory."""
        for stream in self._streams:
            stream.close()
        self._files.close()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def open_shard(uri: str, span: Span, framing: Framing, chunk_bytes: int = CHUNK_BYTES) -> OpenShard:
    """Open *uri* (a local path, or s3://, gs://, hdfs://) to read *span* of it.

    Raises StoreError where it is missing or may not be read.
    """
    try:
        files = _Files(uri)
        return OpenShard(uri, files.size_bytes, files, _extent(files, span, framing), chunk_bytes)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{uri}: cannot be opened ({_plainly(error)}); check that it exists and may be read"
        ) from error


def hash_only(uri: str, span: Span, framing: Framing, chunk_bytes: int = CHUNK_BYTES) -> ShardDigests:
    """The digests that reading *span* gives, without parsing anything."""
    with open_shard(uri, span, framing, chunk_bytes) as shard:
        return shard.digests()


def file_system(uri: str) -> tuple[pafs.FileSystem, str]:
    """The file system of a remote *uri* and the path in it, taken as it stands: a key may hold spaces, ``%`` or ``?``.

    Endpoint, region and credentials come from the environment. Raises ConfigError for a scheme that nothing reads.
    """
    scheme, _, rest = uri.partition("://")
    authority, _, path = rest.partition("/")
    system, base = _opened_system(f"{scheme}://{authority}")
    return system, f"{base}/{path}"


@lru_cache(maxsize=64)
def _opened_system(root: str) -> tuple[pafs.FileSystem, str]:
    """One file system a bucket and process: opening one may ask the network for the bucket's region."""
    try:
        system, base = pafs.FileSystem.from_uri(root if root.partition("://")[2] else f"{root}/")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ConfigError(f"{root}: {_plainly(error)}; give a local path, s3://, gs:// or hdfs://") from error
    return system, base.rstrip("/")


def forget_systems() -> None:
    """Open every file system anew the next time: what is in the environment has changed."""
    _opened_system.cache_clear()


def is_remote(uri: str) -> bool:
    """Whether *uri* has a scheme; a local path has none."""
    return "://" in uri


class _Files:
    """The stored bytes of one file, in memory where they are few."""

    def __init__(self, uri: str) -> None:
        self._system: pafs.FileSystem | None = None
        self._path = uri
        if is_remote(uri):
            self._system, self._path = file_system(uri)
        self.size_bytes = Path(uri).stat().st_size if self._system is None else self._remote_size(self._system)
        self._held: bytes | None = None
        if self.size_bytes <= HELD_BYTES:
            with self._opened() as file:
                self._held = file.read()
            self.size_bytes = len(self._held)

    def open(self) -> IO[bytes]:
        """The bytes from the start, seekable."""
        return self._opened() if self._held is None else io.BytesIO(self._held)

    def close(self) -> None:
        """Let the bytes go."""
        self._held = None

    def _opened(self) -> IO[bytes]:
        if self._system is None:
            return Path(self._path).open("rb", buffering=0)
        file: IO[bytes] = self._system.open_input_file(self._path)
        return file

    def _remote_size(self, system: pafs.FileSystem) -> int:
        info = system.get_file_info(self._path)
        if info.type != pafs.FileType.File:
            raise FileNotFoundError(f"no such file: {self._path}")
        return int(info.size)


class _Hashed(io.RawIOBase):
    """A sequential file that shows every byte to a tap."""

    def __init__(self, file: IO[bytes], start: int, tap: Tap) -> None:
        self._file, self._at, self._tap = file, start, tap
        file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        view = memoryview(into)
        got: int = self._file.readinto(view)  # type: ignore[attr-defined]
        self._tap.show(view[:got], self._at)
        self._at += got
        return got

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self._file.close()
        super().close()


def splits_by_lines(framing: Framing) -> bool:
    """Whether a span of this framing is a byte range whose records are lines."""
    return framing.codec == "none" and (framing.format == "jsonl" or framing.record == "line")


def _extent(files: _Files, span: Span, framing: Framing) -> Extent:
    size = files.size_bytes
    if span.start == 0 and span.end is None:
        return Extent(0, size, size)
    if splits_by_lines(framing):
        return Extent(span.start, size if span.end is None else span.end, size, lines=True)
    if framing.format == "parquet":
        with files.open() as file:
            return _row_groups(pq.read_metadata(file), span, size)
    raise ConfigError(f"a {framing.format} file ({framing.codec}) is never split, but a span of {span} was planned")


def _row_groups(metadata: pq.FileMetaData, span: Span, size: int) -> Extent:
    """The bytes from the first row group of *span* to where the next one begins, and the footer.

    The first group owns what stands before it, the last one what stands behind it (page indexes, bloom filters).
    """
    begins = [0] + [_begin(metadata.row_group(i)) for i in range(1, metadata.num_row_groups)]
    footer = size - 8 - metadata.serialized_size
    last = metadata.num_row_groups if span.end is None else min(span.end, metadata.num_row_groups)
    start = begins[span.start] if span.start < len(begins) else size
    if last >= metadata.num_row_groups:
        return Extent(start, size, size)
    return Extent(start, begins[last], size, also=(footer, size))


def _begin(group: pq.RowGroupMetaData) -> int:
    columns = [group.column(i) for i in range(group.num_columns)]
    begin: int = min(
        c.data_page_offset if c.dictionary_page_offset is None else c.dictionary_page_offset for c in columns
    )
    return begin


def _plainly(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).splitlines()[0]
