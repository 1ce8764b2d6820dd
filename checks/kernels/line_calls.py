"""Pass Arrow buffers and the fold table to `lines.c`; room that is too small is made larger until all rows fit."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types
from checks.kernels.term_calls import BEST, Tables

PIECE: Final = np.dtype([("hash", "u8"), ("row", "i8"), ("start", "i8"), ("end", "i8"), ("terms", "i8")])
"""A line or a paragraph: hash of its folded terms, row, its bytes within the row from *start* to before *end*, its terms."""
_BYTES_A_PIECE: Final = 40
_LEAST_ROOM: Final = 1 << 10

Pieces = npt.NDArray[np.void]


def declare(library: Any) -> None:
    """Give the function of `lines.c` its argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.lines_of_rows.argtypes = (
        c_void_p, c_void_p, *array_types(), c_int32, c_int64, c_void_p, c_int64, c_void_p, c_int64, c_void_p, c_void_p,
    )  # fmt: skip
    library.lines_of_rows.restype = c_int64


def lines_of_rows(
    library: Any, text: pa.Array, tables: Tables, shortest: int, level: int = BEST
) -> tuple[Pieces, Pieces]:
    """PIECE[l] lines and PIECE[p] paragraphs of at least *shortest* terms, row after row, each where it ends.

    *level*: as `checks.kernels.term_calls.signatures_of_rows`. Raises ``ValueError`` for offsets outside the data.
    """
    buffers = text.buffers()  # held until the call is over
    arguments = array_arguments(text, buffers)
    data_bytes = arguments[3] or 0
    found = [np.empty(max(_LEAST_ROOM, data_bytes // _BYTES_A_PIECE), PIECE) for _ in range(2)]
    counts, following = np.zeros(2, np.int64), np.zeros(1, np.int64)
    fold, expansions = tables
    while len(text):
        lines, paragraphs = found
        answered(
            library.lines_of_rows(
                fold.ctypes.data, expansions.ctypes.data, *arguments, level, shortest, lines.ctypes.data, len(lines),
                paragraphs.ctypes.data, len(paragraphs), counts.ctypes.data, following.ctypes.data,
            )
        )  # fmt: skip
        if following[0] == len(text):
            break
        found = [_doubled(pieces, int(count)) for pieces, count in zip(found, counts, strict=True)]
    return found[0][: counts[0]], found[1][: counts[1]]


def _doubled(pieces: Pieces, count: int) -> Pieces:
    larger = np.empty(2 * len(pieces), PIECE)
    larger[:count] = pieces[:count]
    return larger
