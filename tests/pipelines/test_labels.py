"""The record of labelling: rows of every format, keyed annotators, voided batches, and by the real command."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from checks.personal.keys import use_key
from manifests.parquet import read_parquet
from manifests.runs import load_manifest, sealed_run
from manifests.store import open_store
from manifests.tables import read_files
from pipelines.labels import JOINS, MISSING, OTHER_KEY, STALE, voided_items
from pipelines.labels_read import COLUMNS, Keyed, read_rows
from pipelines.lists_read import Mistakes
from schemas.labels_told import GAPS
from tests.kit.command import age, here, lines, write_run
from tests.kit.labels import ANN, BO, CHEN, read, said, write

KEY = b"k" * 32
CANARY = "张晓标-canary"


def problems_of(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    problems = []
    table = read_rows(path, 0, Keyed(None), Mistakes(path, problems))
    return table, problems


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_the_same_rows_come_to_the_same_in_every_format(tmp_path, kind):
    record, problems = read(write(tmp_path / kind, kind=kind))
    other, _ = read(write(tmp_path / "other"))
    assert problems == []
    assert record.state == JOINS
    assert record.standing == other.standing
    assert record.rows.equals(other.rows)


def test_a_label_that_is_no_text_is_its_json(tmp_path):
    row = {"item": 7, "annotator": ANN, "batch": "b", "time": "2026-03-02T08:00:00Z"}
    table, problems = problems_of(
        tmp_path,
        "a.jsonl",
        lines({**row, "label": 3}, {**row, "label": {"b": [1], "a": "是"}}, {**row, "label": False}),
    )
    assert problems == []
    assert table.column("label").to_pylist() == ["3", '{"a":"是","b":[1]}', "false"]
    assert table.column("item").to_pylist() == ["7"] * 3


def test_a_text_of_any_length_gives_its_content_id_alone(tmp_path):
    text = "长" * 200_000
    table, problems = problems_of(
        tmp_path, "a.csv", f"item,annotator,label,batch,time,text\ni,{ANN},x,b,2026-03-02,{text}\n".encode()
    )
    assert problems == []
    assert table.column("content").to_pylist() == [hashlib.sha256(text.encode()).digest()]


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"item": " "}, "says nothing in item"), ({"label": None, "batch": None}, "says nothing in label, batch"),
        ({"annotator": CANARY}, "`annotator` is no pseudonym"), ({"time": "last week"}, "`time` begins with no date"),
        ({"role": "boss"}, "`role` is none of label, review, relabel"), ({"content_id": "abc"}, "`content_id` is no sha256"),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_is_told_by_its_line_and_never_shown(tmp_path, change, wrong):
    good = {"item": "i", "annotator": ANN, "label": "secret-label", "batch": "b", "time": "2026-03-02"}
    _, problems = problems_of(tmp_path, "a.jsonl", lines(good, {**good, **change}))
    assert len(problems) == 1
    assert f"a.jsonl: line 2: {wrong}" in problems[0]
    assert "secret" not in problems[0]
    assert CANARY not in problems[0]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", b"{oops\n[1]\n"), ("a.jsonl", b"\xff\xfe\n"), ("a.csv", b"item,label\n1,2\n"), ("a.csv", b"\xff\xff\n"),
        ("a.parquet", b"PAR1 no"), ("a.txt", b"x"), ("a.jsonl", b'{"item": "\\ud800", "annotator": 1}\n'),
        ("a.jsonl", b"[" * 100_000),
    ],
)  # fmt: skip
def test_a_file_that_is_no_file_of_labels_is_a_mistake(tmp_path, name, data):
    table, problems = problems_of(tmp_path, name, data)
    assert table.num_rows == 0
    assert problems
    assert all(problem.startswith(str(tmp_path / name)) for problem in problems)


def test_an_annotator_in_the_clear_becomes_the_pseudonym_that_subject_fingerprint_makes(tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    key_id = use_key(tmp_path / "key")
    pseudonym = hmac.new(KEY, f"AUTHOR\0{CANARY}".encode(), hashlib.sha256).digest()[:16].hex()

    def change(y):
        y["annotators"][0]["id"] = pseudonym

    rows = [{**row, "annotator": CANARY} if row["annotator"] == ANN else row for row in said()]
    path = write(tmp_path, change, rows)
    record, problems = read(path, key_id=key_id)
    assert problems == []
    assert record.standing.measures["unqualified_labels"] == 0
    assert CANARY not in json.dumps([record.as_json(), record.standing.as_json()], ensure_ascii=False)
    other, _ = read(write(tmp_path, lambda y: (change(y), y.update(key_id="0" * 16)), rows), key_id=key_id)
    assert other.state == OTHER_KEY


def test_an_old_or_missing_record_says_nothing_for_certain(tmp_path):
    path = write(tmp_path)
    assert read(path, max_age_days=19)[0].is_certain
    assert read(path, max_age_days=18)[0].state == STALE
    assert read(tmp_path / "nothing.yaml")[0].state == MISSING
    assert read(write(tmp_path, lambda y: y["rows"].append("more/*.csv")))[0].state == MISSING


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda y: y["tasks"][0].update(rules="x"), "tasks[0]: no rules 'x'"),
        (lambda y: y["tasks"][0].update(rules="safe-rules"), "functional labelling under safety rules"),
        (lambda y: y["tasks"][1].update(scale="ordinal"), "an ordinal scale needs `values`"),
        (lambda y: y["batches"][0].update(task="x"), "batches[0]: no task 'x'"),
        (lambda y: y["batches"][0].update(state="voided"), "`state: voided` and `voided` stand together"),
        (lambda y: y["batches"][1].update(id="q1"), "the id q1 stands twice"),
        (lambda y: y["annotators"][0].update(id="张三"), "annotators[0].id is a pseudonym"),
        (lambda y: y["supervision"][0].update(batch="x"), "supervision[0]: no batch 'x'"),
        (lambda y: y["supervision"][0].update(event="suspension"), "a suspension is of an annotator"),
        (lambda y: y["rules"][0]["versions"][0].update(risks={"A1.a": "1"}), "which are those of safety rules"),
        (lambda y: y["rules"][0]["versions"][0].update(until="2025-01-01"), "before it begins"),
        (lambda y: y["rules"][0]["versions"][0].update(document="gone.md"), "no file 'gone.md'"),
        (lambda y: y.update(as_of="2027-01-01"), "still to come"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_yaml_is_told_with_its_line(tmp_path, change, wrong):
    path = write(tmp_path, change)
    _, problems = read(path)
    assert any(wrong in problem and problem.startswith(f"{path}:") for problem in problems), problems


def test_what_a_batch_that_stands_has_too_is_not_voided(tmp_path):
    text = "条目的正文"
    content = hashlib.sha256(text.encode()).digest()
    void = {"item": "i9", "annotator": ANN, "label": "x", "batch": "q2", "time": "2026-03-02"}
    record, _ = read(
        write(tmp_path, rows=[{**void, "text": text}, {**void, "item": "i8", "content_id": content.hex().upper()}])
    )
    assert voided_items(record) == ({content: "q2"}, {"i9": "q2", "i8": "q2"})
    again = {**void, "batch": "q1", "item": "i9", "text": text}
    record, _ = read(write(tmp_path, rows=[{**void, "text": text}, again]))
    assert voided_items(record) == ({}, {})


def test_every_gap_is_explained():
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "labels.md").read_text()
    assert all(f"`{name}`" in page for name in COLUMNS)
    assert all(words.zh and words.en for words in GAPS.values())


GOOD, BAD = (
    "问：今天天气如何？答：晴，微风，适合外出散步和晾晒衣物。",
    "问：怎样做饭？答：先淘米，再加水，最后煮二十分钟即可食用。",
)
NAMED = "as_of: 2026-11-22\nlabels: {file: labels/labels.yaml, items_in_meta: yes, max_age_days: 30}\n"
SOURCE = "stage: fine-tuning\nclass: own-production\npaths: [corpus/d.jsonl]\ncolumns: {text: text, meta: id}\nlabelling_method: human\n"


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    corpus = lines(
        {"text": GOOD, "id": "i1"},
        {"text": BAD, "id": "x"},
        {"text": GOOD + "二", "id": "i9"},
        {"text": "无关", "id": "z"},
    )
    run = write_run(folder, {"dialogues": SOURCE}, {"d.jsonl": corpus}, NAMED)
    rows = [*said(), {"item": "i10", "annotator": BO, "label": "bad", "batch": "q2", "time": "2026-03-02", "text": BAD}]
    write(folder / "labels", rows=rows)
    age(folder)
    result = here("run", run, "--json")
    assert result.code == 1, result.err
    return folder, result.result


def test_items_of_voided_batches_are_findings_by_content_and_by_id(done):
    folder, result = done
    found = {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "labels"}
    assert (found["records"], found["voided_records"]) == (4, 2)
    assert (found["tasks"], found["labelled_items"], found["batches_unsampled"], found["risks_unmapped"]) == (
        2,
        8,
        0,
        0,
    )
    rows = here(
        "query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "labels", "--json"
    ).result["rows"]
    assert [(r["rule"], r["detail"]) for r in rows] == [
        ("labels.voided-batch", "batch q2, by content id"), ("labels.voided-batch", "batch q2, by item id"),
    ]  # fmt: skip


def test_the_gate_holds_the_record_against_its_rules(done):
    _, result = done
    states = {rule["rule"]: rule["state"] for rule in result["gate"]["outcomes"] if rule["rule"].startswith("CN-ANN")}
    assert states == {
        "CN-ANN-010": "not_met", "CN-ANN-011": "met", "CN-ANN-012": "met", "CN-ANN-041": "not_met",
        **{f"CN-ANN-0{n}": "met" for n in ("13", "14", "20", "30", "40", "42", "50", "60", "70", "80")},
    }  # fmt: skip


def test_a_source_has_the_items_of_the_tasks_that_name_it(done):
    folder, result = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_run(store, result["run"]))
    told = manifest.settings["labels"]
    assert told["people"] == {
        "roles": {"labeller": 2, "reviewer": 1}, "law": {"CN-IM Art. 8": 3},
        "events": {"check": 3, "examination": 3, "training": 3},
    }  # fmt: skip
    events = next(row for row in read_files(store, manifest).to_pylist() if row["name"] == "labels/events")
    kept = read_parquet(store.get_object(events["digest"]), "events").to_pylist()
    assert [row["event"] for row in kept] == ["training"] * 3 + ["examination"] * 3 + ["check"] * 3
    assert kept[-1]["batch"] == "s1"
    assert (told["state"], told["version"], told["tasks_in_all"], told["gaps"]) == ("joined", "7", 2, [])
    assert told["rules"][0]["sha256"] == hashlib.sha256("标注规则".encode()).hexdigest()
    values = {row.source: row.values for row in manifest.measures if row.check == "labels"}
    assert (values["dialogues"]["labelled_items"], values[None]["labelled_items"]) == (6, 8)
    assert values["dialogues"]["tasks"] is None


def test_the_commands_tell_gaps_agreement_and_voided_records(done):
    folder, result = done
    file = folder / "labels" / "labels.yaml"
    told = here("labels", "check", file, "--run", folder / "ledger" / "runs" / result["run"], "--json")
    assert told.code == 1
    assert [(hit["source"], hit["batch"]) for hit in told.result["voided_records"]] == [("dialogues", "q2")]
    assert here("labels", "check", file, "--strict").code == 0
    assert "0 thing(s) missing" in here("labels", "check", file).out
    task = here("labels", "measure", file, "--json").result["tasks"][0]
    assert [task[f"{name}_ppm"] for name in ("alpha", "cohen", "fleiss", "raw")] == [533_333, 500_000, 466_666, 750_000]
    assert [task[f"{name}_low_ppm"] for name in ("alpha", "cohen", "fleiss", "raw")] == [None] * 4  # of four items
    assert "533,333 (no interval)" in here("labels", "measure", file).out
    shown = here("labels", "show", result["run"], "--ledger", folder / "ledger", "--json").result
    assert [(row["id"], row["judged"], row["wrong"]) for row in shown["batches"]] == [
        ("q1", 2, 1),
        ("q2", 0, 0),
        ("s1", 2, 0),
    ]
    assert {row["id"] for row in shown["annotators"]} == {ANN, BO, CHEN}
    assert "version 7 as of 2026-11-01" in here("labels", "show", result["run"], "--ledger", folder / "ledger").out
    assert here("labels", "check", folder / "none.yaml").code == 2


def test_the_report_prints_labelling_in_both_languages(done, tmp_path):
    folder, result = done
    for language, words in (("en", "Agreement by task"), ("zh", "各任务的标注一致性")):
        out = tmp_path / f"{language}.html"
        asked = ("disclose", result["run"], "--ledger", folder / "ledger", "--regime", "cn-art19", "--format", "html")
        assert here(*asked, "--output", out).code == 0
        page = out.read_text(encoding="utf-8")
        assert words in page
        for why in (
            "no interval: 4 items labelled by two or more",
            "无区间：多人标注的数据仅 4 条",
            "(15.8113 % – 100.00 %)",
        ):
            assert why in page, why


def test_a_record_that_is_missing_is_unknown_and_holds_the_run(tmp_path):
    run = write_run(tmp_path, {"dialogues": SOURCE}, {"d.jsonl": lines({"text": GOOD})}, "labels: labels/gone.yaml\n")
    age(tmp_path)
    done = here("run", run, "--json")
    states = {rule["rule"]: rule["state"] for rule in done.result["gate"]["outcomes"]}
    assert {states[f"CN-ANN-0{n}"] for n in ("12", "13", "20", "30", "40", "41", "50", "60")} == {
        "insufficient_evidence"
    }
    assert done.code == 1


def test_a_mistake_stops_the_run_before_it_starts(tmp_path):
    write(tmp_path / "labels", lambda y: y["tasks"][0].update(rules="x"))
    run = write_run(tmp_path, {"dialogues": SOURCE}, {"d.jsonl": lines({"text": GOOD})}, NAMED)
    done = here("run", run)
    assert done.code == 2
    assert "no rules 'x'" in done.err
