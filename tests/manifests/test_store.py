"""Stores: atomic puts, one winner of a race, and errors with a place and a way out: full, read-only, no bucket."""

import multiprocessing
import os
import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from manifests.ledger import create_ledger, open_ledger, open_or_create
from manifests.query import runs_with_domain
from manifests.seal import make_key, public_key
from manifests.store import LocalStore, Store, UnreachableError, object_path, open_store
from manifests.verify import verify_ledger
from schemas.canonical import canonical_json, sha256_hex
from schemas.errors import StoreError
from tests.kit.ledgers import CREATED_BY, seal


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The URI prefix of a bucket on a local S3 server; obstore finds it by the environment."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    names = {
        "AWS_ENDPOINT": endpoint, "AWS_ALLOW_HTTP": "true", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="ledger-test")
    yield "s3://ledger-test"
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})
    server.stop()


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return open_store(str(tmp_path))
    return open_store(f"{request.getfixturevalue('s3')}/{tmp_path.name}")


def test_what_is_put_is_there(store):
    store.put("a/b.json", b"one")
    store.put("a/b.json", b"two")
    store.put("c", b"")
    assert (store.get("a/b.json"), store.get("c"), store.size("a/b.json")) == (b"two", b"", 3)
    assert (store.exists("a/b.json"), store.exists("a"), store.exists("d")) == (True, False, False)
    assert (store.list(), store.list("a"), store.list("nowhere")) == (["a/b.json", "c"], ["a/b.json"], [])
    assert [store.get_range("a/b.json", *r) for r in ((0, 1), (1, 9), (3, 4))] == [b"t", b"wo", b""]
    store.delete("a/b.json")
    store.delete("a/b.json")
    assert store.list() == ["c"]


def test_an_object_is_named_by_its_bytes_and_kept_once(store):
    digest = store.put_object("文本".encode())
    assert digest == sha256_hex("文本".encode())
    assert store.put_object("文本".encode()) == digest
    assert store.list("objects") == [f"objects/{digest[:2]}/{digest}"]
    assert store.get_object(digest) == "文本".encode()
    store.put(object_path(digest), b"changed")
    with pytest.raises(StoreError, match="do not hash to its name"):
        store.get_object(digest)


def test_only_the_first_creates(store):
    assert store.put_new("x", b"first")
    assert not store.put_new("x", b"second")
    assert store.get("x") == b"first"


def test_a_missing_file_says_where_and_what_to_do(store):
    with pytest.raises(StoreError, match=r"runs/r/manifest\.json: there is no such .*; check"):
        store.get("runs/r/manifest.json")


@pytest.mark.parametrize("path", ["", "/etc/x", "a/../../b", "a//b", "a/./b", "a\\b", "a\0b"])
def test_a_path_never_climbs_out(store, path):
    with pytest.raises(StoreError, match="not a path inside a ledger"):
        store.put(path, b"")


@pytest.mark.parametrize("digest", ["", "../" + "a" * 61, "A" * 64, "a" * 63])
def test_an_object_name_is_a_sha256(digest):
    with pytest.raises(StoreError, match="not a sha256"):
        object_path(digest)


def test_a_store_pickles(store):
    store.put("x", b"1")
    assert pickle.loads(pickle.dumps(store)).get("x") == b"1"


def test_a_missing_bucket_is_named(s3):
    with pytest.raises(StoreError, match=r"s3://no-such-bucket/x/ledger.json: there is no such bucket; create it"):
        open_store("s3://no-such-bucket/x").put("ledger.json", b"{}")


def test_an_unknown_scheme_is_named():
    with pytest.raises(StoreError, match="no store of kind ftp://"):
        open_store("ftp://host/x")


def test_a_failed_put_leaves_nothing(tmp_path, monkeypatch):
    store = LocalStore(str(tmp_path))
    store.put("a/old", b"old")

    def fail(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(KeyboardInterrupt):
        store.put("a/old", b"new")
    monkeypatch.undo()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["old"]
    assert store.get("a/old") == b"old"


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_told_and_leaves_what_was_written(tiny_disk):
    store = LocalStore(str(tiny_disk))
    store.put("kept", b"k" * 1000)
    for act in (store.put, store.put_new):
        with pytest.raises(
            StoreError, match=r"disk/a/big: the disk is full, 2097152 bytes did not fit; free some space"
        ):
            act("a/big", bytes(2 << 20))
        assert store.list() == ["kept"]
        assert [p.name for p in tiny_disk.rglob("*") if p.is_file()] == ["kept"]
    assert store.get("kept") == b"k" * 1000


def test_a_read_only_ledger_is_told(tiny_disk):
    create_ledger(str(tiny_disk), CREATED_BY)
    subprocess.run(["mount", "-o", "remount,ro", tiny_disk], check=True)
    ledger = open_ledger(str(tiny_disk))  # reading goes on
    with pytest.raises(StoreError, match=r"runs/r/manifest\.json: the file system is read-only; mount it writable"):
        ledger.store.put("runs/r/manifest.json", b"{}")


def test_a_file_where_a_folder_must_be_is_told(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StoreError, match="a file stands where a folder must be"):
        LocalStore(str(tmp_path)).put("a/b", b"")
    assert issubclass(UnreachableError, StoreError)


def _race(root: str, name: bytes, start: object, out: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    out.put((name, LocalStore(root).put_new("log/entry", name)))  # type: ignore[attr-defined]


def test_one_of_eight_processes_creates(tmp_path):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imports once, not eight times
    start, out = context.Barrier(8), context.Queue()
    racers = [context.Process(target=_race, args=(str(tmp_path), b"%d" % i, start, out)) for i in range(8)]
    for racer in racers:
        racer.start()
    told = dict(out.get(timeout=60) for _ in racers)
    for racer in racers:
        racer.join()
    winners = [name for name, won in told.items() if won]
    assert winners == [LocalStore(str(tmp_path)).get("log/entry")]
    assert LocalStore(str(tmp_path)).list() == ["log/entry"]


def test_a_ledger_says_what_its_store_can_do(store):
    made = create_ledger(store.uri, CREATED_BY)
    assert made.create_if_absent
    assert open_or_create(store.uri, "another") == made
    assert store.list() == ["ledger.json"]


def test_a_newer_ledger_is_refused_with_the_version_that_reads_it(tmp_path):
    value = {
        "format": 2,
        "min_reader": 2,
        "digest": "sha256",
        "created_by": "corpusledger 3.1",
        "create_if_absent": True,
    }
    LocalStore(str(tmp_path)).put("ledger.json", canonical_json(value))
    with pytest.raises(
        StoreError, match=r"asks for reader 2, this program is reader 1; .*corpusledger 3\.1, that version"
    ):
        open_ledger(str(tmp_path))


def test_a_folder_that_is_no_ledger_and_a_damaged_one_are_told(tmp_path):
    with pytest.raises(StoreError, match=r"ledger\.json: there is no ledger here; check the path"):
        open_ledger(str(tmp_path))
    LocalStore(str(tmp_path)).put("ledger.json", b"{]")
    with pytest.raises(StoreError, match=r"ledger\.json: is damaged; restore it"):
        open_ledger(str(tmp_path))


def test_a_ledger_on_an_object_store_is_sealed_asked_and_verified(s3, tmp_path):
    make_key(tmp_path / "k")
    ledger = create_ledger(f"{s3}/whole", CREATED_BY)
    seal(ledger, "run-1", tmp_path / "k")
    trusted = [public_key(tmp_path / "k.pub")]
    assert verify_ledger(ledger.store, trusted).problem is None
    assert [r.records for r in runs_with_domain(ledger, "news.example.cn").rows] == [5]
    ledger.store.put(ledger.store.list("objects")[0], b"changed")
    assert "do not hash to its name" in str(verify_ledger(ledger.store, trusted).problem)
