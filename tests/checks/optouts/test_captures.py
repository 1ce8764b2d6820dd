"""Text records joined to the captures they were made from, by record id, else by address and time if that names one."""

import gzip
import io
import json
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from checks.optouts import Asked, Capture, Evidence, Supplied, Text, joined_captures, judge, wat_page
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


def test_a_text_is_joined_by_the_id_it_names_then_by_address_and_time():
    captures = [Capture(B, URI, "2024-05-18T02:00:00Z"), Capture(A, URI, AT), Capture("urn:uuid:a", URI, AT)]
    texts = [
        Text(A, None, None),
        Text("urn:uuid:a", "else", None),
        Text(None, URI, AT),
        Text("<urn:uuid:gone>", URI, AT),
    ]
    assert [join.capture for join in joined_captures(texts, captures)] == [1, 1, 1, 1]
    assert [join.how for join in joined_captures(texts, captures)] == ["record-id"] * 2 + ["target-uri-and-date"] * 2


def test_what_names_no_capture_or_several_has_no_evidence():
    captures = [Capture(A, URI, AT), Capture(B, URI, AT)]
    found = joined_captures(
        [Text(None, URI, AT), Text(None, URI, "2024"), Text(None, None, None), Text("", "", "")], captures
    )
    assert [join.capture for join in found] == [None] * 4
    assert "several" in found[0].how and all("not supplied" in join.how for join in found[1:])


def test_a_wat_gives_headers_and_meta_elements():
    page = wat_page(
        wat(
            headers={"X-Robots-Tag": ["noindex", "noai"], "Odd": 1},
            metas=[{"name": "robots", "content": 'no"ai'}, {"name": 1}, 2],
        )
    )
    assert page.headers == b"X-Robots-Tag: noindex\r\nX-Robots-Tag: noai\r\n"
    assert page.body == b'<meta name="robots" content="no&quot;ai">\n' and page.status == 200
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
    text = Text(wet["WARC-Refers-To"], wet["WARC-Target-URI"], wet["WARC-Date"])
    capture = Capture(warc["WARC-Record-ID"], warc["WARC-Target-URI"], warc["WARC-Date"])
    assert joined_captures([text], [capture]) == [(0, "record-id")]
    assert joined_captures([text._replace(refers_to=None)], [capture]) == [(0, "target-uri-and-date")]
    # This WAT tells of the request alone: what is asked of the response has no evidence.
    pages = [wat_page(payload) for _, payload in records("whirlwind.warc.wat", WarcRecordType.metadata)]
    assert pages == [None]
    headers, _, body = answer.partition(b"\r\n\r\n")
    then = Evidence.of([Supplied(PAGE, "an.wikipedia.org", capture.date, 200, body, headers, capture.uri)])
    assert judge(text.uri, text.date, then, Evidence(), Asked(needed=(PAGE,))).answer == "no_statement"
