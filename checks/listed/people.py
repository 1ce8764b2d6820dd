"""Who wrote a record, as keyed fingerprints: the pseudonym of a user, and all that the name of an author may be."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from checks.personal.entities import Catalogue
from checks.personal.keys import hmac_of
from checks.personal.named import as_written
from checks.personal.names import PERSON, canonical_name
from checks.personal.spot import spot

AUTHOR: Final = "AUTHOR"
"""What the HMAC of a mapped `author` is over, in the place of an entity."""
AUTHORED: Final = "author"
"""`detail` of a finding that rests on the author."""


def pseudonyms(authors: Sequence[str], key_id: str | None) -> list[bytes]:
    """HMAC(key, ``AUTHOR`` NUL author) of each, 16 bytes: full-width letters and digits narrow, blanks at its ends left out."""
    return [_of(key_id, AUTHOR, canonical_author(author)) for author in authors]


def canonical_author(author: str) -> str:
    """What the fingerprint of an author is over."""
    return as_written(author)


def fingerprints(authors: Sequence[str], key_id: str | None, catalogue: Catalogue) -> list[set[bytes]]:
    """All fingerprints of each author: its pseudonym, that of a person's name, and those of personal values within it."""
    found = [
        {_of(key_id, AUTHOR, canonical_author(author)), _of(key_id, PERSON, canonical_name(author))}
        for author in authors
    ]
    for spotted in spot(pa.array(authors, pa.large_string()), catalogue=catalogue):
        value = spotted.entity.canonical(spotted.value)
        if value is not None:
            found[spotted.row].add(_of(key_id, spotted.entity.name, value))
    return found


def _of(key_id: str | None, name: str, canonical: str) -> bytes:
    made = hmac_of(key_id, name, canonical)
    if made is None:
        msg = "a fingerprint is made with a key; give keys.hmac in run.yaml"
        raise ValueError(msg)
    return made
