"""Pass a buffer to `feeds.c`: where its line feeds lie, and which of its lines hold digits or a mark."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

_BYTES_A_LINE: Final = 256
"""About what a line of a corpus takes; a buffer of shorter ones is gone through twice."""


class Lines(NamedTuple):
    """Some lines of a buffer, laid one after another. *start*: int64, where each begins in the buffer; *laid*: where in
    *octets*, and at the end where the last one's line feed ends.
    """

    octets: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int64]
    laid: npt.NDArray[np.int64]


def declare(library: Any) -> None:
    """Give the functions of `feeds.c` their argument types."""
    from ctypes import c_int64, c_uint8, c_void_p

    library.copy_telling_lines.argtypes = (
        c_void_p, c_int64, c_int64, c_uint8, c_void_p, c_int64, c_void_p, c_void_p, c_int64,
    )  # fmt: skip
    library.copy_telling_lines.restype = c_int64
    library.find_feeds.argtypes, library.find_feeds.restype = (c_void_p, c_int64, c_void_p, c_int64), c_int64


def feeds_of(library: Any, data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """int64[n]: the places of the line feeds in uint8[...], contiguous, in order."""
    feeds = np.empty(len(data) // _BYTES_A_LINE + 16, np.int64)
    count = library.find_feeds(data.ctypes.data, len(data), feeds.ctypes.data, len(feeds))
    if count > len(feeds):
        feeds = np.empty(count, np.int64)
        library.find_feeds(data.ctypes.data, len(data), feeds.ctypes.data, len(feeds))
    return feeds[:count]


def telling_lines(library: Any, data: npt.NDArray[np.uint8], least_digits: int, mark: bytes) -> Lines:
    """The lines of uint8[...], contiguous, with at least so many (1 or more) ASCII digits, or a *mark*, one byte."""
    lines = len(data) // 2 + 1  # one of a byte and its line feed each
    out, start, laid = np.empty(len(data) + 1, np.uint8), np.empty(lines, np.int64), np.empty(lines + 1, np.int64)
    count = library.copy_telling_lines(
        data.ctypes.data, len(data), least_digits, mark[0], out.ctypes.data, len(out), start.ctypes.data,
        laid.ctypes.data, lines,
    )  # fmt: skip
    if count < 0:
        raise ValueError(f"telling lines: more than {lines} of them in {len(data)} bytes")  # cannot be
    return Lines(out[: laid[count]], start[:count], laid[: count + 1])
