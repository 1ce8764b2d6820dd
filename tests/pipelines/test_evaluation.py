"""Evaluation sets of run.yaml: every mistake told with its line, hashes alone stored, items found by the real command."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from checks import BY_NAME
from checks.contamination import ENTRIES
from manifests.places import finding_places
from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files
from pipelines import evaluation
from pipelines.config import load_run
from schemas.errors import ConfigError
from tests.kit.command import here, lines, write_run

EN = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. "
    "How many clips did Natalia sell altogether in April and May?"
)
ZH = "某商店第一天卖出苹果三十六千克，第二天卖出的苹果比第一天的两倍还多四千克，两天一共卖出苹果多少千克？请写出过程。"
EDITED = EN.replace("friends", "neighbours")
SHORT = "one two three four five six seven eight nine ten eleven twelve"
SOURCE = "paths: [corpus/{0}.jsonl]\n"
FILLING = "The archive keeps a list of everything that came in, and nobody has to guess what stands on which shelf. "
SETS = """\
evaluation_sets:
  gsm8k: {path: sets/gsm8k.jsonl, fields: [question, answer.text]}
  ceval: sets/ceval.jsonl
"""


def prepared(folder: Path, more: str = SETS) -> Path:
    files = {
        "web.jsonl": lines(
            {"text": f"{FILLING * 5}{EN.upper()}"}, {"text": FILLING}, {"text": EDITED}, {"text": SHORT}
        ),
        "zh.jsonl": lines({"text": ZH[:31]}, {"text": f"{ZH}以上是题目。"}, {"text": ZH[:28]}),
    }
    run = write_run(folder, {name: SOURCE.format(name) for name in ("web", "zh")}, files, more)
    (folder / "sets").mkdir()
    (folder / "sets/gsm8k.jsonl").write_bytes(
        b"\xef\xbb\xbf" + lines({"question": EN, "answer": {"text": "She sold 72 clips.", "n": 72}}, {"question": SHORT}) + b"\n \n"
        + lines({"question": EN.lower(), "answer": {"text": "she sold 72 CLIPS!"}})
    )  # fmt: skip
    (folder / "sets/ceval.jsonl").write_bytes(lines({"id": 7, "question": ZH, "choices": ["甲", "乙"]}))
    return run


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluation")
    result = here("run", prepared(folder), "--json")
    assert result.code in {0, 1}, result.err
    return folder, result.result


def told(part, whole):
    return f"{part * 1_000_000 // whole} ppm"


def measures(result):
    return {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "contamination"}


def test_planted_items_are_found_and_counted(done):
    _, result = done
    assert measures(result) == {
        "records": 7, "contaminated_records": 4, "contaminated_records_ppm": 571_428, "contaminated_spans": 4,
        "items_found": 2, "items_found_ppm": 1_000_000, "sets": 2, "items": 4, "items_sought": 2, "items_too_short": 1,
        "items_set_aside": 1,
    }  # fmt: skip


def test_query_findings_names_place_item_and_overlap(done):
    folder, result = done
    asked = here(
        "query", "findings", result["run"], "--ledger", folder / "ledger", "--check", "contamination", "--json"
    )
    rows = [(r["source"], r["rule"], r["start"], r["end"], r["detail"]) for r in asked.result["rows"]]
    first = len(FILLING) * 5
    assert rows == [  # the items have 35 and 54 terms, so 23 and 25 shingles
        ("web", "contamination.gsm8k", first, first + len(EN) - 1, f"item 1: {told(19, 23)} of its 13-term shingles"),
        ("web", "contamination.gsm8k", EDITED.index("in April"), len(EDITED) - 1, f"item 1: {told(11, 23)} of its 13-term shingles"),
        ("zh", "contamination.ceval", 0, 31, f"item 1: {told(1, 25)} of its 30-term shingles"),
        ("zh", "contamination.ceval", 0, len(ZH) - 1, f"item 1: {told(23, 25)} of its 30-term shingles"),
    ]  # fmt: skip


def test_the_ledger_holds_hashes_of_the_sets_and_no_text(done):
    folder, _ = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, sealed_runs(store)[0])
    kept = {r["name"]: r for r in read_files(store, manifest).to_pylist()}["evaluation/index"]
    entry = next(c for c in manifest.checks if c.name == "contamination")
    assert entry.settings["index"] == entry.inputs["evaluation index"] == kept["digest"]
    assert entry.settings["sets"] == ["ceval", "gsm8k"]
    assert (entry.settings["items"], entry.settings["too_short"], entry.settings["repeated"]) == (
        [1, 3],
        [0, 1],
        [0, 1],
    )
    path = folder / "ledger/objects" / kept["digest"][:2] / kept["digest"]
    table = pq.read_table(path)
    assert table.schema.names == ENTRIES.names
    assert (table.num_rows, kept["kind"]) == (kept["rows"], "corpusledger.evaluation")
    whole = b"".join(p.read_bytes() for p in (folder / "ledger").rglob("*") if p.is_file())
    for text in ("Natalia", "natalia", "苹果", "She sold"):
        assert text.encode() not in whole
    verified = here("verify", folder / "ledger")
    assert (verified.code, "unsealed" in verified.out) == (0, False)
    assert len(list(finding_places(store, manifest, check="contamination"))) == 4


def test_other_items_make_this_check_s_work_anew_and_no_other_s(tmp_path):
    run = prepared(tmp_path)
    first = here("run", run, "--json").result
    (tmp_path / "sets/ceval.jsonl").write_bytes(lines({"question": "别的题目" * 20}))
    again = here("run", run, "--json").result
    assert again["made"] == {"contamination": first["made"]["contamination"]}
    assert (measures(again)["contaminated_records"], measures(again)["items_found"]) == (2, 1)
    run.write_text(run.read_text().replace(SETS, ""))
    without = here("run", run, "--json").result
    assert without["made"] == {"contamination": 2}
    assert set(measures(without).values()) == {None}


def wrong(folder, more=SETS, **sets):
    run = prepared(folder, more)
    for name, data in sets.items():
        (folder / "sets" / f"{name}.jsonl").write_bytes(data)
    with pytest.raises(ConfigError) as caught:
        load_run(run, BY_NAME, "2026-11-22")
    return [p.replace(f"{folder}/", "") for p in caught.value.problems if "sources/" not in p]


ITEM = {"question": EN, "answer": {"text": "72"}}


def test_every_mistake_is_told_with_file_and_line(tmp_path):
    bad = b'{"question": "no end\n[1]\n\xff\n{"question": "\\ud800"}\n{"other": "x"}\n' + b"[" * 100_000 + b"\n"
    assert wrong(tmp_path, gsm8k=lines(ITEM) + bad, ceval=b"\n \n") == [
        "run.yaml:9: evaluation_sets.ceval: 'sets/ceval.jsonl' has no items; name the file that holds them, or take the set out",
        "sets/gsm8k.jsonl:2: no JSON; an evaluation set has one object a line",
        "sets/gsm8k.jsonl:3: no JSON object; an evaluation set has one object a line",
        "sets/gsm8k.jsonl:4: bad UTF-8; write the file as UTF-8",
        "sets/gsm8k.jsonl:5: half of a surrogate pair in a text; write it as UTF-8",
        "sets/gsm8k.jsonl:6: no text in 'question' or 'answer.text'; take the line out, or name its fields",
        "sets/gsm8k.jsonl:7: no JSON; an evaluation set has one object a line",
    ]


def test_files_fields_and_formats_that_are_not_there_are_told_together(tmp_path):
    more = (
        "evaluation_sets:\n  a: sets/none.jsonl\n  b: {path: sets, format: parquet}\n  c: {path: sets/gsm8k.jsonl, fields: [quest, question]}\n"
        "  d: s3://bucket/set.jsonl\n  e: {path: sets}\n"
    )
    assert wrong(tmp_path, more) == [
        "run.yaml:9: run.evaluation_sets.b.format has no value 'parquet'; known: jsonl",
    ]
    (tmp_path / "again").mkdir()
    assert wrong(tmp_path / "again", more.replace(", format: parquet", "")) == [
        "run.yaml:8: evaluation_sets.a: 'sets/none.jsonl' cannot be read (No such file or directory); correct the path (it starts from "
        f"'{tmp_path}/again')",
        "run.yaml:9: evaluation_sets.b: 'sets' cannot be read (Is a directory); correct the path (it starts from "
        f"'{tmp_path}/again')",
        "run.yaml:10: evaluation_sets.c: no item has text in a field 'quest'; did you mean 'question'?",
        "run.yaml:11: evaluation_sets.d: 's3://bucket/set.jsonl' is no file of this machine; evaluation sets are read from local "
        "files, fetch it",
        "run.yaml:12: evaluation_sets.e: 'sets' cannot be read (Is a directory); correct the path (it starts from "
        f"'{tmp_path}/again')",
    ]


def test_a_set_without_a_usable_item_is_refused(tmp_path):
    told = wrong(tmp_path, ceval=lines({"text": ZH[:20]}, {"text": "too short"}))
    assert len(told) == 1
    assert "evaluation_sets.ceval: no usable item: of 2 items 2 have fewer than 13 terms (30 where most" in told[0]


def test_mistakes_without_end_are_counted(tmp_path):
    told = wrong(tmp_path, gsm8k=b"{}\n" * 1000)
    assert len(told) == 21
    assert told[-1] == "sets/gsm8k.jsonl: 980 more lines are no items; mend the file"


def test_more_items_than_a_tally_can_mark_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "MOST_ITEMS", 3)
    assert "with this set there are 4 items of" in wrong(tmp_path)[0]


def test_sets_for_a_check_that_is_off_are_a_mistake(tmp_path):
    told = wrong(tmp_path, SETS + "checks: {contamination: off}\n")
    assert told == ["run.yaml:7: evaluation_sets: the check `contamination` is off; take one of the two out"]


def test_settings_that_follow_from_the_sets_are_not_for_run_yaml(tmp_path):
    told = wrong(tmp_path, SETS + f"checks: {{contamination: {{index: {'a' * 64}}}}}\n")
    assert len(told) == 1
    assert "leave them out here" in told[0]


def test_text_of_an_item_without_fields(tmp_path):
    path = tmp_path / "set.jsonl"
    rows = [{"text": "alone", "more": "x"}, {"text": 7, "b": ["one", {"c": "two"}], "d": None, "e": 3, "f": "three"}]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    with path.open("rb") as file:
        assert [i.text for i in evaluation._Reading(()).items(file)] == ["alone", "one\ntwo\nthree"]
