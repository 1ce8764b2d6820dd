"""What Personal finds in hand-written text, Chinese neighbours included, and that no value leaves it."""

import io
import json
import logging
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

import pyarrow as pa
import pytest

from checks.base import encode_tally
from checks.personal import Personal
from checks.personal.entities import BUILT_IN, NAMES
from checks.personal.keys import use_key
from checks.personal.overlaps import Candidate, resolved
from checks.personal.spot import spot
from schemas.finding import PERSONAL_FINDING
from tests.checks.test_personal_validators import a_card, a_mobile, an_email, an_id, wide
from tests.kit.records import records, texts

ID, CARD, MOBILE, EMAIL = an_id(), a_card("62" + "1" * 8 + "12345"), a_mobile(), an_email()
OLD_ID = "110105491231002"
LANDLINE, AMERICAN, BRITISH = "(010)" + "6" * 8, "(212) 555-" + "1234", "+44 20 7946 " + "0958"
LUHN_ID = next(
    i for i in (an_id(620102, "19900101", f"{n:03d}") for n in range(1000)) if "X" not in i and a_card(i[:-1]) == i
)

GOLDEN = [
    # text, [(entity, value as it stands)]
    ("邮箱" + EMAIL + "请查收", [("EMAIL_ADDRESS", EMAIL)]),
    ("服务器IP为8.8.4.4端口", [("IP_ADDRESS", "8.8.4.4")]),
    ("卡号" + CARD + "请勿外传", [("BANK_CARD", CARD)]),
    ("身份证号" + ID + "，手机" + MOBILE + "。", [("CN_RESIDENT_ID", ID), ("CN_MOBILE", MOBILE)]),
    ("身份证" + wide(ID) + "号", [("CN_RESIDENT_ID", wide(ID))]),
    (f"分段：{ID[:6]} {ID[6:14]} {ID[14:]}", [("CN_RESIDENT_ID", f"{ID[:6]} {ID[6:14]} {ID[14:]}")]),
    ("号码" + LUHN_ID + "也能通过卡号校验", [("CN_RESIDENT_ID", LUHN_ID)]),
    ("电话：+86 " + MOBILE, [("CN_MOBILE", "+86 " + MOBILE)]),
    (f"电话{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}转", [("CN_MOBILE", f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}")]),
    (f"电话{MOBILE[:3]} {MOBILE[3:]}转", [("CN_MOBILE", f"{MOBILE[:3]} {MOBILE[3:]}")]),
    ("办公室" + LANDLINE + "分机", [("CN_LANDLINE", LANDLINE)]),
    ("call " + AMERICAN + " or " + BRITISH + ".", [("PHONE_NUMBER", AMERICAN), ("PHONE_NUMBER", BRITISH)]),
    (MOBILE + "@qq.com", [("EMAIL_ADDRESS", MOBILE + "@qq.com")]),
    (EMAIL.replace("@", "＠") + "是全角", [("EMAIL_ADDRESS", EMAIL.replace("@", "＠"))]),
    (f"{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}", [("BANK_CARD", f"{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:]}")]),
    ("ping 2001:4860:4860::8844", [("IP_ADDRESS", "2001:4860:4860::8844")]),
    # Every other entity, and every way of writing.
    ("老证：" + OLD_ID + "，身份证号", [("CN_RESIDENT_ID", OLD_ID)]),
    (f"手机1\u200b38{MOBILE[3:]}收", [("CN_MOBILE", "1\u200b38" + MOBILE[3:])]),
    (f"手机\u200b{MOBILE[:3]}\u200b{MOBILE[3:7]}\u200b{MOBILE[7:]}\u200b收", [("CN_MOBILE", f"{MOBILE[:3]}\u200b{MOBILE[3:7]}\u200b{MOBILE[7:]}")]),
    (f"手机{MOBILE[:3]}\u2013{MOBILE[3:7]}\u2013{MOBILE[7:]}收", [("CN_MOBILE", f"{MOBILE[:3]}\u2013{MOBILE[3:7]}\u2013{MOBILE[7:]}")]),
    ("手机" + wide(MOBILE) + "收", [("CN_MOBILE", wide(MOBILE))]),
    ("座机0755-2" + "1234567转8", [("CN_LANDLINE", "0755-2" + "1234567")]),
    ("电话02087" + "654321。", [("CN_LANDLINE", "02087" + "654321")]),
    ("卡 6222 0212 3456 " + a_card("622202123456" + "789012")[12:16] + " " + a_card("622202123456" + "789012")[16:] + "。",
     [("BANK_CARD", "6222 0212 3456 " + a_card("622202123456" + "789012")[12:16] + " " + a_card("622202123456" + "789012")[16:])]),
    ("visa 4" + "111-1111-1111-1111", [("CREDIT_CARD", "4" + "111-1111-1111-1111")]),
    ("信用代码91110108" + "551385082Q，", [("CN_USCC", "91110108" + "551385082Q")]),
    ("车牌京A·12345号和沪AD12345、粤Z1234港", [("CN_VEHICLE_PLATE", "京A·12345"), ("CN_VEHICLE_PLATE", "沪AD12345"), ("CN_VEHICLE_PLATE", "粤Z1234港")]),
    ("持护照E" + "12345678与EA1234567出境", [("CN_PASSPORT", "E" + "12345678"), ("CN_PASSPORT", "EA1234567")]),
    ("港澳通行证C12345678，回乡证H0123456701", [("CN_HKMO_PERMIT", "C12345678"), ("CN_HKMO_PERMIT", "H0123456701")]),
    ("台胞证号：01234567，往来台湾T12345678", [("CN_TAIWAN_PERMIT", "01234567"), ("CN_TAIWAN_PERMIT", "T12345678")]),
    ("军官证号：南字第01234567号", [("CN_MILITARY_ID", "南字第01234567号")]),
    ("香港身份证A123456(3)和Ｇ１２３４５６（Ａ）", [("HK_ID", "A123456(3)"), ("HK_ID", "Ｇ１２３４５６（Ａ）")]),
    ("澳门身份证5123456(7)", [("MO_ID", "5123456(7)")]),
    ("身分證字號A123456789。", [("TW_ID", "A123456789")]),
    ("加微信：zhang_san99，或VX: li-si2020", [("WECHAT_ID", "zhang_san99"), ("WECHAT_ID", "li-si2020")]),
    ("QQ号是123456789，ＱＱ：987654", [("QQ_NUMBER", "123456789"), ("QQ_NUMBER", "987654")]),
    ("住在北京市海淀区中关村大街1号，寄到浙江省杭州市西湖区文三路391号2幢3单元501室。",
     [("CN_ADDRESS", "北京市海淀区中关村大街1号"), ("CN_ADDRESS", "浙江省杭州市西湖区文三路391号2幢3单元501室")]),
    ("网卡00:1A:2B:3C:4D:5E", [("MAC_ADDRESS", "00:1A:2B:3C:4D:5E")]),
    ("IBAN DE89 3704 0044 0532 0130 00 und BE68 5390 0754 7034 EUR", [("IBAN_CODE", "DE89 3704 0044 0532 0130 00"), ("IBAN_CODE", "BE68 5390 0754 7034")]),
    ("SSN 219-09-" + "1234; social security number 219091" + "234", [("US_SSN", "219-09-" + "1234"), ("US_SSN", "219091" + "234")]),
    ("香港電話：+852 2345 6789，或(853)6612 3456", [("PHONE_NUMBER", "+852 2345 6789"), ("PHONE_NUMBER", "(853)6612 3456")]),
    ("db=postgres://amy:" + "s3cr3t9@db.example.org:5432/x", [("URL_CREDENTIALS", "postgres://amy:" + "s3cr3t9@db.example.org:5432")]),
    ("钥LTAI" + "5tQ8wErTy2UiOp7AsD", [("SECRET", "LTAI" + "5tQ8wErTy2UiOp7AsD")]),
    ("-----BEGIN RSA " + "PRIVATE KEY-----", [("SECRET", "-----BEGIN RSA " + "PRIVATE KEY-----")]),
    ("令牌gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a", [("SECRET", "gh" + "p_16C7e42F292c6912E7710c838347Ae178B4a")]),
    # Nothing personal in these.
    ("型号E12345678，" + OLD_ID + "，编号T12345678", []),  # weak forms without their context
    ("订单号：" + MOBILE + "，快递单号 " + CARD + "，serial no. " + CARD, []),  # labels that say otherwise
    ("京I12345、京A1234O、川路12345", []),  # GA 36 has no I and no O
    ("共" + MOBILE + "元", []),
    ("postgres://user:" + "password@localhost/x", []),
    ("微信公众号 iPhone，QQ群123456，vx", []),
    ("道路1，第2路公交，北京2008", []),
    ("91110108" + "551385082A", []),  # wrong check character
    ("DE88370400440532013000", []),
    ("中国的人口约14亿，2023年GDP为1260582亿元。", []),
    ("网关192.168.0.1，回环127.0.0.1，文档203.0.113.9", []),
    ("version 6.1.7.5，见第 4.2.3.1 节", []),
    ("0." + CARD + " 和 3." + MOBILE, []),  # decimal fractions
    ("x" + CARD + " " + MOBILE + "b " + ID + "0", []),  # parts of words and of longer numbers
    (ID[:17] + ("0" if ID[17] != "0" else "1"), []),  # wrong check digit
    (CARD[:15] + str((int(CARD[15]) + 1) % 10), []),
    ("git@" + "github.com 与 logo@2x.png 与 @装饰器", []),
    ("订单号 20231231235959123456，ISBN 978-7-111-12345-6", []),
    ("400-" + "800-1234 是客服热线", []),  # a company's service line
    ("１２３４５６７８９０１２３４５６７８", []),
]  # fmt: skip
CANARIES = [ID, wide(ID), CARD, MOBILE, EMAIL, LANDLINE, AMERICAN, BRITISH]


@pytest.mark.parametrize(("text", "expected"), GOLDEN, ids=range(len(GOLDEN)))
def test_golden_text(text, expected):
    seen = Personal().look(texts("前一行。", text + "\n第二行", text))
    values = [
        (f["entity"], ("前一行。", text, text)[f["row"]][f["start"] : f["end"]]) for f in seen.findings.to_pylist()
    ]
    assert values == expected * 2
    assert seen.columns["n_found"].to_pylist() == [0, len(expected), len(expected)]
    for f in seen.findings.to_pylist():
        stored = (text.encode())[f["start_byte"] : f["end_byte"]]
        assert stored.decode() == text[f["start"] : f["end"]]
        assert (f["rule"], f["value_hmac"], f["preview"]) == (f"personal.{f['entity']}", None, None)


def test_details_and_scores_tell_how_sure_it_is():
    seen = Personal().look(texts(f"{ID}，{CARD}，{EMAIL}，{MOBILE}，8.8.8.8"))
    assert [(f["detail"], f["score_ppm"]) for f in seen.findings.to_pylist()] == [
        ("mod11-2", 1_000_000), ("luhn-unionpay", 1_000_000), ("address-syntax", 1_000_000), ("cn-mobile", 1_000_000),
        ("public-range", 600_000),
    ]  # fmt: skip
    assert seen.findings.schema == PERSONAL_FINDING


def test_tally_and_measures():
    check = Personal()
    batch = records(
        [
            {"text": f"{ID} {ID}", "url": "https://example.org/u?mail=" + EMAIL.replace("@", "%40")},
            {"text": "网关10.0.0.1, version 1.2.3.4", "url": None},
            {"text": "好", "url": "https://8.8.8.8/index.html"},
            {"text": EMAIL},
        ]
    )
    seen = check.look(batch)
    found = {"CN_RESIDENT_ID": 2, "EMAIL_ADDRESS": 2}
    assert seen.total == {
        "records": 4, "with_any": 2, "with_validated_id": 1, "in_urls": 1, "private_ips": 1, "version_like": 1,
        "under_14": 0, "verified": 0, "findings": dict.fromkeys(NAMES, 0) | found,
        "records_with": dict.fromkeys(NAMES, 0) | {"CN_RESIDENT_ID": 1, "EMAIL_ADDRESS": 2},
        "validated": dict.fromkeys(NAMES, 0) | found,
        "people": {"findings": 0, "records_with": 0, "lines": 2, "sampled": 0, "sampled_with": 0},
    }  # fmt: skip
    report = check.report(seen.total)
    assert {name: value for name, value in report.items() if value} == {
        "documents_with_personal": 2, "documents_with_personal_ppm": 500_000, "documents_with_validated_id": 1,
        "cn_resident_id_findings": 2, "email_address_findings": 2, "sensitive_gbt_35273_2020_findings": 2,
        "validated_findings": 4, "findings_in_urls": 1, "private_ip_addresses": 1, "version_like_addresses": 1,
        "person_lines_read": 2,
    }  # fmt: skip
    assert report["under_14_records"] is None
    assert tuple(check.report(check.zero())) == tuple(m.name for m in check.measures)
    assert check.report(check.zero())["documents_with_personal_ppm"] is None
    full = json.loads(encode_tally(seen.total), parse_int=lambda _: 2**53 - 1)
    assert len(encode_tally(full)) <= check.tally_bytes


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        (None, None),
        ("", ""),
        ("https://example.org/文章?id=3", "https://example.org/文章?id=3"),
        ("https://example.org/u/" + EMAIL, "https://example.org/u/<EMAIL_ADDRESS>"),
        ("https://example.org/?m=" + EMAIL.replace("@", "%40") + "&x=1", "https://example.org/?m=<EMAIL_ADDRESS>&x=1"),
        ("https://example.org/%E7%94%B5%E8%AF%9D" + MOBILE + "#a", "https://example.org/%E7%94%B5%E8%AF%9D<CN_MOBILE>#a"),
        ("https://example.org/?t=%2B86" + MOBILE + "&n=%20" + ID, "https://example.org/?t=<CN_MOBILE>&n=%20<CN_RESIDENT_ID>"),
        ("http://8.8.8.8:80/a", "http://8.8.8.8:80/a"),  # the site's own address
        ("http://example.org/?from=8.8.8.8", "http://example.org/?from=<IP_ADDRESS>"),
    ],
    ids=range(9),
)  # fmt: skip
def test_urls_are_masked_in_place(url, masked):
    seen = Personal().look(records([{"text": "x", "url": url}, {"text": "y", "url": "https://example.org/"}]))
    assert seen.columns["url_masked"].to_pylist() == [masked, "https://example.org/"]
    assert seen.columns["n_found"].to_pylist() == [(masked or "").count("<"), 0]
    assert all((f["start"], f["start_byte"], f["detail"]) == (None, None, "in-url") for f in seen.findings.to_pylist())


def test_no_value_stands_in_anything_that_leaves_the_check(tmp_path, caplog):
    (tmp_path / "key").write_bytes(b"k" * 32)
    out, err = io.StringIO(), io.StringIO()
    batch = records([{"text": f"甲{v}乙\n{v}", "url": "https://example.org/?v=" + v, "author": v} for v in CANARIES])
    with caplog.at_level(logging.DEBUG), redirect_stdout(out), redirect_stderr(err):
        seen = Personal(key_id=use_key(tmp_path / "key")).look(batch)
        errors = []
        for broken in (batch.drop_columns(["text"]), batch.drop_columns(["url"])):
            with pytest.raises(KeyError) as error:
                Personal().look(broken)
            errors.append(repr(error.value))
    assert seen.findings.num_rows >= 3 * len(CANARIES) - 2
    everything = json.dumps(
        [seen.total, seen.findings.to_pylist(), seen.columns.to_pylist(), errors, caplog.text, out.getvalue(), err.getvalue()],
        ensure_ascii=False, default=repr,
    )  # fmt: skip
    for value in CANARIES:
        assert value not in everything
        digits = "".join(c for c in value if c.isdecimal())
        assert not digits or digits not in "".join(c for c in everything if c.isdecimal() or c == '"')


def test_overlaps_keep_the_surer_then_the_longer():
    candidates = list(_all_candidates(MOBILE + "@qq.com，" + LUHN_ID))
    assert len(candidates) >= 4
    assert [c.entity.name for c in resolved(candidates)] == ["EMAIL_ADDRESS", "CN_RESIDENT_ID"]
    assert resolved(candidates[::-1]) == resolved(candidates)


def _all_candidates(text):
    from checks.personal.recognizers import analyse

    return [
        Candidate(r.start, r.end, e, round(r.score * 1_000_000), BUILT_IN.rank[e.key])
        for e in BUILT_IN.entities
        for r in analyse(e, text)
    ]


@pytest.mark.parametrize(
    "line",
    ["1" * 300_000, "@" * 300_000, "a@" * 150_000, "１" * 100_000, "1 " * 150_000, "1.1.1." * 50_000, (MOBILE + " ") * 3_000, (EMAIL + "，") * 2_000],
    ids=["digits", "ats", "a@", "wide", "spaced", "dotted", "phones", "emails"],
)  # fmt: skip
def test_hostile_lines_cost_linear_time(line):
    found = list(spot(pa.array([line], pa.large_string())))
    assert len(found) in {0, 2_000, 3_000}
    assert all(line[s.start : s.end] == s.value for s in found)


def test_threads_and_pickles():
    check = pickle.loads(pickle.dumps(Personal()))
    batch = texts(*(text for text, _ in GOLDEN))
    expected = check.look(batch)
    with ThreadPoolExecutor(8) as pool:
        for seen in pool.map(lambda _: Personal().look(batch), range(16)):
            assert (seen.total, seen.findings, seen.columns) == (expected.total, expected.findings, expected.columns)


def test_rows_are_those_of_the_unit():
    batch = records([{"text": "x"}, {"text": EMAIL}, {"text": EMAIL}], first_row=7)
    assert Personal().look(batch).findings["row"].to_pylist() == [8, 9]
    assert Personal().look(batch.slice(2)).findings["row"].to_pylist() == [9]
    assert Personal().look(batch.slice(3)).findings.num_rows == 0
