"""query and verify: legal staff's commands. They start without Beam, Presidio or a model."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import click

from pipelines.commands.answers import AS_JSON, LEDGER, LEDGER_OR_PATH, LIMIT, RUN, opened, run_of, show
from pipelines.commands.domains import query_domains
from pipelines.commands.notices import query_notices
from pipelines.commands.profiles import query_profile
from pipelines.commands.selection import query_selection
from pipelines.commands.uses import query_uses
from schemas.errors import ConfigError


@click.group()
def query() -> None:
    """Ask the sealed runs of a ledger."""


query.add_command(query_uses)
query.add_command(query_notices)
query.add_command(query_domains)
query.add_command(query_profile)
query.add_command(query_selection)


@query.command("runs")
@LEDGER
@AS_JSON
def query_runs(ledger: str, as_json: bool) -> None:
    """Every sealed run, in the log's order."""
    from manifests import query as ask
    from manifests.ledger import open_ledger

    rows = ask.runs(open_ledger(ledger))
    show(
        [asdict(r) | {"effect": r.effect or "pass"} for r in rows],
        ("run", "started", "model", "stage", "records", "sources", "effect", "signed"),
        as_json,
        {},
    )


@query.command("sources")
@RUN
@LEDGER_OR_PATH
@AS_JSON
def query_sources(run_id: str, ledger: str | None, as_json: bool) -> None:
    """Which sources, under which licence, with how many records, are in RUN."""
    from manifests import query as ask
    from manifests.ledger import open_ledger

    uri, run = run_of(run_id, ledger)
    rows = [asdict(r) for r in ask.sources_of(open_ledger(uri), run)]
    show(
        rows,
        ("source", "source_class", "licence", "files", "records", "looked_at", "unread", "not_looked_at"),
        as_json,
        {"run": run},
    )


@query.command("domain")
@click.argument("domain")
@LEDGER
@AS_JSON
def query_domain(domain: str, ledger: str, as_json: bool) -> None:
    """Which runs contain DOMAIN, or something below it; a run that did not count domains is named apart."""
    from manifests import query as ask
    from manifests.ledger import open_ledger

    answer = asdict(ask.runs_with_domain(open_ledger(ledger), domain))
    rows = answer.pop("rows")
    show(rows, ("run", "domain", "source", "records", "bytes"), as_json, {"domain": domain, **answer})
    if not as_json:
        for name, value in answer.items():
            if value:
                click.echo(
                    f"{name.replace('_', ' ')}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}"
                )


@query.command("files")
@RUN
@LEDGER_OR_PATH
@click.option("--status", type=click.Choice(["read", "not-looked-at", "unreadable"]), help="Of this status alone.")
@click.option("--source", help="Of this source alone; `unregistered` for files that no source claims.")
@LIMIT
@AS_JSON
def query_files(
    run_id: str, ledger: str | None, status: str | None, source: str | None, limit: int, as_json: bool
) -> None:
    """Which files were read, not looked at or unreadable, with media type, bytes and digest."""
    from manifests.places import files_of

    store, manifest = opened(run_id, ledger)
    rows = [asdict(f) for f in islice(files_of(store, manifest, source, status), limit)]
    show(
        rows,
        ("source", "shard", "status", "media_type", "bytes", "records"),
        as_json,
        {"run": manifest.run, "limit": limit},
    )


@query.command("unread")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@LIMIT
@AS_JSON
def query_unread(run_id: str, ledger: str | None, source: str | None, limit: int, as_json: bool) -> None:
    """Where the records lie that could not be read, and why: shard, byte offset (row for Parquet), reason."""
    from manifests.places import unread_places

    store, manifest = opened(run_id, ledger)
    rows = [asdict(p) for p in islice(unread_places(store, manifest, source), limit)]
    show(rows, ("source", "shard", "offset", "length", "reason"), as_json, {"run": manifest.run, "limit": limit})


@query.command("findings")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@click.option("--check", help="Of this check alone.")
@click.option("--rule", help="Whose rule begins so, such as personal.CN_RESIDENT_ID.")
@LIMIT
@AS_JSON
def query_findings(
    run_id: str, ledger: str | None, source: str | None, check: str | None, rule: str | None, limit: int, as_json: bool
) -> None:
    """Where the checks found something: shard, offset of the record, code points within it. Never the value itself."""
    from manifests.places import finding_places

    store, manifest = opened(run_id, ledger)
    rows = [asdict(p) for p in islice(finding_places(store, manifest, source, check, rule), limit)]
    columns = ("source", "shard", "offset", "rule", "start", "end", "detail")
    show(rows, columns, as_json, {"run": manifest.run, "limit": limit})


@query.command("personal")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="In this source alone; else in the whole run.")
@AS_JSON
def query_personal(run_id: str, ledger: str | None, source: str | None, as_json: bool) -> None:
    """How much personal information was found, by entity, with measured precision and recall and the estimate they give."""
    from manifests.query import personal_of

    _, manifest = opened(run_id, ledger)
    known = [s.source for s in manifest.counts.sources]
    if source is not None and source not in known:
        raise ConfigError(f"--source {source}: the run read no such source; it read {', '.join(known) or 'none'}")
    found = personal_of(manifest, source)
    rows = [asdict(r) for r in found or ()]
    if found is None and not as_json:
        click.echo(
            "not counted by entity: the run did not look, or an earlier version made it; its measures stand in the report"
        )
        return
    columns = (
        "entity", "findings", "validated", "records", "estimated_ppm", "low_ppm", "high_ppm", "precision_ppm",
        "recall_ppm", "measured_on", "labelled_values",
    )  # fmt: skip
    if not as_json:
        rows = [{k: "not measured" if v is None else v for k, v in r.items()} for r in rows if r["findings"]]
    show(rows, columns, as_json, {"run": manifest.run, "source": source, "counted": found is not None})


@query.command("copies")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Removed from this source alone.")
@LIMIT
@AS_JSON
def query_copies(run_id: str, ledger: str | None, source: str | None, limit: int, as_json: bool) -> None:
    """Which records go because they are copies, which record stays for each, how alike they are, and what decided."""
    from manifests.copies import copies_of, displaced_of

    store, manifest = opened(run_id, ledger)
    rows = [asdict(c) for c in islice(copies_of(store, manifest, source), limit)]
    columns = (
        "source", "shard", "offset", "kept_source", "kept_shard", "kept_offset", "kept_run", "scheme", "exact_ppm", "decided_by",
    )  # fmt: skip
    displaced = [asdict(d) for d in islice(displaced_of(store, manifest, source), limit)]
    show(rows, columns, as_json, {"run": manifest.run, "limit": limit, "displaced": displaced})
    if displaced and not as_json:
        click.echo("\nstood for others in an earlier run, and no more:")
        show(displaced, ("earlier_run", "reason", "source", "shard", "offset", "representatives", "records"), False, {})


@query.command("overlap")
@RUN
@LEDGER_OR_PATH
@AS_JSON
def query_overlap(run_id: str, ledger: str | None, as_json: bool) -> None:
    """How many records of each source have a copy in each other one (of itself: copies within it), exact or near."""
    from manifests.copies import overlap_of

    store, manifest = opened(run_id, ledger)
    rows = [asdict(s) for s in overlap_of(store, manifest)]
    columns = ("source", "other", "other_run", "records", "terms", "records_of_source")
    show(rows, columns, as_json, {"run": manifest.run})


@query.command("repeated")
@RUN
@LEDGER_OR_PATH
@click.option("--paragraphs", is_flag=True, help="Paragraphs in place of lines.")
@LIMIT
@AS_JSON
def query_repeated(run_id: str, ledger: str | None, paragraphs: bool, limit: int, as_json: bool) -> None:
    """Which lines are in the most records, by the hash of their terms, and where the first is. Never the text itself."""
    from manifests.repeated import repeated_of

    store, manifest = opened(run_id, ledger)
    kind = "paragraph" if paragraphs else "line"
    rows = [asdict(r) for r in repeated_of(store, manifest, kind, limit)]
    columns = ("hash", "records", "sources", "places", "bytes", "source", "shard", "offset")
    show(rows, columns, as_json, {"run": manifest.run, "kind": kind, "limit": limit})


@click.command()
@click.argument("what", metavar="RUN|LEDGER")
@click.option("--ledger", help="Folder or URI of the ledger, where the first argument is a run id.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Public key (PEM) to trust; else keys/*.pub beside the ledger.",
)
@AS_JSON
def verify(what: str, ledger: str | None, keys: Sequence[Path], as_json: bool) -> int:
    """Check signature, log, tables and objects, offline; names the first thing that is wrong. Wrong: exit 1."""
    from manifests.seal import public_key
    from manifests.store import open_store
    from manifests.verify import verify_ledger, verify_run
    from schemas.ledger import LEDGER_FILE

    is_ledger = ledger is None and open_store(what).exists(LEDGER_FILE)
    uri, run = (what, "") if is_ledger else run_of(what, ledger)
    beside = sorted((Path(uri).parent / "keys").glob("*.pub")) if "://" not in uri else []
    trusted = [public_key(k) for k in (keys or beside)]
    store = open_store(uri)
    verdict = verify_ledger(store, trusted) if is_ledger else verify_run(store, run, trusted)
    if as_json:
        click.echo(json.dumps(asdict(verdict), ensure_ascii=False, sort_keys=True))
    else:
        for note in verdict.notes:
            click.echo(note)
        click.echo(
            verdict.problem
            or f"nothing wrong found: {verdict.objects:,} objects hashed; "
            + (
                f"signatures held against {len(trusted)} trusted key(s)"
                if trusted
                else "no trusted key was named, so no signature was checked"
            )
        )
    return 1 if verdict.problem else 0
