"""subject: is this person's value in a run, and a request that it goes. The value is never a word of the command line."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from pipelines.commands.answers import AS_JSON, LEDGER, LIMIT, show
from schemas.errors import ConfigError

NO_RUN_SEARCHED: Final = 3
ENTITY = click.option(
    "--entity",
    metavar="ENTITY",
    help="What the value is, such as PHONE_NUMBER; else everything that it may be is searched.",
)
KEY = click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File of the HMAC key that the runs were sealed under; else keys/hmac.key beside the ledger. May be given again.",
)
LANGUAGE = click.option(
    "--language", type=click.Choice(["zh", "en", "both"]), default="both", show_default=True, help="Of the answer."
)
# Whatever else stands on the line may be the value, so it is neither parsed nor shown.
ANYTHING = click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="")
_LENIENT: Final = {"ignore_unknown_options": True, "help_option_names": ["-h", "--help"]}


class _Silent(click.Group):
    """A group that does not repeat a word it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        if args and args[0] not in self.commands:
            raise click.UsageError(f"subject: no such command; one of {', '.join(sorted(self.commands))}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Silent, context_settings=_LENIENT)
def subject() -> None:
    """Ask where a person's value is, or record that it must go; the value comes on standard input or by a prompt."""


@subject.command("find", context_settings=_LENIENT)
@LEDGER
@ENTITY
@KEY
@LANGUAGE
@LIMIT
@AS_JSON
@ANYTHING
def subject_find(
    ledger: str, entity: str | None, keys: tuple[Path, ...], language: str, limit: int, as_json: bool,
    words: tuple[str, ...],
) -> int:  # fmt: skip
    """In which runs, sources and records a value is. Says what was searched, how well, and what was not."""
    asked, forms, answer = _asked(ledger, entity, keys, limit, words)
    from manifests.subject_requests import requests_of

    wanted = {(i.entity, i.hmac) for i in asked}
    requests = [
        r for r in requests_of(_opened(ledger).store) if any((i.entity, i.hmac) in wanted for i in r.identifiers)
    ]
    told = {"requests": [{"request": r.number, "recorded": r.recorded} for r in requests]}
    _tell(answer, forms, language, as_json, limit, told)
    if not as_json:
        for request in requests:
            click.echo(f"request {request.number} of {request.recorded} asks that it be erased")
    return 0 if answer.searched else NO_RUN_SEARCHED


@subject.command("erase", context_settings=_LENIENT)
@LEDGER
@ENTITY
@KEY
@LANGUAGE
@AS_JSON
@ANYTHING
def subject_erase(
    ledger: str, entity: str | None, keys: tuple[Path, ...], language: str, as_json: bool, words: tuple[str, ...]
) -> int:
    """Record in the log that the records with a value must go; every later run on the ledger drops them."""
    from manifests.subject_requests import MOST_CONTENT_IDS, record_request
    from manifests.subject_words import REMAINS

    asked, forms, answer = _asked(ledger, entity, keys, MOST_CONTENT_IDS + 1, words)
    if answer.runs and not answer.searched:
        raise ConfigError("--key: no sealed run was made under this key, so no run would know the value; give theirs")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = record_request(_opened(ledger), asked, answer, now)
    proof = {
        "request": request.number, "recorded": request.recorded, "log_entry": request.entry,
        "entry_sha256": request.entry_sha256, "records": request.records, "content_ids": len(request.content_ids),
    }  # fmt: skip
    _tell(answer, forms, language, as_json, MOST_CONTENT_IDS, {**proof, "remains": asdict(REMAINS)})
    if not as_json:
        click.echo(f"request {request.number}: log entry {request.entry}, sha256 {request.entry_sha256}")
        _say(REMAINS, language)
    return 0


@subject.command("fingerprint", context_settings=_LENIENT)
@click.option(
    "--entity",
    metavar="ENTITY",
    help="What the values are, such as CN_MOBILE, PERSON or AUTHOR; else all that each may be.",
)
@click.option("--key", type=click.Path(path_type=Path), required=True, help="File of the run's HMAC key.")
@ANYTHING
def subject_fingerprint(entity: str | None, key: Path, words: tuple[str, ...]) -> int:
    """Make keyed fingerprints of values on standard input, one a line, for `lists.refusals` of run.yaml."""
    _refuse(words)
    from checks.personal.keys import use_key
    from pipelines.fingerprints import fingerprint_lines

    for line in list(fingerprint_lines(sys.stdin.buffer, use_key(key), entity)):
        click.echo(line)
    return 0


def _asked(
    ledger: str, entity: str | None, keys: tuple[Path, ...], limit: int, words: tuple[str, ...]
) -> tuple[Any, tuple[str, ...], Any]:
    """(identifiers, their entities, answer) of the value that is read now."""
    _refuse(words)
    from checks.personal.keys import use_key
    from manifests.subjects import Subjects
    from pipelines.subjects_identify import canonical_forms, identifiers, looked_for

    opened = _opened(ledger)
    ids = [use_key(path) for path in keys or _beside(ledger)]
    subjects = Subjects(opened)
    forms = canonical_forms(_value(), entity, looked_for(r.manifest for r in subjects.runs))
    asked = identifiers(forms, ids)
    return asked, tuple(dict.fromkeys(name for name, _ in forms)), subjects.find(asked, limit)


def _refuse(words: tuple[str, ...]) -> None:
    """A word on the command line may be the value: it is refused and never shown."""
    if words:
        raise ConfigError(
            "subject: this command takes no further words; the value comes on standard input or by the prompt, never on the"
            " command line, where the shell's history keeps it: remove it from there"
        )


def _opened(ledger: str) -> Any:
    from manifests.ledger import open_ledger

    return open_ledger(ledger)


def _beside(ledger: str) -> tuple[Path, ...]:
    path = Path(ledger).parent / "keys" / "hmac.key"
    if "://" in ledger or not path.is_file():
        raise ConfigError("--key: no key was given and there is no keys/hmac.key beside the ledger; name its file")
    return (path,)


def _value() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("value", hide_input=True, err=True))
    try:
        return sys.stdin.read(1 << 16)
    except UnicodeDecodeError:
        raise ConfigError("value: standard input is not UTF-8; give the value as UTF-8 text") from None


def _tell(
    answer: Any, entities: tuple[str, ...], language: str, as_json: bool, limit: int, more: dict[str, Any]
) -> None:
    from manifests.subject_words import NAMES, WHY_NOT, lines_of
    from pipelines.subjects_identify import recalls_of

    recalls = recalls_of(answer)
    lines = lines_of(answer, entities, recalls)
    records = [asdict(r) for r in answer.records[:limit]]
    if as_json:
        runs = [
            {**asdict(r), "searched": r.why_not is None, "why_not": asdict(WHY_NOT[r.why_not]) if r.why_not else None,
             "recall_ppm": {e: recalls[e, r.check_version].recall_ppm for e in r.entities}}
            for r in answer.runs
        ]  # fmt: skip
        found = [{"run": run, "source": source, "records": n} for (run, source), n in sorted(answer.found.items())]
        told = {
            "identifiers": list(entities), "runs": runs, "found": found, "limit": limit, "names": asdict(NAMES),
            "statement": asdict(lines[-1]) if not answer.found else None, **more,
        }  # fmt: skip
        show(records, (), True, told)
        return
    for line in lines:
        _say(line, language)
    if records:
        shown = [{**r, "decision": r["decision"] or "not decided", "rule": r["rule"] or "-"} for r in records]
        show(shown, ("run", "source", "shard", "offset", "record", "entity", "decision", "rule"), False, {})


def _say(words: Any, language: str) -> None:
    if language in ("zh", "both"):
        click.echo(words.zh)
    if language in ("en", "both"):
        click.echo(words.en)
