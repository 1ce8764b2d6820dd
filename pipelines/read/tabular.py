"""Mapped columns of a typed table (Parquet, Arrow) as the strings a record holds."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.base import BLOCK_BYTES, Block, Careful, Unread
from pipelines.read.blocks import invalid_rows, make_block
from pipelines.read.columns import PIECES, mapped_column
from pipelines.read.label_columns import Labels
from pipelines.read.unmapped import as_column
from schemas.errors import ConfigError

Paths = Mapping[str, tuple[str, ...]]


def check_columns(schema: pa.Schema, paths: Paths, name: str) -> None:
    """Raise ConfigError where a mapped column is missing, or cannot be text; *name* is the shard's."""
    problems = []
    for field, path in paths.items():
        kind = _kind_at(schema, path)
        spelled = ".".join(path)
        if kind is None:
            problems.append(
                f"{name}: there is no column {spelled!r}, to which {field!r} is mapped; its columns are "
                f"{', '.join(_names(schema))}; correct `columns` in the source"
            )
        elif not _is_text(kind) if field == "text" else pa.types.is_nested(kind):
            problems.append(
                f"{name}: column {spelled!r}, to which {field!r} is mapped, holds {kind}, not text; map another one"
            )
    if problems:
        raise ConfigError(*problems)


def projection(paths: Paths, labels: Labels) -> list[str]:
    """The columns to read, in Parquet's spelling."""
    return [*(".".join(path).removesuffix(PIECES) for path in paths.values()), *map(".".join, labels.paths)]


def block_of_rows(
    table: pa.RecordBatch, paths: Paths, labels: Labels, first_row: int, careful: Careful | None
) -> Block:
    """The block of a batch whose first row has number *first_row* in its shard: offset is the row number, length 1."""
    columns = {field: _strings(mapped_column(table, path), field) for field, path in paths.items()}
    refused: dict[int, str] = {}
    for column in columns.values():
        refused.update(dict.fromkeys(invalid_rows(column), "bad utf-8"))
    missing = np.flatnonzero(columns["text"].is_null().to_numpy(zero_copy_only=False))
    refused.update(dict.fromkeys(map(int, missing), "no text"))
    if careful is not None:
        refused.update(
            {at - first_row: why for at, why in careful.skip.items() if 0 <= at - first_row < table.num_rows}
        )
    unread = [Unread(row, first_row + row, 1, reason) for row, reason in refused.items()]
    rows = np.arange(table.num_rows)
    told = labels.of_rows(table)
    if told is not None:
        columns |= as_column(told)
    if refused:
        rows = np.setdiff1d(rows, np.array(list(refused)), assume_unique=True)
        columns = {field: column.take(pa.array(rows)) for field, column in columns.items()}
    return make_block(columns, rows, rows + first_row, np.ones_like(rows), unread)


def slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """*batch* in slices of about `BLOCK_BYTES` each, by its average row."""
    step = max(1, batch.num_rows * BLOCK_BYTES // max(1, batch.nbytes))
    for start in range(0, batch.num_rows, step):
        yield batch.slice(start, step)


def _kind_at(schema: pa.Schema, path: tuple[str, ...]) -> pa.DataType | None:
    fields: pa.Schema | pa.StructType = schema
    kind: pa.DataType | None = None
    for i, name in enumerate(path):
        pieces = i == len(path) - 1 and name.endswith(PIECES)
        place = fields.get_field_index(name.removesuffix(PIECES) if pieces else name)
        if place < 0:
            return None
        kind = fields.field(place).type
        if pieces:
            plain = _is_list(kind) and (
                pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
            )
            return pa.string() if plain else pa.list_(kind)  # which the caller refuses
        if i < len(path) - 1:
            if not pa.types.is_struct(kind):
                return None
            fields = kind
    return kind


def _names(schema: pa.Schema) -> Iterator[str]:
    for field in schema:
        if pa.types.is_struct(field.type):
            yield from (f"{field.name}.{inner.name}" for inner in field.type)
        else:
            yield field.name


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def _is_text(kind: pa.DataType) -> bool:
    t = pa.types
    if t.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        t.is_string(kind) or t.is_large_string(kind) or t.is_string_view(kind) or t.is_binary(kind)
        or t.is_large_binary(kind) or t.is_binary_view(kind)
    )  # fmt: skip


def _strings(column: pa.Array, field: str) -> pa.Array:
    """As strings, bad bytes still inside: bytes as they are, times in ISO 8601, numbers in Arrow's decimal form."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _strings(column.dictionary_decode(), field)
    wanted = pa.large_string() if field == "text" else pa.string()
    if pa.types.is_timestamp(kind):
        zone = "Z" if kind.tz is not None else ""  # Arrow keeps such a time in UTC whatever its zone
        column = pc.strftime(pc.cast(column, pa.timestamp(kind.unit)), f"%Y-%m-%dT%H:%M:%S{zone}")
    if pa.types.is_binary_view(column.type):
        column = pc.cast(column, pa.large_binary())
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return _unchecked(column, wanted)
    return column if column.type == wanted else pc.cast(column, wanted)


def _unchecked(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Bytes relabelled as strings: the cast would refuse a whole column for one bad row."""
    large = pc.cast(column, pa.large_binary() if wanted == pa.large_string() else pa.binary())
    return pa.Array.from_buffers(wanted, len(large), large.buffers(), large.null_count, large.offset)
