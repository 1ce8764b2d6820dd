"""The customer's own recognizers: files named in run.yaml, read once by the driver and carried in the check's settings."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from checks.base import Check
from checks.personal import Personal
from checks.personal.entities import catalogue_of
from checks.personal.pack import plain_form
from pipelines.places import resolved
from schemas.canonical import canonical_json
from schemas.errors import ConfigError, Where
from schemas.yaml_places import Placed, quoted

_PLACE: Final = ("checks", "personal", "recognizers")


def with_recognizers(
    checks: tuple[Check, ...], placed: Placed, folder: Path, path: Path, problems: list[str]
) -> tuple[Check, ...]:
    """*checks*, the files of `checks.personal.recognizers` replaced by their content; every mistake goes to *problems*.

    *placed*: run.yaml at *path*. Workers on other machines then need no file, and settings, work ids and the manifest say
    what was sought.
    """
    return tuple(_read(c, placed, folder, path, problems) if isinstance(c, Personal) else c for c in checks)


def _read(check: Personal, placed: Placed, folder: Path, path: Path, problems: list[str]) -> Personal:
    texts = []
    before = len(problems)
    for name, item in zip(check.recognizers, _items(placed), strict=True):
        file = Path(resolved(name, folder))
        try:
            texts.append(canonical_json(plain_form(file.read_bytes(), str(file))).decode())
        except OSError as error:
            where = Where(str(path), line=item.line)
            problems.append(
                f"{where}: checks.personal.recognizers: no file {quoted(name)} ({error.strerror}); correct the path (it"
                f" starts from {str(folder)!r})"
            )
        except ConfigError as error:
            problems += error.problems
    if len(problems) > before:
        return replace(check, recognizers=())
    try:
        catalogue_of(tuple(texts))
    except ConfigError as error:
        problems += error.problems
        return replace(check, recognizers=())
    return replace(check, recognizers=tuple(texts))


def _items(placed: Placed) -> tuple[Placed, ...]:
    at: Placed | None = placed
    for key in _PLACE:
        held: Mapping[str, Placed] = at.value if at is not None and at.kind == "map" else {}
        at = held.get(key)
    found: tuple[Placed, ...] = at.value if at is not None and at.kind == "list" else ()
    return found
