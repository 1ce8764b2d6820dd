"""What is done on pairs of signatures, on bands and on graphs: pure functions on numpy arrays, in C where it was built.

Without the kernels numpy does the same work with the same results. Arrays are held to their types, shapes and bounds
before any of it: ``TypeError`` and ``ValueError`` name the argument. None changes what it is given, but `join`.
"""

from checks.pairs.bands import band_hashes, leader_keys, narrow
from checks.pairs.forest import join, labels, parents
from checks.pairs.held import SLOTS
from checks.pairs.order import run_starts, sorted_rows, unique_pairs
from checks.pairs.shared_values import common_counts, jaccard_ppm
from checks.pairs.slots import best_leaders, equal_slots, equal_slots_at, estimate_ppm

__all__ = [
    "SLOTS",
    "band_hashes",
    "best_leaders",
    "common_counts",
    "equal_slots",
    "equal_slots_at",
    "estimate_ppm",
    "jaccard_ppm",
    "join",
    "labels",
    "leader_keys",
    "narrow",
    "parents",
    "run_starts",
    "sorted_rows",
    "unique_pairs",
]
