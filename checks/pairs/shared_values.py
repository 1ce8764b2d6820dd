"""How much two sets of hashes share, and their exact Jaccard index in millionths."""

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.kernels import pair_calls
from checks.pairs import held

Int64s = npt.NDArray[np.int64]
Uint64s = npt.NDArray[np.uint64]

_PPM = 1_000_000


def common_counts(
    values_a: Uint64s, starts_a: Int64s, ends_a: Int64s, values_b: Uint64s, starts_b: Int64s, ends_b: Int64s
) -> Int64s:
    """int64[m]: how many values the sets values_a[starts_a[p]:ends_a[p]] and values_b[starts_b[p]:ends_b[p]] share.

    uint64[...] with int64[m] bounds; sets may overlap and be used in many pairs. **Each set is in rising order and holds
    no value twice**; that is not looked at, and the count of any other says nothing. Raises ``ValueError`` for bounds
    that leave the values.
    """
    values_a, values_b = held.flat("values_a", values_a, np.uint64), held.flat("values_b", values_b, np.uint64)
    starts_a = held.flat("starts_a", starts_a, np.int64)
    bounds = [held.flat(name, array, np.int64, len(starts_a))
              for name, array in (("ends_a", ends_a), ("starts_b", starts_b), ("ends_b", ends_b))]  # fmt: skip
    ends_a, starts_b, ends_b = bounds
    held.ranges_within("a", starts_a, ends_a, len(values_a))
    held.ranges_within("b", starts_b, ends_b, len(values_b))
    if (library := kernels.library()) is not None:
        return pair_calls.count_common(library, values_a, starts_a, ends_a, values_b, starts_b, ends_b)
    counts = np.empty(len(starts_a), np.int64)
    for pair in range(len(counts)):
        one, other = values_a[starts_a[pair] : ends_a[pair]], values_b[starts_b[pair] : ends_b[pair]]
        few, many = (one, other) if len(one) <= len(other) else (other, one)
        places = np.searchsorted(many, few)
        inside = places < len(many)
        counts[pair] = np.count_nonzero(many[places[inside]] == few[inside])
    return counts


def jaccard_ppm(common: Int64s, size_a: Int64s, size_b: Int64s) -> npt.NDArray[np.int32]:
    """int32[m]: floor(1,000,000 * common / union) for int64[m] sizes; 0 where both sets are empty.

    Raises ``ValueError`` where more is shared than a set holds, or a size is negative or above 2**40.
    """
    common = held.flat("common", common, np.int64)
    size_a = held.flat("size_a", size_a, np.int64, len(common))
    size_b = held.flat("size_b", size_b, np.int64, len(common))
    least = np.minimum(size_a, size_b)
    bad = np.flatnonzero((common < 0) | (common > least) | (np.maximum(size_a, size_b) > 2**40))
    if len(bad):
        at = int(bad[0])
        raise ValueError(f"common: {common[at]} of {size_a[at]} and {size_b[at]}, pair {at}; no such sets")
    union = size_a + size_b - common
    exact: npt.NDArray[np.int32] = (_PPM * common // np.maximum(union, 1)).astype(np.int32)
    return exact
