"""The part of a report on authenticity, accuracy, objectivity and diversity: four rows at least, before and after filtering."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from manifests.improvement import Improvement, ImprovementRow, YearRow, improvement_of
from manifests.improvement_words import ASPECTS, EQUIVALENTS, MEASURES, TITLES
from manifests.report import Block, Cell, Note, count, missing, table, text
from manifests.report_selection import selection_blocks
from manifests.store import Store
from schemas.manifest import Manifest
from schemas.personal import Estimated
from schemas.words import Words

OF_MEASURES: Final = "5.2"
OF_SYNTHETIC: Final = "3.5"
"""Items of the Article 19 report: what cleaning and filtering came to, and how much may be generated."""
_COLUMNS: Final = (
    "aspect",
    "improvement_measure",
    "part",
    "before_filtering",
    "after_filtering",
    "rests_on",
    "rests_on_after",
    "how",
)


def improvement_blocks(store: Store, manifest: Manifest) -> dict[str, list[Block]]:
    """Item -> blocks. An aspect of which nothing was measured has one row that says so."""
    found = improvement_of(store, manifest)
    told: dict[str, list[Block]] = {
        OF_MEASURES: [table("improvement", _COLUMNS, _rows(found)), Note("improvement_screening")]
    }
    if found.kept is None:
        told[OF_MEASURES].append(Note("improvement_unfiltered"))
    told[OF_MEASURES] += selection_blocks(store, manifest)
    if found.years:
        columns = (
            "source",
            "year",
            "records",
            "candidates",
            "candidates_share",
            "kept_records",
            "kept_candidates",
            "kept_share",
        )
        told[OF_SYNTHETIC] = [
            table("synthetic_years", columns, [_year(row) for row in found.years]),
            Note("synthetic_candidates"),
        ]
    return told


def shown_value(unit: str, value: int | None) -> str | None:
    """A value of the table in words: per cent are the report's own; equivalents with their thousandths."""
    return None if value is None else f"{value // 1000:,}.{value % 1000:03d}" if unit == EQUIVALENTS else f"{value:,}"


def _rows(found: Improvement) -> Sequence[tuple[Cell, ...]]:
    rows = []
    for aspect in ASPECTS:
        mine = [row for row in found.rows if row.aspect == aspect]
        measured = [row for row in mine if row.before is not None or row.after is not None]
        rows += _methods_once([_row(row, found.kept is not None) for row in measured])
        if not measured:
            rows.append((Cell("words", TITLES[aspect]), *(missing("not-measured"),) * (len(_COLUMNS) - 1)))
    return rows


def _methods_once(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[Cell, ...]]:
    """A method that is the same as that of the row above is said there."""
    same = [False, *(a[-1] == b[-1] for a, b in pairwise(rows))]
    return [(*row[:-1], Cell("term", "as-above")) if again else row for row, again in zip(rows, same, strict=False)]


def _row(row: ImprovementRow, filtered: bool) -> tuple[Cell, ...]:
    told = MEASURES[row.measure]
    part = (
        Cell("words", MEASURES[row.part].title)
        if row.part in MEASURES
        else text(row.part)
        if row.part
        else Cell("term", "scope.run")
    )
    after = _value(row.unit, row.after, row.low, row.high)
    return (
        Cell("words", TITLES[row.aspect]), Cell("words", told.title), part, _value(row.unit, row.before),
        after if filtered or row.after is not None else missing("not-filtered"), count(row.rests_on), count(row.rests_on_after),
        Cell("words", Words(told.method.zh, told.method.en)),
    )  # fmt: skip


def _value(unit: str, value: int | None, low: int | None = None, high: int | None = None) -> Cell:
    if value is None:
        return missing("not-measured")
    if unit == EQUIVALENTS:
        return text(shown_value(unit, value))
    return Cell("ppm", value) if low is None or high is None else Cell("estimate", Estimated(value, low, high))


def _year(row: YearRow) -> tuple[Cell, ...]:
    kept = (row.kept_records, row.kept_candidates)
    return (
        text(row.source), text(row.year), count(row.records), count(row.candidates), _value("ppm", row.candidates_ppm),
        *(missing("not-filtered") if one is None else count(one) for one in kept), _value("ppm", row.kept_candidates_ppm),
    )  # fmt: skip
