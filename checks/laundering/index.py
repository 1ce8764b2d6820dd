"""The fingerprints of restricted datasets as a process holds them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.laundering.entries import KEY, PAIR, SKETCH, SKETCH_WORDS, WHOLE, Hashes, changes, owners_of
from checks.laundering.values import Ints
from checks.loaded import once
from checks.terms.sieve import Sieve
from schemas.errors import LedgerError

_PLACE: Final = "restricted index"
_MISSING: Final = np.uint64(0)


@dataclass(frozen=True)
class Shelf:
    """Different *hashes*, sorted; those of the i-th belong to ``of[starts[i]:starts[i + 1]]``; a sieve in front.

    *buckets*: where the hashes of each value of their highest bits begin, about one in each.
    """

    hashes: Hashes
    starts: Ints
    of: Ints
    buckets: npt.NDArray[np.int32]
    sieve: Sieve

    @staticmethod
    def made(hashes: Hashes, of: Ints) -> "Shelf":
        """Of hashes that are sorted."""
        first = np.flatnonzero(changes(hashes))
        own = np.ascontiguousarray(hashes[first])
        bits = max(1, len(own).bit_length())
        edges = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        buckets = np.append(np.searchsorted(own, edges), len(own)).astype(np.int32)
        return Shelf(own, np.append(first, len(hashes)), of, buckets, Sieve.of(own))

    def __len__(self) -> int:
        """How many different hashes."""
        return len(self.hashes)

    def places(self, hashes: Hashes) -> tuple[Ints, Ints]:
        """(which of the given hashes are here, rising; at which place)."""
        bucket = hashes >> np.uint64(65 - len(self.buckets).bit_length())
        at, end = self.buckets[bucket], self.buckets[bucket + np.uint64(1)]
        left, which, where = np.flatnonzero(at < end), [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        at, end, wanted = at[left], end[left], hashes[left]
        while len(left):
            same = self.hashes[at] == wanted
            which.append(left[same])
            where.append(at[same].astype(np.int64))
            more = np.flatnonzero(~same & (at + 1 < end))
            left, at, end, wanted = left[more], at[more] + 1, end[more], wanted[more]
        here, place = np.concatenate(which), np.concatenate(where)
        order = np.argsort(here, kind="stable")
        return here[order], place[order]

    def counts(self, at: Ints) -> Ints:
        """How many have the hash at each place."""
        counted: Ints = self.starts[at + 1] - self.starts[at]
        return counted

    def spread(self, at: Ints) -> tuple[Ints, Ints]:
        """Whose the hashes at these places are, one after another: (number of the place, whose)."""
        count = self.counts(at)
        hit = np.repeat(np.arange(len(at)), count)
        first = np.cumsum(count) - count
        return hit, self.of[np.arange(len(hit)) - first[hit] + self.starts[at][hit]]


@dataclass(frozen=True)
class Index:
    """*owners*: uint64, sorted, as `owners_of` gives them; the shelves tell of places among them, *keys* of passages.

    *whole*: uint64[owners], the hash of all terms, or 0; *sketch*: uint64[owners, 4], zeros where it has none. *alone*: the
    `whole` of owners that have nothing else. *passage_owner*, *passage_keys*: of each passage, sorted by owner.
    """

    owners: Hashes
    whole: Hashes
    sketch: Hashes
    alone: Shelf
    pairs: Shelf
    keys: Shelf
    passage_owner: Ints
    passage_keys: Ints

    @cached_property
    def sets(self) -> Ints:
        """int64[owners]: place in the check's `sets`."""
        return (self.owners >> np.uint64(50)).astype(np.int64)

    @cached_property
    def fields(self) -> Ints:
        """int64[owners]: place in FIELDS."""
        return (self.owners >> np.uint64(48) & np.uint64(3)).astype(np.int64)

    @cached_property
    def items(self) -> Ints:
        """int64[owners]: record of the dataset, from 1."""
        return (self.owners >> np.uint64(16) & np.uint64(0xFFFFFFFF)).astype(np.int64)

    @cached_property
    def terms(self) -> Ints:
        """int64[owners]: bits of the sketch."""
        terms: Ints = np.bitwise_count(self.sketch).sum(1, dtype=np.int64)
        return terms

    @cached_property
    def owner_keys(self) -> Ints:
        """int64[owners]: keys of all its passages."""
        return np.bincount(self.passage_owner, self.passage_keys, len(self.owners)).astype(np.int64)


def index_of(entries: pa.Table) -> Index:
    """The index of ENTRIES, which are sorted by kind and hash."""
    kinds, hashes = entries.column("kind").to_numpy(), entries.column("hash").to_numpy()
    part = entries.column("part").to_numpy().astype(np.int64)
    owners = owners_of(entries)
    distinct = np.unique(owners)
    number = np.searchsorted(distinct, owners)
    whole = np.full(len(distinct), _MISSING)
    is_whole, is_pair, is_sketch, is_key = (kinds == kind for kind in (WHOLE, PAIR, SKETCH, KEY))
    whole[number[is_whole]] = hashes[is_whole]
    sketch = np.zeros((len(distinct), SKETCH_WORDS), np.uint64)
    sketch[number[is_sketch], part[is_sketch]] = hashes[is_sketch]
    alone = np.ones(len(distinct), np.bool_)
    alone[number[~is_whole]] = False
    is_alone = is_whole.copy()
    is_alone[is_whole] = alone[number[is_whole]]
    order = np.lexsort((part[is_key], number[is_key]))
    fresh = changes(number[is_key][order], part[is_key][order])
    passage = np.empty(len(order), np.int64)
    passage[order] = np.cumsum(fresh) - 1
    return Index(
        distinct, whole, sketch, Shelf.made(hashes[is_alone], number[is_alone]), Shelf.made(hashes[is_pair], number[is_pair]),
        Shelf.made(hashes[is_key], passage), number[is_key][order][fresh], np.bincount(passage, minlength=int(fresh.sum())),
    )  # fmt: skip


def use_fingerprints(digest: str, entries: Callable[[], pa.Table]) -> Index:
    """Keep the index that *digest* names for this process; *entries* gives ENTRIES where it is not held yet.

    Every process calls this before it looks at records.
    """
    return once((_PLACE, digest), lambda: index_of(entries()))


def held_index(digest: str) -> Index:
    """The index that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def _missing(digest: str) -> Index:
    raise LedgerError(f"laundering: index {digest[:16]} is set but not loaded in this process; run again with --fresh")
