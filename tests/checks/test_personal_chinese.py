"""Check digits and ranges of Chinese, Hong Kong, Macau and Taiwan identifiers, and of those from elsewhere."""

import pytest

from checks.personal.chinese import (
    any_resident_id,
    is_bank_card,
    is_hk_id,
    is_plate,
    is_tw_id,
    is_uscc,
    landline,
    letters_and_digits,
    mobile,
    old_resident_id,
)
from checks.personal.international import (
    IBAN_LENGTHS,
    is_credentials,
    is_iban,
    is_mac,
    is_ssn,
    is_token,
    national_phone,
)
from checks.personal.validators import international_phone
from tests.checks.test_personal_validators import a_card, an_id, wide

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def a_uscc(body: str) -> str:
    """GB 32100: the check character makes the weighted sum, that character counted once, a multiple of 31."""
    total = sum(ALPHABET.index(c) * pow(3, i) for i, c in enumerate(body))
    return body + next(c for c in ALPHABET if (total + ALPHABET.index(c)) % 31 == 0)


@pytest.mark.parametrize("body", ["91110108MA01A2B3C", "92440300600000123", "12310000425000456", "91330106799655058"])
def test_a_credit_code_passes_and_no_other_last_character_does(body):
    code = a_uscc(body)
    assert is_uscc(code)
    assert is_uscc(wide(f"{code[:2]} {code[2:8]}-{code[8:]}"))
    assert not any(is_uscc(body + c) for c in ALPHABET if c != code[-1])
    assert not is_uscc("Z" + code[1:])


def test_an_old_resident_id_and_the_new_one_of_the_same_person_are_one():
    assert old_resident_id("110105491231002") == an_id()
    assert any_resident_id("110105 491231 002") == any_resident_id(wide(an_id().lower())) == an_id()
    assert old_resident_id("110105491331002") is None
    assert old_resident_id("990105491231002") is None


@pytest.mark.parametrize(("text", "good"), [("A123456(3)", True), ("A1234563", True), ("AB987654(3)", True), ("A123456(4)", False), ("G123456(A)", True)])  # fmt: skip
def test_hong_kong(text, good):
    assert is_hk_id(text) is good


@pytest.mark.parametrize(("text", "good"), [("A123456789", True), ("A123456788", False), ("A800000014", True), ("A111111111", False)])  # fmt: skip
def test_taiwan(text, good):
    assert is_tw_id(text) is good


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("0755-2" + "1234567", "+867552" + "1234567"), ("(010)6" + "2345678", "+86106" + "2345678"),
        ("+86 10 6234" + "5678", "+86106234" + "5678"), ("0351-7" + "123456-801", "+863517" + "123456"),
        ("0086-21-6234" + "5678", "+86216234" + "5678"), ("0299-6" + "234567", None), ("010-1234" + "5678", None),
        ("0755-123" + "4567", None), ("0400-8" + "123456", None),
    ],
)  # fmt: skip
def test_landlines_have_a_real_area(text, e164):
    assert landline(text) == e164


@pytest.mark.parametrize(("text", "good"), [("138" + "00138000", True), ("+86-199-" + "0013-8000", True), ("141" + "00138000", False), ("87138" + "00138000", False), ("1\u200b38" + "00138000", True)])  # fmt: skip
def test_mobile_ranges(text, good):
    assert (mobile(text) is not None) is good


def test_cards_of_unionpay():
    for body in ("62" + "1" * 8 + "12345", "622848" + "012345678901", "9558" + "80" * 6 + "1"):
        card = a_card(body)
        assert is_bank_card(card)
        assert is_bank_card(f"{card[:4]} {card[4:8]} {card[8:12]}-{card[12:]}")
        assert not is_bank_card(card[:-1] + str((int(card[-1]) + 1) % 10))
    assert not is_bank_card(a_card("6011" + "0" * 6 + "12345"))
    assert not is_bank_card(a_card("4" + "0" * 9 + "12345"))


@pytest.mark.parametrize(("text", "good"), [("京A12345", True), ("沪AD12345", True), ("粤B·1234学", True), ("京AABCDE", False), ("京A1BCDE", False)])  # fmt: skip
def test_plates_have_digits(text, good):
    assert is_plate(text) is good


def test_canonical_forms_are_one_for_every_way_of_writing():
    assert {letters_and_digits(t) for t in ("京A·12345", "京 Ａ１２３４５", "京a-12345", "京A1\u200b2345")} == {
        "京A12345"
    }
    assert international_phone("(853)6612 3456") == international_phone("+853-6612-3456") == "+85366123456"
    assert international_phone("00852 2345 6789") == "+85223456789"


@pytest.mark.parametrize(("text", "good"), [("DE89 3704 0044 0532 0130 00", True), ("GB29NWBK60161331926819", True), ("NO9386011117947", True), ("DE89 3704 0044 0532 0130 01", False), ("DE8937040044053201300", False), ("ZZ89370400440532013000", False)])  # fmt: skip
def test_ibans(text, good):
    assert is_iban(text) is good
    assert all(15 <= length <= 34 for length in IBAN_LENGTHS.values())


@pytest.mark.parametrize(("text", "good"), [("219-09-1234", True), ("000-12-3456", False), ("666-12-3456", False), ("900-12-3456", False), ("123-00-4567", False), ("123-45-0000", False), ("078-05-1120", False)])  # fmt: skip
def test_social_security_numbers(text, good):
    assert is_ssn(text) is good


def test_the_rest():
    assert is_mac("00:1A:2B:3C:4D:5E")
    assert not is_mac("FF:FF:FF:FF:FF:FF")
    assert is_credentials("https://amy:s3cr3t9@example.org")
    assert not is_credentials("https://user:password@example.org")
    assert not is_credentials("https://<user>:<pass>@example.org")
    assert is_token("LTAI" + "5tQ8wErTy2UiOp7AsD")
    assert not is_token("AKIA" + "IOSFODNN7EXAMPLE")
    assert national_phone("020 7946 0321") == "+442079460321"
    assert national_phone("1234") is None
