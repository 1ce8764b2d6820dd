"""From the records of a restricted dataset to its fingerprint: hashes of its values, and all that is kept of them.

* A value of at most 64 terms has one hash of all its terms (`WHOLE`): who has the same terms has the same hash.
* A prompt of at most 128 terms has besides a sketch (`SKETCH`): a set of 256 bits, one for each of its terms by the lowest
  eight bits of the term's hash; and the hashes of its six rarest pairs of consecutive terms (`PAIR`), rarest in the dataset.
  Most prompts of instruction data have 5 to 20 terms, too few for shingles of five to outlive two changed words.
* A value of 24 terms or more is cut into passages of about 64; of each, eight shingles of five terms that are in few other
  values of the dataset (`KEY`): of each eighth of the passage the least by hash, as min-wise sampling takes them (Broder 1997,
  On the resemblance and containment of documents). They outlive changed words, and find a part of a long text, or one in a
  longer text; a phrase that both use is one or two of the eight.
"""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.laundering.values import FIELDS, PROMPT, Ints, Points, plain_text, values_of
from checks.signs.count import count_signs
from checks.terms import shingle_runs

WHOLE, PAIR, SKETCH, KEY = range(4)
WHOLE_TERMS: Final = 64
SHORT_BYTES: Final = 1024
"""A value with a WHOLE hash or a SKETCH has no more, nor has one that is held against them."""
SKETCH_WORDS: Final = 4
SKETCH_TERMS: Final = 128
PAIRS: Final = 6
KEYS: Final = 8
LEAST_KEYS: Final = KEYS // 2
KEY_TERMS: Final = 5
PASSAGE_TERMS: Final = 64
LEAST_PASSAGE_TERMS: Final = 24
MOST_VALUES: Final = 8
"""A shingle that more values of the dataset share is wording and no key."""
MOST_SETS: Final = 64
MOST_ENTRIES: Final = 1 << 25
"""In all fingerprints together, about 16 bytes each in every process that looks at records."""
_LEAST_WHOLE: Final = (4, 8, 8)
_LEAST_SKETCH: Final = 5
_HAN_TIMES: Final = 2
"""A Chinese word has about two characters, and each is a term."""
_DRAWN: Final = 4
"""Shingles of each eighth, the least by hash, of which the first that is no wording becomes its key."""

ENTRIES: Final = pa.schema(
    [
        pa.field("kind", pa.uint8(), nullable=False),  # WHOLE, PAIR, SKETCH, KEY
        pa.field("hash", pa.uint64(), nullable=False),  # checks.terms.reference; of a SKETCH one of its four words
        pa.field("set", pa.uint16(), nullable=False),  # place in the check's `sets`; 0 in a fingerprint
        pa.field("field", pa.uint8(), nullable=False),  # place in FIELDS
        pa.field("item", pa.uint32(), nullable=False),  # record of the dataset, from 1
        pa.field("turn", pa.uint16(), nullable=False),  # value of that field in the record
        pa.field("part", pa.uint32(), nullable=False),  # KEY: passage; SKETCH: word
    ]
)
"""Sorted by all seven, each row once."""

Hashes = npt.NDArray[np.uint64]


class Counted(NamedTuple):
    """What became of the values of one field: *values* = *sought* + *too_short* + *repeated* + *wording*.

    *too_short*: too few terms to tell it by; *repeated*: the terms of an earlier value of the field; *wording*: every
    passage is in more than MOST_VALUES values.
    """

    values: int = 0
    sought: int = 0
    too_short: int = 0
    repeated: int = 0
    wording: int = 0


def owners_of(entries: pa.Table) -> Hashes:
    """uint64[n]: set, field, item and turn of each row in one number, which sorts as they do."""
    parts = (entries.column(name).to_numpy().astype(np.uint64) for name in ("set", "field", "item", "turn"))
    found = np.zeros(entries.num_rows, np.uint64)
    for part, bits in zip(parts, (14, 2, 32, 16), strict=True):
        found = found << np.uint64(bits) | part
    return found


def sketches(terms: Hashes, ends: Ints) -> Hashes:
    """uint64[n, 4]: the sketch of each of n values; *terms*: their terms' hashes end to end, *ends*: int64[n + 1]."""
    found = np.zeros((len(ends) - 1, SKETCH_WORDS), np.uint64)
    value = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    bit = terms & np.uint64(64 * SKETCH_WORDS - 1)
    np.bitwise_or.at(found, (value, (bit >> np.uint64(6)).astype(np.int64)), np.uint64(1) << (bit & np.uint64(63)))
    return found


@dataclass
class Gathered:
    """The fingerprint of one dataset, batch by batch of its records in order; then `entries` and `counts`."""

    _items: int = 0
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _rows: list[tuple[npt.NDArray[Any], ...]] = field(default_factory=list)
    _counts: Ints = field(default_factory=lambda: np.zeros((len(FIELDS), 3), np.int64))

    @property
    def items(self) -> int:
        """Records added so far."""
        return self._items

    def add(self, batch: pa.RecordBatch) -> None:
        """The next RECORD rows of the dataset; a row's `roles` say which part of it is a prompt, which a response."""
        values = values_of(batch, Points.of(plain_text(batch)))
        item, self._items = self._items + 1 + values.row, self._items + batch.num_rows
        if not len(values):
            return
        text = values.text.take(pa.array(values.rows))
        everything = np.arange(len(text))
        hashes, _, ends = shingle_runs(text, everything, 1)
        terms = np.diff(ends)
        signs = count_signs(text)
        times = np.where(2 * signs.of("han", "hans", "hant") > signs.words, _HAN_TIMES, 1)
        short = values.end - values.start <= SHORT_BYTES
        whole = short & (terms <= WHOLE_TERMS) & (terms >= times * np.array(_LEAST_WHOLE)[values.field])
        long = terms >= LEAST_PASSAGE_TERMS
        sums = np.add.reduceat(np.append(hashes * _ranks(ends), np.uint64(0)), np.minimum(ends[:-1], len(hashes)))
        fresh = self._fresh(values.field, np.where(terms > 0, sums, np.uint64(0)), whole | long)
        for at in range(len(FIELDS)):
            mine = values.field == at
            self._counts[at] += [mine.sum(), (mine & ~whole & ~long).sum(), (mine & (whole | long) & ~fresh).sum()]
        owner = (values.field.astype(np.uint64) << np.uint64(48)) | (item.astype(np.uint64) << np.uint64(16))
        owner |= np.minimum(values.turn, (1 << 16) - 1).astype(np.uint64)
        self._keep(WHOLE, text, np.flatnonzero(whole & fresh), WHOLE_TERMS, owner)
        sketched = np.flatnonzero(fresh & short & (values.field == PROMPT) & (terms > 1) & (terms <= SKETCH_TERMS))
        bits = sketches(hashes, ends)[sketched]
        enough = np.bitwise_count(bits).sum(1) >= times[sketched] * _LEAST_SKETCH
        sketched, bits = sketched[enough], bits[enough]
        word = np.tile(np.arange(SKETCH_WORDS), len(sketched))
        self._put(SKETCH, bits.reshape(-1), np.repeat(owner[sketched], SKETCH_WORDS), word)
        self._keep(PAIR, text, sketched, 2, owner)
        self._passages(text, np.flatnonzero(long & fresh), owner)

    def entries(self) -> pa.Table:
        """ENTRIES of the dataset, its set 0."""
        columns = [np.concatenate(c) for c in zip(*self._rows, strict=True)] if self._rows else None
        if columns is None:
            return ENTRIES.empty_table()
        kind, hashes, owner, part = columns
        kept = (kind == WHOLE) | (kind == SKETCH)
        pairs, keys = np.flatnonzero(kind == PAIR), np.flatnonzero(kind == KEY)
        kept[pairs[_rarest(hashes[pairs], owner[pairs], PAIRS)]] = True
        keys = keys[_own(hashes[keys], owner[keys], part[keys])]
        part[keys] //= KEYS
        kept[keys[_enough(owner[keys], part[keys])]] = True
        return entries_table(kind[kept], hashes[kept], owner[kept], part[kept])

    def counts(self, entries: pa.Table) -> dict[str, Counted]:
        """By field; *entries*: `entries()`."""
        owners = np.unique(owners_of(entries)) >> np.uint64(48)
        found = {}
        for at, name in enumerate(FIELDS):
            values, too_short, repeated = self._counts[at].tolist()
            sought = int(np.count_nonzero(owners == at))
            found[name] = Counted(values, sought, too_short, repeated, values - sought - too_short - repeated)
        return found

    def _fresh(self, fields: Ints, sums: Hashes, asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        fresh = np.zeros(len(fields), np.bool_)
        for i in np.flatnonzero(asked).tolist():
            name = int(fields[i]), int(sums[i])
            fresh[i] = name not in self._seen
            self._seen.add(name)
        return fresh

    def _keep(self, kind: int, text: pa.Array, rows: Ints, width: int, owner: Hashes) -> None:
        hashes, _, ends = shingle_runs(text, rows, width)
        self._put(kind, hashes, np.repeat(owner[rows], np.diff(ends)), np.zeros(len(hashes), np.int64))

    def _passages(self, text: pa.Array, rows: Ints, owner: Hashes) -> None:
        hashes, _, ends = shingle_runs(text, rows, KEY_TERMS)
        sizes = np.diff(ends)
        cuts = np.maximum(1, (sizes + KEY_TERMS - 1 + PASSAGE_TERMS // 2) // PASSAGE_TERMS)
        at = np.arange(len(hashes)) - np.repeat(ends[:-1], sizes)
        eighth = at * np.repeat(KEYS * cuts, sizes) // np.repeat(sizes, sizes)
        whose = np.repeat(owner[rows], sizes)
        drawn = _least(hashes, whose, eighth, _DRAWN)
        self._put(KEY, hashes[drawn], whose[drawn], eighth[drawn])

    def _put(self, kind: int, hashes: Hashes, owner: Hashes, part: Ints) -> None:
        self._rows.append((np.full(len(hashes), kind, np.uint8), hashes, owner, part.astype(np.uint32)))


def entries_table(kind: npt.NDArray[np.uint8], hashes: Hashes, owner: Hashes, part: npt.NDArray[np.uint32]) -> pa.Table:
    """ENTRIES of columns, *owner* as `owners_of` gives it; sorted, each row once."""
    order = np.lexsort((part, owner, hashes, kind))
    order = order[changes(kind[order], hashes[order], owner[order], part[order])]
    kind, hashes, owner, part = kind[order], hashes[order], owner[order], part[order]
    return pa.Table.from_arrays(
        [
            pa.array(kind), pa.array(hashes), pa.array((owner >> np.uint64(50)).astype(np.uint16)),
            pa.array((owner >> np.uint64(48) & np.uint64(3)).astype(np.uint8)), pa.array((owner >> np.uint64(16)).astype(np.uint32)),
            pa.array(owner.astype(np.uint16)), pa.array(part),
        ],
        schema=ENTRIES,
    )  # fmt: skip


def _ranks(ends: Ints) -> Hashes:
    """An odd number for each place in a value, so that the sum over a value depends on the order of its terms."""
    place = (np.arange(ends[-1]) - np.repeat(ends[:-1], np.diff(ends))).astype(np.uint64)
    mixed: Hashes = (place + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed ^ mixed >> np.uint64(29)) | np.uint64(1)


def _least(hashes: Hashes, owner: Hashes, part: Ints, count: int) -> Ints:
    """Places of the *count* least different hashes of each (owner, part)."""
    order = np.lexsort((hashes, part, owner))
    return order[_first(count, (owner[order], part[order]), hashes[order])]


def _rarest(hashes: Hashes, owner: Hashes, count: int) -> Ints:
    """Places of the *count* hashes of each owner that the fewest owners have, ties by hash."""
    order = np.lexsort((hashes, _shared(hashes, owner), owner))
    return order[_first(count, (owner[order],), hashes[order])]


def _own(hashes: Hashes, owner: Hashes, eighth: npt.NDArray[np.uint32]) -> Ints:
    """Of each eighth the place of the least hash that at most MOST_VALUES owners have."""
    at = np.flatnonzero(_shared(hashes, owner) <= MOST_VALUES)
    return at[_least(hashes[at], owner[at], eighth[at].astype(np.int64), 1)]


def _enough(owner: Hashes, passage: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """bool[n]: keys of passages that have LEAST_KEYS of them; *owner* and *passage* are sorted."""
    group = np.cumsum(changes(owner, passage)) - 1
    enough: npt.NDArray[np.bool_] = np.bincount(group)[group] >= LEAST_KEYS
    return enough


def _shared(hashes: Hashes, owner: Hashes) -> Ints:
    """int64[n]: how many owners have each hash."""
    order = np.lexsort((owner, hashes))
    new_hash = changes(hashes[order])
    of_hash = np.cumsum(new_hash) - 1
    shared = np.empty(len(hashes), np.int64)
    shared[order] = np.bincount(of_hash, new_hash | changes(owner[order])).astype(np.int64)[of_hash]
    return shared


def _first(count: int, groups: tuple[npt.NDArray[Any], ...], hashes: Hashes) -> npt.NDArray[np.bool_]:
    """bool[n]: the first *count* different hashes of each group; rows of one group, and in it of one hash, lie together."""
    new_group = changes(*groups)
    fresh = new_group | changes(hashes)
    number = np.cumsum(fresh) - 1
    begin = np.maximum.accumulate(np.where(new_group, number, 0)) if len(number) else number
    first: npt.NDArray[np.bool_] = fresh & (number - begin < count)
    return first


def changes(*columns: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """bool[n]: rows that differ from the one before; the first does."""
    fresh = np.ones(len(columns[0]), np.bool_)
    fresh[1:] = np.logical_or.reduce([c[1:] != c[:-1] for c in columns])
    return fresh
