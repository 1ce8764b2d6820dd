"""A source's column mapping as a pyarrow schema, and mapped columns out of what was parsed with it."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.base import Framing
from schemas.errors import ConfigError
from schemas.record import MAPPED

_TYPES = {"text": pa.large_string()}


def field_paths(framing: Framing) -> dict[str, tuple[str, ...]]:
    """Mapped field -> path in the record, names parted by dots; `text` is mapped to ``text`` where nothing else is said.

    Raises ConfigError for a field that is none of `schemas.record.MAPPED`, or an empty name in a path.
    """
    mapped = {"text": "text"} if framing.layout == "plain" else {}
    mapped.update(framing.columns)
    paths = {field: tuple(path.split(".")) for field, path in mapped.items()}
    problems = [
        f"columns: there is no field {field!r}; the fields are {', '.join(MAPPED)}" for field in paths if field not in MAPPED
    ]
    problems += [f"columns: {field}: the path {mapped[field]!r} has an empty name; write it as name.name" for field in paths
                 if not all(paths[field])]  # fmt: skip
    if problems:
        raise ConfigError(*problems)
    return paths


def explicit_schema(paths: dict[str, tuple[str, ...]], first: Sequence[pa.Field] = ()) -> pa.Schema:
    """The schema of exactly the mapped fields: strings, nested as their paths are; *first* are a layout's own fields.

    Raises ConfigError where one path is another's beginning, since a field cannot be a string and an object.
    """
    tree: dict[str, object] = {f.name: f for f in first}
    for field, path in sorted(paths.items()):
        node = tree
        for name in path[:-1]:
            child = node.setdefault(name, {})
            if not isinstance(child, dict):
                raise _clash(field, path)
            node = child
        leaf = _TYPES.get(field, pa.string())
        if node.setdefault(path[-1], leaf) != leaf:
            if path[-1:] == path and isinstance(node[path[-1]], pa.Field):
                raise _clash(field, path)
            if not (isinstance(node[path[-1]], pa.DataType) and pa.large_string() in (leaf, node[path[-1]])):
                raise _clash(field, path)
            node[path[-1]] = pa.large_string()
    return pa.schema([_field(name, node) for name, node in tree.items()])


def mapped_column(table: pa.Table | pa.RecordBatch, path: Sequence[str]) -> pa.Array:
    """The column at *path*; null where any object on the way is null."""
    column = table.column(path[0])
    return pc.struct_field(column, list(path[1:])) if len(path) > 1 else column


def _field(name: str, node: object) -> pa.Field:
    if isinstance(node, pa.Field):
        return node
    if isinstance(node, dict):
        return pa.field(name, pa.struct([_field(n, child) for n, child in node.items()]))
    return pa.field(name, node)


def _clash(field: str, path: Sequence[str]) -> ConfigError:
    return ConfigError(
        f"columns: {field}: {'.'.join(path)} is mapped both as a string and as an object; map one of the two"
    )
