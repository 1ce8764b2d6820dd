"""The closed lists that a declaration chooses from: validators and canonical forms, by the names that findings print."""

from collections.abc import Callable, Mapping
from typing import Final

from checks.personal import addresses, chinese, international, validators
from checks.personal.folding import fold

Validate = Callable[[str], bool | None]
"""False: no such value. True: proved, score 1. None: possible, the score stays."""
Canonical = Callable[[str], str | None]
"""What an HMAC is over: one text for every way of writing one value."""


def as_written(text: str) -> str:
    """The folded text, blanks at its ends left out."""
    return fold(text).text.strip()


def _proved(test: Callable[[str], bool]) -> Validate:
    return test


def _found(canonical: Canonical) -> Validate:
    return lambda text: canonical(text) is not None


def _possible(test: Callable[[str], bool]) -> Validate:
    return lambda text: None if test(text) else False


VALIDATORS: Final[Mapping[str, Validate]] = {
    "none": lambda _: None,
    "luhn": _proved(validators.is_card),
    "luhn-unionpay": _proved(chinese.is_bank_card),
    "luhn-only": _proved(lambda text: validators.passes_luhn(validators.digits_of(text))),
    "mod11-2": _proved(validators.is_resident_id),
    "date-of-birth": _possible(lambda text: chinese.old_resident_id(text) is not None),
    "mod31": _proved(chinese.is_uscc),
    "mod97": _proved(international.is_iban),
    "mod11": _proved(chinese.is_hk_id),
    "mod11-weak": _possible(chinese.is_hk_id),
    "mod10": _proved(chinese.is_tw_id),
    "plate": _possible(chinese.is_plate),
    "cn-mobile": _found(chinese.mobile),
    "cn-landline": _found(chinese.landline),
    "cn-landline-weak": _possible(lambda text: chinese.landline(text) is not None),
    "numbering-plan": _found(validators.international_phone),
    "numbering-plan-us": _found(validators.north_american_phone),
    "numbering-plans": _possible(lambda text: international.national_phone(text) is not None),
    "address-syntax": _proved(validators.is_email),
    "public-range": _possible(lambda text: addresses.ip(text) is not None),
    "ssn-ranges": _possible(international.is_ssn),
    "mac": _possible(international.is_mac),
    "url-credentials": _proved(international.is_credentials),
    "token-form": _possible(international.is_token),
}
"""By name: what a declaration's `validator` may be; the name stands in findings as `detail`."""

CANONICAL: Final[Mapping[str, Canonical]] = {
    "as-written": as_written,
    "digits": validators.digits_of,
    "letters-and-digits": chinese.letters_and_digits,
    "resident-id": chinese.any_resident_id,
    "email": validators.email,
    "ip": addresses.ip,
    "cn-mobile": chinese.mobile,
    "cn-landline": chinese.landline,
    "e164": validators.international_phone,
    "e164-us": validators.north_american_phone,
    "e164-national": international.national_phone,
    "lower": lambda text: as_written(text).lower(),
}
"""By name: what a declaration's `canonical` may be."""
