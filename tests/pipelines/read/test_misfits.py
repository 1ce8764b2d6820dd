"""The shortcut past lines of a wrong type: it refuses nothing that the parser takes, and no line's fate hangs on it."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import judge as judging
from pipelines.read.base import Framing
from pipelines.read.judge import judge
from pipelines.read.misfits import misfits
from pipelines.read.shapes import shape_of

CHAT = shape_of(Framing("jsonl", "openai-chat"))
PLAIN = shape_of(Framing("jsonl", columns=(("text", "text"), ("url", "meta.url"))))
HOSTILE = [
    b'{"text":1}', b'{"text":"a","text":1}', b'{"text":1,"text":"a"}', b'{"text":"a","meta":{"url":7}}', b'{"text":"a","meta":[]}',
    b'{"text":1,"x":"\\ud800"}', b'{"text":1,"n":1e999}', b'{"text":1,"n":NaN}', b'{"text":1}{"text":2}', b'{"text":1},{"text":2}',
    b'{"text":1,}', b'{"te\\u0078t":1}', b'{"text":1,"x":"\xff"}', b'{"text":1,"x":' + b"[" * 3000 + b"]" * 3000 + b"}",
    b'{"text":"a"}', b'{"x":1}', b'{"text":null}', b'{"text":1,"n":' + b"9" * 5000 + b"}", b'{"text":1,"x":"\x00"}', b'{"text":-0}',
    b'{"messages":[{"content":"a","tool_call_id":1}]}', b'{"messages":[{"content":"a"},{"content":[{"text":"b"}]}]}',
    b'{"messages":[{"content":"a","tool_calls":[{"id":"a","id":1}]}]}', b'{"messages":[{"content":"a","tool_calls":[{"id":"a"}]}]}',
    b'{"messages":{}}', b'{"messages":[[]]}', b'{"messages":[{"role":true}]}', b'{"messages":[{"content":[{"text":null},null]}]}',
]  # fmt: skip

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "中", "a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "tool_calls", "id", "text", "function", "arguments", "tool_call_id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=9,
)
records = st.dictionaries(st.sampled_from(["messages", "text", "meta", "other"]), values, max_size=3)


def judged(lines, schemas):
    """(line, what was read of it or why not) of each line."""
    ends = np.cumsum([len(line) + 1 for line in lines])
    starts = ends - [len(line) + 1 for line in lines]
    told = judge(memoryview(b"\n".join(lines) + b"\n"), starts, ends - 1, np.ones(len(lines), np.bool_), list(schemas))
    found = dict(told.bad)
    for at, table in told.tables:
        found.update(zip(at.tolist(), table.to_pylist(), strict=True))
    return [found[i] for i in range(len(lines))]


def is_refused(line, schemas):
    return isinstance(judged([line], schemas)[0], str)


@pytest.mark.parametrize("schemas", [CHAT.schemas, CHAT.loose, PLAIN.schemas])
@given(st.lists(records, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_misfit_is_refused_by_the_parser(schemas, rows):
    lines = [json.dumps(row, ensure_ascii=False).encode() for row in rows] + HOSTILE
    found = misfits(lines, schemas)
    assert all(is_refused(line, schemas) for line in np.array(lines, object)[found])


def test_values_of_a_wrong_type_are_misfits_and_what_is_not_known_is_none():
    known = [b'{"text":1}', b'{"text":"a","meta":{"url":7}}', b'{"text":"a","meta":[]}', b'{"text":[]}']
    assert misfits(known, PLAIN.schemas).all()
    assert not misfits([b'{"text":"a"}', b"{", b'{"text":1,"x":"\xff"}', b"null", b"[" * 9000], PLAIN.schemas)[:4].any()
    assert not misfits([b'{"n":"a"}'], [pa.schema([("n", pa.int64())])]).any()
    assert misfits([], PLAIN.schemas).tolist() == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([line for line in HOSTILE if len(line) < 6000]), min_size=9, max_size=60), st.booleans()
)
def test_crowds_of_bad_lines_are_told_as_each_is_alone(lines, is_chat):
    schemas = CHAT.schemas if is_chat else PLAIN.schemas
    assert judged(lines, schemas) == [judged([line], schemas)[0] for line in lines]


def test_a_crowd_of_one_kind_is_looked_at_once(monkeypatch):
    asked = []
    monkeypatch.setattr(
        judging, "misfits", lambda lines, ways: asked.append(held := list(lines)) or misfits(held, ways)
    )
    lines = [b'{"messages":[{"content":"a","tool_call_id":%d}]}' % i for i in range(500)] + [
        b'{"messages":[{"content":"b"}]}'
    ]
    assert judged(lines, CHAT.schemas)[:-1] == ["wrong type"] * 500
    assert [len(some) for some in asked] == [501 - 8]
    asked.clear()
    judged([b'{"text":"a"}', b'{"text":1}'] * 7, PLAIN.schemas)  # a few are parsed one by one, as ever
    assert not asked
