"""Implicit labels (GB 45438) in the fields of a JSON line that its source maps to nothing; the parser drops them.

Raw bytes are searched for the names that such a label alone has. Only a line that holds one is parsed again, with the
standard library: it has been read already, so this says of its labels alone, and of that line alone.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from checks.authenticity.unmapped import FIELD, field_places, fields_told, text_told
from pipelines.read.lines import Window

DEEPEST: Final = 200
"""Deeper objects are not parsed: the standard library's answer could hang on the depth of our own stack."""
_DECODER: Final = json.JSONDecoder(
    strict=False, object_pairs_hook=tuple, parse_int=str, parse_float=str, parse_constant=str
)
_NESTING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{]|[\]}]', re.DOTALL)


def labels_of_lines(window: Window, index: NDArray[np.int64], schemas: Sequence[pa.Schema]) -> dict[str, pa.Array]:
    """The column `implicit_labels` of the lines *index* of *window*; none where there is no label in any.

    *schemas*: what the lines may have been parsed with; values at its fields are no longer looked at.
    """
    octets = np.frombuffer(window.buffer, np.uint8)
    places = field_places(octets)
    if not len(places):
        return {}
    lines = np.unique(np.searchsorted(window.starts, places, "right") - 1)
    kinds = [pa.struct(list(schema)) for schema in schemas]
    told: dict[int, str | None] = {
        line: _told(bytes(window.buffer[window.starts[line] : window.ends[line]]), kinds)
        for line in lines[np.isin(lines, index)].tolist()
    }
    return as_column(told.get(line) for line in index.tolist()) if any(told.values()) else {}


def as_column(told: Iterable[str | None]) -> dict[str, pa.Array]:
    """What `fields_told` wrote of each row, under the column's name."""
    return {"implicit_labels": pa.array(list(told), pa.string())}


def _told(line: bytes, kinds: Sequence[pa.DataType]) -> str | None:
    text = line.decode(errors="replace")
    if line.count(b"{") + line.count(b"[") > DEEPEST and _depth(line) > DEEPEST:
        return text_told(text, FIELD)
    try:
        parsed: Any = _DECODER.decode(text)
    except ValueError:  # two parsers differ: what the line holds is told of the line as it stands
        return text_told(text, FIELD)
    rest = _without(parsed, kinds)
    return fields_told(rest, FIELD) if isinstance(rest, tuple) else None


def _depth(line: bytes) -> int:
    deepest = depth = 0
    for token in _NESTING.finditer(line):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _without(value: Any, kinds: Sequence[pa.DataType]) -> Any:
    """*value* but for what was read with one of *kinds*; None where nothing is left."""
    if isinstance(value, tuple):
        structs = [kind for kind in kinds if pa.types.is_struct(kind)]
        members = []
        for name, inner in value:
            mine = [kind.field(place).type for kind in structs if (place := kind.get_field_index(name)) >= 0]
            left = _without(inner, mine) if mine else inner
            if left is not None:
                members.append((name, left))
        return tuple(members) if members or not structs else None
    if isinstance(value, list):
        inner_kinds = [kind.value_type for kind in kinds if pa.types.is_list(kind)]
        left = [_without(inner, inner_kinds) for inner in value] if inner_kinds else value
        return left if any(inner is not None for inner in left) else None
    return None
