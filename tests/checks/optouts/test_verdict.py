"""The verdict for an address: any disallow wins, a contract may override, silence is silence, unknown is unknown; two times."""

import pytest

from checks.optouts import Asked, Evidence, Supplied, built_in_list, judge
from checks.optouts.evidence import AI_TXT, PAGE, ROBOTS, TDMREP, host_of, moment
from schemas.canonical import sha256_hex

URL, AT = "https://www.example.com/news/1.html", "2024-05-18T01:58:10Z"
SILENT = {
    ROBOTS: b"User-agent: *\nDisallow: /admin/\n",
    TDMREP: b'[{"location": "/images/", "tdm-reservation": 1}]',
    AI_TXT: b"User-agent: *\nDisallow: *.jpg\n",
}
QUIET_HEADERS, QUIET_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    b"<html><head><title>t</title></head></html>",
)


def supplied(*, fetched_at="2024-05-18T01:00:00Z", page=(QUIET_HEADERS, QUIET_PAGE), status=200, **bodies):
    files = {**SILENT, **{name.replace("_", "-"): body for name, body in bodies.items()}}
    found = [
        Supplied(kind, "www.example.com", fetched_at, status, body) for kind, body in files.items() if body is not False
    ]
    if page:
        found.append(Supplied(PAGE, "www.example.com", fetched_at, 200, page[1], page[0], URL))
    return Evidence.of(found)


def answer(then, asked=None, contract=None):
    return judge(URL, AT, then, Evidence(), asked or Asked(), contract).answer


def test_silence_is_silence():
    assert answer(supplied()) == "no_statement"
    assert answer(supplied(robots=b"", tdmrep=b"[]", ai_txt=b"")) == "no_statement"
    assert (
        answer(supplied(robots=b"User-agent: *\nAllow: /\n")) == "no_statement"
    )  # to let fetch is no word on training


@pytest.mark.parametrize("said", [
    {"robots": b"User-agent: *\nDisallow: /\n"},
    {"robots": b"User-agent: GPTBot\nDisallow: /news/\n"},
    {"robots": b"User-agent: Google-Extended\nDisallow: /\n\nUser-agent: *\nAllow: /\n"},
    {"robots": b"User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n"},
    {"robots": b"User-agent: *\nContent-Usage: train-ai=n\n"},
    {"tdmrep": b'[{"location": "/news/", "tdm-reservation": 1}]'},
    {"ai_txt": b"User-agent: *\nDisallow: *.html\n"},
    {"page": (b"X-Robots-Tag: noai\n", QUIET_PAGE)}, {"page": (b"Content-Usage: train-ai=n\n", QUIET_PAGE)},
    {"page": (b"Content-Signal: ai-train=no\n", QUIET_PAGE)}, {"page": (b"tdm-reservation: 1\n", QUIET_PAGE)},
    {"page": (b"", b'<meta name="robots" content="noai">')}, {"page": (b"", b'<meta name="tdm-reservation" content="1">')},
    {"page": (b"Content-Usage: train-ai=y\n", b'<meta name="ccbot" content="noai">')},
])  # fmt: skip
def test_any_disallow_wins(said):
    assert answer(supplied(**said)) == "disallow"


def test_a_disallow_wins_over_what_is_unknown_and_what_allows():
    allows = (b"Content-Usage: train-ai=y\ntdm-reservation: 0\n", QUIET_PAGE)
    assert answer(supplied(page=allows)) == "allow"
    assert answer(supplied(page=allows, tdmrep=False)) == "unknown"
    assert answer(supplied(page=allows, tdmrep=False, robots=b"User-agent: *\nDisallow: /\n")) == "disallow"


def test_our_own_group_counts_instead_of_everybody_s_and_watched_agents_only_where_they_are_named():
    file = b"User-agent: OurBot\nAllow: /\nUser-agent: *\nDisallow: /\n"
    assert answer(supplied(robots=file)) == "disallow"
    assert answer(supplied(robots=file), Asked(own="OurBot")) == "no_statement"
    named = file + b"User-agent: CCBot\nDisallow: /\n"
    assert answer(supplied(robots=named), Asked(own="OurBot")) == "disallow"
    assert answer(supplied(robots=named), Asked(own="OurBot", watched=())) == "no_statement"
    search = b"User-agent: OAI-SearchBot\nDisallow: /\n"  # an index is no training
    assert answer(supplied(robots=search)) == "no_statement"
    assert answer(supplied(robots=search), Asked(watched=built_in_list().tokens("train", "search"))) == "disallow"


def test_images_are_not_text_and_another_use_is_another_question():
    assert answer(supplied(page=(b"X-Robots-Tag: noimageai\n", QUIET_PAGE))) == "no_statement"
    then = supplied(robots=b"User-agent: *\nContent-Signal: search=no, ai-train=yes\n")
    assert (answer(then), answer(then, Asked(use="search")), answer(then, Asked(use="ai-input"))) == (
        "allow",
        "disallow",
        "no_statement",
    )


def test_the_page_s_own_reservation_is_over_the_header_s_and_the_file_s():
    file = b'[{"location": "/", "tdm-reservation": 1}]'
    assert answer(supplied(tdmrep=file, page=(b"tdm-reservation: 0\n", QUIET_PAGE))) == "allow"
    meta = b'<meta name="tdm-reservation" content="1">'
    assert answer(supplied(tdmrep=b"[]", page=(b"tdm-reservation: 0\n", meta))) == "disallow"
    assert (
        answer(supplied(tdmrep=file, page=(b"tdm-reservation: 7\n", QUIET_PAGE))) == "disallow"
    )  # an error resets nothing


@pytest.mark.parametrize(("status", "expected", "reason"), [
    (404, "no_statement", "unavailable: status 404"), (403, "no_statement", "unavailable: status 403"), (410, "no_statement", "unavailable: status 410"),
    (503, "disallow", "unreachable: status 503"), (429, "disallow", "unreachable: status 429"), (0, "disallow", "unreachable: no answer"),
    (301, "unknown", "a redirect was not followed: status 301"), (None, "unknown", "the status is not supplied"),
    (999, "unknown", "the status is none of HTTP"), (-1, "unknown", "the status is none of HTTP"),
])  # fmt: skip
def test_the_statuses_of_rfc_9309(status, expected, reason):
    then = Evidence.of([Supplied(ROBOTS, "www.example.com", "2024-05-18T01:00:00Z", status, b"", None)])
    verdict = judge(URL, AT, then, Evidence(), Asked(needed=(ROBOTS,)))
    assert verdict.answer == expected
    assert verdict.then.channels[0].reason == reason


def test_a_web_page_for_robots_txt_is_unknown_and_for_the_other_files_is_their_absence():
    page = b"<!doctype html><title>Sign in</title>"
    assert answer(supplied(robots=page)) == "unknown"
    assert answer(supplied(tdmrep=page, ai_txt=page)) == "no_statement"


@pytest.mark.parametrize("missing", ["robots", "tdmrep", "ai_txt"])
def test_a_file_that_is_not_there_is_unknown_unless_the_run_does_not_need_it(missing):
    then = supplied(**{missing: False})
    assert answer(then) == "unknown"
    needed = tuple(kind for kind in (ROBOTS, TDMREP, AI_TXT, PAGE) if kind != missing.replace("_", "-"))
    assert answer(then, Asked(needed=needed)) == "no_statement"


def test_a_file_that_is_not_needed_counts_where_it_is_there():
    then = supplied(tdmrep=b'[{"location": "/", "tdm-reservation": 1}]')
    assert answer(then, Asked(needed=(ROBOTS,))) == "disallow"


def test_a_page_without_headers_is_no_evidence_of_silence():
    assert (
        answer(supplied(page=None))
        == answer(supplied(page=(None, QUIET_PAGE)))
        == answer(supplied(page=(QUIET_HEADERS, None)))
        == "unknown"
    )


@pytest.mark.parametrize(("fetched_at", "reason"), [
    ("2024-05-18T01:58:11Z", "fetched later than the record"), ("2024-05-18T09:58:10+08:00", ""), ("2024-05-17T01:58:10Z", ""),
    ("2024-05-17T01:58:09Z", "fetched too long before the record"), ("20240518015810", ""), ("2024-05-18", "fetched later than the record"),
])  # fmt: skip
def test_only_a_file_of_the_day_before_the_record_speaks_for_it(fetched_at, reason):
    then = Evidence.of([Supplied(ROBOTS, "www.example.com", fetched_at, 200, b"", None)])
    assert judge(URL, AT, then, Evidence(), Asked()).then.channels[0].reason == reason


def test_of_several_files_the_last_before_the_record_counts():
    files = [
        Supplied(ROBOTS, "www.example.com", "2024-05-18T00:00:00Z", 200, b"User-agent: *\nDisallow: /\n"),
        Supplied(ROBOTS, "www.example.com", "2024-05-18T01:00:00Z", 200, b""),
        Supplied(ROBOTS, "www.example.com", "2024-05-18T02:00:00Z", 200, b"User-agent: *\nDisallow: /\n"),
    ]
    asked = Asked(needed=(ROBOTS,))
    for order in (files, files[::-1]):
        assert judge(URL, AT, Evidence.of(order), Evidence(), asked).answer == "no_statement"
    assert judge(URL, "2024-05-18", Evidence.of(files), Evidence(), asked).answer == "disallow"  # any time of that day


def test_both_times_stand_apart_and_only_the_first_decides():
    now = supplied(fetched_at="2026-11-01T00:00:00Z", robots=b"User-agent: GPTBot\nDisallow: /\n")
    verdict = judge(URL, AT, supplied(), now, Asked())
    assert (verdict.then.answer, verdict.now.answer, verdict.answer) == ("no_statement", "disallow", "no_statement")
    assert verdict.then.channels[0].fetched_at != verdict.now.channels[0].fetched_at


def test_a_named_contract_stands_against_a_disallow_and_an_unknown_and_hides_neither():
    for then in (supplied(robots=b"User-agent: *\nDisallow: /\n"), Evidence()):
        verdict = judge(URL, AT, then, Evidence(), Asked(), "C-2024-117")
        assert verdict.answer == "contract" and verdict.then.answer in {"disallow", "unknown"}
    assert judge(URL, AT, supplied(), Evidence(), Asked(), "C-2024-117").answer == "no_statement"
    assert judge(URL, AT, Evidence(), Evidence(), Asked(), "").answer == "unknown"


@pytest.mark.parametrize(
    ("url", "at"),
    [(None, AT), ("", AT), ("no url", AT), ("/path", AT), (URL, None), (URL, "yesterday"), ("http://[", AT)],
)
def test_a_record_without_an_address_or_a_time_is_unknown(url, at):
    assert judge(url, at, supplied(), Evidence(), Asked()).answer == "unknown"


def test_a_channel_names_the_digest_of_its_bytes_and_its_statements_point_into_them():
    body = b"User-agent: GPTBot\nDisallow: /news\n"
    channel = judge(URL, AT, supplied(robots=body), Evidence(), Asked()).then.channels[0]
    (one,) = channel.statements
    assert channel.digests == (sha256_hex(body), None)
    assert body[one.start : one.end] == b"Disallow: /news" and (one.agent, one.rule, one.detector, one.version) == (
        "GPTBot",
        "/news",
        "robots",
        1,
    )


@pytest.mark.parametrize(("written", "host"), [
    ("https://Example.COM:443/x", "example.com"), ("example.com:8080", "example.com:8080"), ("http://user:pw@a.b/", "a.b"),
    ("中国.cn", "xn--fiqs8s.cn"), ("a.b.", "a.b"), ("http://[::1]:80/", "[::1]"), ("http://[", ""), ("", ""), ("http://a:x/", ""),
])  # fmt: skip
def test_hosts(written, host):
    assert host_of(written) == host


def test_files_that_cannot_be_placed_are_told_by_their_number():
    files = [
        Supplied("robots.txt", "a.b", AT),
        Supplied(ROBOTS, "a.b", "then"),
        Supplied(ROBOTS, "", AT),
        Supplied(PAGE, "a.b", AT),
    ]
    assert [number for number, _ in Evidence.of(files).unusable] == [0, 1, 2, 3]
    assert moment("9999-12-31") is not None and moment("0001-01-01T00:00:00+14:00") is None
