"""Rows as a crawler writes them: which are files, which are not and why, and what is kept of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.optouts import Supplied, objects_of, supplied_file
from checks.optouts.evidence import KINDS
from schemas.canonical import sha256_hex

AT = "2024-05-18T01:58:10Z"
ROW = {"host": "Example.com", "kind": "robots", "fetched_at": AT, "status": 200, "body": "User-agent: *\n"}


def test_a_row_is_a_file_whatever_way_its_bytes_are_written():
    file = supplied_file(ROW)
    assert file == Supplied("robots", "example.com", AT, 200, b"User-agent: *\n")
    assert supplied_file({**ROW, "body": b"User-agent: *\n"}) == file
    assert supplied_file({**ROW, "body": None, "body_base64": "VXNlci1hZ2VudDogKgo="}) == file
    assert (
        supplied_file({**ROW, "fetched_at": datetime(2024, 5, 18, tzinfo=UTC)}).fetched_at
        == "2024-05-18T00:00:00+00:00"
    )


@pytest.mark.parametrize(
    "headers", [b"A: b\r\nA: c\r\n", "A: b\r\nA: c\r\n", [["A", "b"], ["A", "c"]], {"A": ["b", "c"]}]
)
def test_headers_as_lines_pairs_or_an_object_are_one_block(headers):
    page = supplied_file({"kind": "page", "url": "https://example.com/x", "fetched_at": AT, "headers": headers})
    assert (page.headers, page.host, page.url, page.body, page.status) == (
        b"A: b\r\nA: c\r\n",
        "example.com",
        "https://example.com/x",
        None,
        None,
    )


@pytest.mark.parametrize(("change", "reason"), [
    ({"kind": "robots.txt"}, "kind is none of"), ({"kind": ["robots"]}, "kind is none of"), ({"kind": None}, "kind is none of"),
    ({"kind": "page"}, "no url"), ({"host": ""}, "no host"), ({"host": 7}, "no host"), ({"host": "http://["}, "no host"),
    ({"fetched_at": "yesterday"}, "no time"), ({"fetched_at": None}, "no time"), ({"fetched_at": 1715997490}, "no time"),
    ({"body": 5}, "of no kind"), ({"body_base64": "*"}, "of no kind"), ({"headers": 5}, "of no kind"), ({"headers": [["a"]]}, "of no kind"),
    ({"headers": {"a": 1}}, "of no kind"),
])  # fmt: skip
def test_what_is_no_file_is_told_and_why(change, reason):
    assert reason in supplied_file({**ROW, **change})


@pytest.mark.parametrize("status", [True, "200", 200.0, None])
def test_a_status_that_is_no_whole_number_is_not_supplied(status):
    assert supplied_file({**ROW, "status": status}).status is None


def test_both_parts_are_kept_by_digest():
    file = supplied_file({**ROW, "headers": "A: b\n"})
    assert objects_of(file) == {sha256_hex(b"User-agent: *\n"): b"User-agent: *\n", sha256_hex(b"A: b\n"): b"A: b\n"}
    assert objects_of(supplied_file({**ROW, "body": None})) == {}


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=9)
    | st.binary(max_size=9)
    | st.lists(st.text(max_size=3), max_size=3)
)


@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from([*KINDS, 0])},
        optional=dict.fromkeys(("host", "url", "fetched_at", "status", "body", "body_base64", "headers"), values),
    )
)
def test_no_row_raises(row):
    assert isinstance(supplied_file(row), Supplied | str)
