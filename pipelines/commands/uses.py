"""query uses: what the sources and records of a run may be used for, what that asks, and what would have to be removed."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, LIMIT, RUN, run_of, show
from schemas.uses import USES

if TYPE_CHECKING:
    from manifests.report import Block
    from manifests.store import Store
    from manifests.uses import Resolve
    from schemas.licences import Table
    from schemas.manifest import Manifest

NOT_A_CONCLUSION: Final = "a screening result by the table of permitted uses, not a legal conclusion"
ROWS = click.option(
    "--rows",
    multiple=True,
    type=click.Path(path_type=Path),
    help="YAML with rows of your own over the table; else licences/*.yaml beside the ledger.",
)


def rows_for(uri: str, rows: Sequence[Path]) -> "tuple[Table, Resolve]":
    """The table with the customer's rows over it, *rows* or what lies beside the ledger *uri*, and what resolves by it."""
    from checks.licence.uses import resolve, resolve_in, table

    beside = sorted((Path(uri).parent / "licences").glob("*.yaml")) if "://" not in uri else []
    known = table(*(rows or beside))
    return known, (lambda expression: resolve_in(known, expression)) if rows or beside else resolve


def blocks_for(uri: str, rows: Sequence[Path]) -> "Callable[[Store, Manifest], Sequence[Block]]":
    """What a report shows of the uses of a run in the ledger *uri*: every use, screened."""
    from manifests.report_uses import uses
    from manifests.uses import licences_of, screened

    known, resolve = rows_for(uri, rows)

    def made(store: "Store", manifest: "Manifest") -> "Sequence[Block]":
        counted = licences_of(store, manifest)
        return uses([screened(manifest, counted, use, known, resolve) for use in USES], known.duties)

    return made


@click.command("uses")
@RUN
@LEDGER_OR_PATH
@click.option("--use", type=click.Choice(USES), required=True, help="The use that is asked for.")
@click.option("--strict", is_flag=True, help="What is permitted on conditions bars the use too.")
@click.option(
    "--attribution", "as_list", is_flag=True, help="Print the attribution list alone, as it may be published."
)
@click.option(
    "--notices",
    type=click.Path(path_type=Path),
    help="Answers of `query notices --output` on this run: what they name surely is counted under its name.",
)
@ROWS
@LIMIT
@AS_JSON
def query_uses(
    run_id: str,
    ledger: str | None,
    use: str,
    strict: bool,
    as_list: bool,
    notices: Path | None,
    rows: tuple[Path, ...],
    limit: int,
    as_json: bool,
) -> None:
    """What RUN may be used for: the least that its sources and records permit, the duties, the smallest removal."""
    from manifests.diversity import density_of
    from manifests.ledger import open_ledger
    from manifests.runs import load_manifest, sealed_run
    from manifests.uses import ACCEPTED, licences_of, screened
    from manifests.uses_attribution import attribution

    uri, run = run_of(run_id, ledger)
    known, resolve = rows_for(uri, rows)
    store = open_ledger(uri).store
    sealed = sealed_run(store, run)
    manifest = load_manifest(store, sealed)
    counted, rests = licences_of(store, manifest), None
    if notices is not None:
        from pipelines.escalation.answer import answered

        counted, rests = answered(counted, notices, run, sealed.manifest_sha256)
    accepted = ACCEPTED[:1] if strict else ACCEPTED
    found = screened(manifest, counted, use, known, resolve, accepted, density_of(store, manifest))
    if as_list:
        click.echo(attribution(found.credits, known.duties), nl=False)
        return
    told = asdict(found)
    parts = told.pop("parts")[:limit]
    told["notices"] = rests
    told["duties"] = {key: asdict(known.duties[key]) for key in found.duties}
    columns = ("source", "licence", "answer", "basis", "duties", "records", "bytes", "remove")
    if not as_json:
        parts = [_readable(part) for part in parts]
    show(parts, columns, as_json, {"run": run, "limit": limit, "note": NOT_A_CONCLUSION, **told})
    if not as_json:
        for line in _summary(told, len(found.parts), limit):
            click.echo(line)


def _readable(part: dict[str, Any]) -> dict[str, Any]:
    return part | {
        "licence": part["licence"] or "unknown",
        "duties": ", ".join(part["duties"]) or "-",
        "bytes": "not counted" if part["bytes"] is None else part["bytes"],
    }


def _summary(told: dict[str, Any], parts: int, limit: int) -> list[str]:
    away = told["removal"]
    size = "bytes not counted" if away["bytes"] is None else f"{away['bytes']:,} bytes"
    lines = [] if parts <= limit else [f"… {parts - limit:,} more; raise --limit"]
    lines += ["", f"{told['use']}: {told['answer'] or 'nothing to measure'} ({NOT_A_CONCLUSION})"]
    if not told["counted"]:
        lines.append("record licences were not counted in this run: this is what sources declare, and no more")
    if told["notices"] is not None:
        who, sha256 = told["notices"]["detector"], told["notices"]["sha256"][:16]
        lines.append(
            f"{told['notices']['records']:,} records are counted under the licence that {who.get('name')} {who.get('version')} named "
            f"(answers, sha256 {sha256}), which no person has reviewed"
        )
    if away["parts"]:
        tokens = "tokens not provided" if away["tokens"] is None else f"about {away['tokens']:,} tokens"
        whole = f"; whole sources: {', '.join(away['sources'])}" if away["sources"] else ""
        lines.append(
            f"smallest removal: {away['records']:,} records, {size}, {tokens}{whole}; "
            f"without them: {told['without'] or 'nothing is left'}"
        )
    lines += [f"duty {key}: {words['en']}" for key, words in told["duties"].items()]
    reviewed = "reviewed by counsel" if told["table_reviewed"] else "not reviewed by counsel"
    return [*lines, f"table {told['table']} (sha256 {told['table_sha256'][:16]}), {reviewed}"]
