"""The exact truth of `bench dedup`: every pair with Jaccard >= 0.8, and what clusters and removals are worth against it.

Similarities are those of sets of 64-bit hashes of 5-term shingles, worked out in whole numbers over all pairs by the
product of the sparse document-shingle matrix with its transpose. Documents under 20 terms stand apart.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

OVER, UNDER = 4, 5
"""The threshold 0.8 as a fraction."""
LEAST_TERMS: Final = 20
ROWS_AT_ONCE: Final = 1024
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shingled:
    """Documents as sets: *values* (sorted and unique in each document), *offsets* (n + 1), and the *terms* of each."""

    values: npt.NDArray[np.uint64]
    offsets: Ints
    terms: Ints

    @property
    def sizes(self) -> Ints:
        """Shingles of each document."""
        return np.diff(self.offsets)


def true_pairs(of: Shingled) -> tuple[Ints, Ints]:
    """Numbers of the documents (first < second) of each pair with Jaccard >= 0.8, both of 20 terms or more."""
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # comes with datasketch, which only a benchmark needs

    named, codes = np.unique(of.values, return_inverse=True)
    shape = (len(of.terms), len(named))
    matrix: Any = csr_matrix((np.ones(len(codes), np.int32), codes, of.offsets), shape=shape)
    turned, long = matrix.T.tocsr(), of.terms >= LEAST_TERMS
    first, second = [], []
    for start in range(0, len(of.terms), ROWS_AT_ONCE):
        shared: Any = (matrix[start : start + ROWS_AT_ONCE] @ turned).tocoo()
        a, b, common = shared.row.astype(np.int64) + start, shared.col.astype(np.int64), shared.data.astype(np.int64)
        wanted = (a < b) & long[a] & long[b]
        a, b, common = a[wanted], b[wanted], common[wanted]
        similar = _similar(of.sizes[a], of.sizes[b], common)
        first.append(a[similar])
        second.append(b[similar])
    return np.concatenate(first), np.concatenate(second)


def recall(pairs: tuple[Ints, Ints], kept_of: Ints) -> float:
    """Share of *pairs* whose documents end in one cluster. *kept_of*: for each document the one that stands for it."""
    first, second = pairs
    return float(np.mean(kept_of[first] == kept_of[second])) if len(first) else 1.0


def removals(of: Shingled, kept_of: Ints) -> tuple[int, int]:
    """How many removed documents have exact Jaccard >= 0.8 with the one that stands for them, and how many were removed."""
    removed = np.flatnonzero(kept_of != np.arange(len(kept_of)))
    return sum(jaccard_holds(of, int(each), int(kept_of[each])) for each in removed), len(removed)


def jaccard_holds(of: Shingled, one: int, other: int) -> bool:
    """Whether two documents' exact Jaccard is >= 0.8; two without a shingle are equal."""
    a, b = (of.values[of.offsets[each] : of.offsets[each + 1]] for each in (one, other))
    common = len(np.intersect1d(a, b, assume_unique=True))
    return bool(_similar(np.int64(len(a)), np.int64(len(b)), np.int64(common)))


def _similar(one: Any, other: Any, common: Any) -> Any:
    return UNDER * common >= OVER * (one + other - common)
