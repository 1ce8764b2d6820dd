"""Read text, Markdown and source code: the whole file is one record, or each of its lines."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pipelines.read.base import BLOCK_BYTES, LONGEST_RECORD_BYTES, Block, Careful, Framing, Shard, Span, Unread
from pipelines.read.blocks import broken_block, invalid_rows, make_block
from pipelines.read.codec import decoded
from pipelines.read.lines import BOM, Decoded, Window, cut_lines, too_long

_PIECE_BYTES = 1 << 20


def read_plain(
    shard: Shard, span: Span, framing: Framing, careful: Careful | None = None, window_bytes: int = BLOCK_BYTES,
    longest_bytes: int = LONGEST_RECORD_BYTES,
) -> Iterator[Block]:  # fmt: skip
    """The file as one record (*span* is the whole then), or with ``record: line`` the lines that begin in *span*."""
    stream = decoded(shard.stream(max(span.start - 1, 0)), framing.codec)
    if framing.record != "line":
        yield from _whole(stream, shard.size_bytes, careful, longest_bytes)
        return
    for window in cut_lines(stream, span, window_bytes, longest_bytes):
        if len(window.starts):
            yield _lines(window, careful, longest_bytes)
        if window.lost is not None:
            yield broken_block(*window.lost)


def _whole(stream: Decoded, stored_bytes: int, careful: Careful | None, longest_bytes: int) -> Iterator[Block]:
    octets, length = _all(stream, stored_bytes, longest_bytes)
    offset = len(BOM) if octets[: len(BOM)] == BOM else 0
    if length == offset and stream.failure is None:
        return  # a file of no bytes holds no record
    if careful is not None:
        careful.before(offset)
    reason = careful.skip.get(offset) if careful is not None else None
    reason = reason or stream.failure or ("too long" if length - offset > longest_bytes else None)
    text = _strings(octets[offset:], np.array([0, len(octets) - offset]))
    if reason is None and invalid_rows(text):
        reason = "bad utf-8"
    if reason is not None:
        yield broken_block(offset, length - offset, reason)
        return
    yield make_block({"text": text}, np.array([0]), np.array([offset]), np.array([length - offset]), [])


def _all(stream: Decoded, stored_bytes: int, longest_bytes: int) -> tuple[bytes, int]:
    """The decoded bytes and their number; of a file that is too long only the number and its beginning."""
    pieces, length = [], 0
    room = max(min(stored_bytes, longest_bytes), _PIECE_BYTES) + 1
    while True:
        piece = bytearray(room)
        got = stream.readinto(memoryview(piece))
        if length <= longest_bytes + len(BOM):
            pieces.append(bytes(memoryview(piece)[:got]))
        length += got
        if got < room:
            return b"".join(pieces) if len(pieces) > 1 else pieces[0], length
        room = _PIECE_BYTES * 8


def _lines(window: Window, careful: Careful | None, longest_bytes: int) -> Block:
    offsets, lengths = window.base + window.starts, window.ends - window.starts
    reasons = {int(i): "too long" for i in np.flatnonzero(too_long(window, longest_bytes))}
    if careful is not None:
        reasons.update(_skipped(offsets, careful))
    text = _strings(*_cut_out(window))
    reasons.update((row, "bad utf-8") for row in invalid_rows(text) if row not in reasons)
    unread = [Unread(i, int(offsets[i]), int(lengths[i]), reason) for i, reason in reasons.items()]
    index = np.arange(len(offsets))
    if reasons:
        index = np.setdiff1d(index, np.array(list(reasons)), assume_unique=True)
        text = text.take(pa.array(index))
    return make_block({"text": text}, index, offsets[index], lengths[index], unread)


def _skipped(offsets: NDArray[np.int64], careful: Careful) -> dict[int, str]:
    """Reasons of the rows to skip; announces the block, and each row that may kill by itself."""
    careful.before(int(offsets[0]))
    for start, end in careful.slow:
        for offset in offsets[(offsets >= start) & (offsets < end)]:
            careful.before(int(offset))
    rows = {int(np.searchsorted(offsets, at)): (at, reason) for at, reason in careful.skip.items()}
    return {row: why for row, (at, why) in rows.items() if row < len(offsets) and offsets[row] == at}


def _cut_out(window: Window) -> tuple[bytes, NDArray[np.int64]]:
    """The lines' bytes side by side, and where each begins and the last ends."""
    edges = np.zeros(len(window.buffer) + 1, np.int8)
    edges[window.starts] += 1
    edges[window.ends] -= 1
    inside = np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)
    octets = np.frombuffer(window.buffer, np.uint8)[inside]
    return octets.tobytes(), np.concatenate([[0], np.cumsum(window.ends - window.starts)])


def _strings(octets: bytes, offsets: NDArray[np.int64]) -> pa.Array:
    buffers = [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(octets)]
    return pa.Array.from_buffers(pa.large_string(), len(offsets) - 1, buffers)
