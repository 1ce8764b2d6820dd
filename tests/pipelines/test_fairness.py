"""Fairness of a sealed run, by the real command: the screening, a ground of the customer's own, what the report says of it."""

import re

import pytest

from checks import BY_NAME
from checks.fairness import Fairness
from checks.fairness.lexicon import own_digest
from manifests.fairness import screening_of, told
from manifests.ledger import open_ledger
from manifests.runs import load_manifest, sealed_run
from pipelines.config import load_run
from schemas.errors import ConfigError, StoreError
from schemas.fairness_precision import measured_precision
from tests.kit.command import here, lines, write_run
from tests.kit.ledgers import small_ledger
from tests.kit.records import texts

OWN = """lexicon: ours
version: "1"
grounds:
  household:
    title: {zh: 户籍, en: household registration}
    groups:
      rural-hukou: {zh: [农业户口]}
negative: {zh: [低端]}
"""
ZH = ("她是护士，很懒惰。", "他是壮族工程师。", "农业户口的人很低端！", "天气很好。")
EN = ("The nurse forgot her keys. The man is an engineer.", "It rained.")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fairness")
    (folder / "ours.yaml").write_text(OWN, encoding="utf-8")
    sources = {
        "en": "paths: [corpus/en.jsonl]\nlicence: CC0-1.0\n",
        "zh": "paths: [corpus/zh.jsonl]\nlicence: CC0-1.0\n",
    }
    files = {name: lines(*({"text": text} for text in of)) for name, of in (("en.jsonl", EN), ("zh.jsonl", ZH))}
    extra = "checks: {fairness: {read: full, lexicons: [ours.yaml]}}\n"
    done = here("run", write_run(folder, sources, files, extra), "--json")
    return done.result, folder / "ledger"


def asked(sealed, *more):
    result, ledger = sealed
    done = here("query", "fairness", result["run"], "--ledger", ledger, *more)
    assert done.code == 0, done.err
    return done


def test_the_screening_is_that_of_all_texts_together(sealed):
    found = asked(sealed, "--json").result
    check = Fairness(read="full", lexicons=(text_of(sealed),))
    whole = told(check.look(texts(*ZH, *EN)).total)
    assert found["records"] == found["drawn_records"] == 6
    assert found["mention_records"] == whole.mention_records == 4
    assert [(row["ground"], row["group"], row["sentences"], row["negative"]) for row in found["rows"]] == [
        (row.ground, row.group, row.sentences, row.negative) for row in whole.groups
    ]
    assert {row["ground"] for row in found["grounds"]} == {"ethnicity", "gender", "household", "occupation"}
    assert {row["occupation"]: (row["female"], row["male"]) for row in found["occupations"]} == {
        "nurse": (2, 0),
        "engineer": (0, 2),
    }
    assert {row["pronoun"] for row in found["pronouns"]} == {"she", "zh-she", "zh-he"}
    assert "screening indicator" in found["note"]
    shown = [(p["ground"], p["language"], p["right"], p["judged"]) for p in found["precision"]]
    assert shown == [(p.ground, p.language, p.right, p.judged) for p in measured_precision(own_digest())]
    assert len(shown) == 16


def text_of(sealed):
    result, ledger = sealed
    store = open_ledger(str(ledger)).store
    manifest = load_manifest(store, sealed_run(store, result["run"]))
    (check,) = [c for c in manifest.checks if c.name == "fairness"]
    (text,) = check.settings["lexicons"]
    return text


def test_one_source_and_one_ground_alone(sealed):
    found = asked(sealed, "--json", "--source", "zh", "--ground", "occupation").result
    assert [(row["group"], row["mentions"]) for row in found["rows"]] == [("engineer", 1), ("nurse", 1)]
    assert found["pronouns"] == []
    assert [(row["ground"], row["language"]) for row in found["precision"]] == [
        ("occupation", "zh"),
        ("occupation", "en"),
    ]
    shown = asked(sealed, "--source", "zh").out
    assert shown.startswith("screening indicator: ")
    assert "4 of 4 records drawn and read; 3 of them name a group" in shown
    assert re.search(r"household +rural-hukou +1 +1 ", shown)
    result, ledger = sealed
    unknown = here("query", "fairness", result["run"], "--ledger", ledger, "--source", "none")
    assert unknown.code != 0
    assert "no source 'none'; it has en, zh" in unknown.err


def test_the_measures_and_the_report_call_it_a_screening(sealed, tmp_path):
    result, ledger = sealed
    found = {m["measure"]: m["value"] for m in result["measures"] if m["check"] == "fairness" and m["source"] is None}
    assert (found["grounds"], found["drawn_records"], found["occupation_mentions"]) == (9, 6, 4)
    page = tmp_path / "report.html"
    done = here("disclose", result["run"], "--ledger", ledger, "--output", page)
    assert done.code == 0, done.err
    text = page.read_text(encoding="utf-8")
    assert "以下为筛查指标" in text
    assert "What follows are screening indicators" in text
    assert "share that name the group" in text
    assert "73.9694" in text  # lower end of gender in English, 23 of 25 judged
    assert "农业户口" not in text  # the customer's words stand there by digest alone


def test_a_run_without_the_check_says_so(tmp_path):
    ledger, _ = small_ledger(tmp_path, signed=False)
    with pytest.raises(StoreError, match="it was not screened; scan with the check `fairness` on"):
        screening_of(ledger.store, load_manifest(ledger.store, sealed_run(ledger.store, "run-1")))


def test_a_wrong_list_is_told_with_its_line(tmp_path):
    (tmp_path / "ours.yaml").write_text(OWN.replace("[低端]", "[low-端]"), encoding="utf-8")
    path = write_run(
        tmp_path, {"a": "paths: [corpus/a.jsonl]\nlicence: CC0-1.0\n"}, {"a.jsonl": lines({"text": "x"})},
        "checks: {fairness: {lexicons: [ours.yaml]}}\n",
    )  # fmt: skip
    with pytest.raises(ConfigError) as error:
        load_run(path, BY_NAME, "2026-11-22")
    assert any("ours.yaml:8: the word 'low-端' cannot be sought" in one for one in error.value.problems), (
        error.value.problems
    )


@pytest.fixture(scope="module")
def thinned(tmp_path_factory):
    """120 records: those of one group are copies of each other and go, those of another stay."""
    folder = tmp_path_factory.mktemp("thinned")
    told = [f"第{n}位壮族老人讲了自己的故事。" for n in range(60)] + ["藏族老人讲了自己的故事。"] * 60
    sources = {"zh": "paths: [corpus/zh.jsonl]\nlicence: CC0-1.0\n"}
    files = {"zh.jsonl": lines(*({"text": text} for text in told))}
    extra = "checks: {fairness: {read: full}}\ndedup: {threshold_ppm: 1000000}\n"
    done = here("run", write_run(folder, sources, files, extra), "--json")
    return done.result, folder / "ledger"


def test_what_filtering_left_of_each_group_is_held_against_the_others_of_its_ground(thinned):
    found = asked(thinned, "--ground", "ethnicity", "--json").result
    rows = {row["group"]: row for row in found["filtering"]}
    assert found["drawn_kept_records"] == 61
    assert {name: (row["records"], row["kept"], row["unfit"]) for name, row in rows.items()} == {
        "zhuang": (60, 60, 0),
        "tibetan": (60, 1, 0),
    }
    assert (rows["tibetan"]["dropped_ppm"], rows["tibetan"]["others_dropped_ppm"]) == (983_333, 0)
    assert rows["tibetan"]["z_milli"] == -rows["zhuang"]["z_milli"] > 3_000
    assert rows["tibetan"]["marked"] is rows["zhuang"]["marked"] is True
    words = asked(thinned, "--ground", "ethnicity").out
    assert "61 of 120 records drawn are kept; by group:" in words


def test_the_report_names_the_groups_of_which_filtering_took_more_or_fewer(thinned, sealed, tmp_path):
    pages = []
    for name, (result, ledger) in (("thinned", thinned), ("sealed", sealed)):
        made = here("disclose", result["run"], "--ledger", ledger, "--output", tmp_path / f"{name}.html")
        assert made.code == 0, made.err
        pages.append((tmp_path / f"{name}.html").read_text())
    assert "被剔除比例明显偏高或偏低的群体" in pages[0]
    assert all(word in pages[0] for word in ("tibetan", "98.3333 %", "zhuang"))
    assert "没有哪个群体被剔除的比例明显高于或低于同类其他群体" in pages[1]
