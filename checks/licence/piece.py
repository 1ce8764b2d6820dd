"""One piece of licence evidence, and whether it says anything that those around it do not."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from checks.licence import references, statements
from checks.licence.classes import UNKNOWN, is_stricter
from checks.licence.texts.versions import family, is_vague

TEXT: Final = "licence-text"
_UNCHANGED_PPM: Final = 990_000
_REFERENCES: Final = (references.NOTICE, references.ADDRESS, references.CC_ADDRESS)
_BEFORE_BYTES: Final = 40
_LONGEST_POINTER: Final = 200  # code points
_POINTER: Final = re.compile(
    r"\b(?:(?:full|complete|entire)\s+text|(?:local\s+)?copy)\s+of\s+the\s+(?:gnu|lesser|library|affero|general)\b", re.IGNORECASE
)  # fmt: skip
_CAPITALISED: Final = re.compile(r"\b[A-Z][A-Za-z]+")
_COMMON: Final = frozenset(("license", "licence", "public", "general", "version", "the", "gnu"))


class Evidence(NamedTuple):
    """One piece of evidence in a row's text."""

    row: int  # index into the array
    start: int  # code points, half open
    end: int
    start_byte: int
    end_byte: int
    kind: str  # of `evidence.KINDS`
    detail: str  # an SPDX expression, the licence class where there is none, or the statement's class
    licence_class: str
    spdx: str | None
    ids: tuple[str, ...]
    declares: bool  # speaks for the record; False: a mention of somebody's licence
    confidence_ppm: int


Words = Callable[[int, int], str]
"""The text between two bytes of the row."""


def telling(own: Sequence[Evidence], texts: Sequence[Evidence], around: Sequence[Evidence], words: Words) -> list[Evidence]:  # fmt: skip
    """The pieces *texts*, licences' texts and notices, and *own*, all else, without those that say no more than others do.

    *around*: those of both in which others may lie.
    """
    kept = [e for e in texts if not _is_pointer(e, texts, words)]
    return [*kept, *(e for e in own if not _is_said(e, around, words))]


def _is_said(piece: Evidence, around: Sequence[Evidence], words: Words) -> bool:
    """Whether one of *around* in which *piece* lies says as much; a mention takes nothing from what declares."""
    beside = [e for e in around if e.start < piece.end and piece.start < e.end and (e.declares or not piece.declares)]
    over = [e for e in beside if e.start <= piece.start and piece.end <= e.end]
    if piece.kind == references.NOTICE and any(e.kind == TEXT for e in beside):
        said = words(piece.start_byte, piece.end_byte)
        if any(e.kind == TEXT and _is_named(e, piece, said) for e in beside):
            return True
    if piece.kind in _REFERENCES:
        return any(not is_stricter(piece.licence_class, e.licence_class) for e in over)
    # The whole text of a licence speaks of its own terms; one that was changed may withhold more.
    return piece.kind in statements.KINDS and any(e.kind == TEXT and e.confidence_ppm >= _UNCHANGED_PPM for e in over)


def _is_named(text: Evidence, piece: Evidence, said: str) -> bool:
    """Whether *text* is the licence that the notice *piece*, *said* in the record, names without an id or without a version."""
    if piece.spdx is None:
        return piece.licence_class == UNKNOWN and _spells(said, text.ids)
    return text.spdx is not None and is_vague(piece.spdx, said) and family(text.spdx) == family(piece.spdx)


def _spells(said: str, ids: Sequence[str]) -> bool:
    """Whether a name in *said* is that of one of *ids*: a word of it, or its words' initials (Open Font License, OFL)."""
    names = _CAPITALISED.findall(said)
    initials = "".join(name[0] for name in names).lower()
    parts = [part for each in ids for part in each.lower().split("-")]
    own = {name.lower() for name in names} - _COMMON
    return any(part in own or (len(part) > 2 and initials.endswith(part)) for part in parts)


def _is_pointer(piece: Evidence, texts: Sequence[Evidence], words: Words) -> bool:
    """Whether *piece* says only where a GNU licence's text lies ("the complete text of the GNU General Public License can be
    found in …", as distributions write below a notice), beside a notice in force that grants no more.
    """
    if piece.spdx is None or family(piece.spdx) is None or piece.end - piece.start > _LONGEST_POINTER:
        return False
    if not _POINTER.search(words(max(0, piece.start_byte - _BEFORE_BYTES), piece.end_byte)):
        return False
    return any(
        e.declares and e.end - e.start > _LONGEST_POINTER and not is_stricter(piece.licence_class, e.licence_class)
        for e in texts
        if e is not piece
    )
