"""Implicit labels (GB 45438) of typed tables (Parquet, Arrow): in columns that a source does not map, in a file's metadata.

The names in the schema tell where one can be, so no other column is decoded for it: a label inside a string column of
another name is not found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from checks.authenticity.labels import KEY
from checks.authenticity.unmapped import FIELD, FILE, NAMES, fields_told, is_key
from pipelines.read.columns import PIECES

Path = tuple[str, ...]
_DESCRIBE_COLUMNS = frozenset(
    ("ARROW:schema", "pandas", "huggingface", "org.apache.spark.sql.parquet.row.metadata", "parquet.avro.schema", "avro.schema", "iceberg.schema")
)  # fmt: skip
"""Keys of a file's metadata that speak of its columns, by their names, not of the file."""


@dataclass(frozen=True)
class Labels:
    """Where one table may hold labels. *paths*: of its columns; *of_file*: what its own metadata says, as `fields_told` writes it."""

    paths: tuple[Path, ...]
    of_file: str | None

    def of_rows(self, table: pa.RecordBatch) -> list[str | None] | None:
        """What `fields_told` wrote of each row's columns, and what the file says behind it; None where there is neither."""
        columns = [(_spelled(path), _values(column)) for path in self.paths for column in _all_at(table, path)]
        if not columns:
            return None if self.of_file is None else [self.of_file] * table.num_rows
        names = [name for name, _ in columns]
        rows = zip(*(values for _, values in columns), strict=True)
        told = [fields_told(tuple(zip(names, row, strict=True)), FIELD) for row in rows]
        if self.of_file is not None:
            return [self.of_file if one is None else f"{one} {self.of_file}" for one in told]
        return told if any(told) else None


def labels_of(schema: pa.Schema, mapped: Mapping[str, Path], metadata: Mapping[bytes, bytes] | None = None) -> Labels:
    """What to look for in a table: columns called AIGC or with a field that a label alone has, and the file's own metadata.

    *mapped*: field -> path; a column at such a path is none, whatever it is called. *metadata*: Parquet's key-value footer.
    """
    taken = {(*path[:-1], path[-1].removesuffix(PIECES)) for path in mapped.values()}
    return Labels(tuple(dict.fromkeys(_labelled(list(schema), (), taken))), _of_file(schema, metadata))


def _of_file(schema: pa.Schema, metadata: Mapping[bytes, bytes] | None) -> str | None:
    pairs = [*(schema.metadata or {}).items(), *(metadata or {}).items()]
    pairs += [pair for field in schema for pair in (field.metadata or {}).items()]
    members = {key.decode(errors="replace"): value.decode(errors="replace") for key, value in pairs}
    return fields_told(tuple((k, v) for k, v in sorted(members.items()) if k not in _DESCRIBE_COLUMNS), FILE)


def _labelled(fields: list[pa.Field], above: Path, taken: set[Path]) -> Iterator[Path]:
    is_a_label = any(field.name in NAMES and (*above, field.name) not in taken for field in fields)
    for field in fields:
        path = (*above, field.name)
        if path in taken:
            continue
        if is_key(field.name) or (is_a_label and _is_a_field(field.name)):
            if not any(one[: len(path)] == path for one in taken):
                yield path
            elif pa.types.is_struct(field.type):
                yield from _labelled(list(field.type), path, taken)
        elif pa.types.is_struct(field.type):
            yield from _labelled(list(field.type), path, taken)
        elif pa.types.is_nested(field.type) and _names_one(field.type):
            yield path


def _is_a_field(name: str) -> bool:
    return name in NAMES or name in ("Label", "ReservedCode1", "ReservedCode2")


def _names_one(kind: pa.DataType) -> bool:
    return any(
        is_key(field.name) or field.name in NAMES or _names_one(field.type)
        for field in (kind.field(i) for i in range(kind.num_fields))
    )


def _spelled(path: Path) -> str:
    return ".".join(KEY if is_key(name) else name for name in path)


def _all_at(table: pa.RecordBatch, path: Path) -> list[pa.Array]:
    """The columns at a path: a file may call several the same."""
    found = [table.column(i) for i in table.schema.get_all_field_indices(path[0])]
    for name in path[1:]:
        found = [
            column.flatten()[i]  # null where the object is
            for column in found if pa.types.is_struct(column.type) for i in column.type.get_all_field_indices(name)
        ]  # fmt: skip
    return found


def _values(column: pa.Array) -> list[object]:
    """Strings, objects (tuples of pairs) and arrays (lists), with None where there is nothing; bad UTF-8 is replaced."""
    kind, t = column.type, pa.types
    if isinstance(column, pa.ExtensionArray):
        return _values(column.storage)
    if t.is_dictionary(kind):
        return _values(column.dictionary_decode())
    given = column.is_valid().to_pylist()
    if t.is_struct(kind):
        names = [field.name for field in kind]
        inner = zip(*(_values(part) for part in column.flatten()), strict=True) if names else [()] * len(column)
        return [tuple(zip(names, row, strict=True)) if has else None for has, row in zip(given, inner, strict=True)]
    if t.is_map(kind):
        keys, items = _values(column.keys), _values(column.items)
        pairs = [(str(key), item) for key, item in zip(keys, items, strict=True)]
        bounds = column.offsets.to_pylist()
        return [tuple(pairs[a:b]) if has else None for has, a, b in zip(given, bounds[:-1], bounds[1:], strict=True)]
    if t.is_list(kind) or t.is_large_list(kind) or t.is_fixed_size_list(kind):
        values, lengths = _values(column.flatten()), column.value_lengths().fill_null(0).to_pylist()
        found, at = list[object](), 0
        for has, length in zip(given, lengths, strict=True):
            found.append(values[at : at + length] if has else None)
            at += length if has else 0
        return found
    if t.is_string(kind) or t.is_large_string(kind):
        column = column.cast(pa.large_binary())
    elif t.is_string_view(kind) or t.is_binary_view(kind):
        column = column.cast(pa.binary_view()).cast(pa.large_binary())
    if t.is_binary(column.type) or t.is_large_binary(column.type) or t.is_fixed_size_binary(column.type):
        return [None if value is None else value.decode(errors="replace") for value in column.to_pylist()]
    if t.is_integer(kind) or t.is_boolean(kind) or t.is_floating(kind):
        return [None if value is None else str(value) for value in column.to_pylist()]
    return [None] * len(column)
