"""The order in which a draw takes records: a keyed hash of each record's place, under a seed made after the run was sealed.

A shard's key is the first 16 bytes of HMAC-SHA256(seed, canonical JSON of ["corpusledger review 1", manifest sha256, plan,
source, shard]); a record's hash is SipHash-2-4 (Aumasson and Bernstein, INDOCRYPT 2012) under it of its offset as 8 bytes, least
first. So the order follows from nothing but seed, seal, plan and place, whatever the run was cut into, and an auditor works
it out anew. The seal is in the key, and the seed is younger than the seal: nobody could lay out the corpus for the sample.
"""

import hmac
from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.canonical import canonical_json

U64 = npt.NDArray[np.uint64]
SEED_BYTES: Final = 32
_START: Final = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_LENGTH: Final = np.uint64(8 << 56)


def shard_key(seed: bytes, manifest_sha256: str, plan: str, source: str, shard: str) -> bytes:
    """The 16 bytes under which a shard's offsets are hashed."""
    place = canonical_json(["corpusledger review 1", manifest_sha256, plan, source, shard])
    return hmac.digest(seed, place, "sha256")[:16]


def hashes(key: bytes, offsets: npt.NDArray[np.int64]) -> U64:
    """SipHash-2-4 of each offset (int64[n], 8 bytes little-endian) under *key*: uint64[n]."""
    first, second = np.frombuffer(key, "<u8").astype(np.uint64)
    words = offsets.astype(np.uint64)
    v = [
        np.full(len(words), np.uint64(start) ^ half, np.uint64)
        for start, half in zip(_START, (first, second) * 2, strict=True)
    ]
    for word in (words, _LENGTH):
        v[3] ^= word
        _rounds(v, 2)
        v[0] ^= word
    v[2] ^= np.uint64(0xFF)
    _rounds(v, 4)
    found: U64 = v[0] ^ v[1] ^ v[2] ^ v[3]
    return found


def record_id(value: int) -> str:
    """A record's hash as worksheets name it: 16 hexadecimal digits, in the order of the draw."""
    return f"{value:016x}"


def _rounds(v: list[U64], many: int) -> None:
    for _ in range(many):
        _half(v, 0, 1, 13, 32)
        _half(v, 2, 3, 16, None)
        _half(v, 0, 3, 21, None)
        _half(v, 2, 1, 17, 32)


def _half(v: list[U64], a: int, b: int, turn: int, swing: int | None) -> None:
    v[a] += v[b]
    v[b] = _rotated(v[b], turn) ^ v[a]
    if swing is not None:
        v[a] = _rotated(v[a], swing)


def _rotated(words: U64, by: int) -> U64:
    found: U64 = (words << np.uint64(by)) | (words >> np.uint64(64 - by))
    return found
