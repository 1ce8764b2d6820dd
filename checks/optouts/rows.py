"""A row that the customer's crawler wrote (JSONL or Parquet) as one supplied file, or the reason why it is none."""

import base64
import binascii
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from checks.optouts.evidence import KINDS, PAGE, Supplied, host_of, moment
from checks.optouts.header_block import header_block

KEYS: Final = ("host", "kind", "url", "fetched_at", "status", "body", "body_base64", "headers")
"""Of a row; others are ignored. *body*: bytes, or text that is taken as UTF-8; *headers*: a block of lines, pairs, or an object."""


def supplied_file(row: Mapping[str, Any]) -> Supplied | str:
    """The file of *row*, or one clause on what is wrong with it, without a value. Never raises.

    A kind that has none of its own host takes that of its URL. A status that is no whole number is not supplied.
    """
    kind, url = row.get("kind"), row.get("url")
    if kind not in KINDS:
        return f"kind is none of {', '.join(KINDS)}"
    if kind == PAGE and not (isinstance(url, str) and url):
        return "a page has no url"
    written = row.get("host") or url
    host = host_of(written) if isinstance(written, str) else ""
    if not host:
        return "no host"
    fetched_at = row.get("fetched_at")
    fetched_at = fetched_at.isoformat() if isinstance(fetched_at, date) else fetched_at  # a datetime is a date
    if not isinstance(fetched_at, str) or moment(fetched_at) is None:
        return "fetched_at is no time: write ISO 8601 or 14 digits"
    status = row.get("status")
    try:
        body, headers = _body(row), _headers(row.get("headers"))
    except (ValueError, TypeError, binascii.Error):
        return "body or headers are of no kind that is read"
    known = status if isinstance(status, int) and not isinstance(status, bool) else None
    return Supplied(str(kind), host, fetched_at, known, body, headers, url if kind == PAGE else None)


def objects_of(one: Supplied) -> dict[str, bytes]:
    """What is to be kept of *one*, by the sha256 of its bytes: the body and the header block."""
    parts = zip(one.digests, (one.body, one.headers), strict=True)
    return {digest: part for digest, part in parts if digest is not None and part is not None}


def _body(row: Mapping[str, Any]) -> bytes | None:
    coded = row.get("body_base64")
    if coded is not None:
        return base64.b64decode(coded, validate=True)
    return _bytes(row.get("body"))


def _headers(value: Any) -> bytes | None:
    if isinstance(value, Mapping):
        told = ((name, one) for name, many in value.items() for one in (many if isinstance(many, list) else [many]))
        return header_block(_pair(pair) for pair in told)
    if isinstance(value, list | tuple):
        return header_block(_pair(pair) for pair in value)
    return _bytes(value)


def _pair(pair: Any) -> tuple[str, str]:
    name, value = pair
    if not (isinstance(name, str) and isinstance(value, str)):
        raise TypeError
    return name, value


def _bytes(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    raise TypeError
