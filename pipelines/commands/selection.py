"""query selection: what a sealed run dropped under quality profiles, before and after, by source, language and rule."""

from dataclasses import asdict
from typing import Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show

_SHOWN: Final = (
    "source", "language", "records", "judged_records", "unfit_records", "bytes", "judged_bytes", "unfit_bytes",
)  # fmt: skip
_RULES: Final = ("profile", "rule", "least", "most", "first", "every")


@click.command("selection")
@RUN
@LEDGER_OR_PATH
@AS_JSON
def query_selection(run_id: str, ledger: str | None, as_json: bool) -> None:
    """Records that RUN dropped under the quality profiles of its `drop_under`, before and after, and the rules they broke."""
    from manifests.selection import SIZES, selected

    store, manifest = opened(run_id, ledger)
    found = selected(store, manifest)
    rows = [
        {"source": row.source, "language": row.language}
        | {
            f"{kind}{name}": value
            for kind, values in (("", row.all), ("judged_", row.judged), ("unfit_", row.unfit))
            for name, value in zip(SIZES, values, strict=True)
        }
        for row in found.rows
    ]
    profiles = [asdict(one) for one in found.profiles]
    more: dict[str, Any] = {
        "run": manifest.run, "profiles": profiles, "rules": [asdict(rule) for rule in found.rules],
        "dropped_records": found.dropped,
    }  # fmt: skip
    if as_json:
        show(rows, (), True, more)
        return
    if not found.profiles:
        click.echo("nothing was dropped under a quality profile: the run names none (`drop_under` in run.yaml)")
        return
    for one in found.profiles:
        made_for = ", ".join(one.languages) or "any language"
        click.echo(f"{one.name} {one.version}, made for {made_for}; sha256 {one.digest}; {one.source}")
    click.echo(f"{found.dropped or 0:,} records dropped for it; records of other languages were left alone\n")
    show(rows, _SHOWN, False, {})
    click.echo("")
    broken = [asdict(rule) for rule in found.rules if rule.every]
    show([{k: "none" if v is None else v for k, v in rule.items()} for rule in broken], _RULES, False, {})
