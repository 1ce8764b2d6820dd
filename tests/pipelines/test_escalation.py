"""Undecided notices of a real run: found, made one, read again, shown to a detector of the test's own; what its answers change."""

import json
import os
import sys
import textwrap
from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.licence.classes import Declared
from checks.licence.fields import Fields
from pipelines.escalation import detector
from pipelines.escalation.answer import Moved, answer_of, applied, is_open, named_licence
from pipelines.escalation.ask import is_movable, is_unknown
from pipelines.escalation.detector import PYTHON_VARIABLE, InProcess, Limits, Match, Told
from pipelines.escalation.notices import AROUND_BYTES, MOST_BYTES, Evidence, cut, digest, normal_form
from pipelines.escalation.undecided import Record, is_conflicting, parts_of
from schemas.errors import ConfigError, RunError
from tests.kit.command import here, lines, write_run

EN = "The quick brown fox jumps over the lazy dog near the river bank and sees a boat.\n"
HALCYON = "# Copyright {} Jane\n# This file is licensed under the Halcyon Labs\n# Community License.\nx = {}\n"
FILES = {
    "code.jsonl": lines(
        {"text": HALCYON.format(2019, 1)}, {"text": EN}, {"text": HALCYON.format(2021, 2)},
        {"text": "Licensed under the Northgate Open License.\n", "license": "MIT"},
    ),
    "pages.jsonl": lines(
        {"text": "Released under the MIT License.\n" + EN * 20 + "\nThis page may not be used for commercial purposes.\n"},
        {"text": "Licensed under the Aladdin Free Public License.\n"},
        {"text": EN},
    ),
}  # fmt: skip
SOURCES = {"code": "paths: [corpus/code.jsonl]\n", "pages": "paths: [corpus/pages.jsonl]\nlicence: CC-BY-4.0\n"}
CHILD = """\
#!{python}
import json, os, sys, time
print(json.dumps({{"package": "made-by-hand", "version": "1"}}), flush=True)
for line in sys.stdin:
    text = json.loads(line)["text"]
    found = []
    if "die" in text: os._exit(66)
    if "sleep" in text: time.sleep(60)
    if "refuse" in text:
        print(json.dumps({{"error": "ValueError"}}), flush=True)
        continue
    if "Halcyon" in text:
        at = 1 + [i for i, l in enumerate(text.splitlines()) if "Halcyon" in l][0]
        found = [{{"expression": "Zlib", "score_ppm": 970000, "coverage_ppm": 1000000, "first_line": at, "last_line": at + 1, "matcher": "own", "rule": "r1"}}]
    if "Northgate" in text:
        found = [{{"expression": "ISC", "score_ppm": 500000, "coverage_ppm": 500000, "first_line": 1, "last_line": 1, "matcher": "own", "rule": "r2"}}]
    print(json.dumps({{"matches": found, "cpu_us": 1}}), flush=True)
"""


@pytest.fixture(scope="module")
def sealed(tmp_path_factory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp("escalation")
    done = here("run", write_run(folder, SOURCES, FILES), "--json")
    return done.result["run"], folder / "ledger"


@pytest.fixture(scope="module")
def child(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("child") / "python"
    path.write_text(CHILD.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


def _asked(sealed: tuple[str, Path], *more: object) -> dict:
    done = here("query", "notices", sealed[0], "--ledger", sealed[1], "--json", *more)
    assert done.code == 0, done.err
    return done.result


def test_distinct_notices_of_undecided_records_are_told_with_places_and_never_their_text(sealed):
    done = here("query", "notices", sealed[0], "--ledger", sealed[1], "--json")
    told = done.result
    rows = {(r["source"], r["why"], r["offset"]): r for r in told["rows"]}
    assert (told["undecided_records"], told["notices"], told["not_read_records"], told["asked"]) == (5, 5, 0, 0)
    first = told["rows"][0]
    assert (first["records"], first["sources"], first["offset"], first["answer"]) == (2, {"code": 2}, 0, None)
    assert first["found"] == ["licence.licence-notice: unknown"]
    assert {r["why"] for r in told["rows"]} == {"unknown", "conflicting"}
    assert len({key for key in rows if key[1] == "conflicting"}) == 1
    assert not any(word in done.out for word in ("Halcyon", "Northgate", "Aladdin", "Jane", "commercial purposes"))
    assert [r["why"] for r in _asked(sealed, "--why", "conflicting")["rows"]] == ["conflicting"] * 2
    assert {r["source"] for r in _asked(sealed, "--source", "pages")["rows"]} == {"pages"}


def test_answers_have_expression_score_span_and_version_and_name_records_where_they_are_sure(
    sealed, child, monkeypatch, tmp_path
):
    monkeypatch.setenv(PYTHON_VARIABLE, str(child))
    out = tmp_path / "answers.json"
    told = _asked(sealed, "--escalate", "scancode", "--output", out)
    assert told["detector"] == {"name": "scancode", "package": "made-by-hand", "version": "1"}
    assert (told["asked"], told["answered"], told["failed"]) == (5, 5, 0)
    by_name = {r["answer"]["expression"]: r for r in told["rows"]}
    halcyon = by_name["Zlib"]["answer"]
    text = HALCYON.format(2019, 1)
    assert (
        text[halcyon["start"] : halcyon["end"]]
        == "".join(text.splitlines(keepends=True)[1:3])[: halcyon["end"] - halcyon["start"]]
    )
    assert (halcyon["score_ppm"], halcyon["counts"], halcyon["licence_class"]) == (970_000, True, "permissive")
    assert by_name["ISC"]["answer"]["counts"] is False
    size = sum(len(HALCYON.format(*n).encode()) for n in ((2019, 1), (2021, 2)))
    assert told["moved"] == [
        {"source": "code", "licence": "LicenseRef-unknown", "answered": "Zlib", "records": 2, "bytes": size}
    ]
    again = tmp_path / "again.json"
    _asked(sealed, "--escalate", "scancode", "--output", again)
    assert again.read_bytes() == out.read_bytes()
    assert "Halcyon" not in out.read_text()

    words = ("query", "uses", sealed[0], "--ledger", sealed[1], "--use", "train")
    before, after = (here(*words, *more, "--json").result for more in ((), ("--notices", out)))
    assert before["notices"] is None
    assert after["notices"]["records"] == 2
    count = lambda told: Counter(
        {(r["source"], r["licence"]): r["records"] for r in told["rows"] if r["bytes"] != len(EN)}
    )
    assert count(before)["code", "LicenseRef-unknown"] == 3
    assert (count(after)["code", "LicenseRef-unknown"], count(after)["code", "Zlib"]) == (1, 2)
    assert sum(count(after).values()) == sum(count(before).values())
    assert after["removal"]["records"] == before["removal"]["records"] - 2
    assert "scancode 1 named" in here(*words, "--notices", out).out
    assert "no person has reviewed" in here(*words, "--notices", out).out

    value = json.loads(out.read_text())
    for change, said in (
        ({"run": "other"}, "answers for run other"),
        ({"format": 9}, "of format 9"),
        ({"moved": [{**value["moved"][0], "records": 50}]}, "moves 50 records of code"),
        ({"moved": 3}, "no answer on notices"),
    ):
        (wrong := tmp_path / "wrong.json").write_text(json.dumps(value | change))
        done = here(*words, "--notices", wrong)
        assert done.code == 2 and said in done.err


def test_without_the_extra_it_says_how_to_install_it_and_asks_nothing(sealed, monkeypatch, tmp_path):
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(detector, "find_spec", lambda _: None)
    done = here("query", "notices", sealed[0], "--ledger", sealed[1], "--escalate", "scancode")
    assert done.code == 2
    assert "pip install 'corpusledger[escalation]'" in done.err
    monkeypatch.setenv(PYTHON_VARIABLE, str(tmp_path / "none"))
    done = here("query", "notices", sealed[0], "--ledger", sealed[1], "--escalate", "scancode")
    assert done.code == 2 and "no file" in done.err
    monkeypatch.setenv(PYTHON_VARIABLE, sys.executable)
    if find_spec("licensedcode") is None:
        done = here("query", "notices", sealed[0], "--ledger", sealed[1], "--escalate", "scancode")
        assert done.code == 2 and f"{sys.executable} has no scancode-toolkit-mini" in done.err


def test_a_file_that_changed_since_the_run_is_told_as_not_read(sealed):
    path = sealed[1].parent / "corpus" / "pages.jsonl"
    kept, status = path.read_bytes(), path.stat()
    try:
        path.write_bytes(b'{"text": "something else"}\n')
        told = _asked(sealed)
        assert (told["undecided_records"], told["not_read_records"]) == (5, 2)
        assert {r["source"] for r in told["rows"]} == {"code"}
    finally:
        path.write_bytes(kept)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_detector_that_dies_hangs_or_refuses_loses_that_notice_alone(child):
    with InProcess("own", [str(child)], Limits(notice_s=1)) as own:
        told = [own.ask(word) for word in ("die now", "Halcyon", "refuse", "sleep", "Halcyon")]
        assert [t.failed for t in told] == ["memory", None, "refused it: ValueError", "time limit", None]
        assert [m.expression for m in told[4].matches] == ["Zlib"]
        with pytest.raises(RunError, match="died on 3 notices in a row"):
            for _ in range(3):
                own.ask("die")


def test_memory_beyond_the_limit_ends_the_child_and_not_this_process(tmp_path):
    greedy = tmp_path / "greedy.py"
    greedy.write_text(
        textwrap.dedent("""\
        import json, resource, sys
        resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
        print(json.dumps({"package": "greedy", "version": "1"}), flush=True)
        for line in sys.stdin:
            held = bytearray(1 << 40)
        """)
    )
    with InProcess("own", [sys.executable, str(greedy), str(1 << 30)]) as own:
        assert own.ask("x").failed == "exit code 1"


def test_one_that_is_not_ready_or_ends_at_once_is_an_error_with_a_way_out():
    with pytest.raises(RunError, match="not ready in 1 s"):
        InProcess("own", [sys.executable, "-c", "import time; time.sleep(60)"], Limits(start_s=1)).__enter__()
    with pytest.raises(RunError, match="ended before it was ready"):
        InProcess("own", [sys.executable, "-c", "pass"]).__enter__()


def test_evidence_close_by_is_one_notice_with_the_lines_of_its_paragraph_or_comment():
    text = (
        b"import os\n# A line before\n# licensed under X\n# and no more\ncode = 1\n\n"
        + b"y" * 900
        + b"\n\nall of it\nunder Y here\n\nend"
    )
    at, other = text.index(b"licensed"), text.index(b"under Y")
    found = list(cut(text, [Evidence(other, other + 7, "r", "b", True), Evidence(at, at + 8, "r", "a", True)]))
    assert [n.text for n in found] == ["# A line before\n# licensed under X\n# and no more", "all of it\nunder Y here"]
    assert [text[n.start_byte : n.end_byte].decode() for n in found] == [n.text for n in found]
    assert (
        len(list(cut(text, [Evidence(at, at + 8, "r", "a", True), Evidence(at + 100, at + 110, "r", "b", True)]))) == 1
    )


@given(st.binary(max_size=3000), st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 400)), min_size=1, max_size=6))
def test_whatever_the_bytes_notices_lie_in_the_text_around_their_evidence(text, spans):
    evidence = [Evidence(min(a, len(text)), min(a + n, len(text)), "r", "d", True) for a, n in spans]
    found = list(cut(text, evidence))
    assert sorted(e for n in found for e in n.evidence) == sorted(evidence)
    for notice in found:
        first, last = notice.evidence[0].start_byte, max(e.end_byte for e in notice.evidence)
        assert 0 <= notice.start_byte <= first and last - 3 <= notice.end_byte <= len(text)
        assert notice.end_byte - notice.start_byte <= min(MOST_BYTES, last - first + 2 * AROUND_BYTES + 6)


def test_copies_of_a_notice_are_one_whatever_their_marks_breaks_years_and_owners():
    one = "// Copyright (c) 2019 Jane\n// This file is under the\n// Halcyon License 3."
    same = "# copyright 2021 Somebody Else, Inc.\n# This file is under the Halcyon\n# license 3."
    assert digest(one) == digest(same)
    assert digest(one) != digest(one.replace("3", "4"))
    assert normal_form("© 2019 Jane") == "© 0000 jane"
    assert digest("Copyright Jane, licensed under X") != digest("Copyright Jane, licensed under Y")


def test_a_span_is_that_of_the_lines_that_were_named_and_unknown_ones_name_nothing():
    match = lambda e, a, b, s=1_000_000: Match(e, s, 1_000_000, a, b, "m", "r")
    notice = "第一行\nsecond\nthird\n"
    told = answer_of(Told((match("MIT", 2, 2), match("Zlib OR ISC", 3, 9, 910_000))), notice, 100)
    assert (told.expression, told.start, told.end, told.score_ppm, told.counts) == (
        "(Zlib OR ISC) AND MIT",
        104,
        117,
        910_000,
        True,
    )
    nothing = answer_of(Told((match("LicenseRef-scancode-unknown-license-reference", 1, 1),)), notice, 0)
    assert (nothing.expression, nothing.counts, nothing.failed, len(nothing.matches)) == (None, False, None, 1)
    assert answer_of(Told(failed="memory"), notice, 0).failed == "memory"


def test_an_answer_takes_the_place_of_what_is_unknown_and_lifts_nothing_else():
    assert named_licence("LicenseRef-no-repost AND LicenseRef-unknown", ["MIT"]) == "LicenseRef-no-repost AND MIT"
    assert named_licence("LicenseRef-unknown", ["MIT", "Zlib OR ISC"]) == "(Zlib OR ISC) AND MIT"
    assert parts_of("(MIT OR (ISC AND Zlib)) AND GPL-2.0-only WITH Classpath-exception-2.0") == (
        "MIT OR (ISC AND Zlib)", "GPL-2.0-only WITH Classpath-exception-2.0",
    )  # fmt: skip
    assert is_open("LicenseRef-unknown AND MIT")
    assert not is_open("LicenseRef-repost-with-attribution AND LicenseRef-unknown") and not is_open("unknown")
    assert is_conflicting("MIT AND CC-BY-NC-4.0") and not is_conflicting("MIT AND LicenseRef-unknown")


def test_what_moves_is_counted_once_and_no_more_than_there_is():
    rows = [("LicenseRef-unknown", "a", 3, 30), ("MIT", "a", 1, 5)]
    assert applied(rows, [Moved("a", "LicenseRef-unknown", "MIT", 3, 30)], "x") == (("MIT", "a", 4, 35),)
    for wrong in (Moved("a", "LicenseRef-unknown", "MIT", 4, 30), Moved("b", "LicenseRef-unknown", "MIT", 1, 1), Moved("a", "MIT", "ISC", -1, 0)):  # fmt: skip
        with pytest.raises(ConfigError, match="ask anew"):
            applied(rows, [wrong], "x")


def test_only_what_the_notices_alone_leave_unknown_is_moved():
    notice = Evidence(0, 9, "licence.licence-notice", "unknown", True)
    record = Record(0, 0, 0, "LicenseRef-unknown AND MIT", "unknown", (notice,))
    plain = Fields((), (), False, False)
    assert is_movable(record, plain, {"licence": "MIT"})
    assert not is_movable(replace(record, handed=True), plain, {})
    assert not is_movable(replace(record, evidence=(notice, notice._replace(declares=False))), plain, {})
    assert not is_movable(record, plain, {"licence": "LicenseRef-house"})
    assert not is_movable(record, plain, {"generator": {"model": "m"}})
    assert not is_movable(record, plain._replace(declared=(Declared(None, "unknown"),)), {})
    assert not is_movable(record, plain._replace(mentioned=(Declared("MIT", "permissive", ("MIT",)),)), {})
    assert is_unknown(notice) and not is_unknown(
        notice._replace(rule="licence.zh-statement", detail="repost-with-attribution")
    )
