"""``python -m pipelines.documents [--write]``: write the generated pages, or say which are stale (exit 1)."""

import sys
from pathlib import Path

import click

from pipelines.documents import stale, write

ROOT = Path(__file__).resolve().parents[2]


@click.command()
@click.option("--write", "writing", is_flag=True, help="Write the pages that are stale.")
def documents(writing: bool) -> None:
    """Hold the generated pages of docs/ against the code."""
    names = write(ROOT) if writing else stale(ROOT)
    for name in names:
        click.echo(f"{name}: {'written' if writing else 'stale; run `python -m pipelines.documents --write`'}")
    sys.exit(1 if names and not writing else 0)


if __name__ == "__main__":
    documents()
