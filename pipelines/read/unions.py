"""Read one OpenAI chat line whose fields change type between messages, which no Arrow schema can say.

Such a line has been refused by every schema and accepted by `pyarrow.json` as one object; only then, and always then,
its values are taken with the standard library's parser. So its fate still hangs on that line alone.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from pipelines.read.call_ids import Named, calls_by_row
from pipelines.read.chat import AFTER_PARTS, role_of
from pipelines.read.pieces import Pieces, Words, joined


class _WrongTypeError(Exception):
    """A field that is neither of the types its layout allows."""


class _Said(NamedTuple):
    at: int
    part: int
    role: str
    path: str
    value: str


class _Called(NamedTuple):
    at: int
    is_answer: bool
    id: str | None


class Walked(NamedTuple):
    """*rows*: which of the lines were read, in order; *columns*: theirs; *bad*: (line, reason) of the others."""

    rows: list[int]
    columns: dict[str, pa.Array]
    bad: list[tuple[int, str]]


def walk_chat(lines: list[bytes], name: str, paths: dict[str, tuple[str, ...]]) -> Walked:
    """Each line's record: text, roles and ids of calls from the messages under *name*, strings at *paths*.

    A message's content may be a string or a list of parts; a call's arguments may be any value, and one that is no string
    stands as its JSON text; a line with an id that is neither string nor null has none. A name that occurs twice in an object, or a value too deep to walk, is `wrong type`.
    """
    rows: list[int] = []
    bad: list[tuple[int, str]] = []
    said: list[tuple[int, _Said]] = []
    called: list[tuple[int, _Called]] = []
    fields: dict[str, list[str | None]] = {field: [] for field in paths}
    for i, line in enumerate(lines):
        try:
            record = json.loads(line, object_pairs_hook=_unique)
            words = [(len(rows), one) for one in _said(record.get(name), name) if one.value]
            others = [_string_at(record, path) for path in paths.values()]
        except UnicodeDecodeError:
            bad.append((i, "bad utf-8"))
        except (_WrongTypeError, ValueError, RecursionError):
            bad.append((i, "wrong type"))
        else:
            rows.append(i)
            said += words
            called += [(len(rows) - 1, one) for one in _called(record.get(name))]
            for values, other in zip(fields.values(), others, strict=True):
                values.append(other)
    text, roles = joined([_pieces(said)], len(rows))
    columns = {field: pa.array(values, pa.string()) for field, values in fields.items()}
    return Walked(rows, {"text": text, "roles": roles, "calls": _calls(called, len(rows)), **columns}, bad)


def _pieces(said: list[tuple[int, _Said]]) -> Pieces:
    row, at, part = (
        np.array(numbers, np.int64)
        for numbers in ([r for r, _ in said], [s.at for _, s in said], [s.part for _, s in said])
    )
    every = np.arange(len(said))
    role, path = (Words(pa.array([getattr(s, name) for _, s in said], pa.string()), every) for name in ("role", "path"))
    return Pieces(row, 0, at, part, role, path, pa.array([s.value for _, s in said], pa.large_string()))


def _calls(called: list[tuple[int, _Called]], rows: int) -> pa.Array:
    row, at = (np.array(some, np.int64) for some in ([r for r, _ in called], [one.at for _, one in called]))
    is_answer = np.array([one.is_answer for _, one in called], np.bool_)
    ids = pa.array([one.id for _, one in called], pa.string())
    return calls_by_row([Named(row, at, is_answer, ids)], rows)


def _called(messages: list[Any] | None) -> list[_Called]:
    """The calls and answers of messages that could be read; none where an id is neither string nor null."""
    found: list[_Called] = []
    ids: list[Any] = []
    for i, message in enumerate(messages or []):
        if message is None:
            continue
        made = [call.get("id") for call in message.get("tool_calls") or [] if call is not None]
        named = message.get("tool_call_id")
        ids += [*made, named]
        if role_of(message.get("role") or "") == "tool":
            found.append(_Called(i, True, named))
        else:
            found += [_Called(i, False, one) for one in made]
    return found if all(one is None or isinstance(one, str) for one in ids) else []


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
