"""Kinds of content by what says so first: the registry, turns, the address, cues in the text; nothing is guessed."""

import re

import numpy as np
import pyarrow as pa
import pytest

from checks.language import Language
from checks.scale.cues import PATTERNS, kinds_by_text
from checks.scale.sites import _FRONTS, _PATHS, _SITES, kinds_by_address
from checks.terms.reference import terms
from schemas.content_kinds import CONTENT_KINDS, KINDS
from tests.kit.engines import hits_of_both
from tests.kit.record_corpus import kit_corpus
from tests.kit.records import records
from tests.kit.scale import EN, LAW, ZH, cells, large, measures
from tests.kit.tokenizers import kit_counting, tokens_in

# Kinds of content

CODE = (
    "import os\n\ndef main(argv):\n    total = 0\n    for one in argv:\n        total += len(one)\n    return total\n"
)
SAMPLES = {
    "law": (LAW, "TITLE I\nSection 1. Scope\nSection 2. Terms\nSection 3. Entry into force\n"),
    "code": (CODE, "#include <stdio.h>\nint main(void)\n{\n    // hi\n    int x = 1;\n    return x;\n}\n"),
    "dialogue": ("用户：你好\n助手：您好\n用户：天气如何\n助手：晴", "User: hi\nAssistant: hello\nUser: why\nAssistant: because"),
    "news": ("本报讯 昨日，全市召开会议。", "PARIS (Reuters) - Ministers met on Friday, officials said."),
    "academic": ("摘要：本文研究。\n关键词：数据\nKeywords: data\n正文", "Abstract\nWe show x.\n1 Introduction\nAs Smith et al. say."),
    "education": ("选择题\n1. 下列\nA. 一\nB. 二\nC. 三\nD. 四\n【答案】B", "Question 1: which?\nA. x\nB. y\nC. z\nAnswer: B"),
    "forum": ("楼主：求助\n2楼 顶\n3楼 同问", "Posted by anna\nbob wrote: yes\nPosted by carl\n"),
    "commerce": ("限时抢购 ¥99\n加入购物车 ¥ 199", "Only $5.99\nAdd to cart\nfree shipping over $20"),
    "government": ("某政办发〔2023〕12号\n各省、自治区、直辖市人民政府：\n现将办法印发给你们。\n特此通知", "国办〔2021〕3号\n特此公告"),
    "book": ("第一回　甄士隐梦幻识通灵\n此开卷第一回也。", "CHAPTER I\nIt was a bright cold day."),
    "encyclopaedia": ("石家庄是一座城市。\n参考资料\n1", "Oslo is a city.\nExternal links\nBergen"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SAMPLES)
def test_cues_tell_a_text_of_each_kind(kind):
    assert [KINDS[code] for code in kinds_by_text(large(*SAMPLES[kind]))] == [kind] * 2


def test_what_no_cue_tells_is_unknown():
    plain = (
        ZH,
        EN,
        "",
        "第一条信息",
        "He told us to return the class to order.",
        "price $3",
        "参见第三章",
        "See also chapter 3",
        "\n\n\n",
        "Chapter and verse",
    )
    assert {KINDS[code] for code in kinds_by_text(large(*plain, None))} == {"unknown"}


def test_both_engines_find_the_same_cues():
    found = large(*(text for pair in SAMPLES.values() for text in pair), ZH, EN, "", None)
    assert len(hits_of_both(found, PATTERNS).row) > 40


def test_cues_are_looked_for_at_both_ends_of_a_long_text():
    filling = "平常的一行文字。\n" * 3_000
    assert KINDS[kinds_by_text(large(LAW + filling))[0]] == "law"
    assert KINDS[kinds_by_text(large(filling + "外部链接\n"))[0]] == "encyclopaedia"
    assert KINDS[kinds_by_text(large(filling + "外部链接\n" + filling))[0]] == "unknown"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://zh.wikipedia.org/wiki/%E6%B3%95", "encyclopaedia"), ("http://www.xinhuanet.com/a.htm", "news"),
        ("https://flk.npc.gov.cn/detail2.html", "law"), ("https://www.beijing.gov.cn/zhengce/", "government"),
        ("https://stackoverflow.com/q/1", "forum"), ("bbs.example.com.cn/read", "forum"), ("https://arxiv.org/abs/1", "academic"),
        ("https://example.com/forum/topic", "forum"), ("https://example.cn/news/2023.html", "news"),
        ("https://shop.example.com/x", "commerce"), ("https://example.com/", "unknown"), ("not a url", "unknown"),
        ("https://notwikipedia.org/", "unknown"), ("https://news.com/", "unknown"), (None, "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_addresses_tell_kinds(url, kind):
    assert KINDS[kinds_by_address(pa.array([url], pa.string()))[0]] == kind


def test_the_tables_of_addresses_name_kinds_of_the_list_and_each_site_once():
    sites = [site for group in _SITES.values() for site in group]
    assert len(set(sites)) == len(sites)
    assert {*_SITES, *_FRONTS, *(kind for kind, _ in _PATHS)} <= set(CONTENT_KINDS)
    assert all(re.fullmatch(r"[a-z0-9.-]+", site) for site in sites)


def test_a_kind_is_known_by_what_speaks_first():
    check = kit_counting()
    rows = [
        {"text": LAW, "url": "https://zh.wikipedia.org/wiki/x"},
        {"text": LAW},
        {"text": ZH},
        {"text": LAW, "url": "https://zh.wikipedia.org/wiki/x",
         "roles": [{"role": "user", "path": "q", "start": 0, "end": 3}]},
    ]  # fmt: skip
    told = {tuple(name.split(" ")[1:]): row["records"] for name, row in cells(check, records(rows), {}).items()}
    assert told == {
        ("encyclopaedia", "address"): 1, ("law", "text"): 1, ("unknown", "none"): 1, ("dialogue", "layout"): 1,
    }  # fmt: skip
    declared = cells(check, records(rows), {"source.content_kind": "book"})
    assert {name.split(" ", 1)[1] for name in declared} == {"book declared"}


def test_the_cells_of_a_chinese_text():
    check = kit_counting()
    [(name, row)] = cells(check, records([{"text": LAW}]), {}).items()
    assert name == "zh-Hans law text"
    assert row == {
        "cell": name, "records": 1, "bytes": len(LAW.encode()), "chars": len(LAW), "tokens": tokens_in(LAW),
    }  # fmt: skip
    found = measures(check, records([{"text": LAW}]), {})
    assert (found["law_ppm"], found["guessed_kind_ppm"], found["unknown_ppm"]) == (1_000_000, 1_000_000, 0)
    assert abs(found["distinct_1grams"] - len(set(terms(LAW)))) <= 1  # two may share a register
    assert sum(found[f"{kind}_ppm"] for kind in KINDS) == 1_000_000


def test_languages_of_drawn_records_are_those_that_the_language_check_tells_whoever_looked_before():
    for batch in kit_corpus().values():
        rows = np.arange(0, batch.num_rows, 2)
        fresh = Language(shortest_letters=21)
        told = Language().look(batch).columns.column("language").take(pa.array(rows)).to_pylist()
        assert Language().labels(batch.column("text"), rows).to_pylist() == told
        fresh.look(batch)  # another check's answer is none of ours
        assert Language().labels(batch.column("text"), rows).to_pylist() == told
