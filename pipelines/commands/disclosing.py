"""disclose: a draft of the report that answers a regime's questions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from pipelines.commands.answers import LEDGER_OR_PATH, RUN, run_of
from pipelines.commands.uses import ROWS, blocks_for
from schemas.errors import ConfigError

_OTHER_FORMATS: Final = frozenset({".html", ".json", ".pdf", ".docx", ".odt", ".xlsx", ".md"})
"""What a report is not, in a file of that name."""


@click.command()
@RUN
@LEDGER_OR_PATH
@click.option(
    "--regime",
    type=click.Choice(["cn-art19"]),
    default="cn-art19",
    show_default=True,
    help="Whose questions the report answers.",
)
@click.option(
    "--format", "form", type=click.Choice(["html", "json"]), default="html", show_default=True, help="Page, or model."
)
@click.option("--output", type=click.Path(path_type=Path), help="File to write; else report-<run>.<format> here.")
@ROWS
def disclose(
    run_id: str, ledger: str | None, regime: str, form: str, output: Path | None, rows: tuple[Path, ...]
) -> None:
    """Write a draft of the disclosure report, zh and en from one model. A cell without data says so, with the reason."""
    from manifests.disclose import report_html, report_json, report_on
    from manifests.ledger import open_ledger

    uri, run = run_of(run_id, ledger)
    target = output or Path(f"report-{run}.{form}")
    if target.suffix.lower() in _OTHER_FORMATS - {f".{form}"}:
        raise ConfigError(f"{target}: {form} is what would stand in it; name it .{form}")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    model = report_on(open_ledger(uri), run, regime, generated=now, uses=blocks_for(uri, rows))
    text = report_html(model) if form == "html" else report_json(model).decode()
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as err:
        raise ConfigError(f"{target}: cannot be written ({err.strerror}); give another --output") from err
    click.echo(f"draft written to {target}")
