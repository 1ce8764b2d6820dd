"""Dates of records that cannot be: no day of the calendar, or before 1900. Which days lie ahead is known where the run's day is."""

import calendar
import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.addresses import batch_dates

EARLIEST: Final = 1900
"""Years before it are marked; `checks.addresses.dates` reads none of them."""
_YEAR: Final = re.compile(r"\s*(\d{4})(?:[-/.年T ]|\d{4}|\s*$)")
_PARTS: Final = re.compile(r"\s*(\d{4})(?:[-/.]|年\s*)(\d{1,2})(?:(?:[-/.]|月\s*)(\d{1,2}))?(?![0-9])")

Flags = npt.NDArray[np.bool_]


def impossible(batch: pa.RecordBatch) -> tuple[Flags, Flags]:
    """(bool[n]: `collected_at` is a day that no calendar has; bool[n]: it lies before 1900). Null and unreadable values: neither.

    Worked out once a distinct day; values that give no day, once a distinct value.
    """
    no_day, early = np.zeros(batch.num_rows, np.bool_), np.zeros(batch.num_rows, np.bool_)
    if "collected_at" not in batch.schema.names or (written := batch.column("collected_at")).null_count == len(written):
        return no_day, early
    day = batch_dates(batch)
    of_day = day.dictionary_encode()
    wrong = [number for number, one in enumerate(of_day.dictionary.to_pylist()) if one is not None and not _exists(one)]
    if wrong:
        no_day = np.isin(np.asarray(of_day.indices.fill_null(-1)), wrong)
    if day.null_count > written.null_count:
        for place in np.flatnonzero(np.asarray(written.is_valid()) & np.asarray(day.is_null())).tolist():
            no_day[place], early[place] = _unread(written[place].as_py())
    return no_day, early


def _exists(day: str) -> bool:
    """Of YYYY, YYYY-MM or YYYY-MM-DD, whose month is 1 to 12 and day 1 to 31."""
    return len(day) < 10 or int(day[8:]) <= calendar.monthrange(int(day[:4]), int(day[5:7]))[1]


def _unread(value: str) -> tuple[bool, bool]:
    """Of a value that no day could be read from: a month or a day that no calendar has, a year before 1900."""
    year = _YEAR.match(value)
    parts = _PARTS.match(value)
    is_early = year is not None and int(year[1]) < EARLIEST
    if parts is None or not int(parts[1]) >= 1:
        return False, is_early
    month, day = int(parts[2]), int(parts[3] or 1)
    exists = 1 <= month <= 12 and 1 <= day <= calendar.monthrange(int(parts[1]), month)[1]
    return not exists, is_early
