"""What a JSON record of a framing looks like: the schemas to parse it with, and its columns once parsed."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from pipelines.read.base import Framing
from pipelines.read.blocks import combined
from pipelines.read.chat import LAYOUTS
from pipelines.read.columns import explicit_schema, field_paths, mapped_column
from pipelines.read.unions import Walked, walk_chat

Columns = dict[str, pa.Array]


@dataclass(frozen=True)
class Shape:
    """*schemas*: what a line may be parsed with, in this order; *columns*: mapped field -> array, row for row.

    *walk* reads lines that are one object each but fit none of the schemas.
    """

    schemas: tuple[pa.Schema, ...]
    columns: Callable[[pa.Table], Columns]
    walk: Callable[[list[bytes]], Walked] | None = None


def shape_of(framing: Framing) -> Shape:
    """The shape of a JSON framing. Raises ConfigError for a mapping that cannot be, or an unknown layout's name."""
    paths = field_paths(framing)
    if framing.layout == "plain":
        return Shape((explicit_schema(paths),), lambda table: _mapped(table, paths))
    layout = LAYOUTS[framing.layout]
    turns = paths.pop("text", None)
    renamed = None if turns is None else ".".join(turns)
    schemas = tuple(explicit_schema(paths, fields) for fields in layout.fields(renamed))

    def columns(table: pa.Table) -> Columns:
        said = layout.join(table, renamed)
        return {"text": said.text, "roles": said.roles, **_mapped(table, paths)}

    if framing.layout != "openai-chat":
        return Shape(schemas, columns)
    name = renamed or "messages"
    return Shape(schemas, columns, lambda lines: walk_chat(lines, name, paths))


def _mapped(table: pa.Table, paths: dict[str, tuple[str, ...]]) -> Columns:
    return {field: combined(mapped_column(table, path)) for field, path in paths.items()}
