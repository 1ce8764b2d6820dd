"""Which reader takes which file, and what the others are called."""

import pytest

from pipelines.read.base import Framing
from pipelines.read.media import framing_for, media_type
from schemas.source import Source

PNG = b"\x89PNG\r\n\x1a\n\0\0"
AUTO = Source("s", ())


@pytest.mark.parametrize(
    ("name", "head", "framing"),
    [
        ("a/b.jsonl", b'{"text"', Framing("jsonl")),
        ("a/b.json", b' \n{"text"', Framing("jsonl")),
        ("a/b.json", b"\xef\xbb\xbf [1", Framing("json-array")),
        ("a/b.json.gz", b"\x1f\x8b\x08", Framing("json-array", codec="gz")),
        ("a/b.jsonl.zst", b"\x28\xb5\x2f\xfd", Framing("jsonl", codec="zst")),
        ("a/b.jsonl.gz", b"", Framing("jsonl", codec="gz")),
        ("a/b.jsonl.gz", b'{"text":"not packed"}', Framing("jsonl")),
        ("a/B.TSV", b"a\tb", Framing("csv")),
        ("a/b.parquet", b"PAR1", Framing("parquet")),
        ("a/b", b"PAR1", Framing("parquet")),
        ("a/data-00000.arrow", b"\xff\xff\xff\xff", Framing("arrow")),
        ("CC-MAIN-2020.sample.warc.gz", b"\x1f\x8b\x08", Framing("warc", codec="gz")),
        ("x.warc.wet.gz", b"\x1f\x8b\x08", Framing("wet", codec="gz")),
        ("x.warc.wet", b"WARC/1.0", Framing("wet")),
        ("README.md", b"# a", Framing("markdown")),
        ("LICENSE", b"MIT", Framing("text")),
        ("LICENSE-APACHE", b"", Framing("text")),
        ("alpaca.DATA_LICENSE", b"a", Framing("text")),
        ("Makefile", b"all:", Framing("code")),
        ("src/x.py", b"BZhang = 1", Framing("code")),
        ("src/x.TS", b"let a", Framing("code")),
        ("notes.txt", b"MZ is a name", Framing("text")),
        ("x.txt", b"%PDF-1.4", None),
        ("x.jsonl", PNG, None),
        ("x.png", PNG, None),
        ("x.parquet.gz", b"\x1f\x8b", None),
        ("x.bin", b"\0\1", None),
        ("x", b"plain words", None),
        ("archive.tar.gz", b"\x1f\x8b", None),
    ],
)
def test_framing_by_name_and_first_bytes(name: str, head: bytes, framing: Framing | None) -> None:
    assert framing_for(name, head, AUTO) == framing


def test_what_the_source_says() -> None:
    source = Source("s", (), format="jsonl", layout="alpaca", columns=(("url", "u"), ("text", "t")))
    assert framing_for("x.dat", b"{", source) == Framing("jsonl", "alpaca", columns=(("text", "t"), ("url", "u")))
    assert framing_for("x.dat.gz", b"\x1f\x8b", source) == Framing(
        "jsonl", "alpaca", codec="gz", columns=(("text", "t"), ("url", "u"))
    )
    assert framing_for("x.jsonl", PNG, source) is None
    lines = Source("s", (), format="text", record="line", layout="alpaca", columns=(("text", "t"),))
    assert framing_for("x", b"words", lines) == Framing("text", record="line")
    assert framing_for("x.jsonl", b"{", Source("s", (), record="line")) == Framing("jsonl")
    assert framing_for("x.parquet", b"not parquet", Source("s", (), format="parquet")) == Framing("parquet")


@pytest.mark.parametrize(
    ("name", "head", "medium"),
    [
        ("x.jsonl", PNG, "image/png"),
        ("x", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("x.pdf", b"", "application/pdf"),
        ("x.docx", b"PK\3\4", "application/zip"),
        ("archive.tar.gz", b"\x1f\x8b", "application/x-tar"),
        ("x.parquet.gz", b"\x1f\x8b", "application/gzip"),
        ("x.unknown", b"\0\1\2", "application/octet-stream"),
        ("x.unknown", b"words", "text/plain"),
        ("x", b"", "application/octet-stream"),
        ("clip", b"\0\0\0 ftypisom", "video/mp4"),
    ],
)
def test_media_types_of_what_is_not_looked_at(name: str, head: bytes, medium: str) -> None:
    assert media_type(name, head) == medium
