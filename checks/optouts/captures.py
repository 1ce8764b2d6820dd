"""A text record (WET) joined to the capture it was made from (WARC, or WAT of it), whose headers and tags it lost.

Common Crawl's WET names its response by `WARC-Refers-To`; where that leads nowhere, address and time together may, if they
name one capture alone. No join is no evidence, which is never silence.
"""

import html
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from checks.optouts.header_block import header_block

BY_ID: Final = "record-id"
BY_ADDRESS: Final = "target-uri-and-date"
NOT_THERE: Final = "no evidence: the capture was not supplied"
SEVERAL: Final = "no evidence: several captures of that address and time"
LIMIT_BYTES: Final = 16 << 20


class Capture(NamedTuple):
    """A response as supplied, or what a WAT says of it. *response_id*: of the response itself, as its WARC header has it."""

    response_id: str
    uri: str
    date: str


class Text(NamedTuple):
    """A conversion record: *refers_to* is its `WARC-Refers-To`, None where it has none."""

    refers_to: str | None
    uri: str | None
    date: str | None


class Join(NamedTuple):
    """Which capture, by its place among those supplied, and how it was found; None and why not."""

    capture: int | None
    how: str


class WatPage(NamedTuple):
    """What a WAT keeps of a response: *headers* as a header block, *body* as the page's meta elements written anew.

    Both are this program's bytes, made from the WAT's: the proof to keep is the WAT record.
    """

    response_id: str
    uri: str
    date: str
    status: int | None
    headers: bytes
    body: bytes


def joined_captures(texts: Sequence[Text], captures: Sequence[Capture]) -> list[Join]:
    """The capture of each text, in the order of *texts*. Of two rows on one response (WARC and WAT) the first counts."""
    by_id: dict[str, int] = {}
    by_address: dict[tuple[str, str], set[str]] = {}
    for number, one in enumerate(captures):
        name = _id(one.response_id)
        by_id.setdefault(name, number)
        by_address.setdefault((_id(one.uri), one.date.strip()), set()).add(name)
    return [_join(text, by_id, by_address) for text in texts]


def wat_page(payload: bytes) -> WatPage | None:
    """A WAT record's JSON as a page; None for one of a request or a file, and for what is no such JSON. Never raises."""
    if len(payload) > LIMIT_BYTES:
        return None
    try:
        envelope = _dict(json.loads(payload), "Envelope")
    except (ValueError, RecursionError):
        return None
    header, metadata = _dict(envelope, "WARC-Header-Metadata"), _dict(envelope, "Payload-Metadata")
    answer = _dict(metadata, "HTTP-Response-Metadata")
    if header.get("WARC-Type") != "response" or not answer:
        return None
    name, uri, date = (header.get(key) for key in ("WARC-Record-ID", "WARC-Target-URI", "WARC-Date"))
    if not (isinstance(name, str) and isinstance(uri, str) and isinstance(date, str)):
        return None
    status = str(_dict(answer, "Response-Message").get("Status", ""))
    number = int(status) if status.isascii() and status.isdigit() and len(status) == 3 else None
    pairs = [(name, one) for name, value in _dict(answer, "Headers").items() for one in _texts(value)]
    elements = _dict(_dict(answer, "HTML-Metadata"), "Head").get("Metas")
    return WatPage(name, uri, date, number, header_block(pairs), _metas_again(elements))


def _join(text: Text, by_id: dict[str, int], by_address: dict[tuple[str, str], set[str]]) -> Join:
    if text.refers_to and _id(text.refers_to) in by_id:
        return Join(by_id[_id(text.refers_to)], BY_ID)
    names = by_address.get((_id(text.uri or ""), (text.date or "").strip()), set()) if text.uri and text.date else set()
    if len(names) > 1:
        return Join(None, SEVERAL)
    return Join(by_id[next(iter(names))], BY_ADDRESS) if names else Join(None, NOT_THERE)


def _id(written: str) -> str:
    """WARC 1.0 and 1.1 differ in whether angle brackets belong to a URI."""
    return written.strip().removeprefix("<").removesuffix(">")


def _metas_again(elements: Any) -> bytes:
    told = [one for one in elements if isinstance(one, dict)] if isinstance(elements, list) else []
    lines = [
        f'<meta name="{html.escape(one["name"])}" content="{html.escape(one["content"])}">\n'
        for one in told
        if isinstance(one.get("name"), str) and isinstance(one.get("content"), str)
    ]
    return "".join(lines).encode("utf-8", "replace")


def _dict(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
