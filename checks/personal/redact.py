"""Redaction: a batch of texts and what is found in them -> new texts without those values, with every edit's place.

What comes out is redacted, never anonymised: a mask can be guessed at, and a pseudonym tells which records name one person.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.personal.addresses import is_numbering, is_private
from checks.personal.edits import Edit, Hit, Moves, Spans, apart, edits_of, new_text
from checks.personal.keys import hmac_of
from checks.personal.masks import masked_value
from checks.personal.spot import Spotted, spot
from schemas.errors import ConfigError
from schemas.record import ROLE_SPAN

KEEP, MASK, TAG, PSEUDONYM, DROP = "keep", "mask", "tag", "pseudonym", "drop"
WAYS: Final = (KEEP, MASK, TAG, PSEUDONYM, DROP)
"""As it stands; its shape (138****5678); ``<ENTITY>``; ``<ENTITY:letters>``, equal for equal values of one run; the record goes."""
BLANK: Final = "blank"
"""The way of an edit that took more than one look: three asterisks, or nothing at all."""
_STRENGTH: Final = {KEEP: 0, MASK: 1, PSEUDONYM: 2, TAG: 3, BLANK: 4, DROP: 5}
_AGAIN: Final = (TAG, BLANK, BLANK)
"""How what a look at the result still finds is replaced, look after look; where the last finds any, the record goes."""
_LETTERS: Final = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
"""A pseudonym has no digit, for sixteen digits may pass as a card."""
_PSEUDONYM_DIGITS: Final = 16

Find = Callable[[pa.Array], Iterable[Spotted]]


@dataclass(frozen=True)
class Redaction:
    """How each entity is redacted; the fields are settings.

    *entities*: (entity, way); *otherwise*: the way of all others. *roles*: (role, way) takes the place of the entity's way
    inside the spans of that role, ``keep`` leaves them alone. *key_id*, *run*: pseudonyms are HMACs under that loaded key,
    and differ from run to run. `ConfigError` for a way that there is not, and for a pseudonym without a key.
    """

    entities: tuple[tuple[str, str], ...] = ()
    otherwise: str = TAG
    roles: tuple[tuple[str, str], ...] = ()
    key_id: str | None = None
    run: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be carried out."""
        ways = [*(way for _, way in (*self.entities, *self.roles)), self.otherwise]
        for way in ways:
            if way not in WAYS:
                raise ConfigError(f"redaction: no way {way!r}; one of {', '.join(WAYS)}")
        if PSEUDONYM in ways and self.key_id is None:
            raise ConfigError("redaction: pseudonym needs a key; name its file as keys.hmac, or choose tag")

    def way(self, entity: str, role: str | None) -> str:
        """The way of *entity* inside a span of *role*; None: outside of all spans, or where there are none."""
        by_role = dict(self.roles).get(role) if role is not None else None
        return by_role if by_role is not None else dict(self.entities).get(entity, self.otherwise)


@dataclass(frozen=True)
class Redacted:
    """*texts*, *roles*: the same rows, a dropped one unchanged (`dropped`, bool[rows], says which). *edits*: by row and start,
    apart from each other, never across the end of a span. *counts*: (entity, way) -> values; *unsettled*: rows dropped
    because values were still found after the last look.
    """

    texts: pa.Array
    roles: pa.Array | None
    dropped: npt.NDArray[np.bool_]
    edits: tuple[Edit, ...] = ()
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    unsettled: int = 0

    def moves(self, row: int) -> Moves:
        """Offsets of the row's text before and after, for who writes it back or moves a finding."""
        return Moves([edit for edit in self.edits if edit.row == row])


def personal(found: Iterable[Spotted]) -> Iterator[Spotted]:
    """*found* without the IP addresses that are nobody's: private ones, and four dotted numbers that count something."""
    for one in found:
        if one.entity.name == "IP_ADDRESS" and (
            is_numbering(one.before) or is_private(one.entity.canonical(one.value) or "")
        ):
            continue
        yield one


def redact(
    texts: pa.Array, settings: Redaction, roles: pa.Array | None = None, find: Find = lambda array: personal(spot(array))
) -> Redacted:  # fmt: skip
    """Redact *texts* (string or large string, valid UTF-8, null stays null) as *settings* say.

    *roles*: list of ROLE_SPAN a row, as a RECORD has it, or None. *find*: what is looked for, by row and start, apart from
    each other; it is asked again of what was changed, until it finds nothing that is to be redacted: a mask beside a digit
    may be a new value.
    """
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    held: dict[int, _Row] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for found in find(texts):
        row = held.get(found.row)
        if row is None:
            spans = () if roles is None else (roles[found.row].as_py() or ())
            row = held[found.row] = _Row(found.row, texts[found.row].as_py(), Spans(spans))
        way = row.take(found, settings)
        if way != KEEP:
            counts[found.entity.name, way] += 1
    changed = [row for row in held.values() if row.hits and not row.dropped]
    for row in changed:
        row.edits = edits_of(row.number, row.apart(), row.spans)
    waiting = changed
    for way in _AGAIN:
        waiting = _look_again(waiting, settings, find, way)
    unsettled = _look_again(waiting, settings, find, BLANK)
    for row in unsettled:
        row.dropped = True
    kept = sorted((row for row in changed if not row.dropped), key=lambda row: row.number)
    dropped = np.zeros(len(texts), np.bool_)
    dropped[[row.number for row in held.values() if row.dropped]] = True
    edits = tuple(edit for row in kept for edit in row.edits)
    return Redacted(_replaced(texts, kept), _respanned(roles, kept), dropped, edits, dict(counts), len(unsettled))


@dataclass
class _Row:
    number: int
    text: str
    spans: Spans
    hits: list[Hit] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    dropped: bool = False

    def take(self, found: Spotted, settings: Redaction) -> str:
        """Mark one finding of the text as it was; gives its way, the strongest of the roles that it lies in."""
        way = self._way(found, found.start, found.end, settings)
        if way == DROP:
            self.dropped = True
        elif way != KEEP:
            self.hits.append(Hit(found.start, found.end, found.entity.name, way, _written(found, way, settings)))
        return way

    def apart(self) -> list[Hit]:
        """Its hits made apart; the mask or the pseudonym of one value says nothing of two, so what was joined has a tag."""
        whole = set(self.hits)
        return [h if h in whole else h._replace(way=TAG, text=f"<{h.entity}>") for h in apart(self.hits)]

    def again(self, found: Sequence[Spotted], settings: Redaction, way: str) -> bool:
        """Edit what is found in the new text, in terms of the old; False where all of it is to stay."""
        moves, hits = Moves(self.edits), list[Hit]()
        for one in found:
            start, end = moves.old(one.start), moves.old(one.end, after=True)
            touched = moves.touched(start, end)
            start, end = min([start, *(e.start for e in touched)]), max([end, *(e.end for e in touched)])
            if touched or self._way(one, start, end, settings) != KEEP:
                name = one.entity.name
                hits.append(Hit(start, end, name, way, f"<{name}>" if way == TAG else "***"))
        new = Moves(edits_of(self.number, apart(hits), self.spans))
        stay = [e for e in self.edits if not new.touched(e.start, e.end)]
        self.edits = sorted([*stay, *new.edits], key=lambda e: e.start)
        return bool(hits)

    def new_text(self) -> str:
        return new_text(self.text, self.edits)

    def _way(self, found: Spotted, start: int, end: int, settings: Redaction) -> str:
        ways = (settings.way(found.entity.name, role) for _, _, role in self.spans.cut(start, end))
        return max(ways, key=_STRENGTH.__getitem__)


def _look_again(rows: Sequence[_Row], settings: Redaction, find: Find, way: str) -> list[_Row]:
    """The rows in which something was found once more, which is now edited so."""
    if not rows:
        return []
    found: dict[int, list[Spotted]] = {}
    for one in find(pa.array([row.new_text() for row in rows], pa.large_string())):
        found.setdefault(one.row, []).append(one)
    return [rows[i] for i, hits in found.items() if rows[i].again(hits, settings, way)]


def _written(found: Spotted, way: str, settings: Redaction) -> str:
    name = found.entity.name
    if way == MASK:
        return masked_value(name, found.value)
    if way == TAG:
        return f"<{name}>"
    canonical = found.entity.canonical(found.value)
    told = hmac_of(settings.key_id, f"pseudonym\x1f{settings.run}\x1f{name}", canonical or found.value)
    return f"<{name}:{(told or b'').hex()[:_PSEUDONYM_DIGITS].translate(_LETTERS)}>"


def _replaced(texts: pa.Array, rows: Sequence[_Row]) -> pa.Array:
    if not rows:
        return texts
    mask = np.zeros(len(texts), np.bool_)
    mask[[row.number for row in rows]] = True
    return pc.replace_with_mask(texts, pa.array(mask), pa.array([row.new_text() for row in rows], texts.type))


def _respanned(roles: pa.Array | None, rows: Sequence[_Row]) -> pa.Array | None:
    """*roles* with the spans of the changed rows where they lie now."""
    if roles is None or not rows:
        return roles
    told = {}
    for row in rows:
        moves = Moves(row.edits)
        told[row.number] = [
            {**span, "start": moves.new(span["start"]), "end": moves.new(span["end"], after=True)}
            for span in row.spans.told
        ]
    bounds = [-1, *sorted(told), len(roles)]
    parts = []
    for before, after in pairwise(bounds):
        parts.append(roles.slice(before + 1, after - before - 1))
        if after < len(roles):
            parts.append(pa.array([told[after] or None], pa.list_(ROLE_SPAN)))
    return pa.concat_arrays([part.cast(pa.list_(ROLE_SPAN)) for part in parts])
