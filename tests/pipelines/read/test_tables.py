"""Parquet and Arrow: rows by number, columns of many types, broken files."""

import io
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.read.arrow_ipc import read_arrow
from pipelines.read.base import Careful, Framing, Span
from pipelines.read.parquet import read_parquet
from schemas.errors import ConfigError
from tests.pipelines.read.kit import WHOLE, Held, gathered, short

TEXTS = ["中", "", None, "d", "e" * 50]
COLUMNS = (("author", "by"), ("collected_at", "when"), ("text", "body.content"), ("url", "n"))


def _table(texts: pa.Array | None = None) -> pa.Table:
    content = pa.array(TEXTS) if texts is None else texts
    when = pa.array(
        [datetime(2020, 1, day, 3, 4, 5, tzinfo=UTC) for day in range(1, 6)], pa.timestamp("ms", "Asia/Shanghai")
    )
    body = pa.StructArray.from_arrays([content, pa.array(range(5))], ["content", "n"])
    return pa.table(
        {"id": range(5), "body": body, "when": when, "n": range(5), "by": pa.array(list("abcde")).dictionary_encode()}
    )


def _parquet(table: pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def _arrow(table: pa.Table, kind: object = pa.ipc.new_file, rows: int = 2) -> bytes:
    file = io.BytesIO()
    with kind(file, table.schema) as writer:
        writer.write_table(table, rows)
    return file.getvalue()


WRITERS = [
    (read_parquet, lambda t: _parquet(t, row_group_size=2), "parquet"),
    (read_arrow, _arrow, "arrow"),
    (read_arrow, lambda t: _arrow(t, pa.ipc.new_stream), "arrow"),
]


@pytest.mark.parametrize(("reader", "write", "name"), WRITERS)
def test_nested_and_typed_columns(reader, write, name: str) -> None:
    rows = gathered(reader(Held(write(_table())), WHOLE, Framing(name, columns=COLUMNS), None))
    assert short(rows) == ["中", "", "<no text>", "d", "e" * 50]
    assert [(r["offset"], r["length"]) for r in rows] == [(i, 1) for i in range(5)]
    assert [rows[0][f] for f in ("author", "collected_at", "url")] == ["a", "2020-01-01T03:04:05.000Z", "0"]


@pytest.mark.parametrize(("reader", "write", "name"), WRITERS)
@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.binary(), pa.large_binary(), pa.string_view(), pa.binary_view()]
)
def test_every_kind_of_text(reader, write, name: str, kind: pa.DataType) -> None:
    if name == "parquet" and "view" in str(kind):
        kind = pa.string()
    table = pa.table({"text": pa.array(TEXTS, kind), "d": pa.array([date(2020, 1, 2)] * 5)})
    framing = Framing(name, columns=(("collected_at", "d"), ("text", "text")))
    rows = gathered(reader(Held(write(table)), WHOLE, framing, None))
    assert short(rows) == ["中", "", "<no text>", "d", "e" * 50]
    assert rows[0]["collected_at"] == "2020-01-02"


@pytest.mark.parametrize(("reader", "write", "name"), WRITERS)
def test_bytes_that_are_no_text(reader, write, name: str) -> None:
    table = pa.table({"text": pa.array([b"a", b"\xff", b"c", None, b"\xed\xa0\x80"], pa.binary())})
    rows = gathered(reader(Held(write(table)), WHOLE, Framing(name), None))
    assert short(rows) == ["a", "<bad utf-8>", "c", "<no text>", "<bad utf-8>"]
    lists = pa.table({"text": pa.array([["a", "b"], [], None, ["c", None], ["d"]])})
    rows = gathered(reader(Held(write(lists)), WHOLE, Framing(name, columns=(("text", "text[]"),)), None))
    assert short(rows) == ["a\nb", "", "<no text>", "<no text>", "d"]


@pytest.mark.parametrize(("reader", "write", "name"), WRITERS)
def test_missing_or_unfit_columns(reader, write, name: str) -> None:
    stored = write(_table())
    with pytest.raises(
        ConfigError, match=r"held: there is no column 'text', .*its columns are id, body.content, body.n, when"
    ):
        gathered(reader(Held(stored), WHOLE, Framing(name), None))
    with pytest.raises(ConfigError, match=r"held: column 'n', .*holds int64, not text"):
        gathered(reader(Held(stored), WHOLE, Framing(name, columns=(("text", "n"),)), None))
    with pytest.raises(ConfigError, match=r"'n\[\]'.*not text"):
        gathered(reader(Held(stored), WHOLE, Framing(name, columns=(("text", "n[]"),)), None))


def test_every_split_at_row_groups() -> None:
    stored, framing = _parquet(_table(), row_group_size=1), Framing("parquet", columns=COLUMNS)
    whole = gathered(read_parquet(Held(stored), WHOLE, framing))
    for cut in range(1, 5):
        halves = [gathered(read_parquet(Held(stored), span, framing)) for span in (Span(0, cut), Span(cut, None))]
        assert halves[0] + halves[1] == whole
        assert len(halves[0]) == cut


def test_parquet_cut_short_damaged_and_empty() -> None:
    stored, framing = _parquet(_table(), row_group_size=2), Framing("parquet", columns=COLUMNS)
    for cut in (1, 4, len(stored) // 2, len(stored) - 1):
        assert gathered(read_parquet(Held(stored[:cut]), WHOLE, framing)) == [
            {"offset": 0, "length": 0, "unread": "cut short"}
        ]
    assert short(gathered(read_parquet(Held(b"x" * 40 + b"PAR1"), WHOLE, framing))) == ["<bad record>"]
    assert gathered(read_parquet(Held(b""), WHOLE, framing)) == []
    text = pq.ParquetFile(io.BytesIO(stored)).metadata.row_group(1).column(1)
    damaged = bytearray(stored)
    damaged[text.data_page_offset : text.data_page_offset + 12] = b"\xff" * 12
    rows = gathered(read_parquet(Held(bytes(damaged)), WHOLE, framing))
    assert short(rows) == ["中", "", "<bad record>", "<bad record>", "e" * 50]


def test_arrow_that_lost_its_end_is_read_up_to_there() -> None:
    table = pa.table({"text": [f"text {i}" for i in range(100)]})
    for kind in (pa.ipc.new_file, pa.ipc.new_stream):
        stored = _arrow(table, kind, 10)
        rows = gathered(read_arrow(Held(stored[: len(stored) // 2]), WHOLE, Framing("arrow")))
        assert short(rows)[-1] == "<cut short>"
        assert short(rows)[:-1] == [f"text {i}" for i in range(len(rows) - 1)]
        assert len(rows) > 10
    assert short(gathered(read_arrow(Held(b"no arrow at all, but long"), WHOLE, Framing("arrow")))) in (
        ["<bad record>"],
        ["<cut short>"],
    )
    assert gathered(read_arrow(Held(b""), WHOLE, Framing("arrow"))) == []


@pytest.mark.parametrize(("reader", "write", "name"), WRITERS)
def test_careful_skips_by_row(reader, write, name: str) -> None:
    table = pa.table({"text": list("abcd")})
    careful = Careful(lambda _: None, ((2, 3),), {2: "killed"})
    assert short(gathered(reader(Held(write(table)), WHOLE, Framing(name), careful))) == ["a", "b", "<killed>", "d"]
