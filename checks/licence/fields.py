"""What a record's own fields say: its licence column, licence keys of its metadata, licences a page's markup links to."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.licence import statements
from checks.licence.classes import UNKNOWN, Declared, declarations, of_name
from checks.licence.names import NAME

LINKED: Final = "licence_linked"
"""Key of `meta` under which a page's reader hands on licences that the page links to, of works in it or of its own."""
FOOTER: Final = "licence_footer"
"""The same of the page's footer, where a page speaks of itself."""
RIGHTS: Final = "licence_rights"
"""The same of a rights statement in words (Dublin Core), at most `LONGEST_RIGHTS` characters."""
LONGEST_RIGHTS: Final = 400

_DECLARES: Final = r'(?i)"(?:[a-z]+_)*licen[cs]es?(?:_name|_id|_expression|_type|_footer|_rights)?"\s*:\s*'
_MENTIONS: Final = rf'"{LINKED}"\s*:\s*'
_VALUE: Final = r'(?P<value>"(?:[^"\\]|\\.)*"|\[[^\[\]]*\]|\{[^{}]*\})'
_NAMES: Final = ("spdx_id", "spdx", "key", "id", "name", "type", "expression", "url", "@id")
"""Keys of a licence written as an object, the most telling first."""
_NOTHING: Final = frozenset(("", "null", "none", "n/a", "noassertion"))

Indices = npt.NDArray[np.int64]
_Set = tuple[Declared, ...]


class Fields(NamedTuple):
    """What the fields of a record say of its licence, and where they do: in the licence column, in the metadata.

    *terms*: what other checks found it to be under besides, by their names (`handed.with_handed`).
    """

    declared: _Set = ()
    mentioned: _Set = ()
    in_column: bool = False
    in_metadata: bool = False
    terms: tuple[tuple[str, Declared], ...] = ()


def fields_of(batch: pa.RecordBatch) -> tuple[list[Fields], Indices]:
    """(what distinct fields say, the one of each row).

    Worked out once a distinct triple of `declared_licence` and the licences in `meta` (JSON), whose keys are any that end
    in `licence` or `license`, as hubs and data sets write them, and those above.
    """
    rows = batch.num_rows
    if rows and batch["declared_licence"].null_count == batch["meta"].null_count == rows:
        return [Fields()], np.zeros(rows, np.int64)
    column = batch["declared_licence"].dictionary_encode()
    written = [declarations(w) for w in column.dictionary.to_pylist()]
    code = np.asarray(column.indices.fill_null(len(written)), np.int64)
    described, of_described = _metadata(batch["meta"], _DECLARES)
    linked, of_linked = _metadata(batch["meta"], _MENTIONS)
    wide, wider = len(described) + 1, len(linked) + 1
    triples, of_row = np.unique((code * wide + of_described) * wider + of_linked, return_inverse=True)
    found = []
    for triple in triples.tolist():
        rest, c = divmod(triple, wider)
        a, b = divmod(rest, wide)
        own = written[a] if a < len(written) else ()
        more = described[b] if b < len(described) else ()
        mentioned = linked[c] if c < len(linked) else ()
        found.append(Fields(tuple(dict.fromkeys([*own, *more])), mentioned, bool(own), bool(more)))
    return found, of_row.astype(np.int64)


def _metadata(meta: pa.Array, key: str) -> tuple[list[_Set], Indices]:
    """(distinct values under *key*, the one of each row; their number for a row without any)."""
    nothing = np.zeros(len(meta), np.int64)
    if meta.null_count == len(meta):
        return [], nothing
    times = np.asarray(pc.fill_null(pc.count_substring_regex(meta, key), 0))
    if not times.any():
        return [], nothing
    first = pc.struct_field(pc.extract_regex(meta, key + _VALUE), "value").dictionary_encode()
    values = [_declared([v]) for v in first.dictionary.to_pylist()]
    several = np.flatnonzero(times > 1).tolist()
    code = np.asarray(first.indices.fill_null(len(values) + len(several)), np.int64).copy()
    code[several] = np.arange(len(values), len(values) + len(several))
    every = re.compile(key + _VALUE)
    values += [_declared([m["value"] for m in every.finditer(meta[row].as_py())]) for row in several]
    return values, code


def _declared(values: Sequence[str]) -> _Set:
    written = [w for value in values for w in _strings(value) if w.strip().lower() not in _NOTHING]
    return tuple(dict.fromkeys(d for w in written for d in _said(w)))


def _said(written: str) -> Sequence[Declared]:
    """A licence's name or address; of words that are neither, the names and statements in them."""
    found = declarations(written)
    if any(d.licence_class != UNKNOWN for d in found):
        return found
    flat = statements.flattened(written[: 2 * LONGEST_RIGHTS])
    named = [of_name(m) for m in NAME.finditer(flat)]
    triggers = [name for name, _ in statements.TRIGGERS]
    told = [
        *statements.chinese(flat, 0, len(flat)),
        *statements.english(statements.lower(flat), 0, len(flat), triggers),
    ]
    return [*named, *(Declared(f"LicenseRef-{s.name}", statements.CLASSES[s.name]) for s in told)] or found


def _strings(value: str) -> list[str]:
    """The strings of a JSON string, list or object that may name a licence; what is no JSON stands as it is."""
    try:
        parsed: Any = json.loads(value)
    except ValueError:
        return [value]
    items = parsed if isinstance(parsed, list) else [parsed]
    named = [item.get(next((n for n in _NAMES if n in item), "")) if isinstance(item, dict) else item for item in items]
    return [each for each in named if isinstance(each, str)]
