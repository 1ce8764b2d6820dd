"""Hold arrays to the type and shape that the kernels read; what is not contiguous is copied."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

SLOTS: Final = 128
"""Slots of a signature; `checks/kernels/pairs.c` knows the number too."""


def signatures(name: str, array: npt.NDArray[Any], kind: type[np.generic]) -> npt.NDArray[Any]:
    """*array* as C-contiguous kind[n, 128]."""
    _of_kind(name, array, kind)
    if array.ndim != 2 or array.shape[1] != SLOTS:
        raise ValueError(f"{name}: shape {array.shape}; wants (n, {SLOTS})")
    return np.ascontiguousarray(array)


def flat(name: str, array: npt.NDArray[Any], kind: type[np.generic], size: int | None = None) -> npt.NDArray[Any]:
    """*array* as C-contiguous kind[n], n being *size* if given."""
    _of_kind(name, array, kind)
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise ValueError(f"{name}: shape {array.shape}; wants ({'n' if size is None else size},)")
    return np.ascontiguousarray(array)


def within(name: str, indices: npt.NDArray[Any], size: int) -> None:
    """Refuse indices that are not in 0..size-1."""
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= size):
        raise ValueError(f"{name}: {indices.min()}..{indices.max()}; there are {size} to point at, from 0 on")


def ranges_within(name: str, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], size: int) -> None:
    """Refuse a range that ends before it starts or leaves the *size* values there are."""
    bad = np.flatnonzero((starts < 0) | (starts > ends) | (ends > size))
    if len(bad):
        at = int(bad[0])
        raise ValueError(f"{name}: range {at} is {starts[at]}:{ends[at]}; there are {size} values")


def _of_kind(name: str, array: npt.NDArray[Any], kind: type[np.generic]) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != kind:
        found = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise TypeError(f"{name}: {found}; wants an array of {np.dtype(kind)}")
