"""Whatever a server answers: nothing raises, places lie inside the bytes, and time is bounded by their number."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.optouts import Asked, Evidence, Supplied, judge, tags, tdmrep, wat_page
from checks.optouts.ai_txt import read_ai_txt, training
from checks.optouts.evidence import KINDS, PAGE
from checks.optouts.header_block import fields, joined
from checks.optouts.markup import metas
from checks.optouts.paths import compiled, path_of
from checks.optouts.preferences import CONTENT_SIGNAL, CONTENT_USAGE, preferences
from checks.optouts.robots import read_robots
from checks.optouts.structured import dictionary
from checks.origin_hints import filings

WORDS = [b"user-agent", b"User-agent: *", b"disallow", b"Allow: /", b":", b"\n", b"\r", b"\0", b"#", b"*", b"$", b"/", b"%", b"%2", b"%41", b"?",
         b"content-usage: ", b"Content-Signal: ", b"train-ai=n", b"ai-train=no", b",", b";", b"=", b'"', b"(", b")", b"<meta ", b"name=robots ",
         b"content=noai", b">", b"<!--", b"-->", b"<script", b"</script", b"'", b"[", b"{", b'"location":"/"', b'"tdm-reservation":1', b"}", b"]",
         b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff", b"X-Robots-Tag: ", b"noai", b"tdm-reservation: 1", b" ", b"\t", b"GPTBot"]  # fmt: skip
hostile = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(WORDS), max_size=30).map(b"".join))
anything = st.text(max_size=60) | st.text(st.characters(), max_size=20).map(lambda t: "http://" + t)


def inside(statements, body):
    return all(0 <= one.start <= one.end <= len(body) for one in statements if one is not None)


@settings(max_examples=400, deadline=None)
@given(body=hostile, url=anything)
def test_no_bytes_make_a_parser_raise(body, url):
    path = path_of(url)
    assert path.startswith(b"/") and path.isascii()
    file = read_robots(body)
    for agent in ("*", "GPTBot", "AI2Bot", ""):
        assert inside([file.crawl(agent, path), *file.preferences(agent, path)], body)
    assert inside([training(read_ai_txt(body), path), tdmrep.read_tdmrep(body).reservation(path)], body)
    assert inside([*tags.in_metas(metas(body), ["GPTBot"]), tdmrep.in_metas(metas(body))], body)
    lines = fields(body)
    assert inside([*tags.in_headers(lines, ["GPTBot"]), tdmrep.in_headers(lines)], body)
    for kind in (CONTENT_USAGE, CONTENT_SIGNAL):
        whole = joined(lines, kind)
        for one in preferences(kind, whole.value) if whole else ():
            start, end = whole.span(one.start, one.end)
            assert 0 <= start <= end <= len(body)
    dictionary(body)
    wat_page(body)
    compiled(body).matches(path)


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    body=hostile,
    headers=hostile,
    status=st.sampled_from([200, 404, 500, 0, None]),
    url=anything,
    at=st.none() | st.text(max_size=12),
)
def test_no_file_makes_the_verdict_raise_and_a_missing_one_is_never_silence(kind, body, headers, status, url, at):
    then = Evidence.of([Supplied(kind, url, "2024-01-01", status, body, headers, url if kind == PAGE else None)])
    verdict = judge(url, at, then, then, Asked())
    assert verdict.then.answer in {"disallow", "unknown"} and verdict.now.answer in {
        "disallow",
        "unknown",
        "allow",
        "no_statement",
    }
    assert verdict.then.answer == "unknown" or any(channel.statements for channel in verdict.then.channels)


@settings(max_examples=300, deadline=None)
@given(pattern=st.text("ab*$/", max_size=10), path=st.text("ab/", max_size=12))
def test_patterns_match_as_the_definition_says(pattern, path):
    def matches(pattern, path):  # RFC 9309 §2.2.3, character by character
        if not pattern:
            return True
        if pattern == "$":
            return not path
        if pattern[0] == "*":
            return any(matches(pattern[1:], path[at:]) for at in range(len(path) + 1))
        return bool(path) and pattern[0] == path[0] and matches(pattern[1:], path[1:])

    assert compiled(pattern.encode()).matches(("/" + path).encode()) == matches(pattern, "/" + path)


MEGABYTE = 1 << 20
LONG = {
    "one line": b"a" * MEGABYTE,
    "one rule": b"user-agent: *\ndisallow: /" + b"a*" * (MEGABYTE // 2),
    "a hundred thousand groups": b"".join(b"user-agent: a%d\ndisallow: /%d\n" % (i, i) for i in range(100_000)),
    "agents without rules": b"user-agent: a\n" * (MEGABYTE // 14),
    "stars": b"user-agent: *\n" + (b"disallow: /" + b"*a" * 8000 + b"b$\n") * 60,
    "preferences": b"user-agent: *\n" + b"content-usage: /a train-ai=n\n" * (MEGABYTE // 29),
    "members": b"content-usage: " + b"train-ai=n," * (MEGABYTE // 11),
    "open quotes": b'<meta a="' * (MEGABYTE // 9),
    "bare attributes": b"<meta " + b"a " * (MEGABYTE // 2),
    "open comments": b"<!--" * (MEGABYTE // 4),
    "open scripts": b"<script>" * (MEGABYTE // 8),
    "equals": b"<meta " + b"=" * MEGABYTE,
    "folded header": b"x-robots-tag: a" + b"\n " * (MEGABYTE // 2),
    "header names": b"a" * MEGABYTE + b":",
    "empty objects": b"[" + b"{}," * (MEGABYTE // 3),
    "rules": b'[{"location":"/","tdm-reservation":1}' + b',{"location":"/a*b","tdm-reservation":1}' * 12_000 + b"]",
    "brackets": b"[" * MEGABYTE,
    "percents": b"%" * MEGABYTE,
    "spaces": b" " * MEGABYTE,
}


@pytest.mark.parametrize("name", LONG)
def test_a_megabyte_of_anything_takes_bounded_time(name):
    body = LONG[name]
    started = time.process_time()
    path = path_of("http://h/" + "a" * 8000)
    file = read_robots(body)
    for agent in ("*", "GPTBot", "a"):
        file.crawl(agent, path)
        file.preferences(agent, path)
    training(read_ai_txt(body), path)
    tdmrep.read_tdmrep(body).reservation(path)
    list(tags.in_metas(metas(body), []))
    lines = fields(body)
    list(tags.in_headers(lines, []))
    dictionary(body)
    path_of("http://h/" + body[:MEGABYTE].decode("latin-1"))
    filings("京" * (MEGABYTE // 8))
    assert time.process_time() - started < 20  # measured under 2 s; a quadratic step would take minutes
