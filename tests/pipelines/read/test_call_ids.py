"""Ids of tool calls: read beside a chat record, whatever they are, and nothing else of the record hangs on them."""

import io
import itertools
import json
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Framing
from pipelines.read.call_ids import CALLS
from pipelines.read.codec import Plain
from pipelines.read.jsonl import blocks_of, read_jsonl
from pipelines.read.lines import cut_lines
from pipelines.read.shapes import shape_of
from tests.pipelines.read.kit import WHOLE, Held, gathered

CHAT = Framing("jsonl", "openai-chat")


def _line(*messages, **more):
    return json.dumps({"messages": messages, **more}, ensure_ascii=False).encode()


def _call(*ids, **more):
    made = [{"id": one, "type": "function", "function": {"name": "天气", "arguments": "{}"}} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": made, **more}


def _answer(of, said="晴", **more):
    return {"role": "tool", "tool_call_id": of, "content": said, **more}


ASKED = {"role": "user", "content": "北京天气？"}
PARTS = {"role": "user", "content": [{"type": "text", "text": "北京天气？"}]}
MEGABYTE = "编" * (1 << 18) + "x" * (1 << 18)
NO_IDS = [
    _line(ASKED, _call(1), _answer("a")), _line(ASKED, _call("a"), _answer(1.5)), _line(ASKED, _call(None, True), _answer("a")),
    _line(ASKED, _call({"id": "a"}), _answer("a")), _line(ASKED, _call("a"), _answer(["a"])), _line(ASKED, _call(None), _answer(None)),
    _line(ASKED, _call(""), _answer("")), _line(ASKED, {"role": "assistant", "content": "好。"}), _line(ASKED, None, {}),
    _line({**ASKED, "tool_call_id": 7}, _call("a"), _answer("a")), _line(PARTS, _call("a", content="好"), _answer(7)),
    b'{"messages":[{"role":"user","content":"q"},{"role":"tool","content":"x","tool_call_id":"a","tool_call_id":"b"}]}',
    b'{"messages":[{"role":"assistant","content":"q","tool_calls":[{"id":"a","id":"a"}]}],"x":1,"x":2,"y":NaN}',
]  # fmt: skip
"""Lines that are read without any id, each as it was read when ids were nobody's business."""
WITH_IDS = {
    _line(ASKED, _call("a", "b"), _answer("b"), _answer("a", "")): [(1, False, "a"), (1, False, "b"), (2, True, "b"), (3, True, "a")],
    _line(PARTS, _call("a", content=None), _answer("a", None)): [(1, False, "a"), (2, True, "a")],
    _line(PARTS, _call("中", content="好"), _answer("中")): [(1, False, "中"), (2, True, "中")],  # values of both kinds
    _line(ASKED, _call("a", None, ""), _answer(None), _answer("c")): [
        (1, False, "a"), (1, False, None), (1, False, None), (2, True, None), (3, True, "c")],
    _line(ASKED, _answer("a"), _call("a")): [(1, True, "a"), (2, False, "a")],
    _line(None, ASKED, {**ASKED, "tool_call_id": "u"}, _answer("a", role="function")): [(3, True, "a")],
    _line(ASKED, _call(MEGABYTE), _answer(MEGABYTE), _answer(MEGABYTE + "x")): [
        (1, False, MEGABYTE), (2, True, MEGABYTE), (3, True, MEGABYTE + "x")],
    b'{"messages":[{"role":"assistant","content":"q","tool_calls":[{"id":"\\u4e2d"},null]},{"role":"tool","tool_call_id":"\xe4\xb8\xad"}]}': [
        (0, False, "中"), (1, True, "中")],
    b'{"messages":[{"role":"assistant","content":"q","tool_calls":[{"id":"\xff"}]},{"role":"tool","tool_call_id":"\xff"}]}': [
        (0, False, "\xff"), (1, True, "\xff")],
}  # fmt: skip
UNREAD = [b"null", b"{", b'{"messages":[{"tool_call_id":"a"}]}', b'{"messages":5}', b'{"messages":[{"content":"a","tool_calls":7}]}',
          b'{"messages":[{"content":"a","tool_call_id":1}],"messages":[]}', b'{"messages":[{"content":"\xff","tool_call_id":1}]}']  # fmt: skip
LINES = [*NO_IDS, *WITH_IDS, *UNREAD]
SMALL = [line for line in LINES if len(line) < 1000]


def _read(stored, window_bytes=1 << 20):
    return gathered(read_jsonl(Held(stored), WHOLE, CHAT, None, window_bytes))


def _alone(line):
    (row,) = _read(b"\n" + line)
    return {**row, "offset": row["offset"] - 1}


def _numbered(calls):
    """Calls with their hashes as numbers by first occurrence, 0 of none."""
    seen = {0: 0}
    return [(one["at"], one["is_answer"], seen.setdefault(one["id"], len(seen))) for one in calls]


@pytest.mark.parametrize("number", range(len(WITH_IDS)))
def test_calls_and_answers_are_told_by_message_with_one_hash_an_id(number):
    line, told = list(WITH_IDS.items())[number]
    seen = {None: 0}
    assert _numbered(_alone(line)["calls"]) == [
        (at, is_answer, seen.setdefault(i, len(seen))) for at, is_answer, i in told
    ]


@pytest.mark.parametrize("line", NO_IDS)
def test_a_line_without_ids_or_with_one_that_is_no_string_is_read_without_any(line):
    row = _alone(line)
    assert "unread" not in row
    assert row["calls"] is None


@pytest.mark.parametrize("line", LINES)
def test_ids_change_nothing_else_of_a_record(line):
    shape = shape_of(CHAT)
    without = replace(shape, schemas=shape.loose, loose=())
    (before,) = gathered(blocks_of(cut_lines(Plain(io.BytesIO(line)), WHOLE, 1 << 20), without, None))
    (row,) = _read(line)
    assert {**row, "calls": None} == {**before, "calls": None}


@pytest.mark.parametrize("bad", SMALL)
def test_a_line_reads_alike_at_every_position_for_every_block_size(bad):
    good = next(iter(WITH_IDS))
    alone = {line: _alone(line) for line in (bad, good)}
    for position, window_bytes in itertools.product(range(4), (64, 700, 1 << 20)):
        lines = [b"", *[good] * 3]
        lines.insert(position + 1, bad)
        rows, at = _read(b"\n".join(lines), window_bytes), 1
        for row, line in zip(rows, lines[1:], strict=True):
            assert row == {**alone[line], "offset": at}
            at += len(line) + 1


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(SMALL), max_size=12), st.integers(1, 3000))
def test_any_lines_in_any_blocks(lines, window_bytes):
    expected, at = [], 1
    for line in lines:
        expected.append({**_alone(line), "offset": at})
        at += len(line) + 1
    assert _read(b"\n" + b"\n".join(lines), window_bytes) == expected


def test_renamed_turns_have_ids_too():
    line = json.dumps({"dialog": [_call("a"), _answer("a")]}).encode()
    (row,) = gathered(read_jsonl(Held(line), WHOLE, replace(CHAT, columns=(("text", "dialog"),))))
    assert _numbered(row["calls"]) == [(0, False, 1), (1, True, 1)]


def test_other_layouts_have_no_calls():
    for layout, record in (("sharegpt", {"conversations": [{"from": "gpt", "value": "a", "id": "x"}]}), ("plain", {"text": "a"}),
                           ("alpaca", {"output": "a"}), ("preference", {"prompt": "p", "chosen": "c", "rejected": "r"})):  # fmt: skip
        (block,) = read_jsonl(Held(json.dumps(record).encode()), WHOLE, Framing("jsonl", layout))
        assert block.batch.column("calls").type == CALLS
        assert block.batch.column("calls").equals(pa.nulls(1, CALLS))
