"""The customer's own recognizers and words: files that settings of checks name, read once by the driver and carried in them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from checks.base import Check
from checks.fairness import Fairness, lexicon_of
from checks.fairness import plain_form as plain_lexicon
from checks.personal import Personal
from checks.personal.entities import catalogue_of
from checks.personal.pack import plain_form
from pipelines.places import resolved
from schemas.canonical import canonical_json
from schemas.errors import ConfigError, Where
from schemas.yaml_places import Placed, quoted

_KINDS: Final[tuple[tuple[type[Check], str, Callable[[bytes, str], Any], Callable[[tuple[str, ...]], object]], ...]] = (
    (Personal, "recognizers", plain_form, catalogue_of),
    (Fairness, "lexicons", plain_lexicon, lexicon_of),
)
"""Check, its setting, what reads one file, what holds all of them together against each other."""


def with_recognizers(
    checks: tuple[Check, ...], placed: Placed, folder: Path, path: Path, problems: list[str]
) -> tuple[Check, ...]:
    """*checks*, the files of their settings replaced by their content; every mistake goes to *problems*.

    *placed*: run.yaml at *path*. Workers on other machines then need no file, and settings, work ids and the manifest say
    what was sought.
    """
    found = []
    for check in checks:
        made = check
        for kind, setting, plain, held in _KINDS:
            if isinstance(check, kind):
                texts = _read(check, setting, plain, held, placed, folder, path, problems)
                made = replace(check, **{setting: texts})
        found.append(made)
    return tuple(found)


def _read(
    check: Check, setting: str, plain: Callable[[bytes, str], Any], held: Callable[[tuple[str, ...]], object],
    placed: Placed, folder: Path, path: Path, problems: list[str],
) -> tuple[str, ...]:  # fmt: skip
    texts = []
    before = len(problems)
    named: tuple[str, ...] = getattr(check, setting)
    for name, item in zip(named, _items(placed, ("checks", check.name, setting)), strict=True):
        file = Path(resolved(name, folder))
        try:
            texts.append(canonical_json(plain(file.read_bytes(), str(file))).decode())
        except OSError as error:
            where = Where(str(path), line=item.line)
            problems.append(
                f"{where}: checks.{check.name}.{setting}: no file {quoted(name)} ({error.strerror}); correct the path (it"
                f" starts from {str(folder)!r})"
            )
        except ConfigError as error:
            problems += error.problems
    if len(problems) > before:
        return ()
    try:
        held(tuple(texts))
    except ConfigError as error:
        problems += error.problems
        return ()
    return tuple(texts)


def _items(placed: Placed, place: tuple[str, ...]) -> tuple[Placed, ...]:
    at: Placed | None = placed
    for key in place:
        held: Mapping[str, Placed] = at.value if at is not None and at.kind == "map" else {}
        at = held.get(key)
    found: tuple[Placed, ...] = at.value if at is not None and at.kind == "list" else ()
    return found
