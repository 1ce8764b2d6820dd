"""Pass Arrow buffers and tables of code points to `forms.c` and `repeats.c`; the scratch they write to is the thread's own."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types
from checks.kernels.term_calls import BEST
from checks.loaded import per_thread


def declare(library: Any) -> None:
    """Give the functions of `forms.c` and `repeats.c` their argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.forms_of_rows.argtypes = (c_void_p, *array_types(), c_int32, c_void_p, c_void_p)
    library.repeats_of_rows.argtypes = (c_void_p, *array_types(), c_void_p, c_void_p)
    for function in (library.forms_scratch, library.repeats_scratch):
        function.argtypes = ()
    for function in (library.forms_of_rows, library.repeats_of_rows, library.forms_scratch, library.repeats_scratch):
        function.restype = c_int64


def forms_of_rows(
    library: Any, text: pa.Array, table: npt.NDArray[np.uint8], measures: int, level: int = BEST
) -> npt.NDArray[np.uint32]:
    """uint32[measures, n], in the order of `checks.quality.forms.FORMS`.

    *text*: String or LargeString, slices and nulls are fine; *table*: `checks.quality.forms.form_table()`; *level*: 0 plain,
    1 AVX2, BEST what this machine has. Raises ``ValueError`` where the array's offsets lie outside its data.
    """
    counts = np.empty((measures, len(text)), np.uint32)
    if len(text):
        scratch = _scratch("forms", library.forms_scratch())
        buffers = text.buffers()  # held until the call is over
        answered(
            library.forms_of_rows(
                table.ctypes.data, *array_arguments(text, buffers), level, scratch.ctypes.data, counts.ctypes.data
            )
        )
    return counts


def repeats_of_rows(
    library: Any, text: pa.Array, table: npt.NDArray[np.uint8], measures: int
) -> npt.NDArray[np.uint32]:
    """uint32[measures, n], in the order of `checks.quality.forms.REPEATS`; *table*: `checks.signs.classes.class_table()`.

    Otherwise as `forms_of_rows`.
    """
    counts = np.empty((measures, len(text)), np.uint32)
    if len(text):
        scratch = _scratch("repeats", library.repeats_scratch())
        buffers = text.buffers()
        answered(
            library.repeats_of_rows(
                table.ctypes.data, *array_arguments(text, buffers), scratch.ctypes.data, counts.ctypes.data
            )
        )
    return counts


def _scratch(name: str, size: int) -> npt.NDArray[np.uint8]:
    """Zeros at first; what a kernel leaves there stays for the thread's next call."""
    memory: npt.NDArray[np.uint8] = per_thread(f"checks.kernels.scratch.{name}", lambda: np.zeros(size, np.uint8))
    return memory
