"""YAML with lines: what is taken, what is refused, and that nothing makes it fall over."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.yaml_places import MOST_BYTES, MOST_DEPTH, hint, read_yaml


def read(text: str | bytes) -> tuple[object, list[str]]:
    problems: list[str] = []
    placed = read_yaml(text.encode() if isinstance(text, str) else text, "a.yaml", problems)
    return (None if placed is None else placed.plain()), problems


def test_values_know_their_lines() -> None:
    problems: list[str] = []
    placed = read_yaml("id: web\n# why\npaths:\n  - a\n  - b\n中文: 值\n".encode(), "a.yaml", problems)
    assert placed is not None
    assert not problems
    assert placed.plain() == {"id": "web", "paths": ["a", "b"], "中文": "值"}
    assert placed.key_lines == {"id": 1, "paths": 3, "中文": 6}
    assert [item.line for item in placed.value["paths"].value] == [4, 5]


def test_scalars_are_what_they_look_like() -> None:
    value, problems = read(
        'a: 12\nb: "12"\nc: 1_000\nd: 0x1F\ne: 010\nf: 1:30\ng: 2026-11-21\nh: no\ni: ~\non: -3\nj: 1.5\n'
    )
    assert not problems
    assert value == {
        "a": 12, "b": "12", "c": 1000, "d": "0x1F", "e": "010", "f": "1:30", "g": "2026-11-21", "h": False, "i": None, "on": -3,
        "j": "1.5",
    }  # fmt: skip


def test_duplicate_keys_are_refused_with_both_lines() -> None:
    _, problems = read("a: 1\nb: 2\na: 3\n")
    assert problems == ["a.yaml:3: the key 'a' stands here and at line 1; keep one of them"]


def test_all_mistakes_come_at_once() -> None:
    _, problems = read("a: 1\na: 2\nb: !!python/name:os.system x\n? [1]\n: 2\n")
    assert [problem.split(": ")[0] for problem in problems] == ["a.yaml:2", "a.yaml:3", "a.yaml:4"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a.yaml: the file is empty"),
        ("# only a comment\n", "a.yaml: the file is empty"),
        ("a:\n\tb: 1\n", "a.yaml:2: a tab indents this line"),
        ("a: [1\nb: 2\n", "a.yaml:2: not YAML"),
        ("a: 'x\n", "a.yaml:"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2: a second document begins here"),
        ("a: *nowhere\n", "a.yaml:1: not YAML"),
        ("a: &a [*a]\n", "a.yaml:1: an alias leads back into its own anchor"),
        (b"a: \xff\n", "a.yaml:1: not UTF-8 (byte 0xff)"),
        (b"a: 1\nb: \xc3\x28\n", "a.yaml:2: not UTF-8"),
        (b"a: \x00\n", "a.yaml"),
        ('a: "\\ud800"\n', "a.yaml:1: "),
        ("[" * (MOST_DEPTH + 1), f"a.yaml:1: nested deeper than {MOST_DEPTH}"),
        ("[" * 100_000, f"a.yaml:1: nested deeper than {MOST_DEPTH}"),
        (b"#" * (MOST_BYTES + 1), "a.yaml: 4,194,305 bytes, more than"),
    ],
)
def test_what_is_no_such_file_is_told_with_its_line(text: str | bytes, problem: str) -> None:
    _, problems = read(text)
    assert len(problems) == 1
    assert problems[0].startswith(problem)
    problems[0].encode()  # can be printed


def test_a_bom_is_no_mistake() -> None:
    assert read(b"\xef\xbb\xbfa: 1\n") == ({"a": 1}, [])


def test_an_alias_bomb_is_bounded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    _, problems = read("\n".join(lines))
    assert len(problems) == 1
    assert "values once aliases are followed" in problems[0]


def test_an_alias_is_its_anchor() -> None:
    assert read("a: &x [1, 2]\nb: *x\n") == ({"a": [1, 2], "b": [1, 2]}, [])


def test_hints() -> None:
    assert hint("licens", ["licence", "language"]) == "did you mean 'licence'?"
    assert hint("zzz", ["b", "a"]) == "known: a, b"
    assert hint("zzz", []) == "none is known here"


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=80), st.text(alphabet="ab:-[]{}&*!|>'\"# \n\t0", max_size=60)))
def test_any_text_gives_a_value_or_a_problem(text: str) -> None:
    problems: list[str] = []
    placed = read_yaml(text.encode("utf-8", "surrogatepass"), "a.yaml", problems)
    assert placed is not None or problems
    assert all(problem.startswith("a.yaml") for problem in problems)
