"""JSONL: column mappings, hostile fields, and how a reader goes carefully."""

import json

import pytest

from pipelines.read.base import Careful, Framing, Span
from pipelines.read.jsonl import read_jsonl
from schemas.errors import ConfigError
from tests.pipelines.read.kit import JSONL, WHOLE, Held, gathered, short


def _rows(
    stored: bytes, framing: Framing = JSONL, careful: Careful | None = None, window_bytes: int = 1 << 20
) -> list[dict]:
    return gathered(read_jsonl(Held(stored), WHOLE, framing, careful, window_bytes))


def test_foreign_layout_by_column_mapping() -> None:
    columns = (
        ("author", "metadata.by.name"),
        ("collected_at", "created"),
        ("text", "body.content"),
        ("url", "metadata.url"),
    )
    record = {
        "id": 7, "created": "2020-03-29T09:04:10Z", "body": {"content": "中文 é", "n": 1},
        "metadata": {"url": "http://example.invalid/", "by": {"name": "甲"}, "score": 0.5},
    }  # fmt: skip
    (row,) = _rows(json.dumps(record, ensure_ascii=False).encode(), Framing("jsonl", columns=columns))
    assert (row["text"], row["url"], row["author"]) == ("中文 é", "http://example.invalid/", "甲")
    assert row["collected_at"] == "2020-03-29T09:04:10Z"
    assert row["roles"] is row["meta"] is row["declared_licence"] is None


def test_one_field_mapped_twice_and_list_of_strings() -> None:
    framing = Framing("jsonl", columns=(("author", "a"), ("text", "lines[]"), ("url", "a")))
    rows = _rows(b'{"a":"x","lines":["1","","3"]}\n{"lines":[]}\n{"lines":["1",null]}\n{"lines":"s"}\n{}', framing)
    assert short(rows) == ["1\n\n3", "", "<no text>", "<wrong type>", "<no text>"]
    assert (rows[0]["author"], rows[0]["url"]) == ("x", "x")


@pytest.mark.parametrize(
    "columns",
    [(("text", "a"), ("url", "a.b")), (("title", "t"),), (("text", "a..b"),), (("text", "a[]"), ("url", "a"))],
)
def test_impossible_mappings_are_refused(columns: tuple) -> None:
    with pytest.raises(ConfigError, match=r"columns: .*;|keep one"):
        _rows(b"{}", Framing("jsonl", columns=columns))


def test_empty_blank_and_mark_alone_hold_no_record() -> None:
    for stored in (b"", b"\n\n", b" \t\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"):
        assert _rows(stored) == []


def test_byte_order_mark_is_no_part_of_the_first_record() -> None:
    rows = _rows(b'\xef\xbb\xbf{"text":"a"}\n{"text":"\xef\xbb\xbfb"}')
    assert [(r["text"], r["offset"], r["length"]) for r in rows] == [("a", 3, 12), ("\ufeffb", 16, 15)]


def test_text_of_a_hundred_megabytes_among_small_ones() -> None:
    stored = b'{"text":"a"}\n{"text":"' + b"0123456789" * 10_000_000 + b'"}\n{"text":"b"}\nnull\n'
    rows = _rows(stored, window_bytes=1 << 22)
    assert [len(t) for t in short(rows)] == [1, 100_000_000, 1, len("<not an object>")]


def test_many_bad_lines_among_good_ones() -> None:
    lines = [b'{"text":"%d"}' % i if i % 3 else b'{"text":%d}' % i for i in range(300)]
    assert short(_rows(b"\n".join(lines))) == [str(i) if i % 3 else "<wrong type>" for i in range(300)]


def test_careful_reading() -> None:
    stored = b"".join(b'{"text":"%d"}\n' % i for i in range(6))
    seen: list[int] = []
    careful = Careful(seen.append, ((26, 52),), {39: "killed", 65: "killed"})
    rows = _rows(stored, careful=careful)
    assert short(rows) == ["0", "1", "2", "<killed>", "4", "<killed>"]
    assert seen == [0, 26, 52]  # the run before, the slow one, the run behind; never the one that is skipped
    assert short(_rows(stored, careful=Careful(seen.append, (), {}))) == list("012345")


def test_span_of_a_compressed_file_is_whole_by_contract() -> None:
    rows = gathered(read_jsonl(Held(b'{"text":"a"}\n{"text":"b"}\n'), Span(13, None), JSONL))
    assert short(rows) == ["b"]
