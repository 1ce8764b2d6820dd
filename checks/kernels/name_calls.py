"""Pass Arrow buffers to `names.c`: the rows that are drawn to be read for names."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types


def declare(library: Any) -> None:
    """Give the function of `names.c` its argument types."""
    from ctypes import c_int32, c_int64, c_uint64, c_void_p

    library.draw_rows.argtypes = (
        *array_types(), c_uint64, c_uint64, c_void_p, c_int64, c_uint64, c_int32, c_void_p,
    )  # fmt: skip
    library.draw_rows.restype = c_int64


def drawn_rows(
    library: Any, text: pa.Array, key: bytes, sieve: int, below_ppm: int, is_plain: bool = False
) -> npt.NDArray[np.bool_]:
    """bool[n]: which rows of a String or LargeString array both draws choose, as `checks.personal.sampled` says.

    *key*: 8 to 64 bytes, of which the first eight are the first draw's seed; *is_plain*: without the machine's instructions
    for SHA-256, to compare. Raises ``ValueError`` for offsets outside the data.
    """
    drawn = np.zeros(len(text), np.uint8)
    if len(text):
        buffers = text.buffers()  # held until the call is over
        held = np.frombuffer(key, np.uint8)
        answered(
            library.draw_rows(
                *array_arguments(text, buffers), int.from_bytes(key[:8], "little"), sieve, held.ctypes.data, len(held),
                below_ppm, is_plain, drawn.ctypes.data,
            )
        )  # fmt: skip
    return drawn.view(np.bool_)
