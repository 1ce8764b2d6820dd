"""Files as bad as they come: cut short, of another format than their name says, broken inside. Built, never stored."""

import gzip
import io

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.kit.command import lines

ROWS = [
    {"text": f"Document {i}: the cat sat on the mat and it was of no use to the dog that slept."} for i in range(40)
]
GOOD = lines(*ROWS)
DATE = b"2026-01-02T03:04:05Z"


def parquet(**columns: list[object]) -> bytes:
    """A Parquet file of these columns."""
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def warc(*pages: tuple[bytes, bytes, int]) -> bytes:
    """WARC responses of (date, body, error of the declared length)."""
    out = b""
    for date, body, error in pages:
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + body
        out += (
            b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
            b"WARC-Date: %b\r\nWARC-Target-URI: https://www.example.org/page\r\nContent-Type: application/http\r\n"
            b"Content-Length: %d\r\n\r\n%b\r\n\r\n" % (date, len(http) + error, http)
        )
    return out


LINES = [
    (lines(ROWS[0]), None),
    (b"{broken\n", "not json"),
    (b"[1, 2]\n", "not an object"),
    (b'{"text": null}\n', "no text"),
    (b'{"other": "text"}\n', "no text"),
    (b'{"text": 7}\n', "wrong type"),
    (b'{"text": "bad \xff bytes"}\n', "bad utf-8"),
    (b'{"text": "a raw \x00 byte"}\n', "not json"),
    (b'{"text": "a written \\u0000"}\n', None),
    (lines(ROWS[1]), None),
]
"""JSONL lines, each with the reason why it is unread, or None."""

PAGES = warc(
    (DATE, b"the first page", 0), (b"yesterday", b"the second", 0), (DATE, b"the third", 20), (DATE, b"the last", 0)
)

FILES = {
    "en/a.jsonl": GOOD,
    "en/empty.jsonl": b"",
    "en/lines.jsonl": b"".join(line for line, _ in LINES),
    "en/bom.jsonl": b"\xef\xbb\xbf" + lines(ROWS[2]),
    "en/cut.jsonl.gz": gzip.compress(GOOD, mtime=0)[:-60],
    "en/dead.jsonl.gz": gzip.compress(GOOD, mtime=0)[:5],
    "en/cut.jsonl.zst": zstandard.compress(GOOD) + zstandard.compress(GOOD)[:-60],
    "en/dead.jsonl.zst": zstandard.compress(GOOD)[:-60],
    "en/cut.parquet": parquet(text=[r["text"] for r in ROWS])[:600],
    "en/other.parquet": parquet(body=["x"], number=[1]),
    "en/page.warc": PAGES,
    "en/bytes.txt": b"text \xff\xfe bytes",
    "en/nul.txt": b"text with a \x00 byte",
    "en/quote.csv": b'text,url\n"never closed,b\n',
}
UNREADABLE = {"en/cut.parquet", "en/dead.jsonl.gz", "en/dead.jsonl.zst", "en/other.parquet"}
