"""source add, check, show, assess: the registry of sources, YAML files that are reviewed in git."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml

from pipelines.places import resolved
from pipelines.registry_written import written
from schemas.errors import ConfigError
from schemas.source import CATEGORIES, CLASSES, ORIGINS, STAGES

REGISTRY = click.argument("registry", type=click.Path(path_type=Path, exists=True))
RUN_YAML = click.option(
    "--run",
    "run_yaml",
    type=click.Path(path_type=Path, exists=True),
    help="run.yaml whose folder the paths start from; else the one beside or above REGISTRY.",
)
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en", "both"]), default="both", show_default=True, help="Of the answer."
)
AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day that contracts and reviews are held against; else today."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")


@click.group()
def source() -> None:
    """The registry: add a source, check all of them, show one, assess a candidate."""


@source.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--id", "ident", required=True, help="Name of the source, unique in the registry.")
@click.option(
    "--path", "paths", multiple=True, required=True, help="Glob, folder or file, relative to run.yaml, or a URI."
)
@click.option("--name", help="Name for readers.")
@click.option("--class", "source_class", type=click.Choice(CLASSES), help="Class by Chinese practice.")
@click.option("--category", type=click.Choice(CATEGORIES), help="Category of the EU's template.")
@click.option("--stage", type=click.Choice(STAGES), help="Stage of training; else the model's.")
@click.option("--language", help="As declared, such as zh.")
@click.option("--licence", help="SPDX expression, or LicenseRef-….")
@click.option("--licence-evidence", help="The licence: a file beside FILE, a URL, or sha256:….")
@click.option("--legal-basis", help="Such as 'outside copyright: PRC Copyright Law Art. 5'.")
@click.option("--public-data", help="Terms under which an authority opened it.")
@click.option("--contract", help="The contract: a file beside FILE, a URL, or sha256:….")
@click.option("--owner", help="Who it comes from.")
@click.option("--origin", type=click.Choice(ORIGINS), help="As a person attests it; write `by` and `on` into FILE.")
@click.option("--collected-from", help="First day, such as 2026-05-01.")
@click.option("--collected-until", help="Last day.")
@click.option("--collected-with", help="Tool and version.")
@click.option("--format", "data_format", help="Of the files; else told by their content.")
@click.option("--note", help="For readers.")
def add(file: Path, ident: str, paths: tuple[str, ...], **options: str | None) -> None:
    """Write FILE, the YAML of a new source, with all that is missing as remarks; never writes over a file."""
    names = {"source_class": "class", "data_format": "format"}
    given: dict[str, Any] = {"id": ident, "paths": list(paths)}
    given |= {names.get(key, key): value for key, value in options.items() if value is not None}
    text = written(given, _today())
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise ConfigError(f"{file}: exists already; edit it, or choose another name") from None
    except OSError as err:
        raise ConfigError(f"{file}: cannot be written ({err.strerror}); choose another place") from err
    click.echo(f"{file}: written; fill in what it lists as missing, have it reviewed, then `corpusledger source check`")


@source.command()
@REGISTRY
@RUN_YAML
@AS_OF
@LANGUAGE
@click.option("--strict", is_flag=True, help="Exit 1 where a proof is missing.")
@click.option(
    "--candidates", is_flag=True, help="Of sources that are not collected yet: their files need not be there."
)
@AS_JSON
def check(
    registry: Path, run_yaml: Path | None, as_of: datetime | None, language: str, strict: bool, candidates: bool,
    as_json: bool,
) -> int:  # fmt: skip
    """Check every YAML of REGISTRY (a folder or a file), and name every proof that a source's class must have and lacks."""
    from pipelines.registry_told import lines_of, standing_of

    day = _day(as_of)
    found = [standing_of(one, place, day) for one, place in _loaded(registry, run_yaml, day, not candidates)]
    lacking = [one for one in found if one.missing]
    if as_json:
        told = {"as_of": day, "sources": [one.as_json() for one in found], "incomplete": len(lacking)}
        click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True))
    else:
        for one in found:
            click.echo("\n".join(lines_of(one, language)), nl=bool(lines_of(one, language)))
        click.echo(
            f"{len(found)} source(s), nothing wrong found in their YAML, {len(lacking)} without every proof of their class; "
            "what they declare is not verified by this"
        )
    return 1 if strict and lacking else 0


@source.command()
@REGISTRY
@click.argument("ident")
@RUN_YAML
@click.option("--ledger", help="Ledger whose assessments of the source are shown too.")
@AS_OF
@LANGUAGE
@AS_JSON
def show(
    registry: Path, ident: str, run_yaml: Path | None, ledger: str | None, as_of: datetime | None, language: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Print what the source IDENT declares, its digest, and what is missing of its proofs."""
    from pipelines.registry_told import assessed_of, lines_of, shown, standing_of

    day = _day(as_of)
    loaded = _loaded(registry, run_yaml, day, collected=False)
    found = next(((one, place) for one, place in loaded if one.id == ident), None)
    if found is None:
        known = ", ".join(one.id for one, _ in loaded)
        raise ConfigError(f"{registry}: no source {ident!r}; known: {known}")
    standing = standing_of(*found, day)
    assessed = None if ledger is None else assessed_of(ledger, standing.source)
    told = shown(standing, day, assessed)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True))
        return
    click.echo(yaml.safe_dump(told["declared"], allow_unicode=True, sort_keys=False, width=120).rstrip())
    click.echo(f"# digest sha256 {told['digest']}, as of {day}; proofs of its class: {told['proofs']}")
    for line in lines_of(standing, language):
        click.echo(f"# {line}")
    for one in assessed or ():
        click.echo(
            f"# assessed {one['assessed']} ({one['timing']}), {one['records']:,} records, log entry {one['entry']}"
        )
    if assessed == []:
        click.echo("# never assessed in this ledger; 该账本中没有评估")


@source.command("assess")
@click.argument("sample", type=click.Path(path_type=Path))
@click.option(
    "--source", "ident", required=True, help="Id of the candidate in the registry; its files need not be there yet."
)
@click.option("--reviewer", required=True, help="The person who answers for the assessment; stands in the ledger.")
@click.option(
    "--run", "run_yaml", type=click.Path(path_type=Path, exists=True),
    help="run.yaml that names registry, ledger, checks and signing key.",
)  # fmt: skip
@click.option("--registry", type=click.Path(path_type=Path, exists=True), help="Registry; else that of --run.")
@click.option("--ledger", help="Ledger to seal it in; else that of --run.")
@click.option(
    "--sign",
    type=click.Path(path_type=Path, exists=True),
    help="Signing key; else --run's, or keys/sign.pem beside the ledger.",
)
@click.option("--note", help="For readers; stands in the ledger.")
@click.option(
    "--read", type=int, help="How many of the sample's records people read for unlawful or unhealthy content."
)
@click.option("--unlawful", type=int, help="How many of those hold it: the figure before collection of the 5 % rule.")
@LANGUAGE
@AS_JSON
def assess_source(
    sample: Path, ident: str, reviewer: str, run_yaml: Path | None, registry: Path | None, ledger: str | None,
    sign: Path | None, note: str | None, read: int | None, unlawful: int | None, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Scan SAMPLE (a file or folder) of a candidate before it is collected, and seal what was measured in the ledger."""
    from pipelines.assess import assess, judged_of, plan_of
    from pipelines.registry_told import told_of_assessment

    judged = judged_of(read, unlawful)
    plan = plan_of(ident, run_yaml, registry, ledger, sign)
    found, recorded = assess(plan, sample, reviewer, note, judged)
    told, lines = told_of_assessment(found, recorded, plan.ledger, plan.source, language)
    click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True) if as_json else "\n".join(lines))


def _loaded(registry: Path, run_yaml: Path | None, day: str, collected: bool) -> Any:
    from pipelines.config import load_sources

    folder = _folder(registry, run_yaml).resolve()
    found = run_yaml if run_yaml is not None else folder / "run.yaml"
    return load_sources((str(registry.resolve()),), folder, day, collected=collected, roots=_roots(found))


def _roots(run_yaml: Path) -> list[str] | None:
    """The corpus roots of run.yaml; None where it does not say: `run` itself tells every mistake in it."""
    try:
        said = yaml.safe_load(run_yaml.read_bytes())
    except (OSError, ValueError, yaml.YAMLError):
        return None
    listed = said.get("corpus") if isinstance(said, dict) else None
    folder = run_yaml.resolve().parent
    return [resolved(one, folder) for one in listed if isinstance(one, str)] if isinstance(listed, list) else None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _day(as_of: datetime | None) -> str:
    return _today() if as_of is None else as_of.date().isoformat()


def _folder(registry: Path, run_yaml: Path | None) -> Path:
    """The folder that the paths of the registry's sources start from: that of run.yaml, wherever it is found."""
    here = (registry if registry.is_dir() else registry.parent).resolve()
    if run_yaml is not None:
        return run_yaml.resolve().parent
    return next((folder for folder in (here, *here.parents[:2]) if (folder / "run.yaml").is_file()), here)
