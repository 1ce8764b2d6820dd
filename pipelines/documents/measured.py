"""docs/measures.md: every check and every measure, with unit, method, and the rules that bound it."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

from checks import BY_NAME, CHECKS
from checks.base import Check, Measure
from pipelines.built_in import COUNTED
from pipelines.documents import markup
from pipelines.documents.markup import code, codes, table
from pipelines.policy import PACKS, built_in_packs, known_measures, load_policy
from schemas.rule import Rule

_COUNTED_BY: Final = {
    "files": "Counted by the plan and by reading: every file under the corpus roots and the sources.",
    "records": "Counted by reading: every framed record.",
    "duplicates": "Worked out over all units and all sources, once every content id is known.",
    "listed": "Worked out once every decision is made.",
    "selection": "Worked out once every decision is made.",
    "repetition": "Worked out over all units and all sources, once every line and paragraph is counted.",
    "assessment": "Taken by the gate from the assessments in the ledger's log (`source assess`), for each source of the registry.",
    "dialogue": "Worked out over all units and all sources, once every prompt, pair of answers and beginning is counted.",
    "labels": "Worked out from the record of labelling that run.yaml names (`labels`) and its rows, before any record is read.",
    "review": "Taken by the gate from the reviews in the ledger's log (`review import`); `corpusledger gate` holds a sealed run again once its samples are judged.",
    "conservation": "Worked out by the gate from the others. Each must be 0; no policy can switch that off.",
}


def page() -> str:
    """The page's text."""
    rules = _rules()
    return markup.page("Checks and measures", [
        "What is counted, in which unit, and how. Every measure is a whole number; a name that ends in `_ppm` is a share in parts per million (10,000 ppm = 1 %),",
        "and has no value where there was nothing to divide by, which a rule takes as insufficient evidence. All are given per source and for the run.", "",
        "A number of findings is what a detector found, not what is there. No precision or recall is claimed for a corpus on which it was not measured.", "",
        *(line for check in CHECKS for line in _check(check, rules)),
        "## What the run itself counts", "",
        "Beside the checks; rules name them in the same way.", "",
        *(line for name, measures in COUNTED.items() for line in _counted(name, measures, rules)),
    ])  # fmt: skip


def _check(check: type[Check], rules: Sequence[Rule]) -> list[str]:
    made = check()
    module = sys.modules[check.__module__].__doc__ or ""
    told = [f"Version {check.version}."]
    told.append(f"Reads the record{_and(check.reads)}.")
    inputs = made.inputs()
    told += (
        [f"Its results follow from {codes(sorted(inputs))} too, whose versions or digests the manifest names."]
        if inputs
        else []
    )
    if check.finding_schema is not None:
        told.append("Gives a finding with its place for each hit.")
    if check.table_schemas:
        told.append(f"Counts by key in the tables {codes(sorted(check.table_schemas))}.")
    if check.column_schema is not None:
        told.append(f"Leaves beside each record: {codes(check.column_schema.names)}.")
    return [
        f"## {check.name}",
        "",
        _first_paragraph(module),
        "",
        " ".join(told),
        "",
        *_measures(check.name, check.measures, rules),
    ]


def _counted(name: str, measures: Sequence[Measure], rules: Sequence[Rule]) -> list[str]:
    return [f"### {name}", "", _COUNTED_BY[name], "", *_measures(name, measures, rules)]


def _measures(name: str, measures: Iterable[Measure], rules: Sequence[Rule]) -> list[str]:
    rows = (
        (code(m.name), m.unit, m.method, codes(r.id for r in rules if (r.check, r.measure) == (name, m.name)))
        for m in measures
    )
    return table((f"measure of `{name}`", "unit", "how it is counted", "rules"), rows)


def _rules() -> tuple[Rule, ...]:
    known = known_measures(BY_NAME)
    found = {rule.id: rule for name in built_in_packs() for rule in load_policy((name,), PACKS, known).rules}
    return tuple(found.values())


def _and(reads: Sequence[str]) -> str:
    return f", and of its source's registration {codes(reads)}" if reads else " alone"


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())
