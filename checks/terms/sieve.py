"""Shingles of a text that may be among given ones: a sieve of one bit for each hash lets those through and few others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.signs.count import utf8_buffers
from checks.terms.sketch import Offsets, shingle_runs

Hashes = npt.NDArray[np.uint64]
_LEAST_BITS: Final = 12
_MOST_BITS: Final = 31
_STRETCH_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Sieve:
    """*words*: uint64[2^(bits - 6)]; bit ``h >> (64 - bits)`` of them is set for each hash h that goes through."""

    bits: int
    words: npt.NDArray[np.uint64]

    @staticmethod
    def of(hashes: Hashes, a_hash: int = 16) -> "Sieve":
        """A sieve with at least *a_hash* bits for each of the *hashes*: of any others one in so many goes through."""
        bits = min(max(_LEAST_BITS, int(len(hashes) * a_hash - 1).bit_length()), _MOST_BITS)
        marks = np.zeros(1 << bits, np.bool_)
        marks[hashes >> np.uint64(64 - bits)] = True
        return Sieve(bits, np.packbits(marks, bitorder="little").view("<u8").astype(np.uint64))

    def lets_through(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """bool[n]: false only where a hash is none of those that the sieve was made of."""
        at = hashes >> np.uint64(64 - self.bits)
        through: npt.NDArray[np.bool_] = (self.words[at >> np.uint64(6)] >> (at & np.uint64(63)) & np.uint64(1)).astype(
            np.bool_
        )
        return through


def shingles_through(
    sieve: Sieve, text: pa.Array, rows: npt.NDArray[np.intp], width: int, *, placed: bool = False
) -> tuple[Hashes, npt.NDArray[np.int64], Offsets]:
    """As `shingle_runs`, but of the shingles those alone that go through the *sieve*; places only where *placed*."""
    hashes, places, counts = [np.zeros(0, np.uint64)], [np.zeros((0, 2), np.int64)], [np.zeros(1, np.int64)]
    for part in _stretches(text, rows):
        found, where, ends = shingle_runs(text, part, width)
        through = sieve.lets_through(found)
        hashes.append(found[through])
        if placed:
            places.append(where[through])
        counts.append(np.diff(np.concatenate([[0], np.cumsum(through)])[ends]))
    return np.concatenate(hashes), np.concatenate(places), np.cumsum(np.concatenate(counts))


def _stretches(text: pa.Array, rows: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """The *rows* in parts of about a mebibyte of text, so that what is made of one stays in the cache."""
    if not len(rows):
        return
    offsets, _ = utf8_buffers(text)
    passed = np.cumsum(offsets[rows + 1] - offsets[rows])
    yield from np.split(rows, np.flatnonzero(np.diff(passed // _STRETCH_BYTES)) + 1)
