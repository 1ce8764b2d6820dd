"""The customer's own recognizers, named in run.yaml: read once, carried in the settings, told with their lines."""

import json
from pathlib import Path

import pytest

from checks import BY_NAME
from checks.personal import Personal
from pipelines.config import load_run
from schemas.errors import ConfigError

OWN = """recognizers: ours
version: "1"
entities:
  - {id: staff_id, entity: STAFF_ID, expressions: ['EMP-[0-9]{6}'], score_ppm: 500000}
"""


RUN = (
    "provider: {name: {zh: 示例, en: Example}}\nmodel: {name: demo-7B, stage: pre-training}\ncorpus: [corpus]\n"
    "sources: [sources/*.yaml]\nledger: ledger\nchecks:\n  personal:\n    recognizers: "
)
WEB = "id: web\npaths: [corpus/web]\nlicence: CC-BY-4.0\nreview: {decision: approved, by: li, on: 2026-11-01, expires: 2027-11-21}\n"


def run_file(tmp_path: Path, names: str) -> Path:
    (tmp_path / "corpus" / "web").mkdir(parents=True, exist_ok=True)
    (tmp_path / "sources").mkdir(exist_ok=True)
    (tmp_path / "sources" / "web.yaml").write_text(WEB)
    path = tmp_path / "run.yaml"
    path.write_text(f"{RUN}{names}\n")
    return path


def test_a_run_holds_the_content_and_not_the_path(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    loaded = load_run(run_file(tmp_path, "[own.yaml]"), BY_NAME, "2026-11-22")
    (check,) = [c for c in loaded.checks if isinstance(c, Personal)]
    (text,) = check.recognizers
    assert json.loads(text)["entities"][0]["entity"] == "STAFF_ID"
    assert check.catalogue.names[-1] == "STAFF_ID"
    (tmp_path / "own.yaml").write_text(OWN.replace("{6}", "{7}"))
    again = load_run(run_file(tmp_path, "[own.yaml]"), BY_NAME, "2026-11-22")
    assert again.checks != loaded.checks


@pytest.mark.parametrize(
    ("content", "names", "says"),
    [
        (None, "[own.yaml]", "run.yaml:8: checks.personal.recognizers: no file 'own.yaml'"),
        (OWN.replace("{6}", "+"), "[own.yaml]", "own.yaml:4: expression 'EMP-[0-9]+': a repeat has no end"),
        (OWN.replace("score_ppm", "scor_ppm"), "[own.yaml]", "did you mean 'score_ppm'"),
        (OWN.replace("staff_id", "us_ssn"), "[own.yaml]", "the id 'us_ssn' is taken"),
        (OWN, "[own.yaml, own.yaml]", "the id 'staff_id' is taken"),
    ],
)
def test_mistakes_are_told_before_anything_runs(tmp_path: Path, content: str | None, names: str, says: str) -> None:
    if content is not None:
        (tmp_path / "own.yaml").write_text(content)
    with pytest.raises(ConfigError) as error:
        load_run(run_file(tmp_path, names), BY_NAME, "2026-11-22")
    assert any(says in problem for problem in error.value.problems), error.value.problems
