"""Dataclasses as the one description of a YAML file: constraints on fields, and binding of placed values to them.

A field's annotation is its type: ``str``, ``int``, ``bool``, ``X | None``, ``tuple[X, ...]``, another dataclass, and
``tuple[tuple[str, X], ...]`` for a mapping. ``Annotated`` adds what the type alone does not say. The JSON Schemas of
`schemas.json_schemas` come from the same annotations.
"""

import re
import types
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from schemas.errors import Where
from schemas.yaml_places import Placed, hint, quoted

T = TypeVar("T")
MOST_INT: Final = 2**53 - 1
"""Past this, canonical JSON (RFC 8785) refuses a whole number."""


@dataclass(frozen=True)
class Choice:
    """The text is one of these."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """The text has this form; *what* names it in a message, *pattern* is a whole-text regular expression."""

    what: str
    pattern: str


@dataclass(frozen=True)
class Bounds:
    """The whole number, or the length of the list, lies within these, both included."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Named:
    """The key in YAML, where the field's name is a Python keyword."""

    key: str


DATE: Final = Form("a date such as 2026-11-21", r"\d{4}-\d{2}-\d{2}")
IDENTIFIER: Final = Form("an id of letters, digits, '.', '_' and '-', at most 64", r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FILLED: Final = Form("a text that is not empty", r"(?s).*\S.*")

Text = Annotated[str, FILLED]
Date = Annotated[str, DATE]
Identifier = Annotated[str, IDENTIFIER]


@dataclass(frozen=True)
class Slot:
    """One field of a shape: YAML key, field name, whether it must be there, and its annotation taken apart."""

    key: str
    field: str
    required: bool
    of: Any
    marks: tuple[Any, ...]


@cache
def slots_of(kind: type) -> tuple[Slot, ...]:
    """The fields of dataclass *kind* in order, as the YAML has them."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for field in fields(kind):
        of, marks = taken_apart(hints[field.name])
        named = [mark.key for mark in marks if isinstance(mark, Named)]
        required = field.default is MISSING and field.default_factory is MISSING
        found.append(Slot(named[0] if named else field.name, field.name, required, of, marks))
    return tuple(found)


def bare_key(kind: Any) -> str | None:
    """The key that a bare text stands for in a shape with a class variable ``bare``: ``origin: domestic``."""
    bare: str | None = getattr(kind, "bare", None)
    return bare


def taken_apart(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """(type, marks) of an annotation: ``Annotated`` at any depth of ``X | None`` is gathered."""
    if get_origin(annotation) is Annotated:
        inner, *own = get_args(annotation)
        of, marks = taken_apart(inner)
        return of, (*own, *marks)
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [arg for arg in get_args(annotation) if arg is not type(None)]
        if len(rest) == 1:
            return taken_apart(rest[0])
    return annotation, ()


def pair_of(of: Any) -> tuple[Any, Any] | None:
    """(key, value) annotations where *of* is ``tuple[tuple[str, X], ...]``: a mapping in YAML, kept as sorted pairs."""
    args = get_args(of)
    if get_origin(of) is not tuple or len(args) != 2 or args[1] is not Ellipsis:
        return None
    inner, _ = taken_apart(args[0])
    pair = get_args(inner)
    keyed = get_origin(inner) is tuple and len(pair) == 2 and pair[1] is not Ellipsis and taken_apart(pair[0])[0] is str
    return (pair[0], pair[1]) if keyed else None


class Binding:
    """Binds placed values of one file to dataclasses; every problem is added to *problems* with its line."""

    def __init__(self, path: str, problems: list[str]) -> None:
        """*path*: as messages print it."""
        self.path = path
        self.problems = problems

    def say(self, line: int | None, problem: str) -> None:
        """Add ``path:line: problem``."""
        self.problems.append(f"{Where(self.path, line=line)}: {problem}")

    def value(self, placed: Placed, kind: type[T], name: str) -> T | None:
        """An instance of dataclass *kind*, or None where anything in it is wrong."""
        before = len(self.problems)
        good = self.fields(placed, kind, name)
        return kind(**good) if len(self.problems) == before else None

    def fields(self, placed: Placed, kind: type, name: str) -> dict[str, Any]:
        """The fields that bind, by field name; what does not is reported. So later parts can be checked all the same."""
        bare = bare_key(kind)
        if bare is not None and placed.kind == "text":
            placed = Placed("map", {bare: placed}, placed.line, {bare: placed.line})
        from_text = getattr(kind, "from_text", None)
        if placed.kind == "text" and from_text is not None:
            made = from_text(placed.value)
            return {field.name: getattr(made, field.name) for field in fields(kind)}
        if placed.kind != "map":
            self.say(placed.line, f"{name} is a mapping, got {placed.shown()}; write 'key: value' lines")
            return {}
        slots = {slot.key: slot for slot in slots_of(kind)}
        good: dict[str, Any] = {}
        for key, item in placed.value.items():
            if key not in slots:
                self.say(placed.key_lines[key], f"{name} has no key {quoted(key)}; {hint(key, slots)}")
                continue
            slot = slots[key]
            if item.kind == "null" and not slot.required:
                continue  # `key:` with nothing behind it is the same as leaving it out
            bound = self.typed(item, slot.of, slot.marks, f"{name}.{key}")
            if bound is not MISSING:
                good[slot.field] = bound
        for key, slot in slots.items():
            if slot.required and key not in placed.key_lines:
                self.say(placed.line, f"{name} lacks the key {key!r}; add it")
        return good

    def typed(self, placed: Placed, of: Any, marks: tuple[Any, ...], name: str) -> Any:
        """The value as type *of*; MISSING where it is not one. Raises ``TypeError`` for a type that YAML cannot give."""
        if of is str:
            return self._text(placed, marks, name)
        if of is bool:
            return placed.value if placed.kind == "bool" else self._wrong(placed, name, "yes or no")
        if of is int:
            return self._int(placed, marks, name)
        if pair_of(of):
            return self._mapping(placed, of, name)
        if get_origin(of) is tuple and get_args(of)[-1] is Ellipsis:
            return self._list(placed, of, marks, name)
        if is_dataclass(of) and isinstance(of, type):
            bound = self.value(placed, of, name)
            return MISSING if bound is None else bound
        msg = f"{name}: fields of type {of} cannot stand in YAML"
        raise TypeError(msg)

    def _wrong(self, placed: Placed, name: str, expected: str) -> Any:
        quotes = "; put it in quotes" if expected == "text" and placed.kind not in ("list", "map", "null") else ""
        self.say(placed.line, f"{name} is {expected}, got {placed.shown()}{quotes}")
        return MISSING

    def _text(self, placed: Placed, marks: tuple[Any, ...], name: str) -> Any:
        dated = DATE in marks
        if placed.kind != "text" and not (dated and placed.kind == "date"):
            return self._wrong(placed, name, DATE.what if dated else "text")
        text: str = placed.value
        for mark in marks:
            if isinstance(mark, Choice) and text not in mark.words:
                self.say(placed.line, f"{name} has no value {quoted(text)}; {hint(text, mark.words)}")
                return MISSING
            if isinstance(mark, Form) and not (
                re.fullmatch(mark.pattern, text) and (mark is not DATE or _is_date(text))
            ):
                self.say(placed.line, f"{name} is {mark.what}, got {quoted(text)}")
                return MISSING
        return text

    def _int(self, placed: Placed, marks: tuple[Any, ...], name: str) -> Any:
        if placed.kind != "int":
            return self._wrong(placed, name, "a whole number")
        return placed.value if self._bounded(placed, placed.value, marks, name) else MISSING

    def _bounded(self, placed: Placed, number: int, marks: tuple[Any, ...], name: str) -> bool:
        bounds = next((mark for mark in marks if isinstance(mark, Bounds)), Bounds())
        least = -MOST_INT if bounds.least is None else bounds.least
        most = MOST_INT if bounds.most is None else bounds.most
        if least <= number <= most:
            return True
        entries = " entries" if placed.kind == "list" else ""
        limit = f"at least {least:,}" if number < least else f"at most {most:,}"
        self.say(placed.line, f"{name} is {limit}{entries}, got {number:,}")
        return False

    def _list(self, placed: Placed, of: Any, marks: tuple[Any, ...], name: str) -> Any:
        if placed.kind != "list":
            if placed.kind in ("map", "null"):
                return self._wrong(placed, name, "a list")
            self.say(
                placed.line, f"{name} is a list, got {placed.shown()}; write [{quoted(placed.value)}] or '- ' lines"
            )
            return MISSING
        item_of, item_marks = taken_apart(get_args(of)[0])
        items = [self.typed(item, item_of, item_marks, f"{name}[{i}]") for i, item in enumerate(placed.value)]
        if not self._bounded(placed, len(items), marks, name) or any(item is MISSING for item in items):
            return MISSING
        return tuple(items)

    def _mapping(self, placed: Placed, of: Any, name: str) -> Any:
        pair = pair_of(of)
        if placed.kind != "map" or pair is None:
            return self._wrong(placed, name, "a mapping")
        _, key_marks = taken_apart(pair[0])
        value_of, value_marks = taken_apart(pair[1])
        pairs: list[tuple[str, Any]] = []
        good = True
        for key, item in placed.value.items():
            said = self._key(key, placed.key_lines[key], key_marks, name)
            value = self.typed(item, value_of, value_marks, f"{name}.{key}")
            good = good and said is not MISSING and value is not MISSING
            pairs.append((key, value))
        return tuple(sorted(pairs, key=lambda entry: entry[0])) if good else MISSING

    def _key(self, key: str, line: int, marks: tuple[Any, ...], name: str) -> Any:
        choice = next((mark for mark in marks if isinstance(mark, Choice)), None)
        if choice is not None and key not in choice.words:
            self.say(line, f"{name} has no key {quoted(key)}; {hint(key, choice.words)}")
            return MISSING
        return self._text(Placed("text", key, line, {}), marks, f"a key of {name}")


def as_json(value: Any) -> Any:
    """A bound value as JSON: dataclasses as objects by YAML key without what is unset, mappings as objects."""
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((slot, getattr(value, slot.field)) for slot in slots_of(type(value)))
        return {slot.key: _json_field(item, slot.of) for slot, item in pairs if item is not None and item != ()}
    if isinstance(value, tuple | list):
        return [as_json(item) for item in value]
    return value


def _json_field(value: Any, of: Any) -> Any:
    return {key: as_json(item) for key, item in value} if pair_of(of) else as_json(value)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
