"""Signs of fine-tuning records, by the layouts that readers give: order, empty, unanswered, unended, tools, preferences."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.dialogue import ANSWER, CROSSED, TEMPLATE, Dialogue
from checks.dialogue.turns import spans_of
from pipelines.read.base import Framing
from pipelines.read.jsonl import read_jsonl
from schemas.record import RECORD
from schemas.tallies import added
from tests.kit.records import records
from tests.pipelines.read.kit import WHOLE, Held, gathered

LONG = "我们每天登记收到的每一份材料，" * 20


def batch_of(layout, *rows):
    stored = b"\n".join(json.dumps(row, ensure_ascii=False).encode() for row in rows)
    return records(gathered(read_jsonl(Held(stored), WHOLE, Framing("jsonl", layout))))


def chat(*turns):
    return {"messages": [{"role": role, "content": words} for role, words in turns]}


def signs(layout, row):
    return [f["detail"] for f in Dialogue().look(batch_of(layout, row)).findings.to_pylist()]


U, A, S, T = "user", "assistant", "system", "tool"
GOOD = chat((S, "你是助手。"), (U, "问？"), (A, "答。"), (U, "再问？"), (A, "再答。"))


def calling(*ids, answers=1, then="好的。"):
    call = [{"id": one, "function": {"name": "f", "arguments": "{}"}} for one in ids]
    said = [{"role": U, "content": "查天气"}, {"role": A, "content": None, "tool_calls": call}]
    said += [{"role": T, "content": "晴"} for _ in range(answers)]
    return {"messages": said + ([{"role": A, "content": then}] if then else [])}


@pytest.mark.parametrize(
    ("layout", "row", "found"),
    [
        ("openai-chat", GOOD, []),
        ("openai-chat", chat((U, "问"), (U, "又问"), (A, "答。")), ["turn-order"]),
        ("openai-chat", chat((U, "问"), (S, "规则"), (A, "答。")), ["turn-order"]),
        ("openai-chat", chat((A, "答。"), (U, "问"), (A, "答。")), ["turn-order"]),
        ("openai-chat", chat((U, "问"), (A, "答。"), (U, "再问")), ["unanswered"]),
        ("openai-chat", chat((U, "问"), (A, ""), (U, "再问"), (A, "答。")), ["empty-turn", "turn-order"]),
        ("openai-chat", chat((U, ""), (A, "答。")), ["empty-turn", "turn-order"]),
        ("openai-chat", chat((U, "问"), ("boss", "好"), (A, "答。")), ["unknown-role"]),
        ("openai-chat", chat((U, "问"), (A, LONG + "然后")), ["unended"]),
        ("openai-chat", chat((U, "问"), (A, LONG + "然后。")), []),
        ("openai-chat", chat((U, "问"), (A, "短短一句")), []),
        ("openai-chat", chat((U, "同一句话"), (A, "同一句话")), ["echo"]),
        ("openai-chat", calling("a"), []), ("openai-chat", calling("a", "b", answers=2), []),
        ("openai-chat", calling("a", answers=2), ["tool-call"]), ("openai-chat", calling("a", "b"), ["tool-call"]),
        ("openai-chat", calling("a", answers=0, then=None), []),
        ("openai-chat", calling("a", answers=1, then=None), ["unanswered"]),
        ("sharegpt", {"tools": "[]", "conversations": [{"from": "human", "value": "问"}, {"from": "gpt", "value": "答。"}]}, []),
        ("sharegpt", {"conversations": [{"from": "gpt", "value": "答。"}, {"from": "human", "value": "问"}]}, ["turn-order", "unanswered"]),
        ("alpaca", {"instruction": "译", "input": "天", "output": "sky"}, []),
        ("alpaca", {"instruction": "译", "input": "天", "output": ""}, ["unanswered"]),
        ("alpaca", {"instruction": "译", "input": "", "output": "译"}, ["echo"]),
        ("alpaca", {"history": [["一", "二"], ["三", "四"]], "instruction": "译", "input": "天", "output": "sky"}, []),
        ("preference", {"prompt": "问", "chosen": "好", "rejected": "坏"}, []),
        ("preference", {"prompt": "问", "chosen": "好", "rejected": "好"}, ["equal-pair"]),
        ("preference", {"prompt": "问", "chosen": "好", "rejected": ""}, ["one-sided-pair"]),
    ],
)  # fmt: skip
def test_the_signs_of_a_record(layout, row, found):
    assert signs(layout, row) == found


def test_the_chinese_golden_counts():
    check = Dialogue()
    total = check.look(batch_of("openai-chat", GOOD, chat((U, "问"), (A, LONG + "然后")))).total
    report = check.report(total)
    assert {name: report[name] for name in ("dialogue_records", "turns", "prompt_chars", "response_chars", "signed_records")} == {
        "dialogue_records": 2, "turns": 7, "prompt_chars": 5 + 2 + 3 + 1, "response_chars": 2 + 3 + len(LONG) + 2, "signed_records": 1,
    }  # fmt: skip
    pairs = [
        {"prompt": "p", "chosen": c, "rejected": r}
        for c, r in (("长长的", "短"), ("长长", "短"), ("短", "长长的"), ("同", "样"))
    ]
    report = check.report(check.look(batch_of("preference", *pairs)).total)
    assert (report["pair_records"], report["chosen_longer_records"], report["chosen_longer_ppm"]) == (4, 2, 666_666)
    assert report["chosen_to_rejected_ppm"] == 7 * 1_000_000 // 6


def table(kind, layout, *rows):
    return [tuple(row.values()) for row in Dialogue().look(batch_of(layout, *rows)).tables[kind].to_pylist()]


def alpaca(prompt, answer, **more):
    return {"instruction": prompt, "input": "", "output": answer, **more}


def test_answers_to_one_prompt_are_one_exactly_where_records_times_squares_is_the_square_of_the_sum():
    keys = [
        row[0]
        for row in table(
            ANSWER, "alpaca", alpaca("问", "答"), alpaca("问", "答"), alpaca("问", "另"), alpaca("别", "答")
        )
    ]
    assert (len(set(keys)), keys[0] == keys[1] == keys[2]) == (2, True)
    same = table(ANSWER, "alpaca", *[alpaca("问", "答")] * 5)
    assert 5 * sum(row[3] for row in same) == sum(row[2] for row in same) ** 2
    other = [*same, *table(ANSWER, "alpaca", alpaca("问", "另"))]
    assert 6 * sum(row[3] for row in other) != sum(row[2] for row in other) ** 2


def test_the_same_prompt_in_another_layout_has_the_same_key():
    ours = table(ANSWER, "alpaca", alpaca("问", "答"))
    assert table(ANSWER, "openai-chat", chat((U, "问"), (A, "答"))) == ours
    assert table(ANSWER, "openai-chat", chat((U, "问"), (A, "答"), (U, "再"), (A, "答"))) == []


def test_two_preferences_of_the_same_answers_share_a_key_and_say_which_is_preferred():
    one, two, other = table(
        CROSSED, "preference", {"prompt": "问", "chosen": "甲", "rejected": "乙"}, {"prompt": "问", "chosen": "乙", "rejected": "甲"},
        {"prompt": "再问", "chosen": "乙", "rejected": "甲"},
    )  # fmt: skip
    assert one[0] == two[0] != other[0]
    assert {one[2], two[2]} == {0, 1}


def test_templates_are_beginnings_of_what_the_user_says():
    begin = "请把下面这一段文字翻译成英文，保持原来的语气和格式，不要遗漏任何一个句子："
    rows = table(TEMPLATE, "alpaca", alpaca(begin + "天", "sky"), alpaca(begin + "地", "earth"), alpaca("短", "x"))
    assert len(rows) == 2
    assert rows[0][0] == rows[1][0]
    assert table(TEMPLATE, "openai-chat", chat((S, "你是助手"), (U, begin + "天"), (A, "s")))[0][0] == rows[0][0]


def test_records_without_roles_give_nothing():
    seen = Dialogue().look(records([{"text": "一篇文章"}]))
    assert seen.findings is None
    assert seen.tables is None
    assert seen.total == Dialogue().zero()


spans = st.lists(
    st.tuples(
        st.sampled_from(["system", "user", "assistant", "tool", "chosen", "rejected", "prompt", "嗯"]),
        st.sampled_from(["messages[0].content", "messages[1].content", "messages[7].tool_calls[0].function.arguments", "x[0][1]", "", "]["]),
        st.integers(-3, 30), st.integers(-3, 30),
    ),
    max_size=5,
)  # fmt: skip


@settings(max_examples=60)
@given(
    rows=st.lists(
        st.tuples(st.text(st.characters(exclude_categories=("Cs",)), max_size=20), spans | st.none()), max_size=5
    )
)
def test_spans_that_no_reader_gives_break_nothing_and_add_up(rows):
    made = [
        {"text": text, "roles": None if some is None else [{"role": r, "path": p, "start": a, "end": b} for r, p, a, b in some]}
        for text, some in rows
    ]  # fmt: skip
    check, batch = Dialogue(), records(made)
    whole = check.look(batch).total
    parts = [check.look(batch.slice(i, 1)).total for i in range(batch.num_rows)]
    summed = check.zero()
    for part in parts:
        summed = added(summed, part)
    assert whole == summed


def test_bytes_that_are_no_utf8_are_read_as_they_stand():
    base = records(
        [
            {
                "text": "x" * 9,
                "roles": [
                    {"role": "user", "path": "a", "start": 0, "end": 4},
                    {"role": "assistant", "path": "b", "start": 4, "end": 9},
                ],
            }
        ]
    )
    bad = pa.Array.from_buffers(
        pa.large_string(),
        1,
        [None, pa.py_buffer(np.array([0, 9], np.int64)), pa.py_buffer(b"\x80ab\xff\xe4\xbd\x80cd")],
    )
    batch = pa.RecordBatch.from_arrays(
        [bad if f.name == "text" else base.column(f.name) for f in RECORD], schema=RECORD
    )
    seen = Dialogue().look(batch)
    assert seen.total["dialogues"] == 1
    assert seen.tables[ANSWER].num_rows == 1


def test_the_width_of_a_beginning_is_its_own_whatever_stands_beside_it():
    prompt = "Translate this sentence into Chinese, please: good morning"
    wide = "请把下面这句话翻译成英文，并且说明每一个词语的意思和用法：早上好，今天天气很好"
    alone, beside = (
        spans_of(batch_of("openai-chat", *(chat((U, one), (A, "好。")) for one in asked)), 32, 200).begin
        for asked in ((prompt,), (wide, prompt))
    )
    assert alone[0] == beside[2] != beside[0] != 0
