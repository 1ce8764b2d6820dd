"""`verify`: a good ledger passes; one flipped byte in any kind of file is named; unsealed work is told, no failure."""

from dataclasses import replace
from pathlib import Path

import pytest

from manifests.log import GATED, append
from manifests.runs import load_manifest, seal_run, sealed_run
from manifests.seal import public_key
from manifests.store import LocalStore, UnreachableError
from manifests.verify import Verdict, verify_ledger, verify_run
from schemas.canonical import sha256_hex
from schemas.errors import StoreError
from tests.kit.ledgers import seal, small_ledger


def _verdict(ledger_folder: Path, key: Path) -> Verdict:
    return verify_ledger(LocalStore(str(ledger_folder)), [public_key(key)])


def test_a_good_ledger_passes(tmp_path):
    ledger, key = small_ledger(tmp_path, runs=2)
    verdict = verify_ledger(ledger.store, [public_key(key)])
    assert (verdict.problem, verdict.notes, verdict.runs) == (None, (), 2)
    assert verdict.objects == 3
    assert verify_run(ledger.store, "run-2", [public_key(key)]).problem is None


KINDS = (
    "ledger.json", "runs/run-1/manifest.json", "runs/run-1/manifest.dsse.json", "runs/run-1/units/00000.parquet",
    "runs/run-1/files.parquet", "log/entries/000000000000.json", "log/entries/000000000001.json", "log/checkpoints/2.json",
    "objects",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_one_flipped_byte_anywhere_is_named(tmp_path, kind):
    ledger, key = small_ledger(tmp_path)
    for path in ledger.store.list("objects") if kind == "objects" else [kind]:
        file = ledger.store.local_path(path)
        whole = file.read_bytes()
        places = range(len(whole)) if len(whole) < 400 else sorted({*range(0, len(whole), 97), len(whole) - 1})
        for place in places:
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            problem = verify_ledger(ledger.store, [public_key(key)]).problem
            assert problem is not None, (path, place)
            assert _is_named(path, problem), (path, place, problem)
        file.write_bytes(whole)
    assert verify_ledger(ledger.store, [public_key(key)]).problem is None


def test_a_later_gate_result_is_held_against_the_log(tmp_path):
    ledger, key = small_ledger(tmp_path)
    ledger.store.put("runs/run-1/gates/1.json", b'{"effect":"pass"}')
    append(
        ledger, GATED, {"run": "run-1", "gate": 1, "gate_sha256": sha256_hex(b'{"effect":"pass"}'), "effect": "pass"}
    )
    assert verify_run(ledger.store, "run-1", [public_key(key)]).problem is None
    ledger.store.put("runs/run-1/gates/1.json", b'{"effect":"Pass"}')
    assert "runs/run-1/gates/1.json: its bytes" in str(verify_run(ledger.store, "run-1", [public_key(key)]).problem)


def _is_named(path: str, problem: str) -> bool:
    # An entry that was changed and one whose checkpoint was changed look alike: one or the other is named.
    return path in problem or (path.startswith("log/entries/") and "log/checkpoints" in problem)


@pytest.mark.parametrize(
    "path", ["runs/run-1/manifest.json", "runs/run-1/manifest.dsse.json", "runs/run-1/files.parquet"]
)
def test_a_missing_file_is_named(tmp_path, path):
    ledger, key = small_ledger(tmp_path)
    ledger.store.delete(path)
    assert path in str(verify_ledger(ledger.store, [public_key(key)]).problem)


def test_a_missing_object_is_named_with_its_role(tmp_path):
    ledger, key = small_ledger(tmp_path)
    gone = ledger.store.list("objects")[0]
    ledger.store.delete(gone)
    problem = verify_ledger(ledger.store, [public_key(key)]).problem
    assert problem is not None
    assert gone in problem
    assert "is missing" in problem


def test_a_log_entry_taken_out_is_named(tmp_path):
    ledger, key = small_ledger(tmp_path, runs=2)
    ledger.store.delete("log/entries/000000000001.json")
    assert "000000000001.json" in str(verify_ledger(ledger.store, [public_key(key)]).problem)


def test_the_newest_entry_taken_out_is_seen_by_the_checkpoint(tmp_path):
    ledger, key = small_ledger(tmp_path, runs=2)
    ledger.store.delete("log/entries/000000000002.json")
    assert "entries are missing" in str(verify_ledger(ledger.store, [public_key(key)]).problem)


def test_another_key_does_not_do(tmp_path):
    ledger, _ = small_ledger(tmp_path / "a")
    _, other = small_ledger(tmp_path / "b")
    assert "none of the trusted keys" in str(verify_ledger(ledger.store, [public_key(other)]).problem)


def test_an_unsigned_run_says_so_and_fails_where_a_key_is_asked_for(tmp_path):
    ledger, key = small_ledger(tmp_path, signed=False)
    without = verify_run(ledger.store, "run-1")
    assert without.problem is None
    assert "run-1 is unsigned" in without.notes[0]
    assert "logged as unsigned" in str(verify_run(ledger.store, "run-1", [public_key(key)]).problem)


def test_without_a_key_the_signature_is_said_to_be_unchecked(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    verdict = verify_run(ledger.store, "run-1")
    assert verdict.problem is None
    assert "was not checked" in verdict.notes[0]


def test_unsealed_work_is_no_failure(tmp_path):
    ledger, key = small_ledger(tmp_path)
    ledger.store.put("work/run-9/memo/x.json", b"{}")
    ledger.store.put("runs/run-8/units/00000.parquet", b"half a run")
    ledger.store.put_object(b"made before the kill")
    verdict = verify_ledger(ledger.store, [public_key(key)])
    assert verdict.problem is None
    told = "\n".join(verdict.notes)
    assert "run run-8" in told
    assert "run run-9" in told
    assert "1 object that" in told


def test_no_ledger_and_no_such_run_are_told(tmp_path):
    ledger, _ = small_ledger(tmp_path)
    assert "no sealed run 'run-7'; the newest are: run-1" in str(verify_run(ledger.store, "run-7").problem)


def test_a_store_that_cannot_be_looked_at_is_no_verdict(tmp_path, monkeypatch):
    ledger, _ = small_ledger(tmp_path)

    def refuse(*_: object) -> bytes:
        msg = "x: permission denied"
        raise UnreachableError(msg)

    monkeypatch.setattr(LocalStore, "get", refuse)
    with pytest.raises(UnreachableError):
        verify_run(ledger.store, "run-1")


def test_a_sealed_run_is_not_sealed_again_otherwise(tmp_path):
    ledger, key = small_ledger(tmp_path)
    private = key.with_name("ledger.key")
    before = {path: ledger.store.get(path) for path in ledger.store.list("runs")}
    with pytest.raises(StoreError, match="this run is sealed"):
        seal(ledger, "run-1", private, domains=(("other.example", "news-zh", 1, 1),))
    sealed = load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))
    with pytest.raises(StoreError, match="sealed with another manifest"):
        seal_run(ledger, replace(sealed, stage="fine-tuning"), private)
    assert seal_run(ledger, sealed, private) == sealed_run(ledger.store, "run-1")
    assert {path: ledger.store.get(path) for path in ledger.store.list("runs")} == before


def test_a_manifest_whose_sums_do_not_come_out_fails(tmp_path):
    ledger, key = small_ledger(tmp_path)
    made = load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))
    counts = replace(made.counts, files=replace(made.counts.files, listed=7))
    seal_run(ledger, replace(made, run="run-2", counts=counts), key.with_name("ledger.key"))
    assert "files listed 7" in str(verify_run(ledger.store, "run-2", [public_key(key)]).problem)
