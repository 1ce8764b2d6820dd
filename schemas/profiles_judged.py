"""Which documents keep the rules of a quality profile, worked out from their counts in whole numbers."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from schemas.errors import StoreError
from schemas.profiles import NAMES, PPM, Profile, ProfileRule

Flags = npt.NDArray[np.bool_]


def failing(columns: Mapping[str, npt.NDArray[np.int64]], rule: ProfileRule) -> Flags:
    """bool[n]: which documents do not keep the bound; whole numbers alone, exact below 2**43."""
    value = _sum(columns, rule.counts)
    whole = _sum(columns, rule.per) if rule.per else None
    if whole is not None:
        value = value * PPM
    fails = np.zeros(len(value), np.bool_)
    if rule.least is not None:
        fails |= value < rule.least * (1 if whole is None else whole)
    if rule.most is not None:
        fails |= value > rule.most * (1 if whole is None else whole)
    return fails if whole is None else fails & (whole > 0)


def judged(table: pa.Table, profile: Profile) -> tuple[Flags, npt.NDArray[np.uint64]]:
    """bool[n]: the documents that have every count the profile reads; uint64[n]: bit r where rule r is not kept (else 0).

    *table*: the columns of the quality check. Raises `StoreError` where it has no column of that name.
    """
    there = np.ones(table.num_rows, np.bool_)
    columns = {}
    for name in profile.columns():
        if name not in table.column_names:
            raise StoreError(
                f"profile {profile.profile}: the run stored no count {name!r}; scan again with this version"
            )
        column = table.column(name)
        there &= ~np.asarray(column.is_null())
        columns[name] = np.asarray(column.fill_null(0), np.int64)
    fails = np.zeros(table.num_rows, np.uint64)
    for number, rule in enumerate(profile.rules):
        fails |= np.where(there & failing(columns, rule), np.uint64(1 << number), np.uint64(0))
    return there, fails


def _sum(columns: Mapping[str, npt.NDArray[np.int64]], counts: tuple[str, ...]) -> npt.NDArray[np.int64]:
    names = [name for given in counts for name in NAMES.get(given, (given,))]
    total = columns[names[0]].copy()
    for name in names[1:]:
        total += columns[name]
    return total
