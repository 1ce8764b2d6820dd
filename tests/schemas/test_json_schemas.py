"""The JSON Schema files against the code they come from, and against what the YAML reader takes."""

import json

import jsonschema
import pytest

from schemas.json_schemas import FOLDER, all_schemas, rendered
from schemas.yaml_places import read_yaml

SCHEMAS = all_schemas()


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_file_is_what_the_code_says(name: str) -> None:
    file = FOLDER / f"{name}.schema.json"
    assert file.read_bytes() == rendered(SCHEMAS[name]), (
        "run python -m schemas.json_schemas --write, and say why in CHANGELOG"
    )


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_it_is_a_json_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads((FOLDER / f"{name}.schema.json").read_bytes()))


def valid(name: str, text: str) -> bool:
    problems: list[str] = []
    placed = read_yaml(text.encode(), "a.yaml", problems)
    assert placed is not None
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    return not list(validator.iter_errors(placed.plain()))


def test_a_source_validates_as_the_editor_sees_it() -> None:
    good = "id: web\npaths: [corpus/web/*.jsonl]\nclass: self-collected\ncolumns: {text: content}\nreview: {decision: approved, by: li, on: 2026-11-01}\n"
    assert valid("source", good)
    assert not valid("source", good + "licens: MIT\n")
    assert not valid("source", good.replace("self-collected", "self collected"))
    assert not valid("source", good.replace("text: content", "txt: content"))
    assert not valid("source", "id: web\npaths: []\n")


def test_a_run_validates_as_the_editor_sees_it() -> None:
    good = (
        "provider: {name: X}\nmodel: {name: demo, stage: pre-training}\ncorpus: [corpus]\nsources: [sources/*.yaml]\nledger: ledger\n"
        "checks: {quality: {shortest: 3}, language: off}\nrunner: local\nplan: {range_bytes: 1000}\n"
    )
    assert valid("run", good)
    assert not valid("run", good.replace("runner: local", "runner: {name: spork}"))
    assert not valid("run", good.replace("1000", "0"))


def test_the_table_of_licences_validates_as_the_editor_sees_it() -> None:
    text = (FOLDER.parent / "licences.yaml").read_text(encoding="utf-8")
    assert valid("licences", text)
    assert not valid("licences", text.replace("derive: deny", "derive: denied", 1))
    assert not valid("licences", text.replace("    mark: T\n", "    mark: Z\n", 1))
