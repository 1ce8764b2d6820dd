"""JSON Schemas made from the code: of the YAML files for editors, of the Arrow tables for readers of a ledger.

``python -m schemas.json_schemas --write`` rewrites ``schemas/json``; the tests fail where code and files differ.
"""

import json
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import pyarrow as pa

from schemas.finding import FINDING, PERSONAL_FINDING
from schemas.labels import Labelling
from schemas.licences import LicenceTable
from schemas.profiles import Profile
from schemas.record import RECORD
from schemas.review import ReviewPack
from schemas.rule import Pack, Rule
from schemas.run import RunConfig
from schemas.source import Source
from schemas.yaml_shape import DATE, Bounds, Choice, Form, as_json, bare_key, pair_of, slots_of, taken_apart

FOLDER: Final = Path(__file__).parent / "json"
DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
VERSION: Final = "1.0.0"
_SHAPES: Final[dict[str, type]] = {
    "source": Source,
    "run": RunConfig,
    "policy": Pack,
    "rule": Rule,
    "licences": LicenceTable,
    "review": ReviewPack,
    "quality_profile": Profile,
    "labels": Labelling,
}
_TABLES: Final = {"record": {"record": RECORD}, "finding": {"finding": FINDING, "personal_finding": PERSONAL_FINDING}}
_CHECKS: Final = {
    "description": "check name -> its settings, or `off`: rules on its measures then have insufficient evidence",
    "type": "object",
    "additionalProperties": {"anyOf": [{"type": "object"}, {"const": False}]},
}


def all_schemas() -> dict[str, dict[str, Any]]:
    """File stem -> JSON Schema (draft 2020-12) of source, run, policy, rule, licences, labels, record, finding."""
    found = {name: _document(name, _first_line(kind), _shape(kind)) for name, kind in _SHAPES.items()}
    found["run"]["properties"]["checks"] = _CHECKS
    for name, tables in _TABLES.items():
        body = {"$defs": {table: _table(schema) for table, schema in tables.items()}, "$ref": f"#/$defs/{name}"}
        found[name] = _document(name, "One row of the Arrow table; `x-arrow` is the column's type as stored", body)
    return found


def rendered(schema: dict[str, Any]) -> bytes:
    """The bytes of a schema file: two spaces, keys as made, a final line feed."""
    return (json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode()


def _document(name: str, title: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DRAFT, "$id": f"urn:corpusledger:schema:{name}:{VERSION}", "title": title, **body}


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


def _shape(kind: type) -> dict[str, Any]:
    defaults = {f.name: f.default for f in fields(kind) if f.default is not MISSING and f.default not in (None, ())}
    properties = {}
    for slot in slots_of(kind):
        one = _typed(slot.of, slot.marks)
        if slot.field in defaults:
            one = {**one, "default": as_json(defaults[slot.field])}
        properties[slot.key] = one
    required = [slot.key for slot in slots_of(kind) if slot.required]
    return {
        "type": "object", "properties": properties, "additionalProperties": False, **({"required": required} if required else {}),
    }  # fmt: skip


def _typed(of: Any, marks: tuple[Any, ...]) -> dict[str, Any]:
    bounds = next((mark for mark in marks if isinstance(mark, Bounds)), Bounds())
    if of is str:
        return {"type": "string", **_text(marks)}
    if of is bool:
        return {"type": "boolean"}
    if of is int:
        return {"type": "integer", **_limits(bounds, "minimum", "maximum")}
    pair = pair_of(of)
    if pair is not None:
        (_, key_marks), (value_of, value_marks) = (taken_apart(part) for part in pair)
        named = {"propertyNames": _text(key_marks)} if _text(key_marks) else {}
        return {"type": "object", "additionalProperties": _typed(value_of, value_marks), **named}
    if get_origin(of) is tuple:
        item_of, item_marks = taken_apart(get_args(of)[0])
        return {"type": "array", "items": _typed(item_of, item_marks), **_limits(bounds, "minItems", "maxItems")}
    if is_dataclass(of) and isinstance(of, type):
        whole = {"description": _first_line(of), **_shape(of)}
        bare = bare_key(of)
        if bare is not None:
            return {"anyOf": [whole["properties"][bare], whole]}
        return {"anyOf": [{"type": "string"}, whole]} if hasattr(of, "from_text") else whole
    msg = f"no JSON Schema for the type {of}"
    raise TypeError(msg)


def _text(marks: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for mark in marks:
        if isinstance(mark, Choice):
            found["enum"] = list(mark.words)
        elif mark is DATE:
            found["format"] = "date"
        elif isinstance(mark, Form):
            # JSON Schema's patterns search, and know no (?s): "not empty" is a character that is no white space.
            found["pattern"] = r"\S" if mark.pattern == r"(?s).*\S.*" else f"^{mark.pattern}$"
    return found


def _limits(bounds: Bounds, least: str, most: str) -> dict[str, int]:
    pairs = ((least, bounds.least), (most, bounds.most))
    return {name: value for name, value in pairs if value is not None}


def _table(schema: pa.Schema) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            field.name: {**_arrow(field.type, nullable=field.nullable), "x-arrow": str(field.type)} for field in schema
        },
        "required": [field.name for field in schema if not field.nullable],
        "additionalProperties": False,
    }


def _arrow(of: pa.DataType, *, nullable: bool) -> dict[str, Any]:
    if pa.types.is_list(of):
        found: dict[str, Any] = {"type": "array", "items": _arrow(of.value_type, nullable=of.value_field.nullable)}
    elif pa.types.is_struct(of):
        parts = [of.field(i) for i in range(of.num_fields)]
        found = {
            "type": "object", "properties": {part.name: _arrow(part.type, nullable=part.nullable) for part in parts},
            "required": [part.name for part in parts if not part.nullable], "additionalProperties": False,
        }  # fmt: skip
    elif pa.types.is_integer(of):
        found = {"type": "integer"}
    else:
        found = {"type": "string"}  # text; a fixed-size binary is shown as hex
    return {**found, "type": [found["type"], "null"]} if nullable else found


def main(arguments: list[str]) -> int:
    """``--write`` writes the files; without it, says which differ from the code. Returns the exit code."""
    differing = []
    for name, schema in all_schemas().items():
        file = FOLDER / f"{name}.schema.json"
        if not file.exists() or file.read_bytes() != rendered(schema):
            differing.append(file)
            if "--write" in arguments:
                FOLDER.mkdir(exist_ok=True)
                file.write_bytes(rendered(schema))
    verb = "wrote" if "--write" in arguments else "differs from the code; run python -m schemas.json_schemas --write:"
    for file in differing:
        sys.stdout.write(f"{verb} {file}\n")
    return 1 if differing and "--write" not in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
