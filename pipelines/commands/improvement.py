"""query improvement: the Article 7(4) table of a sealed run, before and after filtering; what nothing measured says so."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show

if TYPE_CHECKING:
    from manifests.improvement import ImprovementRow

NOT_MEASURED: Final = "not measured"
SCREENING: Final = (
    "screening indicators before and after filtering (Interim Measures, Art. 7(4)); no verdict, no pass mark"
)


@click.command("improvement")
@RUN
@LEDGER_OR_PATH
@click.option("--years", is_flag=True, help="Candidates of machine-written text by source and year instead.")
@AS_JSON
def query_improvement(run_id: str, ledger: str | None, years: bool, as_json: bool) -> None:
    """Authenticity, accuracy, objectivity and diversity of RUN, before and after filtering, with what each figure rests on."""
    from manifests.improvement import improvement_of
    from manifests.improvement_words import ASPECTS, MEASURES

    store, manifest = opened(run_id, ledger)
    found = improvement_of(store, manifest)
    measured = {
        aspect: any(row.before is not None or row.after is not None for row in found.rows if row.aspect == aspect)
        for aspect in ASPECTS
    }
    by_year = [asdict(row) for row in found.years]
    if as_json:
        rows = [
            asdict(row) | {"method": MEASURES[row.measure].method.en, "method_zh": MEASURES[row.measure].method.zh}
            for row in found.rows
        ]
        more: dict[str, Any] = {
            "run": found.run,
            "records": found.records,
            "kept": found.kept,
            "measured": measured,
            "note": SCREENING,
        }
        show(rows, (), True, {**more, "years": by_year})
        return
    click.echo(SCREENING)
    click.echo(
        f"{found.records:,} records"
        + (f", {found.kept:,} kept" if found.kept is not None else "; nothing was filtered in this run")
        + "\n"
    )
    if years:
        columns = (
            "source",
            "year",
            "records",
            "candidates",
            "candidates_ppm",
            "kept_records",
            "kept_candidates",
            "kept_candidates_ppm",
        )
        show([{k: NOT_MEASURED if v is None else v for k, v in row.items()} for row in by_year], columns, False, {})
        return
    told = [_row(row) for row in found.rows if row.before is not None or row.after is not None]
    empty = dict.fromkeys(("measure", "part", "before", "after", "bounds", "rests_on", "rests_on_after"), NOT_MEASURED)
    told += [{"aspect": aspect, **empty} for aspect in ASPECTS if not measured[aspect]]
    told.sort(key=lambda row: ASPECTS.index(row["aspect"]))
    show(told, ("aspect", "measure", "part", "before", "after", "bounds", "rests_on", "rests_on_after"), False, {})


def _row(row: "ImprovementRow") -> dict[str, Any]:
    def shown(value: int | None) -> str:
        from manifests.disclose import per_cent
        from manifests.report_improvement import shown_value

        return (
            NOT_MEASURED
            if value is None
            else per_cent(value)
            if row.unit == "ppm"
            else str(shown_value(row.unit, value))
        )

    bounds = "" if row.low is None else f"{shown(row.low)} to {shown(row.high)}"
    return {
        "aspect": row.aspect, "measure": row.measure, "part": row.part or "", "before": shown(row.before), "after": shown(row.after),
        "bounds": bounds, "rests_on": row.rests_on, "rests_on_after": row.rests_on_after,
    }  # fmt: skip
