"""Shingles of a text that may be among given ones: a sieve lets those through and few others."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels import term_calls
from checks.terms import plain
from checks.terms.fold import fold

Hashes = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]
_LEAST_K: Final = 6
_A_WORD: Final = 4
_PART: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Sieve:
    """A Bloom filter of one word a hash: *words*, uint64[2^k], k 1 to 40.

    The highest k bits of a hash choose its word, the lowest 24 four bits in it, and a hash goes through where all are set
    (Putze, Sanders, Singler: Cache-, hash- and space-efficient Bloom filters, 2009). So a test reads memory once.
    """

    words: Hashes

    @staticmethod
    def of(hashes: Hashes) -> "Sieve":
        """A sieve with 16 to 32 bits for each of the *hashes*: of others fewer than one in a hundred goes through (85 to 523 of 100,000)."""
        k = max(_LEAST_K, int(len(hashes) // _A_WORD).bit_length())
        words = np.zeros(1 << k, np.uint64)
        for part in np.array_split(hashes, len(hashes) // _PART + 1):
            np.bitwise_or.at(words, part >> np.uint64(64 - k), _bits(part))
        return Sieve(words)

    def lets_through(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """bool[n]: true for each hash that the sieve was made of, and for few others."""
        bits = _bits(hashes)
        through: npt.NDArray[np.bool_] = (
            self.words[hashes >> np.uint64(65 - len(self.words).bit_length())] & bits
        ) == bits
        return through


def _bits(hashes: Hashes) -> Hashes:
    bits = np.zeros(len(hashes), np.uint64)
    for lowest in (0, 6, 12, 18):
        bits |= np.uint64(1) << (hashes >> np.uint64(lowest) & np.uint64(63))
    return bits


def shingles_through(
    sieve: Sieve, text: pa.Array, rows: npt.NDArray[np.intp], width: int, *, placed: bool = False
) -> tuple[Hashes, npt.NDArray[np.int64], Offsets]:
    """As `shingle_runs`, but of the shingles those alone that go through the *sieve*; places only where *placed*.

    Memory grows with what goes through, however long a row is. Raises ``ValueError`` as `shingle_runs`.
    """
    if not 1 <= width <= term_calls.MOST_WIDTH:
        raise ValueError(f"shingles: width {width}; take 1 to {term_calls.MOST_WIDTH}")
    library, frozen = kernels.library(), fold()
    if library is not None:
        tables = frozen.table, frozen.expansions
        return term_calls.shingles_of_rows(library, text, tables, rows, width, placed, sieve.words)
    hashes, places, ends = plain.shingles(text, rows, width, placed=placed)
    through = sieve.lets_through(hashes)
    return hashes[through], places[through] if placed else places, np.concatenate([[0], np.cumsum(through)])[ends]
