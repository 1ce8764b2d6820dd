"""Pass Arrow buffers and the tables of the language model to `lid.c`: a label and a score for windows of each row."""

import ctypes
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types

DIM: Final = 16
LABELS: Final = 176
NODES: Final = LABELS - 1
LEAST_CHARS: Final = 2
MOST_CHARS: Final = 4
BUCKETS: Final = 2_000_000
"""`lid.c` is compiled for a model of this shape and no other: n-grams of LEAST_CHARS to MOST_CHARS code points."""
FNV_BASIS: Final = 2_166_136_261
FNV_PRIME: Final = 16_777_619

_ARRAYS: Final = ("letters", "starts", "slots", "kept", "rows", "outputs", "children")
_NUMBERS: Final = ("words", "last_slot", "end_of_line")


class _Model(ctypes.Structure):
    _fields_ = (*((name, ctypes.c_void_p) for name in _ARRAYS), *((name, ctypes.c_int32) for name in _NUMBERS))


@dataclass(frozen=True, eq=False)
class Tables:
    """The model as `lid.c` reads it; `checks.language.flat` makes one and holds every index in it to its bounds.

    *letters*: uint8, the words and then the labels end to end; *starts*: int32[entries + 1]; *slots*: int32, a power of
    two of them, entries by hash or -1; *kept*: uint64, of each 32 of the BUCKETS and then the words, which have a row
    (lower half) and how many before them have one (upper half); *rows*: float32[kept buckets + words, DIM]; *outputs*:
    float32[DIM, NODES]; *children*: int32[NODES, 2]; *words*: how many of the entries are no labels; *end_of_line*: the
    entry of `</s>`.
    """

    letters: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    slots: npt.NDArray[np.int32]
    kept: npt.NDArray[np.uint64]
    rows: npt.NDArray[np.float32]
    outputs: npt.NDArray[np.float32]
    children: npt.NDArray[np.int32]
    words: int
    end_of_line: int

    @cached_property
    def packed(self) -> Any:
        """The structure that the kernel takes; it points into the arrays, which live as long as this does."""
        arrays = (getattr(self, name).ctypes.data for name in _ARRAYS)
        return _Model(*arrays, self.words, len(self.slots) - 1, self.end_of_line)


def declare(library: Any) -> None:
    """Give the function of `lid.c` its argument types."""
    pointer, wide = ctypes.c_void_p, ctypes.c_int64
    library.label_windows.argtypes = (
        ctypes.POINTER(_Model), *array_types(), pointer, wide, wide, pointer, pointer, pointer,
    )  # fmt: skip
    library.label_windows.restype = wide


def labels_of_windows(
    library: Any, tables: Tables, text: pa.Array, rows: npt.NDArray[np.int64], chars: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """int32[k], float32[k], int64[k]: for each of the *rows* the number of the likeliest label of three windows of *chars*
    code points, its score, and the code points the windows were taken from.

    Raises ``ValueError`` where the array's offsets lie outside its data, a row is not there, or *chars* is not 1..1024.
    """
    chosen = np.ascontiguousarray(rows, np.int64)
    labels, scores = np.empty(len(chosen), np.int32), np.empty(len(chosen), np.float32)
    points = np.empty(len(chosen), np.int64)
    if len(chosen):
        buffers = text.buffers()  # held until the call is over
        answered(
            library.label_windows(
                tables.packed, *array_arguments(text, buffers), chosen.ctypes.data, len(chosen), chars,
                labels.ctypes.data, scores.ctypes.data, points.ctypes.data,
            )
        )  # fmt: skip
    return labels, scores, points
