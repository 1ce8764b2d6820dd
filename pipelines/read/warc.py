"""Read WARC and WET: a record is a response, resource or conversion; url and time come from the WARC header.

HTTP is parsed by fastwarc, one framed record at a time, so that a broken one costs itself alone.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
from fastwarc.warc import WarcRecord

from checks.authenticity import LABEL_KEY, page_labels
from checks.optouts.batches import REFERS_TO, SAID
from checks.optouts.excerpt import page_excerpt
from checks.optouts.header_block import header_block
from pipelines.read.base import BLOCK_BYTES, LONGEST_RECORD_BYTES, Block, Careful, Framing, Shard, Span, Unread
from pipelines.read.blocks import make_block
from pipelines.read.codec import decoded
from pipelines.read.html_text import decode_page, page_text
from pipelines.read.warc_frames import Frame, frames
from schemas.canonical import canonical_json

NO_RECORDS = frozenset({"warcinfo", "request", "metadata", "revisit"})
"""WARC types that are frames but no records: they hold no document."""
_RECORDS = frozenset({"response", "resource", "conversion"})
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z)?)?)?")  # W3CDTF, as WARC 1.1 §5.4 allows
_MARKUP = re.compile(r"(text/html|application/xhtml\+xml)$")
_TEXTUAL = re.compile(r"(text/.+|application/(.+\+)?(json|xml|javascript|x-javascript|ecmascript|rss|atom|yaml))$")
_SNIFFED_BYTES = 1024
_SNIFFED_MARKUP = re.compile(rb"\s*(<!doctype html|<html|<head|<body|<title)", re.IGNORECASE)
_Decoding = Literal["all", "transfer", "content", "none"]
DECODINGS: tuple[_Decoding, ...] = ("all", "transfer", "content", "none")


class _Read(NamedTuple):
    text: str
    licence: str | None
    meta: str | None


def read_warc(
    shard: Shard, span: Span, framing: Framing, careful: Careful | None = None, window_bytes: int = BLOCK_BYTES,
    longest_bytes: int = LONGEST_RECORD_BYTES,
) -> Iterator[Block]:  # fmt: skip
    """All records (*span* is the whole), in blocks of about *window_bytes* of the decoded shard."""
    if span != Span():
        raise ValueError(span)
    stream = decoded(shard.stream(), framing.codec)
    rows, unread = _Rows(), list[Unread]()
    held = count = 0
    for frame in frames(stream, longest_bytes):
        kind = frame.headers.get("warc-type", "").lower()
        if frame.reason is None and kind in NO_RECORDS:
            continue
        if careful is not None and (count == 0 or any(a <= frame.offset < b for a, b in careful.slow)):
            careful.before(frame.offset)
        skip = careful.skip.get(frame.offset) if careful is not None else None
        read = skip or frame.reason or _read(frame, kind, longest_bytes)
        if isinstance(read, str):
            unread.append(Unread(count, frame.offset, frame.length, read))
        else:
            rows.add(count, frame, read)
        count, held = count + 1, held + frame.length
        if held >= window_bytes:
            yield rows.block(unread)
            rows, unread, held, count = _Rows(), [], 0, 0
    if count:
        yield rows.block(unread)


class _Rows:
    """Records gathered for one block."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int, int]] = []
        self._columns: dict[str, list[str | None]] = {
            name: [] for name in ("text", "url", "collected_at", "declared_licence", "meta")
        }

    def add(self, index: int, frame: Frame, read: _Read) -> None:
        self._places.append((index, frame.offset, frame.length))
        url = frame.headers.get("warc-target-uri")
        values = (read.text, url and url.strip("<>"), frame.headers.get("warc-date"), read.licence, read.meta)
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(value)

    def block(self, unread: list[Unread]) -> Block:
        places = np.array(self._places, np.int64).reshape(-1, 3)
        columns = {
            name: pa.array(values, pa.large_string() if name == "text" else pa.string())
            for name, values in self._columns.items()
        }
        return make_block(columns, places[:, 0], places[:, 1], places[:, 2], unread)


def _read(frame: Frame, kind: str, longest_bytes: int) -> _Read | str:
    """The document of a sound frame, or a reason."""
    if kind not in _RECORDS or not _is_date(frame.headers.get("warc-date", "")):
        return "bad record"
    if kind == "conversion":
        made_from = frame.headers.get("warc-refers-to")  # the response, whose headers and markup this text has lost
        meta = canonical_json({REFERS_TO: made_from}).decode() if made_from else None
        return _as_utf8(_payload(frame, "none", longest_bytes)[2], meta)
    status, media, octets, headers = None, None, None, None
    for decoding in DECODINGS:  # a crawler may have decoded a body and kept the header that says it is encoded
        try:
            status, media, octets, headers = _payload(frame, decoding, longest_bytes)
            break
        except OSError:
            continue
    if octets is None:
        return "bad record"
    if len(octets) > longest_bytes:
        return "too long"
    name, _, parameters = (media or "").partition(";")
    name = name.strip().lower()
    charset = re.search(r"charset\s*=\s*[\"']?([^\s\"';,]+)", parameters, re.IGNORECASE)
    looks = _looks(octets)
    if not octets or looks == "binary" or (name and not _MARKUP.match(name) and not _TEXTUAL.match(name)):
        return "no text"
    page = decode_page(octets, charset.group(1) if charset else None)
    is_markup = bool(_MARKUP.match(name)) or (not name and looks == "markup")
    about = {"content_type": name or None, "status": status}
    text, licence, linked = page_text(page) if is_markup else (page, None, {})
    labelled = page_labels(page) if is_markup else []  # in attributes, scripts and comments, which the text has lost
    told = {LABEL_KEY: labelled} if labelled else {}
    meta = canonical_json(about | linked | told | _said(headers, octets if is_markup else b"")).decode()
    return _Read(text, licence, meta)


def _said(headers: bytes | None, page: bytes) -> dict[str, dict[str, str]]:
    """What the server and the page say of the page's use, as `checks.optouts` reads it; nothing without HTTP headers."""
    if headers is None:
        return {}
    kept = page_excerpt(headers, page)
    parts = (("headers", kept.headers), ("metas", kept.body))
    return {SAID: {part: data.decode("utf-8", "replace") for part, data in parts if data}}


def _payload(
    frame: Frame, decoding: _Decoding, longest_bytes: int
) -> tuple[int | None, str | None, bytes, bytes | None]:
    """(HTTP status, content type, body, header block) of a record; OSError where HTTP or an encoding is broken."""
    record = WarcRecord.from_bytes(frame.record)
    media = frame.headers.get("content-type")
    status, block = None, None
    if (media or "").lower().startswith("application/http"):
        record.parse_http(auto_decode=decoding, quirks_mode=True)
        headers = record.http_headers
        media = headers.get("Content-Type") if headers is not None else None
        code = headers.status_code if headers is not None else None
        status = int(code) if code is not None and str(code).isdigit() else None
        if headers is not None:
            block = header_block((str(name), str(value)) for name, value in headers.astuples())
    return status, media, record.reader.read(longest_bytes + 1), block


def _as_utf8(octets: bytes, meta: str | None) -> _Read | str:
    try:
        return _Read(octets.decode(), None, meta)
    except UnicodeDecodeError:
        return "bad utf-8"


def _looks(octets: bytes) -> str:
    head = octets[:_SNIFFED_BYTES]
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "binary"
    return "markup" if _SNIFFED_MARKUP.match(head) else "text"


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.strptime(f"{value[:10]}-01-01"[:10], "%Y-%m-%d")  # noqa: DTZ007 - a calendar check alone
        datetime.strptime(value[11:16] or "00:00", "%H:%M")  # noqa: DTZ007
    except ValueError:
        return False
    return True
