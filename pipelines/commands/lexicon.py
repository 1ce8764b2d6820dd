"""lexicon import, audit, show: a keyword library made of the customer's lists, held against reference text, told by coverage."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.commands.answers import LEDGER_OR_PATH, RUN, run_of
from schemas.errors import ConfigError
from schemas.run_lexicon import ScorerFile

REFERENCE = click.option(
    "--reference",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Clean text to audit against; may be given again.",
)
FIELD = click.option(
    "--field", default="text", show_default=True, help="Field of the text, in reference text of JSON lines."
)
LIMIT = click.option(
    "--limit-ppm", type=click.IntRange(1, 1_000_000), default=2_000, show_default=True,
    help="Document frequency above which a word is set aside.",
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
ON = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day that its age is held against; else today.")
SEED_BYTES = 32
LIBRARY = click.argument("library", type=click.Path(path_type=Path))


@click.group()
def lexicon() -> None:
    """A keyword library: import lists, audit them against reference text, show their coverage. No word is ever printed."""


@lexicon.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="The library to write.")
@click.option("--word-column", help="Column of the word, in CSV.")
@click.option("--risk-column", help="Column of the risk, in CSV.")
@click.option("--kind-column", help="Column of the kind (word, curated), in CSV.")
@click.option("--risk", help="The risk of every word whose file gives none, e.g. A1.f.")
@click.option("--version", "version", help="Version of the library.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day that the lists stand for.")
@REFERENCE
@FIELD
@LIMIT
@ON
@AS_JSON
def import_(
    files: tuple[Path, ...], output: Path, word_column: str | None, risk_column: str | None, kind_column: str | None,
    risk: str | None, version: str | None, as_of: datetime | None, reference: tuple[Path, ...], field: str, limit_ppm: int,
    on: datetime | None, as_json: bool,
) -> None:  # fmt: skip
    """Write a library of the lists FILES (CSV, TSV, YAML, TXT); with --reference, audited."""
    from pipelines.lexicon_audit import audited, reference_of
    from pipelines.lexicon_read import Given, leaf_of, read_lexicon

    if output.exists():
        raise ConfigError(f"{output}: exists already; choose another name, or remove it")
    if risk is not None and leaf_of(risk) is None:
        raise ConfigError("--risk: no risk of the taxonomy; write a leaf such as A1.a")
    named = {"word": word_column, "risk": risk_column, "kind": kind_column}
    read = read_lexicon(list(files), Given({k: v for k, v in named.items() if v is not None}, risk))
    read = replace(read, version=version or read.version, as_of=as_of.date().isoformat() if as_of else read.as_of)
    if reference:
        held = reference_of(list(reference), field)
        read = audited(read, held.digest, held.batches(), limit_ppm)
    _write(output, read.as_bytes())
    _show(output, on, as_json)


@lexicon.command()
@LIBRARY
@REFERENCE
@FIELD
@LIMIT
@click.option("--output", type=click.Path(path_type=Path), help="Write the audited library here; else it is only told.")
@ON
@AS_JSON
def audit(
    library: Path, reference: tuple[Path, ...], field: str, limit_ppm: int, output: Path | None, on: datetime | None, as_json: bool
) -> None:  # fmt: skip
    """Hold LIBRARY against reference text: how many words stand everywhere, and what is left of their hits."""
    from pipelines.lexicon import lexicon_of
    from pipelines.lexicon_audit import audited, reference_of

    if not reference:
        raise ConfigError("--reference: no reference text; name clean text of the languages of the words")
    if output is not None and output.exists():
        raise ConfigError(f"{output}: exists already; choose another name, or remove it")
    held = reference_of(list(reference), field)
    done = audited(lexicon_of(_bytes(library), str(library)), held.digest, held.batches(), limit_ppm)
    if output is not None:
        _write(output, done.as_bytes())
    _tell(done.coverage(_day(on)), as_json)


@lexicon.command()
@LIBRARY
@ON
@AS_JSON
def show(library: Path, on: datetime | None, as_json: bool) -> None:
    """Coverage of LIBRARY: words in use by risk against what TC260-003 8.1 asks for, its age, and its audit."""
    _show(library, on, as_json)


@lexicon.command()
@RUN
@LEDGER_OR_PATH
@click.option(
    "--config", type=click.Path(path_type=Path), help="A run.yaml whose `scorer` names file, sample and threshold."
)
@click.option("--scorer", "file", type=click.Path(path_type=Path), help="The scorer, in place of that of --config.")
@click.option(
    "--sample",
    type=click.IntRange(1, 1_000_000),
    help="Records of each source, and as many candidates; 500 where not told.",
)
@click.option(
    "--threshold-ppm",
    type=click.IntRange(0, 1_000_000),
    help="From which score on a text counts; 500000 where not told.",
)
@click.option("--seed", help="64 hexadecimal digits, to draw the same sample again; else drawn now and told.")
@AS_JSON
def score(
    run_id: str, ledger: str | None, config: Path | None, file: Path | None, sample: int | None, threshold_ppm: int | None,
    seed: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Show a classifier of yours a keyed sample of a sealed run and its candidates; tell how many reach the threshold."""
    from manifests.ledger import open_ledger
    from manifests.runs import load_manifest, sealed_run
    from pipelines.lexicon_scorer import load_scorer, score_run

    told = _scorer(config, file)
    drawn = os.urandom(SEED_BYTES) if seed is None else _seed(seed)
    uri, run = run_of(run_id, ledger)
    store = open_ledger(uri).store
    sealed = sealed_run(store, run)
    found = score_run(
        store, load_manifest(store, sealed), sealed.manifest_sha256, load_scorer(Path(told.file)),
        most=sample or told.sample, threshold_ppm=told.threshold_ppm if threshold_ppm is None else threshold_ppm, seed=drawn,
    )  # fmt: skip
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, sort_keys=True))
        return
    click.echo(
        f"scorer {found['scorer']['name']} {found['scorer']['version']} ({found['scorer']['sha256'][:12]}…), seed {found['seed']}"
    )
    for one in found["sources"]:
        for part in ("sample", "candidates"):
            reached = ", ".join(f"{leaf} {count:,}" for leaf, count in one[part]["reached"].items()) or "none"
            click.echo(
                f"{one['source']}: {part}: {one[part]['scored']:,} of {one[part]['of']:,} scored; reach the threshold: {reached}"
            )
    click.echo("A score is no label: have people judge the same records.")


def _scorer(config: Path | None, file: Path | None) -> ScorerFile:
    if file is not None:
        return ScorerFile(str(file))
    if config is None:
        raise ConfigError("--scorer: no scorer; give --scorer FILE, or --config with a run.yaml that has `scorer`")
    from pipelines.places import resolved
    from pipelines.run import load

    told = load(config).run.scorer
    if told is None:
        raise ConfigError(f"{config}: no `scorer`; name one there, or give --scorer FILE")
    return replace(told, file=resolved(told.file, config.parent))


def _seed(text: str) -> bytes:
    if not re.fullmatch(f"[0-9A-Fa-f]{{{2 * SEED_BYTES}}}", text):
        raise ConfigError(f"--seed: no {2 * SEED_BYTES} hexadecimal digits; give the seed that an earlier draw told")
    return bytes.fromhex(text)


def _show(library: Path, on: datetime | None, as_json: bool) -> None:
    from pipelines.lexicon import lexicon_of

    _tell(lexicon_of(_bytes(library), str(library)).coverage(_day(on)), as_json)


def _tell(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True))
        return
    from pipelines.lexicon_told import lines

    for line in lines(told):
        click.echo(line)


def _day(on: datetime | None) -> str:
    return (on or datetime.now(UTC)).date().isoformat()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); correct path or permissions") from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.touch(mode=0o600)
        path.write_bytes(data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
