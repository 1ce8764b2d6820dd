"""From what somebody wrote as a licence to an SPDX expression and a class; nothing here decides what a use needs.

Classes, least restrictive first. The order is the one thing a verdict rests on: most restrictive evidence wins.
``unknown`` stands above every class that grants something on known terms, and below the three that are known to
withhold something: it never counts as fine, and it never hides a prohibition.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from checks.licence.names import ALIASES, LICENCE_URLS, NAME, OWN, alias_of, cc_terms
from checks.loaded import once

CLASSES: Final = (
    "public-domain",  # CC0, PDDL, Unlicense
    "permissive",  # MIT, BSD, Apache, MulanPSL, CDLA-Permissive
    "attribution",  # CC BY, ODC-By: content licences whose one duty is credit
    "share-alike",  # CC BY-SA, ODbL, GPL: derivatives under the same terms
    "unknown",  # nothing declared, or nothing that can be classed
    "no-derivatives",  # CC BY-ND
    "non-commercial",  # CC BY-NC, BY-NC-SA, BY-NC-ND, PolyForm Noncommercial, research only
    "restricted",  # source-available and proprietary terms, notices that forbid copying, crawling or training
)
UNKNOWN: Final = "unknown"
_RANK: Final = {name: i for i, name in enumerate(CLASSES)}
_LONGEST_DECLARATION: Final = 400  # characters; no SPDX expression in use comes near, and parsing is recursive
_MOST_WORDS: Final = 64  # of one declaration that are looked at; a page's reader keeps 16 links

# ScanCode LicenseDB's categories (carried by license-expression, CC BY 4.0 data of AboutCode).
_CATEGORIES: Final = {
    "Public Domain": "public-domain", "Permissive": "permissive", "Copyleft": "share-alike", "Copyleft Limited": "share-alike",
    "Source-available": "restricted", "Free Restricted": "restricted", "Proprietary Free": "restricted", "Commercial": "restricted",
}  # fmt: skip
# Where those categories hide what matters for training: CC BY-NC and BY-ND are both "Source-available" there.
_OWN: Final = {
    "ODC-By-1.0": "attribution", "PolyForm-Noncommercial-1.0.0": "non-commercial", "NCGL-UK-2.0": "non-commercial",
    "C-UDA-1.0": "non-commercial", "OGL-UK-3.0": "attribution", "etalab-2.0": "attribution", "DL-DE-BY-2.0": "attribution",
}  # fmt: skip

_CC_NAME: Final = re.compile(
    r"\A(?:cc|creativecommons|知识共享|知識共享)(?P<terms>(?:attribution|by|署名|noncommercial|nc|非商业性使用|非商业性|非商业|非商業性"
    r"|sharealike|sa|相同方式共享|相同方式分享|noderivatives|noderivs|nd|禁止演绎|禁止改作)+)(?P<version>[1-4]\.[0-9])?"
    r"(?:international|unported|国际|国际版)?\Z"
)
_CC_ORDER: Final = ("BY", "NC", "ND", "SA")  # of a CC id
CC_URL: Final = re.compile(
    r"(?:https?://)?(?:[a-z]{1,3}\.)?creativecommons\.(?:org|net\.cn)/"
    r"(?:licenses/(?P<terms>(?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa)){0,3})|publicdomain/(?P<dedication>zero|mark))"
    r"(?:/(?P<version>[1-4]\.[0-9]))?(?:/[a-z]{2,3}(?![a-z]))?(?:/(?:deed|legalcode)(?:\.[A-Za-z]{2}(?:[_-][A-Za-z]{2,4})?)?|/)?",
    re.IGNORECASE,
)
"""A Creative Commons licence's address, with version, jurisdiction, deed and its language as they may follow."""

_OWN_TERMS: Final = re.compile(r"LicenseRef-[A-Za-z0-9.-]{1,100}(?: AND LicenseRef-[A-Za-z0-9.-]{1,100}){0,7}")
_ONE_ID: Final = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9.+_-]*"
)  # one token of the parser, which parts at blanks and brackets
_CC_SITE: Final = re.compile(r"(?:https?:)?//(?:[a-z]{1,3}\.)?creativecommons\.(?:org|net\.cn)(?:/|\Z)", re.IGNORECASE)


class Declared(NamedTuple):
    """What a declaration comes to. *spdx*: the normalised expression, None where there is no SPDX id for it."""

    spdx: str | None
    licence_class: str
    ids: tuple[str, ...] = ()  # the SPDX ids in the expression, sorted, each once


def most_restrictive(classes: Iterable[str]) -> str:
    """The minimum of what is granted; of nothing, unknown."""
    return max(classes, key=_RANK.__getitem__, default=UNKNOWN)


def is_stricter(a: str, b: str) -> bool:
    """Does class *a* grant less than class *b*?"""
    return _RANK[a] > _RANK[b]


def classify(declaration: str) -> Declared:
    """The SPDX expression and class of a declared string: an expression, a hub's tag, a licence's name or its URL.

    ``AND`` is the most restrictive part, ``OR`` the least, as whoever uses it may choose; ``WITH`` keeps the base.
    Pure and offline; what cannot be read is unknown, never an error.
    """
    text = declaration.strip()
    return _classified(text) if 0 < len(text) <= _LONGEST_DECLARATION else Declared(None, UNKNOWN)


def registered(written: str) -> Declared:
    """As `classify`, of what the registry declares: its own LicenseRef-… terms keep their names, for a table that knows them."""
    said = classify(written)
    if said.spdx is not None or not _OWN_TERMS.fullmatch(written.strip()):
        return said
    return Declared(written.strip(), said.licence_class, said.ids)


def declarations(written: str) -> tuple[Declared, ...]:
    """Everything that a record's own field declares: one licence, or several links and ids parted by white space.

    Each address counts by itself, and what stands beside addresses only where it names a licence; a link to Creative
    Commons' own pages that is no licence's says nothing beside another. Without an address, several SPDX ids are taken
    singly where the whole is no expression and no name; words among them that nobody knows are one unknown declaration.
    """
    words = written.split()
    if not words:
        return ()
    links = [word for word in words[:_MOST_WORDS] if "/" in word]
    beyond = [Declared(None, UNKNOWN)] if len(words) > _MOST_WORDS else []
    if len(words) == 1:
        return (classify(written),)
    if any("://" in link for link in links):
        said = [(link, classify(link)) for link in links]
        found = [d for link, d in said if d.licence_class != UNKNOWN or not _CC_SITE.match(link)]
        beside = classify(" ".join(word for word in words[:_MOST_WORDS] if "/" not in word))
        found += [beside] if beside.licence_class != UNKNOWN else []
        return tuple(dict.fromkeys(found + beyond)) or (Declared(None, UNKNOWN),)
    whole = classify(written)
    if whole.licence_class != UNKNOWN or whole.ids:
        return (whole,)
    singly = [classify(word.strip(",;|、，；")) for word in words[:_MOST_WORDS]]
    named = [d if d.ids else whole for d in singly]
    return tuple(dict.fromkeys(named + beyond))


@lru_cache(maxsize=16_384)
def _classified(text: str) -> Declared:
    if "://" in text or "/" in text:
        url = CC_URL.search(text)
        if url:
            return of_cc_url(url)
        for pattern, spdx in LICENCE_URLS:
            if pattern.search(text):
                return of_alias(spdx)
    found = _of_expression(text)
    if found.licence_class != UNKNOWN or found.ids:
        return found
    folded = _folded(text)
    named = _CC_NAME.match(folded)
    if named:
        return _of_cc_terms(cc_terms(named["terms"]), named["version"])
    if (alias := ALIASES.get(folded)) is not None:
        return of_alias(alias)
    if (name := NAME.fullmatch(text)) is not None:
        return of_name(name)
    return _of_expression(folded)  # a declaration may itself begin with the sign that marks a class in an alias


def of_alias(alias: str) -> Declared:
    """What a value of `names.ALIASES` stands for: an expression, or a class in angle brackets."""
    return Declared(None, alias[1:-1]) if alias.startswith("<") else _of_expression(alias)


def of_name(match: re.Match[str]) -> Declared:
    """What a match of `names.NAME`, a licence's name in prose, says."""
    return _of_cc_terms(cc_terms(match["cc"]), match["ccv"]) if match["cc"] else of_alias(alias_of(match))


def of_cc_url(match: re.Match[str]) -> Declared:
    """What a match of `CC_URL` says. Version 4.0 and a missing one have no jurisdiction; ported versions keep the plain id."""
    if match["dedication"]:
        return _of_expression("CC0-1.0" if match["dedication"].lower() == "zero" else "CC-PDM-1.0")
    return _of_cc_terms(set(match["terms"].upper().split("-")), match["version"])


def spdx_ids() -> frozenset[str]:
    """The closed set of ids: licences of the SPDX list as license-expression carries it, without LicenseRef-…"""
    return once("SPDX ids", lambda: frozenset(i for i in _categories() if not i.startswith("LicenseRef-")))


def class_of_id(spdx: str) -> str:
    """The class of an id of the SPDX list, of LicenseDB (``LicenseRef-scancode-…``) or of `names.OWN`; else unknown."""
    return OWN.get(spdx) or _categories().get(spdx, UNKNOWN)


def term_of(spdx: str | None, licence_class: str) -> str:
    """What stands for evidence in a record's expression: its own expression, else the own term of its class."""
    return spdx or f"LicenseRef-{licence_class}"


def _of_cc_terms(terms: set[str], version: str | None) -> Declared:
    """Every licence since 2.0 asks for attribution, and most that leave the word out mean it."""
    licence_class = _cc_class(terms)
    spdx = "-".join(["CC", *(t for t in _CC_ORDER if t in terms), version or ""])
    if spdx in spdx_ids():
        return Declared(spdx, licence_class, (spdx,))
    own = "-".join(["LicenseRef-CC", *(t for t in _CC_ORDER if t in terms | {"BY"})])
    return Declared(own if own in OWN else None, licence_class)


def _of_expression(text: str) -> Declared:
    if _ONE_ID.fullmatch(text):
        spdx = _one_id(text)
        if spdx is not None:
            return Declared(spdx or None, class_of_id(spdx), (spdx,) if spdx in spdx_ids() else ())
    from license_expression import ExpressionError

    try:
        parsed = _licensing().parse(text)
    except (ExpressionError, RecursionError):
        return Declared(None, UNKNOWN)
    if parsed is None:
        return Declared(None, UNKNOWN)
    ids = tuple(sorted({symbol for symbol in map(str, _symbols(parsed)) if symbol in spdx_ids()}))
    known = all(str(symbol) in OWN or str(symbol) in _categories() for symbol in _symbols(parsed))
    return Declared(parsed.render() if known else None, _class_of(parsed), ids)


def _symbols(node: Any) -> list[Any]:
    """The licence symbols of a parsed expression, without exceptions."""
    if hasattr(node, "args") and node.args:
        return [s for part in node.args for s in _symbols(part)]
    return [getattr(node, "license_symbol", node)]


def _class_of(node: Any) -> str:
    parts = [_class_of(part) for part in node.args] if getattr(node, "args", None) else []
    if parts:
        return most_restrictive(parts) if node.operator.strip().upper() == "AND" else min(parts, key=_RANK.__getitem__)
    return class_of_id(str(getattr(node, "license_symbol", node)))


def _licensing() -> Any:
    """The parser with the SPDX list, warm: its tokenizer is built at first use and only read afterwards."""

    def build() -> Any:
        from license_expression import get_spdx_licensing

        licensing = get_spdx_licensing()
        licensing.parse("MIT")
        return licensing

    return once("licence expressions", build)


def _one_id(text: str) -> str | None:
    """What the parser makes of one id, without the fifth of a second in which it is built: the id as listed; empty for terms
    of somebody's own that are not listed; None: the parser must be asked.
    """
    ids = _listed().ids
    if (lower := text.lower()) in ids:
        return ids[lower]
    return (text if text in OWN else "") if lower not in ("and", "or", "with") else None


def _categories() -> Mapping[str, str]:
    """SPDX id -> class."""
    return _listed().classes


class _Listed(NamedTuple):
    """*classes*: id -> class, without exceptions. *ids*: id or former id, in lower case -> id; None for exceptions and for
    what two share.
    """

    classes: Mapping[str, str]
    ids: Mapping[str, str | None]


def _listed() -> _Listed:
    """The SPDX list and LicenseDB as license-expression carries them."""

    def build() -> _Listed:
        index = json.loads((files("license_expression") / "data" / "scancode-licensedb-index.json").read_bytes())
        classes: dict[str, str] = {}
        ids: dict[str, str | None] = {}
        for entry in index:
            spdx = entry["spdx_license_key"]
            for name in (spdx, *entry.get("other_spdx_license_keys", ())) if spdx else ():
                told = None if entry["is_exception"] else spdx
                ids[name.lower()] = told if ids.get(name.lower(), told) == told else None
            if spdx and not entry["is_exception"]:
                category = _CATEGORIES.get(entry["category"], UNKNOWN)
                cc = _cc_class(set(spdx.split("-"))) if spdx.startswith("CC-BY") else None
                classes[spdx] = _OWN.get(spdx) or cc or category
        return _Listed(classes, ids)

    return once("licences listed", build)


def _cc_class(terms: set[str]) -> str:
    """BY-NC-ND is non-commercial: the stronger bar to a commercial service names it."""
    if "NC" in terms:
        return "non-commercial"
    if "ND" in terms:
        return "no-derivatives"
    return "share-alike" if "SA" in terms else "attribution"


def _folded(text: str) -> str:
    """Lower case without spaces, punctuation and the words licence, license, the, version: `Apache License, v2` = apachev2."""
    words = re.sub(r"licen[cs]es?|许可协议|许可证书|许可证|协议|\bthe\b|version", "", text.lower())
    return re.sub(r"[^0-9a-z.+\u4e00-\u9fff]", "", words) or text.lower()
