"""What counts as which personal entity: the expressions, their triggers, validators and canonical forms, side by side.

Expressions are for the `regex` module over code points, and keep three rules that the speed and the equality rest on:
neighbours are looked at by ASCII look-arounds (Han characters are word characters, so a word boundary between 箱 and z
does not exist); what they match and look at lies in `checks.personal.pieces.ALPHABET`; none matches a line feed.
Triggers are over bytes (`checks.triggers`): every line with a match of an entity has a match of one of its triggers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from checks.personal import addresses, validators

_HEAD: Final = r"(?<![0-9A-Za-z０-９])(?<![0-9]\.)"  # not inside a word or number, and no decimal fraction
_TAIL: Final = r"(?![0-9A-Za-z０-９])(?!\.[0-9])"
_D: Final = "[0-9０-９]"
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

_EDGE: Final = r"(?:^|[^0-9A-Za-z\n])"  # a trigger's left neighbour
_ANY_D: Final = r"(?:[0-9]|\xef\xbc[\x90-\x99])"
# A full-width digit among eleven or more has five digits behind it or five before it.
_WIDE: Final = (rf"\xef\xbc[\x90-\x99](?:[ \-]?{_ANY_D}){{5}}", rf"(?:{_ANY_D}[ \-]?){{5}}\xef\xbc[\x90-\x99]")


@dataclass(frozen=True)
class Entity:
    """One recognizer's worth of knowledge. *validate*: False drops, True is score 1, None leaves the score."""

    key: str  # of the recognizer; several may find one entity
    name: str  # Presidio's name
    expressions: tuple[str, ...]
    score: float  # Presidio's, before validation
    triggers: tuple[str, ...]
    canonical: Callable[[str], str | None]  # what the HMAC is over
    validate: Callable[[str], bool | None]
    detail: str  # the validator's name, in findings


def _is(canonical: Callable[[str], str | None]) -> Callable[[str], bool | None]:
    return lambda text: canonical(text) is not None


def _none_but(canonical: Callable[[str], str | None]) -> Callable[[str], bool | None]:
    return lambda text: None if canonical(text) is not None else False


RESIDENT_ID: Final = Entity(
    key="cn_resident_id",
    name="CN_RESIDENT_ID",
    expressions=(
        _HEAD
        + rf"[1-8１-８]{_D}{{5}}[ -]?[12１２][089０８９]{_D}{{2}}[01０１]{_D}[0-3０-３]{_D}[ -]?{_D}{{3}}[0-9０-９XxＸｘ]"
        r"(?![0-9A-Za-z０-９])",
    ),
    score=0.5,
    triggers=(
        _EDGE
        + r"[1-8][0-9]{5}[ \-]?(?:19|20)[0-9]{2}[01][0-9][0-3][0-9][ \-]?[0-9]{3}",  # what validation leaves of years
        *_WIDE,
    ),
    canonical=validators.resident_id,
    validate=validators.is_resident_id,
    detail="mod11-2",
)
CARD: Final = Entity(
    key="credit_card",
    name="CREDIT_CARD",
    expressions=(
        _HEAD + r"[1-6][0-9]{11,18}" + _TAIL,
        _HEAD + r"[2-6][0-9]{3}(?: [0-9]{4}){3}(?: [0-9]{1,3})?" + _TAIL,
        _HEAD + r"[2-6][0-9]{3}(?:-[0-9]{4}){3}(?:-[0-9]{1,3})?" + _TAIL,
        _HEAD + r"3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5}" + _TAIL,
    ),
    score=0.4,
    triggers=(
        _EDGE + r"[1-6][0-9]{11}",
        _EDGE + r"[2-6][0-9]{3}[ \-][0-9]{4}[ \-][0-9]{4}[ \-][0-9]{4}",
        _EDGE + r"3[0-9]{3}[ \-][0-9]{6}[ \-][0-9]{4}",
    ),
    canonical=validators.digits_of,
    validate=validators.is_card,
    detail="luhn",
)
EMAIL: Final = Entity(
    key="email_address",
    name="EMAIL_ADDRESS",
    expressions=(
        r"(?<![0-9A-Za-z._%+-])[0-9A-Za-z_][0-9A-Za-z._%+-]{0,63}[@＠](?:[0-9A-Za-z-]{1,63}\.){1,8}[A-Za-z]{2,24}"
        r"(?![0-9A-Za-z])",
    ),
    score=0.5,
    triggers=(r"[0-9A-Za-z._%+\-](?:@|\xef\xbc\xa0)[0-9A-Za-z\-]{1,63}\.[0-9A-Za-z]",),
    canonical=validators.email,
    validate=validators.is_email,
    detail="address-syntax",
)
CHINESE_PHONE: Final = Entity(
    key="cn_phone",
    name="PHONE_NUMBER",
    expressions=(
        _HEAD + rf"(?:(?:[+＋]|00)?86[ -]?)?[1１][3-9３-９]{_D}[ -]?{_D}{{4}}[ -]?{_D}{{4}}" + _TAIL,
        _HEAD
        + r"(?:(?:\+|00)?86[ -]?)?(?:\(0[1-9][0-9]{1,2}\)|（0[1-9][0-9]{1,2}）|0[1-9][0-9]{1,2}[ -])[ -]?[2-8][0-9]{2,3}[ -]?[0-9]{4}"
        + _TAIL,
    ),
    score=0.4,
    triggers=(
        _EDGE + r"1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}",
        _EDGE + r"(?:00)?861[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}",
        *_WIDE,
        r"(?:\(0[1-9][0-9]{1,2}\)|（0[1-9][0-9]{1,2}）)[ \-]{0,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}",
        r"(?:^|[^0-9A-Za-z\n]|86)0[1-9][0-9]{1,2}[ \-]{1,2}[2-8][0-9]{2,3}[ \-]?[0-9]{4}",
    ),
    canonical=validators.chinese_phone,
    validate=_is(validators.chinese_phone),
    detail="numbering-plan",
)
NORTH_AMERICAN_PHONE: Final = Entity(
    key="nanp_phone",
    name="PHONE_NUMBER",
    expressions=(
        _HEAD
        + r"(?<![-+])(?:\+?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[.-][0-9]{4}(?:x[0-9]{1,5})?"
        r"(?![0-9A-Za-z]|[.-][0-9])",
    ),
    score=0.4,
    triggers=(r"[2-9][0-9]{2}\)?[ .\-]?[2-9][0-9]{2}[.\-][0-9]{4}",),
    canonical=validators.north_american_phone,
    validate=_is(validators.north_american_phone),
    detail="numbering-plan",
)
INTERNATIONAL_PHONE: Final = Entity(
    key="intl_phone",
    name="PHONE_NUMBER",
    expressions=(_HEAD + r"\+[1-9][0-9]{0,2}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){5,12}" + _TAIL,),
    score=0.4,
    triggers=(r"\+[1-9][0-9]{0,2}[ .\-]?(?:\([0-9]{1,4}\)[ .\-]?)?[0-9](?:[ .\-]?[0-9]){5}",),
    canonical=validators.international_phone,
    validate=_is(validators.international_phone),
    detail="numbering-plan",
)
IP: Final = Entity(
    key="ip_address",
    name="IP_ADDRESS",
    expressions=(
        rf"(?<![0-9A-Za-z.])(?:{_OCTET}\.){{3}}{_OCTET}(?![0-9A-Za-z]|\.[0-9])",
        r"(?<![0-9A-Za-z:.])[23fF][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{1,4}){7}(?![0-9A-Za-z:.])",
        r"(?<![0-9A-Za-z:.])[23fF][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{1,4}){0,6}::(?:[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,5})?(?![0-9A-Za-z:.])",
    ),
    score=0.6,
    triggers=(
        r"(?:^|[^0-9A-Za-z.\n])[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
        r"(?:^|[^0-9A-Za-z:.\n])[23fF][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{3}",
        r"(?:^|[^0-9A-Za-z:.\n])[23fF][0-9A-Fa-f]{3}::",
    ),
    canonical=addresses.ip,
    validate=_none_but(addresses.ip),  # no check digit: the score stays below a validated one
    detail="public-range",
)

ENTITIES: Final = (RESIDENT_ID, CARD, EMAIL, CHINESE_PHONE, INTERNATIONAL_PHONE, NORTH_AMERICAN_PHONE, IP)
"""In the order that breaks a tie between findings of one length and score: an id number that passes Luhn is no card."""
NAMES: Final = tuple(dict.fromkeys(e.name for e in ENTITIES))
