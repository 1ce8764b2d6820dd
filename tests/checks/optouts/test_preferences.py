"""AIPREF `Content-Usage` and Content Signals: the drafts' examples, and dictionaries of structured fields.

Sources: draft-ietf-aipref-vocab at 008bd89 and draft-ietf-aipref-attach at 0952a44 (github.com/ietf-wg-aipref/drafts);
RFC 9651 §3.2 and §4.2.2; the Content Signals Policy as Cloudflare writes it into managed robots.txt files.
"""

import pytest

from checks.optouts.header_block import fields, header_block, joined
from checks.optouts.preferences import content_signal, content_usage
from checks.optouts.robots import read_robots
from checks.optouts.structured import dictionary

EXAMPLE = b"""User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: / train-ai=n
Content-Usage: /ai-ok/ train-ai=y

User-Agent: ExampleBot
Allow: /
Content-Usage: / train-ai=y
"""  # attach, "Example", with its table


def said(found):
    return {one.use: one.answer for one in found}


@pytest.mark.parametrize(("agent", "path", "answer"), [
    ("OtherBot", "/test", "disallow"), ("OtherBot", "/never/test", None), ("OtherBot", "/ai-ok/test", "allow"),
    ("ExampleBot", "/test", "allow"), ("ExampleBot", "/never/test", "allow"),
])  # fmt: skip
def test_the_attachment_draft_s_example(agent, path, answer):
    assert said(read_robots(EXAMPLE).preferences(agent, path.encode())).get("train") == answer


@pytest.mark.parametrize(("value", "uses"), [
    (b"train-ai=n", {"train": "disallow"}),  # attach, Examples
    (b"train-ai=y, search=n", {"train": "allow", "search": "disallow"}),  # vocab, Exemplary Serialization Format
    (b'train-ai=y, train-ai, search=n, search="n"', {"train": "unknown", "search": "unknown"}),  # Multiple Preferences
    (b"train-ai;allow=n, train-ai=y", {"train": "allow"}),  # Preference Parameters
    (b'train-ai;has;parameters="?"', {"train": "unknown"}),
    (b"Train-AI=n", {"train": "unknown"}),  # upper case: no dictionary
    (b"train-ai=N", {"train": "unknown"}), (b"train-ai=yes", {"train": "unknown"}), (b"train-ai=?0", {"train": "unknown"}),
    (b"train-ai=n, new-label=y;q=1", {"train": "disallow"}),  # unknown labels are ignored
    (b"ai-use=n", {"ai-input": "disallow"}), (b"", {}), (b"other=n", {}), (b"train-ai=n,", {"train": "unknown"}),
    (b"train-ai n", {"train": "unknown"}), ("train-ai=n；".encode(), {"train": "unknown"}),
])  # fmt: skip
def test_an_expression_is_read_as_the_vocabulary_draft_says(value, uses):
    assert said(content_usage(value)) == uses


@pytest.mark.parametrize(("value", "uses"), [
    (b"search=yes, ai-train=no", {"search": "allow", "train": "disallow"}),  # Cloudflare's default
    (b"search=yes,ai-train=no", {"search": "allow", "train": "disallow"}),
    (b"AI-Train = NO", {"train": "disallow"}), (b"ai-train=yes, ai-train=no", {"train": "disallow"}),
    (b"ai-train=no, ai-train=yes", {"train": "disallow"}), (b"ai-train", {"train": "unknown"}),
    (b"ai-train=conditional", {"train": "unknown"}), (b"ai-input=no", {"ai-input": "disallow"}), (b"use=no", {}), (b"", {}),
])  # fmt: skip
def test_a_content_signal(value, uses):
    assert said(content_signal(value)) == uses


def test_rules_of_one_path_combine_and_longer_paths_win():
    file = read_robots(
        b"User-agent: *\nContent-Usage: /a train-ai=y\nContent-Usage: /a train-ai=n\nContent-Usage: / train-ai=y\n"
    )
    assert [one.answer for one in file.preferences("x", b"/a/b")] == ["allow", "disallow"]
    assert [one.answer for one in file.preferences("x", b"/b")] == ["allow"]


def test_a_rule_without_a_path_is_for_all_paths_and_a_signal_before_any_group_is_for_everybody():
    file = read_robots(
        b"Content-Signal: ai-train=no\nUser-agent: Own\nContent-Usage: train-ai=n\nUser-agent: Other\nAllow: /\n"
    )
    assert said(file.preferences("Own", b"/x")) == {"train": "disallow"} and len(file.preferences("Own", b"/x")) == 2
    assert [one.detector for one in file.preferences("Other", b"/x")] == ["robots-content-signal"]


def test_a_preference_never_cuts_a_group_of_rules_that_rfc_9309_reads():
    file = read_robots(b"User-agent: a\nContent-Usage: / train-ai=n\nUser-agent: b\nDisallow: /x\n")
    assert file.crawl("a", b"/x").answer == file.crawl("b", b"/x").answer == "disallow"  # §2.2.4
    assert said(file.preferences("a", b"/y")) == {"train": "disallow"} and file.preferences("b", b"/y") == ()


def test_a_statement_of_a_rule_points_at_its_own_words():
    body = b"User-agent: *\nContent-Signal: /a search=yes, ai-train=no # x\n"
    one = next(one for one in read_robots(body).preferences("x", b"/a") if one.use == "train")
    assert body[one.start : one.end].strip() == b"ai-train=no" and one.rule == "/a"
    body = b"User-agent: *\nContent-Usage:\t/a\t search=y,train-ai=n;x\n"
    one = next(one for one in read_robots(body).preferences("x", b"/a") if one.use == "train")
    assert body[one.start : one.end] == b"train-ai=n;x"


@pytest.mark.parametrize("value", [
    b"a=1, b=2.5, c=tok/en:x", b'a="q\\"uo\\\\te"', b"a=:aGk=:", b"a=?1;p=?0", b"a=(1 2 tok);q", b"a=()", b"a=( 1 )", b"a=@1659578233",
    b'a=%"f%c3%bc"', b"a,b;x;y=2,c", b"*a=1,b-_.*=2", b"  a=1  ", b"a=1 \t, \tb=2",
])  # fmt: skip
def test_dictionaries_of_rfc_9651_are_read(value):
    assert dictionary(value)


@pytest.mark.parametrize("value", [
    b"A=1", b"a=", b"a=1,", b",a=1", b"a=1 b=2", b'a="open', b"a=(1", b"a=(1,2)", b"a=1.2345", b"a=1234567890123456", b"=1", b"a==1",
    b"a=?2", b"a=@1.5", b'a=%"%C3"', b"a=1;", b"\ta=1", b"a=1;A", b'a="\x7f"', b"a=1;p=(1)",
])  # fmt: skip
def test_what_is_no_dictionary_is_none(value):
    assert dictionary(value) is None


def test_of_a_key_said_twice_the_last_counts():
    assert dictionary(b"a=x, b=y, a=z")["a"].value == b"z"


def test_several_header_lines_are_one_value_with_their_places():
    block = b"HTTP/1.1 200 OK\r\nContent-Usage: search=y\r\nX: y\r\ncontent-usage:  train-ai=n\r\n\r\n"
    whole = joined(fields(block), "content-usage")
    assert whole.value == b"search=y, train-ai=n"
    one = next(one for one in content_usage(whole.value) if one.use == "train")
    start, end = whole.span(one.start, one.end)
    assert block[start:end] == b"train-ai=n"
    assert joined(fields(block), "content-signal") is None


def test_folded_and_odd_header_lines():
    block = b"no field here\nA: one\r\n two\r\nbad name : x\nB:\nC:z"
    assert [(one.name, one.value) for one in fields(block)] == [("a", b"one   two"), ("b", b""), ("c", b"z")]
    assert header_block([("A", "b\r\nInjected: c"), ("中", "文")]) == "A: b Injected: c\r\n中: 文\r\n".encode()
