"""The law of JSONL: a line is what one parser says of it alone, wherever it stands and however the file is cut."""

import io
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Framing, Span
from pipelines.read.codec import Plain
from pipelines.read.jsonl import blocks_of, read_jsonl
from pipelines.read.lines import cut_lines
from pipelines.read.shapes import shape_of
from tests.pipelines.read.kit import JSONL, WHOLE, Held, gathered, short

FRAMING = Framing("jsonl", columns=(("text", "text"), ("url", "meta.url")))
GOOD = b'{"text":"\xe4\xb8\xad a","meta":{"url":"u"},"x":[1,{"y":null}]}'
LINES = {
    b"null": "not an object",
    b"[1]": "not an object",
    b'"text"': "not an object",
    b"12": "not an object",
    b"-0.5e3": "not an object",
    b"true": "not an object",
    b'{"text":"a"}{"text":"b"}': "not an object",
    b'{"text":"a"} null {"text":"b"}': "not an object",
    b'{"text":"a"}null': "not an object",
    b'{"text":"a"},{"text":"b"}': "not json",
    b'{"text":"a"': "not json",
    b'"text":"a"}': "not json",
    b"{'text':'a'}": "not json",
    b'{"text":"a"}]': "not json",
    b'{"text":"a",}': "not json",
    b'{"text":"a\tb"}': "not json",
    b'{"text":"a\x00b"}': "not json",
    b'{"text":"\\ud800"}': "not json",
    b'{"text":"ok","other":"\\udc00"}': "not json",
    b'{"text":"ok","n":1e999}': "not json",
    b"\x00": "not json",
    b"\xff\xfe": "not json",
    b"\x0b{}": "not json",
    b"\xef\xbb\xbf{}": "not json",
    b"nul": "not json",
    b"1,2": "not json",
    b'1],"y":[2': "not json",
    b"{}": "no text",
    b'{"text":null}': "no text",
    b'{"meta":null}': "no text",
    b'{"text":1}': "wrong type",
    b'{"text":true}': "wrong type",
    b'{"text":{"a":1}}': "wrong type",
    b'{"text":["a"]}': "wrong type",
    b'{"text":"a","text":"b"}': "wrong type",
    b'{"text":"a","meta":"m"}': "wrong type",
    b'{"text":"a","meta":{"url":7}}': "wrong type",
    b'{"text":"a\xff"}': "bad utf-8",
    b'{"text":"\xed\xa0\x80"}': "bad utf-8",
    b'{"text":"a","meta":{"url":"\xc0\x80"}}': "bad utf-8",
    GOOD: None,
    b'  {"text":"spaced"} \t\r': None,
    b'{"text":"","meta":null}': None,
    b'{"te\\u0078t":"escaped name"}': None,
    b'{"text":"nul \\u0000 inside"}': None,
    b'{"text":"2020-01-01T00:00:00Z"}': None,
    b'{"text":"a","other":"\xff","n":NaN,"n":1}': None,
    b'{"text":"deep","x":' + b"[" * 3000 + b"]" * 3000 + b"}": None,
    b'{"text":"}{"}': None,
}


def _read(stored: bytes, window_bytes: int = 1 << 20, span: Span = WHOLE) -> list[dict]:
    return gathered(read_jsonl(Held(stored), span, FRAMING, None, window_bytes))


def _alone(line: bytes) -> dict:
    """The record of one line, behind an empty one: at a file's start a byte order mark would be no part of it."""
    (row,) = _read(b"\n" + line)
    return {**row, "offset": row["offset"] - 1}


@pytest.mark.parametrize(("line", "reason"), LINES.items())
def test_fate_of_each_line_alone(line: bytes, reason: str | None) -> None:
    row = _alone(line)
    assert row.get("unread") == reason
    assert row["length"] == len(line.removesuffix(b"\r"))


@pytest.mark.parametrize("bad", [line for line, reason in LINES.items() if reason])
def test_bad_line_at_every_position_for_every_block_size(bad: bytes) -> None:
    alone = {line: _alone(line) for line in (bad, GOOD)}
    for position, window_bytes in itertools.product(range(5), (64, 150, 333, 1 << 20)):
        lines = [GOOD] * 4
        lines.insert(position, bad)
        lines.insert(0, b"")
        rows, at = _read(b"\n".join(lines) + b"\n", window_bytes), 1
        assert len(rows) == len(lines) - 1
        for row, line in zip(rows, lines[1:], strict=True):
            assert row == {**alone[line], "offset": at}
            at += len(line) + 1


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.sampled_from([*LINES, b"", b" \t", b"\r", GOOD, GOOD, GOOD]), max_size=14),
    st.sampled_from([b"", b"\n"]), st.integers(1, 400), st.lists(st.integers(0, 900), max_size=4),
)  # fmt: skip
def test_any_lines_any_blocks_any_spans(lines: list[bytes], end: bytes, window_bytes: int, cuts: list[int]) -> None:
    stored = b"\n" + b"\n".join(lines) + end
    expected, at = [], 1
    for line in lines:
        if line.strip(b" \t\r"):
            expected += [{**_alone(line), "offset": at}]
        at += len(line) + 1
    assert _read(stored, window_bytes) == expected
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(stored)), None]
    spans = [Span(a, b) for a, b in itertools.pairwise(edges)]
    assert [row for span in spans for row in _read(stored, window_bytes, span)] == expected


def test_every_split_of_a_file_gives_each_record_once() -> None:
    stored = b'\xef\xbb\xbf{"text":"a"}\r\n\n  \n{"text":"b"}\n{"text":"\xe4\xb8\xad"}\nnull\n{"text":"e"}'
    whole = _read(stored)
    assert short(whole) == ["a", "b", "中", "<not an object>", "e"]
    for a in range(1, len(stored)):
        spans = (Span(0, a), Span(a, a + 5), Span(a + 5, None))
        assert [row for span in spans for row in _read(stored, 16, span)] == whole


def test_too_long_line_is_framed_whatever_the_window() -> None:
    for longest, window_bytes, ending in itertools.product((20, 40), (7, 16, 33, 1000), (b"\n", b"\r\n", b"")):
        long = b'{"text":"' + b"x" * 60 + b'"}'
        stored = b'{"text":"a"}\n' + long + ending + (b'{"text":"b"}' if ending else b"")
        stream = Plain(io.BytesIO(stored))
        rows = gathered(blocks_of(cut_lines(stream, WHOLE, window_bytes, longest), shape_of(JSONL), None, longest))
        assert short(rows) == ["a", "<too long>", "b"][: 3 if ending else 2]
        assert (rows[1]["offset"], rows[1]["length"]) == (13, len(long))
