"""Is this text what it looks like? Check digits, real dates, allotted number ranges, public suffixes; and one canonical form.

Every function takes text that a pattern of `entities` has matched, says yes or no, and never raises with the text in
the message. Nothing here reads a clock, a network or a locale.
"""

import datetime as dt
import hashlib
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

import phonenumbers

from checks.personal.folding import fold

PROVINCES: Final = frozenset(
    str(n)
    for n in (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    )
)  # GB/T 2260, first two digits; abolished counties keep their province
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643, 2**(17-i) mod 11
_CHECK_DIGITS: Final = "10X98765432"

# Issuer ranges: first digits -> the lengths a card of that issuer has (ISO/IEC 7812); UnionPay is in `chinese`.
_CARDS: Final = (
    (("4",), (13, 16, 19)),
    (tuple(str(n) for n in range(51, 56)), (16,)),
    (tuple(str(n) for n in range(2221, 2721)), (16,)),
    (("34", "37"), (15,)),
    (("6011", "65", *(str(n) for n in range(644, 650))), (16,)),
    (tuple(str(n) for n in range(3528, 3590)), (16,)),
    (("2131", "1800"), (15,)),
    (("5018", "5020", "5038", "5893", "6304", "6759", "6761", "6762", "6763"), tuple(range(12, 20))),
    (("300", "301", "302", "303", "304", "305", "36", "38"), (14,)),
)


def plain(text: str) -> str:
    """Other ways of writing folded, then full-width forms (NFKC). Only of candidates, never of stored text: lengths change."""
    return text if text.isascii() else unicodedata.normalize("NFKC", fold(text).text)


def digits_of(text: str) -> str:
    """The decimal digits of *text*, as ASCII."""
    return "".join(c for c in plain(text) if c in "0123456789")


def resident_id(text: str) -> str:
    """Canonical form of a Chinese resident id number: 17 digits and a digit or X."""
    return "".join(c for c in plain(text).upper() if c in "0123456789X")


def is_resident_id(text: str) -> bool:
    """GB 11643: province, a date that exists from 1900 to 2099, check digit mod 11-2."""
    number = resident_id(text)
    if len(number) != 18 or "X" in number[:17] or number[:2] not in PROVINCES:
        return False
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return 1900 <= born.year <= 2099 and _CHECK_DIGITS[total % 11] == number[17]


def passes_luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B over a string of ASCII digits."""
    total = 0
    for i, c in enumerate(reversed(digits)):
        n = int(c) * (1 + i % 2)
        total += n - 9 if n > 9 else n
    return total % 10 == 0


def is_card(text: str) -> bool:
    """A known issuer's first digits and length, Luhn, and not one digit over and over."""
    number = digits_of(text)
    if len(set(number)) == 1 or not passes_luhn(number):
        return False
    return any(len(number) in lengths and number.startswith(heads) for heads, lengths in _CARDS)


def email(text: str) -> str:
    """Canonical form of an address: folded, lower case."""
    return plain(text).lower()


def is_email(text: str) -> bool:
    """Lengths of RFC 5321, no stray dots, a last label on the public suffix list, and no ``git@`` of an SSH remote."""
    local, _, domain = email(text).rpartition("@")
    if not local or len(local) > 64 or len(domain) > 253 or local == "git":
        return False
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    labels = domain.split(".")
    if any(not label or label.startswith("-") or label.endswith("-") for label in labels):
        return False
    return labels[-1] in _top_level_domains()


@lru_cache(maxsize=1)
def _top_level_domains() -> frozenset[str]:
    """Last labels, ASCII, of the list that publicsuffixlist carries: no download, as tldextract would start."""
    lines = _suffix_list().decode().splitlines()
    rules = (line.split()[0] for line in lines if line.strip() and not line.startswith("//"))
    return frozenset(label for label in (rule.rpartition(".")[2] for rule in rules) if label.isascii())


def _suffix_list() -> bytes:
    return (files("publicsuffixlist") / "public_suffix_list.dat").read_bytes()


@lru_cache(maxsize=1)
def suffix_list_digest() -> str:
    """sha256 of the suffix list in use: part of the work ids of whoever validates addresses."""
    return hashlib.sha256(_suffix_list()).hexdigest()


def chinese_phone(text: str) -> str | None:
    """E.164 of a mainland mobile or landline number, with or without 86, +86, 0086; None where it is not allotted."""
    digits = digits_of(text)
    if digits.startswith("0086"):
        digits = digits[4:]
    elif digits.startswith("86") and len(digits) >= 12:
        digits = digits[2:]
    return _allotted(digits, "CN")


def north_american_phone(text: str) -> str | None:
    """E.164 of a number of the North American plan, with or without 1 and x123; None where it is not allotted."""
    return _allotted(plain(text), "US")


def international_phone(text: str) -> str | None:
    """E.164 of a number that begins with its country's code, behind +, 00 or nothing; None where it is not allotted."""
    number = plain(text).strip()
    if not number.startswith("+"):
        number = "+" + number.strip("()").removeprefix("00")
    return _allotted(number, None)


@lru_cache(maxsize=64)  # what one finding asks several times: whether it is worth a look, is valid, and its one form
def _allotted(number: str, region: str | None) -> str | None:
    """The library judges candidates here; it never scans, which takes half of plain Presidio's time."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))
