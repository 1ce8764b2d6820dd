"""Dropping under a quality profile by the real command: what goes, what stands for what, and no shard read for another profile."""

import json

import pyarrow.parquet as pq
import pytest

from manifests.runs import load_manifest, sealed_runs
from manifests.store import open_store
from manifests.tables import read_files, read_units
from tests.kit.command import age, here, lines, write_run

FULL = "checks: {quality: {signals: full}}\n"
OURS = """profile: ours
version: "3"
title: {zh: 自有规则, en: our rules}
source: decision of the data board, 2026-11-02
mark: H
languages: [zh]
rules:
  - {id: short, counts: [chars], least: 60, source: as above}
  - {id: long, counts: [chars], most: 260, source: as above}
"""
SENTENCES = (
    "春天来临时，山谷中的农民打开木闸，让清凉河水流进低处田地。", "孩子们追着纸船奔跑，老人坐在百年老屋门前聊天。",
    "没有谁知道最早挖渠者姓甚名谁，不过桥边石碑刻着三个家族，并提醒旅客小心慢行。", "入夏以后雨水渐多，村里人轮流守堤，夜里提着灯笼来回巡看。",
    "秋收时节，家家把稻谷摊在晒场上，风里都是新米的香气。", "到了冬天，渠水结冰，木匠们便在祠堂里修补闸门，准备来年再用。",
    "镇上的学堂请来一位先生，教孩子们丈量田亩、记录水位。", "他把每年的水位抄在一本册子里，如今仍收在县里的档案馆。",
)  # fmt: skip
BODY = "".join(SENTENCES)
LONGER = BODY + "".join(
    f"第{n}户人家的田在渠的{side}边。" for n, side in zip("一二三四五六", "东西南北左右", strict=True)
)
SHORT = "短短一句话，说的是山谷里的水。"
ENGLISH = "A short English line that no Chinese profile has anything to say about, so it stays."
SOURCES = {"web": "paths: [corpus/web.jsonl]\nlicence: CC0-1.0\n"}
FILES = {"web.jsonl": lines({"text": LONGER}, {"text": BODY}, {"text": SHORT}, {"text": ENGLISH})}


def decided(folder, run):
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, next(one for one in sealed_runs(store) if one.run == run))
    found = []
    for unit in read_units(store, manifest).to_pylist():
        told = json.loads(unit["objects"]).get("decisions", {}).get("decisions", {}).get("sha256")
        if told is not None:
            found += [
                (r["decision"], r["rule"])
                for r in pq.read_table(folder / "ledger/objects" / told[:2] / told).to_pylist()
            ]
    return found


def measures(result):
    return {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "selection"}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("selection")
    (folder / "ours.yaml").write_text(OURS)
    run = write_run(folder, SOURCES, FILES, FULL + "drop_under: [ours.yaml]\ndedup: {threshold_ppm: 500000}\n")
    age(folder)
    result = here("run", run, "--json")
    assert result.code in (0, 1), result.err
    return folder, run, result.result


def test_what_a_profile_takes_out_is_not_kept_and_stands_for_no_copy(done):
    folder, _, result = done
    assert len(BODY) <= 260 < len(LONGER)
    assert decided(folder, result["run"]) == [
        (2, "selection.ours.long"),
        (0, None),
        (2, "selection.ours.short"),
        (0, None),
    ]
    assert result["copies"]["near"] == 0
    told = measures(result)
    assert (told["judged_records"], told["unsuited_records"], told["unfit_records"], told["dropped_records"]) == (
        3,
        1,
        2,
        2,
    )
    assert result["counts"]["decisions"] == {"dropped": 2, "held": 0, "kept": 2, "redacted": 0}
    assert here("verify", folder / "ledger").code == 0


def test_without_a_profile_the_longer_record_stands_for_the_other(tmp_path):
    run = write_run(tmp_path, SOURCES, FILES, "dedup: {threshold_ppm: 500000}\n")
    result = here("run", run, "--json").result
    assert decided(tmp_path, result["run"])[:2] == [(0, None), (2, "duplicates.near")]
    assert set(measures(result).values()) == {None}


def test_the_manifest_keeps_the_rules_as_they_were(done):
    folder, _, result = done
    store = open_store(str(folder / "ledger"))
    manifest = load_manifest(store, next(one for one in sealed_runs(store) if one.run == result["run"]))
    entry = next(c for c in manifest.checks if c.name == "selection")
    assert entry.settings["profiles"] == ["ours 3"]
    row = next(r for r in read_files(store, manifest).to_pylist() if r["name"] == "selection/rules")
    assert (row["digest"], row["rows"]) == (entry.settings["index"], 2)
    rules = pq.read_table(folder / "ledger/objects" / row["digest"][:2] / row["digest"]).to_pylist()
    assert [(r["rule"], r["least"], r["most"], r["source"]) for r in rules] == [
        ("short", 60, None, "as above"),
        ("long", None, 260, "as above"),
    ]


def test_another_profile_reads_no_shard_again(done):
    folder, run, first = done
    text = run.read_text()
    (folder / "theirs.yaml").write_text(OURS.replace("ours", "theirs").replace("least: 60", "least: 5"))
    again = folder / "again.yaml"
    again.write_text(text.replace("[ours.yaml]", "[theirs.yaml]"))
    result = here("run", again, "--json").result
    assert set(result["made"]) == {"selection"}
    assert decided(folder, result["run"]) == [(2, "selection.theirs.long"), (0, None), (0, None), (0, None)]
    same = here("run", run, "--json").result
    assert (same["made"], measures(same)) == ({}, measures(first))


def test_the_answer_names_profiles_rules_and_sizes_before_and_after(done):
    folder, _, result = done
    told = here("query", "selection", result["run"], "--ledger", folder / "ledger", "--json").result
    assert [(p["name"], p["version"], p["languages"]) for p in told["profiles"]] == [("ours", "3", ["zh"])]
    assert [(r["rule"], r["first"], r["every"]) for r in told["rules"]] == [("short", 1, 1), ("long", 1, 1)]
    rows = {row["language"]: (row["records"], row["judged_records"], row["unfit_records"]) for row in told["rows"]}
    assert rows == {"en": (1, 0, 0), "zh": (1, 1, 1), "zh-Hans": (2, 2, 1)}
    assert sum(row["unfit_bytes"] for row in told["rows"]) == len((LONGER + SHORT).encode())
    words = here("query", "selection", result["run"], "--ledger", folder / "ledger").out
    assert "ours 3, made for zh" in words
    assert "2 records dropped for it" in words


def test_a_profile_asked_for_afterwards_says_whether_the_run_dropped_under_it(done):
    folder, _, result = done
    asked = ("query", "profile", result["run"], "--ledger", folder / "ledger", "--json", "--profile")
    assert here(*asked, folder / "ours.yaml").result["dropped_in_the_run"] is True
    assert here(*asked, "map-cc").result["dropped_in_the_run"] is False


def test_the_report_says_under_which_profile_and_how_many_in_both_languages(done):
    folder, _, result = done
    made = here("disclose", result["run"], "--ledger", folder / "ledger", "--output", folder / "report.html")
    assert made.code == 0, made.err
    page = (folder / "report.html").read_text()
    for words in (
        "据以剔除记录的质量规则集",
        "Quality profiles that records were left out under",
        "自有规则（ours 3）",
        "our rules (ours 3)",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            "drop_under: [gopher]\n",
            "drop_under: 'gopher' reads 'bullet_lines', which only a share of the records has; set",
        ),
        (FULL + "drop_under: [gophre]\n", "drop_under: profile gophre: did you mean 'gopher'?"),
        (FULL + "drop_under: [gopher, gopher]\n", "drop_under: 'gopher' stands there twice"),
        ("checks: {quality: off}\ndrop_under: [gopher]\n", "drop_under: the check `quality` is off"),
        ("checks: {selection: off}\ndrop_under: [gopher]\n", "drop_under: the check `selection` is off"),
        (FULL + "drop_under: ['s3://x/y.yaml']\n", "drop_under: 's3://x/y.yaml' is no file of this machine"),
        (FULL + "drop_under: [bad.yaml]\n", "bad.yaml:8: rule short: no count 'chras'"),
        (
            "checks: {selection: {profiles: [gopher 1]}}\n",
            "checks.selection: index, profiles, files, rules and counts follow from",
        ),
    ],
)
def test_a_mistake_is_told_before_a_worker_starts(tmp_path, more, words):
    (tmp_path / "bad.yaml").write_text(OURS.replace("counts: [chars], least: 60", "counts: [chras], least: 60"))
    result = here("run", write_run(tmp_path, SOURCES, FILES, more))
    assert result.code == 2
    assert words in result.err


def test_a_record_that_a_list_takes_out_too_goes_for_the_list(tmp_path):
    import hashlib

    (tmp_path / "ours.yaml").write_text(OURS)
    (tmp_path / "takedowns.txt").write_text(hashlib.sha256(SHORT.encode()).hexdigest() + "\n")
    more = FULL.replace("}}", "}, duplicates: off}") + "drop_under: [ours.yaml]\nlists: {takedowns: takedowns.txt}\n"
    result = here("run", write_run(tmp_path, SOURCES, FILES, more), "--json").result
    assert decided(tmp_path, result["run"]) == [
        (2, "selection.ours.long"),
        (0, None),
        (2, "listed.taken-down"),
        (0, None),
    ]
    told = measures(result)
    assert (told["unfit_records"], told["dropped_records"]) == (2, 1)
    assert result["counts"]["decisions"]["dropped"] == 2
