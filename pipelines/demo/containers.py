"""Bytes of the file formats of the demo corpus, the same on every run: no clock, no random id, fixed codec levels."""

import csv
import gzip
import html
import io
import json
import struct
import uuid
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

Row = Mapping[str, Any]


def jsonl(rows: Iterable[Row]) -> bytes:
    """One JSON object a line, Chinese as it stands."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def gz(content: bytes) -> bytes:
    """One gzip member without a time."""
    return gzip.compress(content, 6, mtime=0)


def zst(content: bytes) -> bytes:
    """One zstandard frame."""
    return zstandard.ZstdCompressor(level=3).compress(content)


def parquet(rows: Sequence[Row]) -> bytes:
    """A Parquet file of two row groups."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), sink, row_group_size=max(1, len(rows) // 2))
    return sink.getvalue()


def comma_separated(rows: Sequence[Row]) -> bytes:
    """A CSV with a header; fields that hold commas, quotes or line feeds are quoted."""
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return sink.getvalue().encode()


def page(title: str, paragraphs: Iterable[str], language: str, footer: str = "", charset: str = "utf-8") -> bytes:
    """A small HTML page; *footer* is HTML."""
    body = "\n".join(f"<p>{html.escape(p)}</p>" for p in paragraphs)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="{charset}"><title>{html.escape(title)}</title></head>\n'
        f"<body>\n<h1>{html.escape(title)}</h1>\n{body}\n<footer>{footer}</footer>\n</body>\n</html>\n"
    ).encode(charset)


def warc(pages: Iterable[tuple[str, str, bytes, str]], media: str = "text/html") -> bytes:
    """WARC 1.1, one gzip member a record: a warcinfo, then a response of each (url, ISO time, content, charset)."""
    info = b"software: corpusledger demo\r\nformat: WARC File Format 1.1\r\nrobots: obey\r\n"
    first = {"WARC-Filename": "demo.warc.gz", "Content-Type": "application/warc-fields"}
    records = [_record("warcinfo", "demo", "2026-05-01T00:00:00Z", first, info)]
    for url, when, content, charset in pages:
        http = f"HTTP/1.1 200 OK\r\nContent-Type: {media}; charset={charset}\r\nContent-Length: {len(content)}\r\n\r\n"
        named = {"WARC-Target-URI": url, "Content-Type": "application/http; msgtype=response"}
        records.append(_record("response", f"{url} {when}", when, named, http.encode() + content))
    return b"".join(map(gz, records))


def _record(kind: str, name: str, when: str, named: Mapping[str, str], block: bytes) -> bytes:
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}>",
        "WARC-Date": when,
        **named,
        "Content-Length": str(len(block)),
    }
    head = "WARC/1.1\r\n" + "".join(f"{key}: {value}\r\n" for key, value in headers.items()) + "\r\n"
    return head.encode() + block + b"\r\n\r\n"


def png(side: int, colour: tuple[int, int, int]) -> bytes:
    """A square picture of one colour."""
    rows = b"".join(b"\0" + bytes(colour) * side for _ in range(side))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
