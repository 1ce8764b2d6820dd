"""A JSON file that is one array: elements are framed as lines are, whatever the windows."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Framing
from pipelines.read.json_array import read_json_array
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

FRAMING = Framing("json-array")


def _rows(stored: bytes, window_bytes: int = 1 << 20, framing: Framing = FRAMING) -> list[dict]:
    return gathered(read_json_array(Held(stored), WHOLE, framing, None, window_bytes))


TEXT = st.text(st.sampled_from('a中",[]{}\\\n/'), max_size=8)
ELEMENT = st.fixed_dictionaries(
    {"text": TEXT, "x": st.lists(TEXT | st.none() | st.dictionaries(TEXT, st.integers(), max_size=2), max_size=2)}
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(ELEMENT | st.sampled_from([None, 1, "s", [], {}]), max_size=6),
    st.sampled_from([None, 2]),
    st.integers(4, 200),
)
def test_elements_are_read_whatever_the_windows(elements: list, indent: int | None, window_bytes: int) -> None:
    stored = json.dumps(elements, indent=indent, ensure_ascii=False).encode()
    expected = [
        e.get("text", "<no text>") if isinstance(e, dict) else "<not an object>" for e in elements
    ]  # fmt: skip
    rows = _rows(stored, window_bytes)
    assert short(rows) == expected
    for row, element in zip(rows, elements, strict=True):
        assert json.loads(stored[row["offset"] : row["offset"] + row["length"]]) == element


@pytest.mark.parametrize(
    ("stored", "texts"),
    [
        (b"[]", []),
        (b" \n[ ]\n ", []),
        (b'\xef\xbb\xbf[{"text":"a"}]', ["a"]),
        (b'[{"text":"a"},]', ["a"]),
        (b'[,{"text":"a"}]', ["<not json>", "a"]),
        (b'[{"text":"a"} {"text":"b"}]', ["<not an object>"]),
        (b'[{"text":"a"},{"text":"b', ["a", "<cut short>"]),
        (b'[{"text":"a"},', ["a", "<cut short>"]),
        (b"[", ["<cut short>"]),
        (b'[{"text":"a"}] {"text":"b"}', ["a", "<bad record>"]),
        (b'[{"text":"a\nb"},{"text":"c"}]', ["<not json>", "c"]),
        (b'[{"text":"\xff"},{"text":5},{"text":"c\\\\"}]', ["<bad utf-8>", "<wrong type>", "c\\"]),
        (b'{"text":"a"}\n{"text":"b"}', ["a", "b"]),
        (b'[\x0b{"text":"a"}, {"text":"b"}\x0b]', ["<not json>", "<not json>"]),
        (b"", []),
    ],
)
def test_hostile_files(stored: bytes, texts: list[str]) -> None:
    for window_bytes in (5, 17, 1 << 20):
        assert short(_rows(stored, window_bytes)) == texts
    assert short(_rows(gzip.compress(stored), 9, Framing("json-array", codec="gz"))) == texts


def test_layouts() -> None:
    stored = json.dumps([{"instruction": "q", "output": "a"}] * 3, indent=1).encode()
    assert short(_rows(stored, 30, Framing("json-array", "alpaca"))) == ["q\na"] * 3
