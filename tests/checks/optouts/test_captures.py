"""A WAT as the page it tells of, and text records joined to the captures they were made from: by record id, else by address."""

import gzip
import io
import json
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from checks.optouts import Asked, Evidence, Supplied, judge, page_excerpt, wat_page
from checks.optouts.evidence import PAGE

WHIRLWIND = Path("/work/shared/data/corpora/web")
A, B = "<urn:uuid:a>", "<urn:uuid:b>"
URI, AT = "https://example.com/x", "2024-05-18T01:58:10Z"


def wat(kind="response", headers=None, metas=None, **more):
    answer = {
        "Response-Message": {"Status": "200"},
        "Headers": headers or {},
        "HTML-Metadata": {"Head": {"Metas": metas}},
    }
    header = {"WARC-Type": kind, "WARC-Record-ID": A, "WARC-Target-URI": URI, "WARC-Date": AT, **more}
    return json.dumps(
        {"Envelope": {"WARC-Header-Metadata": header, "Payload-Metadata": {"HTTP-Response-Metadata": answer}}}
    ).encode()


def test_a_page_is_found_by_the_id_that_a_text_names_with_brackets_or_without():
    one = Supplied(PAGE, "example.com", AT, 200, b"", b"", URI, A)
    other = Supplied(PAGE, "example.com", AT, 200, b"", b"", URI, B)
    evidence = Evidence.of([one, other])
    assert evidence.of_record("urn:uuid:a") is one
    assert evidence.of_record(" <urn:uuid:b>") is other
    assert evidence.of_record("<urn:uuid:gone>") is None


def test_of_a_page_its_signals_are_kept_and_nothing_else():
    headers = b"HTTP/1.1 200 OK\r\nSet-Cookie: who=zhang\r\nX-Robots-Tag: noai\r\nTDM-Reservation: 1\r\n"
    body = b'<meta name=author content="zhang"><meta name=ccbot content=noai><meta name=robots content=noindex>zhang'
    kept = page_excerpt(headers, body)
    assert kept.headers == b"x-robots-tag: noai\r\ntdm-reservation: 1\r\n"
    assert kept.body == b'<meta name="ccbot" content="noai">\n'
    assert page_excerpt(*kept) == kept
    assert page_excerpt(None, None) == (None, None)


def test_a_wat_gives_headers_and_meta_elements():
    page = wat_page(
        wat(
            headers={"X-Robots-Tag": ["noindex", "noai"], "Odd": 1},
            metas=[{"name": "robots", "content": 'noai, "x"'}, {"name": 1}, 2],
        )
    )
    assert page.headers == b"X-Robots-Tag: noindex\r\nX-Robots-Tag: noai\r\n"
    assert page.body == b'<meta name="robots" content="noai, &quot;x&quot;">\n' and page.status == 200
    then = Evidence.of([Supplied(PAGE, "example.com", AT, page.status, page.body, page.headers, page.uri)])
    assert judge(URI, AT, then, Evidence(), Asked(needed=(PAGE,))).answer == "disallow"


@pytest.mark.parametrize("payload", [
    b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"Envelope": []}', wat("request"), wat("warcinfo"), wat(**{"WARC-Date": 5}),
    b'{"Envelope": {"WARC-Header-Metadata": {"WARC-Type": "response"}, "Payload-Metadata": {"HTTP-Response-Metadata": {"Headers": 1}}}}',
])  # fmt: skip
def test_what_is_no_response_s_wat_is_none(payload):
    assert wat_page(payload) is None


@pytest.mark.skipif(not WHIRLWIND.exists(), reason="the shared corpora are not on this machine")
def test_common_crawl_s_own_text_joins_its_response_and_nothing_else():
    def records(name, kind):
        data = (WHIRLWIND / name).read_bytes()
        stream = io.BytesIO(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        return [
            (dict(one.headers), one.reader.read())
            for one in ArchiveIterator(stream, record_types=kind, parse_http=False)
        ]

    ((wet, _),) = records("whirlwind.warc.wet", WarcRecordType.conversion)
    ((warc, answer),) = records("whirlwind.warc.gz", WarcRecordType.response)
    # This WAT tells of the request alone: what is asked of the response has no evidence.
    pages = [wat_page(payload) for _, payload in records("whirlwind.warc.wat", WarcRecordType.metadata)]
    assert pages == [None]
    headers, _, body = answer.partition(b"\r\n\r\n")
    then = Evidence.of([Supplied(PAGE, "an.wikipedia.org", warc["WARC-Date"], 200, body, headers, warc["WARC-Target-URI"], warc["WARC-Record-ID"])])  # fmt: skip
    assert then.of_record(wet["WARC-Refers-To"]) is not None
    assert (
        judge(wet["WARC-Target-URI"], wet["WARC-Date"], then, Evidence(), Asked(needed=(PAGE,))).answer
        == "no_statement"
    )
