"""Leases and memos: who is at work, who is gone, and what a start of a run may believe of the one before."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from manifests.store import LocalStore
from pipelines import attempts
from pipelines.attempts import GONE_AFTER_S, Desk, is_gone, this_worker
from pipelines.look import Look
from schemas.canonical import canonical_json, parse_json
from schemas.errors import RunError, StoreError
from tests.kit.command import age, here, lines, write_run
from tests.kit.planned import one_planned

TELL = (
    "from pipelines.attempts import this_worker; import json; print(json.dumps(this_worker().as_json()), flush=True);"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(LocalStore(str(tmp_path)), "run-1")


def leave(desk: Desk, unit: str, lease: dict) -> None:
    desk.store.put(desk.path("attempts", unit, "other"), canonical_json(lease))


def told_by(program: str) -> tuple[dict, subprocess.Popen]:
    child = subprocess.Popen(
        [sys.executable, "-c", TELL + program], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    )
    return parse_json(child.stdout.readline().encode()), child


def test_the_lease_of_a_process_that_died_is_gone_and_of_one_that_lives_is_not() -> None:
    lease, child = told_by("import sys; sys.stdin.read()")
    assert not is_gone(lease)
    child.stdin.close()
    child.wait()
    assert is_gone(lease)


def test_a_later_process_of_the_same_number_is_not_taken_for_the_one_that_died() -> None:
    mine = this_worker().as_json()
    assert not is_gone(mine)
    assert is_gone(mine | {"started": mine["started"] - 1})


def test_a_zombie_is_gone() -> None:
    lease, child = told_by("")
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it ended, and nobody took its exit code yet
    assert is_gone(lease)
    child.wait()


def test_a_worker_of_another_machine_is_gone_when_it_was_not_seen_for_long(monkeypatch) -> None:
    other = this_worker().as_json() | {"machine": "another"}
    assert not is_gone(other)
    assert is_gone(other | {"seen": other["seen"] - GONE_AFTER_S - 1})


def test_two_containers_of_one_machine_are_two_machines() -> None:
    machine = this_worker().machine
    assert "pid:" in machine  # the namespace of process numbers: in another container 1234 is another process
    assert is_gone({"machine": machine, "process": 2**30, "started": 0, "seen": 2**40})
    other = {"machine": machine.replace("pid:[", "pid:[9"), "process": 2**30, "started": 0, "seen": 2**40}
    assert not is_gone(other)


def test_a_lease_that_was_given_up_is_free_at_once(desk: Desk) -> None:
    path = desk.path("lease.json")
    desk.hold(path, {"config": "c"})
    assert not is_gone(parse_json(desk.store.get(path)))
    desk.give_up(path)
    lease = parse_json(desk.store.get(path))
    assert is_gone(lease)
    assert lease["config"] == "c"


def test_only_what_a_worker_that_is_gone_left_behind_is_suspect(desk: Desk) -> None:
    assert not desk.left_behind("unit")
    attempt = desk.begin("unit")
    assert not desk.left_behind("unit")
    leave(desk, "unit", this_worker().as_json() | {"process": 2**30})
    assert desk.left_behind("unit")
    assert not desk.left_behind("unit-2")
    desk.end(attempt, "unit")
    assert desk.store.list(desk.path("attempts")) == []


def test_the_end_of_one_attempt_leaves_that_of_a_living_worker(desk: Desk) -> None:
    first, second = desk.begin("unit"), desk.begin("unit")
    desk.end(first, "unit")
    assert desk.store.list(desk.path("attempts")) == [second]
    desk.end(second, "unit")


def test_leases_are_refreshed_with_all_they_tell_and_survive_a_full_disk(desk: Desk, monkeypatch) -> None:
    path = desk.path("lease.json")
    holder = attempts._Refreshed()
    holder.add(desk.store, path, {"config": "c"})

    def full(*_):
        raise StoreError("full")

    with monkeypatch.context() as patch:
        patch.setattr(LocalStore, "put", full)
        holder.refresh()
    assert not desk.store.exists(path)
    holder.refresh()
    lease = parse_json(desk.store.get(path))
    assert (lease["config"], lease["process"]) == ("c", os.getpid())
    holder.forget(path)
    desk.store.delete(path)
    holder.refresh()
    assert not desk.store.exists(path)


def looked(look: Look, unit: dict) -> dict:
    (_, descriptor), _ = list(look.process(canonical_json(unit)))
    return parse_json(descriptor)


def test_a_memo_over_a_weak_token_is_believed_only_after_hashing(tmp_path: Path, monkeypatch) -> None:
    look, desk, unit = one_planned(tmp_path, lines({"text": "a line of words"}))
    assert not unit["files"][0]["strong"]
    first = looked(look, unit)
    calls: list[str] = []
    import pipelines.look

    real = pipelines.look.look_at
    monkeypatch.setattr(pipelines.look, "look_at", lambda *a: (calls.append("read"), real(*a))[1])
    assert looked(look, unit) == first
    assert calls == []  # hashed, not parsed
    # Other bytes of equal size under the same change token, as a file system with a coarse clock can have it.
    (tmp_path / "corpus" / "a.jsonl").write_bytes(lines({"text": "a line of WORDS"}))
    monkeypatch.setattr("pipelines.unit.token_text", lambda token: unit["files"][0]["token"])
    again = looked(look, unit)
    assert calls == ["read"]
    assert again["input_digest"] != first["input_digest"]
    assert (
        parse_json(desk.store.get(desk.path("memo", f"{unit['unit_id']}.json")))["input_digest"]
        == again["input_digest"]
    )


def test_a_memo_of_a_shard_that_changed_since_is_not_believed(tmp_path: Path) -> None:
    look, _, unit = one_planned(tmp_path, lines({"text": "a line of words"}))
    unit["files"][0]["strong"] = True
    assert looked(look, unit)["changed"] == []
    (tmp_path / "corpus" / "a.jsonl").write_bytes(lines({"text": "something else altogether"}))
    assert looked(look, unit)["changed"] == ["corpus/a.jsonl"]


def test_twins_share_objects_but_not_their_numbers(tmp_path: Path) -> None:
    look, _, unit = one_planned(tmp_path, lines({"text": "a line of words"}))
    twin = unit | {"unit": 7}
    one, other = looked(look, unit), looked(look, twin)
    assert (one["unit"], other["unit"]) == (0, 7)
    assert one["results"] == other["results"]


def test_eight_threads_of_one_process_give_the_same_objects(tmp_path: Path) -> None:
    texts = [{"text": f"第{i}段文字 and words {i % 3}, mail it to nobody at all"} for i in range(60)]
    look, _, unit = one_planned(tmp_path, lines({"text": "a line of words"}))
    names = [f"{i}.jsonl" for i in range(8)]
    for name in names:
        (tmp_path / "corpus" / name).write_bytes(lines(*texts))
    from pipelines.read.listing import change_token, token_text

    units = []
    for i, name in enumerate(names):
        uri = str(tmp_path / "corpus" / name)
        file = unit["files"][0] | {"uri": uri, "shard": "corpus/a.jsonl", "token": token_text(change_token(uri))}
        units.append(unit | {"unit": i, "unit_id": f"{i:064x}", "files": [file]})
    found: dict[int, dict] = {}
    threads = [threading.Thread(target=lambda u=u: found.update({u["unit"]: looked(look, u)})) for u in units]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))
    assert len({canonical_json({"r": f["results"], "w": f["works"]}) for f in found.values()}) == 1
    assert found[0]["made"] == found[7]["made"]


def test_a_failing_run_gives_its_lease_up_and_the_same_process_may_go_on(tmp_path: Path, monkeypatch) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\nlicence: MIT\n"}, {"a.jsonl": lines({"text": "words"})})
    age(tmp_path)
    with monkeypatch.context() as patch:

        def fail(*_):
            raise RunError("somewhere: failed; try again")

        patch.setattr("pipelines.run.assembled", fail)
        first = here("run", run_yaml, "--json")
    assert (first.code, first.err) == (3, "corpusledger: somewhere: failed; try again\n")
    (run,) = (p.name for p in (tmp_path / "ledger" / "work").iterdir())
    again = here("run", run_yaml, "--json").result
    assert (again["run"], again["resumed"]) == (run, True)
    assert not (tmp_path / "ledger" / "work" / run).exists()
