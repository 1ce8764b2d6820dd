"""Pass a buffer to `fields.c`: where the names of an implicit label's fields stand in it."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_ROOM: Final = 256
"""Places that are made room for at first; a buffer of more is gone through twice."""


def declare(library: Any) -> None:
    """Give the function of `fields.c` its argument types."""
    from ctypes import c_int64, c_void_p

    library.find_label_fields.argtypes = (c_void_p, c_int64, c_void_p, c_int64)
    library.find_label_fields.restype = c_int64


def label_fields_of(library: Any, data: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """int64[n]: the places of the "Pro" in each ContentProducer, ContentPropagator, ProduceID and PropagateID, in order.

    *data*: uint8[...], contiguous.
    """
    places = np.empty(_ROOM, np.int64)
    count = library.find_label_fields(data.ctypes.data, len(data), places.ctypes.data, len(places))
    if count > len(places):
        places = np.empty(count, np.int64)
        library.find_label_fields(data.ctypes.data, len(data), places.ctypes.data, len(places))
    return places[:count]
