"""source add, check, show: the registry of sources, YAML files that are reviewed in git."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import yaml

from schemas.errors import ConfigError

REGISTRY = click.argument("registry", type=click.Path(path_type=Path, exists=True))


RUN_YAML = click.option(
    "--run",
    "run_yaml",
    type=click.Path(path_type=Path, exists=True),
    help="run.yaml whose folder the paths start from; else the one beside or above REGISTRY.",
)


@click.group()
def source() -> None:
    """The registry: add a source, check all of them, show one."""


@source.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "ident", required=True, help="Name of the source, unique in the registry.")
@click.option(
    "--path", "paths", multiple=True, required=True, help="Glob, folder or file, relative to run.yaml, or a URI."
)
@click.option("--licence", help="SPDX expression, or LicenseRef-….")
@click.option("--class", "source_class", help="Class by Chinese practice.")
def add(file: Path, ident: str, paths: tuple[str, ...], licence: str | None, source_class: str | None) -> None:
    """Write FILE, the YAML of a new source; what is not given stays undeclared."""
    if file.exists():
        raise ConfigError(f"{file}: exists already; edit it, or choose another name")
    fields = {"id": ident, "paths": list(paths), "licence": licence, "class": source_class}
    text = yaml.safe_dump({k: v for k, v in fields.items() if v is not None}, allow_unicode=True, sort_keys=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as err:
        raise ConfigError(f"{file}: cannot be written ({err.strerror}); choose another place") from err
    click.echo(f"{file}: written; declare acquisition, review and legal basis before it is used")


@source.command()
@REGISTRY
@RUN_YAML
def check(registry: Path, run_yaml: Path | None) -> int:
    """Check every YAML of REGISTRY (a folder or a file); every mistake at once, with line and way out."""
    from pipelines.config import load_sources

    found = load_sources((str(registry.resolve()),), _folder(registry, run_yaml), datetime.now(UTC).date().isoformat())
    click.echo(f"{len(found)} source(s), nothing wrong found in their YAML; what they declare is not verified by this")
    return 0


@source.command()
@REGISTRY
@click.argument("ident")
@RUN_YAML
def show(registry: Path, ident: str, run_yaml: Path | None) -> None:
    """Print what the source IDENT declares, and its digest, as JSON."""
    from manifests.manifest import registry_of
    from pipelines.config import load_sources

    folder = _folder(registry, run_yaml)
    found = [
        s for s, _ in load_sources((str(registry.resolve()),), folder.resolve(), datetime.now(UTC).date().isoformat())
    ]
    for entry in registry_of(found).sources:
        if entry.id == ident:
            click.echo(
                json.dumps(
                    {"id": entry.id, "declared": dict(entry.declared), "digest": entry.digest},
                    ensure_ascii=False,
                    indent=2,
                )
            )
            return
    known = ", ".join(s.id for s in found)
    raise ConfigError(f"{registry}: no source {ident!r}; known: {known}")


def _folder(registry: Path, run_yaml: Path | None) -> Path:
    """The folder that the paths of the registry's sources start from: that of run.yaml, wherever it is found."""
    here = (registry if registry.is_dir() else registry.parent).resolve()
    if run_yaml is not None:
        return run_yaml.resolve().parent
    return next((folder for folder in (here, *here.parents[:2]) if (folder / "run.yaml").is_file()), here)
