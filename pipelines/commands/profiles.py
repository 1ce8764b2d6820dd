"""query profile: what a quality profile would take out of a sealed run, from the counts it stored."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show

if TYPE_CHECKING:
    from manifests.profiles import Applied
    from schemas.manifest import Manifest


@click.command("profile")
@RUN
@LEDGER_OR_PATH
@click.option("--profile", "name", required=True, help="gopher, c4, fineweb2-cmn, map-cc, alpaca-zh, or a YAML file.")
@AS_JSON
def query_profile(run_id: str, ledger: str | None, name: str, as_json: bool) -> None:
    """Before and after: records, bytes and words of RUN that a quality profile would keep. The corpus is not read."""
    from checks.quality import COUNTS, FURTHER
    from manifests.profiles import applied
    from schemas.profiles import load

    loaded = load(name, (*COUNTS, *FURTHER), Path())
    store, manifest = opened(run_id, ledger)
    found = applied(store, manifest, loaded.profile)
    rows = [_row(row) for row in found.rows]
    rules = [asdict(rule) for rule in found.rules]
    more: dict[str, Any] = {
        "run": manifest.run, "profile": loaded.profile.profile, "version": loaded.profile.version, "digest": loaded.digest,
        "source": loaded.profile.source, "languages": list(loaded.profile.languages), "left_out": list(loaded.profile.left_out),
        "records": found.all_records, "judged": found.judged, "rules": rules,
        "unsuited": [{"language": language, "judged": judged, "dropped": gone} for language, judged, gone in found.unsuited],
        "dropped_in_the_run": loaded.digest in _dropped_under(manifest),
    }  # fmt: skip
    columns = (
        "source",
        "language",
        "made_for",
        "all_records",
        "records",
        "kept_records",
        "bytes",
        "kept_bytes",
        "words",
        "kept_words",
    )
    if not as_json:
        _say_what_it_rests_on(found, loaded.profile.profile, loaded.profile.languages)
    show(rows, columns, as_json, more)
    if not as_json:
        click.echo("")
        named = [
            {**rule, "language": rule["language"] or "all"}
            for rule in rules
            if rule["language"] is None or rule["any_fail"]
        ]
        show(named, ("rule", "language", "judged", "first_fail", "any_fail"), False, {})


def _dropped_under(manifest: "Manifest") -> tuple[str, ...]:
    """sha256 of the profiles that the run itself dropped under."""
    entry = next((c for c in manifest.checks if c.name == "selection"), None)
    return () if entry is None else tuple(entry.settings.get("files", ()))


def _row(row: Any) -> dict[str, Any]:
    from manifests.profiles import SIZES

    before = dict(zip(SIZES, row.before, strict=True))
    after = {f"kept_{name}": value for name, value in zip(SIZES, row.after, strict=True)}
    return {
        "source": row.source,
        "language": row.language,
        "made_for": row.made_for,
        "all_records": row.all_records,
        **before,
        **after,
    }


def _say_what_it_rests_on(found: "Applied", name: str, languages: tuple[str, ...]) -> None:
    """How many records could be judged, and where the profile is the wrong one."""
    click.echo(f"{name}: {found.judged:,} of {found.all_records:,} records judged; nothing is dropped by this command")
    if found.judged < found.all_records:
        click.echo(
            "  the others have no counts of tokens, lines and repetition; `checks: {quality: {signals: full}}` gives them all"
        )
    for language, judged, gone in found.unsuited:
        click.echo(
            f"  made for {', '.join(languages)}, not for {language}: {gone:,} of {judged:,} records judged would go"
        )
    click.echo("")
