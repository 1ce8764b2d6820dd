"""The forecast of `plan` against what the run then comes to, and the refusal of what would not fit."""

import json
import random
import shutil
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pipelines.forecast.before
import pipelines.forecast.machine
from manifests.ledger import open_ledger
from manifests.runs import load_manifest, sealed_runs
from pipelines.dedup.clusters import join_edges
from pipelines.dedup.pairs import JUDGED
from pipelines.demo import write_demo
from pipelines.forecast.costs import NODE_BYTES
from pipelines.forecast.figures import Figure
from pipelines.forecast.refusal import refusals
from tests.kit.command import age, here, lines, write_run

WORDS = [f"{a}{b}" for a in "bdfgklmnprst" for b in ("ade", "ild", "orn", "umb", "ask", "ein", "olt", "ung")]
SETTINGS = "checks: {personal: off, language: off, licence: off}\n"
COPIES = 0.3


def texts(seed: int, count: int) -> list[str]:
    """Documents of which 30 % are copies of an earlier one, half of those with a word exchanged."""
    draw = random.Random(seed)
    found: list[str] = []
    while len(found) < count:
        words = draw.choices(WORDS, k=draw.randint(60, 160))
        if found and draw.random() < COPIES:
            words = draw.choice(found).split()
            if draw.random() < 0.5:
                words[draw.randrange(len(words))] = draw.choice(WORDS)
        found.append(" ".join(words))
    return found


def jsonl(seed: int, count: int) -> bytes:
    return lines(*({"text": text} for text in texts(seed, count)))


def planned(run_yaml: Path) -> dict[str, Any]:
    done = here("plan", run_yaml, "--json")
    assert done.code == 0, done.err
    return done.result


def value(result: dict[str, Any], name: str) -> int:
    found = result["forecast"][name]["value"]
    assert isinstance(found, int), result["forecast"][name]
    return found


def ran(run_yaml: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """(result, what the deduplication took) of a real run."""
    done = here("run", run_yaml, "--json")
    assert done.code in (0, 1), done.err
    store = open_ledger(str(run_yaml.parent / "ledger")).store
    manifest = load_manifest(store, sealed_runs(store)[-1])
    return done.result, dict(manifest.execution["deduplication"])


def stored(ledger: Path) -> int:
    return sum(path.stat().st_size for path in (ledger / "objects").rglob("*") if path.is_file())


def test_a_small_corpus_is_read_whole_and_its_records_are_foretold_exactly(tmp_path: Path) -> None:
    run_yaml = write_demo(tmp_path / "demo").run_file
    age(tmp_path / "demo")  # a change token younger than two seconds is not believed
    before = planned(run_yaml)
    assert not (tmp_path / "demo" / "ledger").exists()
    assert before["sample"]["whole"] is True
    assert before["sample"]["not_read"] == []
    result, took = ran(run_yaml)
    assert value(before, "records") == result["counts"]["records"]["read"]
    assert value(before, "text_bytes_to_read") > 0
    assert value(before, "records_read_twice") == took["records_read_twice"] > 0
    assert before["forecast"]["records_read_twice"] == {
        "value": took["records_read_twice"], "unit": "records", "basis": "sample", "at_least": False,
    }  # fmt: skip
    assert before["does_not_fit"] == []

    after = planned(run_yaml)
    assert after["units_to_read"] < before["units_to_read"]
    assert value(after, "records") == result["counts"]["records"]["read"]
    assert after["forecast"]["records_read_twice"]["basis"] == f"run {result['run']}"


def test_the_words_name_every_figure_with_its_basis_and_say_what_is_unknown(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": jsonl(1, 40)}, SETTINGS)
    result, told = planned(run_yaml), here("plan", run_yaml).out.splitlines()
    for name, figure in result["forecast"].items():
        (line,) = [one for one in told if one.startswith(f"{name.replace('_', ' '):28} ")]
        assert figure["basis"].removeprefix("unknown: ") in line
        assert ("unknown" in line) == (figure["value"] is None)
        assert sum(figure.get("parts", {}).values()) in (figure["value"], 0) or name == "memory"
    assert "all of it was read for this forecast: 40 records" in told


def test_with_the_check_off_nothing_is_exchanged_and_its_room_is_unknown(tmp_path: Path) -> None:
    off = "checks: {personal: off, duplicates: off}\n"
    result = planned(write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": jsonl(1, 40)}, off))["forecast"]
    assert result["records"]["value"] == 40
    assert result["records_read_twice"] == {
        "value": 0, "unit": "records", "basis": "checks.duplicates is off", "at_least": False,
    }  # fmt: skip
    assert result["memory"]["value"] is None
    assert result["long_records"]["value"] is None


def test_what_cannot_be_read_leaves_the_forecast_unknown_and_never_zero(tmp_path: Path) -> None:
    broken = {"a.parquet": b"PAR1" + b"no footer at all" * 9 + b"PAR1"}
    result = planned(write_run(tmp_path, {"en": "paths: [corpus]\n"}, broken, SETTINGS))
    assert result["units_to_read"] == 1
    assert result["sample"] == {
        "pieces": 0, "why": "no sample: not one piece of what is to be read could be had"
    }  # fmt: skip
    unknown = {name for name, figure in result["forecast"].items() if figure["value"] is None}
    assert {"records", "long_records", "near_copy_records", "exchange_written_ledger", "ledger_disk", "memory", "cpu", "wall"} <= unknown  # fmt: skip
    assert all(result["forecast"][name]["basis"].startswith("unknown: ") for name in unknown)


def test_a_corpus_without_a_readable_file_has_no_sample(tmp_path: Path) -> None:
    result = planned(write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.png": b"\x89PNG\r\n\x1a\n" + bytes(64)}))
    assert result["sample"]["pieces"] == 0
    assert result["forecast"]["records"]["value"] is None


def test_an_earlier_run_foretells_a_larger_one_within_a_factor_of_two(tmp_path: Path) -> None:
    files = {f"{n}.jsonl": jsonl(n, 400) for n in range(2)}
    run_yaml = write_run(
        tmp_path, {"en": "paths: [corpus]\nlicence: MIT\n"}, files, SETTINGS + "plan: {pack_files: 1}\n"
    )
    first, _ = ran(run_yaml)
    small = stored(tmp_path / "ledger")
    for n in range(2, 6):
        (tmp_path / "corpus" / f"{n}.jsonl").write_bytes(jsonl(n, 400))
    before = planned(run_yaml)
    _, took = ran(run_yaml)
    pairs = {
        "near_copy_records": took["records_in_clusters"], "records_read_twice": took["records_read_twice"],
        "units_read_twice": took["units_read_twice"], "bytes_read_twice": took["bytes_read_twice"], "records": 2400,
    }  # fmt: skip
    for name, came in pairs.items():
        assert came > 0
        assert came / 2 <= value(before, name) <= came * 2, name
    assert before["forecast"]["near_copy_records"]["basis"] == f"run {first['run']}"
    assert before["forecast"]["near_copy_records"]["at_least"] is False
    disk = before["forecast"]["ledger_disk"]["parts"]
    objects = sum(disk.values()) - disk["work, until sealed"] - disk["units"]
    assert (stored(tmp_path / "ledger") - small) / 2 <= objects <= (stored(tmp_path / "ledger") - small) * 2


def test_an_earlier_run_of_other_bands_is_no_basis(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\nlicence: MIT\n"}, {"a.jsonl": jsonl(3, 120)}, SETTINGS)
    ran(run_yaml)
    text = run_yaml.read_text()
    for other in ("dedup: {threshold_ppm: 700000}\n", "dedup: {verify: estimate}\n", "dedup: {profile: datasketch}\n"):
        run_yaml.write_text(text + other)
        basis = planned(run_yaml)["forecast"]["near_copy_records"]["basis"]
        assert not basis.startswith("run "), other
    run_yaml.write_text(text + "dedup: {max_nodes: 7}\n")  # changes no share
    assert planned(run_yaml)["forecast"]["near_copy_records"]["basis"].startswith("run ")


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that counts as a large one."""
    monkeypatch.setattr(pipelines.forecast.before, "LARGE_BYTES", 1)
    return write_run(tmp_path, {"en": "paths: [corpus]\nlicence: MIT\n"}, {"a.jsonl": jsonl(5, 200)}, SETTINGS)


def nothing_begun(folder: Path) -> bool:
    return not [path for path in (folder / "ledger").rglob("*") if path.is_file() and path.name != "ledger.json"]


def test_more_near_copies_than_max_nodes_are_told_to_be_slower_and_come_to_the_same(large: Path) -> None:
    within = planned(large)
    foretold = value(within, "near_copy_records")
    assert within["slower"] == []
    assert "rounds of clusters" not in within["forecast"]["exchange_written_work"]["parts"]
    text = large.read_text()
    large.write_text(text + "dedup: {max_nodes: 20}\n")
    beyond = planned(large)
    (line,) = beyond["slower"]
    told = f"{large}: dedup.max_nodes: {foretold} records (sample) have a near copy, more than 20: they are joined by rounds, "
    assert line.startswith(told)
    assert f"this run would be slower than it could be:\n{line}\n" in here("plan", large).out
    assert beyond["does_not_fit"] == []
    assert beyond["forecast"]["exchange_written_work"]["parts"]["rounds of clusters"] > 0
    assert "union-find" not in beyond["forecast"]["memory"]["parts"]
    by_rounds = ran(large)[0]["copies"]
    shutil.rmtree(large.parent / "ledger")
    large.write_text(text)
    assert by_rounds == ran(large)[0]["copies"]


def test_where_union_find_takes_most_the_setting_that_spares_it_is_told() -> None:
    figures = {
        "near_copy_records": Figure(1_000_000, "records", "sample"), "max_nodes": Figure(2_000_000, "records", "dedup.max_nodes"),
        "memory": Figure(136_000_000, "bytes", "sample", parts={"program": 100_000_000, "union-find": 36_000_000}),
        "memory_all_processes": Figure(136_000_000, "bytes", "sample"), "memory_free": Figure(118_000_000, "bytes", "this machine"),
    }  # fmt: skip
    (line,) = refusals(figures, "run.yaml", "exact", "/tmp", local=True)
    assert line.endswith("; or set dedup.max_nodes: 500000, and they are joined by rounds, slower")


def test_too_little_memory_is_refused_for_the_local_runner_alone(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.forecast.machine, "free_memory", lambda: 1 << 20)
    done = here("run", large)
    assert done.code == 2
    assert f"{large}: memory: " in done.err
    assert "1.0 MiB free; most of it for " in done.err
    assert "use a larger machine or another runner, or set checks.duplicates: off" in done.err
    assert nothing_begun(large.parent)
    assert planned(large)["does_not_fit"]
    large.write_text(large.read_text() + "runner: {name: flink}\n")
    assert planned(large)["does_not_fit"] == []


def test_a_full_disk_is_refused_with_the_mode_that_spares_room(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelines.forecast.machine, "_space", lambda _: (1000, 7))
    ledger, temporary = here("run", large).err.removeprefix("corpusledger: ").splitlines()
    assert ledger.startswith(f"{large}: ledger: ")
    assert "needed on its disk, 1,000 bytes free; free some space, name another ledger, " in ledger
    assert "set dedup.verify: near or estimate (spares up to " in ledger
    assert "or set checks.duplicates: off (spares " in ledger
    assert "let TMPDIR name another folder" in temporary
    assert nothing_begun(large.parent)
    large.write_text(large.read_text() + "dedup: {verify: estimate}\n")
    assert "dedup.verify" not in here("run", large).err


def test_a_small_run_is_not_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a small run was sampled")

    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": jsonl(5, 20)}, SETTINGS)
    monkeypatch.setattr(pipelines.forecast.before, "sample_of", refuse)
    assert here("run", run_yaml).code in (0, 1)


def test_a_run_whose_units_are_known_is_not_held_against_the_machine(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(large.parent)
    assert here("run", large).code in (0, 1)
    monkeypatch.setattr(pipelines.forecast.machine, "free_memory", lambda: 1)
    assert here("run", large).code in (0, 1)
    (large.parent / "corpus" / "b.jsonl").write_bytes(jsonl(6, 20))
    assert here("run", large).code == 2


def test_union_find_takes_no_more_than_is_foretold() -> None:
    nodes = 2_000_000
    order = np.random.default_rng(3).permutation(nodes) * 5
    edges = np.zeros(nodes // 2, JUDGED)
    edges["a"], edges["b"] = order[: nodes // 2], order[nodes // 2 :]

    class Room:
        def __init__(self) -> None:
            self.settings = {"max_nodes": nodes}

        def left(self, _: str) -> list[dict[str, Any]]:
            return [{"edges": 50_000, "path": n} for n in range(len(edges) // 50_000)]

        def load(self, path: int, _: object) -> Any:
            return edges[path * 50_000 : (path + 1) * 50_000]

        def save_parts(self, parts: Any, *_: str) -> str:
            return str(sum(len(part) for part in parts))

    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        told = join_edges(Room(), {}, 0)  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert told["nodes"] == nodes
    assert NODE_BYTES * nodes / 4 <= peak - before <= NODE_BYTES * nodes


def test_the_forecast_writes_nothing(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: [corpus]\n"}, {"a.jsonl": jsonl(1, 40)}, SETTINGS)
    seen = sorted(str(p) for p in tmp_path.rglob("*"))
    first = planned(run_yaml)
    assert sorted(str(p) for p in tmp_path.rglob("*")) == seen
    timed = {"cpu", "wall", "memory", "memory_all_processes", "memory_free", "ledger_disk_free", "temporary_disk_free"}
    again = planned(run_yaml)
    for result in (first, again):
        for name in timed:
            del result["forecast"][name]
    assert json.dumps(first, sort_keys=True) == json.dumps(again, sort_keys=True)
