"""A disk that is full, or read-only, at any moment of a run: a clear error, no half file, and the same command goes on."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from manifests import store as stores
from manifests.ledger import open_ledger
from manifests.manifest import comparable
from manifests.runs import load_manifest, sealed_runs
from pipelines import attempts
from schemas.canonical import canonical_json, parse_json
from tests.kit.command import age, here, lines, write_run

SOURCES = {"en": "paths: [corpus/en]\nlicence: MIT\n"}
FILES = {f"en/{n}.jsonl": lines(*[{"text": f"Row {i} of the file {n}, 第{i}行。"} for i in range(20)]) for n in "abc"}


@pytest.fixture
def run_yaml(tmp_path: Path) -> Path:
    path = write_run(tmp_path, SOURCES, FILES, "plan: {pack_files: 1}\n")
    age(tmp_path)
    return path


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A file system of its own at *folder*, in memory; needs root."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(
            f"this user may not mount a file system ({done.stderr.strip()}); the other tests here fill one by hand"
        )
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def assert_whole(folder: Path) -> None:
    """No half file under any name, no unfinished one left behind."""
    assert list((folder / "ledger").rglob(".tmp-*")) == []
    store = stores.LocalStore(str(folder / "ledger"))
    for path in store.list("objects"):
        store.get_object(path.rpartition("/")[2])


def end_of_process(folder: Path) -> None:
    """What a command leaves that could not even give its lease up: one of a process that is no more."""
    for lease in (folder / "ledger").glob("work/*/lease.json"):
        lease.write_bytes(canonical_json(parse_json(lease.read_bytes()) | {"process": 2**30}))


def sealed(folder: Path) -> str:
    ledger = open_ledger(str(folder / "ledger"))
    *_, newest = sealed_runs(ledger.store)
    assert here("verify", folder / "ledger").code == 0
    assert list((folder / "ledger" / "work").iterdir()) == []
    return comparable(load_manifest(ledger.store, newest)).decode().replace(str(folder), ".")


class Disk:
    """Counts what is written to the ledger; refuses everything from write number *full_at* on while *full*."""

    def __init__(self, monkeypatch, full_at: int, error: int = errno.ENOSPC) -> None:
        self.writes, self.full_at, self.full, self.error = 0, full_at, True, error
        monkeypatch.setattr(stores.os, "fsync", self._fsync)
        monkeypatch.setattr(attempts._Refreshed, "refresh", lambda _: None)  # it writes by the clock

    def _fsync(self, handle: int) -> None:
        # Bytes were taken, as a disk takes them, and turn out not to fit when they must reach it.
        self.writes += 1
        if self.full and self.writes > self.full_at:
            raise OSError(self.error, os.strerror(self.error))


def test_the_disk_fills_at_any_write_and_the_run_goes_on_afterwards(tmp_path: Path, monkeypatch) -> None:
    names = ("0", "1", "2", "3", "4", "whole")
    *cut, whole = (write_run(tmp_path / name, SOURCES, FILES, "plan: {pack_files: 1}\n") for name in names)
    age(tmp_path / names[-1])  # the newest
    with monkeypatch.context() as patch:
        disk = Disk(patch, 10**9)
        assert here("run", whole).code == 1
    expected, last = sealed(tmp_path / "whole"), disk.writes
    for run_yaml, full_at in zip(cut, (0, 6, last // 2, last - 12, last - 4), strict=True):
        folder = run_yaml.parent
        with monkeypatch.context() as patch:
            disk = Disk(patch, full_at)
            refused = here("run", run_yaml)
        assert refused.code == 3, (full_at, refused)
        assert "the disk is full" in refused.err
        assert "free some space and run again, what is finished is kept and no half file was left" in refused.err
        assert refused.err.startswith(f"corpusledger: {folder}/ledger/")
        assert refused.err.count("\n") == 1
        assert_whole(folder)
        end_of_process(folder)
        again = here("run", run_yaml)
        assert again.code == 1, (full_at, again)
        assert sealed(folder) == expected, full_at


def test_a_full_file_system_and_one_that_is_read_only(run_yaml: Path) -> None:
    ledger = run_yaml.parent / "ledger"
    with mounted(ledger, "size=2m"):
        # What is left holds the plan and some objects, not all of them.
        (ledger / "ballast").write_bytes(bytes((2 << 20) - (220 << 10)))
        full = here("run", run_yaml)
        assert full.code == 3
        assert "the disk is full" in full.err
        assert "free some space and run again" in full.err
        assert_whole(run_yaml.parent)
        (ledger / "ballast").unlink()
        end_of_process(run_yaml.parent)
        first = here("run", run_yaml, "--json")
        assert first.code == 1, first.err
        before = sealed(run_yaml.parent)
        subprocess.run(["mount", "-o", "remount,ro", str(ledger)], check=True)
        refused = here("run", run_yaml)
        assert refused.code == 3
        assert "the file system is read-only; mount it writable, or name another ledger" in refused.err
        assert sealed(run_yaml.parent) == before  # what only reads still works
        subprocess.run(["mount", "-o", "remount,rw", str(ledger)], check=True)
        assert here("run", run_yaml, "--json").result["made"] == {}


def test_a_ledger_on_a_read_only_file_system_is_told(run_yaml: Path, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        Disk(patch, 0, errno.EROFS)
        refused = here("run", run_yaml)
    assert refused.code == 3
    assert "the file system is read-only; mount it writable, or name another ledger" in refused.err
    assert_whole(run_yaml.parent)
    assert here("run", run_yaml).code == 1
