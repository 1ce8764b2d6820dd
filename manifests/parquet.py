"""The one writer of Parquet bytes: the same rows give the same bytes, whatever batches they came in.

Equal bytes hold for one lock file: Parquet's own `created_by` follows the pyarrow version (data-path §8).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from schemas.errors import StoreError

ROW_GROUP_ROWS: Final = 65_536
ZSTD_LEVEL: Final = 3
SCHEMA_KEY: Final = b"corpusledger.schema"
NUMBER_KEY: Final = b"corpusledger.schema_number"


def parquet_bytes(
    table: pa.Table,
    schema_name: str = "corpusledger.table",
    schema_number: int = 1,
    notes: Mapping[bytes, bytes] | None = None,
    *,
    hashes: bool = False,
) -> bytes:
    """*table* as one complete Parquet file; rows stay in the order given.

    Row groups of exactly 65,536 rows, dictionaries decoded first, no wall clock; see `_coding` for what lies in them. Of the
    metadata only the schema's name and number are kept, and *notes*: what a reader hung on a batch must not change an object.
    With *hashes* all columns are plain: chance numbers, which nothing makes much smaller. Raises ``TypeError`` for a float
    column: an object holds integers (ppm) so that no sum depends on its order.
    """
    sink = pa.BufferOutputStream()
    write_parquet(sink, [table], table.schema, schema_name, schema_number, notes, hashes=hashes)
    return bytes(sink.getvalue())


def write_parquet(
    sink: Any,
    tables: Iterable[pa.Table],
    schema: pa.Schema,
    schema_name: str,
    schema_number: int = 1,
    notes: Mapping[bytes, bytes] | None = None,
    *,
    hashes: bool = False,
) -> int:
    """The rows of *tables*, one after another, to *sink* (a path or a stream): the bytes of `parquet_bytes` over them all.

    Holds a row group and one table. Gives the number of rows.
    """
    plain = _plain_schema(schema)
    rows, held = 0, plain.empty_table()
    with pq.ParquetWriter(
        sink, plain, version="2.6", write_statistics=True, store_schema=False, **_coding(plain, hashes=hashes)
    ) as writer:
        for table in tables:
            held = pa.concat_tables([held, _plain(table, plain)]) if held.num_rows else _plain(table, plain)
            if whole := held.num_rows - held.num_rows % ROW_GROUP_ROWS:
                _write_groups(writer, held.slice(0, whole))
                held, rows = held.slice(whole), rows + whole
        _write_groups(writer, held)
        writer.add_key_value_metadata(
            {SCHEMA_KEY: schema_name.encode(), NUMBER_KEY: str(schema_number).encode(), **(notes or {})}
        )
    return rows + int(held.num_rows)


@lru_cache(maxsize=256)
def _coding(schema: pa.Schema, *, hashes: bool) -> Mapping[str, Any]:
    """How each column is laid down.

    Integers as bit-packed differences and bytes as they stand, both without a codec: a third smaller than dictionaries and
    zstd, and written in a third of the time (counts, offsets, row numbers and sorted hashes of real corpora). Words recur,
    and have a dictionary and zstd.
    """
    if hashes:
        return {"compression": "none", "use_dictionary": False}
    integers = [f.name for f in schema if pa.types.is_integer(f.type)]
    bare = [*integers, *(f.name for f in schema if pa.types.is_binary(f.type) or pa.types.is_fixed_size_binary(f.type))]
    others = [_leaf(field) for field in schema if field.name not in bare]
    return {
        "compression": dict.fromkeys(bare, "none") | dict.fromkeys(others, "zstd"),
        "compression_level": dict.fromkeys(others, ZSTD_LEVEL), "use_dictionary": others,
        "column_encoding": dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
    }  # fmt: skip


def _leaf(field: pa.Field) -> str:
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _write_groups(writer: pq.ParquetWriter, table: pa.Table) -> None:
    for start in range(0, table.num_rows, ROW_GROUP_ROWS):
        # One contiguous chunk a row group: page borders follow chunk borders otherwise.
        writer.write_table(table.slice(start, ROW_GROUP_ROWS).combine_chunks(), row_group_size=ROW_GROUP_ROWS)


def read_parquet(data: bytes, place: str, schema: pa.Schema | None = None) -> pa.Table:
    """The table of Parquet bytes; with *schema*, its columns alone, cast, and null where an older writer had none.

    *place*: how an error names the file.
    """
    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        first = str(error).splitlines()[0][:160]
        msg = f"{place}: not readable as Parquet ({first}); restore it from a copy"
        raise StoreError(msg) from error
    return table if schema is None else conformed(table, schema, place)


def conformed(table: pa.Table, schema: pa.Schema, place: str) -> pa.Table:
    """*table* with exactly the columns of *schema*, in its order and types."""
    columns = []
    for field in schema:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        elif field.nullable:
            columns.append(pa.chunked_array([pa.nulls(table.num_rows, field.type)]))
        else:
            msg = f"{place}: has no column {field.name!r}; it was not written by this product"
            raise StoreError(msg)
    return pa.Table.from_arrays(columns, schema=schema)


def schema_of(data: bytes) -> tuple[str, int]:
    """The schema name and number an object carries."""
    kept = pq.read_metadata(pa.BufferReader(data)).metadata or {}
    return kept.get(SCHEMA_KEY, b"").decode(), int(kept.get(NUMBER_KEY, b"0"))


def _plain(table: pa.Table, plain: pa.Schema) -> pa.Table:
    """*table* with the columns and types of *plain*, and nothing that a reader hung on it."""
    columns = [table.column(name) for name in plain.names]
    return pa.Table.from_arrays(
        [pc.cast(c, f.type) if pa.types.is_dictionary(c.type) else c for c, f in zip(columns, plain, strict=True)],
        schema=plain,
    )


@lru_cache(maxsize=256)  # a unit writes many small tables of few schemas
def _plain_schema(schema: pa.Schema) -> pa.Schema:
    fields = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if _holds_floats(kind):
            msg = f"column {field.name!r} is {kind}; an object holds no floats, store integer ppm"
            raise TypeError(msg)
        fields.append(pa.field(field.name, kind, nullable=field.nullable))
    return pa.schema(fields)


def _holds_floats(kind: pa.DataType) -> bool:
    inner = any(_holds_floats(kind.field(i).type) for i in range(kind.num_fields))
    return bool(pa.types.is_floating(kind)) or inner
