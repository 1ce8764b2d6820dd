"""query languages: which languages each source of a sealed run holds."""

from dataclasses import asdict

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show


@click.command("languages")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@AS_JSON
def query_languages(run_id: str, ledger: str | None, source: str | None, as_json: bool) -> None:
    """Which languages each source of RUN holds, in records and code points, how they were told, and which records mix scripts."""
    from manifests.languages import languages_of

    store, manifest = opened(run_id, ledger)
    found = languages_of(store, manifest, source)
    methods = [{"source": of, "method": method, "records": n} for of, method, n in found.methods]
    columns = ("source", "language", "records", "chars", "share_ppm", "mixed")
    show([asdict(row) for row in found.rows], columns, as_json, {"run": manifest.run, "methods": methods})
    if not as_json:
        click.echo("\ntold by:")
        show(methods, ("source", "method", "records"), False, {})
