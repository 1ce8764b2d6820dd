"""The log: every racing writer's entry is there once, in one chain; checkpoints follow and never go back; leases."""

import multiprocessing

import pytest

from manifests import lease as leases
from manifests import log
from manifests.ledger import Ledger, create_ledger, open_ledger
from manifests.store import LocalStore
from schemas.errors import StoreError
from schemas.merkle import merkle_root
from tests.kit.ledgers import CREATED_BY


class Unlinked(LocalStore):
    """A folder on a file system that cannot create-if-absent."""

    def put_new(self, path: str, data: bytes) -> bool:
        msg = "no hard links here"
        raise StoreError(msg)


def _write(uri: str, name: int, start: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    for number in range(5):
        log.append(open_ledger(uri), "note", {"writer": name, "number": number})


def test_eight_racing_processes_lose_nothing(tmp_path):
    uri = create_ledger(str(tmp_path), CREATED_BY).uri
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imports once, not eight times
    start = context.Barrier(8)
    racers = [context.Process(target=_write, args=(uri, i, start)) for i in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
    assert [racer.exitcode for racer in racers] == [0] * 8
    store = open_ledger(uri).store
    chain = log.entries(store)
    assert [e.index for e in chain] == list(range(41))
    assert sorted((e.body["writer"], e.body["number"]) for e in chain[1:]) == [
        (i, n) for i in range(8) for n in range(5)
    ]
    for writer in range(8):  # each writer's own order is kept
        assert [e.body["number"] for e in chain[1:] if e.body["writer"] == writer] == list(range(5))
    leaves = [store.get(log.entry_path(i)) for i in range(41)]
    for checkpoint in log.checkpoints(store):
        assert checkpoint.root == merkle_root(leaves[: checkpoint.size]).hex()
    assert log.newest_checkpoint(store) == log.Checkpoint(41, merkle_root(leaves).hex())


def test_entry_nought_holds_the_ledger_file(tmp_path):
    ledger = create_ledger(str(tmp_path), CREATED_BY)
    assert log.head(ledger.store) is None
    added = log.append(ledger, "note", {"中": "文"})
    assert (added.index, added.prev) == (1, log.entries(ledger.store)[0].digest)
    assert log.head(ledger.store) == added
    assert log.entries(ledger.store)[0].kind == log.OPENED


def test_a_checkpoint_never_goes_backwards(tmp_path):
    ledger = create_ledger(str(tmp_path), CREATED_BY)
    log.append(ledger, "note", {})
    ledger.store.delete(log.entry_path(1))
    with pytest.raises(StoreError, match=r"checkpoints/2\.json: counts 2 entries, the log has 1; entries are missing"):
        log.append(ledger, "note", {"instead": True})
    assert ledger.store.list(log.ENTRIES) == [log.entry_path(0)]


def test_a_log_without_create_if_absent_takes_one_writer_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "_SETTLE_S", 0.0)
    store = Unlinked(str(tmp_path))
    ledger = Ledger(store, CREATED_BY, create_if_absent=False)
    store.put("ledger.json", b"{}")
    log.append(ledger, "note", {"n": 1})
    assert [e.index for e in log.entries(store)] == [0, 1]
    held = leases.take(store, "log/lease.json", "another host")
    assert held is not None
    with pytest.raises(StoreError, match="another host is writing; wait until it ends"):
        log.append(ledger, "note", {"n": 2})
    leases.release(store, held)
    assert log.append(ledger, "note", {"n": 2}).index == 2


def test_a_lease_ends_and_can_be_renewed(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "_SETTLE_S", 0.0)
    store, now = LocalStore(str(tmp_path)), [1000.0]
    clock = lambda: now[0]
    first = leases.take(store, "work/r/lease.json", "a", 60, clock)
    assert first is not None
    assert leases.take(store, "work/r/lease.json", "b", 60, clock) is None
    now[0] = 1050
    first = leases.renew(store, first, 60, clock)
    now[0] = 1100
    assert leases.take(store, "work/r/lease.json", "b", 60, clock) is None
    now[0] = 1111
    second = leases.take(store, "work/r/lease.json", "b", 60, clock)
    assert second is not None
    with pytest.raises(StoreError, match="no longer ours"):
        leases.renew(store, first, 60, clock)
    leases.release(store, first)
    assert leases.held_by(store, "work/r/lease.json") == second
