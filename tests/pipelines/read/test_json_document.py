"""A compressed JSON file of one object over several lines is one record, never a line's worth of unread ones each."""

import gzip
import json
from pathlib import Path

import pytest

from pipelines.read.base import Framing, Span
from pipelines.read.registry import read_blocks
from pipelines.read.shards import open_shard

FRAMING = Framing("json-array", codec="gz")


def records(path: Path, data: bytes) -> tuple[list[str], list[str]]:
    path.write_bytes(gzip.compress(data))
    texts, reasons = [], []
    with open_shard(str(path), Span(), FRAMING) as shard:
        for block in read_blocks(shard, Span(), FRAMING):
            texts += block.batch.column("text").to_pylist()
            reasons += [u.reason for u in block.unread]
    return texts, reasons


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"text": "一\n二", "other": [1, {"a": None}]}, (["一\n二"], [])),
        ({"name": "x", "rows": list(range(50))}, ([], ["no text"])),
        ({"text": 7}, ([], ["wrong type"])),
    ],
)
def test_one_object_is_one_record(tmp_path: Path, document: object, expected: tuple[list[str], list[str]]) -> None:
    data = json.dumps(document, indent=2, ensure_ascii=False).encode()
    assert records(tmp_path / "a.json.gz", data) == expected
    assert records(tmp_path / "b.json.gz", b"\xef\xbb\xbf \n" + data + b"\n\n") == expected


def test_a_line_feed_inside_a_string_is_refused(tmp_path: Path) -> None:
    assert records(tmp_path / "a.json.gz", b'{\n"text": "a\nb"\n}\n') == ([], ["not json"])


def test_lines_of_objects_are_still_lines(tmp_path: Path) -> None:
    assert records(tmp_path / "a.json.gz", b'{"text": "a"}\n{"text": "b"}\n') == (["a", "b"], [])
