"""From the texts of evaluation sets to hashes of their shingles: what an index holds, and all that is kept of an item.

An item is cut into shingles of consecutive folded terms (`checks.terms`): 13 terms, as GPT-3 was held against its
benchmarks (Brown et al. 2020, appendix C), and 30 where it is sought in a text most of whose terms are Han characters,
for 13 of those are one name of a law or an office. An item has both, where it is long enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.signs.count import Signs, count_signs
from checks.terms import folded_digests, shingle_runs

MOST_ITEMS: Final = 1 << 18
"""In all sets together: the tally marks each item that was found with a bit."""
MOST_SHINGLES: Final = 1 << 25
"""In all sets together, 12 bytes each in every process that looks at records."""

ENTRIES: Final = pa.schema(
    [
        pa.field("width", pa.uint8(), nullable=False),  # terms in the shingle
        pa.field("hash", pa.uint64(), nullable=False),  # of the shingle: checks.terms.reference
        pa.field("set", pa.uint16(), nullable=False),  # place in the check's `sets`
        pa.field("item", pa.uint32(), nullable=False),  # line of the set's file, from 1
    ]
)
"""Sorted by all four, each row once."""

_SET_SHIFT: Final = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Widths:
    """Terms in a shingle; *han*: of a text most of whose terms are Han characters."""

    other: int = 13
    han: int = 30

    def all(self) -> tuple[int, ...]:
        """Each width once, the least first."""
        return tuple(sorted({self.other, self.han}))


class SetCounts(NamedTuple):
    """What became of a set's items: *items* = *sought* + *too_short* + *repeated* + *wording*.

    *too_short*: fewer terms than the width for a text of its kind; *repeated*: the terms of an earlier item of the set;
    *wording*: no shingle of its own, all are in more items of the set than the check's `most_items`.
    """

    items: int
    sought: int
    too_short: int
    repeated: int
    wording: int


def mostly_han(signs: Signs) -> npt.NDArray[np.bool_]:
    """bool[n]: more than half of the terms, as `checks.signs` counts words, are Han characters."""
    return 2 * signs.of("han", "hans", "hant") > signs.words


@dataclass
class Gathered:
    """The items of some sets, batch by batch, the sets one after another; then `entries` and `counts`."""

    widths: Widths
    most_items: int
    _parts: dict[int, list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]]] = field(default_factory=dict)
    _seen: list[set[bytes]] = field(default_factory=list)
    _counts: list[list[int]] = field(default_factory=list)
    _shingles: int = 0

    def begin_set(self) -> None:
        """What is added from now on belongs to a further set."""
        self._seen.append(set())
        self._counts.append([0, 0, 0])

    @property
    def items(self) -> int:
        """Items added so far, of all sets."""
        return sum(items for items, _, _ in self._counts)

    @property
    def shingles(self) -> int:
        """Shingles made so far, of all sets."""
        return self._shingles

    def add(self, text: pa.Array, numbers: npt.NDArray[np.uint32]) -> None:
        """Items of the set that was begun last: their texts (String or LargeString) and line *numbers*, which rise."""
        counts, seen = self._counts[-1], self._seen[-1]
        is_han = mostly_han(count_signs(text))
        terms = np.diff(shingle_runs(text, np.arange(len(text)), 1)[2])
        is_short = terms < np.where(is_han, self.widths.han, self.widths.other)
        is_kept = ~is_short
        digests = folded_digests(text, is_kept)
        for row in np.flatnonzero(is_kept).tolist():
            digest = digests[32 * row : 32 * row + 32]
            is_kept[row] = digest not in seen
            seen.add(digest)
        counts[0] += len(text)
        counts[1] += int(is_short.sum())
        counts[2] += len(text) - int(is_short.sum()) - int(is_kept.sum())
        owner = (np.uint64(len(self._counts) - 1) << _SET_SHIFT) | numbers.astype(np.uint64)
        for width in self.widths.all():
            rows = np.flatnonzero(is_kept & (terms >= width))
            hashes, _, ends = shingle_runs(text, rows, width)
            self._parts.setdefault(width, []).append((hashes, np.repeat(owner[rows], np.diff(ends))))
            self._shingles += len(hashes)

    def entries(self) -> pa.Table:
        """ENTRIES of all sets, without the shingles that more than `most_items` items of one set share."""
        tables = []
        for width, parts in sorted(self._parts.items()):
            hashes, owners = self._own(
                np.concatenate([hashes for hashes, _ in parts]), np.concatenate([owners for _, owners in parts])
            )
            sets, items = (owners >> _SET_SHIFT).astype(np.uint16), owners.astype(np.uint32)
            columns = [np.full(len(hashes), width, np.uint8), hashes, sets, items]
            tables.append(pa.Table.from_arrays([pa.array(c) for c in columns], schema=ENTRIES))
        return pa.concat_tables([ENTRIES.empty_table(), *tables])

    def counts(self, entries: pa.Table) -> Iterator[SetCounts]:
        """Of each set, in order; *entries*: `entries()`."""
        sought = numbered(owners_of(entries))[0] >> _SET_SHIFT
        for number, (items, too_short, repeated) in enumerate(self._counts):
            found = int(np.count_nonzero(sought == number))
            yield SetCounts(items, found, too_short, repeated, items - too_short - repeated - found)

    def _own(
        self, hashes: npt.NDArray[np.uint64], owners: npt.NDArray[np.uint64]
    ) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        order = np.lexsort((owners, hashes))
        hashes, owners = hashes[order], owners[order]
        fresh = first_of_run(hashes, owners)
        hashes, owners = hashes[fresh], owners[fresh]
        first_of_set = first_of_run(hashes, owners >> _SET_SHIFT)
        run = np.cumsum(first_of_set) - 1
        kept = np.bincount(run)[run] <= self.most_items if len(run) else first_of_set
        return hashes[kept], owners[kept]


def owners_of(entries: pa.Table) -> npt.NDArray[np.uint64]:
    """uint64[n]: set << 32 | item of each entry."""
    sets, items = (entries.column(name).to_numpy().astype(np.uint64) for name in ("set", "item"))
    owners: npt.NDArray[np.uint64] = sets << _SET_SHIFT | items
    return owners


def numbered(owners: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint32]]:
    """The different owners, sorted: their places are the items' numbers in a tally; and uint32[n], the number of each."""
    encoded = pa.array(owners).dictionary_encode()  # ten times as fast as `np.unique`
    distinct = encoded.dictionary.to_numpy()
    order = np.argsort(distinct)
    number = np.empty(len(distinct), np.uint32)
    number[order] = np.arange(len(distinct), dtype=np.uint32)
    return distinct[order], number[encoded.indices.to_numpy()]


def first_of_run(*columns: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.bool_]:
    """bool[n]: rows, sorted by the columns, that differ from the one before."""
    first = np.ones(len(columns[0]), np.bool_)
    first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return first
