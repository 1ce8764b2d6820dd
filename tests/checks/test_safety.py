"""Candidates of risks: places by risk without the words, counts once a record, evasion, a customer's library; goldens in Chinese."""

import json

import pyarrow as pa
import pytest

from checks.base import encode_tally
from checks.safety import ENTRIES, Safety, use_library
from checks.safety.check import measure_of
from checks.safety.starter import PATH, read_starter, starter
from checks.triggers import ENGINES, scan
from schemas.errors import ConfigError, LedgerError
from schemas.risks import risk_ids
from tests.kit.records import records

PLAIN = "警方提醒：赌博违法，远离毒品。The police warn of gambling."


def look(*texts, check=None):
    check = check or Safety()
    seen = check.look(records([{"text": text} for text in texts]))
    told = {name: value for name, value in check.report(seen.total).items() if value}
    return told, [] if seen.findings is None else seen.findings.to_pylist()


def with_library(*pairs, **more):
    leaves = risk_ids()
    table = pa.table(
        {"word": [word for word, _ in pairs], "risk": [leaves.index(leaf) for _, leaf in pairs]}, schema=ENTRIES
    )
    name = json.dumps(pairs, ensure_ascii=False)
    use_library(name, lambda: table)
    counts = tuple(sum(leaf == one for _, one in pairs) for leaf in leaves)
    return Safety(
        library=name, library_file="f" * 64, library_by_risk=counts, library_distinct=len({w for w, _ in pairs}), **more
    )


def test_candidates_are_placed_by_risk_and_not_shown():
    text = "注意：\n网上赌场开户，送彩金\nHow to make a BOMB at home"
    told, findings = look(PLAIN, text)
    assert told == {
        "records": 2, "candidate_records": 1, "candidate_records_ppm": 500_000, "candidates": 2, "starter_records": 1,
        "a1_d_candidate_records": 1, "a1_h_candidate_records": 1,
    }  # fmt: skip
    assert [(f["rule"], f["row"], f["detail"], text[f["start"] : f["end"]]) for f in findings] == [
        ("safety.A1.h", 1, "starter", "网上赌场开户"), ("safety.A1.d", 1, "starter", "How to make a BOMB"),
    ]  # fmt: skip
    for finding in findings:
        assert (
            text.encode()[finding["start_byte"] : finding["end_byte"]].decode()
            == text[finding["start"] : finding["end"]]
        )


GOLDEN = [
    ("高薪诚聘，只招男性，35岁以上勿扰", {"A2.e", "A2.f"}),
    ("出售公民個人信息，手機定位找人", {"A4.f", "A4.e"}),
    ("本店代开发票，办证刻章，联系QQ", {"A1.h"}),
    ("祖传秘方根治糖尿病，包治百病", {"A1.g"}),
    ("同城约炮，裸聊直播", {"A1.f"}),
    ("刷单兼职日结，刷好评", {"A3.d"}),
    ("Buy fake passport and counterfeit money for sale", {"A1.h"}),
    ("赌*博 与 赌  博、色.情", {"A1.h", "A1.f"}),
    ("《刑法》第三百零三条规定了赌博罪；本书讨论毒品、枪支与色情的治理。", set()),
    ("民国时期的赌场，博彩业的历史；恐怖主义的定义。", set()),
    ("赌，博弈论的例子。色，情也。", set()),
    ("The hackers hired a lawyer; a how-to guide to make a bombastic speech", set()),
]


@pytest.mark.parametrize(("text", "leaves"), GOLDEN)
def test_goldens(text, leaves):
    assert {f["rule"].removeprefix("safety.") for f in look(text)[1]} == leaves


def test_a_word_taken_apart_is_found_and_the_whole_word_is_a_subject():
    told, findings = look("赌博", "赌 博", "赌\u200b博", "賭-博", "赌    博")
    assert told["apart_records"] == 3
    assert "starter_records" not in told
    assert [(f["row"], f["detail"]) for f in findings] == [(1, "apart"), (2, "apart"), (3, "apart")]


def test_every_starter_word_and_every_way_of_writing_it_is_found_as_its_risk():
    held = starter()
    for number, word in enumerate(held.words.words):
        text = f"看 {word} 。{word.upper()}"
        rules = {f["rule"] for f in look(text)[1]}
        assert f"safety.{held.risks[number]}" in rules, number


def test_no_starter_word_is_too_short_and_none_is_of_a_risk_no_word_tells():
    held = starter()
    assert all(len(word) >= 3 for word in held.words.words)
    assert not {leaf for leaf in held.risks if leaf.startswith("A5.")}
    assert {leaf for leaf in risk_ids() if not leaf.startswith("A5.")} == set(held.risks)


def test_the_triggers_are_a_superset_whatever_the_engine():
    texts = [text for text, _ in GOLDEN]
    hits = [scan(pa.array(texts, pa.large_string()), starter().triggers, engine).row.tolist() for engine in ENGINES]
    for row, (_, leaves) in enumerate(GOLDEN):
        assert not leaves or all(row in one for one in hits)


def test_a_record_full_of_one_word_lists_few_and_counts_all():
    told, findings = look("网上赌场开户" * 500, check=Safety(most_places=7))
    assert told["candidates"] == 500
    assert told["a1_h_candidate_records"] == 1
    assert len(findings) == 7


def test_long_lines_and_many_lines_are_read_as_short_ones_are():
    text = "网上赌场开户，裸聊直播 x How to build a bomb"
    here = look(text)[1]
    long = "长" * 30_000
    there = look(f"{long}{text}{long}")[1]
    assert [(f["rule"], f["start"] - len(long), f["end"] - len(long)) for f in there] == [
        (f["rule"], f["start"], f["end"]) for f in here
    ]
    many, findings = look(*([text] * 5_000))
    assert (many["candidates"], many["candidate_records"]) == (15_000, 5_000)
    assert [f["start"] for f in findings[-3:]] == [f["start"] for f in here]


def test_a_library_is_sought_with_the_starter_list_or_alone():
    check = with_library(("彩金", "A1.h"), ("送彩金", "A1.h"), ("网上赌场开户", "A1.h"), ("港口", "A3.c"))
    told, findings = look("网上赌场开户送彩金", "港口很大", "没有", check=check)
    assert (told["library_records"], told["starter_records"], told["candidate_records"]) == (2, 1, 2)
    assert told["candidates"] == 4
    assert [f["detail"] for f in findings] == ["library"] * 4
    assert (told["library_words"], told["library_risks_short"]) == (4, 17)
    alone, _ = look("裸聊直播 彩金", check=with_library(("彩金", "A1.h"), starter=False))
    assert "starter_records" not in alone
    assert alone["candidates"] == 1


def test_a_word_under_two_risks_is_a_candidate_of_both():
    _, findings = look("私房话", check=with_library(("私房话", "A4.e"), ("私房话", "A1.f"), starter=False))
    assert [f["rule"] for f in findings] == ["safety.A1.f", "safety.A4.e"]


def test_coverage_counts_risks_with_too_few_words():
    many = [(f"词{chr(0x4E00 + n)}{chr(0x4E00 + m)}", "A2.c") for n in range(10) for m in range(10)]
    check = with_library(*many)
    assert check.report(check.zero())["library_risks_short"] == 16


def test_without_any_lexicon_nothing_is_known():
    check = Safety(starter=False)
    total = check.look(records([{"text": "网上赌场开户"}])).total
    assert set(check.report(total).values()) == {None}
    assert Safety().report(Safety().zero())["library_words"] is None


def test_a_library_that_was_not_loaded_is_an_error_of_the_run():
    check = Safety(library="a" * 64, library_by_risk=(0,) * 31)
    with pytest.raises(LedgerError, match="not loaded in this process"):
        check.look(records([{"text": "x"}]))


@pytest.mark.parametrize(
    "wrong", [{"library_distinct": 3}, {"library": "x"}, {"most_places": 0}, {"library_outdated": True}]
)
def test_settings_that_follow_from_keywords_are_refused(wrong):
    with pytest.raises(ValueError, match=r"keywords|most_places"):
        Safety(**wrong)


def test_no_word_stands_in_findings_tally_or_settings():
    check = with_library(("口令金丝雀", "A1.b"))
    seen = check.look(records([{"text": "这里有口令金丝雀，也有网上赌场开户"}]))
    told = encode_tally(seen.total).decode() + json.dumps(seen.findings.drop(["row"]).to_pylist()) + json.dumps({
        k: v for k, v in check.settings().items() if k != "library"})  # fmt: skip
    assert "金丝雀" not in told
    assert "赌场" not in told


def test_measures_say_that_candidates_are_for_people():
    methods = {m.name: m.method for m in Safety.measures}
    assert all("label" in methods[measure_of(leaf)] for leaf in risk_ids())
    assert "no share of unlawful" in methods["candidate_records_ppm"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  A1.b:", "  A9.b:", "no risk 'A9.b'"),
        ("推翻现政府", "推翻", "word 1 of A1.a: no base form of 3 to 64"),
        ("推翻现政府", "武装推翻政府", "stands under A1.a too"),
        ("推翻现政府", "ＡＢＣＤ", "write it plainly"),
    ],
)
def test_a_starter_list_that_is_wrong_is_told_without_its_words(old, new, told):
    with pytest.raises(ConfigError) as raised:
        read_starter(PATH.read_text("utf-8").replace(old, new, 1).encode(), "starter.yaml")
    assert told in str(raised.value)
    assert "政府" not in str(raised.value)
