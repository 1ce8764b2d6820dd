"""LOOK over a unit that holds a record which kills, hangs or eats its process: it is named, all others are looked at."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.attempts import this_worker
from pipelines.isolate import look_isolated
from pipelines.look import tallies_of
from pipelines.settings import bench_of
from pipelines.unit import Looked, look_at
from schemas.canonical import canonical_json, parse_json
from schemas.errors import RunError, StoreError
from tests.kit.command import DEADLY, ROOT, here, lines, write_run
from tests.kit.planned import one_planned

CHECKS = ("provenance", "licence", "personal", "quality", "repetition", "language", "duplicates")


@pytest.fixture
def deadly(monkeypatch) -> None:
    """The child processes of this test die of certain words; this process does not."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([DEADLY, str(ROOT)]))


def rows(count: int, **words: str) -> list[dict[str, str]]:
    """Records, of which number n holds the words of `at_<n>`."""
    plain = [{"text": f"Record {i} of the file, 第{i}条记录。"} for i in range(count)]
    for at, text in words.items():
        plain[int(at.removeprefix("at_"))] = {"text": f"this record {text}"}
    return plain


def unread(desk, looked: Looked) -> list[tuple[int, int, str]]:
    held = looked.results["reading"].objects.get("unread")
    if held is None:
        return []
    table = pq.read_table(desk.store.local_path(f"objects/{held['sha256'][:2]}/{held['sha256']}"))
    return [(r["row"], r["offset"], r["reason"]) for r in table.to_pylist()]


def tallies(look, looked: Looked) -> dict:
    return parse_json(tallies_of(bench_of(look.ledger, look.run), looked))


def counted(records: int | dict[str, int]) -> int:
    return sum(records.values()) if isinstance(records, dict) else records


def test_a_record_that_kills_is_named_and_all_others_are_looked_at(tmp_path: Path, deadly) -> None:
    records = rows(6, at_2="KILLS THE READER")
    look, desk, unit = one_planned(tmp_path, lines(*records))
    looked = look_isolated(look.ledger, look.run, unit)
    offsets = [len(lines(*records[:i])) for i in range(len(records))]
    assert unread(desk, looked) == [(2, offsets[2], "killed: signal 7")]
    added = tallies(look, looked)
    assert added["reading"]["tally"] == {"read": 6, "looked": 5, "unread": {"killed: signal 7": 1}}
    assert looked.results["reading"].files == ((6, 1, "read"),)
    assert looked.results["reading"].unread == 1  # the reason why no later run takes it over
    counts = {c: counted(added[c]["tally"]["records"]) for c in CHECKS if "records" in added[c]["tally"]}
    assert len(counts) >= 6
    assert set(counts.values()) == {5}
    assert {c: added[c]["unread"] for c in CHECKS} == dict.fromkeys(CHECKS, 0)


def test_a_record_that_hangs_is_stopped(tmp_path: Path, deadly) -> None:
    look, desk, unit = one_planned(tmp_path, lines({"text": "this record HANGS"}))
    looked = look_isolated(look.ledger, look.run, unit, step_s=5)
    assert unread(desk, looked) == [(0, 0, "killed: time limit")]
    assert looked.results["reading"].files == ((1, 1, "read"),)


def test_a_unit_without_a_killer_comes_to_the_same_in_a_child(tmp_path: Path) -> None:
    look, desk, unit = one_planned(tmp_path, lines(*rows(30)) + b"{broken\n")
    bench = bench_of(look.ledger, look.run)

    plain = look_at(unit, bench.settings.checks, bench.settings.registry["en"], bench.works, desk.store)
    assert look_isolated(look.ledger, look.run, unit).as_json() == plain.as_json()


def test_a_child_that_cannot_begin_is_told_with_its_place(tmp_path: Path, monkeypatch) -> None:
    look, _, unit = one_planned(tmp_path, lines(*rows(3)))
    with pytest.raises(
        RunError, match=r"corpus/a.jsonl: its worker died before it read anything \(killed: (memory|signal 6)\)"
    ):
        look_isolated(look.ledger, look.run, unit, memory_bytes=200 << 20)


def test_what_a_child_refuses_on_purpose_is_told_as_it_stands(tmp_path: Path) -> None:
    look, _desk, unit = one_planned(tmp_path, lines(*rows(3)))
    (tmp_path / "ledger" / "objects").write_bytes(b"")  # a file where a folder must be
    with pytest.raises(RunError, match=r"objects.*a file stands where a folder must be"):
        look_isolated(look.ledger, look.run, unit)


def test_a_unit_that_a_dead_worker_left_is_looked_at_in_a_child(tmp_path: Path, deadly, monkeypatch) -> None:
    look, desk, unit = one_planned(tmp_path, lines({"text": "this record EATS THE MEMORY"}))
    gone = this_worker().as_json() | {"process": 2**30}
    desk.store.put(desk.path("attempts", unit["unit_id"], "gone"), canonical_json(gone))
    (_, descriptor), _ = list(look.process(canonical_json(unit)))
    assert unread(desk, Looked.of_json(parse_json(descriptor))) == [(0, 0, "killed: memory")]
    assert desk.store.list(desk.path("attempts")) == []
    assert desk.memo(unit["unit_id"])["unit"] == 0


def test_a_store_that_refuses_leaves_no_suspicion(tmp_path: Path, monkeypatch) -> None:
    look, desk, unit = one_planned(tmp_path, lines(*rows(4)))

    def full(*_):
        raise StoreError("ledger: the disk is full; free some space and run again")

    monkeypatch.setattr(type(desk.store), "put_object", full)
    with pytest.raises(StoreError):
        list(look.process(canonical_json(unit)))
    assert desk.store.list(desk.path("attempts")) == []
    assert desk.memo(unit["unit_id"]) is None


def test_a_check_that_fails_on_a_record_makes_it_unread_for_that_check_alone(tmp_path: Path, monkeypatch) -> None:
    from checks.provenance import Provenance

    look, desk, unit = one_planned(tmp_path, lines(*rows(20, at_13="FAILS")))
    real = Provenance.look

    def fails(self, batch):
        if any("FAILS" in text for text in batch.column("text").to_pylist()):
            raise ValueError("with a text that must not be told")
        return real(self, batch)

    monkeypatch.setattr(Provenance, "look", fails)
    (_, descriptor), _ = list(look.process(canonical_json(unit)))
    looked = Looked.of_json(parse_json(descriptor))
    added = tallies(look, looked)
    assert (added["provenance"]["unread"], added["provenance"]["tally"]["records"]) == (1, 19)
    assert (added["quality"]["unread"], added["quality"]["tally"]["records"]) == (0, 20)
    assert unread(desk, looked) == []
    assert "must not be told" not in json.dumps(looked.as_json())


def test_too_little_memory_is_told_with_the_way_out(tmp_path: Path, monkeypatch) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": lines(*rows(2))})

    def refuse(*_):
        raise MemoryError("with a text that must not be told")

    monkeypatch.setattr("pipelines.unit.shown", refuse)
    done = here("run", run_yaml)
    told = (
        "out of memory; run the same command again: a unit that was under way is then looked at in a process of its own"
    )
    assert (done.code, done.err.splitlines()[-1]) == (3, f"corpusledger: {told}")
    assert len(list((tmp_path / "ledger" / "work").glob("*/attempts/*/*"))) == 1
