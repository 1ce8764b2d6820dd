"""Compare narrow signatures: equal slots, the Jaccard estimate they give, the nearest of several leaders."""

from typing import Final

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.kernels import pair_calls
from checks.pairs import held
from checks.pairs.held import SLOTS

Uint8s = npt.NDArray[np.uint8]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]

MOST_LEADERS: Final = 64
_PIECE_ROWS: Final = 1 << 13  # what numpy compares at once: a mebibyte a side


def equal_slots(a: Uint8s, b: Uint8s) -> Int32s:
    """int32[m]: the number of equal bytes of row i of uint8[m, 128] and row i of uint8[m, 128]."""
    a, b = held.signatures("a", a, np.uint8), held.signatures("b", b, np.uint8)
    if len(a) != len(b):
        raise ValueError(f"a, b: {len(a)} and {len(b)} rows; wants as many of each")
    if (library := kernels.library()) is not None:
        return pair_calls.count_equal_slots(library, a, None, b, None)
    return _equal(a, b)


def equal_slots_at(rows_a: Uint8s, i: Int64s, rows_b: Uint8s, j: Int64s) -> Int32s:
    """int32[m]: equal bytes of rows_a[i[p]] and rows_b[j[p]] for uint8[N, 128], int64[m], uint8[M, 128], int64[m].

    Raises ``ValueError`` for an index that is negative or too great.
    """
    rows_a, rows_b = held.signatures("rows_a", rows_a, np.uint8), held.signatures("rows_b", rows_b, np.uint8)
    i = held.flat("i", i, np.int64)
    j = held.flat("j", j, np.int64, len(i))
    held.within("i", i, len(rows_a))
    held.within("j", j, len(rows_b))
    if (library := kernels.library()) is not None:
        return pair_calls.count_equal_slots(library, rows_a, i, rows_b, j)
    pieces = [slice(at, at + _PIECE_ROWS) for at in range(0, len(i), _PIECE_ROWS)]
    return np.concatenate([np.empty(0, np.int32), *(_equal(rows_a[i[p]], rows_b[j[p]]) for p in pieces)])


def estimate_ppm(equal: Int32s) -> Int32s:
    """int32[m]: the unbiased estimate of the Jaccard index, in millionths, from the equal slots of 128, each 0..128.

    Two random bytes are equal once in 256 (Li & König 2010, b = 8): (E - 1/256) / (1 - 1/256), E = equal / 128, clipped
    at 0 and rounded half up, in whole numbers. 0 and 1 give 0 and 3922; 128 gives 1,000,000.
    """
    equal = held.flat("equal", equal, np.int32)
    held.within("equal", equal, SLOTS + 1)
    estimates: Int32s = _ESTIMATES[equal]
    return estimates


def best_leaders(rows: Uint8s, leaders: Uint8s) -> tuple[Int32s, Int32s]:
    """int32[n], int32[n]: for each row of uint8[n, 128] the leader of uint8[k, 128] with most equal slots, the least
    index of several, and their number. Raises ``ValueError`` unless there are 1 to 64 leaders.
    """
    rows, leaders = held.signatures("rows", rows, np.uint8), held.signatures("leaders", leaders, np.uint8)
    if not 1 <= len(leaders) <= MOST_LEADERS:
        raise ValueError(f"leaders: {len(leaders)}; wants 1 to {MOST_LEADERS}")
    if (library := kernels.library()) is not None:
        return pair_calls.find_best_leaders(library, rows, leaders)
    best, most = np.zeros(len(rows), np.int32), np.full(len(rows), -1, np.int32)
    for number, leader in enumerate(leaders):
        equal = _equal(rows, leader)
        better = equal > most
        best[better], most[better] = number, equal[better]
    return best, most


def _equal(a: Uint8s, b: Uint8s) -> Int32s:
    equal: Int32s = np.count_nonzero(a == b, axis=1).astype(np.int32)
    return equal


def _estimate(equal: int) -> int:
    return max(0, (2 * 1_000_000 * (2 * equal - 1) + 255) // 510)


_ESTIMATES: Final[Int32s] = np.array([_estimate(equal) for equal in range(SLOTS + 1)], np.int32)
