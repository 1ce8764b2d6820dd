"""Text, Markdown and code: one record a file, or one a line."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Careful, Framing, Span
from pipelines.read.plain import read_plain
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

FILE, LINES = Framing("text"), Framing("text", record="line")


def _rows(
    stored: bytes, framing: Framing, span: Span = WHOLE, window_bytes: int = 1 << 20, careful: Careful | None = None
) -> list[dict]:
    return gathered(read_plain(Held(stored), span, framing, careful, window_bytes))


@pytest.mark.parametrize(
    ("stored", "texts"),
    [
        (b"", []),
        (b"\xef\xbb\xbf", []),
        (b"a\r\nb\n\n", ["a\r\nb\n\n"]),
        (b"\xef\xbb\xbf\xe4\xb8\xad", ["中"]),
        (b"nul \0 stays", ["nul \0 stays"]),
        (b" \n", [" \n"]),
        (b"caf\xe9", ["<bad utf-8>"]),
        (b"\xff\xfea\0", ["<bad utf-8>"]),
    ],
)
def test_whole_file(stored: bytes, texts: list[str]) -> None:
    rows = _rows(stored, FILE)
    assert short(rows) == texts
    mark = 3 if stored.startswith(b"\xef\xbb\xbf") else 0
    assert all((r["offset"], r["length"]) == (mark, len(stored) - mark) for r in rows)


def test_lines() -> None:
    rows = _rows(b"\xef\xbb\xbfone\r\n\n \t\n\xe4\xb8\xad\n\xff\nnul \0\nlast", LINES)
    assert short(rows) == ["one", "中", "<bad utf-8>", "nul \0", "last"]
    assert [(r["offset"], r["length"]) for r in rows] == [(3, 3), (12, 3), (16, 1), (18, 5), (24, 4)]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b"\xe4\xb8\xad b", b"\xff", b"", b"\r", b"  ", b"x" * 70]), max_size=12),
    st.integers(1, 90), st.lists(st.integers(1, 300), max_size=4),
)  # fmt: skip
def test_any_blocks_any_spans(lines: list[bytes], window_bytes: int, cuts: list[int]) -> None:
    stored = b"\n".join(lines)
    whole = _rows(stored, LINES)
    assert [r["offset"] for r in whole] == sorted({r["offset"] for r in whole})
    assert len(whole) == sum(bool(line.strip(b" \t\r")) for line in lines)
    edges = [0, *sorted({cut for cut in cuts if cut < len(stored)}), None]
    spans = itertools.starmap(Span, itertools.pairwise(edges))
    assert [row for span in spans for row in _rows(stored, LINES, span, window_bytes)] == whole


def test_careful() -> None:
    seen: list[int] = []
    careful = Careful(seen.append, ((2, 3),), {4: "killed"})
    assert short(_rows(b"a\nb\nc\n", LINES, careful=careful)) == ["a", "b", "<killed>"]
    assert seen == [0, 2]
    assert short(_rows(b"abc", FILE, careful=Careful(seen.append, (), {0: "killed"}))) == ["<killed>"]
