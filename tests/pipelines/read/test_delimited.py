"""CSV and TSV: rows as Python's csv reads them in strict mode, each with its place."""

import csv
import gzip
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read.base import Careful, Framing
from pipelines.read.delimited import read_delimited
from schemas.errors import ConfigError
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

CSV = Framing("csv", columns=(("text", "body"), ("url", "link")))


def _rows(
    stored: bytes, framing: Framing = CSV, window_bytes: int = 1 << 20, careful: Careful | None = None
) -> list[dict]:
    return gathered(read_delimited(Held(stored), WHOLE, framing, careful, window_bytes))


def test_rows_with_their_places() -> None:
    stored = '\ufeff\nid,body,link\r\n1,"中, ""x""\nnext",u\n\n2,b,\n3,only two\n4,,u,more\n5,"",u'.encode()
    rows = _rows(stored)
    assert short(rows) == ['中, "x"\nnext', "b", "<bad record>", "<bad record>", ""]
    assert [r.get("url") for r in rows] == ["u", None, None, None, "u"]
    begins = [stored.index(part) for part in (b"1,", b"2,", b"3,", b"4,", b"5,")]
    assert [r["offset"] for r in rows] == begins
    assert rows[0]["length"] == stored.index(b"\n2,") - begins[0] - 0
    for window_bytes in (1, 20, 60):
        assert _rows(stored, window_bytes=window_bytes) == rows


@pytest.mark.parametrize(("delimiter", "name"), [("\t", "tab"), (";", "semicolon"), ("|", "bar")])
def test_other_delimiters(delimiter: str, name: str) -> None:
    stored = f"body{delimiter}link\na, b{delimiter}u\n".encode()
    assert short(_rows(stored)) == ["a, b"], name


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.text(st.sampled_from('a中",;\n\r '), max_size=6)] * 2), max_size=6), st.integers(1, 100))
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str]], window_bytes: int) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerows([("body", "link"), *rows])
    assert [(r["text"], r["url"] or "") for r in _rows(file.getvalue().encode(), CSV, window_bytes)] == rows


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        (b"\xff,u\nb,u\n", ["<bad utf-8>", "b"]),
        (b'a,"\xff"\nb,u\n', ["<bad utf-8>", "b"]),
        (b'a "quoted" word,u\nb,u', ['a "quoted" word', "b"]),
        (b'"a"b,u\nc,u', ["<bad record>", "c"]),
        (b'a,u\n"never closed,u\nb,u', ["a", "<cut short>"]),
        (b"nul \0,u", ["nul \0"]),
        (b"a\rb,u\nc,u", ["<bad record>", "c"]),
    ],
)
def test_hostile_rows(rows: bytes, texts: list[str]) -> None:
    assert short(_rows(b"body,link\n" + rows)) == texts


def test_cut_short_archive() -> None:
    stored = b"body,link\n" + b"".join(b"text %d,u\n" % (i * i) for i in range(9000))
    packed = gzip.compress(stored)
    *read, last = _rows(packed[: len(packed) // 2], Framing("csv", codec="gz", columns=CSV.columns))
    assert (last["unread"], last["offset"]) == ("cut short", read[-1]["offset"] + read[-1]["length"])
    assert short(read) == [f"text {i * i}" for i in range(len(read))]
    assert _rows(b"") == []


def test_missing_and_double_columns() -> None:
    with pytest.raises(ConfigError, match=r"held: there is no column 'body', .*its columns are a, b; correct"):
        _rows(b"a,b\n1,2\n")
    with pytest.raises(ConfigError, match="twice"):
        _rows(b"body,body,link\n1,2,3\n")


def test_careful() -> None:
    seen: list[int] = []
    careful = Careful(seen.append, ((14, 15),), {18: "killed"})
    assert short(_rows(b"body,link\na,u\nb,u\nc,u\n", careful=careful)) == ["a", "b", "<killed>"]
    assert seen == [10, 14]
