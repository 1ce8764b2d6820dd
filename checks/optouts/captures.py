"""A WAT record as the page it tells of: what a text record (WET) has lost, its headers and meta elements.

Common Crawl's WET names its response by `WARC-Refers-To`, as its WAT does; so does `Supplied.record_id`. No join is no
evidence, which is never silence.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from checks.optouts.excerpt import metas_again
from checks.optouts.header_block import header_block

LIMIT_BYTES: Final = 16 << 20


class WatPage(NamedTuple):
    """What a WAT keeps of a response: *headers* as a header block, *body* as the page's meta elements written anew.

    Both are this program's bytes, made from the WAT's: the proof to keep is the WAT record. *response_id*: of the response.
    """

    response_id: str
    uri: str
    date: str
    status: int | None
    headers: bytes
    body: bytes


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
    return WatPage(name, uri, date, number, header_block(pairs), metas_again(_pairs(elements)))


def _pairs(elements: Any) -> Iterator[tuple[str, str]]:
    for one in elements if isinstance(elements, list) else ():
        if isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("content"), str):
            yield one["name"], one["content"]


def _dict(value: Any, key: str) -> dict[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _texts(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
