"""Binding of YAML to dataclasses: types, constraints, names, and every problem with its line."""

from dataclasses import dataclass
from typing import Annotated

from schemas.words import Words
from schemas.yaml_places import read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Date, Identifier, Named, Text, as_json


@dataclass(frozen=True)
class Inner:
    """A part."""

    on: Date
    count: Annotated[int, Bounds(1, 10)] = 1


@dataclass(frozen=True)
class Outer:
    """A whole."""

    id: Identifier
    kind: Annotated[str | None, Choice(("red", "blue")), Named("class")] = None
    flag: bool | None = None
    names: Annotated[tuple[Text, ...], Bounds(least=1)] = ("x",)
    columns: tuple[tuple[Annotated[str, Choice(("text", "url"))], Text], ...] = ()
    inner: Inner | None = None
    title: Words | None = None
    parts: tuple[Inner, ...] = ()


def bind(text: str) -> tuple[Outer | None, list[str]]:
    problems: list[str] = []
    placed = read_yaml(text.encode(), "a.yaml", problems)
    assert placed is not None
    return Binding("a.yaml", problems).value(placed, Outer, "outer"), problems


def test_a_whole_value_binds() -> None:
    value, problems = bind(
        "id: a-1\nclass: red\nflag: no\nnames: [a, b]\ncolumns: {url: m.url, text: body}\ninner: {on: 2026-11-21, count: 3}\n"
        "title: {zh: 甲, en: A}\nparts:\n  - on: '2026-01-01'\n"
    )
    assert not problems
    assert value == Outer(
        "a-1",
        "red",
        False,
        ("a", "b"),
        (("text", "body"), ("url", "m.url")),
        Inner("2026-11-21", 3),
        Words("甲", "A"),
        (Inner("2026-01-01"),),
    )
    assert as_json(value)["class"] == "red"
    assert as_json(value)["columns"] == {"text": "body", "url": "m.url"}


def test_text_for_words_stands_for_both_languages() -> None:
    value, _ = bind("id: a\ntitle: demo-7B\n")
    assert value is not None
    assert value.title == Words("demo-7B", "demo-7B")


def test_an_empty_key_is_as_if_left_out() -> None:
    value, problems = bind("id: a\nclass:\ninner:\n")
    assert (value, problems) == (Outer("a"), [])


def test_every_problem_is_told_with_its_line_and_a_hint() -> None:
    value, problems = bind(
        "clas: red\nclass: rde\nflag: 3\nnames: x\ncolumns:\n  txt: body\n  url: 3\ninner: {on: 2026-13-01, count: 11, cuont: 1}\n"
        "title: {zh: 甲}\nparts: [3]\n"
    )
    assert value is None
    assert problems == [
        "a.yaml:1: outer has no key 'clas'; did you mean 'class'?",
        "a.yaml:2: outer.class has no value 'rde'; did you mean 'red'?",
        "a.yaml:3: outer.flag is yes or no, got the whole number 3",
        "a.yaml:4: outer.names is a list, got the text 'x'; write ['x'] or '- ' lines",
        "a.yaml:6: outer.columns has no key 'txt'; did you mean 'text'?",
        "a.yaml:7: outer.columns.url is text, got the whole number 3; put it in quotes",
        "a.yaml:8: outer.inner.on is a date such as 2026-11-21, got '2026-13-01'",
        "a.yaml:8: outer.inner.count is at most 10, got 11",
        "a.yaml:8: outer.inner has no key 'cuont'; did you mean 'count'?",
        "a.yaml:9: outer.title lacks the key 'en'; add it",
        "a.yaml:10: outer.parts[0] is a mapping, got the whole number 3; write 'key: value' lines",
        "a.yaml:1: outer lacks the key 'id'; add it",
    ]


def test_yes_and_numbers_are_no_text() -> None:
    _, problems = bind("id: no\nnames: [1.5, ' ']\n")
    assert problems == [
        "a.yaml:1: outer.id is text, got the yes/no value no; put it in quotes",
        "a.yaml:2: outer.names[0] is text, got the fraction 1.5; put it in quotes",
        "a.yaml:2: outer.names[1] is a text that is not empty, got ' '",
    ]


def test_numbers_past_canonical_json_are_refused() -> None:
    _, problems = bind("id: a\nnames: []\ninner: {on: 2026-01-01, count: 99999999999999999999}\n")
    assert problems == [
        "a.yaml:2: outer.names is at least 1 entries, got 0",
        "a.yaml:3: outer.inner.count is at most 10, got 99,999,999,999,999,999,999",
    ]


def test_a_list_is_no_mapping() -> None:
    _, problems = bind("- a\n")
    assert problems == ["a.yaml:1: outer is a mapping, got a list; write 'key: value' lines"]
