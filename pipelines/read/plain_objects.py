"""Parse lines that are plain JSON objects with string fields in one walk; what is anything else is left to `judge`.

The answer is `pyarrow.json`'s for the same lines (a law of the tests): the kernel refuses whatever could be read otherwise.
"""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from checks import kernels
from checks.kernels.object_calls import MOST_FIELDS, Strings, strings_of_lines
from pipelines.read.lines import Offsets

_WIDEST: Final = 2**31 - 1


def plain_table(octets: NDArray[np.uint8], starts: Offsets, ends: Offsets, schema: pa.Schema) -> pa.Table | None:
    """The table of lines ``octets[starts[i]:ends[i]]`` with the fields of *schema*, a row a line.

    None where there is no kernel, a field is no string, a line is not plain, or offsets of 32 bits are too narrow.
    """
    library = kernels.library()
    wanted = len(schema) <= MOST_FIELDS and all(
        pa.types.is_string(f.type) or pa.types.is_large_string(f.type) for f in schema
    )
    if library is None or not wanted or int((ends - starts).sum()) > _WIDEST:
        return None
    read = strings_of_lines(library, octets, starts, ends, schema.names)
    if read is None:
        return None
    return pa.Table.from_arrays([_array(one, f.type) for one, f in zip(read, schema, strict=True)], schema=schema)


def _array(strings: Strings, kind: pa.DataType) -> pa.Array:
    missing = len(strings.given) - int(np.count_nonzero(strings.given))
    valid = pa.py_buffer(np.packbits(strings.given, bitorder="little")) if missing else None
    offsets = strings.offsets if pa.types.is_large_string(kind) else strings.offsets.astype(np.int32)
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(strings.octets)]
    return pa.Array.from_buffers(kind, len(strings.given), buffers, missing)
