"""Read one OpenAI chat line whose fields change type between messages, which no Arrow schema can say.

Such a line has been refused by every schema and accepted by `pyarrow.json` as one object; only then, and always then,
its values are taken with the standard library's parser. So its fate still hangs on that line alone.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipelines.read.chat import AFTER_PARTS, role_of
from pipelines.read.pieces import Pieces, joined


class _WrongTypeError(Exception):
    """A field that is neither of the types its layout allows."""


class _Said(NamedTuple):
    at: int
    part: int
    role: str
    path: str
    value: str


def walk_chat(line: bytes, name: str, paths: dict[str, tuple[str, ...]]) -> dict[str, pa.Array] | str:
    """The columns of one record: text and roles from the messages under *name*, strings at *paths*; or a reason.

    A message's content may be a string or a list of parts; a call's arguments may be any value, and one that is no string
    stands as its JSON text. A name that occurs twice in an object, or a value too deep to walk, is `wrong type`.
    """
    try:
        record = json.loads(line, object_pairs_hook=_unique)
        said = list(_said(record.get(name), name))
        fields = {field: pa.array([_string_at(record, path)], pa.string()) for field, path in paths.items()}
    except UnicodeDecodeError:
        return "bad utf-8"
    except (_WrongTypeError, ValueError, RecursionError):
        return "wrong type"
    filled = [s for s in said if s.value]
    nought = np.zeros(len(filled), np.int64)
    at, part = (np.array([getattr(s, key) for s in filled], np.int64) for key in ("at", "part"))
    strings = {key: pa.array([getattr(s, key) for s in filled], pa.string()) for key in ("role", "path")}
    values = pa.array([s.value for s in filled], pa.large_string())
    text, roles = joined([Pieces(nought, nought, at, part, strings["role"], strings["path"], values)], 1)
    return {"text": text, "roles": roles, **fields}


def _said(messages: Any, name: str) -> Iterator[_Said]:
    for i, message in enumerate(_list(messages)):
        if message is None:
            continue
        spoken = _object(message)
        role = role_of(_string(spoken.get("role")) or "")
        content = spoken.get("content")
        if isinstance(content, list):
            for j, part in enumerate(content):
                text = _string(_object(part).get("text")) if part is not None else None
                yield _Said(i, j, role, f"{name}[{i}].content[{j}].text", text or "")
        else:
            yield _Said(i, 0, role, f"{name}[{i}].content", _string(content) or "")
        for j, call in enumerate(_list(spoken.get("tool_calls"))):
            function = _object(call).get("function") if call is not None else None
            arguments = _object(function).get("arguments") if function is not None else None
            path = f"{name}[{i}].tool_calls[{j}].function.arguments"
            yield _Said(i, AFTER_PARTS + j, role, path, _as_text(arguments))


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _string_at(record: dict[str, Any], path: tuple[str, ...]) -> str | None:
    value: Any = record
    for name in path:
        value = None if value is None else _object(value).get(name)
    return _string(value)


def _string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise _WrongTypeError


def _list(value: Any) -> list[Any]:
    if value is None or isinstance(value, list):
        return value or []
    raise _WrongTypeError


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _WrongTypeError


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _WrongTypeError
    return found
