"""Decode gz and zst streams as they are read: every member and frame, bounded output, and where it broke off.

gzip is RFC 1952, several members in a row being one file; Zstandard is RFC 8878, skippable frames giving no bytes.
"""

import io
import zlib
from collections.abc import Iterator
from typing import IO

import zstandard

from pipelines.read.lines import Decoded

_READ_BYTES = 1 << 20
_FEED_BYTES = 4096  # a zst block of 4 bytes may decode to 128 KiB: what is fed at once bounds what comes out at once
_GZIP_WBITS = 31
_LARGEST_WINDOW_BYTES = 1 << 31  # what `zstd --long=31` writes


class Plain:
    """Stored bytes as they stand; never breaks off."""

    failure: str | None = None

    def __init__(self, stored: IO[bytes]) -> None:
        """*stored*: the shard's bytes from where reading begins."""
        self._stored = stored

    def readinto(self, into: memoryview, /) -> int:
        """Fill *into*, all of it but at the end."""
        have = 0
        while have < len(into) and (got := self._stored.readinto(into[have:])):  # type: ignore[attr-defined]
            have += got
        return have


class Unpacked:
    """Decoded bytes of a compressed shard. *failure* tells how it broke off, after every byte before the break was given.

    `cut short`: the stored bytes end inside a member or frame. `bad record`: they are damaged, or something other than
    zero bytes follows the last member.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """*pieces*: decoded pieces of bounded size; raises `_BrokenError` at the break."""
        self.failure: str | None = None
        self._pieces = pieces
        self._piece = memoryview(b"")

    def readinto(self, into: memoryview, /) -> int:
        """Fill *into*, all of it but at the end or the break."""
        have = 0
        while have < len(into):
            if not self._piece and not self._more():
                break
            taken = self._piece[: len(into) - have]
            into[have : have + len(taken)] = taken
            have, self._piece = have + len(taken), self._piece[len(taken) :]
        return have

    def _more(self) -> bool:
        try:
            self._piece = memoryview(next(self._pieces))
        except StopIteration:
            return False
        except _BrokenError as broken:
            self.failure = broken.reason
            return False
        return True


class DecodedFile(io.RawIOBase):
    """A decoded stream as a file object. *ended*: whether everything was read; *failure* as in the stream."""

    def __init__(self, stream: "Decoded | DecodedFile", head: bytes = b"") -> None:
        """*head*: bytes that were read from *stream* already and come first."""
        super().__init__()
        self._stream, self._head = stream, head
        self.ended = False

    @property
    def failure(self) -> str | None:
        """Why the stream ended before its shard did; None while it has not."""
        return self._stream.failure

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Fill *into*, less at the end alone."""
        view = memoryview(into).cast("B")
        begun = min(len(self._head), len(view))
        view[:begun] = self._head[:begun]
        self._head = self._head[begun:]
        got = begun + self._stream.readinto(view[begun:]) if begun < len(view) else begun
        self.ended = self.ended or got < len(view)
        return got


def decoded(stored: IO[bytes], codec: str) -> Decoded:
    """The decoded stream of *stored* for a framing's codec: none, gz or zst."""
    if codec == "gz":
        return Unpacked(_gunzipped(stored))
    if codec == "zst":
        return Unpacked(_unzstd(stored))
    return Plain(stored)


class _BrokenError(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _blocks(stored: IO[bytes]) -> Iterator[memoryview]:
    """The stored bytes in equal blocks, so that what comes before a break does not hang on how storage answers."""
    source, block = Plain(stored), memoryview(bytearray(_READ_BYTES))
    while got := source.readinto(block):
        yield block[:got]


def _gunzipped(stored: IO[bytes]) -> Iterator[bytes]:
    member = zlib.decompressobj(_GZIP_WBITS)
    begun = any_member = False
    for block in _blocks(stored):
        piece: bytes | memoryview = block
        while piece:
            if not begun and any_member:
                piece = bytes(piece).lstrip(b"\0")  # RFC 1952 says nothing of padding; gzip(1) passes over zeros
                if not piece:
                    break
            try:
                out = member.decompress(piece, _READ_BYTES)
            except zlib.error:
                raise _BrokenError("bad record") from None
            begun = True
            if out:
                yield out
            if member.eof:
                piece, member, begun, any_member = member.unused_data, zlib.decompressobj(_GZIP_WBITS), False, True
            else:
                piece = member.unconsumed_tail
    if begun:
        yield from _flushed(member)
        raise _BrokenError("cut short")


def _flushed(member: "zlib._Decompress") -> Iterator[bytes]:
    rest = member.flush()
    if rest:
        yield rest


def _unzstd(stored: IO[bytes]) -> Iterator[bytes]:
    factory = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW_BYTES)
    frame, begun = factory.decompressobj(), False
    for block in _blocks(stored):
        for at in range(0, len(block), _FEED_BYTES):
            piece: bytes | memoryview = block[at : at + _FEED_BYTES]
            while piece:
                try:
                    out = frame.decompress(piece)
                except zstandard.ZstdError:
                    raise _BrokenError("bad record") from None
                begun = True
                if out:
                    yield out
                if not frame.eof:
                    break
                piece, frame, begun = frame.unused_data, factory.decompressobj(), False
    if begun:
        raise _BrokenError("cut short")
