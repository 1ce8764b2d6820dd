"""query notices: the licence notices of a run that nothing decided, once each; and what a slower detector makes of them."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, LIMIT, RUN, run_of, show
from schemas.errors import ConfigError

if TYPE_CHECKING:
    from pipelines.escalation.answer import Notices

_DETECTORS: Final = ("scancode",)
_MB: Final = 1 << 20


@click.command("notices")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@click.option("--why", type=click.Choice(["unknown", "conflicting"]), help="Of this kind alone.")
@click.option(
    "--escalate",
    type=click.Choice(_DETECTORS),
    help="Show each to this detector, in a process of its own; it is an extra: corpusledger[escalation].",
)
@click.option("--ask", type=click.IntRange(1), default=1000, show_default=True, help="At most so many, those of the most records first.")  # fmt: skip
@click.option("--seconds", type=click.IntRange(1), default=30, show_default=True, help="For one notice.")
@click.option("--memory", type=click.IntRange(2048), default=6144, show_default=True, help="MiB of address space of the detector.")  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path), help="File for the whole answer, which `query uses --notices` takes.")  # fmt: skip
@LIMIT
@AS_JSON
def query_notices(
    run_id: str, ledger: str | None, source: str | None, why: str | None, escalate: str | None, ask: int, seconds: int,
    memory: int, output: Path | None, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """The licence notices of RUN that nothing decided, once each; read again from the corpus, never shown, never kept."""
    from manifests.ledger import open_ledger
    from manifests.runs import load_manifest, sealed_run
    from pipelines.escalation.ask import escalate as asked
    from pipelines.escalation.detector import Limits, scancode

    uri, run = run_of(run_id, ledger)
    store = open_ledger(uri).store
    sealed = sealed_run(store, run)
    detector = scancode(Limits(memory * _MB, notice_s=seconds)) if escalate else None
    with detector or nullcontext():
        found = asked(
            store, load_manifest(store, sealed), sealed.manifest_sha256, detector, source, why, ask, _progress()
        )
    if output is not None:
        _write(output, found.as_bytes())
    told = found.as_json()
    rows = told.pop("rows")[:limit]
    if not as_json:
        rows = [_readable(row) for row in rows]
    columns = ("records", "why", "source", "shard", "offset", "start", "end", "found", "answer", "score", "notice")
    show(rows, columns, as_json, {"limit": limit, "output": None if output is None else str(output), **told})
    if not as_json:
        for line in _summary(found, limit):
            click.echo(line)


def _progress() -> "Callable[[int, int], None] | None":
    if not sys.stderr.isatty():
        return None
    return lambda done, whole: click.echo(f"\r{done:,} of {whole:,} notices", err=True, nl=done == whole)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    told = row["answer"]
    score = None if told is None else told["score_ppm"]
    said = "not asked" if told is None else told["failed"] or told["expression"] or "names none"
    return row | {
        "found": "; ".join(row["found"]), "answer": said, "notice": row["notice"][:16],
        "score": "-" if score is None else f"{score / 10_000:.1f} %",
    }  # fmt: skip


def _summary(found: "Notices", limit: int) -> list[str]:
    lines = [] if found.notices <= limit else [f"… {found.notices - limit:,} more; raise --limit"]
    lines.append(
        f"{found.undecided_records:,} undecided records with licence evidence, {found.notices:,} distinct notices"
    )
    if found.not_read_records:
        lines.append(
            f"{found.not_read_records:,} of the records were not read again: their files changed since the run, or are gone"
        )
    if found.detector:
        who = f"{found.detector['name']} {found.detector['version']}"
        lines.append(f"{who}: {found.asked:,} asked, {found.answered:,} answered, {found.failed:,} failed")
        lines += [f"{m.records:,} records of {m.source}: {m.licence} would be {m.answered}" for m in found.moved]
    return lines


def _write(output: Path, data: bytes) -> None:
    try:
        output.write_bytes(data)
    except OSError as err:
        raise ConfigError(f"{output}: cannot be written ({err.strerror}); give another --output") from err
