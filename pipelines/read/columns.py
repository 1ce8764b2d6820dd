"""A source's column mapping as a pyarrow schema, and mapped columns out of what was parsed with it."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.base import Framing
from schemas.errors import ConfigError
from schemas.record import MAPPED

PIECES = "[]"
"""Behind the last name of text's path: the field is a list of strings, joined by one LF."""


def field_paths(framing: Framing) -> dict[str, tuple[str, ...]]:
    """Mapped field -> path in the record, names parted by dots; `text` is mapped to ``text`` where nothing else is said.

    Raises ConfigError for a field that is none of `schemas.record.MAPPED`, or an empty name in a path.
    """
    mapped = {"text": "text"} if framing.layout == "plain" else {}
    mapped.update(framing.columns)
    paths = {field: tuple(path.split(".")) for field, path in mapped.items()}
    problems = [
        f"columns: there is no field {field!r}; the fields are {', '.join(MAPPED)}"
        for field in paths
        if field not in MAPPED
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
        name = path[-1].removesuffix(PIECES)
        leaf = _leaf(field, path)
        if node.setdefault(name, leaf) not in (pa.string(), pa.large_string(), leaf) or (
            pa.types.is_list(leaf) and node[name] != leaf
        ):
            raise _clash(field, path)
    return pa.schema([_field(name, node) for name, node in tree.items()])


def _leaf(field: str, path: Sequence[str]) -> pa.DataType:
    if path[-1].endswith(PIECES):
        return pa.list_(pa.string())
    return pa.large_string() if field == "text" else pa.string()


def mapped_column(table: pa.Table | pa.RecordBatch, path: Sequence[str]) -> pa.Array:
    """The column at *path*; null where any object on the way is null, or a list of strings has a null in it."""
    names = [*path[:-1], path[-1].removesuffix(PIECES)]
    column = table.column(names[0])
    column = pc.struct_field(column, names[1:]) if len(names) > 1 else column
    return pc.binary_join(pc.cast(column, pa.list_(pa.string())), "\n") if path[-1].endswith(PIECES) else column


def _field(name: str, node: object) -> pa.Field:
    if isinstance(node, pa.Field):
        return node
    if isinstance(node, dict):
        return pa.field(name, pa.struct([_field(n, child) for n, child in node.items()]))
    return pa.field(name, node)


def _clash(field: str, path: Sequence[str]) -> ConfigError:
    return ConfigError(
        f"columns: {field}: {'.'.join(path)!r} is mapped in two ways, as text and as an object; keep one"
    )
