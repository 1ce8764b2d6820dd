"""Answers that are remembered equal those worked out for each address, whatever the files and paths."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.optouts import Asked, Evidence, Supplied, judge
from checks.optouts.evidence import AI_TXT, PAGE, ROBOTS, TDMREP, moment
from checks.optouts.sites import Sites

AT, HOST = "2024-05-18T01:58:10Z", "a.example"
PATTERNS = ("/", "/a", "/a/", "/a/b", "/*b", "/a$", "/*.html", "*.txt", "/a?x", "/%61", "", "/robots.txt", "/a/*/c$")
pattern = st.sampled_from(PATTERNS)
agent = st.sampled_from(("*", "GPTBot", "OurBot", "Nobody"))
rule = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(("Allow", "Disallow", "User-agent")), st.one_of(pattern, agent)),
    st.builds("Content-Usage: {} train-ai={}".format, pattern, st.sampled_from("yn?")),
    st.builds("Content-Signal: {} ai-train={}".format, pattern, st.sampled_from(("yes", "no"))),
)
file = st.builds(
    lambda who, rules: "\n".join([f"User-agent: {who}", *rules]).encode(), agent, st.lists(rule, max_size=8)
)
tdm = st.lists(
    st.builds('{{"location": "{}", "tdm-reservation": {}}}'.format, pattern, st.sampled_from("01")), max_size=4
)
path = st.lists(st.sampled_from(("/", "a", "b", "c", ".html", ".txt", "?x", "%61", "robots.txt", "é")), max_size=6).map(
    "".join
)
page = st.sampled_from((b"", b"x-robots-tag: noai\r\n", b"tdm-reservation: 0\r\n", b"content-usage: train-ai=y\r\n"))


@settings(max_examples=150, deadline=None)
@given(
    robots=file, ai_txt=st.one_of(st.none(), file), tdmrep=tdm, paths=st.lists(path, min_size=1, max_size=12), header=page,
    status=st.sampled_from((200, 404, 503)), own=st.sampled_from((None, "OurBot")),
)  # fmt: skip
def test_remembered_answers_are_the_verdicts(robots, ai_txt, tdmrep, paths, header, status, own):
    urls = [f"https://{HOST}/{one}" for one in paths]
    files = [
        Supplied(ROBOTS, HOST, AT, status, robots),
        Supplied(TDMREP, HOST, AT, 200, f"[{','.join(tdmrep)}]".encode()),
    ]
    files += [Supplied(AI_TXT, HOST, AT, 200, ai_txt)] if ai_txt is not None else []
    then, now = Evidence.of([*files, Supplied(PAGE, HOST, AT, 200, b"", header, urls[0])]), Evidence.of(files[:1])
    asked = Asked(own, needed=(ROBOTS, PAGE))
    sites = Sites(then, now, asked, {})
    for url in urls * 2:
        verdict, answer = judge(url, AT, then, now, asked), sites.answer(HOST, url, moment(AT))
        assert (answer.then.answer, answer.now.answer) == (verdict.then.answer, verdict.now.answer)
        fresh = Sites(then, now, asked, {}).answer(HOST, url, moment(AT))
        assert answer == fresh


@pytest.mark.parametrize(("host", "named"), [
    ("paid.example", True), ("www.paid.example", True), ("www.paid.example:8080", True), ("paid.example.org", False),
    ("one.host.example.org", True), ("host.example.org", False), ("192.0.2.1:80", True), ("[::1]:8080", False), ("", False),
])  # fmt: skip
def test_a_contract_is_named_with_a_host_or_a_registrable_domain(host, named):
    contracts = {"paid.example": "C-1", "one.host.example.org": "C-2", "192.0.2.1": "C-3"}
    assert Sites(Evidence(), Evidence(), Asked(), contracts).contract(host) is named


def test_one_more_path_costs_no_judgement():
    robots = b"User-agent: *\nDisallow: /private/\nDisallow: /*?print\n"
    sites = Sites(Evidence.of([Supplied(ROBOTS, HOST, AT, 200, robots)]), Evidence(), Asked(), {})
    for number in range(200):
        sites.answer(HOST, f"https://{HOST}/news/{number}.html", moment(AT))
        sites.answer(HOST, f"https://{HOST}/private/{number}?print", moment(AT))
    assert len(sites._halves) == 3  # two kinds of paths then, and what is not known of now
