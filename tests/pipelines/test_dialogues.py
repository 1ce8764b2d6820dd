"""What records say to one prompt over a whole run: across units and sources, as a dict would count it, and by the real command."""

import hashlib
from collections import defaultdict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.dialogue import ANSWER, CROSSED, TEMPLATE
from pipelines import dialogues
from pipelines.repeated import MERGED, summed_rows
from tests.kit.command import age, here, lines, write_run

rows = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1), st.integers(0, 3)), max_size=30)


def counted(kind, said):
    """int64[3, sources + 1] of records (prompt, source, answer), merged as the run does."""
    value = [a * 1_000_003 % (1 << 20) if kind == ANSWER else a % 2 for _, _, a in said]
    columns = [
        [p for p, _, _ in said], [s for _, s, _ in said], [0] * len(said), range(len(said)), [1] * len(said), value,
        [v * v if kind == ANSWER else 0 for v in value],
    ]  # fmt: skip
    table = pa.table([pa.array(list(c), f.type) for c, f in zip(columns, MERGED, strict=True)], schema=MERGED)
    counts = np.zeros((3, 3), np.int64)
    if said:
        dialogues._count(summed_rows(table), kind, counts)
    return counts.tolist()


@settings(max_examples=80)
@given(said=rows)
def test_answers_that_differ_are_those_that_a_dict_tells(said):
    expected = []
    for source in (0, 1, None):
        answers = defaultdict(list)
        for prompt, of, answer in said:
            if source in (None, of):
                answers[prompt].append(answer)
        many = [len(a) for a in answers.values() if len(set(a)) > 1]
        expected.append([len(many), sum(many), 0])
    assert counted(ANSWER, said) == np.array(expected).T.tolist()


@settings(max_examples=40)
@given(said=rows)
def test_preferences_and_templates_are_those_that_a_dict_tells(said):
    crossed, most = [], []
    for source in (0, 1, None):
        prefers, begins = defaultdict(list), defaultdict(int)
        for key, of, answer in said:
            if source in (None, of):
                prefers[key].append(answer % 2)
                begins[key] += 1
        both = [len(p) for p in prefers.values() if len(set(p)) == 2]
        crossed.append([len(both), sum(both), 0])
        most.append([len(begins), max(begins.values(), default=0), sum(begins.values())])
    assert counted(CROSSED, said) == np.array(crossed).T.tolist()
    assert counted(TEMPLATE, said) == np.array(most).T.tolist()


def test_very_many_equal_answers_stay_one_though_their_sums_wrap():
    n, answer = 1 << 25, (1 << 20) - 1
    columns = [[1], [0], [0], [0], [n], [n * answer], [(n * answer * answer) % (1 << 63)]]
    table = pa.table([pa.array(c, f.type) for c, f in zip(columns, MERGED, strict=True)], schema=MERGED)
    counts = np.zeros((3, 2), np.int64)
    dialogues._count(table, ANSWER, counts)
    assert counts.tolist() == [[0, 0], [0, 0], [0, 0]]


BEGIN = "请把下面这一段文字翻译成英文，保持原来的语气和格式，不要遗漏任何一个句子："
ONE = [
    {"instruction": "首都在哪里？", "output": "北京。"}, {"instruction": "首都在哪里？", "output": "在北京。"},
    {"instruction": BEGIN + "天", "output": "sky"}, {"instruction": BEGIN + "地", "output": "earth"},
    {"instruction": "一加一？", "output": "二。"},
]  # fmt: skip
OTHER = [{"instruction": "一加一？", "output": "等于二。"}, {"instruction": BEGIN + "人", "output": ""}]
PAIRS = [
    {"prompt": "问？", "chosen": "长长的回答。", "rejected": "短。"}, {"prompt": "问？", "chosen": "短。", "rejected": "长长的回答。"},
    {"prompt": "再问？", "chosen": "同。", "rejected": "同。"},
]  # fmt: skip
ID = "call_编号之一"


def calling(made, named):
    """A record whose call has an id and whose answer names one."""
    call = {"id": made, "type": "function", "function": {"name": "天气", "arguments": "{}"}}
    return {"messages": [
        {"role": "user", "content": "天气？"}, {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": named, "content": "晴"}, {"role": "assistant", "content": "晴。"},
    ]}  # fmt: skip


TOOLS = [calling(ID, ID), calling(ID, "call_编号之二")]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dialogues")
    common = "class: own-production\nstage: fine-tuning\n"
    sources = {
        name: f"{common}layout: {layout}\npaths: [corpus/{name}.jsonl]\n"
        for name, layout in (("one", "alpaca"), ("other", "alpaca"), ("pairs", "preference"), ("tools", "openai-chat"))
    }
    held = {"one": ONE, "other": OTHER, "pairs": PAIRS, "tools": TOOLS}
    run = write_run(folder, sources, {f"{name}.jsonl": lines(*rows) for name, rows in held.items()})
    age(folder)
    result = here("run", run, "--json").result
    return folder, result


def test_conflicts_are_counted_over_the_sources_of_a_run(done):
    _, result = done
    found = {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "dialogue"}
    assert {name: found[name] for name in (
        "dialogue_records", "conflicting_prompts", "conflicting_records", "contradicting_pairs", "contradicting_records", "templates",
        "top_template_records", "top_template_ppm", "equal_pair_records", "unanswered_records", "pair_records", "chosen_longer_ppm",
        "tool_call_records", "unknown_call_records", "unanswered_call_records", "repeated_call_id_records",
    )} == {
        "dialogue_records": 12, "conflicting_prompts": 2, "conflicting_records": 4, "contradicting_pairs": 1,
        "contradicting_records": 2, "templates": 1, "top_template_records": 3, "top_template_ppm": 1_000_000,
        "equal_pair_records": 1, "unanswered_records": 1, "pair_records": 3, "chosen_longer_ppm": 500_000,
        "tool_call_records": 0, "unknown_call_records": 1, "unanswered_call_records": 1, "repeated_call_id_records": 0,
    }  # fmt: skip


def test_findings_name_the_record(done):
    folder, result = done
    asked = ("query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "dialogue", "--json")
    assert [(r["source"], r["rule"]) for r in here(*asked).result["rows"]] == [
        ("other", "dialogue.unanswered"), ("pairs", "dialogue.equal-pair"),
        ("tools", "dialogue.unanswered-call"), ("tools", "dialogue.unknown-call"),
    ]  # fmt: skip


def test_no_id_of_a_call_and_no_hash_of_one_is_stored(done):
    folder, _ = done
    digest = hashlib.sha256(ID.encode()).digest()
    hidden = (
        ID.encode(),
        digest[:8],
        repr(digest[:8])[2:-1].encode(),
        digest.hex()[:16].encode(),
        str(int.from_bytes(digest[:8], "little")).encode(),
    )
    seen = 0
    for path in (p for p in (folder / "ledger").rglob("*") if p.is_file()):
        told = path.read_bytes()
        if told.startswith(b"PAR1"):
            seen += 1
            told += repr(pq.read_table(path).to_pydict()).encode()
        assert not any(one in told for one in hidden), path
    assert seen
