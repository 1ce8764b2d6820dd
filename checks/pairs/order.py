"""Sort rows of bands, make pairs unique, and tell where runs of equal rows start."""

from typing import Any

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.kernels import pair_calls
from checks.pairs import held

Uint64s = npt.NDArray[np.uint64]


def sorted_rows(hashes: Uint64s, keys: npt.NDArray[np.uint32], rows: Uint64s) -> npt.NDArray[np.int64]:
    """int64[n]: the places of the input by (hash, key, row), equal ones as they came. 16 bytes of scratch an element.

    uint64[n], uint32[n], uint64[n]; fast for any hashes, fastest for mixed ones. Raises ``ValueError`` beyond 2**32 - 1.
    """
    hashes = held.flat("hashes", hashes, np.uint64)
    keys = held.flat("keys", keys, np.uint32, len(hashes))
    return _order(hashes, keys, held.flat("rows", rows, np.uint64, len(hashes)))


def unique_pairs(first: Uint64s, second: Uint64s) -> tuple[Uint64s, Uint64s]:
    """uint64[u], uint64[u]: the pairs of uint64[m] and uint64[m], each once, by (first, second)."""
    first = held.flat("first", first, np.uint64)
    second = held.flat("second", second, np.uint64, len(first))
    order = _order(first, None, second)
    first, second = first[order], second[order]
    is_new = _is_new(first, second)
    return first[is_new], second[is_new]


def run_starts(first: npt.NDArray[Any], *others: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """intp[r], rising: the places of rows that differ in any column from the row before, and that of the first; none of none."""
    return np.flatnonzero(_is_new(first, *others))


def _is_new(first: npt.NDArray[Any], *others: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    is_new = np.ones(len(first), np.bool_)
    if len(first):
        is_new[1:] = first[1:] != first[:-1]
    for column in others:
        is_new[1:] |= column[1:] != column[:-1]
    return is_new


def _order(hashes: Uint64s, keys: npt.NDArray[np.uint32] | None, rows: Uint64s) -> npt.NDArray[np.int64]:
    if len(hashes) >= 2**32:
        raise ValueError(f"rows to sort: {len(hashes)}; at most {2**32 - 1} at once: sort parts and merge them")
    if (library := kernels.library()) is not None:
        return pair_calls.sort_rows(library, hashes, keys, rows)
    by = (rows, hashes) if keys is None else (rows, keys, hashes)
    return np.lexsort(by).astype(np.int64)  # the last sorts first
