"""Google's published robots.txt behaviour: cases of robots_test.cc (github.com/google/robotstxt) and of its documentation.

Sources: robots_test.cc at 21fc90b, by the name of its test; "How Google interprets the robots.txt specification",
developers.google.com/search/docs/crawling-indexing/robots/robots_txt, sections "URL matching based on path values" and
"Order of precedence for rules". Google's caller escapes the URL before it asks; ours is escaped by `path_of`.
"""

import pytest

from checks.optouts.paths import compiled, path_of
from checks.optouts.robots import LONGEST_LINE_BYTES, read_robots

FOO = "user-agent: FooBot\n"
ONE = "http://foo.bar"


def allowed(file: str | bytes, agent: str, url: str) -> bool:
    said = read_robots(file.encode() if isinstance(file, str) else file).crawl(agent, path_of(url))
    return said is None or said.answer == "allow"


GROUPS = (
    "allow: /foo/bar/\n\nuser-agent: FooBot\ndisallow: /\nallow: /x/\nuser-agent: BarBot\ndisallow: /\nallow: /y/\n\n\n"
    "allow: /w/\nuser-agent: BazBot\n\nuser-agent: FooBot\nallow: /z/\ndisallow: /\n"
)
OTHER_RULES = "User-agent: BarBot\n{other}\nUser-agent: *\nDisallow: /\n"
GLOBAL = "user-agent: *\nallow: /\nuser-agent: FooBot\ndisallow: /\n"
ONLY_SPECIFIC = "user-agent: FooBot\nallow: /\nuser-agent: BarBot\ndisallow: /\nuser-agent: BazBot\ndisallow: /\n"
UP_TO_SPACE = "User-Agent: *\nDisallow: /\nUser-Agent: Foo Bar\nAllow: /x/\nDisallow: /\n"
MOST_SPECIFIC_GROUP = "User-agent: *\nDisallow: /x/\nUser-agent: FooBot\nDisallow: /y/\n"
UPPER, CAMEL = "USER-AGENT: FooBot\nALLOW: /x/\nDISALLOW: /\n", "uSeR-aGeNt: FooBot\nAlLoW: /x/\ndIsAlLoW: /\n"
INDEX = "User-Agent: *\nAllow: /allowed-slash/index.html\nDisallow: /\n"
ENCODED = "User-agent: FooBot\nDisallow: /\nAllow: "
SPECIAL = "User-agent: FooBot\nDisallow: /foo/bar/quz\nAllow: /foo/*/qux\n"
END = "User-agent: FooBot\nDisallow: /foo/bar$\nAllow: /foo/bar/qux\n"
COMMENT = "User-agent: FooBot\n# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n"

CASES = [
    ("GoogleOnly_SystemTest", "", "FooBot", "", True),
    ("GoogleOnly_SystemTest", "user-agent: FooBot\ndisallow: /\n", "", "", True),
    ("GoogleOnly_SystemTest", "user-agent: FooBot\ndisallow: /\n", "FooBot", "", False),
    ("ID_LineSyntax_Line", FOO + "disallow: /\n", "FooBot", ONE + "/x/y", False),
    ("ID_LineSyntax_Line", "foo: FooBot\nbar: /\n", "FooBot", ONE + "/x/y", True),
    ("ID_LineSyntax_Line", "user-agent FooBot\ndisallow /\n", "FooBot", ONE + "/x/y", False),
    *[("ID_LineSyntax_Groups", GROUPS, agent, ONE + path, answer) for agent, path, answer in [
        ("FooBot", "/x/b", True), ("FooBot", "/z/d", True), ("FooBot", "/y/c", False), ("BarBot", "/y/c", True),
        ("BarBot", "/w/a", True), ("BarBot", "/z/d", False), ("BazBot", "/z/d", True), ("FooBot", "/foo/bar/", False),
        ("BarBot", "/foo/bar/", False), ("BazBot", "/foo/bar/", False)]],
    *[("ID_LineSyntax_Groups_OtherRules", OTHER_RULES.format(other=other), agent, ONE + "/x", False)
      for other in ("Sitemap: https://foo.bar/sitemap", "Invalid-Unknown-Line: unknown") for agent in ("FooBot", "BarBot")],
    *[("ID_REPLineNamesCaseInsensitive", file, "FooBot", ONE + path, answer)
      for file in (UPPER, CAMEL) for path, answer in (("/x/y", True), ("/a/b", False))],
    *[("ID_UserAgentValueCaseInsensitive", f"User-Agent: {name}\nAllow: /x/\nDisallow: /\n", agent, ONE + path, answer)
      for name in ("FOO BAR", "foo bar", "FoO bAr") for agent in ("Foo", "foo") for path, answer in (("/x/y", True), ("/a/b", False))],
    ("GoogleOnly_AcceptUserAgentUpToFirstSpace", UP_TO_SPACE, "Foo", ONE + "/x/y", True),
    ("ID_GlobalGroups_Secondary", "", "FooBot", ONE + "/x/y", True),
    ("ID_GlobalGroups_Secondary", GLOBAL, "FooBot", ONE + "/x/y", False),
    ("ID_GlobalGroups_Secondary", GLOBAL, "BarBot", ONE + "/x/y", True),
    ("ID_GlobalGroups_Secondary", ONLY_SPECIFIC, "QuxBot", ONE + "/x/y", True),
    ("ID_AllowDisallow_Value_CaseSensitive", FOO + "disallow: /x/\n", "FooBot", ONE + "/x/y", False),
    ("ID_AllowDisallow_Value_CaseSensitive", FOO + "disallow: /X/\n", "FooBot", ONE + "/x/y", True),
    *[("ID_LongestMatch", FOO + rules, "FooBot", ONE + path, answer) for rules, path, answer in [
        ("disallow: /x/page.html\nallow: /x/\n", "/x/page.html", False), ("allow: /x/page.html\ndisallow: /x/\n", "/x/page.html", True),
        ("allow: /x/page.html\ndisallow: /x/\n", "/x/", False), ("disallow: \nallow: \n", "/x/page.html", True),
        ("disallow: /\nallow: /\n", "/x/page.html", True), ("disallow: /x\nallow: /x/\n", "/x", False),
        ("disallow: /x\nallow: /x/\n", "/x/", True), ("disallow: /x/page.html\nallow: /x/page.html\n", "/x/page.html", True),
        ("allow: /page\ndisallow: /*.html\n", "/page.html", False), ("allow: /page\ndisallow: /*.html\n", "/page", True),
        ("allow: /x/page.\ndisallow: /*.html\n", "/x/page.html", True), ("allow: /x/page.\ndisallow: /*.html\n", "/x/y.html", False)]],
    ("ID_LongestMatch", MOST_SPECIFIC_GROUP, "FooBot", ONE + "/x/page", True),
    ("ID_LongestMatch", MOST_SPECIFIC_GROUP, "FooBot", ONE + "/y/page", False),
    ("ID_Encoding", ENCODED + "/foo/bar?qux=taz&baz=http://foo.bar?tar&par\n", "FooBot",
     ONE + "/foo/bar?qux=taz&baz=http://foo.bar?tar&par", True),
    ("ID_Encoding", ENCODED + "/foo/bar/ツ\n", "FooBot", ONE + "/foo/bar/%E3%83%84", True),
    ("ID_Encoding", ENCODED + "/foo/bar/%E3%83%84\n", "FooBot", ONE + "/foo/bar/%E3%83%84", True),
    ("ID_Encoding", ENCODED + "/foo/bar/%62%61%7A\n", "FooBot", ONE + "/foo/bar/%62%61%7A", True),
    *[("ID_SpecialCharacters", SPECIAL, "FooBot", ONE + path, answer) for path, answer in [
        ("/foo/bar/quz", False), ("/foo/quz", True), ("/foo//quz", True), ("/foo/bax/quz", True)]],
    *[("ID_SpecialCharacters", END, "FooBot", ONE + path, answer) for path, answer in [
        ("/foo/bar", False), ("/foo/bar/qux", True), ("/foo/bar/", True), ("/foo/bar/baz", True)]],
    ("ID_SpecialCharacters", COMMENT, "FooBot", ONE + "/foo/bar", True),
    ("ID_SpecialCharacters", COMMENT, "FooBot", ONE + "/foo/quz", False),
    *[("GoogleOnly_IndexHTMLisDirectory", INDEX, "foobot", "http://foo.com" + path, answer) for path, answer in [
        ("/allowed-slash/", True), ("/allowed-slash/index.htm", False), ("/allowed-slash/index.html", True), ("/anyother-url", False)]],
]  # fmt: skip

# The documentation's tables: a pattern that is allowed where all else is not, and what it matches and does not match.
DOCUMENTED = {
    "/fish": (["/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"],
              ["/bar", "/Fish.asp", "/catfish", "/?id=fish", "/desert/fish"]),
    "/fish*": (["/fish", "/fish.html", "/fish/salmon.html", "/fishheads", "/fishheads/yummy.html", "/fish.html?id=anything"],
               ["/bar", "/Fish.bar", "/catfish", "/?id=fish"]),
    "/fish/": (["/fish/", "/fish/salmon", "/fish/?salmon", "/fish/salmon.html", "/fish/?id=anything"],
               ["/bar", "/fish", "/fish.html", "/Fish/Salmon.html"]),
    "/*.php": (["/filename.php", "/folder/filename.php", "/folder/filename.php?parameters", "//folder/any.php.file.html",
                "/filename.php/", "/index?f=filename.php/"], ["/bar", "/php/", "/index?php", "/windows.PHP"]),
    "/*.php$": (["/filename.php", "/folder/filename.php"],
                ["/bar", "/filename.php?parameters", "/filename.php/", "/filename.php5", "/php/", "/filename?php", "/aaaphpaaa",
                 "//windows.PHP"]),
    "/fish*.php": (["/fish.php", "/fishheads/catfish.php?parameters"], ["/bar", "/Fish.PHP"]),
}  # fmt: skip
PRECEDENCE = [
    ("allow: /p\ndisallow: /\n", "/page", True),
    ("allow: /folder\ndisallow: /folder\n", "/folder/page", True),
    ("allow: /page\ndisallow: /*.htm\n", "/page.htm", False),
    ("allow: /page\ndisallow: /*.ph\n", "/page.php5", True),
    ("allow: /$\ndisallow: /\n", "/", True),
    ("allow: /$\ndisallow: /\n", "/page.html", False),
]


@pytest.mark.parametrize(("test", "file", "agent", "url", "answer"), CASES)
def test_google_s_own_cases(test, file, agent, url, answer):
    assert allowed(file, agent, url) is answer, test


@pytest.mark.parametrize("pattern", DOCUMENTED)
def test_patterns_match_what_google_s_documentation_says(pattern):
    matches, others = DOCUMENTED[pattern]
    file = f"{FOO}disallow: /\nallow: {pattern}\n"
    assert [path for path in matches if not allowed(file, "FooBot", ONE + path)] == []
    assert [path for path in others if allowed(file, "FooBot", ONE + path)] == []


@pytest.mark.parametrize(("rules", "path", "answer"), PRECEDENCE)
def test_precedence_is_as_documented(rules, path, answer):
    assert allowed(FOO + rules, "FooBot", "http://example.com" + path) is answer


def test_the_one_case_where_the_rfc_is_followed_against_google_s_test():
    # ID_Encoding expects False here and calls it illegal; RFC 9309 §2.2.2's table gives /foo/bar/baz as the path to match.
    assert allowed(ENCODED + "/foo/bar/%62%61%7A\n", "FooBot", ONE + "/foo/bar/baz")


def test_a_long_line_is_cut_as_google_cuts_it():
    long = "/x/" + "a" * (LONGEST_LINE_BYTES - len("disallow: /x/"))  # GoogleOnly_LineTooLong
    file = f"{FOO}disallow: {long}/qux\n"
    assert allowed(file, "FooBot", ONE + "/fux")
    assert not allowed(file, "FooBot", ONE + long + "/fux")
    long += "aaa"  # "allow: " is shorter
    file = f"{FOO}disallow: /\nallow: {long}/qux\n"
    assert not allowed(file, "FooBot", ONE + "/")
    assert allowed(file, "FooBot", ONE + long + "/fux")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\r\n"])
def test_every_kind_of_line_end_and_none_at_the_last(end):  # ID_LinesNumbersAreCountedCorrectly
    file = end.join(["User-Agent: foo", "Allow: /some/path", "User-Agent: bar", "", "", "Disallow: /"])
    assert allowed(file, "foo", ONE + "/x") and not allowed(file, "bar", ONE + "/x")


@pytest.mark.parametrize(
    ("mark", "read"), [(b"\xef\xbb\xbf", True), (b"\xef\xbb", True), (b"\xef", True), (b"\xef\x11\xbf", False)]
)
def test_a_byte_order_mark_whole_or_cut_is_skipped_and_a_broken_one_spoils_its_line(
    mark, read
):  # ID_UTF8ByteOrderMarkIsSkipped
    assert allowed(mark + b"User-Agent: foo\nDisallow: /\n", "foo", ONE + "/x") is not read


def test_a_byte_order_mark_in_the_middle_spoils_its_line():
    assert allowed(b"User-Agent: foo\n\xef\xbb\xbfDisallow: /\n", "foo", ONE + "/x")


PATHS = [  # TestGetPathParamsQuery
    ("", "/"), ("http://www.example.com", "/"), ("http://www.example.com/", "/"), ("http://www.example.com/a", "/a"),
    ("http://www.example.com/a/", "/a/"), ("http://www.example.com/a/b?c=http://d.e/", "/a/b?c=http://d.e/"),
    ("http://www.example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"), ("example.com", "/"), ("example.com/", "/"),
    ("example.com/a", "/a"), ("example.com/a/", "/a/"), ("example.com/a/b?c=d&e=f#fragment", "/a/b?c=d&e=f"), ("a", "/"),
    ("a/", "/"), ("/a", "/a"), ("a/b", "/b"), ("example.com?a", "/?a"), ("example.com/a;b#c", "/a;b"), ("//a/b/c", "/b/c"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "path"), PATHS)
def test_path_and_query_of_a_url(url, path):
    assert path_of(url) == path.encode()


@pytest.mark.parametrize(("written", "escaped"), [("/a/b/c", "/a/b/c"), ("/á", "/%C3%A1"), ("/%aa", "/%AA")])
def test_patterns_are_escaped(written, escaped):  # TestMaybeEscapePattern
    assert compiled(written.encode()).parts == (escaped.encode(),)
