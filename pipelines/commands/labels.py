"""labels check, measure, show: the record of labelling (Interim Measures Art. 8), before a run and in a sealed one."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show
from schemas.errors import ConfigError
from schemas.shares import share_ppm

FILE = click.argument("file", type=click.Path(path_type=Path))
KEY = click.option(
    "--key",
    type=click.Path(path_type=Path),
    help="File of the run's HMAC key, where rows name annotators in the clear.",
)
AS_OF = click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day that its age is held against; else today.")
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en", "both"]), default="both", show_default=True, help="Of the answer."
)
_FIGURES = ("alpha_ppm", "cohen_ppm", "fleiss_ppm", "raw_ppm", "prevalence_ppm")
_TASK = ("id", "kind", "scale", "items", "shared", "annotators", *_FIGURES)
_ERROR = ("id", "kind", "state", "done", "judged", "wrong", "wrong_ppm", "upper_ppm")


@click.group()
def labels() -> None:
    """The record of labelling: check it, measure its labels, show it in a sealed run."""


@labels.command()
@FILE
@KEY
@AS_OF
@click.option("--run", "run_id", metavar="RUN", help="Hold voided batches against the records of this sealed run too.")
@click.option("--ledger", help="Folder or URI of the run's ledger; not needed where RUN is the path of runs/<run>.")
@click.option("--strict", is_flag=True, help="Exit 1 where anything is missing.")
@LANGUAGE
@AS_JSON
def check(
    file: Path, key: Path | None, as_of: datetime | None, run_id: str | None, ledger: str | None, strict: bool, language: str,
    as_json: bool,
) -> int:  # fmt: skip
    """Check FILE and its rows, and name all that is missing; exits 1 where an item of a voided batch is in the run."""
    record = _read(file, key, as_of)
    hits = None if run_id is None else _voided(record, run_id, ledger)
    gaps = record.standing.gaps
    if as_json:
        told = record.as_json() | {"gaps": [gap.as_json() for gap in gaps], "measures": dict(record.standing.measures)}
        click.echo(
            json.dumps(told | ({} if hits is None else {"voided_records": hits}), ensure_ascii=False, sort_keys=True)
        )
    else:
        for gap in gaps:
            named = f" ({', '.join(gap.named)})" if gap.named else ""
            click.echo(f"{gap.what}: {_said(gap.says, language)}: {gap.count:,}{named} [{gap.code}]")
        for hit in hits or ():
            click.echo(f"{hit['shard']}@{hit['offset']}: {hit['source']}: an item of the voided batch {hit['batch']}")
        told_hits = "" if hits is None else f"; {len(hits):,} record(s) of the run are items of voided batches"
        click.echo(f"{len(record.standing.batches):,} batch(es), {len(gaps):,} thing(s) missing or wrong{told_hits}")
    return 1 if hits or (strict and gaps) else 0


@labels.command()
@FILE
@KEY
@AS_JSON
def measure(file: Path, key: Path | None, as_json: bool) -> None:
    """Agreement of every task with its interval, and errors of every batch and annotator with their bound."""
    record = _read(file, key, None)
    told = record.standing.as_json()
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True))
        return
    _tables(told["tasks"], told["batches"], told["annotators"])


@labels.command("show")
@RUN
@LEDGER_OR_PATH
@AS_JSON
def show_run(run_id: str, ledger: str | None, as_json: bool) -> None:
    """The record of labelling that a sealed run was made with: tasks, what was missing, errors by batch and annotator."""
    from manifests.labels_joined import errors_kept
    from pipelines.labels import ANNOTATORS, BATCHES

    store, manifest = opened(run_id, ledger)
    told = manifest.settings.get("labels")
    if not isinstance(told, dict):
        raise ConfigError(f"{run_id}: made by a version that kept no record of labelling; run it again")
    batches, people = (errors_kept(store, manifest, name) for name in (BATCHES, ANNOTATORS))
    if as_json:
        click.echo(json.dumps({**told, "batches": batches, "annotators": people}, ensure_ascii=False, sort_keys=True))
        return
    click.echo(
        f"record of labelling: {told['state']}"
        + (f", version {told['version']} as of {told['as_of']}" if "version" in told else "")
    )
    if "tasks" in told:
        _tables(told["tasks"], [_with_share(row) for row in batches], [_with_share(row) for row in people])
        for gap in told["gaps"]:
            click.echo(f"{gap['of']}: {gap['says']['zh']}; {gap['says']['en']}: {gap['count']:,} [{gap['code']}]")


def _tables(tasks: Any, batches: Any, people: Any) -> None:
    show([{**row, **{name: _with_bounds(row, name) for name in _FIGURES}} for row in tasks], _TASK, False, {})
    click.echo("")
    show([{**dict.fromkeys(_ERROR), **row} for row in batches], _ERROR, False, {})
    click.echo("")
    show(people, tuple(name for name in _ERROR if name not in ("kind", "state")), False, {})


def _with_bounds(row: dict[str, Any], name: str) -> str:
    value, low, high = (row.get(name.replace("_ppm", part)) for part in ("_ppm", "_low_ppm", "_high_ppm"))
    if value is None:
        return "-"
    return f"{value:,} (no interval)" if low is None or high is None else f"{value:,} ({low:,} to {high:,})"


def _with_share(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"wrong_ppm": share_ppm(row["wrong"], row["judged"])}


def _read(file: Path, key: Path | None, as_of: datetime | None) -> Any:
    from checks.personal.keys import use_key
    from pipelines.labels import MISSING, read_record

    today = datetime.now(UTC).date().isoformat()
    day = today if as_of is None else as_of.date().isoformat()
    problems: list[str] = []
    record = read_record(file, (day, today), problems, None if key is None else use_key(key))
    if record.standing is None and not problems:
        problems.append(f"{file}: no such file; write it: see docs/how-to/labels.md")
    if record.state == MISSING and not problems:
        problems.append(f"{file}: a pattern of `rows` names no file; correct it")
    if problems:
        raise ConfigError(*problems)
    return record


def _voided(record: Any, run_id: str, ledger: str | None) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from manifests.labels_joined import voided_records
    from pipelines.labels import voided_items

    store, manifest = opened(run_id, ledger)
    return [asdict(one) for one in voided_records(store, manifest, voided_items(record)[0])]


def _said(words: Any, language: str) -> str:
    return f"{words.zh}; {words.en}" if language == "both" else str(getattr(words, language))
