"""Records of restricted datasets: known by all terms, most terms of a prompt or half of a passage, under any label."""

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks import kernels
from checks.laundering import ENTRIES, Laundering
from checks.laundering.entries import KEY, KEYS, LEAST_KEYS, PAIR, PAIRS, SKETCH, WHOLE
from checks.laundering.values import Points, plain_text, stretches, values_of
from schemas.errors import LedgerError
from tests.checks.whole import whole
from tests.kit.records import records, shown
from tests.kit.restricted import entries_of, knowing, turns

PROMPT = "Describe how a lighthouse keeper records the ships that pass in a night of fog."
ANSWER = (
    "The keeper hears each ship before it can be seen, and writes the hour and the number of blasts into the book that lies "
    "beneath the lamp. Where two horns answer one another the keeper counts both, and in the morning the harbour office "
    "compares the book with its own list, so that a vessel that never arrived is missed before noon."
)
ZH_PROMPT = "请说明档案馆怎样登记每天收到的材料，并举出两个例子。"
ZH_ANSWER = (
    "档案员每天登记收到的每一份材料，写明它从哪里来、由谁提供、允许怎样使用。没有登记的材料不得上架。"
    "例如一封旧信，要写明寄信人、收信人和日期；又如一张照片，要写明拍摄的地点和拍摄的人，看不清的也要照实写下来。"
)
BOOK = " ".join(f"chapter {n} tells of word{n * 7} and of stone{n * 11} by the river{n * 13}" for n in range(200))
SET = [turns(PROMPT, ANSWER), turns(ZH_PROMPT, ZH_ANSWER), {"text": BOOK}, turns("Tell a joke.", "No.")]
CHECK = knowing({"lamp": SET})


def found(batch, check=CHECK, licence="MIT"):
    seen = check.look(shown(check, batch, {"source.licence": licence}))
    return [(f["row"], f["rule"], f["score_ppm"], f["detail"]) for f in seen.findings.to_pylist()], seen.total


def test_a_record_under_another_label_is_known_by_each_of_its_fields():
    told, total = found(
        records([turns(PROMPT.upper(), "Something else."), turns("Anything?", ANSWER.replace(" ", "\n\t"))])
    )
    assert told == [
        (0, "laundering.lamp.prompt", 1_000_000, "record 1, all terms: CC-BY-NC-4.0"),
        (1, "laundering.lamp.response", 1_000_000, "record 1, all terms: CC-BY-NC-4.0"),
    ]
    assert total == {"records": 2, "known": 2, "exact": 2, "relabelled": 2, "fields": [1, 1, 0]}


def test_a_chinese_record_is_known_by_each_of_its_fields_and_the_places_are_right():
    batch = records([turns(f"　{ZH_PROMPT}", f"答：{ZH_ANSWER}完。")])
    seen = CHECK.look(shown(CHECK, batch))
    text = batch.column("text")[0].as_py()
    prompt, response = seen.findings.to_pylist()
    assert text[prompt["start"] : prompt["end"]] == f"　{ZH_PROMPT}"
    assert (prompt["rule"], prompt["detail"]) == ("laundering.lamp.prompt", "record 2, all terms: CC-BY-NC-4.0")
    assert (response["rule"], response["detail"]) == (
        "laundering.lamp.response",
        "record 2, part of the terms: CC-BY-NC-4.0",
    )
    for finding in (prompt, response):
        part = text[finding["start"] : finding["end"]]
        assert text.encode()[finding["start_byte"] : finding["end_byte"]].decode() == part
        assert part in f"　{ZH_PROMPT}" or part in ZH_ANSWER


def test_a_prompt_with_changed_words_is_known_and_one_with_half_of_them_changed_is_not():
    few = PROMPT.replace("fog", "rain").replace("ships", "trains")
    many = (
        few.replace("lighthouse", "station").replace("keeper", "clerk").replace("night", "week").replace("pass", "stop")
    )
    told, _ = found(records([turns(few, "x"), turns(many, "y")]))
    assert [(row, rule, detail) for row, rule, _, detail in told] == [
        (0, "laundering.lamp.prompt", "record 1, part of the terms: CC-BY-NC-4.0")
    ]


def test_the_prompt_is_known_behind_a_system_prompt_and_among_other_turns():
    one = turns(PROMPT, "Yes.", system="You are a helpful assistant.")
    text = one["text"] + "\nAnd then?\nNothing."
    more = [{"role": "user", "path": "u", "start": len(text) - 18, "end": len(text) - 9}]
    more += [{"role": "assistant", "path": "a", "start": len(text) - 8, "end": len(text)}]
    told, _ = found(records([{"text": text, "roles": [*one["roles"], *more]}]))
    assert told == [(0, "laundering.lamp.prompt", 1_000_000, "record 1, all terms: CC-BY-NC-4.0")]


def test_instruction_and_input_are_one_prompt():
    instruction, rest = PROMPT.split(" records ")
    text = f"{instruction}\nrecords {rest}\nx"
    spans = [
        ("user", 0, len(instruction)),
        ("user", len(instruction) + 1, len(text) - 2),
        ("assistant", len(text) - 1, len(text)),
    ]
    row = {"text": text, "roles": [{"role": r, "path": r, "start": a, "end": b} for r, a, b in spans]}
    told, _ = found(records([row]))
    assert told == [(0, "laundering.lamp.prompt", 1_000_000, "record 1, all terms: CC-BY-NC-4.0")]


def test_a_part_of_a_long_text_and_a_text_inside_a_longer_one_are_known():
    part = " ".join(BOOK.split()[700:1100])
    around = "Nothing of this is in any book. " * 40
    told, _ = found(records([{"text": part}, {"text": around}, {"text": f"{around} {BOOK} {around}"}]))
    assert [(row, rule) for row, rule, _, _ in told] == [(0, "laundering.lamp.text"), (2, "laundering.lamp.text")]
    assert 150_000 < told[0][2] < 250_000
    assert told[1][2] == 1_000_000


def test_a_short_copy_is_met_where_a_text_is_looked_at_first_and_overlooked_between():
    around = "Nothing of this is in any book. " * 80
    met, overlooked = around[:1024] + ANSWER + around, around[:1290] + ANSWER + around
    told, _ = found(records([{"text": met}, {"text": overlooked}]))
    assert [(row, rule) for row, rule, _, _ in told] == [(0, "laundering.lamp.response")]


def test_words_replaced_one_in_twenty_leave_a_long_text_known():
    draw = random.Random(3)
    changed = " ".join(f"other{n}" if draw.random() < 0.05 else word for n, word in enumerate(BOOK.split()))
    told, _ = found(records([{"text": changed}]))
    assert [(rule, score > 600_000) for _, rule, score, _ in told] == [("laundering.lamp.text", True)]


def test_short_texts_that_anybody_writes_are_not_sought():
    told, _ = found(records([turns("Tell a joke!", "No."), {"text": "No."}]))
    assert told == []


def test_a_phrase_that_both_use_makes_no_record_known():
    told, _ = found(
        records([turns("Why?", "The harbour office compares the book with its own list, said nobody at all.")])
    )
    assert told == []


def test_what_declares_the_licence_of_the_dataset_is_not_relabelled():
    batch = records([turns(PROMPT, "x") | {"declared_licence": own} for own in (None, " cc-by-nc-4.0", "Apache-2.0")])
    assert found(batch, licence="CC-BY-NC-4.0")[1]["relabelled"] == 1
    assert found(batch, licence="MIT")[1]["relabelled"] == 2
    unlabelled = CHECK.look(batch.replace_schema_metadata({}))
    assert unlabelled.total["relabelled"] == 2


def test_of_several_datasets_each_is_named_and_counted_by_field():
    check = knowing({"lamp": SET, "copy": SET[:1]})
    seen = check.look(shown(check, records([turns(PROMPT, ANSWER)])))
    assert [f["rule"] for f in seen.findings.to_pylist()] == [
        "laundering.lamp.prompt", "laundering.lamp.response", "laundering.copy.prompt", "laundering.copy.response",
    ]  # fmt: skip
    told = whole(check, [shown(check, records([turns(PROMPT, ANSWER)] * 3))])["tables"]["restricted"]
    size = len(f"{PROMPT}\n{ANSWER}".encode())
    assert told == {
        f"{name}.{field}": [3, 3 * size, 3] for name in ("copy", "lamp") for field in ("prompt", "response")
    }


def test_without_datasets_nothing_is_read_and_nothing_is_known():
    check = Laundering()
    seen = check.look(records([turns(PROMPT, ANSWER)]))
    assert (seen.total, seen.findings, check.inputs()) == (check.zero(), None, {})
    assert set(check.report(seen.total).values()) == {None}


def test_an_index_that_is_not_loaded_is_told():
    check = Laundering(
        sets=("a",),
        licences=("x",),
        versions=("",),
        files=("",),
        items=(1,),
        sought=(1,),
        not_sought=(0,),
        index="ab" * 32,
    )
    with pytest.raises(LedgerError, match=r"laundering: index abababab.* run again with --fresh"):
        check.look(records([turns(PROMPT, ANSWER)]))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"near_ppm": 499_999}, "near_ppm is 499999"),
        ({"sets": ("a",)}, "follow from `restricted`"),
        ({"index": "x"}, "follow from"),
    ],
)
def test_settings_that_nobody_may_give_are_refused(given, problem):
    with pytest.raises(ValueError, match=problem):
        Laundering(**given)


def test_a_fingerprint_holds_hashes_alone_and_as_many_as_it_says():
    table, gathered = entries_of(records(SET))
    assert table.schema == ENTRIES
    assert table.sort_by([(n, "ascending") for n in ENTRIES.names]).equals(table)
    kinds = np.bincount(table.column("kind").to_numpy())
    assert kinds[WHOLE] == 4 - 1  # the prompts of two records, and a response; the book and the joke have none
    assert (kinds[PAIR], kinds[SKETCH]) == (2 * PAIRS, 8)
    passages = (
        table.filter(pa.compute.equal(table.column("kind"), KEY))
        .group_by(["field", "item", "part"])
        .aggregate([("hash", "count")])
    )
    assert set(passages.column("hash_count").to_pylist()) <= set(range(LEAST_KEYS, KEYS + 1))
    counts = gathered.counts(table)
    assert counts["prompt"]._asdict() == {"values": 3, "sought": 2, "too_short": 1, "repeated": 0, "wording": 0}
    assert counts["text"].sought == 1


def test_values_that_come_again_and_wording_of_the_dataset_are_set_aside():
    answers = [f"{ANSWER} Number {n}. {ANSWER[:120]}" for n in range(12)]
    table, gathered = entries_of(
        records([turns(PROMPT, ANSWER)] * 5 + [turns(f"{n} x y z w v", a) for n, a in enumerate(answers)])
    )
    counts = gathered.counts(table)
    assert (counts["prompt"].values, counts["prompt"].repeated) == (17, 4)
    assert (counts["response"].repeated, counts["response"].wording) == (4, 13 - counts["response"].sought)
    assert counts["response"].wording >= 12


words = st.lists(
    st.sampled_from([*"abcdefghij", "好", "的", "年", "é", "𝒳", "\u0301", "-", "１"]), min_size=1, max_size=60
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(prompts=st.lists(words, min_size=1, max_size=6), more=st.lists(words, max_size=4), cut=st.integers(0, 10))
def test_every_value_that_is_sought_is_known_again_and_any_cut_gives_the_same(prompts, more, cut):
    rows = [turns(p, f"{p} {p}") for p in prompts]
    check = knowing({"s": rows})
    batch = shown(check, records([*rows, *(turns(m, m) for m in more)]))
    seen = check.look(batch)
    known = set(seen.findings.column("row").to_pylist())
    table, _ = entries_of(records(rows))
    assert {item - 1 for item in table.column("item").to_pylist()} <= known
    parts = [batch.slice(0, cut), batch.slice(cut)]
    assert whole(check, parts) == whole(check, [batch])


@settings(max_examples=30, deadline=None)
@given(prompts=st.lists(words, min_size=1, max_size=4))
def test_without_the_kernel_the_same_is_found(prompts):
    rows = [turns(p, f"{p}. {ANSWER}") for p in prompts]
    check = knowing({"s": rows})
    batch = shown(check, records(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "library", lambda: None)
        slow, entries = whole(check, [batch]), entries_of(records(rows))[0]
    assert whole(check, [batch]) == slow
    assert entries.equals(entries_of(records(rows))[0])


@given(
    texts=st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=90), min_size=1, max_size=5),
    data=st.data(),
)
def test_code_points_and_bytes_are_found_from_one_another(texts, data):
    points = Points.of(plain_text(records([{"text": t} for t in texts])))
    row = data.draw(st.integers(0, len(texts) - 1))
    at = data.draw(st.integers(0, len(texts[row])))
    byte = len(texts[row][:at].encode())
    assert points.bytes(np.array([row]), np.array([at])).tolist() == [byte]
    assert points.points(np.array([row]), np.array([byte])).tolist() == [at]


def test_values_are_the_turns_in_their_order_and_windows_cover_what_is_short():
    batch = records([turns(PROMPT, ANSWER, system="s"), {"text": BOOK}, {"text": ""}])
    values = values_of(batch, Points.of(plain_text(batch)))
    assert [values.text[r].as_py() for r in values.rows.tolist()] == [PROMPT, ANSWER, BOOK]
    assert (values.row.tolist(), values.field.tolist(), values.turn.tolist()) == ([0, 0, 1], [0, 1, 2], [0, 0, 0])
    windows, of = stretches(values, 256, 1024)
    pieces = [windows[2 * i].as_py() for i in range(len(of))]
    assert of.tolist() == [0, 1, *[2] * -(-len(BOOK) // 1024)]
    assert (pieces[0], pieces[1], pieces[3]) == (PROMPT, ANSWER[:256], BOOK[1024:1280])


@pytest.mark.parametrize(
    "spans", [[("user", 0, 10**9)], [("user", 5, 2)], [("user", 3, 8), ("assistant", 1, 4)], [("nobody", 0, 3)], []]
)
def test_spans_that_no_reader_makes_do_no_harm(spans):
    row = {"text": ANSWER, "roles": [{"role": r, "path": r, "start": a, "end": b} for r, a, b in spans]}
    CHECK.look(shown(CHECK, records([row, turns(PROMPT, ANSWER)])))


def test_bytes_that_are_no_utf8_have_no_byte_places_and_do_no_harm():
    data = b"\xff\x80" + PROMPT.encode() + b"\xe6\x96"
    bad = pa.Array.from_buffers(
        pa.large_string(),
        2,
        [None, pa.py_buffer(np.array([0, len(data), 2 * len(data)], np.int64)), pa.py_buffer(data * 2)],
    )
    batch = records([turns(PROMPT, "x"), turns(PROMPT, "x")])
    batch = batch.set_column(1, batch.schema.field(1), bad)
    seen = CHECK.look(shown(CHECK, batch))
    assert {f["start_byte"] for f in seen.findings.to_pylist()} <= {None}
