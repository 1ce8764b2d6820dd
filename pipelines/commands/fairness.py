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

_KEPT = (
    "ground", "group", "records", "kept", "unfit", "dropped_ppm", "others_dropped_ppm", "log_odds_milli", "z_milli", "marked",
)  # fmt: skip


@click.command("fairness")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@click.option("--ground", help="Of this ground alone, such as gender; with its groups, and no other table.")
@AS_JSON
def query_fairness(run_id: str, ledger: str | None, source: str | None, ground: str | None, as_json: bool) -> None:
    """Screening indicators of RUN by the grounds of Article 4(2): groups named, negative words beside them, pronouns, occupations."""
    from manifests.fairness import precision_in, screening_of
    from manifests.fairness_kept import filtered

    store, manifest = opened(run_id, ledger)
    found = screening_of(store, manifest, source)
    grounds = [asdict(row) for row in found.grounds if ground in (None, row.ground)]
    groups = [asdict(row) for row in found.groups if ground in (None, row.ground)]
    pronouns = [asdict(row) for row in found.pronouns if ground is None]
    precision = [asdict(row) for row in precision_in(manifest) if ground in (None, row.ground)]
    occupations = [asdict(row) for row in found.occupations if ground is None]
    after = filtered(store, manifest, source)
    kept = [] if after is None else [asdict(row) for row in after.rows if ground in (None, row.ground)]
    rests_on = {
        "records": found.records, "drawn_records": found.drawn, "drawn_bytes": found.drawn_bytes,
        "mention_records": found.mention_records, "prior_ppm": found.prior_ppm,
    }  # fmt: skip
    if as_json:
        more = {
            "run": manifest.run,
            "note": NOTE,
            "grounds": grounds,
            "precision": precision,
            "filtering": kept,
            "drawn_kept_records": None if after is None or not after.decided else after.kept,
            "pronouns": pronouns,
            "occupations": occupations,
        }
        show(groups, _GROUPS, as_json, {**more, **rests_on})
        return
    click.echo(NOTE)
    click.echo(
        f"{found.drawn:,} of {found.records:,} records drawn and read; {found.mention_records:,} of them name a group\n"
    )
    _table(grounds, _GROUNDS)
    click.echo("\nhow many of the words name the group, judged in real texts (docs/how-to/fairness.md):")
    _table(precision, ("ground", "language", "judged", "right", "precision_ppm", "low_ppm", "high_ppm"))
    click.echo("")
    _table(groups, _GROUPS)
    if kept and after is not None:
        click.echo(
            f"\nwhat filtering left of them: {after.kept:,} of {after.drawn:,} records drawn are kept; by group:"
        )
        _table(kept, _KEPT)
    if ground is None:
        click.echo("\npronouns:")
        _table(pronouns, ("pronoun", "records", "mentions"))
        click.echo("\noccupations, sentences with a female and with a male word:")
        _table(occupations, ("occupation", "female", "male", "female_ppm"))


def _table(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    """A figure that there is too little for is left blank."""
    shown = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
    show(shown, columns, False, {})
