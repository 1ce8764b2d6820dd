"""Bad input, each item of it: a clear error with its place and the way out, or counted as unread; nothing is lost."""

import json
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

import pipelines.running_gate
import pipelines.unit
from manifests.ledger import open_ledger
from manifests.places import unread_places
from manifests.runs import load_manifest, sealed_runs
from pipelines.known import Earlier
from pipelines.listing import listed
from pipelines.run import load
from tests.kit import hostile
from tests.kit.command import age, here, lines, started, write_run

SOURCES = {"en": "paths: [corpus/en]\nlicence: MIT\n"}
GOOD = {"en/a.jsonl": hostile.GOOD}


def sealed(folder: Path) -> list[str]:
    """The runs of the ledger, all of them verified."""
    ledger = folder / "ledger"
    assert here("verify", ledger).code == 0
    return [s.run for s in sealed_runs(open_ledger(str(ledger)).store)]


@contextmanager
def nobody():
    """As a user whom file modes bind; root is bound by none."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.fixture
def open_folder():
    """A temporary folder that any user may enter; pytest's own lie below one that only its user may."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_bad_files_are_counted_and_placed_and_lose_nothing(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, SOURCES, GOOD)
    before = here("run", run_yaml, "--json").result
    write_run(tmp_path, SOURCES, hostile.FILES)
    (tmp_path / "corpus" / "en" / "loop.jsonl").symlink_to("loop.jsonl")
    os.mkfifo(tmp_path / "corpus" / "en" / "pipe.jsonl")
    done = here("run", run_yaml, "--json")
    assert (done.code, done.err) == (1, "")
    result = done.result
    assert sealed(tmp_path) == [before["run"], result["run"]]
    files, records = result["counts"]["files"], result["counts"]["records"]
    assert (files["listed"], files["unreadable"], files["not_looked_at"]) == (len(hostile.FILES) + 2, 6, 0)
    assert files["read"] == files["listed"] - 6
    store = open_ledger(str(tmp_path / "ledger")).store
    unread = list(unread_places(store, load_manifest(store, sealed_runs(store)[-1])))
    assert records["read"] == records["looked_at"] + len(unread)
    by_file: dict[str, list[tuple[int, str]]] = {}
    for place in unread:
        by_file.setdefault(place.shard.removeprefix("corpus/en/"), []).append((place.offset, place.reason))
    ends = [sum(len(line) for line, _ in hostile.LINES[:i]) for i in range(len(hostile.LINES))]
    reasons = [reason for _, reason in hostile.LINES]
    assert by_file.pop("lines.jsonl") == [(at, why) for at, why in zip(ends, reasons, strict=True) if why is not None]
    page = [hostile.PAGES.index(b"WARC/1.0", at) for at in (1, hostile.PAGES.index(b"the second"))]
    assert by_file.pop("page.warc") == [(page[0], "bad record"), (page[1], "bad record")]
    assert {name: [why for _, why in found] for name, found in by_file.items()} == {
        "bytes.txt": ["bad utf-8"], "cut.jsonl.gz": ["cut short"], "cut.jsonl.zst": ["cut short"],
        "cut.parquet": ["cut short"], "dead.jsonl.gz": ["cut short"], "dead.jsonl.zst": ["cut short"],
        "quote.csv": ["cut short"],
    }  # fmt: skip
    assert by_file["cut.jsonl.gz"][0][0] > 0  # what came before the break was read
    assert by_file["cut.jsonl.zst"][0][0] > 0
    problems = {line.partition(": ")[0]: line for line in result["unreadable"]}
    assert problems == {
        "corpus/en/cut.parquet": "corpus/en/cut.parquet: cut short: not one byte could be decoded; fetch it again, whole",
        "corpus/en/dead.jsonl.gz": "corpus/en/dead.jsonl.gz: cut short: not one byte could be decoded; fetch it again, whole",
        "corpus/en/dead.jsonl.zst": "corpus/en/dead.jsonl.zst: cut short: not one byte could be decoded; fetch it again, whole",
        "corpus/en/other.parquet": "corpus/en/other.parquet: there is no column 'text', to which 'text' is mapped; its columns are "
        "body, number; correct `columns` in the source",
        "corpus/en/loop.jsonl": problems["corpus/en/loop.jsonl"],
        "corpus/en/pipe.jsonl": problems["corpus/en/pipe.jsonl"],
    }  # fmt: skip
    assert "is no file but a broken link; take it out of the corpus" in problems["corpus/en/loop.jsonl"]
    assert "is no file but a device, socket or pipe" in problems["corpus/en/pipe.jsonl"]
    held = {o["measure"]: (o["state"], o["effect"], o["observed"]) for o in result["gate"]["outcomes"]}
    assert held["files_unreadable"] == ("not_met", "hold", 6)
    assert held["shards_cut_short"] == ("not_met", "hold", 6)
    assert (result["stopped"], result["effect"]) == (True, "hold")
    told = here("run", run_yaml).out.splitlines()
    assert {line.removeprefix("unreadable: ") for line in told if line.startswith("unreadable: ")} == set(
        problems.values()
    )


def test_a_text_of_100_mb_is_read_within_bounds(tmp_path: Path) -> None:
    text = "The archive keeps what came in, 每天都有新的文字送来。Nobody reads all of it. "
    long = text * (100_000_000 // len(text.encode()))
    files = {"en/a.jsonl": lines({"text": "before"}, {"text": long}, {"text": "after"})}
    with started("run", write_run(tmp_path, SOURCES, files), "--json") as run:
        out, err = run.process.stdout.read(), run.process.stderr.read()
        _, status, used = os.wait4(run.process.pid, 0)
        run.process.returncode = os.waitstatus_to_exitcode(status)
    assert (run.process.returncode, err) == (1, "")
    result = json.loads(out.splitlines()[-1])
    assert result["counts"]["records"]["looked_at"] == 3
    assert result["counts"]["records"]["text_bytes"] == len(long.encode()) + len("beforeafter")
    assert used.ru_maxrss < 1_500_000  # kB; measured 775,000


def test_paths_that_lead_nowhere_are_told_all_at_once_before_anything_is_begun(tmp_path: Path) -> None:
    paths = "paths: [corpus/en, corpus/no.jsonl, 'corpus/no/*.jsonl', nowhere]\n"
    run_yaml = write_run(tmp_path, {"en": paths}, GOOD)
    run_yaml.write_text(run_yaml.read_text().replace("corpus: [corpus]", "corpus: [corpus, lost]"))
    done = here("run", run_yaml)
    assert done.code == 2
    told = done.err.removeprefix("corpusledger: ").splitlines()
    place, advice = (
        f"{tmp_path}/sources/en.yaml:2: paths: no file or folder",
        f"correct the path (it starts from '{tmp_path}')",
    )
    assert told == [
        f"{run_yaml}:3: corpus: no file or folder 'lost'; {advice}",
        *(f"{place} '{path}'; {advice}" for path in ("corpus/no.jsonl", "corpus/no/*.jsonl", "nowhere")),
    ]
    assert not (tmp_path / "ledger").exists()
    done = here("run", tmp_path / "no.yaml")
    assert (done.code, done.err) == (
        2,
        f"corpusledger: {tmp_path}/no.yaml: no such file; write it: see docs/configuration.md\n",
    )


def test_a_glob_without_a_match_is_told(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, {"en": "paths: ['corpus/en/*.parquet']\n"}, GOOD)
    done = here("run", run_yaml)
    glob = f"{tmp_path}/corpus/en/*.parquet"
    told = f"{tmp_path}/sources/en.yaml:1: paths: {glob}: no file is there; correct the path, or take it out\n"
    assert (done.code, done.err) == (2, f"corpusledger: {told}")
    assert not (tmp_path / "ledger").exists()


def test_a_folder_that_may_not_be_read_stops_the_run_and_what_was_sealed_stays(open_folder: Path) -> None:
    run_yaml = write_run(open_folder, SOURCES, GOOD)
    first = here("run", run_yaml, "--json").result["run"]
    locked = open_folder / "corpus" / "en" / "locked"
    locked.mkdir(mode=0)
    try:
        loaded = load(run_yaml)
        with nobody(), pytest.raises(pipelines.listing.ConfigError) as told:
            listed(loaded, Earlier(), 0)
        assert told.value.problems == (
            f"{run_yaml}: corpus: {locked}: the folder cannot be read (Permission denied); grant access, or leave it out",
            f"{open_folder}/sources/en.yaml:1: paths: {locked}: the folder cannot be read (Permission denied); grant access, or leave it out",
        )
    finally:
        locked.chmod(0o755)
    assert sealed(open_folder) == [first]


def test_a_folder_that_may_not_be_read_leaves_no_ledger(open_folder: Path) -> None:
    run_yaml = write_run(open_folder, SOURCES, GOOD)
    open_folder.chmod(0o777)
    here("plan", run_yaml)  # imports what only root may read in some homes
    locked = open_folder / "corpus" / "locked"
    locked.mkdir(mode=0)
    try:
        with nobody():
            done = here("run", run_yaml)
    finally:
        locked.chmod(0o755)
    assert done.code == 2
    assert "the folder cannot be read (Permission denied); grant access, or leave it out" in done.err
    assert not (open_folder / "ledger").exists()


def test_a_file_that_may_not_be_read_is_unreadable_and_named(open_folder: Path) -> None:
    run_yaml = write_run(open_folder, SOURCES, GOOD)
    (open_folder / "corpus" / "en" / "a.jsonl").chmod(0)
    loaded = load(run_yaml)
    with nobody():
        (file,) = listed(loaded, Earlier(), 0)
    assert file.problem == "corpus/en/a.jsonl: cannot be opened (Permission denied); check that it may be read"


def test_every_mistake_in_the_registry_is_told_at_once_before_anything_is_begun(tmp_path: Path) -> None:
    wrong = {
        "a": "paths: [corpus/en]\nlicens: MIT\n",
        "b": "paths: corpus/en\nclass: 7\n",
        "c": "paths: [corpus/en]\nreview: {decision: approved, by: x, on: 2020-01-01, expires: 2020-06-01}\n",
        "d": "paths: [corpus/en]\n",
    }
    run_yaml = write_run(tmp_path, wrong, GOOD)
    (tmp_path / "sources" / "e.yaml").write_text("id: d\npaths: [corpus/en]\n")
    done = here("run", run_yaml)
    assert done.code == 2
    told = done.err.removeprefix("corpusledger: ").splitlines()
    sources = tmp_path / "sources"
    assert sorted(told)[:-2] == [
        f"{sources}/a.yaml:3: source has no key 'licens'; did you mean 'licence'?",
        f"{sources}/b.yaml:2: source.paths is a list, got the text 'corpus/en'; write ['corpus/en'] or '- ' lines",
        f"{sources}/b.yaml:3: source.class is text, got the whole number 7; put it in quotes",
    ]
    assert sorted(told)[-2].startswith(f"{sources}/c.yaml:3: the review of 'c' expired on 2020-06-01, before ")
    assert (
        sorted(told)[-1]
        == f"{sources}/e.yaml:1: the source 'd' is also declared at {sources}/d.yaml:1; rename one of them"
    )
    assert not (tmp_path / "ledger").exists()


def test_two_sources_that_claim_one_file_stop_the_run_before_anything_is_begun(tmp_path: Path) -> None:
    run_yaml = write_run(tmp_path, SOURCES | {"more": "paths: [corpus/en/a.jsonl]\n"}, GOOD)
    done = here("run", run_yaml)
    sources = tmp_path / "sources"
    assert (done.code, done.err) == (
        2,
        f"corpusledger: {sources}/en.yaml:1: the sources 'en' ({sources}/en.yaml:1) and 'more' ({sources}/more.yaml:1) claim the "
        "same file 'corpus/en/a.jsonl'; narrow the paths of one of them\n",
    )
    assert not (tmp_path / "ledger").exists()
    (sources / "more.yaml").unlink()
    first = here("run", run_yaml, "--json").result["run"]
    (sources / "more.yaml").write_text("id: more\npaths: [corpus/en/a.jsonl]\n")
    assert here("run", run_yaml).code == 2
    assert sealed(tmp_path) == [first]
    assert list((tmp_path / "ledger" / "work").iterdir()) == []


def test_a_shard_that_changes_while_it_is_read_is_named_and_a_rerun_succeeds(tmp_path: Path, monkeypatch) -> None:
    files = {f"en/{n}.jsonl": lines({"text": f"File {n}"}) for n in "abc"}
    run_yaml = write_run(tmp_path, SOURCES, files, "plan: {pack_files: 1}\n")
    age(tmp_path)
    growing = tmp_path / "corpus" / "en" / "b.jsonl"
    real, read = pipelines.unit.read_blocks, Counter[str]()

    def grows(shard, *rest):
        read[Path(shard.name).name] += 1
        if shard.name == str(growing) and read["b.jsonl"] == 1:
            with growing.open("ab") as file:
                file.write(lines({"text": "written while it was read"}))
        yield from real(shard, *rest)

    monkeypatch.setattr(pipelines.unit, "read_blocks", grows)
    first = here("run", run_yaml)
    assert (first.code, first.err) == (
        3,
        "corpusledger: corpus/en/b.jsonl: changed while read\n1 shard(s) changed while read; nothing of them was taken; stop "
        "their writer and run again\n",
    )
    (run,) = (p.name for p in (tmp_path / "ledger" / "work").iterdir())
    again = here("run", run_yaml, "--json").result
    assert again["run"] == run
    assert again["counts"]["records"]["looked_at"] == 4
    assert read == {"a.jsonl": 1, "b.jsonl": 2, "c.jsonl": 1}  # what was finished was kept
    assert sealed(tmp_path) == [run]
