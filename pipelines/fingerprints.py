"""Values in, keyed fingerprints out, in the form in which a list of refusals or a ledger of authorisations holds them."""

from collections.abc import Iterable, Iterator

from checks.listed.people import AUTHOR, canonical_author
from checks.personal.keys import hmac_of
from checks.personal.names import PERSON, canonical_name
from pipelines.subjects_identify import canonical_forms
from schemas.errors import ConfigError


def fingerprint_lines(values: Iterable[bytes], key_id: str, entity: str | None = None) -> Iterator[str]:
    """The lines of a text list: its key, then of each value, one a line, all that it may be; with *entity*, that alone.

    `ConfigError`, which names the line and never the value, where a value is no entity, or not that one.
    """
    yield f"# key_id: {key_id}"
    for number, line in enumerate(values, 1):
        try:
            value = line.removeprefix(b"\xef\xbb\xbf").decode().strip()
        except UnicodeDecodeError:
            msg = f"standard input, line {number}: not UTF-8; give the values as UTF-8 text"
            raise ConfigError(msg) from None
        if not value:
            continue
        try:
            forms = _canonical(value, entity)
        except ConfigError as error:
            problem = str(error).removeprefix("value: ")
            msg = f"standard input, line {number}: {problem}. `--entity {AUTHOR}` and `--entity {PERSON}` take any text"
            raise ConfigError(msg) from None
        for name, canonical in forms:
            made = hmac_of(key_id, name, canonical)
            assert made is not None  # there is a key
            yield f"{made.hex()}  # {name}"


def _canonical(value: str, entity: str | None) -> list[tuple[str, str]]:
    """(entity, canonical form) of one value."""
    if entity == AUTHOR:
        return [(AUTHOR, canonical_author(value))]
    return [(PERSON, canonical_name(value))] if entity == PERSON else canonical_forms(value, entity)
