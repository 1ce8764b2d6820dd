"""Check digits, plans and ranges; and the builders of values that no file may hold."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.personal.addresses import ip, is_numbering, is_private
from checks.personal.validators import (
    chinese_phone,
    email,
    international_phone,
    is_card,
    is_email,
    is_resident_id,
    north_american_phone,
    passes_luhn,
    resident_id,
)


def an_id(county: int = 110105, born: str = "19491231", sequence: str = "002") -> str:
    """A resident id number with a right check digit: 2 to the 17-i, mod 11, by definition and not by the table."""
    body = f"{county}{born}{sequence}"
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(body))
    check = (12 - total % 11) % 11
    return body + ("X" if check == 10 else str(check))


def a_card(body: str) -> str:
    """*body* and the digit that makes it pass Luhn."""
    return next(body + str(digit) for digit in range(10) if passes_luhn(body + str(digit)))


def a_mobile(tail: int = 138_000) -> str:
    return "138" + f"{tail:08d}"


def an_email(local: str = "zhang.san") -> str:
    return local + "@" + "mail.example.org"


def wide(text: str) -> str:
    """Full-width digits and X."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() or c in "Xx@" else c for c in text)


@given(
    county=st.sampled_from([110105, 440304, 510107, 654321, 810000, 830000]),
    born=st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
    sequence=st.integers(0, 999),
)
def test_every_well_made_id_passes_and_no_single_wrong_digit_does(county, born, sequence):
    number = an_id(county, born.strftime("%Y%m%d"), f"{sequence:03d}")
    assert is_resident_id(number)
    assert is_resident_id(wide(number))
    assert is_resident_id(f"{number[:6]} {number[6:14]} {number[14:].lower()}")
    for i in range(18):
        for digit in "0123456789":
            assert digit == number[i] or not is_resident_id(number[:i] + digit + number[i + 1 :])


@pytest.mark.parametrize(
    "parts",
    [
        (170105, "19491231", "002"),
        (110105, "19490230", "002"),
        (110105, "18991231", "002"),
        (110105, "21000101", "002"),
        (110105, "19491331", "002"),
    ],
)
def test_ids_of_no_province_or_date_are_none(parts):
    assert not is_resident_id(an_id(*parts))


def test_id_is_canonical_in_every_way_of_writing():
    number = an_id()
    assert number.endswith("X")  # the worked example of GB 11643 ends so
    assert {
        resident_id(t) for t in (number, number.lower(), wide(number), f"{number[:6]}-{number[6:14]}-{number[14:]}")
    } == {number}


@pytest.mark.parametrize(
    "body",
    [
        "4" + "0" * 9 + "12345",
        "51" + "0" * 8 + "12345",
        "2221" + "0" * 6 + "12345",
        "3712345" + "0" * 7,
        "3528" + "0" * 6 + "12345",
        "6011" + "0" * 6 + "12345",
        "36" + "0" * 6 + "12345",
        "4" + "1" * 14,
        "5018" + "0" * 6 + "12345",
        "1800" + "0" * 6 + "1234",
    ],
)
def test_cards_of_known_issuers(body):
    card = a_card(body)
    assert is_card(card)
    assert is_card(" ".join(card[i : i + 4] for i in range(0, len(card), 4)))
    assert not is_card(card[:-1] + str((int(card[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "body", ["7" * 15, "1" + "0" * 9 + "12345", "4" + "0" * 9 + "123456", "51" + "0" * 8 + "1234567", "0" * 15]
)
def test_numbers_that_pass_luhn_and_are_no_card(body):
    assert not is_card(a_card(body))


@pytest.mark.parametrize(
    ("domain", "local", "good"),
    [
        ("example.org", "a", True), ("mail.edu.cn", "li_4", True), ("qq.com", "10001", True), ("example.co.uk", "a+b", True),
        ("example.notatld", "a", False), ("2x.png", "logo", False), ("tty1.service", "getty", False),
        ("github.com", "git", False), ("example.org", "a..b", False), ("example.org", ".a", False),
        ("example.org", "a.", False), ("-example.org", "a", False), ("example-.org", "a", False),
        ("example..org", "a", False), ("example.org", "a" * 65, False),
    ],
)  # fmt: skip
def test_addresses(domain, local, good):
    assert is_email(local + "@" + domain) is good
    assert email((local + "＠" + domain).upper()) == local + "@" + domain


def test_chinese_phones_have_one_canonical_form():
    mobile = a_mobile()
    ways = [
        mobile,
        "+86" + mobile,
        "86 " + mobile,
        "0086-" + mobile,
        f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}",
        f"{mobile[:3]}-{mobile[3:7]}-{mobile[7:]}",
        wide(mobile),
        f"{mobile[:3]} {mobile[3:]}",
    ]
    assert {chinese_phone(way) for way in ways} == {"+86" + mobile}
    landline = "010" + "6" * 8
    assert {
        chinese_phone(w) for w in (f"(010){landline[3:]}", f"010-{landline[3:]}", f"+86 {landline[:3]} {landline[3:]}")
    } == {"+86" + landline[1:]}
    assert chinese_phone("1" * 11) is None


def test_other_phones():
    assert (
        north_american_phone("(212) 555-" + "1234")
        == north_american_phone("1-212-555-" + "1234x77")
        == "+1212555" + "1234"
    )
    assert north_american_phone("555-123-" + "4567") is None
    assert international_phone("+44 (0)20 7946 " + "0958") == "+4420794609" + "58"
    assert international_phone("+999 12345678") is None


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("8.8.8.8", False),
        ("10.1.2.3", True),
        ("172.31.0.1", True),
        ("172.32.0.1", False),
        ("192.168.0.1", True),
        ("203.0.113.7", True),
        ("127.0.0.1", True),
        ("0.0.0.0", True),
        ("255.255.255.255", True),
        ("224.0.0.1", True),
        ("2001:4860:4860::8888", False),
        ("2001:db8::1", True),
        ("fe80::1", True),
        ("fd00::1", True),
    ],
)
def test_private_ranges_are_our_own_table(text, private):
    assert is_private(ip(text)) is private


def test_what_is_no_address():
    assert [ip(t) for t in ("256.1.1.1", "1.2.3", "01.2.3.4", "2001:::1", "1:2:3:4:5:6:7:8:9")] == [None] * 5
    assert ip("2001:4860:4860:0:0:0:0:8888") == "2001:4860:4860::8888"


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("version ", True),
        ("Section ", True),
        ("§", True),
        ("版本：", True),
        ("gem '>= '", True),
        ("RFC 6749 §", True),
        ("server ", False),
        ("over ", False),
        ("服务器", False),
        ("", False),
        ("adv ", False),
    ],
)
def test_words_that_make_four_numbers_a_version(before, says):
    assert is_numbering(before) is says
