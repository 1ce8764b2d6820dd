"""The licences that a page's markup names, by how far each speaks for the page: before the markup is taken away.

In falling order (an order of our own, no standard ranks them): ``rel=license`` (HTML Living Standard 4.6.7.8), microdata and RDFa
of it, JSON-LD ``license`` (schema.org) and Dublin Core; then a licence's address in the footer; then one anywhere else, which
is an embedded work's as often as the page's.
"""

import json
import re
from typing import Any, NamedTuple

from lxml import etree

from checks.licence.fields import FOOTER, LINKED, LONGEST_RIGHTS, RIGHTS

_WHITE = re.compile(r"[ \t\n\r\f\v]+")
_LINKS_KEPT = 16
_LOOKED_AT = 256  # elements of a kind: a page may nest and repeat them as it likes
_JSON_KEPT = 1 << 18  # characters of one script
_RELATED = etree.XPath(
    "//*[(self::a or self::link) and contains(concat(' ', translate(normalize-space(@rel), 'LICENS', 'licens'), ' '), ' license ')"
    " or contains(concat(' ', @itemprop, ' '), ' license ')"
    " or @property='dct:license' or @property='dcterms:license' or @property='cc:license' or @property='schema:license']"
)
_METAS = etree.XPath("//meta[@content and (@name or @property)]")
_SCRIPTS = etree.XPath("//script[contains(@type, 'ld+json')]/text()")
_ADDRESSES = etree.XPath(
    "//*[self::a or self::link][contains(@href, 'creativecommons.org/') or contains(@href, 'creativecommons.net.cn/')]"
)
_IN_WORK = etree.XPath("boolean(ancestor::figure or ancestor::figcaption)")
_IN_FOOTER = etree.XPath(
    "boolean(ancestor-or-self::*[self::footer or @role='contentinfo' or contains(@id, 'foot') or contains(@class, 'foot')"
    " or contains(@id, 'copyright') or contains(@class, 'copyright')])"
)
_RIGHTS_NAMES = frozenset(
    ("dc.license", "dc:license", "dcterms.license", "dcterms:license", "dc.rights", "dc:rights", "dcterms.rights",
     "dcterms:rights", "dc.rights.license", "dc.rightslicense", "dcterms.rights.license")
)  # fmt: skip
_EMBEDDED = frozenset(("ImageObject", "VideoObject", "AudioObject", "MediaObject", "SoftwareApplication"))


class Licences(NamedTuple):
    """*declared*: links and ids that speak for the page, parted by spaces; *elsewhere*: by key of `checks.licence.fields`."""

    declared: str | None
    elsewhere: dict[str, str]


def page_licences(root: etree._Element) -> Licences:
    """What the tree of a whole page names; at most sixteen of each kind, in their order, each once."""
    declared, footer, linked = dict[str, None](), dict[str, None](), dict[str, None]()
    for node in _RELATED(root)[:_LOOKED_AT]:
        address = _address(node)
        if address:
            (linked if _IN_WORK(node) else declared)[address] = None
    for value in _of_scripts(root):
        declared[value] = None
    rights = []
    for meta in _METAS(root)[:_LOOKED_AT]:
        if (meta.get("name") or meta.get("property") or "").strip().lower() in _RIGHTS_NAMES:
            value = _WHITE.sub(" ", meta.get("content") or "").strip()
            if value and " " not in value:
                declared[value] = None
            elif value:
                rights.append(value)
    for node in _ADDRESSES(root)[:_LOOKED_AT]:
        address = _address(node)
        if address and address not in declared:
            (footer if _IN_FOOTER(node) and not _IN_WORK(node) else linked)[address] = None
    elsewhere = {
        FOOTER: _joined(footer), LINKED: _joined({a: None for a in linked if a not in declared and a not in footer}),
        RIGHTS: " ".join(rights)[:LONGEST_RIGHTS],
    }  # fmt: skip
    return Licences(_joined(declared) or None, {key: value for key, value in elsewhere.items() if value})


def _joined(links: dict[str, None]) -> str:
    return " ".join(list(links)[:_LINKS_KEPT])


def _address(node: etree._Element) -> str:
    return _WHITE.sub("", node.get("href") or node.get("resource") or node.get("content") or "")


def _of_scripts(root: etree._Element) -> list[str]:
    """`license` of the page's own JSON-LD nodes, top level and ``@graph``; not of the pictures and films in it."""
    found = []
    for script in _SCRIPTS(root):
        if len(script) > _JSON_KEPT:
            continue
        try:
            parsed: Any = json.loads(script)
        except (ValueError, RecursionError):  # a page's broken script names nothing
            continue
        nodes = parsed if isinstance(parsed, list) else [parsed]
        nodes += [
            n
            for node in nodes
            if isinstance(node, dict) and isinstance(node.get("@graph"), list)
            for n in node["@graph"]
        ]
        for node in nodes:
            if isinstance(node, dict) and not _EMBEDDED & {t for t in _listed(node.get("@type")) if isinstance(t, str)}:
                values = [
                    v.get("@id") or v.get("url") if isinstance(v, dict) else v for v in _listed(node.get("license"))
                ]
                found += [_WHITE.sub("", v) for v in values if isinstance(v, str) and v.strip()]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
