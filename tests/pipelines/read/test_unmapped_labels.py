"""Implicit labels in what a source does not map: fields of JSON lines, columns of tables, metadata of files; nothing of an id is kept."""

import csv
import gzip
import io
import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checks.authenticity import Authenticity
from checks.authenticity.unmapped import parted
from pipelines.normalise import Framed
from pipelines.read.base import Framing, Span
from pipelines.read.delimited import read_delimited
from pipelines.read.json_array import read_json_array
from pipelines.read.jsonl import read_jsonl
from pipelines.read.searched import Searched
from tests.kit.records import shown
from tests.pipelines.read.kit import JSONL, WHOLE, Held, gathered

PERSON = "ID-4711-OF-A-PERSON"
LABEL = {"Label": "1", "ContentProducer": PERSON, "ProduceID": PERSON, "ReservedCode1": "x" * 300}
TOLD = "generated/standard/4/field"
OTHER = {"Label": "AIGC", "ContentPropagator": PERSON}
CHAT = Framing("jsonl", layout="openai-chat")
TWICE = '{"text": "x", "AIGC": {"Label": "3", "ProduceID": "1"}, "AIGC": null}'
DEEP = '{"text": "x", "a": ' + "[" * 300 + json.dumps({"AIGC": LABEL}) + "]" * 300 + "}"
LINES = {
    json.dumps({"text": "plain"}): None,
    json.dumps({"text": "plain", "AIGC": LABEL}): TOLD,
    json.dumps({"text": "plain", "aigc": LABEL}, indent=None, separators=(",", ":")): TOLD,
    json.dumps({"metadata": {"source": "web", "AIGC": OTHER}, "text": "文" * 50}): "generated/other/2/field",
    json.dumps({"text": "a string", "aigc": json.dumps(LABEL)}): TOLD,
    json.dumps({"text": "numbers", "AIGC": {"Label": 2, "ProduceID": 3}}): "possible/standard/2/field",
    json.dumps({"text": "no key", **LABEL}): TOLD,
    json.dumps({"text": "front matter", "raw": f"---\nAIGC:\n    Label: '2'\n    ProduceID: {PERSON}\n---\n"}): "possible/standard/2/field",
    json.dumps({"text": "page", "html": "<meta name=\"AIGC\" content='" + json.dumps(LABEL) + "'>"}): TOLD,
    json.dumps({"text": "null", "AIGC": {"Label": None, "ContentProducer": None}}): None,
    json.dumps({"text": "talk", "note": "the field ContentProducer names who made it"}): None,
    json.dumps({"text": "in the text alone: " + json.dumps({"AIGC": LABEL})}): None,
    json.dumps({"text": "two", "a": {"AIGC": LABEL}, "x": "y" * 3000, "b": {"AIGC": OTHER}}): f"{TOLD} generated/other/2/field",
    TWICE: "suspected/standard/2/field",
    DEEP: TOLD,
    json.dumps({"text": None, "AIGC": LABEL}): "<no text>",
    '{"AIGC": {"Label": "1", "ProduceID": "x"}': "<not json>",
}  # fmt: skip


def told(blocks):
    return [f"<{row['unread']}>" if "unread" in row else row["implicit_labels"] for row in gathered(blocks)]


@pytest.mark.parametrize("window", [64, 1000, 3001, 1 << 20])
def test_a_line_says_the_same_wherever_it_is_cut(window):
    data = "\n".join(LINES).encode()
    assert told(read_jsonl(Held(data), WHOLE, JSONL, window_bytes=window)) == list(LINES.values())
    middle = len(data) // 2
    halves = [
        told(read_jsonl(Held(data), span, JSONL, window_bytes=window)) for span in (Span(0, middle), Span(middle))
    ]
    assert halves[0] + halves[1] == list(LINES.values())


@pytest.mark.parametrize("line", LINES)
def test_a_line_alone_says_what_it_says_among_others(line):
    assert told(read_jsonl(Held(line.encode()), WHOLE, JSONL)) == [LINES[line]]


def test_without_the_kernel_the_same(monkeypatch):
    monkeypatch.setattr("checks.kernels.library", lambda: None)
    assert told(read_jsonl(Held("\n".join(LINES).encode()), WHOLE, JSONL)) == list(LINES.values())


def test_arrays_documents_and_bad_bytes_in_a_field_nobody_maps():
    good = [line for line, expected in LINES.items() if not str(expected).startswith("<") and line != DEEP]
    array = "[" + ",\n".join(good) + "]"
    assert told(read_json_array(Held(array.encode()), WHOLE, Framing("json-array"), window_bytes=500)) == [
        LINES[line] for line in good
    ]
    document = json.dumps({"text": "x", "AIGC": LABEL}, indent=1)
    assert told(read_json_array(Held(document.encode()), WHOLE, Framing("json-array"))) == [TOLD]
    bad = b'{"text": "x", "AIGC": {"Label": "1", "ProduceID": "\xff\xfe", "ContentProducer": "y"}}'
    assert told(read_jsonl(Held(bad), WHOLE, JSONL)) == ["generated/standard/3/field"]


def test_a_mapped_label_is_the_columns_and_a_layouts_own_fields_are_text():
    mapped = Framing("jsonl", columns=(("meta", "aigc"), ("text", "text")))
    line = json.dumps({"text": "x", "aigc": json.dumps(LABEL)})
    assert told(read_jsonl(Held(line.encode()), WHOLE, mapped)) == [None]
    said = [
        {"role": "user", "content": json.dumps({"AIGC": LABEL})},
        {"role": "assistant", "content": [{"type": "text", "text": "hi"}]},
    ]
    turns = [
        {"messages": said[:1]},
        {"messages": said},
        {"messages": [said[0] | {"AIGC": OTHER}]},
        {"messages": said[:1], "AIGC": LABEL},
    ]
    chat = "\n".join(map(json.dumps, turns)).encode()
    assert told(read_jsonl(Held(chat), WHOLE, CHAT)) == [None, None, "generated/other/2/field", TOLD]


@settings(max_examples=60)
@given(st.lists(st.sampled_from(sorted(LINES)), max_size=12), st.integers(40, 4000))
def test_any_lines_in_any_windows(lines, window):
    data = "\n".join(lines).encode()
    assert told(read_jsonl(Held(data), WHOLE, JSONL, window_bytes=window)) == [LINES[line] for line in lines]


CSV_ROWS = [["text", "AIGC", "note"], ["a", "", "ProduceID"], ["b\nc", json.dumps(LABEL), ""], ["d", "", ""],
            ["e", "", json.dumps({"AIGC": OTHER})], [json.dumps({"AIGC": LABEL}), "", ""]]  # fmt: skip
CSV_TOLD = [None, TOLD, None, "generated/other/2/field", None]


def as_csv(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("window", [16, 400, 1 << 20])
@pytest.mark.parametrize("codec", ["none", "gz"])
def test_columns_of_csv_that_nothing_is_mapped_to(window, codec):
    data = as_csv(CSV_ROWS)
    stored = gzip.compress(data) if codec == "gz" else data
    framing = Framing("csv", codec=codec)
    assert told(read_delimited(Held(stored), WHOLE, framing, window_bytes=window)) == CSV_TOLD


def test_columns_of_csv_that_are_a_labels_fields():
    data = as_csv(
        [
            ["text", "Label", "ContentProducer", "ProduceID"],
            ["a", "1", PERSON, PERSON],
            ["b", "", "", ""],
            ["c", "2", "", ""],
        ]
    )
    assert told(read_delimited(Held(data), WHOLE, Framing("csv"))) == ["generated/standard/3/field", None, None]
    mapped = Framing("csv", columns=(("author", "ContentProducer"), ("text", "text")))
    assert told(read_delimited(Held(data), WHOLE, mapped))[1:] == [None, None]


@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 60))
@example(16, 0, 0)
def test_a_name_across_two_reads_is_found(step, before, behind):
    data = b"x" * before + b"ContentPropagator" + b"y" * behind
    searched, rest = Searched(io.BytesIO(data)), len(data)
    into = bytearray(step)
    while rest > 0:
        rest -= searched.readinto(memoryview(into)[: min(step, rest)])
    assert not searched.passed(before + 7)  # where the Pro begins
    again = Searched(io.BytesIO(data))
    while again.readinto(memoryview(into)):
        pass
    assert again.passed(len(data))
    assert not again.passed(len(data))


def test_the_check_counts_what_readers_hand_on_and_keeps_no_id():
    framed, check = Framed(), Authenticity(most_places=3)
    framed.begin_file()
    (block,) = read_jsonl(Held("\n".join(LINES).encode()), WHOLE, JSONL)
    batch = framed.number(block)
    seen = check.look(shown(check, batch, {}))
    found = {name: value for name, value in check.report(seen.total).items() if value}
    handed = [told for told in LINES.values() if told and not told.startswith("<")]
    in_text = 1
    assert found["implicit_label_records"] == found["candidate_records"] == len(handed) + in_text
    assert found["implicit_field_records"] == len(handed)
    assert found["implicit_other_dialect_records"] == sum("/other/" in told for told in handed)
    assert found["implicit_possible_records"] == sum("possible" in told for told in handed)
    findings = seen.findings.to_pylist()
    assert len(findings) == sum(told.count("/field") for told in handed) + in_text
    assert sorted(f["detail"] for f in findings if f["start"] is None) == sorted(
        one for told in handed for one in told.split()
    )
    assert PERSON not in repr((found, findings))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "generated/standard/4",
        "generated/standard/4/place",
        "generated/standard/x/file",
        "a/b/1/file",
        "generated/standard/²/file",
    ],
)
def test_anything_else_in_the_column_is_passed_over(said):
    assert list(parted(said)) == []
    assert list(parted(f"{said} possible/other/2/field")) == [("possible", "other", 2, "field")]


def test_a_hostile_line_takes_linear_time():
    import time

    spent = []
    for many in (5_000, 20_000):
        line = json.dumps(
            {"text": "x", "a": {f"k{i}": "Produce Pro AIGC" for i in range(many)}, "PropagateID": ["[" * 9] * many}
        ).encode()
        start = time.process_time()
        told(read_jsonl(Held(line), WHOLE, JSONL))
        spent.append(time.process_time() - start)
    assert spent[1] < 12 * spent[0] + 1
    assert np.isfinite(spent).all()
