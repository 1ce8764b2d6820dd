"""gz and zst: members and frames, breaks, garbage, bombs."""

import gzip
import zlib

import pytest
import zstandard

from pipelines.read.base import Framing
from pipelines.read.codec import decoded
from pipelines.read.jsonl import read_jsonl
from pipelines.read.plain import read_plain
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

LINES = [b'{"text":"%d %s"}' % (i, bytes([97 + i % 26]) * (i * 37 % 200)) for i in range(3000)]
STORED = b"\n".join(LINES) + b"\n"


def _zst(text: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(text)


PACK = {"gz": gzip.compress, "zst": _zst}
SKIPPED = b"\x50\x2a\x4d\x18\x04\0\0\0skip"


def _rows(stored: bytes, codec: str, window_bytes: int = 5000) -> list[dict]:
    return gathered(read_jsonl(Held(stored), WHOLE, Framing("jsonl", codec=codec), None, window_bytes))


@pytest.mark.parametrize("codec", PACK)
def test_members_and_frames_read_as_one(codec: str) -> None:
    pack, cut = PACK[codec], 40_001
    parts = pack(STORED[:cut]) + pack(b"") + (SKIPPED if codec == "zst" else b"") + pack(STORED[cut:])
    plain = gathered(read_jsonl(Held(STORED), WHOLE, Framing("jsonl"), None, 5000))
    assert _rows(pack(STORED), codec) == _rows(parts, codec, 1 << 20) == plain
    assert _rows(b"", codec) == _rows(pack(b""), codec) == []


@pytest.mark.parametrize("codec", PACK)
def test_cut_short_at_any_byte(codec: str) -> None:
    packed = PACK[codec](STORED)
    for keep in (1, 5, 12, 100, len(packed) // 3, len(packed) - 9, len(packed) - 1):
        rows = _rows(packed[:keep], codec)
        *read, last = rows
        assert last["unread"] == "cut short"
        assert all("text" in r for r in read)
        assert [STORED[r["offset"] : r["offset"] + r["length"]] for r in read] == LINES[: len(read)]
        assert _rows(packed[:keep], codec, 77_777) == rows  # no block size changes what is read
    if codec == "gz":
        assert len(_rows(packed[:-1], codec)) == len(LINES) + 1  # all but the checksum: every line, and the break


@pytest.mark.parametrize("codec", PACK)
def test_everything_before_a_break_is_given(codec: str) -> None:
    packed = PACK[codec](STORED)[:-10]
    known = (
        zlib.decompressobj(31).decompress(packed)
        if codec == "gz"
        else zstandard.ZstdDecompressor().decompressobj().decompress(packed)
    )
    stream = decoded(Held(packed).stream(), codec)
    room = bytearray(len(STORED) + 10)
    got = stream.readinto(memoryview(room))
    assert (bytes(room[:got]), stream.failure) == (known, "cut short")


@pytest.mark.parametrize("codec", PACK)
def test_garbage_before_behind_and_instead(codec: str) -> None:
    packed = PACK[codec](b'{"text":"a"}\n')
    assert short(_rows(packed + b"garbage!", codec)) == ["a", "<bad record>"]
    (row,) = _rows(b"this is no archive at all", codec)
    assert (row["offset"], row["length"], row["unread"]) == (0, 0, "bad record")
    broken = bytearray(PACK[codec](STORED))
    broken[len(broken) // 2] ^= 0x55
    assert "unread" in _rows(bytes(broken), codec)[-1]


def test_zero_padding_behind_gzip_is_no_garbage() -> None:
    assert short(_rows(gzip.compress(b'{"text":"a"}\n') + bytes(600), "gz")) == ["a"]


@pytest.mark.parametrize("codec", PACK)
def test_a_bomb_is_read_in_bounded_pieces(codec: str) -> None:
    room, total = memoryview(bytearray(1 << 20)), 0
    stream = decoded(Held(PACK[codec](bytes(60 << 20))).stream(), codec)
    while got := stream.readinto(room):
        total += got
    assert total == 60 << 20
    rows = gathered(
        read_plain(Held(PACK[codec](b"a" * 5000)), WHOLE, Framing("text", codec=codec), None, longest_bytes=4999)
    )
    assert rows == [{"offset": 0, "length": 5000, "unread": "too long"}]
