"""A frozen dataclass as JSON, back again, and as a JSON Schema: one description, so the three cannot drift apart.

Types that cross: str, int, bool, None, `Json` (any JSON), tuples, ``Mapping[str, …]``, unions with None, dataclasses.
"""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from schemas.errors import StoreError

T = TypeVar("T")
Json = Any
"""Any JSON value without floats."""


def as_json(value: Any) -> Json:
    """Dicts and lists of *value*: a dataclass by its fields, a tuple as a list; mappings and JSON as they stand."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def from_json(kind: type[T], value: Json, place: str) -> T:
    """The dataclass *kind* of JSON *value*.

    A key that *kind* does not know is passed over: within a format number fields are only added (data-path §11).
    Raises `StoreError` naming *place* and the path inside the document for a missing key or a wrong type.
    """
    built: T = _built(kind, value, place, kind.__name__)
    return built


def json_schema(kind: type[Any], schema_id: str) -> dict[str, Json]:
    """The JSON Schema (2020-12) of exactly what this version writes for *kind*."""
    defs: dict[str, Json] = {}
    top = _schema(kind, defs)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id,
        "title": kind.__name__,
        **top,
        "$defs": dict(sorted(defs.items())),
    }


def _built(kind: Any, value: Json, place: str, path: str) -> Any:
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        choices = get_args(kind)
        if value is None and NoneType in choices:
            return None
        wanted = [c for c in choices if c is not NoneType]
        for choice in wanted:
            if _fits(choice, value):
                return _built(choice, value, place, path)
        raise _wrong(place, path, kind, value)
    if not _fits(kind, value):
        raise _wrong(place, path, kind, value)
    if is_dataclass(kind):
        return _dataclass(kind, value, place, path)
    if origin is tuple:
        inner = get_args(kind)[0]
        return tuple(_built(inner, item, place, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is Mapping:
        inner = get_args(kind)[1]
        return {key: _built(inner, item, place, f"{path}.{key}") for key, item in value.items()}
    return value


def _dataclass(kind: Any, value: dict[str, Json], place: str, path: str) -> Any:
    hints = get_type_hints(kind)
    given = {}
    for field in fields(kind):
        if field.name in value:
            given[field.name] = _built(hints[field.name], value[field.name], place, f"{path}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            msg = f"{place}: {path} lacks {field.name!r}; the file is damaged or of another format"
            raise StoreError(msg)
    return kind(**given)


def _fits(kind: Any, value: Json) -> bool:
    if kind is Any:
        return True
    origin = get_origin(kind)
    if is_dataclass(kind) or origin is Mapping:
        return isinstance(value, dict)
    if origin is tuple:
        return isinstance(value, list)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _wrong(place: str, path: str, kind: Any, value: Json) -> StoreError:
    # The value itself may be anything, so only its type is told.
    name = getattr(kind, "__name__", str(kind))
    return StoreError(f"{place}: {path} is {type(value).__name__}, not {name}; the file is damaged")


_PLAIN: Mapping[Any, str] = {str: "string", int: "integer", bool: "boolean", NoneType: "null"}


def _schema(kind: Any, defs: dict[str, Json]) -> dict[str, Json]:
    if kind is Any:
        return {}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(choice, defs) for choice in get_args(kind)]}
    if origin is tuple:
        return {"type": "array", "items": _schema(get_args(kind)[0], defs)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _schema(get_args(kind)[1], defs)}
    if kind.__name__ not in defs:
        hints = get_type_hints(kind)
        defs[kind.__name__] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().splitlines()[0],
            "additionalProperties": False,
            "required": [f.name for f in fields(kind)],
            "properties": {f.name: _schema(hints[f.name], defs) for f in fields(kind)},
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}
