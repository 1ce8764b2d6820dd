"""docs/reference.md: every command with its arguments and options, exit codes, readers, unread reasons, settings, benchmarks."""

import inspect
import re
from dataclasses import fields
from typing import Any, Final

import click

from checks import CHECKS
from pipelines.bench import BENCHES
from pipelines.bench.figures import floors
from pipelines.cli import EXIT_CODES, cli
from pipelines.documents import markup
from pipelines.documents.markup import code, codes, table
from pipelines.read.base import LONGEST_RECORD_BYTES, REASONS
from pipelines.read.media_table import CODE_ENDINGS, CODE_NAMES, CODEC_MEDIA, FORMAT_OF_ENDING, TEXT_NAMES
from pipelines.read.registry import READERS
from schemas.source import LAYOUTS

_RECORDS: Final = {
    "jsonl": "one a line", "json-array": "one an element; chosen by the first byte `[`, never named in a registry",
    "csv": "one a row", "parquet": "one a row", "arrow": "one a row", "warc": "one a `response`, `resource` or `conversion`",
    "wet": "one a `conversion`", "text": "the file, or with `record: line` each line", "markdown": "as `text`", "code": "as `text`",
}  # fmt: skip
_SETTING: Final = re.compile(r"\*(\w+)\*")


def page() -> str:
    """The page's text."""
    return markup.page("Reference", [
        "Commands, exit codes, formats and settings as the code has them. Keys of run.yaml and of a source's YAML: [configuration.md](configuration.md);",
        "rules: [policy.md](policy.md); checks and measures: [measures.md](measures.md); how each format is cut into records: [reading-rules.md](reading-rules.md).",
        "",
        "## Exit codes", "",
        *table(("code", "meaning"), ((code(number), meaning) for number, meaning in sorted(EXIT_CODES.items()))),
        "## Commands", "",
        *(line for words, command in commands() for line in _command(words, command)),
        *_formats(), *_reasons(), *_settings(), *_benchmarks(),
    ])  # fmt: skip


def commands(group: click.Command = cli, before: str = "corpusledger") -> list[tuple[str, click.Command]]:
    """Every command as it is typed, with its object; those of groups, not the groups, and no hidden one."""
    found: list[tuple[str, click.Command]] = []
    for name, command in getattr(group, "commands", {}).items():
        if not command.hidden:
            found += commands(command, f"{before} {name}") or [(f"{before} {name}", command)]
    return found


def _command(words: str, command: click.Command) -> list[str]:
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    typed = " ".join(
        [words, *(a.make_metavar(click.Context(command)) for a in arguments), *(["[OPTIONS]"] if options else [])]
    )
    lines = [
        f"### {words.removeprefix('corpusledger ')}",
        "",
        code(typed),
        "",
        inspect.cleandoc(command.help or ""),
        "",
    ]
    if not options:
        return lines
    return [*lines, *table(("option", "value", "what it does"), (_option(o, command) for o in options))]


def _option(option: click.Option, command: click.Command) -> tuple[str, str, str]:
    value = "" if option.is_flag else _value(option, command)
    notes = [option.help or ""]
    notes += ["Required."] if option.required else []
    notes += ["May be given several times."] if option.multiple else []
    notes += [f"Default: `{option.default}`."] if option.show_default and option.default is not None else []
    return codes(option.opts), value, " ".join(notes)


def _value(option: click.Option, command: click.Command) -> str:
    if isinstance(option.type, click.Choice):
        return codes(option.type.choices)
    return code(option.make_metavar(click.Context(command)))


def _formats() -> list[str]:
    endings: dict[str, list[str]] = {name: [] for name in READERS}
    for ending, name in FORMAT_OF_ENDING.items():
        if name:
            endings[name].append("." + ending)
    endings["code"] = [
        f"{len(CODE_ENDINGS)} endings, among them `.py`, `.c`, `.java`, `.js`, `.html`, `.xml`, `.yaml`, `.ipynb`"
    ]
    rows = (
        (code(name), _RECORDS[name], endings[name][0] if name == "code" else codes(endings[name]) or "none") for name in READERS
    )  # fmt: skip
    return [
        "## Formats that are read", "",
        "With `format: auto` the first bytes and the ending decide; a `format` in the source's YAML wins over the ending, never over bytes that are another",
        "medium (a PNG under a JSONL source is not looked at).", "",
        *table(("format", "a record is", "endings under `auto`"), rows),
        f"Layouts of `jsonl` and `json-array`: {codes(LAYOUTS)}. Codecs, told by the first bytes: {codes(CODEC_MEDIA.values())}; not around Parquet.",
        f"Names without an ending that are read too: {len(TEXT_NAMES)} as text (`LICENSE`, `README`, `NOTICE`, `COPYING`, …) and {len(CODE_NAMES)} as code "
        "(`Makefile`, `Dockerfile`, …).", "",
        "Everything else is **not looked at**: counted by media type and bytes, hashed, shown in manifest, gate and report. A reader opens no image, audio, video,",
        "PDF, office document, archive (zip, tar, bz2, xz, 7z), executable, database, pickle or model file.", "",
    ]  # fmt: skip


def _reasons() -> list[str]:
    return [
        "## Reasons for an unread record", "",
        f"One reason a record. A record past {LONGEST_RECORD_BYTES:,} bytes is `too long`. `corpusledger query unread` lists every place.", "",
        *table(("reason", "meaning"), ((code(reason), meaning) for reason, meaning in REASONS.items())),
    ]  # fmt: skip


def _settings() -> list[str]:
    rows = []
    for check in CHECKS:
        meanings = _meanings(check.__doc__ or "")
        rows += [
            (code(check.name), code(f.name), code(_plain(f.default)), meanings.get(f.name, "")) for f in fields(check)
        ]
    return [
        "## Settings of the checks", "",
        "Under `checks:` in run.yaml, `language: {shortest_letters: 40}`; `quality: off` leaves a check out, and rules on it then have insufficient evidence.",
        "`key_id` is set by the run itself, from `keys.hmac`. The manifest prints the settings in force; a changed setting makes that check's work anew.", "",
        *table(("check", "setting", "default", "what it does"), rows),
    ]  # fmt: skip


def _meanings(docstring: str) -> dict[str, str]:
    """Setting -> its clause in a check's docstring, where settings stand as ``*name*: clause;`` or ``*a*, *b*: clause``."""
    found: dict[str, str] = {}
    for clause in re.split(r";\s", " ".join(docstring.split())):
        head, colon, rest = clause.partition(": ")
        if colon and (names := _SETTING.findall(head)):
            found |= dict.fromkeys(names, rest.split(". ")[0].rstrip("."))
    return found


def _benchmarks() -> list[str]:
    rows = [
        (code(f"corpusledger bench {name}"), code(figure), f"at least {bound['floor']}" if "floor" in bound else f"at most {bound['ceiling']}", bound["unit"])
        for name in BENCHES for figure, bound in floors().get(name, {}).items()
    ]  # fmt: skip
    return [
        "## Benchmarks", "",
        "Each is a ratio against a named peer in the same run. `make bench-check` holds every figure to its bound; `bench NAME` only measures.", "",
        *table(("benchmark", "figure", "bound", "unit"), rows),
    ]  # fmt: skip


def _plain(value: Any) -> str:
    return "none" if value is None else f"{value}"
