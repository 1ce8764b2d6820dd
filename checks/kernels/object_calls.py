"""Pass lines of JSON to `objects.c`: the strings of some fields, where every line is one plain object."""

from collections.abc import Sequence
from ctypes import c_int32, c_int64, c_void_p
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

MOST_FIELDS: Final = 64


class Strings(NamedTuple):
    """Of n lines: *octets*, in which line i's string lies at *offsets* i to i + 1 (int64[n + 1]); *given*: bool[n], False where
    the field is null or missing.
    """

    octets: npt.NDArray[np.uint8]
    offsets: npt.NDArray[np.int64]
    given: npt.NDArray[np.bool_]


def declare(library: Any) -> None:
    """Give the function of `objects.c` its argument types."""
    library.read_objects.argtypes = (
        c_void_p, c_int64, c_void_p, c_void_p, c_int64, c_void_p, c_void_p, c_int32, c_void_p, c_void_p, c_void_p,
    )  # fmt: skip
    library.read_objects.restype = c_int64


def strings_of_lines(
    library: Any,
    data: npt.NDArray[np.uint8],
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    names: Sequence[str],
) -> list[Strings] | None:
    """The strings of the fields *names*, at most 64, of each line ``data[starts[i]:ends[i]]``; None where a line is not plain.

    Raises ``ValueError`` for a line outside the data.
    """
    lines, called = len(starts), [name.encode() for name in names]
    starts, ends = np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(ends, np.int64)
    room = int((ends - starts).sum())
    outs = [np.empty(room + 1, np.uint8) for _ in names]  # pages that nothing is written to cost nothing
    places = np.array([out.ctypes.data for out in outs], np.uintp)
    offsets, given = np.empty((len(names), lines + 1), np.int64), np.empty((len(names), lines), np.uint8)
    joined, name_ends = (
        np.frombuffer(b"".join(called) + b"\0", np.uint8),
        np.cumsum([len(n) for n in called], dtype=np.int32),
    )
    read = library.read_objects(
        data.ctypes.data, len(data), starts.ctypes.data, ends.ctypes.data, lines, joined.ctypes.data,
        name_ends.ctypes.data, len(names), places.ctypes.data, offsets.ctypes.data, given.ctypes.data,
    )  # fmt: skip
    if read < 0:
        raise ValueError(f"lines: one lies outside the {len(data)} bytes, or there are more than {MOST_FIELDS} fields")
    if read < lines:
        return None
    whole = zip(outs, offsets, given.view(np.bool_), strict=True)
    return [Strings(out[: at[-1]], at, there) for out, at, there in whole]
