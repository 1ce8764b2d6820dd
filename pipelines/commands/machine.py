"""demo, bench, doctor: try it, measure it, and see what this machine has."""

import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

GATE_STOPPED = 1


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("demo"))
@click.option("--repair", is_flag=True, help="Mend the demo in DIR as the gate asked, then run again: it passes.")
def demo(folder: Path, repair: bool) -> int:
    """Write a bilingual corpus with planted cases into DIR and run everything on it; the gate stops it, as planned."""
    from pipelines.demo import repair_demo, write_demo

    if repair:
        for path in repair_demo(folder):
            click.echo(f"mended {folder / path}")
        return _run(folder, expected=0)
    planned = write_demo(folder)
    click.echo(f"{folder}: {planned.files} corpus files, {planned.size_bytes:,} bytes; planted:")
    for case in planned.planted:
        click.echo(f"  {case.count:4}  {case.case}")
    code = _run(folder, expected=GATE_STOPPED)
    if code == 0:
        click.echo(f"\nthe gate stopped the run as planned; to see it pass: corpusledger demo {folder} --repair")
    return code


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def bench(name: str | None, as_json: bool) -> int:
    """Run the benchmark NAME: ratios against a named peer in the same run."""
    from pipelines.bench.command import run_bench

    return int(run_bench(name, as_json=as_json))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on the last line.")
def doctor(as_json: bool) -> int:
    """What is installed, built and missing on this machine, and what to do about it."""
    from pipelines.examine import examined

    rows = examined()
    if as_json:
        click.echo(
            json.dumps({"python": platform.python_version(), "rows": [r._asdict() for r in rows]}, sort_keys=True)
        )
    else:
        for row in rows:
            click.echo(
                f"{'ok     ' if row.good else 'MISSING'}  {row.what:34} {row.found}"
                + ("" if row.good else f"; {row.advice}")
            )
    return 0 if all(r.good or not r.needed for r in rows) else 3


def _run(folder: Path, expected: int) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run", str(folder / "run.yaml")], check=False
    )  # our own command
    if done.returncode not in (0, GATE_STOPPED):
        return done.returncode
    report = _report(folder)
    click.echo(f"report   {report}")
    return 0 if done.returncode == expected else 3


def _report(folder: Path) -> Path:
    from manifests.disclose import report_html, report_on
    from manifests.ledger import open_ledger
    from manifests.runs import sealed_runs

    ledger = open_ledger(str(folder / "ledger"))
    run = sealed_runs(ledger.store)[-1].run
    target = folder / "report.html"
    target.write_text(
        report_html(report_on(ledger, run, generated=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))),
        encoding="utf-8",
    )
    return target
