"""Shards in memory, and what readers gave, in a form that is equal whatever the blocks."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from pipelines.read.base import Block, Framing, Span


@dataclass(frozen=True)
class Held:
    """A shard whose stored bytes lie in memory."""

    stored: bytes
    name: str = "held"

    @property
    def size_bytes(self) -> int:
        """Number of stored bytes."""
        return len(self.stored)

    def stream(self, start: int = 0) -> IO[bytes]:
        """Stored bytes from *start*."""
        file = io.BytesIO(self.stored)
        file.seek(start)
        return file

    def seekable(self) -> IO[bytes]:
        """Stored bytes with random access."""
        return io.BytesIO(self.stored)


def gathered(blocks: Iterable[Block]) -> list[dict[str, Any]]:
    """Every framed record in order: offset, length, and either its fields or the reason why it was not read."""
    rows: list[dict[str, Any]] = []
    for block in blocks:
        block.batch.validate(full=True)
        assert block.framed == block.batch.num_rows + len(block.unread)
        read = {r.pop("index"): r for r in block.batch.to_pylist()}
        lost = {u.index: {"offset": u.offset, "length": u.length, "unread": u.reason} for u in block.unread}
        assert sorted([*read, *lost]) == list(range(block.framed))
        rows += [read.get(i) or lost[i] for i in range(block.framed)]
    return rows


def short(rows: list[dict[str, Any]]) -> list[str]:
    """Text of each record, or its reason in angle brackets."""
    return [f"<{r['unread']}>" if "unread" in r else r["text"] for r in rows]


JSONL = Framing("jsonl")
WHOLE = Span()
