"""Pass Arrow buffers to `digests.c`: SHA-256 of each row, or of its folded terms."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types
from checks.kernels.term_calls import Tables

DIGEST_BYTES: Final = 32
_SHORT_BYTES: Final = 192
"""Up to so many bytes a row plain C takes less time than OpenSSL takes to be called; beyond, OpenSSL's own code is faster."""


def declare(library: Any) -> None:
    """Give the functions of `digests.c` their argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.has_sha256.argtypes, library.has_sha256.restype = (), c_int32
    library.digest_rows.argtypes = (*array_types(), c_int32, c_void_p)
    library.digest_folded_rows.argtypes = (
        c_void_p, c_void_p, *array_types(), c_void_p, c_int32, c_void_p, c_int64, c_void_p, c_void_p, c_void_p,
    )  # fmt: skip
    library.digest_rows.restype = library.digest_folded_rows.restype = c_int64


def is_quicker(library: Any, text: pa.Array) -> bool:
    """Whether *library* takes less time for the digests of *text* than hashlib: by machine and mean length of a row."""
    return bool(library.has_sha256()) or text.get_total_buffer_size() <= _SHORT_BYTES * len(text)


def digests_of_rows(library: Any, text: pa.Array, is_plain: bool = False) -> npt.NDArray[np.uint8]:
    """uint8[n, 32]: SHA-256 (FIPS 180-4) of the bytes of each row of a String or LargeString array; a null one is empty.

    *is_plain*: without the machine's instructions for it, to compare. Raises ``ValueError`` for offsets outside the data.
    """
    digests = np.empty((len(text), DIGEST_BYTES), np.uint8)
    if len(text):
        buffers = text.buffers()  # held until the call is over
        answered(library.digest_rows(*array_arguments(text, buffers), is_plain, digests.ctypes.data))
    return digests


def digests_of_folded_rows(
    library: Any,
    text: pa.Array,
    tables: Tables,
    wanted: npt.NDArray[np.bool_] | None,
    room: int,
    is_plain: bool = False,
) -> npt.NDArray[np.uint8]:
    """uint8[n, 32]: the same of the folded terms of each row, one space between two; zeros for rows that are not *wanted*.

    About *room* bytes of folded text are held at once, more where one row takes more. Raises ``ValueError`` as above.
    """
    digests = np.empty((len(text), DIGEST_BYTES), np.uint8)
    flags = None if wanted is None else np.ascontiguousarray(wanted, np.uint8)
    if flags is not None and flags.shape != (len(text),):
        raise ValueError(f"rows wanted: {flags.shape} flags for {len(text)} rows; give one a row")
    ends, following = np.empty(len(text), np.int64), np.zeros(1, np.int64)
    buffers = text.buffers()
    folded = np.empty(room, np.uint8)
    while following[0] < len(text):
        answered(
            library.digest_folded_rows(
                tables[0].ctypes.data, tables[1].ctypes.data, *array_arguments(text, buffers),
                flags.ctypes.data if flags is not None else None, is_plain, folded.ctypes.data, len(folded),
                ends.ctypes.data, following.ctypes.data, digests.ctypes.data,
            )
        )  # fmt: skip
        if following[0] < len(text):  # a row that has no room even alone
            folded = np.empty(2 * len(folded) + DIGEST_BYTES, np.uint8)
    return digests
