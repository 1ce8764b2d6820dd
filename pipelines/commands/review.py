"""review plans, draw, import, show: samples of a sealed run that people or an independent machine judge."""

import json
from pathlib import Path
from typing import Any

import click

from pipelines.commands.answers import AS_JSON, LEDGER, LEDGER_OR_PATH, RUN, run_of, show

PLANS = click.option(
    "--plans", type=click.Path(path_type=Path, exists=True), help="YAML of your own plans; else the pack cn-review."
)
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en", "both"]), default="both", show_default=True, help="Of the answer."
)


@click.group()
def review() -> None:
    """Samples that people judge: draw one from a sealed run, bring the verdicts back, see what they come to."""


@review.command("plans")
@PLANS
@LANGUAGE
@AS_JSON
def review_plans(plans: Path | None, language: str, as_json: bool) -> None:
    """List the sampling plans with size, share that must pass, and how well each number is known."""
    from pipelines.review_plans import load_plans

    loaded = load_plans(plans)
    rows: list[dict[str, Any]] = [
        {
            "plan": p.id, "cites": f"{p.instrument} {p.article} [{p.mark}]", "of": p.of, "each": p.each, "by": p.by,
            "size": _size(p), "size_mark": p.size_mark, "must_pass": _per_cent(p.pass_ppm), "pass_mark": p.pass_mark or "-",
            "title": _said(p.title, language),
        }
        for p in loaded.pack.plans
    ]  # fmt: skip
    columns = ("plan", "cites", "of", "each", "by", "size", "size_mark", "must_pass", "pass_mark", "title")
    show(rows, columns, as_json, {"pack": loaded.pack.review, "version": loaded.pack.version, "sha256": loaded.sha256})


@review.command("draw")
@RUN
@LEDGER_OR_PATH
@click.option("--plan", "plan_id", required=True, help="Id of the plan; `corpusledger review plans` lists them.")
@PLANS
@click.option(
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Worksheet to write, .xlsx or .csv; never written over.",
)
@click.option(
    "--seed-file",
    type=click.Path(path_type=Path),
    help="File whose sha256 is the seed, such as a public beacon's; else random.",
)
@click.option("--again", metavar="REASON", help="Why the plan is drawn on this run once more; stands in the log.")
@click.option("--unmasked", is_flag=True, help="Show the text with the personal values in it.")
@AS_JSON
def review_draw(
    run_id: str, ledger: str | None, plan_id: str, plans: Path | None, output: Path, seed_file: Path | None,
    again: str | None, unmasked: bool, as_json: bool,
) -> None:  # fmt: skip
    """Draw the sample of a plan from the sealed run RUN, log it, and write the worksheet that reviewers fill.

    The worksheet holds text of the corpus and is kept nowhere else: the ledger has places, digests and the seed alone.
    """
    from manifests.ledger import open_ledger
    from pipelines.review_draw import draw
    from pipelines.review_plans import load_plans

    uri, run = run_of(run_id, ledger)
    loaded = load_plans(plans)
    plan = loaded.plan(plan_id)
    made = draw(open_ledger(uri), run, loaded, plan, output, seed_file=seed_file, again=again, masked=not unmasked)
    strata = [
        {"group": s.group, "source": s.source, "population": s.population, "drawn": s.drawn} for s in made.draw.strata
    ]
    if as_json:
        told = {
            "run": run, "plan": plan.id, "draw": made.entry.sha256, "log_entry": made.entry.entry, "seed": made.draw.seed,
            "seed_from": made.draw.seed_from, "rows": made.draw.rows, "strata": strata, "worksheet": str(output),
        }  # fmt: skip
        click.echo(json.dumps(told, ensure_ascii=False, sort_keys=True))
        return
    click.echo(f"{output}: {made.draw.rows:,} records; draw {made.entry.sha256[:16]}…, log entry {made.entry.entry}")
    for one in made.draw.strata:
        named = f" {one.source}" if one.source and one.source != one.group else ""
        click.echo(f"  {one.group}{named}: {one.drawn:,} of {one.population:,}")
    click.echo(plan.asks.zh)
    click.echo(plan.asks.en)
    if made.draw.rows and plan.size and any(s.drawn == s.population < plan.size for s in made.draw.strata):
        click.echo(f"where fewer than {plan.size:,} records are there, all of them are drawn")
    click.echo(f"then: corpusledger review import {output} --ledger {uri}")


@review.command("import")
@click.argument("worksheet", type=click.Path(path_type=Path, exists=True))
@LEDGER
@click.option("--judge", help="The machine of a machine's plan, with its version, such as classifier@3.")
@click.option(
    "--against", metavar="SHA256", help="People's review of the run, by which a machine's flags are corrected."
)
@click.option(
    "--key", type=click.Path(path_type=Path, exists=True),
    help="HMAC key for the reviewers' pseudonyms; else keys/hmac.key beside the ledger, else they are numbered.",
)  # fmt: skip
@click.option(
    "--sign", type=click.Path(path_type=Path, exists=True), help="Signing key; else keys/sign.pem beside the ledger."
)
@LANGUAGE
@AS_JSON
def review_import(
    worksheet: Path, ledger: str, judge: str | None, against: str | None, key: Path | None, sign: Path | None,
    language: str, as_json: bool,
) -> int:  # fmt: skip
    """Bring the filled WORKSHEET back: check it against its draw, compute what it comes to, seal the result.

    Exits 1 where a group is `not_met` by the rule as it is written; what a run may do then is for its policy and people.
    """
    from checks.personal.keys import use_key
    from manifests.ledger import open_ledger
    from pipelines.review_import import import_worksheet
    from schemas.sequential import NOT_MET

    key = key or _beside(ledger, "hmac.key")
    found, entry = import_worksheet(
        open_ledger(ledger), worksheet, judge=judge, against=against, key_id=None if key is None else use_key(key),
        sign=sign or _beside(ledger, "sign.pem"),
    )  # fmt: skip
    _tell([(found, entry)], language, as_json)
    return 1 if any(group.as_written == NOT_MET for group in found.groups) else 0


@review.command("show")
@RUN
@LEDGER_OR_PATH
@LANGUAGE
@AS_JSON
def review_show(run_id: str, ledger: str | None, language: str, as_json: bool) -> None:
    """What the reviews of the sealed run RUN came to, and which of its draws nobody has judged."""
    from manifests.ledger import open_ledger
    from manifests.reviews import draws_of, load_review, reviews_of
    from manifests.runs import sealed_run

    uri, run = run_of(run_id, ledger)
    store = open_ledger(uri).store
    sealed_run(store, run)
    reviews = reviews_of(store, run)
    judged = {one.draw for one in reviews}
    waiting = [one for one in draws_of(store, run) if one.sha256 not in judged]
    _tell([(load_review(store, one.sha256), one) for one in reviews], language, as_json, waiting)


def _tell(found: list[tuple[Any, Any]], language: str, as_json: bool, waiting: list[Any] | None = None) -> None:
    from schemas.described import as_json as told_of

    if as_json:
        reviews = [
            {**told_of(one), "sha256": entry.sha256, "signed": entry.envelope is not None} for one, entry in found
        ]
        draws = [told_of(one) for one in waiting or ()]
        click.echo(json.dumps({"reviews": reviews, "waiting": draws}, ensure_ascii=False, sort_keys=True))
        return
    from pipelines.review_words import lines_of

    for one, entry in found:
        for line in lines_of(one, entry, language):
            click.echo(line)
    for one in waiting or ():
        again = f", drawn again: {one.again}" if one.again else ""
        click.echo(f"not judged: plan {one.plan}, draw {one.sha256[:16]}… of {one.drawn}{again}")
    if not found and not waiting:
        click.echo("none")


def _beside(ledger: str, name: str) -> Path | None:
    path = Path(ledger).absolute().parent / "keys" / name
    return path if "://" not in ledger and path.is_file() else None


def _size(plan: Any) -> str:
    parts = [f"{plan.size:,}" if plan.size else "", f"{_per_cent(plan.share_ppm)} of all" if plan.share_ppm else ""]
    return " and ".join(part for part in parts if part)


def _per_cent(ppm: int | None) -> str:
    from manifests.disclose import per_cent

    return "-" if ppm is None else per_cent(ppm)


def _said(words: Any, language: str) -> str:
    return f"{words.zh} / {words.en}" if language == "both" else str(getattr(words, language))
