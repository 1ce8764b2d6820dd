"""run.yaml, registry and policies together: every mistake of every file at once, each with its line and a way out."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pytest

from checks.base import Check, Measure, Measures, Seen, Tally
from pipelines.claims import claim_conflicts
from pipelines.config import Loaded, load_run, load_sources
from schemas.errors import ConfigError, Where

TODAY = "2026-11-21"


@dataclass(frozen=True)
class Length(Check):
    """A check with one setting of each type that YAML can give."""

    name: ClassVar[str] = "length"
    version: ClassVar[int] = 1
    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("records", "records", "all"),
        Measure("short_ppm", "ppm", "short ones"),
    )
    tally_bytes: ClassVar[int] = 100

    shortest: int = 20
    strict: bool = False
    mode: str = "plain"
    allowed: tuple[str, ...] = ("MIT",)

    def __post_init__(self) -> None:
        if self.shortest < 0:
            msg = f"shortest is not negative, got {self.shortest}"
            raise ValueError(msg)

    def zero(self) -> Tally:
        return {}

    def look(self, batch: pa.RecordBatch) -> Seen:
        return Seen({"n": batch.num_rows})

    def report(self, total: Tally) -> Measures:
        return {"records": total.get("n", 0), "short_ppm": None}


KNOWN: dict[str, type[Check]] = {"length": Length}
POLICY = "policy: house\nversion: '1'\n"
RUN = (
    "provider: {name: {zh: 示例, en: Example}}\nmodel: {name: demo-7B, stage: pre-training}\ncorpus: [corpus]\nsources: [sources/*.yaml]\n"
    "ledger: ledger\npolicies: [house.yaml]\n"
)
WEB = "id: web\npaths: [corpus/web]\nlicence: CC-BY-4.0\nreview: {decision: approved, by: li, on: 2026-11-01, expires: 2026-11-21}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus" / "web").mkdir(parents=True)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "web.yaml").write_text(WEB)
    (tmp_path / "house.yaml").write_text(POLICY)
    (tmp_path / "run.yaml").write_text(RUN)
    return tmp_path


def load(folder: Path, run: str | None = None, **sources: str) -> Loaded:
    if run is not None:
        (folder / "run.yaml").write_text(run)
    for name, text in sources.items():
        (folder / "sources" / f"{name}.yaml").write_text(text)
    return load_run(folder / "run.yaml", KNOWN, TODAY)


def problems(folder: Path, run: str | None = None, **sources: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, run, **sources)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_a_good_configuration(folder: Path) -> None:
    loaded = load(folder, RUN + "checks: {length: {shortest: 3, allowed: [MIT, CC0-1.0]}}\nrunner: flink\n")
    assert [source.id for source in loaded.sources] == ["web"]
    assert loaded.places["web"] == Where(str(folder / "sources" / "web.yaml"), line=1)
    assert loaded.checks == (Length(shortest=3, allowed=("MIT", "CC0-1.0")),)
    assert loaded.as_of == TODAY
    assert loaded.run.plan.range_bytes == 256 << 20
    assert loaded.run.runner.name == "flink"
    assert loaded.resolve("corpus") == str(folder / "corpus")
    assert loaded.resolve("s3://bucket/corpus") == "s3://bucket/corpus"


def test_every_mistake_of_every_file_at_once(folder: Path) -> None:
    (folder / "house.yaml").write_text("policy: house\nversoin: '1'\n")
    found = problems(
        folder, RUN.replace("corpus: [corpus]", "corpus: [corpsu]\ncompare: [x]") + "checks: {lenght: {}, length: {shortset: 3}}\n",
        bad="id: bad\npaths: [corpus/nothing]\nlicens: MIT\n",
    )  # fmt: skip
    assert found == [
        "run.yaml:8: checks: no check 'lenght'; did you mean 'length'?",
        "run.yaml:8: checks.length has no key 'shortset'; did you mean 'shortest'?",
        "run.yaml:4: run has no key 'compare'; did you mean 'compare_with'?",
        f"run.yaml:3: corpus: no file or folder 'corpsu'; correct the path (it starts from '{folder}')",
        "sources/bad.yaml:3: source has no key 'licens'; did you mean 'licence'?",
        "house.yaml:2: policy has no key 'versoin'; did you mean 'version'?",
        "house.yaml:1: policy lacks the key 'version'; add it",
    ]


def test_a_missing_run_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.yaml: no such file; write it"):
        load_run(tmp_path / "run.yaml", KNOWN, TODAY)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "sources/x.yaml: the file is empty; write it, or take its name out of the list"),
        (WEB, "sources/x.yaml:1: the source 'web' is also declared at sources/web.yaml:1; rename one of them"),
        (WEB.replace("id: web", "id: unregistered"), "sources/x.yaml:1: id: the id 'unregistered' is reserved; choose another"),
        (WEB.replace("id: web", "id: run"), "sources/x.yaml:1: id: the id 'run' is reserved; choose another"),
        (WEB.replace("id: web", "id: a b"), "sources/x.yaml:1: source.id is an id of letters, digits"),
        (WEB.replace("2026-11-21", "2026-11-20").replace("web", "x", 1),
         "sources/x.yaml:4: the review of 'x' expired on 2026-11-20, before 2026-11-21; review the source again"),
        (WEB.replace("expires: 2026-11-21", "expires: soon"), "sources/x.yaml:4: source.review.expires is a date such as 2026-11-21, got 'soon'"),
        ("id: x\npaths: [corpus/gone/*.jsonl]\n", "sources/x.yaml:2: paths: no file or folder 'corpus/gone/*.jsonl'; correct the path"),
        ("id: x\npaths: [../../etc]\n", "sources/x.yaml:2: paths: '../../etc' climbs out of every corpus root; add its folder to `corpus`"),
        ("id: x\npaths: [s4://b/c]\n", "sources/x.yaml:2: paths: 's4' is no store that is read here; use a local path, s3://"),
        ("id: x\npaths: []\n", "sources/x.yaml:2: source.paths is at least 1 entries, got 0"),
        ("id: x\npaths: [corpus/web]\nlicence_evidence: ../run.yaml\n", "sources/x.yaml:3: licence_evidence: '../run.yaml' lies outside the registry"),
        ("id: x\npaths: [corpus/web]\nlabelling_rules: rules.pdf\n", "sources/x.yaml:3: labelling_rules: no file 'rules.pdf' beside the YAML"),
        ("id: x\npaths: [corpus/web]\nformat: warc\nlayout: alpaca\n", "sources/x.yaml:4: layout: 'alpaca' is for jsonl"),
        ("id: x\npaths: [corpus/web]\nformat: jsonl\nrecord: line\n", "sources/x.yaml:4: record: 'line' is for text"),
        ("id: x\npaths: [corpus/web]\ncollected_from: 2026-02-01\ncollected_until: 2026-01-01\n", "sources/x.yaml:4: collected_until: lies before"),
        ("id: x\npaths:\n\t- a\n", "sources/x.yaml:3: a tab indents this line; YAML takes spaces only"),
    ],
)  # fmt: skip
def test_a_bad_source(folder: Path, source: str, problem: str) -> None:
    found = problems(folder, x=source)
    assert len(found) == 1
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        (RUN.replace("sources/*.yaml", "registry/*.yaml"), "run.yaml:4: sources: no file matches 'registry/*.yaml'"),
        (RUN.replace("ledger: ledger", "ledger: corpus/ledger"), "run.yaml:5: ledger: 'corpus/ledger' lies inside the corpus 'corpus'"),
        (RUN.replace("house.yaml", "cn-genia"), "run.yaml:6: no built-in policy 'cn-genia'; "),
        (RUN.replace("house.yaml", "gone.yaml"), "run.yaml:6: no policy file '"),
        (RUN.replace("pre-training", "pretraining"), "run.yaml:2: run.model.stage has no value 'pretraining'; did you mean 'pre-training'?"),
        (RUN + "checks: {length: {shortest: -1}}\n", "run.yaml:7: checks.length: shortest is not negative, got -1"),
        (RUN + "checks: {length: {shortest: long}}\n", "run.yaml:7: checks.length.shortest is a whole number, got the text 'long'"),
        (RUN + "checks: [length]\n", "run.yaml:7: checks is a mapping of check names, got a list"),
        (RUN + "as_of: yesterday\n", "run.yaml:7: run.as_of is a date such as 2026-11-21, got 'yesterday'"),
        (RUN + "answers: {who: {answer: yes, by: li, on: 2026-11-01}}\n", "run.yaml:7: answers: no question 'who'; none is known here"),
        (RUN + "plan: {range_bytes: 0}\n", "run.yaml:7: run.plan.range_bytes is at least 1, got 0"),
        (RUN + "lists: {tombstones: r.txt}\n", "run.yaml:7: lists.tombstones: no file 'r.txt'"),
    ],
)  # fmt: skip
def test_a_bad_run(folder: Path, run: str, problem: str) -> None:
    found = problems(folder, run)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_key_is_never_repeated(folder: Path) -> None:
    secret = "ab" * 32
    found = problems(folder, RUN + f"keys: {{hmac: {secret}}}\n")
    assert found == [
        "run.yaml:7: keys.hmac: names no file; write the path of a file that holds the key, never the key itself"
    ]
    password = "pass-word"
    found = problems(folder, RUN.replace("ledger: ledger", f"ledger: s3://user:{password}@bucket/x"))
    assert password not in " ".join(found)
    assert found[0].startswith("run.yaml:5: ledger: a s3 URI holds a user name or password")


def test_paths_may_leave_the_folder_for_a_corpus_root(folder: Path) -> None:
    (folder / "job").mkdir()
    (folder / "job" / "sources").mkdir()
    (folder / "job" / "sources" / "web.yaml").write_text(WEB.replace("corpus/web", "../corpus/web"))
    (folder / "job" / "house.yaml").write_text(POLICY)
    (folder / "job" / "run.yaml").write_text(RUN.replace("[corpus]", "[../corpus]"))
    loaded = load_run(folder / "job" / "run.yaml", KNOWN, TODAY)
    assert loaded.resolve(loaded.sources[0].paths[0]) == str(folder / "corpus" / "web")


def test_a_check_can_be_off(folder: Path) -> None:
    assert load(folder, RUN + "checks: {length: off}\n").checks == ()


def test_as_of_decides_what_has_expired(folder: Path) -> None:
    assert load(folder, RUN + "as_of: 2026-11-02\n").as_of == "2026-11-02"
    assert problems(folder, RUN + "as_of: 2026-11-22\n") == [
        "sources/web.yaml:4: the review of 'web' expired on 2026-11-21, before 2026-11-22; review the source again"
    ]


def test_the_digest_holds_what_results_follow_from(folder: Path) -> None:
    first = load(folder, RUN).digest()
    assert load(folder, RUN + "runner: {name: flink, workers: 9}\n").digest() == first
    assert load(folder, RUN.replace("ledger: ledger", "ledger: other")).digest() == first
    others = {
        load(folder, RUN + "checks: {length: {shortest: 3}}\n").digest(),
        load(folder, RUN + "plan: {range_bytes: 9}\n").digest(),
        load(folder, RUN, web=WEB.replace("CC-BY-4.0", "MIT")).digest(),
    }
    assert len(others | {first}) == 4


def test_the_registry_alone(folder: Path) -> None:
    assert [source.id for source, _ in load_sources(("sources",), folder, TODAY)] == ["web"]
    with pytest.raises(ConfigError, match="no file matches"):
        load_sources(("s3://bucket/*.yaml",), folder, TODAY)


def test_claim_conflicts_name_both_places_once() -> None:
    places = {"a": Where("sources/a.yaml", line=1), "b": Where("sources/b.yaml", line=3)}
    claims = [(f"corpus/{i}.jsonl", source) for i in range(1000) for source in ("a", "b")] + [("corpus/x", "a")]
    assert claim_conflicts(claims, places) == [
        "sources/a.yaml:1: the sources 'a' (sources/a.yaml:1) and 'b' (sources/b.yaml:3) claim the same file 'corpus/0.jsonl' "
        "and 999 more; narrow the paths of one of them"
    ]
    assert claim_conflicts([("x", "a"), ("y", "b"), ("x", "a")], places) == []
