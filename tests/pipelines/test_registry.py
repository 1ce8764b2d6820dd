"""The registry's commands: add never overwrites and states what is missing, check names it, papers are held to their digests."""

import json
from pathlib import Path

import pytest
import yaml

from manifests.manifest import registry_of
from pipelines.config import load_sources
from pipelines.registry_written import written
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.source import CLASSES
from schemas.source_proofs import NEEDS
from schemas.yaml_places import read_yaml
from tests.kit.command import here

TODAY = "2026-10-01"
PAPER = "the licence\n"
DIGEST = sha256_hex(PAPER.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "sources" / "evidence").mkdir(parents=True)
    (tmp_path / "sources" / "evidence" / "licence.txt").write_text(PAPER)
    (tmp_path / "run.yaml").write_text("")
    return tmp_path


def load(folder: Path, text: str):
    (folder / "sources" / "x.yaml").write_text("id: x\npaths: [corpus]\n" + text)
    ((source, _),) = load_sources(("sources/*.yaml",), folder, TODAY)
    return source


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text)
    return [problem.replace(f"{folder}/sources/", "") for problem in caught.value.problems]


def test_flat_keys_and_mappings_say_the_same(folder: Path) -> None:
    flat = load(
        folder,
        "licence_evidence: evidence/licence.txt\norigin: foreign\ncontract: evidence/licence.txt\ngenerator: m 1\npublic_data: open\n",
    )
    nested = load(
        folder,
        "licence_evidence: {file: evidence/licence.txt}\norigin: {value: foreign}\ncontract: {file: evidence/licence.txt}\n"
        "generator: {model: m 1}\npublic_data: {terms: open}\n",
    )
    assert flat == nested
    assert flat.facts(TODAY)["origin"] == "foreign"


def test_the_digest_of_every_local_paper_is_in_the_manifest(folder: Path) -> None:
    text = (
        "class: commercial\nlicence_files:\n  - evidence/licence.txt\n  - https://example.org/terms\n"
        "contract: {id: C-1, file: evidence/licence.txt, warranty: evidence/licence.txt, uses: [train], territory: [CN]}\n"
        "acquisition: {records: [evidence/licence.txt]}\n"
    )
    (entry,) = registry_of([load(folder, text)], TODAY).sources
    declared = entry.declared
    assert declared["licence_files"] == [
        {"file": "evidence/licence.txt", "sha256": DIGEST},
        {"file": "https://example.org/terms"},
    ]
    assert declared["contract"]["sha256"] == declared["contract"]["warranty"]["sha256"] == DIGEST
    assert declared["acquisition"]["records"][0]["sha256"] == DIGEST
    assert entry.proofs_missing == ()
    (folder / "sources" / "evidence" / "licence.txt").write_text("another\n")
    assert (
        registry_of([load(folder, text)], TODAY).digest
        != registry_of([load(folder, "class: commercial\n")], TODAY).digest
    )
    assert registry_of([load(folder, text)], TODAY).sources[0].digest != entry.digest


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("origin: foriegn\n", "x.yaml:3: source.origin.value has no value 'foriegn'; did you mean 'foreign'?"),
        ("origin:\n  value: foreign\n  onn: 2026-01-01\n", "x.yaml:5: source.origin has no key 'onn'; did you mean 'on'?"),
        ("classification: secret\n", "x.yaml:3: source.classification.grade has no value 'secret'; "),
        ("classification: core\n", "x.yaml:3: classification: 'core' is somebody's decision; give `by` and `on`"),
        ("contract: {party: X}\n", "x.yaml:3: contract: names neither a file nor an id"),
        ("contract: {id: C, from: 2026-02-01, until: 2026-01-01}\n", "x.yaml:3: contract: until 2026-01-01 lies before from 2026-02-01"),
        ("contract:\n  id: C\n  warranty: evidence/none.txt\n", "x.yaml:5: contract.warranty: no file 'evidence/none.txt' beside the YAML"),
        ("licence_files:\n  - evidence/licence.txt\n  - ../run.yaml\n", "x.yaml:5: licence_files[1]: '../run.yaml' lies outside the registry's folder"),
        (f"licence_evidence:\n  file: evidence/licence.txt\n  sha256: {'0' * 64}\n",
         f"x.yaml:5: licence_evidence: 'evidence/licence.txt' has the sha256 {DIGEST}, not the one written here"),
        ("licence_evidence: {file: evidence/licence.txt, sha256: abc}\n", "x.yaml:3: source.licence_evidence.sha256 is a sha256 of 64 hexadecimal digits"),
        ("reviews:\n  - {decision: approved, by: li, on: 2026-01-01, expires: 2026-09-30}\n", "x.yaml:4: the review of 'x' expired on 2026-09-30"),
        ("reviews: [{decision: approved, by: li, on: 2026-01-01, uses: [trian]}]\n", "x.yaml:3: source.reviews[0].uses[0] has no value 'trian'; did you mean 'train'?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(folder: Path, text: str, problem: str) -> None:
    (found,) = problems(folder, text)
    assert found.startswith(problem)


def test_an_expired_review_that_a_newer_one_follows_is_no_mistake(folder: Path) -> None:
    text = "review: {decision: approved, by: li, on: 2026-01-01, expires: 2026-09-30}\nreviews: [{decision: pending, by: li, on: 2026-09-01}]\n"
    assert load(folder, text).facts(TODAY)["review"] == "pending"


@pytest.mark.parametrize("kind", CLASSES)
def test_what_add_writes_loads_and_declares_no_more_than_was_given(folder: Path, kind: str) -> None:
    text = written({"id": "x", "paths": ["corpus"], "class": kind}, TODAY)
    assert yaml.safe_load(text) == {"id": "x", "paths": ["corpus"], "class": kind}
    for need in NEEDS[kind]:
        if need.proof.code not in ("contract-expired", "contract-not-begun"):
            assert need.proof.says.zh in text and need.proof.says.en in text
            assert need.proof.keys[0].split(".")[0] in text


@pytest.mark.parametrize("kind", CLASSES)
def test_with_every_remark_sign_taken_away_it_is_yaml_that_declares_nothing_more_by_itself(kind: str) -> None:
    text = written({"id": "x", "paths": ["corpus"], "class": kind}, TODAY)
    kept = [line for line in text.splitlines() if not line.startswith("#  ") or ":" in line]
    bare = "\n".join(
        line.removeprefix("# ") for line in kept if not line.startswith(("# A ", "# the same", "# MISSING", "# Not"))
    )
    found: list[str] = []
    placed = read_yaml(bare.encode(), "x.yaml", found)
    assert placed is not None, found

    def empty(value: object) -> bool:
        if isinstance(value, dict):
            return all(empty(one) for one in value.values())
        return value in (None, [], "")

    more = {key: value for key, value in yaml.safe_load(bare).items() if key not in ("id", "paths", "class")}
    assert more and all(empty(value) for value in more.values()), more


def test_add_writes_over_nothing(folder: Path) -> None:
    file = folder / "sources" / "y.yaml"
    done = here("source", "add", file, "--id", "y", "--path", "corpus", "--class", "own-production")
    assert done.code == 0, done.err
    before = file.read_text()
    again = here("source", "add", file, "--id", "z", "--path", "corpus")
    assert again.code == 2 and "exists already" in again.err
    assert file.read_text() == before


def test_add_refuses_what_is_no_source(folder: Path) -> None:
    file = folder / "sources" / "y.yaml"
    done = here("source", "add", file, "--id", "y", "--path", "s4://x", "--collected-from", "soon")
    assert done.code == 2 and "collected_from is a date" in done.err
    assert not file.exists()


def test_candidates_need_no_files_and_corpus_roots_are_those_of_run_yaml(folder: Path, tmp_path: Path) -> None:
    (folder / "sources" / "x.yaml").write_text("id: x\npaths: [corpus/to-come]\nclass: own-production\n")
    assert here("source", "check", folder / "sources").code == 2
    assert here("source", "check", folder / "sources", "--candidates").code == 0
    assert here("source", "show", folder / "sources", "x").code == 0
    job = tmp_path / "job"
    (job / "sources").mkdir(parents=True)
    (job / "sources" / "x.yaml").write_text("id: x\npaths: [../corpus]\n")
    assert "climbs out of every corpus root" in here("source", "check", job / "sources").err
    (job / "run.yaml").write_text("corpus: [../corpus]\n")
    assert here("source", "check", job / "sources").code == 0


def test_check_and_show_name_what_is_missing_in_both_languages(folder: Path) -> None:
    load(folder, "class: own-production\n")
    done = here("source", "check", folder / "sources", "--as-of", TODAY)
    assert done.code == 0
    assert (
        f"{folder}/sources/x.yaml:1: the source 'x' (own-production) lacks: the declaration of ownership; give ownership"
        in done.out
    )
    assert "缺少：自行生产的权属声明" in done.out
    assert here("source", "check", folder / "sources", "--strict", "--language", "en").code == 1
    told = here("source", "check", folder / "sources", "--json").result
    assert [one["proof"] for one in told["sources"][0]["missing"]] == ["ownership"]
    shown = here("source", "show", folder / "sources", "x", "--json").result
    assert shown["proofs"] == "incomplete" and shown["declared"]["class"] == "own-production"
    assert here("source", "show", folder / "sources", "x").out.startswith("id: x\n")
    assert here("source", "show", folder / "sources", "nobody").code == 2
    load(folder, "class: own-production\nownership: evidence/licence.txt\n")
    assert here("source", "check", folder / "sources", "--strict").code == 0
    assert json.loads(here("source", "check", folder / "sources", "--json").out)["incomplete"] == 0
