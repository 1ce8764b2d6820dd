"""TDMRep's examples, `noai` in headers and pages, ai.txt: what each says, and where.

Sources: TDM Reservation Protocol, spec/index.html at 452fac9 (github.com/w3c/tdm-reservation-protocol), by its sections;
Google's "Robots meta tag, data-nosnippet, and X-Robots-Tag specifications" for the grammar of scoped tags.
"""

import pytest

from checks.optouts import tags, tdmrep
from checks.optouts.ai_txt import read_ai_txt, training
from checks.optouts.header_block import fields
from checks.optouts.markup import metas
from checks.optouts.paths import path_of

ALL = b"""[
  {
  "location": "/",
  "tdm-reservation": 1
  }
]"""
THREE = b"""[
  {"location": "/directory-a/", "tdm-reservation": 1},
  {"location": "/directory-b/html/", "tdm-reservation": 1, "tdm-policy":"https://provider.com/policies/policy.json"},
  {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0}
]"""
HEADERS = b"HTTP/1.1 200 OK\nDate: Wed, 14 Jul 2021 12:07:48 GMT\nContent-type: text/html\ntdm-reservation: 1\ntdm-policy: https://provider.com/policies/policy.json\n"
PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="tdm-reservation" content="1">
<meta name="tdm-policy" content="https://provider.com/policies/policy.json">
<title>Document title</title></head><body>...</body></html>"""


@pytest.mark.parametrize(("file", "path", "answer"), [
    (ALL, "/anything", "disallow"), (ALL, "/", "disallow"),
    (THREE, "/directory-a/x.pdf", "disallow"), (THREE, "/directory-b/html/x.html", "disallow"),
    (THREE, "/directory-b/images/x.jpg", "allow"), (THREE, "/directory-b/images/x.png", None), (THREE, "/", None),
    (b'[{"location":"/this/path/exactly$","tdm-reservation":1}]', "/this/path/exactly", "disallow"),  # regular expressions
    (b'[{"location":"/this/path/exactly$","tdm-reservation":1}]', "/this/path/exactly/x", None),
    (b'[{"location":"/this/*/then","tdm-reservation":1}]', "/this/or/then", "disallow"),
    (b'[{"location":"/path/foo-%24","tdm-reservation":1}]', "/path/foo-$", "disallow"),
    (b'[{"location":"/","tdm-reservation":0},{"location":"/a","tdm-reservation":1}]', "/a", "allow"),  # the first in sequence
    *[(b'[{"location":"/","tdm-reservation":%s}]' % bad, "/a", "unknown") for bad in (b"2", b'"1"', b"true", b"1.0", b"null", b"[1]")],
    (b'[{"location":"/"}]', "/a", "unknown"), (b"[]", "/a", None),
])  # fmt: skip
def test_the_file_at_the_origin(file, path, answer):
    said = tdmrep.read_tdmrep(file).reservation(path_of("https://provider.com" + path))
    assert (said and said.answer) == answer


def test_a_rule_of_the_file_points_at_its_object():
    body = '\ufeff[{"location": "/目录/", "tdm-reservation": 0}, {"location": "/b", "tdm-reservation": 1}]'.encode()
    said = tdmrep.read_tdmrep(body).reservation(b"/b")
    assert body[said.start : said.end] == b'{"location": "/b", "tdm-reservation": 1}'


@pytest.mark.parametrize("body", [
    b"", b"{}", b'{"location":"/","tdm-reservation":1}', b"[1]", b'[{"location":"/","tdm-reservation":1}', b'["a"]', b"[{}] x",
    b"[{},]" * 2, b"\xff\xfe", b"[" * 100_000, b'[{"location":"/","tdm-reservation":1} {"location":"/"}]', b"[" + b"9" * 9999 + b"]",
    b'[{"location":1,"tdm-reservation":1}]', b"<html>", b" " * (501 << 10),
])  # fmt: skip
def test_what_is_no_such_file_is_doubted(body):
    assert tdmrep.read_tdmrep(body).doubt


def test_rules_before_a_break_are_read_all_the_same():
    file = tdmrep.read_tdmrep(b'[{"location":"/a","tdm-reservation":1}, oops')
    assert file.doubt and file.reservation(b"/a").answer == "disallow"


def test_the_header_and_the_page():
    said = tdmrep.in_headers(fields(HEADERS))
    assert said.answer == "disallow" and HEADERS[said.start : said.end] == b"1"
    said = tdmrep.in_metas(metas(PAGE))
    assert said.answer == "disallow" and PAGE[said.start : said.end] == b'<meta name="tdm-reservation" content="1">'
    assert tdmrep.in_headers(fields(b"A: b\n")) is None and tdmrep.in_metas(metas(b"<p>tdm-reservation</p>")) is None
    assert tdmrep.in_headers(fields(b"tdm-reservation: 2\n")).answer == "unknown"
    assert tdmrep.in_headers(fields(b"tdm-reservation: 0\ntdm-reservation: 1\n")).answer == "disallow"


@pytest.mark.parametrize(("lines", "found"), [
    (b"X-Robots-Tag: noai\n", [("train", "*")]), (b"x-robots-tag: noindex, NoAI, noimageai\n", [("train", "*"), ("train-images", "*")]),
    (b"X-Robots-Tag: noindex\n", []), (b"X-Robots-Tag: GPTBot: noai\n", [("train", "GPTBot")]),
    (b"X-Robots-Tag: otherbot: noai, nofollow\n", []), (b"X-Robots-Tag: otherbot: noindex, noai\n", []),
    (b"X-Robots-Tag: otherbot: noindex, gptbot: noai\n", [("train", "GPTBot")]),
    (b"X-Robots-Tag: max-snippet: 5, noai\n", [("train", "*")]), (b"X-Robots-Tag: unavailable_after: 25 Jun 2010 15:00:00 PST, noai\n", [("train", "*")]),
    (b"X-Robots-Tag: otherbot: noindex\nX-Robots-Tag: noai\n", [("train", "*")]), (b"X-Robots-Tag: noaimodel\n", []),
    (b"X-Robots-Tag: : noai\n", []), (b"X-Robots-Tag: *: noai\n", [("train", "*")]),
])  # fmt: skip
def test_x_robots_tag(lines, found):
    assert [(one.use, one.agent) for one in tags.in_headers(fields(lines), ["", "GPTBot"])] == found


def test_x_robots_tag_points_at_its_rule():
    block = b"HTTP/1.1 200\r\nX-Robots-Tag: noindex, noai\r\n"
    (one,) = tags.in_headers(fields(block), [])
    assert block[one.start : one.end].strip() == b"noai"


@pytest.mark.parametrize(("page", "found"), [
    ('<meta name="robots" content="noai, noimageai">', [("train", "*"), ("train-images", "*")]),
    ("<META CONTENT=noai NAME=ROBOTS />", [("train", "*")]), ("<meta name='gptbot' content='NOAI'>", [("train", "GPTBot")]),
    ('<meta name="googlebot" content="noai">', []), ('<meta content="noai">', []), ('<meta name="robots">', []),
    ('<!-- <meta name="robots" content="noai"> -->', []), ('<script>"<meta name=robots content=noai>"</script>', []),
    ('<title><meta name="robots" content="noai"></title>', []), ('<metadata name="robots" content="noai">', []),
    ('<noscript><meta name="robots" content="noai"></noscript>', [("train", "*")]),
    ('<meta\n name = "robots"\n content = "no&#97;i">', [("train", "*")]), ('<meta name="robots" content="noai', []),
    ('<meta name="a>b" content="x"><meta name="robots" content="noai">', [("train", "*")]),
    ('<meta name="robots" name="x" content="noai">', [("train", "*")]), ("<p>noai</p>", []),
    ('<script src="x"></script><meta name="robots" content="noai">', [("train", "*")]),
])  # fmt: skip
def test_meta_robots(page, found):
    assert [(one.use, one.agent) for one in tags.in_metas(metas(page.encode()), ["", "GPTBot"])] == found


def test_a_page_in_utf_16_gives_places_in_its_own_bytes():
    page = b"\xff\xfe" + '<title>标题</title><meta name="robots" content="noai">'.encode("utf-16-le")
    (one,) = tags.in_metas(metas(page), [])
    assert page[one.start : one.end].decode("utf-16-le") == '<meta name="robots" content="noai">'


SPAWNING = b"# Spawning AI\n# Prevent datasets from using the following file types\n\nUser-Agent: *\nDisallow: *.txt\nDisallow: *.html\nAllow: *.jpg\n"


@pytest.mark.parametrize(("file", "path", "answer"), [
    (SPAWNING, "/a.txt", "disallow"), (SPAWNING, "/a.html?x", "disallow"), (SPAWNING, "/a.jpg", "allow"), (SPAWNING, "/article/1", "disallow"),
    (SPAWNING, "/", "disallow"), (SPAWNING, "/a.pdf", None), (b"User-Agent: *\nDisallow: /\n", "/a.jpg", "disallow"),
    (b"User-Agent: *\nAllow: /\n", "/a", "allow"), (b"", "/a", None),
])  # fmt: skip
def test_ai_txt_speaks_of_training(file, path, answer):
    said = training(read_ai_txt(file), path_of("http://h" + path))
    assert (said and (said.use, said.answer)) == (answer and ("train", answer))
