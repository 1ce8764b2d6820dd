"""Fairness of a sealed run, by the real command: the screening, a ground of the customer's own, what the report says of it."""

import re

import pytest

from checks import BY_NAME
from checks.fairness import Fairness
from manifests.fairness import screening_of, told
from manifests.ledger import open_ledger
from manifests.runs import load_manifest, sealed_run
from pipelines.config import load_run
from schemas.errors import ConfigError, StoreError
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
