"""Which records a fingerprint knows: by all terms of a value, by most terms of a prompt, by half of the keys of a passage."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.laundering.entries import KEY_TERMS, SHORT_BYTES, SKETCH_TERMS, WHOLE_TERMS, Hashes, changes, sketches
from checks.laundering.index import Index, Shelf
from checks.laundering.values import PROMPT, Ints, Points, Values, stretches
from checks.terms.sieve import Sieve, shingles_through

ALONE_BYTES: Final = 256
"""A value that has no passage and no sketch is rarely longer."""
CANDIDATES: Final = 384
"""Dataset values that a prompt is compared with, times its pairs that are known: 64 for one of six, 24 for one of sixteen."""
LEAST_CANDIDATES: Final = 8
MOST_CANDIDATES: Final = 128
WINDOW_BYTES: Final = 256
STRIDE_BYTES: Final = 1024
_FEW_TERMS: Final = 6
_AT_ONCE: Final = 1 << 16
_COUNT_BITS: Final = 12
_PLACE_BITS: Final = 32
_PPM: Final = 1_000_000
_ALL: Final = Sieve(np.full(2, (1 << 64) - 1, np.uint64))
_TIMES: Final = np.uint64(0x9E3779B97F4A7C15)


class Found(NamedTuple):
    """What is known of records: int64[n] each. *row*: place in the batch; *owner*: of the index; *score*: ppm; *exact*: 1
    where a value of the record has all terms of the owner's, in order; *start*, *end*: bytes in the record's text, or code
    points where they are negative, as ~point.
    """

    row: Ints
    owner: Ints
    score: Ints
    exact: Ints
    start: Ints
    end: Ints

    def take(self, kept: Ints) -> "Found":
        """Those at these places."""
        return Found(*(column[kept] for column in self))


_NOTHING: Final = Found(*(np.zeros(0, np.int64) for _ in Found._fields))


def found_in(text: pa.Array, values: Values, index: Index, near_ppm: int) -> Found:
    """Everything that the index knows of the *values* of *text*; a row, an owner may come twice."""
    short = values.end - values.start <= SHORT_BYTES
    parts = (
        _alone(values, np.flatnonzero(values.end - values.start <= ALONE_BYTES), index),
        _near(values, np.flatnonzero(short & (values.field == PROMPT)), index, near_ppm),
        _passages(text, values, index),
    )
    found = Found(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    return found._replace(exact=_exact(found, values, np.flatnonzero(short), index)) if len(found.row) else found


def byte_places(found: Found, points: Points) -> tuple[Ints, Ints, Ints, Ints]:
    """(start, end) in code points and (start, end) in bytes of each place."""
    told = []
    for given in (found.start, found.end):
        is_point = given < 0
        point = np.where(is_point, ~given, points.points(found.row, np.where(is_point, 0, given)))
        told.append((point, np.where(is_point, points.bytes(found.row, point), given)))
    (start, start_byte), (end, end_byte) = told
    return start, end, start_byte, end_byte


def _alone(values: Values, asked: Ints, index: Index) -> Found:
    """Values with all terms of one that has neither sketch nor passage."""
    if not len(index.alone) or not len(asked):
        return _NOTHING
    hashes, _, ends = shingles_through(index.alone.sieve, values.text, values.rows[asked], WHOLE_TERMS)
    value, owner = _holders(index.alone, hashes, ends)
    value = asked[value]
    same = values.field[value] == index.fields[owner]
    return _of_values(values, value[same], owner[same], np.full(int(same.sum()), _PPM, np.int64))


def _near(values: Values, asked: Ints, index: Index, near_ppm: int) -> Found:
    """Prompts of which the terms are, from *near_ppm* on, those of a prompt of a dataset."""
    if not len(index.pairs):
        return _NOTHING
    parts = [_NOTHING]
    for i in range(0, len(asked), _AT_ONCE):
        some = asked[i : i + _AT_ONCE]
        value, owner = _candidates(values, some, index.pairs)
        distinct = np.flatnonzero(np.bincount(value, minlength=len(some)))
        if not len(distinct):
            continue
        terms, _, ends = shingles_through(_ALL, values.text, values.rows[some[distinct]], 1)
        mine = sketches(terms, ends)
        counts = np.where(np.diff(ends) <= SKETCH_TERMS, np.bitwise_count(mine).sum(1, dtype=np.int64), 0)
        at = np.searchsorted(distinct, value)
        ours, theirs = counts[at], index.terms[owner]
        most = np.maximum(ours, theirs)
        # All but two of six is no less than seven of ten: of fewer terms one that was changed weighs more.
        least = np.where(
            most >= _FEW_TERMS, np.minimum(most - 2, -(-near_ppm * most // _PPM)), -(-near_ppm * most // _PPM)
        )
        alike = np.flatnonzero(np.minimum(ours, theirs) >= least)
        at, value, owner, most, least = at[alike], value[alike], owner[alike], most[alike], least[alike]
        shared = np.bitwise_count(mine[at] & index.sketch[owner]).sum(1, dtype=np.int64)
        good = shared >= least
        score = shared * _PPM // np.maximum(most, 1)
        parts.append(_of_values(values, some[value[good]], owner[good], score[good]))
    return Found(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _candidates(values: Values, asked: Ints, pairs: Shelf) -> tuple[Ints, Ints]:
    """(place among *asked*, owner), sorted, each once: those that share the rarest pairs of a value."""
    hashes, _, ends = shingles_through(pairs.sieve, values.text, values.rows[asked], 2)
    here, at = pairs.places(hashes)
    value = _row_of(ends, here)
    rarity = np.minimum(pairs.counts(at), (1 << _COUNT_BITS) - 1)
    # One number sorts as (value, how many share it, place) does, ten times as fast.
    packed = value << (_COUNT_BITS + _PLACE_BITS) | rarity << _PLACE_BITS | at
    packed.sort()
    packed = packed[changes(packed)]
    value, at = packed >> (_COUNT_BITS + _PLACE_BITS), packed & ((1 << _PLACE_BITS) - 1)
    count = pairs.counts(at)
    passed = np.cumsum(count)
    base = np.maximum.accumulate(np.where(changes(value), passed - count, 0)) if len(value) else passed
    sought = np.bincount(value, minlength=len(asked))
    most = np.clip(CANDIDATES // np.maximum(sought, 1), LEAST_CANDIDATES, MOST_CANDIDATES)
    kept = passed - base <= most[value]
    hit, owner = pairs.spread(at[kept])
    packed = value[kept][hit] << _PLACE_BITS | owner
    packed.sort()
    packed = packed[changes(packed)]
    return packed >> _PLACE_BITS, packed & ((1 << _PLACE_BITS) - 1)


def _passages(text: pa.Array, values: Values, index: Index) -> Found:
    """Rows that hold at least half of the keys of a passage.

    Of a value beyond a window the first bytes of every stride are looked at; where two keys of a passage are met the whole
    record is.
    """
    if not len(index.keys) or not len(values):
        return _NOTHING
    windows, value = stretches(values, WINDOW_BYTES, STRIDE_BYTES)
    hashes, _, ends = shingles_through(index.keys.sieve, windows, 2 * np.arange(len(value)), KEY_TERMS)
    here, key = index.keys.places(hashes)
    hit, passage = index.keys.spread(key)
    seen = values.row[value[_row_of(ends, here[hit])]] << _PLACE_BITS | passage
    seen.sort()
    rows = np.unique(seen[1:][seen[1:] == seen[:-1]] >> _PLACE_BITS)
    if not len(rows):
        return _NOTHING
    hashes, places, ends = shingles_through(index.keys.sieve, text, rows, KEY_TERMS, placed=True)
    here, key = index.keys.places(hashes)
    hit, passage = index.keys.spread(key)
    key, place = key[hit], here[hit]
    row = _row_of(ends, place)
    order = np.lexsort((key, passage, row))
    row, passage, key, place = row[order], passage[order], key[order], place[order]
    fresh = changes(row, passage, key)  # a key that comes again counts once
    group = np.cumsum(changes(row, passage)) - 1
    kept = np.flatnonzero(2 * np.bincount(group, fresh)[group] >= index.passage_keys[passage])
    if not len(kept):
        return _NOTHING
    row, place, fresh, owner = row[kept], place[kept], fresh[kept], index.passage_owner[passage[kept]]
    begins = np.flatnonzero(changes(row, owner))  # a row's hits lie by passage, and passages by owner
    start, end = np.minimum.reduceat(places[place, 0], begins), np.maximum.reduceat(places[place, 1], begins)
    row, owner = rows[row[begins]], owner[begins]
    score = np.add.reduceat(fresh.astype(np.int64), begins) * _PPM // index.owner_keys[owner]
    return Found(row, owner, score, np.zeros(len(row), np.int64), ~start, ~end)


def _exact(found: Found, values: Values, short: Ints, index: Index) -> Ints:
    """int64[n]: 1 where a *short* value of the row has all terms of the owner's, and its field."""
    wanted = np.unique(found.row)
    short = short[np.isin(values.row[short], wanted)]
    hashes, _, ends = shingles_through(_ALL, values.text, values.rows[short], WHOLE_TERMS)
    alone = np.flatnonzero(np.diff(ends) == 1)  # at most as many terms as a shingle has
    there = _named(hashes[ends[alone]], values.row[short[alone]], values.field[short[alone]])
    sought = _named(index.whole[found.owner], found.row, index.fields[found.owner])
    return (np.isin(sought, there) & (index.whole[found.owner] > 0)).astype(np.int64)


def _named(hashes: Hashes, row: Ints, field: Ints) -> Hashes:
    """A number for each (hash, row, field); that two share one is as likely as that two texts share a hash."""
    named: Hashes = hashes ^ ((4 * row + field + 1).astype(np.uint64) * _TIMES)
    return named


def _of_values(values: Values, value: Ints, owner: Ints, score: Ints) -> Found:
    return Found(
        values.row[value], owner, score, np.zeros(len(value), np.int64), values.start[value], values.end[value]
    )


def _holders(shelf: Shelf, hashes: Hashes, ends: Ints) -> tuple[Ints, Ints]:
    """(row, whose) of each hash that is on the shelf."""
    here, at = shelf.places(hashes)
    hit, owner = shelf.spread(at)
    return _row_of(ends, here[hit]), owner


def _row_of(ends: Ints, at: npt.NDArray[np.int64]) -> Ints:
    found: Ints = np.searchsorted(ends, at, "right") - 1
    return found
