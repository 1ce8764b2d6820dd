"""Pass Arrow buffers and the fold table to `terms.c`; buffers that are too small are made larger until all rows fit."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types

SLOTS: Final = 128
BEST: Final = -1
MOST_WIDTH: Final = 64
_SPARE: Final = 64
"""Bytes that the kernel wants free behind what it writes."""
_FIRST_ROOM: Final = 1 << 16

Tables = tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]
"""The fold table and its expansions: `checks.terms.fold`."""


def declare(library: Any) -> None:
    """Give the functions of `terms.c` their argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.signatures.argtypes = (c_void_p, c_void_p, *array_types(), c_int32, *(c_void_p,) * 4)
    library.shingles_through.argtypes = (
        c_void_p, c_void_p, *array_types(), c_void_p, c_int64, c_int32, c_void_p, c_int32,
        c_void_p, c_void_p, c_int64, c_void_p, c_void_p,
    )  # fmt: skip
    library.folded_rows.argtypes = (
        c_void_p, c_void_p, *array_types(), c_void_p, c_int64, c_void_p, c_int64, c_void_p, c_void_p,
    )  # fmt: skip
    library.lower_slots_at.argtypes = (c_int32, c_void_p, c_int64, c_void_p, c_void_p, c_void_p)
    library.best_level.argtypes, library.best_level.restype = (), c_int32
    for function in (library.signatures, library.shingles_through, library.folded_rows, library.lower_slots_at):
        function.restype = c_int64


def signatures_of_rows(
    library: Any, text: pa.Array, tables: Tables, permutations: npt.NDArray[np.uint32], level: int = BEST
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """uint32[n, 128] signatures and int64[n] terms of each row; *permutations*: uint32[2, 128], a and b.

    *level*: 0 plain, 1 AVX2, 2 AVX-512, BEST what this machine has. Raises ``ValueError`` for offsets outside the data.
    """
    slots, terms = np.empty((len(text), SLOTS), np.uint32), np.empty(len(text), np.int64)
    if len(text):
        a, b = np.ascontiguousarray(permutations, np.uint32)
        buffers = text.buffers()  # held until the call is over
        answered(
            library.signatures(
                *_addresses(tables), *array_arguments(text, buffers), level, a.ctypes.data, b.ctypes.data,
                slots.ctypes.data, terms.ctypes.data,
            )
        )  # fmt: skip
    return slots, terms


def shingles_of_rows(
    library: Any, text: pa.Array, tables: Tables, rows: npt.NDArray[np.intp], width: int, placed: bool,
    sieve: npt.NDArray[np.uint64] | None = None,
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:  # fmt: skip
    """uint64[s] shingles of *width* terms of the *rows* in order, int64[s, 2] code points of each (start, end; no row at
    all unless *placed*) and int64[k + 1] where each row's begin and end. *sieve*: uint64[2^k], k 1 to 40: `checks.terms.sieve`;
    then those shingles alone that it lets through. Raises ``ValueError`` as `signatures_of_rows`.
    """
    bits = 0 if sieve is None else len(sieve).bit_length() - 1
    chosen = np.ascontiguousarray(rows, np.int64)
    ends, following = np.zeros(len(chosen) + 1, np.int64), np.zeros(1, np.int64)
    buffers = text.buffers()
    shingles = np.empty(_FIRST_ROOM, np.uint64)
    places = np.empty((_FIRST_ROOM if placed else 0, 2), np.int64)
    while len(chosen):
        answered(
            library.shingles_through(
                *_addresses(tables), *array_arguments(text, buffers), chosen.ctypes.data, len(chosen), width,
                None if sieve is None else sieve.ctypes.data, bits, shingles.ctypes.data, places.ctypes.data if placed else None, len(shingles),
                ends[1:].ctypes.data, following.ctypes.data,
            )
        )  # fmt: skip
        if following[0] == len(chosen):
            break
        shingles = _doubled(shingles)
        places = _doubled(places) if placed else places
    return shingles[: ends[-1]], places[: ends[-1] if placed else 0], ends


def folded_rows(
    library: Any, text: pa.Array, tables: Tables, wanted: npt.NDArray[np.bool_] | None, room: int
) -> Iterator[tuple[int, memoryview, npt.NDArray[np.int64]]]:
    """For stretches of rows: the first of them, their folded bytes end to end, and int64[rows + 1] where each lies.

    A stretch holds what *room* bytes take, but one row at least; its buffer is used again for the next. Rows that are not
    *wanted* are empty. Raises ``ValueError`` as `signatures_of_rows`.
    """
    flags = None if wanted is None else np.ascontiguousarray(wanted, np.uint8)
    ends, following = np.zeros(len(text) + 1, np.int64), np.zeros(1, np.int64)
    buffers = text.buffers()
    out = np.empty(room + _SPARE, np.uint8)
    first = 0
    while first < len(text):
        answered(
            library.folded_rows(
                *_addresses(tables), *array_arguments(text, buffers), flags.ctypes.data if flags is not None else None,
                len(text), out.ctypes.data, len(out), ends[1:].ctypes.data, following.ctypes.data,
            )
        )  # fmt: skip
        last = int(following[0])
        if last == first:
            out = np.empty(2 * len(out), np.uint8)
            continue
        offsets = ends[first : last + 1].copy()
        offsets[0] = 0
        yield first, out.data[: offsets[-1]], offsets
        first = last


def _addresses(tables: Tables) -> tuple[int, int]:
    return tables[0].ctypes.data, tables[1].ctypes.data


def _doubled(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    larger = np.empty((2 * len(array), *array.shape[1:]), array.dtype)
    larger[: len(array)] = array
    return larger
