"""Numbers by which mainland sites show their filing (ICP, value-added telecoms, public security): hints of origin, no proof.

Administrative Measures for Internet Information Services (State Council Decree 292) ask for the filing number on the front
page. Anybody can copy one, a page can quote another's, and a site without one may be mainland all the same.
"""

import re
from typing import Final, NamedTuple

from checks.triggers import PatternSet, octets

ICP_FILING: Final = "icp-filing"
ICP_LICENCE: Final = "icp-licence"
TELECOM_LICENCE: Final = "telecom-licence"
POLICE_FILING: Final = "police-filing"
KINDS: Final = (ICP_FILING, ICP_LICENCE, TELECOM_LICENCE, POLICE_FILING)
TRIGGERS: Final = PatternSet(
    (
        ("icp", r"(?i)icp[^\n]{0,3}(?:备|備|证|證)"),
        ("police", "公网安(?:备|備)"),
        ("telecom", r"[ABab][12][.Bb12]{0,3}-[0-9]{8}"),
    )
)
"""In every line that holds a number; the expression below reads those lines alone."""
_PROVINCES: Final = "京津沪渝冀晋蒙辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川蜀贵黔滇云藏陕甘陇青宁新遼蘇閩贛魯瓊貴雲陝隴寧渝滬"
_FILING: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?P<province>[{_PROVINCES}])\s?(?:"
    r"ICP\s?[备備]\s?(?P<filing>[0-9]{6,10})\s?[号號]?(?:-[0-9]{1,4})?(?![0-9])"
    r"|ICP\s?[证證]\s?(?P<licence>[A-Z]?[0-9]{6,10})\s?[号號]?(?:-[0-9]{1,4})?(?![0-9])"
    r"|[AB][12]\.?(?:B[12])?-(?P<telecom>[0-9]{8})(?![0-9])"
    r"|公网安[备備]\s?(?P<police>[0-9]{13,14})\s?[号號]?(?![0-9]))",
    re.IGNORECASE,
)
_KINDS: Final = {"filing": ICP_FILING, "licence": ICP_LICENCE, "telecom": TELECOM_LICENCE, "police": POLICE_FILING}


class Hint(NamedTuple):
    """One number. *province*: its first character; [start, end): bytes of the text in UTF-8. The number is not kept:
    a natural person can hold one.
    """

    kind: str
    province: str
    start: int
    end: int


def filings(text: str) -> tuple[Hint, ...]:
    """All filing numbers in *text*, in order; time linear in its length."""
    return filings_in(text.encode("utf-8", "surrogatepass"))


def filings_in(data: bytes) -> tuple[Hint, ...]:
    """All filing numbers in text as UTF-8, of which other bytes are no part."""
    text = data.decode("utf-8", "surrogateescape")
    found: list[Hint] = []
    counted, at = 0, 0
    for match in _FILING.finditer(text):
        at += octets(text[counted : match.start()])
        long = octets(match.group())
        found.append(Hint(_KINDS[match.lastgroup or ""], match["province"], at, at + long))
        counted, at = match.end(), at + long
    return tuple(found)
