"""Hints of origin: filing numbers in a text with their places, the country of a domain; nothing follows from them."""

import pyarrow as pa
import pytest

from checks.origin_hints import OriginHints
from checks.origin_hints.filings import TRIGGERS, filings_in
from checks.triggers import ENGINES, scan
from tests.kit.records import records, shown

FOOTER = "第一行\n版权所有 京ICP备05000001号-1 粤B2-20090191\n京公网安备 11000002000001号"


def look(*rows):
    check = OriginHints()
    seen = check.look(shown(check, records(list(rows))))
    return {name: value for name, value in check.report(seen.total).items() if value}, seen.findings.to_pylist()


def test_numbers_are_counted_once_a_record_and_placed_without_being_shown():
    found, findings = look({"text": "nothing"}, {"text": FOOTER + FOOTER, "url": "https://a.example.com/"})
    assert found == {
        "records": 2, "mainland_hint_records": 1, "mainland_hint_records_ppm": 500_000, "filing_records": 1,
        "icp_filing_records": 1, "telecom_licence_records": 1, "police_filing_records": 1, "general_domain_records": 1,
    }  # fmt: skip
    assert [(f["rule"], f["row"], f["detail"]) for f in findings][:3] == [
        ("origin_hints.icp-filing", 1, "京"), ("origin_hints.telecom-licence", 1, "粤"), ("origin_hints.police-filing", 1, "京"),
    ]  # fmt: skip
    text = FOOTER + FOOTER
    assert [text[f["start"] : f["end"]] for f in findings] == [
        "京ICP备05000001号-1",
        "粤B2-20090191",
        "京公网安备 11000002000001号",
    ] * 2
    assert [text.encode()[f["start_byte"] : f["end_byte"]].decode() for f in findings] == [
        text[f["start"] : f["end"]] for f in findings
    ]


@pytest.mark.parametrize(("url", "counted"), [
    ("https://www.example.com.cn/", "mainland_domain"), ("https://档案.中国/x", "mainland_domain"), ("http://a.xn--fiqs8s/", "mainland_domain"),
    ("https://example.hk/", "hk_mo_tw_domain"), ("https://例子.香港/", "hk_mo_tw_domain"), ("https://a.example.tw:80/", "hk_mo_tw_domain"),
    ("https://example.de", "other_country_domain"), ("https://example.io/", "other_country_domain"),
    ("https://example.com/cn", "general_domain"), ("www.example.org/tw", "general_domain"),
    ("http://192.0.2.1/", None), ("http://localhost/", None), ("no url", None), ("", None), (None, None),
])  # fmt: skip
def test_a_domain_is_of_a_country_or_of_none(url, counted):
    found, _ = look({"text": "x", "url": url})
    expected = {"records": 1} | ({f"{counted}_records": 1} if counted else {})
    if counted == "mainland_domain":
        expected |= {"mainland_hint_records": 1, "mainland_hint_records_ppm": 1_000_000}
    assert found == expected


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", [
    "京ICP备05000001号", "沪icp备 2021012345 号", "滬ICP備05000001號", "京ICP证030173号", "京　ICP　备05000001号", "粤b2-20090191",
    "京A2.B1-20090191", "粤B2.B2-20090191", "京公网安备11000002000001号", "京公网安備 11000002000001 號",
])  # fmt: skip
def test_the_trigger_hits_every_line_that_holds_a_number(engine, text):
    hits = len(scan(pa.array(["before\n" + text + " after"], pa.large_string()), TRIGGERS, engine).row)
    assert filings_in(text.encode())
    assert hits == 1


def test_bytes_that_are_no_text_cost_neither_the_number_nor_its_place():
    data = b"\xff\xed\xa0\x80 " + "京ICP备05000001号".encode() + b" \xe4\xba"
    (hint,) = filings_in(data)
    assert data[hint.start : hint.end].decode() == "京ICP备05000001号"
