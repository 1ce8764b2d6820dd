"""Lines that no schema takes because of the type of a value, told many at once: a shortcut past a parser's call for each.

The standard library's parser may only refuse here, never accept. Where both parsers take a line their values are the same, names that
occur twice apart, and those of a field that is asked for are refused by `pyarrow.json` themselves; where it does not take the line,
it is refused anyhow.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_Fits = Callable[[Any], bool]


def misfits(lines: Iterable[bytes], schemas: Sequence[pa.Schema]) -> NDArray[np.bool_]:
    """bool[n]: True for a line that `pyarrow.json` refuses with each of *schemas*; False where that is not known."""
    ways = [_fits(pa.struct(list(schema))) for schema in schemas]
    return np.fromiter((_is_misfit(line, ways) for line in lines), np.bool_)


def _is_misfit(line: bytes, ways: Sequence[_Fits]) -> bool:
    try:
        record = json.loads(line.decode())
    except (ValueError, RecursionError):
        return False
    return not any(fits(record) for fits in ways)


def _fits(kind: pa.DataType) -> _Fits:
    """Whether a value may be of *kind*: null, or of its form; of a field that is no string, list or object nothing is known."""
    if pa.types.is_list(kind):
        inner = _fits(kind.value_type)
        return lambda value: value is None or (isinstance(value, list) and all(map(inner, value)))
    if pa.types.is_struct(kind):
        fields = [(field.name, _fits(field.type)) for field in kind]
        return lambda value: (
            value is None
            or (isinstance(value, dict) and all(name not in value or fits(value[name]) for name, fits in fields))
        )
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return lambda value: value is None or isinstance(value, str)
    return lambda _: True
