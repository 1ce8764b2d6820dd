"""Identifiers of mainland China, Hong Kong, Macau and Taiwan: check digits, allotted ranges, canonical forms.

Every function takes text that an expression has matched, in any of its written forms, and raises nothing.
"""

import datetime as dt
from typing import Final

from checks.personal.folding import fold
from checks.personal.validators import PROVINCES, digits_of, passes_luhn, resident_id

_USCC: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015, without I O S V Z
_REGISTERED: Final = frozenset(
    [
        "11",
        "12",
        "13",
        "19",
        "21",
        "29",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "39",
        "41",
        "49",
        "51",
        "52",
        "53",
        "54",
        "55",
        "59",
        "61",
        "62",
        "69",
        "71",
        "72",
        "79",
        "81",
        "89",
        "91",
        "92",
        "93",
        "A1",
        "A9",
        "N1",
        "N2",
        "N3",
        "N9",
        "Y1",
    ]
)
"""GB 32100-2015, table 1 and its later additions: the office that registers, and the kind of organisation."""
_TAIWAN_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"  # A is 10 … O is 35
_UNIONPAY: Final = (("62", range(16, 20)), ("81", range(16, 20)), ("60", range(16, 20)), ("9558", range(16, 20)))
"""ISO/IEC 7812 heads that UnionPay's members issue: 62, 81; and debit cards of before 2003: 60 (601382, 6013), 9558."""

# Mobile ranges as MIIT has allotted them; 140-144, 154, 160, 161, 163, 164, 168, 169, 179 and 194 are nobody's.
_MOBILE: Final = frozenset(
    f"1{n}" for n in (*range(30, 40), *range(45, 50), *range(50, 54), *range(55, 60), 62, 65, 66, 67, *range(70, 79),
                      *range(80, 90), *range(90, 94), *range(95, 100))
)  # fmt: skip
# Area codes of three digits after the 0, by the first two: which third digits are in use.
_AREAS: Final = {
    "31": "0123456789", "33": "5", "34": "9", "35": "0123456789", "37": "0123456789", "39": "12345678",
    "41": "0123456789", "42": "179", "43": "123456789", "44": "0", "45": "123456789", "46": "46789",
    "47": "0123456789", "48": "23", "51": "0123456789", "52": "37", "53": "0123456789", "54": "36",
    "55": "0123456789", "56": "123456", "57": "0123456789", "58": "0", "59": "123456789", "63": "123457", "66": "02389",
    "69": "12", "70": "1", "71": "0123456789", "72": "2478", "73": "0123456789", "74": "3456", "75": "0123456789",
    "76": "023689", "77": "0123456789", "79": "0123456789", "81": "2345678", "82": "56789", "83": "0123456789",
    "85": "1234567899", "87": "0123456789", "88": "3678", "89": "123456789", "90": "1235689", "91": "123456789",
    "93": "0123456789", "94": "13", "95": "12345", "97": "0123456789", "99": "0123456789",
}  # fmt: skip


def old_resident_id(text: str) -> str | None:
    """The 18 digits that replaced a number of 15 (GB 11643-1989): the same person has one canonical form; None: no number."""
    number = digits_of(text)
    if len(number) != 15 or number[:2] not in PROVINCES or not _is_date("19" + number[6:12]):
        return None
    body = f"{number[:6]}19{number[6:]}"
    weight = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(body))
    return body + "10X98765432"[weight % 11]


def any_resident_id(text: str) -> str:
    """Canonical form of a number of 15 or 18."""
    return old_resident_id(text) or resident_id(text)


def mobile(text: str) -> str | None:
    """E.164 of a mainland mobile number, with or without 86, +86, 0086; None where its range is not allotted."""
    digits = digits_of(text)
    number = digits[-11:]
    return "+86" + number if digits[:-11] in ("", "86", "0086") and number[:3] in _MOBILE else None


def landline(text: str) -> str | None:
    """E.164 of a mainland landline number with its area code, the extension left out; None where there is no such area."""
    main, _, extension = fold(text).text.rpartition("-")
    digits = digits_of(main if main and len(digits_of(extension)) <= 6 and len(digits_of(main)) >= 10 else text)
    for country in ("0086", "86"):
        if digits.startswith(country) and len(digits) > 11:
            digits = digits[len(country) :]
            break
    digits = digits.removeprefix("0")
    if digits[:2] == "10" or (digits[:1] == "2" and digits[1:2] in "0123456789"):
        return "+86" + digits if len(digits) == 10 and digits[2] in "2345678" else None
    if digits[2:3] not in _AREAS.get(digits[:2], ()) or not digits[2:3]:
        return None
    return "+86" + digits if len(digits) in (10, 11) and digits[3] in "2345678" else None


def is_bank_card(text: str) -> bool:
    """A head and length of UnionPay's members, Luhn, and not one digit over and over."""
    number = digits_of(text)
    fits = any(number.startswith(head) and len(number) in lengths for head, lengths in _UNIONPAY)
    return fits and not number.startswith("6011") and len(set(number)) > 2 and passes_luhn(number)


def is_uscc(text: str) -> bool:
    """GB 32100-2015: 18 characters, a province or 10 in the region, check character mod 31."""
    code = letters_and_digits(text)
    if len(code) != 18 or any(c not in _USCC for c in code) or len(set(code)) < 5 or "23456789" in code:
        return False
    in_table = code[:2] in _REGISTERED and (code[2:4] in PROVINCES or code[2:4] == "10")
    if (
        code.isdecimal() and not in_table
    ):  # one number in 31 passes; with letters in the right places few others are left
        return False
    total = sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return _USCC[(31 - total % 31) % 31] == code[17]


def is_hk_id(text: str) -> bool:
    """Hong Kong identity card: mod 11 over one or two letters, six digits and the check digit, A for 10."""
    code = letters_and_digits(text)
    if len(code) not in (8, 9):
        return False
    values = ([36] if len(code) == 8 else []) + [ord(c) - 55 if c.isalpha() else int(c) for c in code[:-1]]
    values.append(10 if code[-1] == "A" else int(code[-1]))
    return sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0


def is_tw_id(text: str) -> bool:
    """Identity card and resident certificate of Taiwan: letter, 1 2 8 or 9, mod 10."""
    code = letters_and_digits(text)
    if len(code) != 10 or code[0] not in _TAIWAN_LETTERS or len(set(code[2:])) == 1:
        return False
    letter = _TAIWAN_LETTERS.index(code[0]) + 10
    digits = [letter // 10, letter % 10, *map(int, code[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def is_plate(text: str) -> bool:
    """GA 36-2018: at least two digits, and at most three letters after the issuing office's own."""
    tail = letters_and_digits(text)[1:]
    letters = sum(c.isascii() and c.isalpha() for c in tail)
    return sum(c.isdecimal() for c in tail) >= 2 and letters <= 3


def letters_and_digits(text: str) -> str:
    """Canonical form of a code: letters and digits, upper case, Han characters kept, all else left out."""
    return "".join(c for c in fold(text).text.upper() if c.isalnum())


def _is_date(digits: str) -> bool:
    try:
        dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
