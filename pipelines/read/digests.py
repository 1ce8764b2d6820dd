"""Digest the stored bytes of a shard as they pass: its 64 MiB chunks, and exactly what a span's records follow from."""

import hashlib
from dataclasses import dataclass
from typing import Final

CHUNK_BYTES: Final = 64 << 20
"""data-path §4; a chunk is hashed by the span that holds its first byte, which reads on to the chunk's end."""


@dataclass(frozen=True, slots=True)
class ShardDigests:
    """*chunks*: sha256 of each chunk that begins in the span; *input_sha256* over the stored bytes [first, last) that the
    span's records follow from, hex. For a whole shard that is everything, so a one-chunk shard has one digest twice.
    """

    chunks: tuple[bytes, ...]
    input_sha256: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Extent:
    """Which stored bytes count. *start*, *end*: where chunks of this span may begin, and its records.

    *lines*: records are lines, so the input is from the first line that begins in [start, end) to the end of the last.
    *also*: a further range of the input, behind the first (a Parquet footer).
    """

    start: int
    end: int
    size: int
    lines: bool = False
    also: tuple[int, int] | None = None

    @property
    def whole(self) -> bool:
        """Whether it is the whole shard, whose input is simply all of its bytes."""
        return self.start == 0 and self.end >= self.size


class Tap:
    """Hashes the bytes of an extent, shown in any pieces but in sequence. What was shown before is passed over.

    *position*: the next byte wanted; *done*: whether all digests are known.
    """

    def __init__(self, extent: Extent, chunk_bytes: int = CHUNK_BYTES) -> None:
        """*chunk_bytes* is a parameter for tests alone."""
        self._extent = extent
        self._chunk_bytes = chunk_bytes
        first = -(-extent.start // chunk_bytes) * chunk_bytes
        last = -(-min(extent.end, extent.size) // chunk_bytes) * chunk_bytes
        self._chunks_from, self._chunks_to = first, max(first, min(last, extent.size))
        self._chunks: list[bytes] = []
        self._chunk = hashlib.sha256()
        self._once = extent.whole and extent.size <= chunk_bytes  # the one chunk is the input
        self._input = hashlib.sha256()
        exact = not extent.lines or extent.whole
        self._first = 0 if extent.start == 0 else (extent.start if exact else None)
        self._last = min(extent.end, extent.size) if exact else None
        begin = extent.start - 1 if self._first is None else extent.start
        self.position = begin

    @property
    def done(self) -> bool:
        """Whether nothing more is wanted."""
        if self.position >= self._extent.size:
            return True
        if self._first is None or self._last is None or self.position < max(self._last, self._chunks_to):
            return False
        also = self._extent.also
        return also is None or self.position >= also[1]

    def skip_to(self) -> int:
        """The next byte worth showing; all between it and *position* counts for nothing."""
        also = self._extent.also
        reached = self._last is not None and self.position >= max(self._last, self._chunks_to)
        if also is not None and reached and self.position < also[0]:
            self.position = also[0]
        return self.position

    def show(self, piece: memoryview, at: int) -> None:
        """Bytes *piece* stand at offset *at*; a piece that begins behind *position* is not in sequence and is left alone."""
        if at > self.position or at + len(piece) <= self.position:
            return
        piece, at = piece[self.position - at :], self.position
        self._show_chunks(piece, at)
        if not self._once:
            self._show_input(piece, at)
        self.position = at + len(piece)

    def digests(self) -> ShardDigests:
        """The digests; only once *done*."""
        size = self._extent.size
        first = size if self._first is None else self._first
        last = max(first, size if self._last is None else self._last)
        chunks = tuple(self._chunks)
        if (
            self._chunks_from < self._chunks_to
            and len(chunks) * self._chunk_bytes < self._chunks_to - self._chunks_from
        ):
            chunks += (self._chunk.digest(),)
        if self._once:
            return ShardDigests(chunks, chunks[0].hex() if chunks else hashlib.sha256().hexdigest(), first, last)
        return ShardDigests(chunks, self._input.hexdigest(), first, last)

    def _show_chunks(self, piece: memoryview, at: int) -> None:
        low, high = max(at, self._chunks_from), min(at + len(piece), self._chunks_to)
        while low < high:
            upto = min(high, (low // self._chunk_bytes + 1) * self._chunk_bytes)
            self._chunk.update(piece[low - at : upto - at])
            if upto % self._chunk_bytes == 0:
                self._chunks.append(self._chunk.digest())
                self._chunk = hashlib.sha256()
            low = upto

    def _show_input(self, piece: memoryview, at: int) -> None:
        if self._first is None:
            self._first = _after_line_end(piece, at, self._extent.start - 1)
            if self._first is not None and self._first >= self._extent.end:
                self._last = self._first  # no line begins in the span
        if self._first is not None and self._last is None:
            self._last = _after_line_end(piece, at, self._extent.end - 1)
        if self._first is None:
            return
        end = at + len(piece)
        ranges = [(self._first, end if self._last is None else self._last)]
        if self._extent.also is not None:
            ranges.append(self._extent.also)
        for start, stop in ranges:
            low, high = max(at, start), min(end, stop)
            if low < high:
                self._input.update(piece[low - at : high - at])


def _after_line_end(piece: memoryview, at: int, not_before: int) -> int | None:
    """Just after the first LF at or after *not_before*, if it is in *piece*."""
    low = max(not_before - at, 0)
    if low >= len(piece):
        return None
    step = 1 << 16  # the line usually ends soon: no copy of all the rest
    while low < len(piece):
        found = bytes(piece[low : low + step]).find(b"\n")
        if found >= 0:
            return at + low + found + 1
        low += step
    return None
