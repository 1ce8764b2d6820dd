"""WARC and WAT files as captures of sites: a response is robots.txt, tdmrep.json or ai.txt by its address, else a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastwarc.warc import WarcRecord

from checks.optouts import Supplied, wat_page
from checks.optouts.evidence import AI_TXT, PAGE, ROBOTS, TDMREP, host_of, moment
from checks.optouts.header_block import header_block
from checks.optouts.robots import LIMIT_BYTES
from pipelines.read.base import LONGEST_RECORD_BYTES
from pipelines.read.codec import decoded
from pipelines.read.warc import DECODINGS
from pipelines.read.warc_frames import Frame, frames

_KINDS: Final = {"/robots.txt": ROBOTS, "/.well-known/tdmrep.json": TDMREP, "/ai.txt": AI_TXT}
_JSON: Final = "application/json"


def captured(path: Path) -> Iterator[tuple[int, Supplied | str]]:
    """(decoded offset, file, or what is wrong with the record) of every response, and of every page that a WAT tells of.

    Other records are passed over. Raises ``OSError``.
    """
    with path.open("rb") as stored:
        stream = decoded(stored, "gz" if path.name.lower().endswith(".gz") else "none")
        for frame in frames(stream, LONGEST_RECORD_BYTES):
            if frame.reason is not None:
                yield frame.offset, f"a WARC record that cannot be read ({frame.reason})"
                continue
            kind, media = (frame.headers.get(name, "").lower() for name in ("warc-type", "content-type"))
            if kind == "response" and media.startswith("application/http"):
                yield frame.offset, _response(frame)
            elif kind == "metadata" and media.startswith(_JSON) and (page := _told(frame)) is not None:
                yield frame.offset, page


def _response(frame: Frame) -> Supplied | str:
    url = frame.headers.get("warc-target-uri", "").strip("<> ")
    date = frame.headers.get("warc-date", "")
    host = host_of(url)
    if not host or moment(date) is None:
        return "a response without an address or a time"
    for decoding in DECODINGS:  # a crawler may have decoded a body and kept the header that says it is encoded
        record = WarcRecord.from_bytes(frame.record)
        try:
            record.parse_http(auto_decode=decoding, quirks_mode=True)
            headers, body = record.http_headers, record.reader.read(LONGEST_RECORD_BYTES)
        except OSError:
            continue
        code = str(headers.status_code) if headers is not None else ""
        status = int(code) if code.isascii() and code.isdigit() else None
        block = b"" if headers is None else header_block((str(name), str(value)) for name, value in headers.astuples())
        parts = urlsplit(url)
        kind = PAGE if parts.query else _KINDS.get(parts.path, PAGE)
        if kind == PAGE:
            return Supplied(PAGE, host, date, status, body, block, url, frame.headers.get("warc-record-id"))
        is_cut = "warc-truncated" in frame.headers and len(body) < LIMIT_BYTES
        return Supplied(kind, host, date, status, None if is_cut else body)
    return "a response whose HTTP cannot be read"


def _told(frame: Frame) -> Supplied | None:
    page = wat_page(WarcRecord.from_bytes(frame.record).reader.read(LONGEST_RECORD_BYTES))
    if page is None or not host_of(page.uri) or moment(page.date) is None:
        return None
    return Supplied(
        PAGE, host_of(page.uri), page.date, page.status, page.body, page.headers, page.uri, page.response_id
    )
