"""What a report tells of sites' words, restricted datasets and hints of origin: numbers where it was looked at, else that nobody looked."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks import CHECKS
from manifests.article19 import article19
from manifests.disclose import LANGUAGES, words
from manifests.report import KEY_MEASURES, Missing, Note
from manifests.runs import load_manifest, sealed_run
from pipelines.built_in import COUNTED
from schemas.manifest import Manifest, MeasureEntry
from tests.kit.ledgers import small_ledger


@pytest.fixture
def made(tmp_path: Path) -> Manifest:
    ledger, _ = small_ledger(tmp_path)
    return load_manifest(ledger.store, sealed_run(ledger.store, "run-1"))


def _blocks(report, number: str):
    return next(item.blocks for section in report.sections for item in section.items if item.number == number)


def _with_check(made: Manifest, name: str, **given: object) -> Manifest:
    """*made* with one check of one measure, with 3 on every source and the run."""
    check = replace(
        made.checks[0], name=name, settings=given, measures=(MeasureEntry(KEY_MEASURES[name][0], "records", "m"),)
    )
    measures = tuple(replace(m, check=name, values={KEY_MEASURES[name][0]: 3}) for m in made.measures)
    return replace(made, checks=(check,), measures=measures)


@pytest.mark.parametrize(
    ("item", "check", "setting", "note", "reason"),
    [
        ("1.3", "optouts", "captures", "optouts_limits", "robots"),
        ("3.3", "laundering", "sets", "laundering_limits", "restricted-datasets"),
    ],
)
def test_what_was_given_is_told_in_numbers_and_what_was_not_as_nobody_looked(made, item, check, setting, note, reason):
    def told(value: object) -> tuple[object, ...]:
        return _blocks(article19(_with_check(made, check, **{setting: value}), "a" * 64, signed=True), item)

    given, nothing = told(["a"]), told(None)
    assert Note(note) in given and Missing(reason) not in given
    across = next(block for block in given if getattr(block, "caption", "") == "measures_by_source")
    assert [row[1].value for row in across.rows] == [3, 3]
    assert Missing(reason) in nothing and Note(note) not in nothing


def test_hints_of_origin_stand_below_what_was_registered_and_say_that_they_are_hints(made):
    blocks = _blocks(article19(_with_check(made, "origin_hints"), "a" * 64, signed=True), "1.4")
    captions = [getattr(block, "caption", "") for block in blocks]
    assert captions[:3] == ["origin", "measures", "measures_by_source"]
    assert Note("hints_limits") in blocks
    assert Note("hints_limits") not in _blocks(article19(made, "a" * 64, signed=True), "1.4")


def test_every_unit_of_a_measure_has_its_word():
    units = {m.unit for c in CHECKS for m in c.measures} | {m.unit for ms in COUNTED.values() for m in ms}
    for language in LANGUAGES:
        assert {f"unit.{unit}" for unit in units} <= set(words(language)["term"]), language
