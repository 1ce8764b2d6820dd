"""query selection: what a sealed run dropped under quality profiles, before and after, by source, language and rule."""

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
    profiles = [
        {
            "name": one.profile.profile, "version": one.profile.version, "digest": one.digest, "title": one.profile.title.as_json(),
            "source": one.profile.source, "mark": one.profile.mark, "languages": list(one.profile.languages),
        }
        for one in found.profiles
    ]  # fmt: skip
    rules = [
        {
            "profile": of.profile, "rule": of.rule.id, "counts": list(of.rule.counts), "per": list(of.rule.per),
            "least": of.rule.least, "most": of.rule.most, "source": of.rule.source, "first": of.first, "every": of.every,
        }
        for of in found.rules
    ]  # fmt: skip
    more: dict[str, Any] = {
        "run": manifest.run, "profiles": profiles, "rules": rules, "dropped_records": found.dropped,
    }  # fmt: skip
    if as_json:
        show(rows, (), True, more)
        return
    if not found.profiles:
        click.echo("nothing was dropped under a quality profile: the run names none (`drop_under` in run.yaml)")
        return
    for told in profiles:
        made_for = ", ".join(told["languages"]) or "any language"
        click.echo(f"{told['name']} {told['version']}, made for {made_for}; sha256 {told['digest']}; {told['source']}")
    click.echo(f"{found.dropped or 0:,} records dropped for it; records of other languages were left alone\n")
    show(rows, _SHOWN, False, {})
    click.echo("")
    show(
        [{k: "none" if v is None else v for k, v in rule.items()} for rule in rules if rule["every"]], _RULES, False, {}
    )
