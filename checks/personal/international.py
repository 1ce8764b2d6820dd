"""Identifiers from elsewhere: IBAN, US social security numbers, MAC addresses, telephone numbers by region, credentials."""

from typing import Final

import phonenumbers

from checks.personal.chinese import letters_and_digits
from checks.personal.folding import fold
from checks.personal.validators import digits_of

IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
    "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
"""SWIFT IBAN registry, release of 2024: country -> characters."""

REGIONS: Final = (
    "GB",
    "DE",
    "FR",
    "IT",
    "JP",
    "KR",
    "TW",
    "AU",
    "IN",
    "NZ",
    "TH",
    "MY",
    "VN",
    "ID",
    "PH",
    "SG",
    "HK",
    "MO",
    "US",
)
"""Whose national forms, without a country's code, are taken beside a word that announces a telephone; in this order."""


def is_iban(text: str) -> bool:
    """ISO 13616: the country's length, remainder 1 mod 97."""
    code = letters_and_digits(text)
    if IBAN_LENGTHS.get(code[:2]) != len(code) or not code.isascii():
        return False
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def is_ssn(text: str) -> bool:
    """US social security number: an area, group and serial that are issued, and none that was printed as a sample."""
    number = digits_of(text)
    if len(number) != 9 or len(set(number)) == 1 or number in ("078051120", "219099999"):
        return False
    return number[:3] not in ("000", "666") and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


def is_mac(text: str) -> bool:
    """Twelve hexadecimal digits that are no broadcast, nothing and no plain row."""
    digits = letters_and_digits(text)
    return len(digits) == 12 and len(set(digits)) > 2


def national_phone(text: str) -> str | None:
    """E.164 of a number written as in one of `REGIONS`; None where none has allotted it."""
    for region in REGIONS:
        try:
            parsed = phonenumbers.parse(fold(text).text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
    return None


def is_credentials(text: str) -> bool:
    """A user and a password that are values, and no placeholders such as ``user:password`` or ``{name}:{secret}``."""
    user, _, password = fold(text).text.partition("://")[2].rpartition("@")[0].partition(":")
    placeholder = {"user", "username", "password", "passwd", "pass", "pwd", "name", "login", "secret", "token", "xxx"}
    stands_for = any(c in user + password for c in "<>{}") or (
        user.lower() in placeholder and password.lower().strip("*x.") in (placeholder | {""})
    )
    return bool(user or password) and not stands_for


def is_token(text: str) -> bool:
    """Enough different characters for a key, and none of the words that samples are filled with."""
    tail = text.lower()
    return len(set(tail[4:])) >= 8 and not any(
        word in tail for word in ("example", "xxxxx", "your", "123456789012345", "abcdefghijkl")
    )
