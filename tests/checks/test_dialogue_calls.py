"""Tool calls told by their ids: what the records say, against plain Python over the records themselves."""

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.dialogue import Dialogue
from checks.dialogue.said import said_by_arrays, said_of
from pipelines.read.base import Framing
from pipelines.read.jsonl import read_jsonl
from schemas.record import TOOL_CALL
from tests.kit.records import records
from tests.pipelines.read.kit import WHOLE, Held, gathered

BY_ID = ("repeated-call-id", "unanswered-call", "unknown-call")
TOLD = (*BY_ID, "tool-call")


def batch_of(*rows):
    stored = b"\n".join(json.dumps({"messages": row}, ensure_ascii=False).encode() for row in rows)
    return records(gathered(read_jsonl(Held(stored), WHOLE, Framing("jsonl", "openai-chat"))))


def signs(*messages):
    found = Dialogue().look(batch_of([{"role": "user", "content": "查一下北京和上海的天气"}, *messages])).findings
    return [one for one in found.column("detail").to_pylist() if one in TOLD]


def call(*ids, arguments="{}", content=None):
    made = [{"id": one, "type": "function", "function": {"name": "天气", "arguments": arguments}} for one in ids]
    return {"role": "assistant", "content": content, "tool_calls": made}


def answer(of=None, said="晴"):
    return {"role": "tool", "content": said, **({} if of is None else {"tool_call_id": of})}


DONE = {"role": "assistant", "content": "北京晴，上海多云。"}
USER = {"role": "user", "content": "那明天呢？"}


@pytest.mark.parametrize(
    ("messages", "found"),
    [
        ([call("a"), answer("a"), DONE], []),
        ([call("京", "沪"), answer("沪"), answer("京"), DONE], []),  # in another order
        ([call("a"), answer("b"), DONE], ["unanswered-call", "unknown-call"]),
        ([call("a", "b"), answer("a"), DONE], ["unanswered-call"]),
        ([call("a", "b"), answer("a"), answer("a"), DONE], ["repeated-call-id", "unanswered-call"]),
        ([call("a", "a"), answer("a"), answer("a"), DONE], ["repeated-call-id"]),
        ([call("a"), answer("a"), USER, call("a"), answer("a"), DONE], ["repeated-call-id"]),
        ([answer("a"), call("a"), DONE], ["unanswered-call", "unknown-call"]),  # before its call
        ([answer("a"), DONE], ["unknown-call"]),  # to no call at all
        ([call("a")], []),  # its answer is not part of the record
        ([call("a", "b"), answer("a")], ["unanswered-call"]),
        ([call("a"), answer("a"), call("b")], []),
        ([call("a"), USER, DONE], ["unanswered-call"]),
        ([call("a"), DONE], ["unanswered-call"]),
        ([call("a"), USER, answer("a"), DONE], []),  # late: the order of turns tells
        # nothing said is an answer, and no arguments a call, all the same
        ([call("a"), answer("a", ""), DONE], []), ([call("a", arguments=""), answer("a"), DONE], []),
        ([call("a", arguments="", content="好"), answer("b"), DONE], ["unanswered-call", "unknown-call"]),
        # by number where an id is missing
        ([call("a", "b"), answer(), answer(), DONE], []), ([call("a", "b"), answer(), DONE], ["tool-call"]),
        ([call("a", "a"), answer(), answer(), DONE], ["repeated-call-id"]),
        ([call(None), answer(), answer(), DONE], ["tool-call"]), ([call(""), answer(""), DONE], []),
        ([call(1), answer(2), DONE], []), ([call(1), answer(2), answer(2), DONE], ["tool-call"]),
        ([call(None), answer("a"), DONE], ["unknown-call"]),
        ([call("a", "b"), answer("a"), answer(), DONE], ["unanswered-call"]),
        ([call("a", None), answer("a"), answer(), DONE], []),
        ([call("a", None), answer("a"), DONE], ["tool-call"]),
        # a million characters, and of two kinds of content in one record
        ([call("编" * 10**6), answer("编" * 10**6), DONE], []), ([call("编" * 10**6), answer("编" * (10**6 - 1)), DONE], ["unanswered-call", "unknown-call"]),
        ([call("a"), answer("b", [{"type": "text", "text": "晴"}]), DONE], ["unanswered-call", "unknown-call"]),
    ],
)  # fmt: skip
def test_the_signs_of_calls(messages, found):
    assert signs(*messages) == found


def test_measures_count_records():
    said = {"role": "user", "content": "问"}
    rows = ([said, call("a"), answer("b"), DONE], [said, call("a"), answer("a"), DONE], [said, call("a", "a"), answer("a"), DONE],
            [said, answer("x"), DONE], [said, call("a"), USER, DONE], [said, call("a"), answer(), answer(), DONE])  # fmt: skip
    check = Dialogue()
    report = check.report(check.look(batch_of(*rows)).total)
    names = ("tool_call_records", "unknown_call_records", "unanswered_call_records", "repeated_call_id_records")
    assert [report[name] for name in names] == [1, 2, 2, 1]


ids = st.sampled_from(["a", "b", "中", "", None])
says = st.sampled_from([None, "", "好", "晴。", [{"type": "text", "text": "多云"}]])
calls = st.lists(st.tuples(ids, st.sampled_from(["", "{}"])), max_size=3)
message = st.one_of(
    st.builds(lambda said, role: {"role": role, "content": said}, says, st.sampled_from(["user", "assistant", "boss"])),
    st.builds(lambda said, of: {"role": "tool", "content": said, "tool_call_id": of}, says, ids),
    st.builds(
        lambda said, made, role: {"role": role, "content": said, "tool_calls": [
            {"id": one, "function": {"arguments": told}} for one, told in made]},
        says, calls, st.sampled_from(["assistant", "assistant", "user", "tool"]),
    ),
    st.none(),
)  # fmt: skip
dialogues = st.lists(message, max_size=6).map(lambda some: [{"role": "user", "content": "问"}, *some])


def expected(messages, number):
    """The signs of one record by its own messages; *number*: is `tool-call` shown by number."""
    made, named, last = [], [], -1
    for at, one in enumerate(messages):
        if one is None:
            continue
        some = one.get("tool_calls") or []
        if one["role"] == "tool":
            named.append((at, one.get("tool_call_id") or None))
        else:
            made += [(at, each["id"] or None) for each in some]
        if one["content"] or some or one["role"] == "tool":
            last = at
        # a tool's own calls are none, but what they pass is said
    found = set()
    if not any(one for _, one in made + named):
        return {"tool-call"} if number else found
    if number and not all(one for _, one in made + named):
        found.add("tool-call")
    if any(of and not any(one == of and when < at for when, one in made) for at, of in named):
        found.add("unknown-call")
    is_told = not named or any(of for _, of in named)
    if is_told and any(
        one and at < last and not any(of == one and when > at for when, of in named) for at, one in made
    ):
        found.add("unanswered-call")
    for some in (made, named):
        each = [one for _, one in some if one]
        if len(set(each)) < len(each):
            found.add("repeated-call-id")
    return found


@settings(max_examples=80, deadline=None)
@given(st.lists(dialogues, min_size=1, max_size=5), st.integers(0, 2))
def test_signs_are_those_that_plain_python_finds_with_the_kernel_and_without(library, rows, cut):
    batch = batch_of(*rows).slice(cut)
    bare = batch.set_column(
        batch.schema.get_field_index("calls"), "calls", pa.nulls(batch.num_rows, pa.list_(TOOL_CALL))
    )
    by_number = {one["row"] for one in _findings(bare) if one["detail"] == "tool-call"}
    told = {row: set() for row in range(cut, len(rows))}
    for one in _findings(batch):
        if one["detail"] in TOLD:
            told[one["row"]].add(one["detail"])
    assert told == {row: expected(rows[row], row in by_number) for row in told}
    assert said_of(batch, 32, 200).flags.tolist() == said_by_arrays(batch, 32, 200).flags.tolist()


def _findings(batch):
    found = Dialogue().look(batch).findings
    return [] if found is None else found.to_pylist()


@settings(max_examples=25, deadline=None)
@given(st.lists(dialogues, min_size=1, max_size=4))
def test_nothing_of_an_id_goes_further_than_the_check(rows):
    renamed = json.loads(json.dumps(rows).replace('"a"', '"call_0"').replace('"b"', '"call_1"'))
    one, other = (Dialogue().look(batch_of(*some)) for some in (rows, renamed))
    assert one.total == other.total
    assert one.findings == other.findings
    assert one.tables == other.tables
