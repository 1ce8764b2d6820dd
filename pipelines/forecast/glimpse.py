"""The beginning, or some part, of a stored file, read by the ordinary readers and left there."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.forecast.stretches import Stretch, by_lines
from pipelines.read.base import Block, Framing, Span
from pipelines.read.registry import read_blocks
from pipelines.read.shards import file_system, is_remote
from schemas.errors import RecordError, Where

MOST_TEXT: Final = 32 << 20
"""What compressed bytes may come to before a piece is left, however few of them were read."""


@dataclass
class Glance:
    """What reading part of a stretch gave. *stored_bytes*: what the records stand for; *whole_text*: how much more text
    the records have than was read (of a long file that is one record).
    """

    blocks: list[Block] = field(default_factory=list)
    stored_bytes: float = 0
    records: float = 0
    unread: int = 0
    text_bytes: int = 0
    whole_text: float = 1

    def add(self, block: Block) -> bool:
        """Take a block; tells whether that is enough for any piece."""
        self.blocks.append(block)
        self.records += block.framed
        self.unread += len(block.unread)
        self.text_bytes += pc.sum(pc.binary_length(block.batch.column("text"))).as_py() or 0
        return self.text_bytes >= MOST_TEXT


class Glimpse:
    """A stored file for readers, of which a stream gives at most *most* bytes; a `pipelines.read.base.Shard`."""

    def __init__(self, uri: str, size_bytes: int, most: int | None = None) -> None:
        self.name, self.size_bytes, self.most = uri, size_bytes, most
        self.passed = 0
        self._files: list[IO[bytes]] = []

    def stream(self, start: int = 0) -> IO[bytes]:
        """Stored bytes from byte *start* on."""
        begun: IO[bytes] = _Begun(self.seekable(), start, self)  # type: ignore[assignment]
        return begun

    def seekable(self) -> IO[bytes]:
        """Stored bytes with random access."""
        if is_remote(self.name):
            system, path = file_system(self.name)
            file: IO[bytes] = system.open_input_file(path)
        else:
            file = Path(self.name).open("rb", buffering=0)  # noqa: SIM115  # `close` does
        self._files.append(file)
        return file

    def close(self) -> None:
        """Close what was opened."""
        for file in self._files:
            file.close()


class _Begun(io.RawIOBase):
    """The beginning of a file."""

    def __init__(self, file: IO[bytes], start: int, shard: Glimpse) -> None:
        super().__init__()
        self._file, self._shard = file, shard
        self._file.seek(start)

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        view = memoryview(into)
        if self._shard.most is not None:
            view = view[: max(0, self._shard.most - self._shard.passed)]
        got: int = self._file.readinto(view) or 0  # type: ignore[attr-defined]
        self._shard.passed += got
        return got


def glance_at(stretch: Stretch, at: int, room: int) -> Glance:
    """Read about *room* stored bytes of a stretch, from byte *at* on where its format allows it.

    Raises what readers and storage raise; `RecordError` for one compressed record that is longer.
    """
    size, framing = stretch.size_bytes, stretch.framing
    if framing.format == "parquet":
        return _parquet(stretch, room)
    if by_lines(stretch) and stretch.size_bytes > room:
        first = (stretch.start or 0) + at
        return _read(stretch, Glimpse(stretch.uri, stretch.file_bytes), Span(first, first + room), room)
    span = Span(stretch.start or 0, stretch.end)
    if size <= room:
        return _read(stretch, Glimpse(stretch.uri, stretch.file_bytes), span, size)
    if _is_one_record(framing):
        return _one_record(stretch, room)
    if framing.format == "arrow":  # its batches are large: what is read ends between two of them
        return _read(stretch, Glimpse(stretch.uri, stretch.file_bytes), span, size, enough=room)
    most = room if framing.codec == "none" else max(1, room // 2)
    while 2 * most < size:
        found = _read(stretch, Glimpse(stretch.uri, stretch.file_bytes, most), span, most, cut=True)
        if found.records or most >= MOST_TEXT:
            return found
        most *= 4  # a frame, or a record, that is larger than what was to be looked at
    return _read(stretch, Glimpse(stretch.uri, stretch.file_bytes), span, size)


def _read(
    stretch: Stretch, glimpse: Glimpse, span: Span, stored: int, *, cut: bool = False, enough: int = MOST_TEXT
) -> Glance:
    found = Glance(stored_bytes=stored)
    try:
        for block in read_blocks(glimpse, span, stretch.framing, None):
            if found.add(block) or found.text_bytes >= enough:
                if glimpse.passed:
                    found.stored_bytes = min(stored, glimpse.passed)
                return found
    finally:
        glimpse.close()
    if cut and found.blocks:
        # The record in which the bytes were cut off is no record that cannot be read; on average half of it was seen.
        framed, unread = found.blocks[-1].framed, found.blocks[-1].unread
        if unread and unread[-1].index == framed - 1:
            found.records, found.unread = found.records - 1, found.unread - 1
        found.records += 0.5 if found.records else 0
    return found


def _parquet(stretch: Stretch, room: int) -> Glance:
    """Row groups that lie evenly in the stretch, of each the beginning; a row stands for its share of the file."""
    found = Glance()
    glimpse = Glimpse(stretch.uri, stretch.file_bytes)
    try:
        for group, rows, share in _groups(stretch, glimpse, room):
            before = found.records
            for block in read_blocks(glimpse, Span(group, group + 1), stretch.framing, None):
                if found.add(block) or found.text_bytes >= share:
                    break
            found.stored_bytes += stretch.file_bytes * (found.records - before) / max(1, rows)
            if found.text_bytes >= MOST_TEXT:
                break
    finally:
        glimpse.close()
    return found


def _groups(stretch: Stretch, glimpse: Glimpse, room: int) -> Iterator[tuple[int, int, float]]:
    """(row group, rows of the file, text to have read after it)."""
    with glimpse.seekable() as file:
        metadata = pq.read_metadata(file)
    first, last = stretch.start or 0, metadata.num_row_groups if stretch.end is None else stretch.end
    count = last - first if stretch.size_bytes <= room else max(1, min(last - first, -(-room // (1 << 20))))
    for k in range(count if last > first else 0):
        enough = MOST_TEXT if stretch.size_bytes <= room else room * (k + 1) / count
        yield first + (2 * k + 1) * (last - first) // (2 * count), metadata.num_rows, enough


def _is_one_record(framing: Framing) -> bool:
    return framing.format in {"text", "markdown", "code"} and framing.record == "file"


def _one_record(stretch: Stretch, room: int) -> Glance:
    """The beginning of a long file that is one record."""
    if stretch.framing.codec != "none":
        raise RecordError(Where(stretch.shard), "one compressed record too long for a sample")
    glimpse = Glimpse(stretch.uri, stretch.file_bytes)
    with glimpse.seekable() as file:
        head = file.read(room)
    most = room
    while most > room - 4 and head[most - 1] & 0xC0 == 0x80:  # end with a whole character: a cut one is no UTF-8
        most -= 1
    most -= head[most - 1] >= 0xC0
    found = _read(stretch, Glimpse(stretch.uri, stretch.file_bytes, most), Span(), stretch.size_bytes)
    found.stored_bytes, found.whole_text = stretch.size_bytes, stretch.size_bytes / most
    return found
