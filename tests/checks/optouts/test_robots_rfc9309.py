"""RFC 9309: its examples (§2.2.1 to §2.2.3, §5.1, §5.2), its limit, its statuses; and where the words stand in the bytes."""

import pytest

from checks.optouts.paths import compiled, path_of
from checks.optouts.robots import LIMIT_BYTES, read_robots

SIMPLE = b"""User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot

"""
LONGEST = b"User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
MERGED = b"user-agent: ExampleBot\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: ExampleBot\ndisallow: /baz\n"
NO_OTHER = b"user-agent: *\ndisallow: /foo\ndisallow: /bar\n\nuser-agent: BazBot\ndisallow: /baz\n"
CASES = [
    ("5.1", SIMPLE, "anybot", "/publications/x", True), ("5.1", SIMPLE, "anybot", "/example/x", False),
    ("5.1", SIMPLE, "anybot", "/a.gif", False), ("5.1", SIMPLE, "anybot", "/a.gif?x", True), ("5.1", SIMPLE, "anybot", "/x", True),
    ("5.1", SIMPLE, "anybot", "/publications/a.gif", True),  # 14 octets against 6
    ("5.1", SIMPLE, "foobot", "/example/page.html", True), ("5.1", SIMPLE, "foobot", "/example/allowed.gif", True),
    ("5.1", SIMPLE, "FooBot", "/publications/x", False), ("5.1", SIMPLE, "barbot", "/example/page.html", False),
    ("5.1", SIMPLE, "bazbot", "/example/page.html", False), ("5.1", SIMPLE, "bazbot", "/example/", True),
    ("5.1", SIMPLE, "quxbot", "/example/page.html", True),
    ("5.2", LONGEST, "foobot", "/example/page/disallowed.gif", False), ("5.2", LONGEST, "foobot", "/example/page/x", True),
    ("2.2.1", MERGED, "examplebot", "/foo", False), ("2.2.1", MERGED, "ExampleBot", "/bar", False),
    ("2.2.1", MERGED, "ExampleBot", "/baz", False), ("2.2.1", MERGED, "ExampleBot", "/qux", True),
    ("2.2.1", NO_OTHER, "ExampleBot", "/foo", False), ("2.2.1", NO_OTHER, "ExampleBot", "/baz", True),
    ("2.2.1", NO_OTHER, "BazBot", "/foo", True),
    ("2.2.2", b"user-agent: *\ndisallow: /\n", "x", "/robots.txt", True),
]  # fmt: skip
# §2.2.2, "Examples of matching percent-encoded URI components", and §2.2.3, "Example of percent-encoding": pattern, URL.
ENCODINGS = [
    ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
    ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"),
    ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"),
    ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
    ("/foo/bar/%E3%83%84", "/foo/bar/ツ"),
    ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
    ("/foo/bar/baz", "/foo/bar/%62%61%7A"),
    ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html"),
    ("/path/foo-%24", "/path/foo-$"),
    ("/this/path/exactly$", "/this/path/exactly"),
    ("/this/*/exactly", "/this/path/exactly/too"),
    ("/a$b", "/a$b"),
    ("/%e3%83%84", "/%E3%83%84"),
]
DIFFERENT = [
    ("/a%2Fb", "/a/b"),
    ("/a/b", "/a%2Fb"),
    ("/a?x%26y", "/a?x&y"),
    ("/exactly$", "/exactly/"),
    ("/path/foo-%24", "/path/foo-"),
    ("/ab*b$", "/ab"),
]


@pytest.mark.parametrize(("section", "file", "agent", "path", "answer"), CASES)
def test_the_rfc_s_examples(section, file, agent, path, answer):
    said = read_robots(file).crawl(agent, path_of("https://www.example.com" + path))
    assert (said is None or said.answer == "allow") is answer, section


@pytest.mark.parametrize(("pattern", "path"), ENCODINGS)
def test_both_spellings_of_one_octet_match(pattern, path):
    assert compiled(pattern.encode()).matches(path_of("https://www.example.com" + path))


@pytest.mark.parametrize(("pattern", "path"), DIFFERENT)
def test_what_the_escape_keeps_apart_does_not_match(pattern, path):
    assert not compiled(pattern.encode()).matches(path_of("https://www.example.com" + path))


def test_a_statement_points_at_its_line():
    said = read_robots(SIMPLE).crawl("foobot", b"/x")
    assert SIMPLE[said.start : said.end] == b"Disallow:/"
    file = b"\xef\xbb\xbfuser-agent: *\r\n  Disallow : /a # why\r\n"
    said = read_robots(file).crawl("x", b"/a")
    assert file[said.start : said.end].strip() == b"Disallow : /a" and said.rule == "/a"


@pytest.mark.parametrize("coding", ["utf-16-le", "utf-16-be"])
def test_utf_16_with_a_mark_is_read_and_its_places_are_those_of_the_file(coding):
    mark = b"\xff\xfe" if coding.endswith("le") else b"\xfe\xff"
    file = mark + "User-agent: *\n# 注释\nDisallow: /a\n".encode(coding)
    said = read_robots(file).crawl("x", b"/a")
    assert file[said.start : said.end].decode(coding) == "Disallow: /a"
    assert read_robots(file).doubt is None


def test_utf_16_without_a_mark_and_a_web_page_are_doubted():
    assert read_robots("User-agent: *\nDisallow: /\n".encode("utf-16-le")).doubt
    assert read_robots(b"  <!DOCTYPE html><title>not found</title>").doubt
    assert read_robots(b"user-agent: *\ndisallow: /\xff\n").doubt is None


def test_nothing_behind_500_kib_is_read_nor_half_a_line():
    begin = b"user-agent: *\n"
    filled = begin + b"#" * (LIMIT_BYTES - len(begin) - 12) + b"\n"
    whole = filled + b"disallow: /\n"[: LIMIT_BYTES - len(filled)]
    assert len(filled) == LIMIT_BYTES - 11
    file = read_robots(filled + b"disallow: /private\n")
    assert file.cut and file.crawl("x", b"/public") is None  # the first 500 KiB end in "disallow: /"
    file = read_robots(whole[:LIMIT_BYTES])
    assert not file.cut and file.crawl("x", b"/public").answer == "disallow"
    assert read_robots(begin + b"disallow: /a\n" + b"#" * LIMIT_BYTES).crawl("x", b"/a").answer == "disallow"


@pytest.mark.parametrize(("line", "token", "named"), [
    ("GPTBot", "GPTBot", True), ("gptbot/1.1", "GPTBot", True), ("GPTBot-Extra", "GPTBot", False), ("GPT", "GPTBot", False),
    ("AI2Bot", "AI2Bot", True), ("360Spider", "360Spider", True), ("Sogou web spider/4.0", "Sogou web spider", False),
    ("Sogou web spider", "Sogou web spider", True), ("Sogou", "Sogou web spider", False), ("AI2Bot (x)", "AI2Bot", True),
    ("中文", "x", False),
])  # fmt: skip
def test_which_group_names_which_agent(line, token, named):
    assert read_robots(f"User-agent: {line}\nDisallow: /\n".encode()).names(token) is named
