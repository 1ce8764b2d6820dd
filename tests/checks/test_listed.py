"""Lists held against records: who may be used, who refused, which sites and texts are out; by key, sorted, and never a value."""

import hashlib
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.base import Seen
from checks.listed import Listed
from checks.listed.hosts import blocked, host_keys
from checks.listed.index import ENTRIES, keys_from, shelves_of
from checks.personal import Personal
from checks.personal.shared import findings_of
from pipelines.lists import entries_of
from tests.checks.whole import whole
from tests.kit.lists import joining
from tests.kit.records import REGISTRY, address, records, shown

USER_INPUT = {**REGISTRY, "source.class": "user-input"}
MOBILE = "138" + "00138" + "000"
USERS = {
    "甲": "live",
    "乙": "withdrawn",
    "丙": "expired",
    "丁": "other-purpose",
    "戊": "not-yet",
    "ｕ１": "live",
    "u1": "live",
}


def looked(check: Listed, *rows: dict[str, str], registry: dict[str, str] = USER_INPUT) -> Seen:
    return check.look(shown(check, records([{"text": "正文", **row} for row in rows], first_row=7), registry))


def found(seen: Seen) -> list[tuple[int, str, str]]:
    return [(f["row"] - 7, f["rule"].removeprefix("listed."), f["detail"]) for f in seen.findings.to_pylist()]


def measures(check: Listed, seen: Seen) -> dict[str, int | None]:
    return check.report(seen.total)


def test_a_user_is_live_withdrawn_past_retention_for_another_purpose_unknown_or_none():
    check = joining(users=USERS)
    authors = ["甲", "乙", "丙", "丁", "戊", "己", None, " \u3000", " 甲 ", "u1"]
    seen = looked(check, *({"author": a} for a in authors))
    assert found(seen) == [
        (1, "withdrawn", "withdrawn"), (2, "expired", "expired"), (3, "other-purpose", "other-purpose"), (4, "not-yet", "not-yet"),
        (5, "unknown-user", "unknown-user"), (6, "no-user", "no-user"), (7, "no-user", "no-user"),
    ]  # fmt: skip
    told = measures(check, seen)
    assert {k: v for k, v in told.items() if v is not None} == {
        "records": 10, "listed_records": 7, "user_input_records": 10, "unauthorised_records": 7,
        "unauthorised_records_ppm": 700_000, "no_user_records": 2, "unknown_user_records": 1, "not_yet_records": 1,
        "withdrawn_records": 1, "expired_records": 1, "other_purpose_records": 1,
    }  # fmt: skip


def test_full_width_ids_are_the_narrow_ones():
    check = joining(users={"u1": "live"})
    assert found(looked(check, {"author": "ｕ１"}, {"author": "Ｕ１"})) == [(1, "unknown-user", "unknown-user")]


def test_authorisations_concern_user_input_alone():
    check = joining(users=USERS)
    seen = looked(check, {"author": "乙"}, registry=REGISTRY)
    assert (found(seen), measures(check, seen)["user_input_records"]) == ([], 0)
    assert measures(check, seen)["unauthorised_records_ppm"] is None


def test_a_refusal_meets_personal_values_in_text_and_url_and_the_author_in_every_form():
    mail = address("li.na", "example.com")
    check = joining(
        refused=[("CN_MOBILE", "+86" + MOBILE), ("EMAIL_ADDRESS", mail), ("AUTHOR", "王小明"), ("PERSON", "李四")]
    )
    seen = looked(
        check, {"text": f"请致电 138-0013-8000 或 ＋86 {MOBILE}。"}, {"text": "x", "url": f"https://a.example/?m={mail.upper()}"},
        {"author": " 王小明 "}, {"author": f"客服（{MOBILE}）"}, {"author": "李四"}, {"author": "李四光"}, {"text": "13900139000"},
    )  # fmt: skip
    assert found(seen) == [
        (0, "refused", "CN_MOBILE"), (0, "refused", "CN_MOBILE"), (1, "refused", "EMAIL_ADDRESS"), (2, "refused", "author"),
        (3, "refused", "author"), (4, "refused", "author"),
    ]  # fmt: skip
    places = [(f["start"], f["end"]) for f in seen.findings.to_pylist()]
    assert places[0] == (4, 17) and places[2:] == [(None, None)] * 4
    told = measures(check, seen)
    assert (told["refused_records"], told["refused_author_records"], told["listed_records"]) == (5, 3, 5)


def test_findings_of_the_same_batch_are_taken_from_the_check_that_just_found_them(monkeypatch):
    check = joining(refused=[("CN_MOBILE", "+86" + MOBILE)])
    batch = shown(check, records([{"text": f"电话{MOBILE}"}] * 3))
    personal = check.finder
    kept = personal.look(batch).findings
    monkeypatch.setattr(Personal, "look", lambda *_: pytest.fail("looked again"))
    assert findings_of(personal, shown(check, batch)) is kept
    assert check.look(batch).total["refused"] == 3
    for other in (batch.slice(1), replace_text(batch, f"电话{MOBILE}、无")):
        with pytest.raises(pytest.fail.Exception):
            findings_of(personal, other)
    with pytest.raises(pytest.fail.Exception):
        findings_of(replace(personal, names="off"), batch)


def replace_text(batch: pa.RecordBatch, text: str) -> pa.RecordBatch:
    return batch.set_column(1, batch.schema.field(1), pa.array([text] * batch.num_rows, pa.large_string()))


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("https://blocked.com.cn/a", "host"), ("HTTP://News.BLOCKED.com.cn.:8080/", "domain above"), ("blocked.com.cn/x", "host"),
        ("https://notblocked.com.cn/", None), ("https://com.cn/", None), ("https://blocked.com.cn.evil.com/", None),
        ("https://user@a.b.blocked.com.cn/", "domain above"), ("https://档案.中国/目录", "host"), ("https://a.xn--wcvs22d.xn--fiqs8s/", None),
        ("https://a.档案.中国/", "domain above"), ("http://192.0.2.7/", "host"), ("http://1.192.0.2.7/", None), ("no url at all", None), ("", None), (None, None),
        ("https://" + "a." * 200 + "blocked.com.cn/", None),
    ],
)  # fmt: skip
def test_a_listed_domain_blocks_itself_and_all_below_it(url, detail):
    check = joining(sites=["blocked.com.cn", "档案.中国".encode("idna").decode(), "192.0.2.7"])
    seen = looked(check, {"url": url}, {"url": "https://fine.example/"})
    assert found(seen) == ([] if detail is None else [(0, "blocked-site", detail)])
    assert measures(check, seen)["blocked_site_records"] == (detail is not None)


def test_a_takedown_meets_the_very_text_alone():
    check = joining(texts=["收到下架通知的正文", ""])
    seen = looked(check, {"text": "收到下架通知的正文"}, {"text": "收到下架通知的正文 "}, {"text": ""})
    assert found(seen) == [(0, "taken-down", "content id"), (2, "taken-down", "content id")]


def test_without_lists_nothing_is_read_and_nothing_is_zero():
    check = Listed()
    seen = looked(check, {"text": "x"})
    assert seen.findings is None
    assert set(measures(check, seen).values()) == {None}
    assert check.inputs() == {}


@pytest.mark.parametrize("state", ["missing", "stale", "undated", "other-key"])
def test_a_list_that_says_nothing_for_certain_has_no_number_and_never_zero(state):
    check = joining(
        users=USERS, sites=["blocked.com.cn"], texts=["x"], states={"authorisations": state, "blocked_domains": state}
    )
    seen = looked(check, {"author": "甲", "url": "https://blocked.com.cn/"}, {"author": "甲"})
    told = measures(check, seen)
    assert told["blocked_site_records"] is told["unauthorised_records"] is told["user_input_records"] is None
    assert told["refused_records"] is None  # not named
    assert told["taken_down_records"] == 0
    assert found(seen) == [(0, "blocked-site", "host")]  # what it holds is found all the same
    assert told["listed_records"] == 1


def test_one_record_on_three_lists_is_one_record():
    check = joining(users=USERS, sites=["blocked.com.cn"], texts=["甲文"])
    seen = looked(check, {"text": "甲文", "author": "乙", "url": "https://x.blocked.com.cn"})
    assert [rule for _, rule, _ in found(seen)] == ["blocked-site", "taken-down", "withdrawn"]
    assert measures(check, seen)["listed_records"] == 1


def test_settings_that_follow_from_lists_are_not_for_run_yaml():
    for wrong in ({"index": "a" * 64}, {"joined": ("refusals",)}, {"unknown": ("refusals",)}, {"personal": "{}"}):
        with pytest.raises(ValueError, match="leave them out here"):
            Listed(**wrong)


def test_no_value_of_a_list_or_a_record_is_in_settings_findings_or_entries():
    check = joining(
        users={"canary-user": "withdrawn"},
        refused=[("AUTHOR", "canary-user")],
        sites=["canary.example"],
        texts=["canary"],
    )
    seen = looked(check, {"author": "canary-user", "text": "canary", "url": "https://canary.example/canary"})
    assert len(found(seen)) == 4
    assert "canary" not in repr((seen.findings.to_pylist(), seen.total, check.settings(), check.inputs()))


PIECES = st.sampled_from(["甲", "乙", "己", MOBILE, "", "x"])
ROWS = st.lists(
    st.fixed_dictionaries({"text": PIECES, "author": st.none() | PIECES, "url": st.sampled_from([None, "", "https://a.b.com.cn", "c.com.cn"])}),
    max_size=7,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(rows=ROWS, data=st.data())
def test_any_cut_of_user_input_gives_the_same_whole(rows, data):
    check = joining(
        users=USERS, refused=[("CN_MOBILE", "+86" + MOBILE), ("AUTHOR", "己")], sites=["com.cn"], texts=["x", "甲"]
    )
    batch = shown(check, records(rows), USER_INPUT)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    pieces = [batch.slice(a, b - a) for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    assert whole(check, pieces) == whole(check, [batch])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), max_size=30),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=30),
)
def test_keys_that_share_their_first_half_are_told_apart(held, asked):
    def packed(keys):
        return [a.to_bytes(8, "big") + b.to_bytes(8, "big") for a, b in keys]

    shelf = shelves_of(entries_of("refusals", keys_from(packed(held))))["refusals"]
    assert shelf.holds(keys_from(packed(asked))).tolist() == [one in held for one in asked]
    assert len(shelf.high) == len(set(held))


def test_a_shelf_keeps_lists_apart():
    key = hashlib.sha256(b"x").digest()[:16]
    entries = pa.concat_tables(
        [entries_of("refusals", keys_from([key])), entries_of("takedowns", keys_from([key[::-1]]))]
    )
    assert entries.schema.equals(ENTRIES)
    shelves = shelves_of(entries)
    assert {kind: int(shelf.holds(keys_from([key])).sum()) for kind, shelf in shelves.items()} == {
        "authorisations": 0, "refusals": 1, "blocked_domains": 0, "takedowns": 0,
    }  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.none(), max_size=6))
def test_hostile_urls_never_fail(urls):
    shelf = shelves_of(entries_of("blocked_domains", keys_from(list(host_keys("a.cn")))))["blocked_domains"]
    assert len(blocked(pa.array(urls, pa.string()), shelf)) == len(urls)
    assert np.isin(blocked(pa.array([f"https://{u}" for u in urls], pa.string()), shelf), [0, 1, 2]).all()
