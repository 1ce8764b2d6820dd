"""`query domains`: the registrable domains that most of a run's text came from, as the EU template asks, with their shares."""

from typing import Any

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, LIMIT, RUN, opened, show
from schemas.errors import ConfigError


@click.command("domains")
@RUN
@LEDGER_OR_PATH
@click.option(
    "--top",
    "top_percent",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="Of all domains that may be shown, so many in a hundred, rounded up.",
)
@click.option("--sme", is_flag=True, help="For small and medium-sized providers: 5 %, at most 1,000.")
@click.option("--source", help="Of this source alone.")
@LIMIT
@AS_JSON
def query_domains(
    run_id: str, ledger: str | None, top_percent: int, sme: bool, source: str | None, limit: int, as_json: bool
) -> None:
    """The domains that most of RUN's text came from, most bytes first, with their share of all text that has a domain."""
    import pyarrow.compute as pc

    from checks.optouts.top_domains import SME_MOST, SME_TOP_PPM, top_domains

    table = domains_of(*opened(run_id, ledger))
    if source is not None:
        table = table.filter(pc.equal(table.column("source"), source))
    share, most = (SME_TOP_PPM, SME_MOST) if sme else (top_percent * 10_000, None)
    found = top_domains(table.select(["domain", "records", "bytes"]), share, most)
    rows: list[dict[str, Any]] = found.rows.to_pylist()
    more = {
        "domains": found.domains, "listed": len(rows), "bytes": found.bytes, "bytes_listed": sum(r["bytes"] for r in rows),
        "other_records": found.other_records, "other_bytes": found.other_bytes, "limit": limit,
    }  # fmt: skip
    show(rows[:limit], ("domain", "records", "bytes", "bytes_ppm"), as_json, more)
    if not as_json:
        click.echo(
            f"{len(rows):,} of {found.domains:,} domains, {more['bytes_listed']:,} of {found.bytes:,} bytes; without a domain "
            f"that may be shown: {found.other_records:,} records, {found.other_bytes:,} bytes"
        )


def domains_of(store: Any, manifest: Any) -> Any:
    """The run's table of domains (`schemas.ledger.ROLLUP_DOMAIN`); `ConfigError` where the run did not count them."""
    from manifests.parquet import read_parquet
    from manifests.store import object_path
    from manifests.tables import read_files
    from schemas.ledger import DOMAINS, ROLLUP_DOMAIN

    digests = [row["digest"] for row in read_files(store, manifest).to_pylist() if row["name"] == DOMAINS]
    if digests:
        return read_parquet(store.get_object(digests[0]), store.place(object_path(digests[0])), ROLLUP_DOMAIN)
    if any(top.table == "domain" and top.keys == 0 for top in manifest.top):
        return ROLLUP_DOMAIN.empty_table()
    raise ConfigError(f"{manifest.run}: the run did not count domains; run again with the check `provenance` on")
