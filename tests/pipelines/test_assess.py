"""`source assess`: the real scan over a sample, sealed before the collection, and what a later run makes of it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import pipelines.assess
from manifests.assessments import assessments_of, load_assessment, record_assessment, standing_of
from manifests.ledger import open_ledger
from manifests.runs import load_manifest, sealed_run
from pipelines.assess import plan_of
from schemas.errors import ConfigError
from tests.kit.command import here, lines, write_run

WEB = "paths: [corpus/web]\nclass: own-production\ncollected_from: {}\nformat: jsonl\n"
ROWS = lines(
    *({"text": f"第{i}条：今天天气很好，适合出门走走，看看远处的山和近处的水。Number {i}."} for i in range(8)),
    {"no": "text"},
)


def candidate(folder: Path, collected_from: str) -> Path:
    run = write_run(folder, {"web": WEB.format(collected_from)}, {})
    (folder / "sample").mkdir()
    (folder / "sample" / "b.jsonl").write_bytes(ROWS)
    (folder / "sample" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    return run


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    folder = tmp_path_factory.mktemp("assess")
    run = candidate(folder, "2999-01-01")
    assert not (folder / "corpus").exists()  # nothing is collected yet
    done = here("source", "assess", folder / "sample", "--source", "web", "--reviewer", "Li", "--run", run, "--json")
    assert done.code == 0, done.err
    return folder, done.result


def test_what_the_checks_measured_is_sealed_with_sample_time_and_reviewer(assessed: tuple[Path, dict]) -> None:
    folder, told = assessed
    store = open_ledger(str(folder / "ledger")).store
    (recorded,) = assessments_of(store, "web")
    found = load_assessment(store, recorded)
    assert (found.reviewer, found.sample.files, found.sample.files_not_looked_at) == ("Li", 2, 1)
    assert (found.sample.read, found.sample.looked_at, found.sample.unread) == (9, 8, 1)
    assert found.sample.bytes == len(ROWS) + 48
    assert found.measures["records"]["records_looked_at"] == 8
    assert found.measures["language"]["zh_hans_records"] == 8
    assert told["sha256"] == recorded.sha256 and told["timing"] == "before"
    assert told["signed"] is False


def test_what_no_check_measures_is_not_measured_and_not_zero(assessed: tuple[Path, dict]) -> None:
    _, told = assessed
    assert told["unlawful_ppm"] is None
    assert told["before_collection"]["state"] == "insufficient_evidence"
    assert told["before_collection"]["ppm"] is None
    assert "not measured" in told["before_collection"]["reason"]["en"]


def test_a_later_run_names_it_in_its_manifest(assessed: tuple[Path, dict]) -> None:
    folder, told = assessed
    (folder / "corpus" / "web").mkdir(parents=True, exist_ok=True)
    (folder / "corpus" / "web" / "a.jsonl").write_bytes(ROWS)
    done = here("run", folder / "run.yaml", "--json")
    assert done.code == 1, done.err
    store = open_ledger(str(folder / "ledger")).store
    (entry,) = load_manifest(store, sealed_run(store, done.result["run"])).registry.sources
    assert entry.assessment is not None
    assert (entry.assessment.sha256, entry.assessment.timing) == (told["sha256"], "before")
    assert entry.proofs_missing == ("ownership",)
    text = json.dumps(done.result["gate"], ensure_ascii=False)
    assert "missing: the declaration of ownership" in text and "缺少：自行生产的权属声明" in text
    shown = here("source", "show", folder / "sources", "web", "--ledger", folder / "ledger", "--json").result
    assert [one["timing"] for one in shown["assessments"]] == ["before"]
    assert here("verify", folder / "ledger").code == 0
    assert _rule(done.result["gate"]) == ("insufficient_evidence", "warn", None)
    # The gate held again asks the log as it is then.
    (recorded,) = assessments_of(store, "web")
    found = load_assessment(store, recorded)
    record_assessment(
        open_ledger(str(folder / "ledger")), replace(found, assessed="2998-01-01T00:00:00Z", unlawful_ppm=60_000), None
    )
    again = here("gate", done.result["run"], "--config", folder / "run.yaml", "--json")
    assert (again.code, _rule(again.result)) == (1, ("not_met", "block", 60_000))


def _rule(gate: dict) -> tuple[str, str, int | None]:
    (found,) = [one for one in gate["outcomes"] if one["rule"] == "CN-SRC-010"]
    return found["state"], found["effect"], found["observed"]


@pytest.fixture
def scanned_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample's run is the same command in this process; that it is one of its own is seen where `assessed` is made."""

    def run(command: list[str], *, capture_output: bool, text: bool, check: bool) -> subprocess.CompletedProcess[str]:
        assert command[:3] == [sys.executable, "-m", "pipelines.cli"] and capture_output and text and not check
        done = here(*command[3:])
        return subprocess.CompletedProcess(command, done.code, done.out, done.err)

    monkeypatch.setattr(pipelines.assess.subprocess, "run", run)


@pytest.mark.usefixtures("scanned_here")
def test_the_sample_is_named_by_its_bytes_wherever_it_lies(assessed: tuple[Path, dict], tmp_path: Path) -> None:
    _, told = assessed
    run = candidate(tmp_path, "2020-01-01")
    (tmp_path / "sample" / "b.jsonl").rename(tmp_path / "sample" / "z.jsonl")
    done = here("source", "assess", tmp_path / "sample", "--source", "web", "--reviewer", "Li", "--run", run)
    assert done.code == 0, done.err
    assert told["sample"]["sha256"] in done.out
    assert "it was assessed after its collection began" in done.out and "评估晚于采集开始" in done.out


@pytest.mark.usefixtures("scanned_here")
def test_a_sample_of_which_nothing_can_be_looked_at_seals_nothing(tmp_path: Path) -> None:
    run = candidate(tmp_path, "2999-01-01")
    (tmp_path / "sample" / "b.jsonl").write_bytes(b"{}\n")
    done = here("source", "assess", tmp_path / "sample", "--source", "web", "--reviewer", "Li", "--run", run)
    assert done.code == 3 and "no record of the sample could be looked at" in done.err
    assert assessments_of(open_ledger(str(tmp_path / "ledger")).store) == ()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--source", "wbe"], "no source 'wbe' in the registry; known: web"),
        (["--source", "web", "--sample", "gone"], "no such file or folder"),
        (["--source", "web", "--reviewer", " "], "--reviewer: is empty"),
        (["--source", "web", "--read", "8"], "one says nothing without the other"),
        (["--source", "web", "--read", "8", "--unlawful", "9"], "9 of 8 records read cannot be"),
    ],
)
def test_a_slip_is_told_before_anything_is_scanned(tmp_path: Path, words: list[str], problem: str) -> None:
    run = candidate(tmp_path, "2999-01-01")
    given = dict(zip(words[::2], words[1::2], strict=True))
    sample = tmp_path / given.pop("--sample", "sample")
    given.setdefault("--reviewer", "Li")
    done = here("source", "assess", sample, "--run", run, *(part for pair in given.items() for part in pair))
    assert done.code == 2 and problem in done.err
    assert not (tmp_path / "ledger").exists()


def test_without_run_yaml_registry_and_ledger_must_be_named(tmp_path: Path) -> None:
    candidate(tmp_path, "2999-01-01")
    with pytest.raises(ConfigError, match="--registry and --ledger"):
        plan_of("web", None, tmp_path / "sources", None, None)
    plan = plan_of("web", None, tmp_path / "sources", str(tmp_path / "ledger"), None)
    assert (plan.source.id, plan.sign, plan.checks) == ("web", None, {})


def test_settings_of_checks_and_the_key_come_from_run_yaml(tmp_path: Path) -> None:
    run = candidate(tmp_path, "2999-01-01")
    text = (
        run.read_text() + "keys: {sign: keys/sign.pem}\nchecks: {quality: off, personal: {recognizers: [own.yaml]}}\n"
    )
    run.write_text(text)
    plan = plan_of("web", run, None, None, None)
    assert plan.sign == tmp_path / "keys" / "sign.pem"
    assert plan.checks == {"quality": False, "personal": {"recognizers": [str(tmp_path / "own.yaml")]}}
    assert plan.ledger == str(tmp_path / "ledger")


def test_what_people_found_in_the_sample_is_the_figure_before_collection(tmp_path: Path) -> None:
    run = candidate(tmp_path, "2999-01-01")
    asked = ("source", "assess", tmp_path / "sample", "--source", "web", "--reviewer", "Li", "--run", run)
    done = here(*asked, "--read", "8", "--unlawful", "1", "--json")
    assert done.result["judged"] == {
        "read": 8,
        "unlawful": 1,
        "upper_ppm": 470_680,
    }  # q = 1 - p: q^8 + 8 p q^7 = .05, rounded up
    assert done.result["before_collection"] == {
        "state": "measured", "ppm": 125_000, "reason": done.result["before_collection"]["reason"]
    }  # fmt: skip
    too_many = here(*asked, "--read", "9", "--unlawful", "0")
    assert too_many.code == 2 and "the sample has 8 that can be looked at" in too_many.err
    store = open_ledger(str(tmp_path / "ledger")).store
    (recorded,) = assessments_of(store, "web")
    assert standing_of(store, {"web": "2999-01-01"}) == {"web": ("before", 125_000)}
    assert load_assessment(store, recorded).judged is not None
