"""Pass Arrow buffers to `sketches.c`: all that the rows of a text are known by, from one walk over each."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types
from checks.kernels.digest_calls import DIGEST_BYTES
from checks.kernels.term_calls import BEST, Tables

_ROOM: Final = 1 << 16
"""Bytes of folded text held at once: they are hashed while they lie in the cache."""


class Walked(NamedTuple):
    """Of n rows: *terms* int64[n] and *contents* uint8[n, 32] (no row at all where they are not asked for); of those that
    have enough terms: *kept* int64[k], their numbers in rising order, and *sketches* V[k], filled but for row, part, long
    and key.
    """

    terms: npt.NDArray[np.int64]
    contents: npt.NDArray[np.uint8]
    kept: npt.NDArray[np.int64]
    sketches: npt.NDArray[np.void]


def declare(library: Any) -> None:
    """Give the function of `sketches.c` its argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.sketch_rows.argtypes = (
        c_void_p, c_void_p, *array_types(), c_int32, c_void_p, c_void_p, c_int32, c_int32, c_int64, c_int32, c_void_p, c_int64,
        *(c_void_p,) * 6,
    )  # fmt: skip
    library.sketch_rows.restype = c_int64


def sketches_of_rows(
    library: Any,
    text: pa.Array,
    tables: Tables,
    permutations: npt.NDArray[np.uint32],
    kind: np.dtype[np.void],
    rows: int,
    shortest: int,
    *,
    contents: bool,
    room: int = _ROOM,
    level: int = BEST,
    is_plain: bool = False,
) -> Walked:
    """Walk over the rows of a String or LargeString array; slices and nulls are fine, a null row is an empty one.

    *kind*: `checks.duplicates.sketches.sketch_type`; *rows*: slots of a band; *shortest*: terms from which on a row is kept;
    *contents*: give SHA-256 of each row too; *level*, *is_plain*: as `signatures_of_rows` and `digests_of_rows` take them.
    Raises ``ValueError`` for offsets outside the data, and for bands that do not fit a signature.
    """
    count, bands = len(text), kind["hashes"].shape[0]
    terms, kept = np.empty(count, np.int64), np.empty(count, np.int64)
    digests = np.empty((count if contents else 0, DIGEST_BYTES), np.uint8)
    sketches = np.empty(count, kind)
    kept_count, following = np.zeros(1, np.int64), np.zeros(1, np.int64)
    a, b = np.ascontiguousarray(permutations, np.uint32)
    buffers = text.buffers()  # held until the call is over
    folded = np.empty(room, np.uint8)
    while following[0] < count:
        answered(
            library.sketch_rows(
                tables[0].ctypes.data, tables[1].ctypes.data, *array_arguments(text, buffers), level, a.ctypes.data,
                b.ctypes.data, bands, rows, shortest, is_plain, folded.ctypes.data, len(folded), terms.ctypes.data,
                digests.ctypes.data if contents else None, kept.ctypes.data, sketches.ctypes.data, kept_count.ctypes.data,
                following.ctypes.data,
            )
        )  # fmt: skip
        if following[0] < count:  # a row that has no room even alone
            folded = np.empty(2 * len(folded) + DIGEST_BYTES, np.uint8)
    return Walked(terms, digests, kept[: kept_count[0]], sketches[: kept_count[0]])
