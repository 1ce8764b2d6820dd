"""The `meta` elements of a page's bytes, with their places: tags alone are looked at, in time linear in the page."""

import html
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from checks.optouts.text_bytes import octets

LOOKED_AT_BYTES: Final = 1 << 20
"""Of a page; a head longer than this is none."""
LONGEST_TAG_BYTES: Final = 4096
# What opens at a "<" here: a comment, text that holds no markup, or a meta element. A title's and a textarea's text is text.
_OPENS: Final = re.compile(rb"<(?:(?P<comment>!--)|(?P<raw>script|style|textarea|title|template)(?=[\s/>])|(?P<meta>meta)(?=[\s/]))", re.IGNORECASE)  # fmt: skip
_ATTRIBUTE: Final = re.compile(rb"[\s/]*(?P<name>[^\s/>=\"']+)(?:\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<bare>[^\s>\"']+)))?")  # fmt: skip


class Meta(NamedTuple):
    """One element: *name* in lower case, *content* as bytes with character references resolved, [start, end) of the page."""

    name: str
    content: bytes
    start: int
    end: int


def metas(body: bytes) -> Iterator[Meta]:
    """Every meta element with a name and a content, in order; those in comments, scripts and templates are not there."""
    source = octets(body[:LOOKED_AT_BYTES])
    data = source.data
    lower = data.lower()
    at = 0
    while True:
        opened = _OPENS.search(data, at)
        if opened is None:
            return
        at = opened.end()
        if opened["comment"]:
            closed = data.find(b"-->", opened.start() + 2)
        elif opened["raw"]:
            closed = lower.find(b"</" + opened["raw"].lower(), at)
        else:
            end, found = _attributes(data, at)
            if "name" in found and "content" in found:
                span = source.span(opened.start(), end)
                yield Meta(_text(found["name"]).strip().lower(), _text(found["content"]).encode(), *span)
            at = end
            continue
        if closed < 0:
            return  # the rest of the page is inside it
        at = closed


def _attributes(data: bytes, at: int) -> tuple[int, dict[str, bytes]]:
    """(where the tag ends, attributes by name: the first of a name counts)."""
    stop = min(len(data), at + LONGEST_TAG_BYTES)
    found: dict[str, bytes] = {}
    while at < stop:
        match = _ATTRIBUTE.match(data, at, stop)
        if match is None or match.end() == at:
            closed = data.find(b">", at, stop)
            return (closed + 1 if closed >= 0 else stop), found
        value = next((v for v in (match["double"], match["single"], match["bare"]) if v is not None), b"")
        found.setdefault(match["name"].decode("utf-8", "replace").lower(), value)
        at = match.end()
    return stop, found


def _text(value: bytes) -> str:
    return html.unescape(value.decode("utf-8", "replace"))
