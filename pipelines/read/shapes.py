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

    *loose*: what a line is parsed with that is refused by all of these for a field's type: fewer fields, else the same.
    *walk* reads lines that are one object each but fit none of the schemas.
    """

    schemas: tuple[pa.Schema, ...]
    columns: Callable[[pa.Table], Columns]
    loose: tuple[pa.Schema, ...] = ()
    walk: Callable[[list[bytes]], Walked] | None = None


def shape_of(framing: Framing) -> Shape:
    """The shape of a JSON framing. Raises ConfigError for a mapping that cannot be, or an unknown layout's name."""
    paths = field_paths(framing)
    if framing.layout == "plain":
        return Shape((explicit_schema(paths),), lambda table: _mapped(table, paths))
    layout = LAYOUTS[framing.layout]
    turns = paths.pop("text", None)
    renamed = None if turns is None else ".".join(turns)
    schemas, loose = (
        tuple(explicit_schema(paths, fields) for fields in layout.fields(renamed, is_loose))
        for is_loose in (False, True)
    )

    def columns(table: pa.Table) -> Columns:
        said = layout.join(table, renamed)
        calls = layout.calls(table, renamed)
        found = {"text": said.text, "roles": said.roles, **_mapped(table, paths)}
        return found if calls is None else {**found, "calls": calls}

    if framing.layout != "openai-chat":
        return Shape(schemas, columns, loose)
    name = renamed or "messages"
    return Shape(schemas, columns, loose, lambda lines: walk_chat(lines, name, paths))


def _mapped(table: pa.Table, paths: dict[str, tuple[str, ...]]) -> Columns:
    return {field: combined(mapped_column(table, path)) for field, path in paths.items()}
