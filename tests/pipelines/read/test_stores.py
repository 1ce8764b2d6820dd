"""An S3 store (moto's, in this process): listing, change tokens, reading and digests are those of the same local files."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.read import listing as listing_module
from pipelines.read import shards
from pipelines.read.base import Framing, Span
from pipelines.read.heads import head_of, row_group_bytes
from pipelines.read.listing import change_token, listing
from pipelines.read.registry import read_blocks
from pipelines.read.shards import hash_only, open_shard
from schemas.errors import ConfigError, StoreError
from tests.pipelines.read.kit import JSONL, gathered

BUCKET = "corpus"


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Path]:
    """The local folder whose files stand in the bucket as well."""
    from boto3 import client
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    settings = {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        listing_module.forget_stores()
        shards.forget_systems()
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/x.jsonl").write_bytes(b'{"text":"%s"}\n' * 60 % ((b"words",) * 60))
        (folder / "a/b/y y+.txt").write_bytes("中文".encode())
        (folder / "a/packed.jsonl.gz").write_bytes(gzip.compress(b'{"text":"packed"}\n'))
        pq.write_table(pa.table({"text": [str(i) for i in range(40)]}), folder / "a/z.parquet", row_group_size=10)
        s3 = client("s3", endpoint_url=endpoint)
        s3.create_bucket(Bucket=BUCKET)
        for path in sorted(folder.rglob("*.*")):
            s3.upload_file(str(path), BUCKET, str(path.relative_to(folder)))
        yield folder
        listing_module.forget_stores()
        shards.forget_systems()
    server.stop()


def test_listing_and_tokens(store: Path) -> None:
    root = f"s3://{BUCKET}/a"
    found = listing(root)
    assert [(f.uri, f.size_bytes) for f in found] == [
        (f"s3://{BUCKET}/{p.relative_to(store)}", p.stat().st_size) for p in sorted(store.rglob("*.*"), key=str)
    ]
    assert listing(f"s3://{BUCKET}/") == listing(f"{root}/") == found
    assert [f.uri for f in listing(f"s3://{BUCKET}/**/*.jsonl")] == [f"{root}/x.jsonl"]
    assert listing(f"{root}/x.jsonl") == [f for f in found if f.uri.endswith("x.jsonl")]
    for file in found:
        assert change_token(file.uri) == file.token
        assert {"size", "etag"} <= set(file.token)
    with pytest.raises(ConfigError, match="no file is there"):
        listing(f"s3://{BUCKET}/nothing/here")
    with pytest.raises(StoreError, match="missing"):
        change_token(f"{root}/missing")
    with pytest.raises(StoreError, match="no-such-bucket"):
        listing("s3://no-such-bucket/a")


@pytest.mark.parametrize("held_bytes", [shards.HELD_BYTES, -1])
@pytest.mark.parametrize(
    ("name", "framing", "spans"),
    [
        ("a/x.jsonl", JSONL, (Span(), Span(0, 100), Span(100, 333), Span(333, None))),
        ("a/b/y y+.txt", Framing("text"), (Span(),)),
        ("a/z.parquet", Framing("parquet"), (Span(), Span(0, 1), Span(1, None))),
    ],
)
def test_reading_is_that_of_the_local_file(
    store: Path, monkeypatch: pytest.MonkeyPatch, held_bytes: int, name: str, framing: Framing, spans: tuple
) -> None:
    monkeypatch.setattr(shards, "HELD_BYTES", held_bytes)
    for span in spans:
        both = []
        for uri in (f"s3://{BUCKET}/{name}", os.fspath(store / name)):
            with open_shard(uri, span, framing, 64) as shard:
                both.append((gathered(read_blocks(shard, span, framing)), shard.digests()))
            assert hash_only(uri, span, framing, 64) == both[-1][1]
        assert both[0] == both[1]


def test_missing_object(store: Path) -> None:
    with pytest.raises(StoreError, match=r"s3://corpus/a/missing.jsonl: cannot be opened"):
        open_shard(f"s3://{BUCKET}/a/missing.jsonl", Span(), JSONL)


def test_the_head_of_a_packed_file_is_its_stored_bytes(store: Path) -> None:
    # A stream that unpacks by the name would hide the codec from what chooses the reader.
    assert head_of(f"s3://{BUCKET}/a/packed.jsonl.gz") == head_of(str(store / "a/packed.jsonl.gz"))[:512]
    assert row_group_bytes(f"s3://{BUCKET}/a/z.parquet") == row_group_bytes(str(store / "a/z.parquet"))
