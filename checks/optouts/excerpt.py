"""What is kept of a page: the header lines and meta elements that can speak of its use, and nothing else of it.

A page's other headers (cookies) and its text are no evidence and may be personal; its shard or capture has them.
"""

import html
from collections.abc import Iterable
from typing import Final, NamedTuple

from checks.optouts.header_block import fields, header_block
from checks.optouts.markup import metas
from checks.optouts.preferences import CONTENT_SIGNAL, CONTENT_USAGE

HEADERS: Final = (CONTENT_USAGE, CONTENT_SIGNAL, "x-robots-tag", "tdm-reservation", "tdm-policy")
_RULES: Final = ("noai", "noimageai")


class Excerpt(NamedTuple):
    """*headers*: a header block; *body*: meta elements written anew, a line each. None: that part was not kept at all."""

    headers: bytes | None
    body: bytes | None


def page_excerpt(headers: bytes | None, body: bytes | None) -> Excerpt:
    """The excerpt of a header block and of a page's bytes; it is its own excerpt."""
    lines = None
    if headers is not None:
        told = ((one.name, one.value.decode("latin-1")) for one in fields(headers) if one.name in HEADERS)
        lines = header_block(told)
    return Excerpt(lines, None if body is None else metas_again((m.name, m.content.decode()) for m in metas(body)))


def metas_again(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Meta elements of (name, content) pairs: those named tdm-…, and those that say `noai`."""
    lines = [
        f'<meta name="{html.escape(name)}" content="{html.escape(content)}">\n'
        for name, content in pairs
        if name.lower().startswith("tdm-") or any(rule in content.lower() for rule in _RULES)
    ]
    return "".join(lines).encode("utf-8", "replace")
