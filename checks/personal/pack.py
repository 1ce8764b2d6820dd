"""Declarations of entities in YAML: read, checked with their lines, and made into what recognizers need."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import regex  # type: ignore[import-untyped]

from checks.personal.alphabet import Ranges, merged
from checks.personal.named import CANONICAL, VALIDATORS, Canonical, Validate
from checks.personal.supersets import NotTakenError, Superset, superset_of
from checks.triggers import PatternSet
from schemas.errors import ConfigError
from schemas.words import Words
from schemas.yaml_places import Placed, hint, quoted, read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Form, Identifier, Text

SURE: Final = 1_000_000
_NAME: Final = Form("an entity's name such as STAFF_ID", r"[A-Z][A-Z0-9_]{1,39}")
_PART: Final = re.compile(r"<<([A-Z][A-Z0-9_]*)>>")
_Score = Annotated[int, Bounds(1, SURE)]


@dataclass(frozen=True)
class Near:
    """Words one of which stands within 40 code points in the line, and the score that a finding has beside one."""

    score_ppm: _Score
    words: Annotated[tuple[Text, ...], Bounds(least=1, most=200)]


@dataclass(frozen=True)
class Declared:
    """One recognizer. *refused_after*: names of `labels`; a value that one of them announces is something else."""

    id: Identifier
    entity: Annotated[str, _NAME]
    expressions: Annotated[tuple[Text, ...], Bounds(least=1, most=20)]
    score_ppm: _Score
    title: Words | None = None
    validator: Annotated[str, Choice(tuple(VALIDATORS))] = "none"
    canonical: Annotated[str, Choice(tuple(CANONICAL))] = "as-written"
    context: Near | None = None
    refused_after: tuple[Text, ...] = ()
    triggers: tuple[Text, ...] = ()


@dataclass(frozen=True)
class RecognizerPack:
    """A file of declarations. *parts*: text that ``<<NAME>>`` stands for; *labels*: lists of words by name."""

    recognizers: Identifier
    version: Text
    entities: Annotated[tuple[Declared, ...], Bounds(least=1, most=60)]
    least_score_ppm: _Score = 300_000
    parts: tuple[tuple[str, Text], ...] = ()
    labels: tuple[tuple[str, tuple[Text, ...]], ...] = ()


@dataclass(frozen=True)
class Entity:
    """One recognizer's worth of knowledge. *validate*: False drops, True is score 1, None leaves the score."""

    key: str  # of the recognizer; several may find one entity
    name: str  # Presidio's name
    title: Words | None
    expressions: tuple[str, ...]
    score: float  # Presidio's, before validation
    triggers: tuple[str, ...]
    alphabet: Ranges  # every code point that an expression matches or looks at
    canonical: Canonical  # what the HMAC is over
    validate: Validate
    detail: str  # the validator's name, in findings
    context: tuple[str, ...]  # words, folded
    context_ppm: int
    labels: tuple[str, ...]  # words that announce something else
    least_ppm: int  # what stays below is no finding


def read_pack(data: bytes, path: str) -> tuple[Entity, ...]:
    """The entities that the YAML *data* declares. Raises ``ConfigError`` with every problem, its file and line."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    binding = Binding(path, problems)
    pack = None if placed is None else binding.value(placed, RecognizerPack, "recognizers")
    if placed is None or pack is None:
        raise ConfigError(*problems)
    items = placed.value["entities"].value
    seen: dict[str, int] = {}
    found = []
    for declared, item in zip(pack.entities, items, strict=True):
        if declared.id in seen:
            binding.say(
                item.value["id"].line, f"id {quoted(declared.id)} stands at line {seen[declared.id]} too; rename one"
            )
        seen.setdefault(declared.id, item.value["id"].line)
        if (entity := _entity(pack, declared, item, binding)) is not None:
            found.append(entity)
    if problems:
        raise ConfigError(*problems)
    return tuple(found)


def _entity(pack: RecognizerPack, declared: Declared, item: Placed, binding: Binding) -> Entity | None:
    before = len(binding.problems)
    parts, labels = dict(pack.parts), dict(pack.labels)
    expressions, supersets = [], []
    for text, at in zip(declared.expressions, item.value["expressions"].value, strict=True):
        written = _filled(text, parts, at.line, binding)
        superset = _superset(written, at.line, binding)
        expressions.append(written)
        supersets += [superset] if superset else []
    for text, at in zip(declared.triggers, _items(item, "triggers"), strict=True):
        _check_trigger(text, at.line, binding)
    for name, at in zip(declared.refused_after, _items(item, "refused_after"), strict=True):
        if name not in labels:
            binding.say(at.line, f"refused_after names no list of labels: {quoted(name)}; {hint(name, labels)}")
    if len(binding.problems) > before:
        return None
    near = declared.context
    return Entity(
        key=declared.id, name=declared.entity, title=declared.title, expressions=tuple(expressions),
        score=declared.score_ppm / SURE, triggers=declared.triggers or tuple(dict.fromkeys(s.trigger for s in supersets)),
        alphabet=merged(r for s in supersets for r in s.alphabet), canonical=CANONICAL[declared.canonical],
        validate=VALIDATORS[declared.validator], detail=declared.validator,
        context=near.words if near else (), context_ppm=near.score_ppm if near else 0,
        labels=tuple(word for name in declared.refused_after for word in labels[name]), least_ppm=pack.least_score_ppm,
    )  # fmt: skip


def _items(item: Placed, key: str) -> tuple[Placed, ...]:
    found: tuple[Placed, ...] = item.value[key].value if key in item.value else ()
    return found


def _filled(text: str, parts: Mapping[str, str], line: int, binding: Binding) -> str:
    """*text* with the parts that it names, which may name parts themselves, once."""

    def part(found: re.Match[str]) -> str:
        if found[1] not in parts:
            binding.say(line, f"no part {quoted(found[1])}; {hint(found[1], parts)}")
        return parts.get(found[1], "")

    return _PART.sub(part, _PART.sub(part, text))


def _superset(written: str, line: int, binding: Binding) -> Superset | None:
    try:
        regex.compile(written)
        return superset_of(written)
    except NotTakenError as error:
        binding.say(line, f"expression {quoted(written)}: {error}")
    except regex.error as error:
        binding.say(line, f"expression {quoted(written)}: cannot be compiled ({error.msg}); mend it")
    return None


def _check_trigger(text: str, line: int, binding: Binding) -> None:
    try:
        PatternSet((("trigger", text),))
        re.compile(text)
    except (ValueError, re.error) as error:
        binding.say(line, f"trigger {quoted(text)}: {error}; mend it, or leave it out: one is derived")


def plain_form(data: bytes, path: str) -> Any:
    """The file's values without places, once it was found to be right: what a run keeps of it."""
    read_pack(data, path)
    placed = read_yaml(data, path, [])
    return None if placed is None else placed.plain()
