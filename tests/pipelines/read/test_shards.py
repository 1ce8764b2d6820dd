"""Shards: digests of every span, with and without reading; listings and change tokens of local files."""

import hashlib
import io
import itertools
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.read import shards
from pipelines.read.base import Framing, Span
from pipelines.read.jsonl import read_jsonl
from pipelines.read.listing import change_token, glob_pattern, listing
from pipelines.read.registry import read_blocks
from pipelines.read.shards import hash_only, open_shard
from schemas.errors import ConfigError, StoreError
from tests.pipelines.read.kit import JSONL, WHOLE, gathered

CHUNK = 32


def _sha(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 40), max_size=12), st.booleans(), st.lists(st.integers(1, 300), max_size=4), st.booleans(),
    st.integers(1, 90),
)  # fmt: skip
def test_digests_of_every_split(
    tmp_path_factory, sizes: list[int], end: bool, cuts: list[int], held: bool, window: int
) -> None:
    lines = [b'{"text":"%s"}' % (b"x" * size) if size % 5 else b"x" * size for size in sizes]
    stored = b"\n".join(lines) + b"\n" * end
    path = tmp_path_factory.mktemp("s") / "a.jsonl"
    path.write_bytes(stored)
    with pytest.MonkeyPatch.context() as patch:
        if not held:
            patch.setattr(shards, "HELD_BYTES", -1)
        edges = [0, *sorted({cut for cut in cuts if cut < len(stored)}), None]
        chunks: list[bytes] = []
        inputs = b""
        for span in itertools.starmap(Span, itertools.pairwise(edges)):
            with open_shard(str(path), span, JSONL, CHUNK) as shard:
                rows = gathered(read_jsonl(shard, span, JSONL, None, window))
                digests = shard.digests()
            assert digests == hash_only(str(path), span, JSONL, CHUNK)
            assert digests.input_sha256 == _sha(stored[digests.first : digests.last])
            assert all(digests.first <= r["offset"] and r["offset"] + r["length"] <= digests.last for r in rows)
            chunks += digests.chunks
            inputs += stored[digests.first : digests.last]
        assert chunks == [hashlib.sha256(stored[i : i + CHUNK]).digest() for i in range(0, len(stored), CHUNK)]
        assert inputs == stored


def test_whole_shard_of_one_chunk_has_one_digest(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"some text")
    with open_shard(str(path), WHOLE, Framing("text")) as shard:
        gathered(read_blocks(shard, WHOLE, Framing("text")))
        digests = shard.digests()
    assert digests.input_sha256 == digests.chunks[0].hex() == _sha(b"some text")
    path.write_bytes(b"")
    assert hash_only(str(path), WHOLE, JSONL) == shards.ShardDigests((), _sha(b""), 0, 0)


def test_row_groups_and_footer(tmp_path: Path) -> None:
    path, framing = tmp_path / "a.parquet", Framing("parquet")
    pq.write_table(pa.table({"text": [str(i) * 40 for i in range(9)], "other": range(9)}), path, row_group_size=2)
    stored = path.read_bytes()
    metadata = pq.read_metadata(io.BytesIO(stored))
    footer = stored[len(stored) - 8 - metadata.serialized_size :]
    chunks: list[bytes] = []
    reached = 0
    for span in (Span(0, 2), Span(2, 3), Span(3, None)):
        with open_shard(str(path), span, framing, CHUNK) as shard:
            gathered(read_blocks(shard, span, framing))
            digests = shard.digests()
        assert digests == hash_only(str(path), span, framing, CHUNK)
        also = b"" if span.end is None else footer
        assert digests.input_sha256 == _sha(stored[digests.first : digests.last] + also)
        assert digests.first == reached
        reached, chunks = digests.last, [*chunks, *digests.chunks]
    assert reached == len(stored)
    assert chunks == [hashlib.sha256(stored[i : i + CHUNK]).digest() for i in range(0, len(stored), CHUNK)]


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing.jsonl: cannot be opened \(No such file"):
        open_shard(str(tmp_path / "missing.jsonl"), WHOLE, JSONL)
    with pytest.raises(StoreError, match=r"missing\.jsonl"):
        change_token(str(tmp_path / "missing.jsonl"))
    with pytest.raises(ConfigError, match=r"ftp://x: .*; give a local path"):
        open_shard("ftp://x/y", WHOLE, JSONL)
    with pytest.raises(ConfigError, match="no such file or folder"):
        listing(str(tmp_path / "missing"))
    with pytest.raises(ConfigError, match="no file is there"):
        listing(str(tmp_path / "*.jsonl"))
    path = tmp_path / "a.csv"
    path.write_bytes(b"text\na\n")
    with pytest.raises(ConfigError, match="never split"):
        open_shard(str(path), Span(0, 3), Framing("csv"))


def test_a_shard_that_shrinks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "HELD_BYTES", -1)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 100)
    with open_shard(str(path), WHOLE, JSONL, CHUNK) as shard:
        path.write_bytes(b"x" * 50)
        with pytest.raises(StoreError, match=r"@50: .*shorter than the 100 bytes"):
            shard.digests()


def test_listing_names_every_file(tmp_path: Path) -> None:
    for name in ("b/x.jsonl", "b/.hidden", "b/c/y.jsonl", "a.txt", "z[1].txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "b/link").symlink_to("nowhere")
    (tmp_path / "b/loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "b/pipe")
    root = str(tmp_path)

    def names(where: str) -> list[str]:
        return [found.uri.removeprefix(f"{root}/") for found in listing(where)]

    assert names(root) == ["a.txt", "b/.hidden", "b/c/y.jsonl", "b/link", "b/loop", "b/pipe", "b/x.jsonl", "z[1].txt"]
    kinds = {found.uri.rsplit("/", 1)[1]: found.token.get("not_a_file") for found in listing(root)}
    assert (kinds["link"], kinds["loop"], kinds["x.jsonl"]) == ("broken link", "linked folder", None)
    assert kinds["pipe"] == "device, socket or pipe"
    assert names(f"{root}/b/*.jsonl") == ["b/x.jsonl"]
    assert names(f"{root}/**/*.jsonl") == ["b/c/y.jsonl", "b/x.jsonl"]
    assert names(f"{root}/z[1].txt") == ["z[1].txt"]
    assert glob_pattern("a[!b]?.txt").fullmatch("acd.txt")
    found = listing(f"{root}/a.txt")[0]
    assert (found.size_bytes, found.token) == (5, change_token(f"{root}/a.txt"))


def test_token_tells_a_copy_that_keeps_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    before, times = change_token(str(path)), path.stat()
    path.write_bytes(b"two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    after = change_token(str(path))
    assert (after["size"], after["mtime_ns"]) == (before["size"], before["mtime_ns"])
    assert after != before
