"""Markings of confidentiality by form and position, apart from mentions; of a state-secret hint nothing but the place."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.base import encode_tally
from checks.confidentiality import STATE_SECRET_RULE, Confidentiality, marks_in
from checks.confidentiality.edges import head_and_foot
from checks.confidentiality.marks import TRIGGERS
from checks.triggers import ENGINES, scan
from tests.kit.records import records

BODY = "\n".join(f"正文第{n}行，没有别的。" for n in range(20))


def look(*texts):
    check = Confidentiality()
    seen = check.look(records([{"text": text} for text in texts]))
    return {name: value for name, value in check.report(seen.total).items() if value}, seen.findings.to_pylist()


MARKED = [
    (f"机密★10年\n关于某事的通知\n{BODY}", "state-secret", "机密★10年"),
    (f"{BODY}\n绝密★长期\n{BODY}", "state-secret", "绝密★长期"),
    (f"密级：秘密★5年\n{BODY}", "state-secret", "密级：秘密★5年"),
    (f"【機密】\n{BODY}", "state-secret", "機密"),
    (f"{BODY}\n\n  机密  \n", "state-secret", "机密"),
    (f"TOP SECRET//SI//NOFORN\n{BODY}", "state-secret", "TOP SECRET//SI//NOFORN"),
    (f"绝密★启用前\n2024年普通高等学校招生全国统一考试\n{BODY}", "exam-paper", "绝密★启用前"),
    (f"内部资料 注意保密\n{BODY}", "internal", "内部资料 注意保密"),
    (f"{BODY}\n内部文件，严禁外传\n{BODY}", "internal", "内部文件，严禁外传"),
    (f"工作秘密\n{BODY}", "internal", "工作秘密"),
    (f"{BODY}\nFor Internal Use Only\n{BODY}", "internal", "For Internal Use Only"),
    (f"商业秘密\n{BODY}", "trade-secret", "商业秘密"),
    (f"{BODY}\n核心商密▲5年", "trade-secret", "核心商密▲5年"),
    (f"CONFIDENTIAL\n{BODY}", "proprietary", "CONFIDENTIAL"),
    (f"{BODY}\nAcme Corp - Proprietary and Confidential\n{BODY}", "proprietary", "Acme Corp - Proprietary and Confidential"),
    ("This document contains confidential information of Acme and may not be reproduced.", "proprietary",
     "This document contains confidential information of Acme and may not be"),
    ("本文件包含本公司商业秘密，未经许可不得复制。", "trade-secret", "本文件包含本公司商业秘密，未经许可不得"),
    ("see https://wiki.acme.corp/page", "internal-host", "wiki.acme.corp"),
    ("ssh://build@ci.eng.acme.internal:22/", "internal-host", "ci.eng.acme.internal"),
    ("go to http://intranet.acme.com/hr", "internal-host", "intranet.acme.com"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "shown"), MARKED)
def test_a_marking_is_found_where_it_stands(text, kind, shown):
    told, findings = look(text)
    assert [(f["rule"], text[f["start"] : f["end"]]) for f in findings] == [(f"confidentiality.{kind}", shown)]
    assert text.encode()[findings[0]["start_byte"] : findings[0]["end_byte"]].decode() == shown
    assert told[f"{kind.replace('-', '_')}_records"] == 1
    assert ("marked_records" in told) == (kind != "exam-paper")
    assert ("held_records" in told) == (kind not in ("exam-paper", "state-secret"))


MENTIONS = [
    "第三百九十八条　泄露国家秘密罪：国家机关工作人员违反规定的",
    "机密性、完整性、可用性是信息安全的三要素。",
    "国家秘密的密级分为绝密、机密、秘密三级。",
    "他在文件上看到“机密★10年”的字样。",
    f"{BODY}\n机密\n{BODY}",
    f"{BODY}\n内部资料\n{BODY}",
    "内部资料显示，该公司去年亏损。",
    "商业秘密是指不为公众所知悉的技术信息。",
    "秘密花园\n" + BODY,
    "A confidential informant told the police; the CONFIDENTIAL stamp was missing.",
    "It was strictly confidential, she said, and then told everybody.",
    "Trade secrets are protected by law in most countries.",
    "import com.sun.internal.Foo; use std::internal/thing",
    "curl http://metadata.google.internal/computeMetadata/v1/ and http://host.docker.internal:8080/",
    "机密",
    "",
]


@pytest.mark.parametrize("text", MENTIONS)
def test_a_mention_is_no_marking(text):
    told, findings = look(text)
    assert findings == []
    assert "marked_records" not in told


def test_lines_that_mention_are_counted_and_placed_nowhere():
    told, _ = look("机密性很重要。\n他看到“机密★10年”的字样。\n别的。")
    assert told == {"records": 1, "mentions": 2}


CANARY = "机密★10年"


def test_of_a_state_secret_hint_nothing_but_its_place_stands_in_any_output():
    check = Confidentiality()
    seen = check.look(records([{"text": f"{CANARY}\n金丝雀一号工程\n{BODY}"}, {"text": f"绝密★长期\n{BODY}"}]))
    rows = seen.findings.to_pylist()
    assert {tuple(sorted(k for k, v in row.items() if v is not None)) for row in rows} == {
        ("end", "end_byte", "row", "rule", "start", "start_byte")
    }
    assert {row["rule"] for row in rows} == {STATE_SECRET_RULE}
    told = encode_tally(seen.total).decode() + json.dumps(rows, ensure_ascii=False)
    assert not any(word in told for word in ("机密", "绝密", "金丝雀", "10年", "长期"))


def test_the_triggers_name_every_marked_line_whatever_the_engine():
    column = pa.array([text for text, _, _ in MARKED], pa.large_string())
    for engine in ENGINES:
        assert set(scan(column, TRIGGERS, engine).row.tolist()) == set(range(len(MARKED)))


def test_an_edge_is_five_lines_that_are_not_blank():
    for lines, marked in ((4, True), (5, False)):
        before = "\n\n".join("一行" for _ in range(lines))
        text = f"{before}\n\n机密\n{BODY}"
        assert ("state_secret_records" in look(text)[0]) is marked, lines
        assert ("state_secret_records" in look(f"{BODY}\n机密\n\n{before}\n\n")[0]) is marked, lines


def test_an_edge_is_told_in_lines_of_any_length():
    long = "长" * 200_000
    assert "state_secret_records" in look(f"{long}\n机密\n{long}")[0]
    assert "state_secret_records" not in look(f"{(long + chr(10)) * 6}机密\n{(long + chr(10)) * 6}")[0]


_lines = st.lists(st.sampled_from(["", " \t", "一", "a b", "\x0b", "长" * 3000]), max_size=14)


@given(lines=_lines, end=st.sampled_from(["", "\n", "\n\n"]))
def test_head_and_foot_are_those_of_a_count_line_by_line(lines, end):
    text = "\n".join(lines) + end
    value = np.frombuffer(text.encode(), np.uint8)
    head, foot = head_and_foot(value, 3)
    shown = [bool(line.encode().strip()) for line in text.split("\n")]
    start = 0
    for number, line in enumerate(text.split("\n")):
        stop = start + len(line.encode())
        if shown[number]:
            assert (start < head) == (sum(shown[:number]) < 3)
            assert (stop > foot) == (sum(shown[number + 1 :]) < 3)
        start = stop + 1


def test_one_record_with_many_markings_is_one_record():
    told, findings = look("\n".join(["内部资料 注意保密"] * 50))
    assert told["internal_records"] == told["held_records"] == 1
    assert len(findings) == 20
    assert (
        Confidentiality(most_places=50)
        .look(records([{"text": "\n".join(["内部资料 注意保密"] * 50)}]))
        .findings.num_rows
        == 50
    )
    with pytest.raises(ValueError, match="most_places is 0"):
        Confidentiality(most_places=0)


def test_hostile_lines_cost_little_and_find_nothing():
    for text in ("a." * 200_000 + "corp", "://" * 100_000 + ".corp/", "【" * 100_000 + "机密", "confidential " * 50_000,
                 "this document " * 30_000 + "CONFIDENTIAL"):  # fmt: skip
        assert look(text)[0].get("state_secret_records") is None


def test_marks_in_a_line_by_hand():
    assert [mark.kind for mark in marks_in("** 机密 **", at_edge=True)] == ["state-secret"]
    assert marks_in("** 机密 **", at_edge=False) == ()
    assert [mark.kind for mark in marks_in("绝密★启用前 数学（理科）", at_edge=False)] == ["exam-paper"]
