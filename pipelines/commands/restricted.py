"""source fingerprint: hashes of a restricted dataset, to recognise its records under any label."""

import json
from pathlib import Path

import click

from schemas.errors import ConfigError
from schemas.source import LAYOUTS, Source


@click.command()
@click.argument("dataset")
@click.option("--id", "ident", required=True, help="Name of the dataset, as findings will tell it.")
@click.option("--licence", required=True, help="The licence that it has: an SPDX expression, or LicenseRef-….")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--version", "version", help="Which version of the dataset this is.")
@click.option("--layout", type=click.Choice(LAYOUTS), default="plain", help="How its fields make prompt and response.")
@click.option("--text", "text", help="Field of the text, of the layout plain; dots lead inwards.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def fingerprint(
    dataset: str, ident: str, licence: str, output: Path, version: str | None, layout: str, text: str | None, as_json: bool
) -> None:  # fmt: skip
    """Write to --output the fingerprint of DATASET (a file, a folder or a glob): hashes alone, no text."""
    from pipelines.restricted import made

    if output.exists():
        raise ConfigError(f"{output}: exists already; choose another name, or remove it")
    columns = () if text is None else (("text", text),)
    data, note = made(Source(id=ident, paths=(dataset,), layout=layout, columns=columns), Path.cwd(), licence, version)
    try:
        output.write_bytes(data)
    except OSError as err:
        raise ConfigError(f"{output}: cannot be written ({err.strerror}); choose another place") from err
    if as_json:
        click.echo(json.dumps(json.loads(note.as_bytes()), ensure_ascii=False))
        return
    click.echo(
        f"{output}: {len(data):,} bytes of hashes of {note.records:,} records ({note.unread:,} could not be read)"
    )
    for field, one in note.counts.items():
        if one.values:
            click.echo(
                f"  {field}: {one.sought:,} of {one.values:,} are sought; {one.too_short:,} too short, "
                f"{one.repeated:,} repeated, {one.wording:,} wording"
            )
