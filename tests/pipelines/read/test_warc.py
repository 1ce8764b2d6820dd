"""WARC and WET: framing that survives broken records, HTTP, character sets, readable text."""

import gzip

import pytest

from pipelines.read.base import Careful, Framing
from pipelines.read.html_text import decode_page, page_text
from pipelines.read.warc import read_warc
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

DATE = "2020-08-08T16:54:17Z"
WARC = Framing("warc")


def record(
    body: bytes,
    kind: str = "response",
    date: str = DATE,
    length: int | None = None,
    media: str = "application/http; msgtype=response",
) -> bytes:
    """A WARC record with its empty lines."""
    size = len(body) if length is None else length
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: http://example.invalid/{len(body)}\r\nWARC-Date: {date}\r\n"
        f"Content-Type: {media}\r\nContent-Length: {size}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def http(body: bytes, *headers: str, media: str | None = "text/html; charset=utf-8") -> bytes:
    """An HTTP response."""
    lines = ["HTTP/1.1 200 OK", *([f"Content-Type: {media}"] if media else []), *headers, "", ""]
    return "\r\n".join(lines).encode() + body


PAGE = "<html><head><title>标题</title><script>var x</script></head><body><p>第一 段<br>two</p><p>three</p></body></html>".encode()
TEXT = "标题\n第一 段\ntwo\nthree"
GOOD = record(http(PAGE))


def _rows(
    stored: bytes, framing: Framing = WARC, careful: Careful | None = None, window_bytes: int = 1 << 20
) -> list[dict]:
    return gathered(read_warc(Held(stored), WHOLE, framing, careful, window_bytes))


def test_records_and_frames_that_are_none() -> None:
    info = record(b"software: x\r\n", "warcinfo", media="application/warc-fields")
    request = record(b"GET / HTTP/1.1\r\n\r\n", "request")
    wet = record("纯文本\n".encode(), "conversion", media="text/plain")
    stored = info + request + GOOD + record(b"", "revisit") + wet + record(b"{}", "metadata", media="application/json")
    rows = _rows(stored)
    assert short(rows) == [TEXT, "纯文本\n"]
    assert rows[0]["offset"] == len(info + request)
    assert rows[0]["length"] == len(GOOD) - 4
    assert (rows[0]["url"], rows[0]["collected_at"]) == (f"http://example.invalid/{len(http(PAGE))}", DATE)
    assert rows[0]["meta"] == '{"content_type":"text/html","server_said":{},"status":200}'
    assert _rows(stored, window_bytes=1) == rows
    members = b"".join(gzip.compress(part) for part in (info, request, GOOD, wet))
    assert short(_rows(members, Framing("warc", codec="gz"))) == [TEXT, "纯文本\n"]


@pytest.mark.parametrize(
    ("bad", "texts"),
    [
        (record(http(PAGE), date="yesterday"), ["<bad record>"]),
        (record(http(PAGE), date="2020-13-01T00:00:00Z"), ["<bad record>"]),
        (record(http(PAGE), date="2020-08"), [TEXT]),
        (record(http(PAGE), length=len(http(PAGE)) - 7), ["<bad record>"]),
        (record(http(PAGE), length=len(http(PAGE)) + 9), ["<bad record>"]),
        (record(http(PAGE), length=99_999), ["<bad record>"]),
        (record(http(PAGE), length=10**13), ["<too long>"]),
        (GOOD.replace(b"Content-Length", b"Content-Lenght"), ["<bad record>"]),
        (GOOD.replace(b"WARC-Type: response", b"no header at all"), ["<bad record>"]),
        (record(b"", "continuation"), ["<bad record>"]),
        (GOOD.replace(b"\r\n\r\n", b"\r\n\r\n", 1).rstrip(b"\r\n") + b"\n", [TEXT]),
    ],
)
def test_broken_records_cost_themselves_alone(bad: bytes, texts: list[str]) -> None:
    rows = _rows(GOOD + bad + GOOD + GOOD)
    assert short(rows) == [TEXT, *texts, TEXT, TEXT]
    assert rows[1]["offset"] == len(GOOD)
    assert rows[-1]["offset"] == len(GOOD + bad + GOOD)


def test_stray_bytes_count_with_the_record_before() -> None:
    rows = _rows(b"stray\r\n\r\n" + GOOD + b"stray\r\n\r\n" + GOOD)
    assert short(rows) == ["<bad record>", "<bad record>", TEXT]
    assert [r["length"] for r in rows] == [5, len(GOOD) + 5, len(GOOD) - 4]


def test_ends_that_are_missing() -> None:
    for keep in (10, 150, len(GOOD) - 20):
        last = _rows(GOOD + GOOD[:keep])[-1]
        assert last == {"offset": len(GOOD), "length": keep, "unread": "cut short"}
    assert short(_rows(GOOD + GOOD[:-4])) == [TEXT, TEXT]
    packed = gzip.compress(GOOD) + gzip.compress(GOOD)[:-40]
    assert short(_rows(packed, Framing("warc", codec="gz"))) == [TEXT, "<cut short>"]
    assert _rows(b"") == []


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (http(b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), "Transfer-Encoding: chunked"), TEXT),
        (http(gzip.compress(PAGE), "Content-Encoding: gzip"), TEXT),
        (http(PAGE, "Content-Encoding: gzip"), TEXT),
        (http(PAGE, "Transfer-Encoding: chunked"), TEXT),
        (http(PAGE.decode().encode("gbk"), media="text/html; charset=GB2312"), TEXT),
        (http(b'<meta charset="gbk">' + PAGE.decode().encode("gbk"), media="text/html"), TEXT),
        (http(PAGE, media=None), TEXT),
        (http("不带标记的文字".encode(), media="text/plain"), "不带标记的文字"),
        (http(b"\x89PNG\r\n\x1a\n\0\0", media="image/png"), "<no text>"),
        (http(b"\0\1\2\3", media="text/html"), "<no text>"),
        (http(b""), "<no text>"),
        (http(b"caf\xe9 \x01 \x00 &#1; x"), "<no text>"),
        (http(b"<p>caf\xe9 \x01&#2; x</p>"), "caf\ufffd x"),
    ],
)
def test_bodies(body: bytes, text: str) -> None:
    assert short(_rows(record(body) + GOOD)) == [text, TEXT]


def test_conversion_must_be_utf8() -> None:
    assert short(_rows(record(b"a\xff", "conversion", media="text/plain"), Framing("wet"))) == ["<bad utf-8>"]


def test_readable_text_and_licence_links() -> None:
    page = (
        "<!doctype html><title> A  b </title><style>p{}</style><ul><li>one<li>two <b>bold</b></ul><table><tr><td>1<td>2</table>"
        "<pre>def f():\n    return 1\n</pre>tail<a rel='nofollow license' href='/own'>l</a><noscript>js</noscript>"
        "<a href='https://creativecommons.org/licenses/by-nc/4.0/'>CC</a><link rel=license href='/own'>"
    )
    text, links, elsewhere = page_text(page)
    assert text == "A b\none\ntwo bold\n1 2\ndef f():\n    return 1\ntaillCC"
    assert links == "/own"
    assert elsewhere == {"licence_linked": "https://creativecommons.org/licenses/by-nc/4.0/"}
    assert page_text("") == page_text("<!-- -->") == ("", None, {})


@pytest.mark.parametrize(
    ("octets", "declared", "text"),
    [
        (b"\xef\xbb\xbfa", "gbk", "a"),
        ("中文".encode("utf-16"), None, "中文"),
        ("中文".encode("gb18030"), None, "中文"),
        (b"caf\xe9 au lait", None, "café au lait"),
        ("中文".encode(), "no-such-charset", "中文"),
        (b"YQ==", "base64", "YQ=="),
        (b"\x93a\x94", "ISO-8859-1", "“a”"),
        ("資料".encode("big5"), "Big5", "資料"),
    ],
)
def test_character_sets(octets: bytes, declared: str | None, text: str) -> None:
    assert decode_page(octets, declared) == text


def test_careful() -> None:
    seen: list[int] = []
    careful = Careful(seen.append, ((len(GOOD), len(GOOD) + 1),), {2 * len(GOOD): "killed"})
    assert short(_rows(GOOD * 3, careful=careful)) == [TEXT, TEXT, "<killed>"]
    assert seen == [0, len(GOOD)]
