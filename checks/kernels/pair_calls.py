"""Pass numpy arrays to the kernels for pairs, bands and graphs; `checks.pairs` has held their shapes and types to account.

Every function takes the library first and C-contiguous arrays after it. Nobody may write to them during a call.
"""

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

Uint8s = npt.NDArray[np.uint8]
Uint32s = npt.NDArray[np.uint32]
Uint64s = npt.NDArray[np.uint64]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

_POINTER, _NARROW, _WIDE, _NODES = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64, ctypes.c_uint64
_ARGUMENTS = {
    "hash_bands": (_POINTER, _WIDE, _NARROW, _NARROW, _POINTER),
    "sort_rows": (_POINTER, _POINTER, _POINTER, _WIDE, _POINTER, _POINTER),
    "count_equal_slots": (_POINTER, _WIDE, _POINTER, _POINTER, _WIDE, _POINTER, _WIDE, _POINTER),
    "find_best_leaders": (_POINTER, _WIDE, _POINTER, _NARROW, _POINTER, _POINTER),
    "count_common": (_POINTER, _WIDE, _POINTER, _POINTER, _POINTER, _WIDE, _POINTER, _POINTER, _WIDE, _POINTER),
    "join_narrow": (_POINTER, _NODES, _POINTER, _POINTER, _WIDE),
    "join_wide": (_POINTER, _NODES, _POINTER, _POINTER, _WIDE),
    "label_narrow": (_POINTER, _NODES, _POINTER),
    "label_wide": (_POINTER, _NODES, _POINTER),
}


def declare(library: Any) -> None:
    """Give the library's functions for pairs their types; ``AttributeError`` where one is missing."""
    for name, arguments in _ARGUMENTS.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, _WIDE


def hash_bands(library: Any, signatures: Uint32s, bands: int, rows: int) -> Uint64s:
    """uint64[n, bands] of uint32[n, 128]."""
    hashes = np.empty((len(signatures), bands), np.uint64)
    answer = library.hash_bands(signatures.ctypes.data, len(signatures), bands, rows, hashes.ctypes.data)
    _answered(answer, "bands")
    return hashes


def sort_rows(library: Any, hashes: Uint64s, keys: Uint32s | None, rows: Uint64s) -> Int64s:
    """int64[n]: the places by (hash, key, row), equal ones as they came; no *keys* are equal keys."""
    order = np.empty(len(hashes), np.int64)
    scratch = np.empty(2 * len(hashes), np.uint64)
    answer = library.sort_rows(
        hashes.ctypes.data, keys.ctypes.data if keys is not None else None, rows.ctypes.data, len(hashes),
        scratch.ctypes.data, order.ctypes.data,
    )  # fmt: skip
    _answered(answer, "rows to sort")
    return order


def count_equal_slots(
    library: Any, ones: Uint8s, first: Int64s | None, others: Uint8s, second: Int64s | None
) -> Int32s:
    """int32[m] for rows of uint8[..., 128] at the indices, or side by side without them."""
    equal = np.empty(len(ones) if first is None else len(first), np.int32)
    answer = library.count_equal_slots(
        ones.ctypes.data, len(ones), first.ctypes.data if first is not None else None,
        others.ctypes.data, len(others), second.ctypes.data if second is not None else None,
        len(equal), equal.ctypes.data,
    )  # fmt: skip
    _answered(answer, "pairs of rows")
    return equal


def find_best_leaders(library: Any, rows: Uint8s, leaders: Uint8s) -> tuple[Int32s, Int32s]:
    """int32[n], int32[n]: the leader of most equal slots (the least of several), and how many."""
    best, equal = np.empty(len(rows), np.int32), np.empty(len(rows), np.int32)
    answer = library.find_best_leaders(
        rows.ctypes.data, len(rows), leaders.ctypes.data, len(leaders), best.ctypes.data, equal.ctypes.data
    )
    _answered(answer, "leaders")
    return best, equal


def count_common(
    library: Any,
    values_a: Uint64s,
    starts_a: Int64s,
    ends_a: Int64s,
    values_b: Uint64s,
    starts_b: Int64s,
    ends_b: Int64s,
) -> Int64s:
    """int64[m]: the size of the intersection of the two sorted sets of each pair."""
    counts = np.empty(len(starts_a), np.int64)
    answer = library.count_common(
        values_a.ctypes.data, len(values_a), starts_a.ctypes.data, ends_a.ctypes.data,
        values_b.ctypes.data, len(values_b), starts_b.ctypes.data, ends_b.ctypes.data,
        len(counts), counts.ctypes.data,
    )  # fmt: skip
    _answered(answer, "pairs of sets")
    return counts


def join(library: Any, parents: npt.NDArray[Any], first: Uint64s, second: Uint64s) -> None:
    """Join the trees of each pair of nodes, in place."""
    call = library.join_narrow if parents.dtype == np.uint32 else library.join_wide
    answer = call(parents.ctypes.data, len(parents), first.ctypes.data, second.ctypes.data, len(first))
    _answered(answer, "pairs of nodes")


def label(library: Any, parents: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The root of every node, in an array of its own."""
    labels = np.empty_like(parents)
    call = library.label_narrow if parents.dtype == np.uint32 else library.label_wide
    _answered(call(parents.ctypes.data, len(parents), labels.ctypes.data), "parents")
    return labels


def _answered(answer: int, what: str) -> None:
    if answer > 0:
        raise ValueError(f"{what}: number {answer - 1} lies outside the arrays")
    if answer < 0:
        raise ValueError(f"{what}: more, or fewer, than the kernel takes")
