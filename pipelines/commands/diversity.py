"""query diversity: how much of what a sealed run holds, of which kinds, and how evenly it is spread."""

from dataclasses import asdict
from typing import Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER_OR_PATH, RUN, opened, show

_PRINTED: Final = (
    ("scale", "scale", ("source", "stage", "stage_by", "records", "stored_bytes", "text_bytes", "chars", "tokens", "tokens_least", "tokens_most")),
    ("stages", "by stage", ("stage", "records", "stored_bytes", "text_bytes", "chars", "tokens", "tokens_least", "tokens_most")),
    ("languages", "by language", ("source", "stage", "language", "records", "chars", "token_records", "tokens", "tokens_least", "tokens_most")),
    ("stage_languages", "by stage and language, all sources", ("stage", "language", "records", "chars", "token_records", "tokens", "tokens_least", "tokens_most")),
    ("formats", "modality and format", ("source", "modality", "media_type", "format", "layout", "status", "files", "bytes")),
    ("kinds", "kinds of content, of drawn records", ("source", "kind", "method", "records", "chars", "share_ppm", "low_ppm", "high_ppm")),
    ("axes", "how evenly it is spread", ("axis", "by", "parts", "hill1_milli", "hill2_milli", "entropy_millibits", "evenness_ppm", "top", "top1_ppm", "top10_ppm", "unknown_ppm")),
    ("cells", "sources of each language and kind, of drawn records", ("language", "kind", "records", "chars", "sources", "hill2_milli", "top_source", "top1_ppm", "narrow")),
    ("wording", "different words, of drawn records", ("source", "drawn_records", "runs", "distinct", "distinct_ppm", "segment_distinct_ppm", "blocks", "compressed_ppm")),
    ("years", "years of collection", ("source", "dated_records", "undated_records", "unreadable_records", "first", "last", "years", "missing")),
)  # fmt: skip

_WHY: Final = {
    "no-key": "no key (`keys.hmac` in run.yaml)", "personal-off": "the check `personal` was off",
    "axis-not-recorded": "the run was made by a version that did not count it",
}  # fmt: skip


@click.command("diversity")
@RUN
@LEDGER_OR_PATH
@click.option("--source", help="Of this source alone.")
@AS_JSON
def query_diversity(run_id: str, ledger: str | None, source: str | None, as_json: bool) -> None:
    """How many records, code points and tokens RUN holds by source and language, of which kinds, and how evenly spread."""
    from manifests.diversity import diversity_of
    from schemas.errors import ConfigError

    store, manifest = opened(run_id, ledger)
    known = [s.source for s in manifest.counts.sources]
    if source is not None and source not in known:
        raise ConfigError(f"--source {source}: the run read no such source; it read {', '.join(known) or 'none'}")
    found = asdict(diversity_of(store, manifest, source))
    total = found.pop("total")
    found["scale"] = [*found["scale"], *([] if total is None else [total])]
    if as_json:
        show(found.pop("scale"), (), True, found)
        return
    for place, (name, title, columns) in enumerate(_PRINTED):
        click.echo(("\n" if place else "") + title + ":")
        show([{c: _shown(row, c) for c in columns} for row in found[name]], columns, False, {})
    click.echo(f"\n{_notes(found)}")


def _shown(row: dict[str, Any], column: str) -> Any:
    value = row[column]
    if isinstance(value, list | tuple):
        return " ".join("-" if part is None else f"{part:,}" for part in value)
    if column in ("first", "last") and value is not None:
        return str(value)  # a year has no thousands
    if value is None and column == "tokens_least" and row["tokens"] is not None:
        return f"no interval: {row['token_records']:,} records in {row['token_groups']} groups of texts"
    if value is None:
        return (
            "run"
            if column == "source"
            else "not provided"
            if column.startswith("token") and row["tokens"] is None
            else "-"
        )
    return value


def _notes(found: dict[str, Any]) -> str:
    tokenizer, merged = found["tokenizer"], found["merged"]
    counted = "tokens: not provided, no tokenizer was named"
    if tokenizer is not None:
        share = "in every record" if tokenizer["share"] == "full" else f"in {tokenizer['share_ppm']:,} ppm of the texts"
        counted = f"tokens: by {tokenizer['name']} (sha256 {tokenizer['sha256'][:16]}), {share}"
    joined = sorted(name for name, one in (merged or {}).items() if name != one)
    copies = (
        "copied sources were not looked for" if merged is None else f"merged as copies: {', '.join(joined) or 'none'}"
    )
    more = "".join(f"; {axis}: not measured: {_WHY[why]}" for axis, why in sorted(found["unmeasured"].items()))
    return f"{counted}; drawn records: {found['drawn_ppm']:,} ppm of the texts; {copies}{more}"
