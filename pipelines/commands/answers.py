"""What commands share that ask a sealed run: their options, the run opened, rows printed as a table or as JSON."""

import json
from typing import Any, Final

import click

LEDGER = click.option("--ledger", required=True, help="Folder or URI of the ledger.")
RUN = click.argument("run_id", metavar="RUN")
LEDGER_OR_PATH = click.option(
    "--ledger", help="Folder or URI of the ledger; not needed where RUN is the path of runs/<run>."
)
LIMIT = click.option("--limit", type=click.IntRange(1), default=1000, show_default=True, help="At most so many rows.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")


def opened(run_id: str, ledger: str | None) -> tuple[Any, Any]:
    """(store, manifest) of a sealed run."""
    from manifests.ledger import open_ledger
    from manifests.runs import load_manifest, sealed_run

    uri, run = run_of(run_id, ledger)
    store = open_ledger(uri).store
    return store, load_manifest(store, sealed_run(store, run))


def run_of(run: str, ledger: str | None) -> tuple[str, str]:
    """(ledger, run id) of a run id with --ledger, or of the path or URI of a runs/<run> folder."""
    if ledger is not None:
        return ledger, run.rstrip("/").rpartition("/")[2]
    head, runs, name = run.rstrip("/").rpartition("/runs/")
    if runs and name and "/" not in name:
        return head, name
    msg = f"{run!r}: a run id needs --ledger; or give the path of its folder, LEDGER/runs/RUN"
    raise click.UsageError(msg)


_WITHIN: Final = ("start", "end")


def show(rows: list[dict[str, Any]], columns: tuple[str, ...], as_json: bool, more: dict[str, Any]) -> None:
    """Print *columns* of *rows* as a table, or all of them and *more* as one JSON object."""
    if as_json:
        click.echo(json.dumps({**more, "rows": rows}, ensure_ascii=False, sort_keys=True))
        return
    cells = [[_cell(row[c], c) for c in columns] for row in rows]
    widths = [max([len(c), *(len(r[i]) for r in cells)]) for i, c in enumerate(columns)]
    numbers = [bool(rows) and all(isinstance(r[c], int) and not isinstance(r[c], bool) for r in rows) for c in columns]
    for line in ([c.replace("_", " ") for c in columns], *cells):
        click.echo(
            "  ".join(v.rjust(w) if n else v.ljust(w) for v, w, n in zip(line, widths, numbers, strict=True)).rstrip()
        )
    if not rows:
        click.echo("none")


def _cell(value: Any, column: str) -> str:
    if value is None:  # a finding about a record as a whole has no place within it
        return "whole record" if column in _WITHIN else "not declared"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
