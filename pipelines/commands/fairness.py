"""query fairness: who is named in the drawn records of a sealed run, by ground and group; a screening, no finding."""

from dataclasses import asdict
from typing import Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show

NOTE: Final = "screening indicator: who is named, and beside which words; no finding of discrimination, and no record is dropped for a mention"
_GROUNDS = (
    "ground",
    "records",
    "mentions",
    "groups",
    "effective_groups_milli",
    "entropy_millibits",
    "top_ppm",
    "negative_ppm",
)
_GROUPS = (
    "ground", "group", "records", "mentions", "share_ppm", "sentences", "negative", "negative_ppm", "log_odds_milli",
    "z_milli", "marked",
)  # fmt: skip


@click.command("fairness")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@click.option("--ground", help="Of this ground alone, such as gender; with its groups, and no other table.")
@AS_JSON
def query_fairness(run_id: str, ledger: str | None, source: str | None, ground: str | None, as_json: bool) -> None:
    """Screening indicators of RUN by the grounds of Article 4(2): groups named, negative words beside them, pronouns, occupations."""
    from manifests.fairness import screening_of

    store, manifest = opened(run_id, ledger)
    found = screening_of(store, manifest, source)
    grounds = [asdict(row) for row in found.grounds if ground in (None, row.ground)]
    groups = [asdict(row) for row in found.groups if ground in (None, row.ground)]
    pronouns = [asdict(row) for row in found.pronouns if ground is None]
    occupations = [asdict(row) for row in found.occupations if ground is None]
    rests_on = {
        "records": found.records, "drawn_records": found.drawn, "drawn_bytes": found.drawn_bytes,
        "mention_records": found.mention_records, "prior_ppm": found.prior_ppm,
    }  # fmt: skip
    if as_json:
        more = {"run": manifest.run, "note": NOTE, "grounds": grounds, "pronouns": pronouns, "occupations": occupations}
        show(groups, _GROUPS, as_json, {**more, **rests_on})
        return
    click.echo(NOTE)
    click.echo(
        f"{found.drawn:,} of {found.records:,} records drawn and read; {found.mention_records:,} of them name a group\n"
    )
    _table(grounds, _GROUNDS)
    click.echo("")
    _table(groups, _GROUPS)
    if ground is None:
        click.echo("\npronouns:")
        _table(pronouns, ("pronoun", "records", "mentions"))
        click.echo("\noccupations, sentences with a female and with a male word:")
        _table(occupations, ("occupation", "female", "male", "female_ppm"))


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """A figure that there is too little for is left blank."""
    shown = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
    show(shown, columns, False, {})
