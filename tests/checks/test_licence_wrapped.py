"""Notices that were broken to fit a width, Chinese and English: read as if they were not, and nothing else is joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.licence import Licence
from checks.licence.evidence import find
from checks.licence.references import cc_addresses
from checks.licence.uses import more_permissive, resolve
from checks.licence.wrapped import LONGEST, joined, joined_bytes
from pipelines.bench.licence_notices import broken
from tests.kit.licence_notices import notices
from tests.kit.records import records

EN = "The quick brown fox jumps over the lazy dog near the river bank and sees a boat.\n"


def _said(text: str) -> str | None:
    return Licence().look(records([{"text": text}])).columns["licence"].to_pylist()[0]


@pytest.mark.parametrize("width", [24, 36])
def test_no_notice_that_was_broken_to_fit_is_read_as_permitted(width):
    made = notices(1, width=width)
    said = Licence().look(records([{"text": each.text} for each in made])).columns["licence"].to_pylist()
    wrong = [
        (each.text, licence)
        for each, licence in zip(made, said, strict=True)
        if more_permissive(resolve(licence or "unknown"), resolve(each.truth))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("未经某出版社书面授权，不得将\n本文档用于商业用途。", "LicenseRef-non-commercial"),
        ("# 本站内容未经书面许可，禁止任\n# 何形式的复制或转载。", "LicenseRef-no-repost"),
        ("本作品采用知识共享署名-非商\n业性使用 4.0 国际许可协议进\n行许可。", "CC-BY-NC-4.0"),
        ("This document may be used for non-\ncommercial purposes only.", "LicenseRef-non-commercial"),
        ("You may not use this article for training\nlarge language models.", "LicenseRef-no-training"),
        ("You agree to use it solely for\nresearch and educational\npurposes.", "LicenseRef-study-only"),
        ("Free under https://creativecommons.org/licenses/by-\nnc-nd/4.0/", "CC-BY-NC-ND-4.0"),
        ("// see creativecommons.org/licenses/\n// by-nd/4.0/", "CC-BY-ND-4.0"),
    ],
)
def test_what_is_said_over_two_lines_is_read_with_its_place(text, licence):
    assert licence in _said(text).split(" AND ")
    found = [e for e in find(records([{"text": text}])["text"]) if e.declares]
    assert all(text.encode()[e.start_byte : e.end_byte].decode() == text[e.start : e.end] for e in found)
    assert any("\n" in text[e.start : e.end] or e.end == text.index("\n") for e in found)


@pytest.mark.parametrize(
    "text",
    [
        "禁止吸烟\n商业用途",  # items of a list
        "任何人未经同意不得进入。\n转载机在左边。",  # a sentence that ended
        "未经许可不得入内\n\n本地的商业很发达",  # another paragraph
        "第十二条　未经批准，任何单位和个人不得"
        + "在本区域内从事经营活动" * 8
        + "\n训练场另行规定",  # a line that nobody broke
        "The students train every day\nlarge language models are not the subject.",
        "use only\nthe best of all that there is.",
    ],
)
def test_what_was_not_broken_is_not_joined(text):
    assert _said(EN * 3 + text) is None
    assert _said(text) is None


def test_an_address_that_is_cut_and_goes_on_nowhere_names_nothing():
    assert list(cc_addresses("see creativecommons.org/licenses/", "\n\nnext")) == []
    (cut,) = cc_addresses("see creativecommons.org/licenses/by-", "\nnc-sa/4.0/")
    assert (cut.said.spdx, cut.start, cut.end) == ("CC-BY-NC-SA-4.0", 4, 36)
    (whole,) = cc_addresses("see creativecommons.org/licenses/by/4.0/", "\nnd/4.0/")
    assert whole.said.spdx == "CC-BY-4.0"


@given(st.text(st.sampled_from("不得转载，。-# \n\tab/*"), max_size=80))
def test_joining_takes_breaks_alone_and_every_place_is_known(passage):
    flat = joined(passage)
    places = range(len(passage)) if flat.places is None else flat.places
    assert len(places) == len(flat.text) and list(places) == sorted(set(places))
    assert all(c in (passage[p], " ") for c, p in zip(flat.text, places, strict=True))
    gone = [passage[p] for p in sorted(set(range(len(passage))) - set(places))]
    assert not set(gone) & set("不得转载，。ab")
    assert "\n" not in flat.text
    for p, at in enumerate(places):
        assert flat.inner(at, at + 1) == (p, p + 1) and flat.outer(p, p + 1) == (at, at + 1)


def test_only_lines_short_enough_to_have_been_broken_are_joined():
    long, short = "字" * (LONGEST + 1), "字" * LONGEST
    assert joined(f"{long}\n下").places is None
    assert joined(f"{short}\n下").text == f"{short}下"
    assert joined_bytes(f"{short}\n# 下 a\nb".encode()) == (f"{short}下 a b".encode(), True)
    assert joined_bytes("完。\n下".encode()) == ("完。 下".encode(), False)


def test_a_broken_notice_is_its_words_within_the_width():
    text = "本作品采用 CC BY-NC 4.0 协议，non-commercial use only."
    for width in (10, 24, 40):
        lines = broken(text, width, "# ").split("\n# ")
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert all(sum(2 if ord(c) > 0x2000 else 1 for c in line) <= max(width, 12) for line in lines)
