"""run, scan, plan, gate: the main job and its steps."""

import gc
import json
import resource
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import yaml

from pipelines.places import resolved

STARTED = ("pipelines.runner", "pipelines.scan", "pipelines.dedup.graph", "presidio_analyzer")
RUN_FILE = click.argument("run_yaml", type=click.Path(path_type=Path))
PROFILE = click.option(
    "--profile", type=click.Choice(["corpusledger", "datasketch"]), help="Bands of near copies; else run.yaml's."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")


def _choices(command: Any) -> Any:
    for option in (
        click.option(
            "--runner", type=click.Choice(["local", "flink", "spark", "dataflow"]), help="Engine; else run.yaml's."
        ),
        click.option("--workers", type=click.IntRange(1), help="Processes of the local runner, parallelism elsewhere."),
        click.option(
            "--option", "options", multiple=True, metavar="KEY=VALUE", help="Passed to the runner as it stands."
        ),
        PROFILE,
        click.option("--fresh", is_flag=True, help="Begin a new run, even where one of these settings was cut off."),
        click.option("--supervised", is_flag=True, hidden=True),
        AS_JSON,
    ):
        command = option(command)
    return command


@click.command()
@RUN_FILE
@_choices
def run(run_yaml: Path, as_json: bool, supervised: bool, **chosen: Any) -> int:
    """Scan, gate, manifest and seal: what a scheduler calls before a training run.

    Exits 0 where the gate lets the run pass, 1 where it stops it. Killed or interrupted, the same command goes on.
    """
    if not supervised:
        return _under_supervision(run_yaml)
    from pipelines.drive import carrying  # reached only by the job itself
    from pipelines.run import load, scan_run, seal_scan
    from pipelines.running_gate import gate_of, told_of_gate

    _start()
    scanned = scan_run(load(run_yaml, chosen["profile"]), _choice(chosen))
    with carrying(scanned.desk):
        held = gate_of(scanned)
        result = seal_scan(scanned, held.as_manifest())
    if as_json:
        click.echo(json.dumps(result | {"gate": held.as_json()}, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n".join(told_of_gate(result, held)))
    return held.exit_code


@click.command()
@RUN_FILE
@_choices
def scan(run_yaml: Path, as_json: bool, supervised: bool, **chosen: Any) -> int:
    """Look at every record and write the evidence, without gate and seal; a later `run` goes on from it."""
    if not supervised:
        return _under_supervision(run_yaml)
    from pipelines.run import load, scan_run  # reached only by the job itself
    from pipelines.running_gate import told_of_scan

    _start()
    started_cpu_s = _cpu_s()
    scanned = scan_run(load(run_yaml, chosen["profile"]), _choice(chosen))
    scanned.desk.give_up(scanned.desk.path("lease.json"))
    result = {
        "run": scanned.desk.run, "records_read": scanned.whole.read, "records_looked_at": scanned.whole.looked,
        "files": vars(scanned.whole.files), "made": dict(scanned.built.made), "reused": dict(scanned.built.reused),
        "seconds_ms": int(scanned.seconds * 1000), "work_cpu_ms": int((_cpu_s() - started_cpu_s) * 1000),
    }  # fmt: skip
    click.echo(json.dumps(result, sort_keys=True) if as_json else told_of_scan(result))
    return 0


@click.command()
@RUN_FILE
@PROFILE
@AS_JSON
def plan(run_yaml: Path, profile: str | None, as_json: bool) -> int:
    """What a run would read, write and take, from listing, ledger and a sample; writes nothing."""
    from pipelines.forecast import forecast, told_of_forecast
    from pipelines.run import Choice, keyed, load, workers_of

    loaded, _ = keyed(load(run_yaml, profile))
    runner = loaded.run.runner.name
    result = forecast(loaded, lambda planned: workers_of(Choice(), loaded, planned, runner), runner)
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n".join(told_of_forecast(result)))
    return 0


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option(
    "--config", "run_yaml", type=click.Path(path_type=Path), required=True, help="run.yaml with the policies to hold."
)
@AS_JSON
def gate(run_id: str, run_yaml: Path, as_json: bool) -> int:
    """Hold a sealed run's measures against the policies again; the newest result stands beside the manifest."""
    from pipelines.run import load
    from pipelines.running_gate import gate_again

    held, path = gate_again(load(run_yaml), run_id)
    if as_json:
        click.echo(json.dumps(held.as_json() | {"written": path}, ensure_ascii=False, sort_keys=True))
    else:
        click.echo("\n".join([*held.lines, f"gate: {held.effect}; written to {path}"]))
    return int(held.exit_code)


def _choice(chosen: dict[str, Any]) -> Any:
    from pipelines.run import Choice

    options = []
    for option in chosen["options"]:
        key, equals, value = option.partition("=")
        if not equals:
            msg = f"--option {option!r}: give it as KEY=VALUE"
            raise click.UsageError(msg)
        options.append((key, value))
    return Choice(chosen["runner"], chosen["workers"], tuple(options), chosen["fresh"])


def _under_supervision(run_yaml: Path) -> int:
    from manifests.store import open_store
    from pipelines.supervise import supervise

    ledger = _ledger_of(run_yaml)

    def progress() -> tuple[int, int]:
        paths = open_store(ledger).list("work") if ledger and ("://" in ledger or Path(ledger).is_dir()) else []
        return sum("/memo/" in p for p in paths), sum("/attempts/" in p for p in paths)

    arguments = sys.argv[1:]
    return supervise([sys.executable, "-m", "pipelines.cli", *arguments, "--supervised"], progress)


def _start() -> None:
    """Import what the job needs, before its work is timed; what is there then is no garbage, and is never looked through
    again: a million objects of Beam and spaCy, at a sixth of a second a collection.
    """
    for module in STARTED:
        import_module(module)
    gc.collect()
    gc.freeze()


def _cpu_s() -> float:
    """User and system time of this process and of the children that it waited for."""
    mine, waited = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return mine.ru_utime + mine.ru_stime + waited.ru_utime + waited.ru_stime


def _ledger_of(run_yaml: Path) -> str | None:
    """Where the ledger lies, or None where run.yaml does not say so: the job itself tells every mistake in it.

    The supervisor reads no more than this, for what it imports is added to every run.
    """
    try:
        said = yaml.safe_load(run_yaml.read_bytes())
    except (OSError, ValueError, yaml.YAMLError):
        return None
    ledger = said.get("ledger") if isinstance(said, dict) else None
    return resolved(ledger, run_yaml.parent) if isinstance(ledger, str) else None
