"""The Article 7(4) table: always four rows, before and after what the run really drops, from the ledger alone; figures against scipy."""

import csv
import json
import shutil

import pytest
from scipy import stats

from manifests.improvement import improvement_of
from manifests.improvement_words import ASPECTS, MEASURES
from manifests.ledger import open_ledger
from manifests.report_improvement import OF_MEASURES, OF_SYNTHETIC, improvement_blocks
from manifests.runs import load_manifest, sealed_run
from schemas.diversity import spread
from schemas.intervals import PPM
from schemas.ledger import LEDGER_FILE
from tests.kit.command import here, lines, write_run
from tests.kit.ledgers import small_ledger
from tests.pipelines.read.test_warc import http, record

SECRET = "PRODUCER-NAMES-A-PERSON"
MACHINE = "作为一个人工智能语言模型，我没有访问权限，下面是我的回答。"
LABEL = json.dumps({"AIGC": {"Label": "1", "ContentProducer": SECRET, "ProduceID": SECRET}})
TALES = [
    f"第{n}号材料记载了港口灯塔看守人{chr(0x4E00 + 37 * n)}{chr(0x5000 + 91 * n)}的一生，他每晚记录来往船只的灯号与风向。"
    for n in range(8)
]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("improvement")
    web = [
        {"text": MACHINE + TALES[0], "url": "https://bbs.example.org/1", "at": "2023-05-01"},
        {"text": MACHINE + TALES[0], "url": "https://bbs.example.org/1", "at": "2023-06-01"},  # a copy, which goes
        {"text": TALES[1], "url": "https://www.news.cn/1", "at": "2030-01-01"},
        {"text": TALES[2], "url": "https://www.news.cn/2", "at": "2022-01-01"},
        {"text": TALES[3], "url": "https://www.people.com.cn/2", "at": "2022-02-30"},
        {"text": TALES[4] + " Ã©Ã¨Ã§ Ã©Ã¨", "url": "https://example.com/", "at": "2021"},
    ]
    page = f"<html><head><!-- {LABEL} --></head><body><p>{TALES[5]}</p></body></html>".encode()
    sources = {
        "web": "paths: [corpus/web.jsonl]\ncolumns: {url: url, collected_at: at}\n",
        "pages": "paths: [corpus/pages.warc]\nformat: warc\n",
        "made": "paths: [corpus/made.md]\nformat: markdown\nclass: synthetic\ngenerator: {model: demo-lm, version: '3'}\n",
    }
    front = f"---\nAIGC:\n  Label: AIGC\n  ContentProducer: {SECRET}\n---\n{TALES[6]}\n".encode()
    files = {"web.jsonl": lines(*web), "pages.warc": record(http(page)), "made.md": front}
    run = write_run(folder, sources, files, "checks: {objectivity: {drawn_ppm: 1000000}}\n")
    done = here("run", run, "--json")
    assert done.code in (0, 1), done.err
    return done.result["run"], folder


def asked(sealed, *more):
    run, folder = sealed
    done = here("query", "improvement", run, "--ledger", folder / "ledger", *more)
    assert done.code == 0, done.err
    return done


def rows_of(sealed):
    return {(r["measure"], r["part"]): r for r in asked(sealed, "--json").result["rows"]}


def test_shares_stand_before_and_after_what_the_run_drops(sealed):
    rows = rows_of(sealed)
    assert asked(sealed, "--json").result["records"] == 8
    assert asked(sealed, "--json").result["kept"] == 7
    expected = {
        "synthetic_candidates": (4, 3), "assistant": (2, 1), "implicit-label": (2, 2), "declared_synthetic": (1, 1), "mojibake": (1, 1),
        "dates_ahead": (1, 1), "visible-label": (0, 0),
    }  # fmt: skip
    for measure, (before, after) in expected.items():
        row = rows[measure, None]
        assert (row["before"], row["after"]) == (round(before * PPM / 8), round(after * PPM / 7)), measure
        assert (row["rests_on"], row["rests_on_after"]) == (8, 7)
    assert (rows["impossible_dates", None]["before"], rows["impossible_dates", None]["after"]) == (125_000, None)


def test_shares_of_manners_have_two_sided_bounds_and_publishers_their_spread(sealed):
    rows = rows_of(sealed)
    row = rows["user-generated", None]
    assert (row["before"], row["after"], row["rests_on"], row["rests_on_after"]) == (250_000, round(PPM / 7), 8, 7)
    known = stats.binomtest(1, 7).proportion_ci(0.95, method="exact")
    assert (row["low"], row["high"]) == (int(known.low * PPM), -int(-known.high * PPM // 1))
    row = rows["publishers", "reporting"]
    three = [2, 1]
    assert row["before"] == round(1000 * 2.718281828459045 ** stats.entropy(three))
    assert rows["largest_publisher", "reporting"]["before"] == round(PPM * 2 / 3)
    assert rows["domains", None]["before"] == spread([2, 2, 1, 1, 1]).hill1_milli
    assert (rows["domains", None]["rests_on"], rows["domains", None]["rests_on_after"]) == (7, 6)


def test_candidates_are_told_by_source_and_year(sealed):
    years = {(y["source"], y["year"]): y for y in asked(sealed, "--json").result["years"]}
    assert years["web", "2023"] == {
        "source": "web", "year": "2023", "records": 2, "candidates": 2, "candidates_ppm": PPM, "kept_records": 1, "kept_candidates": 1,
        "kept_candidates_ppm": PPM,
    }  # fmt: skip
    assert (years["web", "2022"]["candidates_ppm"], years["made", "undated"]["records"]) == (0, 1)
    assert years["pages", "2020"]["candidates"] == 1
    assert "2023" in asked(sealed, "--years").out


def test_what_nothing_measured_says_so_and_all_four_stand_there(sealed):
    told = asked(sealed).out
    accuracy = next(line for line in told.splitlines() if line.startswith("accuracy"))
    assert accuracy.count("not measured") == 7
    assert [aspect for aspect in ASPECTS if f"\n{aspect}" in told] == list(ASPECTS)
    run, folder = sealed
    store = open_ledger(str(folder / "ledger")).store
    blocks = improvement_blocks(store, load_manifest(store, sealed_run(store, run)))
    table = blocks[OF_MEASURES][0]
    said = [cell.value.en for cell, *_ in table.rows]
    assert list(dict.fromkeys(said)) == list(ASPECTS)
    assert next(row for row in table.rows if row[0].value.en == "accuracy")[3].value == "not-measured"
    assert blocks[OF_SYNTHETIC][0].caption == "synthetic_years"


def test_people_s_verdicts_fill_accuracy_before_and_after(sealed):
    run, folder = sealed
    ledger = folder / "judged"
    shutil.copytree(folder / "ledger", ledger)
    for plan, failing in (("accuracy-collected", {1: "false", 2: "outdated"}), ("accuracy", {1: "unverifiable"})):
        sheet = folder / f"{plan}.csv"
        drawn = here("review", "draw", run, "--ledger", ledger, "--plan", plan, "--output", sheet, "--json")
        assert drawn.code == 0, drawn.err
        with sheet.open(encoding="utf-8-sig", newline="") as file:
            heads, *cells = csv.reader(file)
        names = [head.split(" ")[0] for head in heads]
        filled = []
        for line in cells:
            row = dict(zip(names, line, strict=True))
            reason = failing.get(int(row["number"]))
            verdict = "fail" if reason else "pass"
            row |= {
                "verdict": verdict,
                "verdict_2": verdict,
                "reviewer": "Zhao",
                "reviewer_2": "Qian",
                "reason": reason or "",
            }
            filled.append([row[name] for name in names])
        with sheet.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heads, *filled])
        done = here("review", "import", sheet, "--ledger", ledger, "--json")
        assert done.code == 0, done.err
    rows = rows_of(sealed)
    store = open_ledger(str(ledger)).store
    found = {
        row.measure: row
        for row in improvement_of(store, load_manifest(store, sealed_run(store, run))).rows
        if row.aspect == "accuracy"
    }
    assert rows["failing", None]["before"] is None  # the other copy of the ledger has no review
    assert (found["failing"].before, found["failing"].after, found["failing"].rests_on) == (250_000, round(PPM / 7), 8)
    assert (found["false"].before, found["false"].after, found["outdated"].before) == (125_000, 0, 125_000)
    row = found["unverifiable"]
    low, high = stats.beta.ppf(0.05, 1, 7), stats.beta.ppf(0.95, 2, 6)
    assert (row.before, row.after, row.low, row.high) == (0, round(PPM / 7), int(low * PPM), -int(-high * PPM // 1))


def test_no_id_of_a_label_is_in_the_ledger(sealed):
    run, folder = sealed
    data = b"".join(path.read_bytes() for path in (folder / "ledger").rglob("*") if path.is_file())
    assert LEDGER_FILE in {path.name for path in (folder / "ledger").iterdir()}
    assert SECRET.encode() not in data
    findings = here(
        "query", "findings", run, "--ledger", folder / "ledger", "--check", "authenticity", "--json"
    ).result["rows"]
    assert {(f["source"], f["detail"]) for f in findings if "implicit" in f["rule"]} == {
        ("pages", "generated/standard/3"), ("made", "generated/other/2"),
    }  # fmt: skip


def test_a_run_of_an_earlier_version_has_its_four_rows_too(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    manifest = load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))
    found = improvement_of(ledger.store, manifest)
    assert {row.aspect for row in found.rows} == set(ASPECTS)
    assert all(row.before is None for row in found.rows if row.aspect in ("accuracy", "objectivity"))
    table = improvement_blocks(ledger.store, manifest)[OF_MEASURES][0]
    assert [row[0].value.en for row in table.rows if row[3].value == "not-measured"].count("objectivity") == 1


def test_every_measure_has_words_in_both_languages():
    assert {told.aspect for told in MEASURES.values()} == set(ASPECTS)
    assert all(text.strip() for told in MEASURES.values() for text in (*vars_of(told.title), *vars_of(told.method)))


def vars_of(words):
    return words.zh, words.en
