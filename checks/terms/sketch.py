"""Signatures, folded bytes and shingles of the rows of an Arrow string array, by the kernel or without it."""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels import digest_calls, term_calls
from checks.terms import plain
from checks.terms.fold import fold
from checks.terms.reference import WIDTH
from checks.terms.scheme import SCHEME, permutations

Offsets = npt.NDArray[np.int64]
ROOM: Final = 1 << 20
"""Bytes of folded text held at once: they are hashed while they lie in the cache."""


def signatures(text: pa.Array, seed: int = SCHEME.seed) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """uint32[n, 128] signatures and int64[n] terms of each row of a String or LargeString array; slices and nulls are fine.

    A row without terms, and a null one, has a signature of 2^32 - 1 alone, as datasketch's empty one. Text that is not
    valid UTF-8 is read as `checks.signs.count_signs` reads it. *seed*: another one than SCHEME's is for measuring the
    estimator alone. Raises ``ValueError`` where the array's offsets lie outside its data.
    """
    library = kernels.library()
    if library is None:
        return plain.signatures(text, seed)
    return term_calls.signatures_of_rows(library, text, _tables(), permutations(seed))


def folded(text: pa.Array) -> tuple[memoryview, Offsets]:
    """The folded terms of each row in UTF-8, one space between two: all bytes end to end, int64[n + 1] where each lies."""
    pieces, offsets, made = [], np.zeros(len(text) + 1, np.int64), 0
    for first, content, ends in _stretches(text, None):
        pieces.append(bytes(content))
        offsets[first : first + len(ends)] = made + ends
        made += len(content)
    return memoryview(b"".join(pieces)), offsets


def folded_digests(text: pa.Array, rows: npt.NDArray[np.bool_] | None = None) -> bytes:
    """32 bytes a row, n * 32 in all: SHA-256 of its folded terms, one space between two; zeros for rows not asked for."""
    library = kernels.library()
    if library is not None and digest_calls.is_quicker(library, text):
        return digest_calls.digests_of_folded_rows(library, text, _tables(), rows, ROOM).tobytes()
    digests = bytearray(32 * len(text))
    for first, content, ends in _stretches(text, rows):
        for i, (start, end) in enumerate(pairwise(ends.tolist()), first):
            if rows is None or rows[i]:
                digests[32 * i : 32 * i + 32] = hashlib.sha256(content[start:end]).digest()
    return bytes(digests)


def shingle_sets(text: pa.Array, rows: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.uint64], Offsets]:
    """For each of the *rows* its 64-bit shingles, sorted and unique, end to end; int64[k + 1] where each row's lie."""
    values, _, offsets = _shingles(text, rows, WIDTH, placed=False)
    if not len(values):
        return values, offsets
    for start, end in pairwise(offsets.tolist()):
        values[start:end].sort()
    fresh = np.empty(len(values), np.bool_)
    fresh[0] = True
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    fresh[offsets[:-1][offsets[:-1] < len(values)]] = True
    kept = np.zeros(len(values) + 1, np.int64)
    np.cumsum(fresh, out=kept[1:])
    return values[fresh], kept[offsets]


def shingle_runs(
    text: pa.Array, rows: npt.NDArray[np.intp], width: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Offsets]:
    """For each of the *rows* the hash of every *width* consecutive terms (1 to 64) in order, as `shingles` of the reference.

    uint64[s] hashes, int64[s, 2] the code points each covers (start, end), int64[k + 1] where each row's lie. A row of
    fewer terms, but not none, has one hash of all of them. Raises ``ValueError``, also for another width.
    """
    if not 1 <= width <= term_calls.MOST_WIDTH:
        raise ValueError(f"shingles: width {width}; take 1 to {term_calls.MOST_WIDTH}")
    return _shingles(text, rows, width, placed=True)


def _shingles(
    text: pa.Array, rows: npt.NDArray[np.intp], width: int, *, placed: bool
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Offsets]:
    library = kernels.library()
    if library is None:
        return plain.shingles(text, rows, width, placed=placed)
    return term_calls.shingles_of_rows(library, text, _tables(), rows, width, placed)


def _stretches(text: pa.Array, wanted: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, Any, Offsets]]:
    library = kernels.library()
    if library is None:
        return plain.folded(text, wanted)
    return term_calls.folded_rows(library, text, _tables(), wanted, ROOM)


def _tables() -> term_calls.Tables:
    frozen = fold()
    return frozen.table, frozen.expansions
