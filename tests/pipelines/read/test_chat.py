"""Fine-tuning layouts: text and role spans of hand-written records, and the law that spans tile the text."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Framing
from pipelines.read.jsonl import read_jsonl
from tests.pipelines.read.kit import WHOLE, Held, gathered, short


def _rows(layout: str, *records: Any, columns: tuple = ()) -> list[dict]:
    stored = b"\n".join(json.dumps(r, ensure_ascii=False).encode() for r in records)
    return gathered(read_jsonl(Held(stored), WHOLE, Framing("jsonl", layout, columns=columns)))


def _said(row: dict) -> list[tuple[str, str, str]]:
    """(role, path, words), after the law: the spans' words joined by one LF are the text."""
    words = [row["text"][s["start"] : s["end"]] for s in row["roles"]]
    assert "\n".join(words) == row["text"]
    return [(s["role"], s["path"], w) for s, w in zip(row["roles"], words, strict=True)]


GOLDEN = [
    ("alpaca", {"instruction": "译", "input": "", "output": "é\n😀"},
     [("user", "instruction", "译"), ("assistant", "output", "é\n😀")]),
    ("alpaca", {"output": "o", "input": "i", "instruction": "q", "system": "s", "history": [["a", "b"], ["c", None]]},
     [("system", "system", "s"), ("user", "history[0][0]", "a"), ("assistant", "history[0][1]", "b"),
      ("user", "history[1][0]", "c"), ("user", "instruction", "q"), ("user", "input", "i"), ("assistant", "output", "o")]),
    ("alpaca", {"instruction": "q", "history": "", "output": "o"}, [("user", "instruction", "q"), ("assistant", "output", "o")]),
    ("sharegpt", {"conversations": [{"from": "human", "value": "问"}, {"from": "gpt", "value": "答"}, {"from": "observation",
     "value": "{}"}, {"from": "me", "value": "x"}, {"value": "y"}], "system": "s", "tools": "[]"},
     [("system", "system", "s"), ("tool", "tools", "[]"), ("user", "conversations[0].value", "问"),
      ("assistant", "conversations[1].value", "答"), ("tool", "conversations[2].value", "{}"),
      ("other", "conversations[3].value", "x"), ("other", "conversations[4].value", "y")]),
    ("openai-chat", {"messages": [{"role": "developer", "content": "s"}, {"role": "user", "content": "你"}, {"role": "assistant",
     "content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": '{"a": 1}'}}]},
     {"role": "tool", "content": "1"}]},
     [("system", "messages[0].content", "s"), ("user", "messages[1].content", "你"),
      ("assistant", "messages[2].tool_calls[0].function.arguments", '{"a": 1}'), ("tool", "messages[3].content", "1")]),
    ("openai-chat", {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"},
     {"type": "text", "text": "b"}]}, {"role": "assistant", "content": [{"type": "text", "text": "c"}]}]},
     [("user", "messages[0].content[0].text", "a"), ("user", "messages[0].content[2].text", "b"),
      ("assistant", "messages[1].content[0].text", "c")]),
    ("openai-chat", {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": [{"text": "a"}]},
     {"role": "assistant", "content": "c", "tool_calls": [{"function": {"arguments": {"城": "京"}}}]}]},
     [("system", "messages[0].content", "s"), ("user", "messages[1].content[0].text", "a"), ("assistant",
      "messages[2].content", "c"), ("assistant", "messages[2].tool_calls[0].function.arguments", '{"城":"京"}')]),
    ("preference", {"prompt": "p", "chosen": "c", "rejected": "r"},
     [("prompt", "prompt", "p"), ("chosen", "chosen", "c"), ("rejected", "rejected", "r")]),
    ("preference", {"prompt": [{"role": "user", "content": "p"}], "chosen": [{"role": "assistant", "content": "c"}],
                    "rejected": [{"role": "assistant", "content": "r"}]},
     [("prompt", "prompt[0].content", "p"), ("chosen", "chosen[0].content", "c"), ("rejected", "rejected[0].content", "r")]),
    ("preference", {"conversations": [{"from": "human", "value": "p"}], "chosen": {"from": "gpt", "value": "c"},
                    "rejected": {"from": "gpt", "value": "r"}},
     [("user", "conversations[0].value", "p"), ("chosen", "chosen.value", "c"), ("rejected", "rejected.value", "r")]),
    ("preference", {"instruction": "i", "input": "", "chosen": "c", "rejected": "r"},
     [("prompt", "instruction", "i"), ("chosen", "chosen", "c"), ("rejected", "rejected", "r")]),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "record", "said"), GOLDEN)
def test_golden_records(layout: str, record: dict, said: list) -> None:
    (row,) = _rows(layout, record)
    assert _said(row) == said


@pytest.mark.parametrize("layout", ["alpaca", "sharegpt", "openai-chat", "preference"])
def test_neighbours_of_other_kinds_change_nothing(layout: str) -> None:
    records = [record for kind, record, _ in GOLDEN if kind == layout]
    hostile = [{}, [], {"messages": 1, "conversations": 1, "instruction": 1, "prompt": 1}, *records]
    mixed = _rows(layout, *hostile, *reversed(hostile))
    alone = [_rows(layout, record)[0] for record in [*hostile, *reversed(hostile)]]
    assert [{**r, "offset": 0} for r in mixed] == [{**r, "offset": 0} for r in alone]
    assert short(mixed)[:3] == ["<no text>", "<not an object>", "<wrong type>"]


def test_renamed_turns_and_other_columns() -> None:
    record = {"dialog": [{"role": "user", "content": "a"}], "source": {"url": "u"}}
    (row,) = _rows("openai-chat", record, columns=(("text", "dialog"), ("url", "source.url")))
    assert (_said(row), row["url"]) == ([("user", "dialog[0].content", "a")], "u")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"messages":[{"role":"user","content":"a\xff"}]}', "bad utf-8"),
        (b'{"messages":[{"role":"user","content":5}]}', "wrong type"),
        (b'{"messages":[{"role":"user","content":"a"},{"content":["\xff"]}]}', "bad utf-8"),
        (b'{"messages":[{"content":"a"},{"content":[{"text":"b"}]}],"messages":[]}', "wrong type"),
        (
            b'{"messages":[{"content":"a"},{"content":[{"text":"b"}]}],"x":' + b"[" * 9000 + b"]" * 9000 + b"}",
            "wrong type",
        ),
        (b'{"messages":[null,{}]}', "no text"),
    ],
)
def test_reasons(line: bytes, reason: str) -> None:
    good = b'{"messages":[{"role":"\xff","content":"a"}]}'
    rows = gathered(read_jsonl(Held(good + b"\n" + line + b"\n" + good), WHOLE, Framing("jsonl", "openai-chat")))
    assert short(rows) == ["a", f"<{reason}>", "a"]
    assert rows[0]["roles"][0]["role"] == "other"


WORDS = st.text(st.sampled_from("a中😀\n é"), max_size=5)
TURNS = st.lists(
    st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt", "x"]), "value": st.none() | WORDS}), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.fixed_dictionaries({"conversations": TURNS, "system": st.none() | WORDS}), max_size=6))
def test_spans_tile_the_text(records: list[dict]) -> None:
    for record, row in zip(records, _rows("sharegpt", *records), strict=True):
        turns = record["conversations"]
        values = [record["system"], *(t["value"] for t in turns)]
        expected = [v for v in values if v]
        assert ([w for *_, w in _said(row)] if "text" in row else []) == expected
