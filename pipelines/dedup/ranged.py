"""Files of rows sorted by one field, headed by where each range of rows begins: a task of a range reads its part of many.

A range is `ROWS_A_RANGE` row numbers that follow each other, so what a task holds of one is known before it starts.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipelines.dedup.pairs import some_of
from pipelines.dedup.room import Room

ROWS_A_RANGE: Final = 1 << 20
ROWS_HELD: Final = 500_000
"""What is gathered of other tasks' files at once: 12 MB of the widest rows."""


def ranges(room: Room) -> int:
    """How many ranges the rows of all units come to."""
    return -(-int(room.bases[-1]) // ROWS_A_RANGE)


def save_ranged(room: Room, array: npt.NDArray[np.void], field: str, *path: str) -> str:
    """Keep rows that are sorted by *field*, a row number; gives their path."""
    borders = np.arange(ranges(room) + 1, dtype=np.int64) * ROWS_A_RANGE
    head = np.searchsorted(array[field], borders).astype(np.int64)
    return room.save_parts((head, array), *path)


def rows_in(room: Room, files: Sequence[str]) -> npt.NDArray[np.int64]:
    """int64[ranges]: how many rows of *files* lie in each range."""
    count = ranges(room)
    found = np.zeros(count, np.int64)
    for file in files:
        found += np.diff(room.part(file, np.int64, 0, count + 1))
    return found


def cut_ranges(room: Room, files: Sequence[str]) -> list[dict[str, Any]]:
    """One task for each range in which a row of *files* lies."""
    return [{"range": int(number)} for number in np.flatnonzero(rows_in(room, files))]


def first_of(task: Mapping[str, Any]) -> int:
    """The first row of a task's range."""
    return int(task["range"]) * ROWS_A_RANGE


def span_in(room: Room, file: str, number: int) -> tuple[int, int]:
    """(first, last) of the rows of a file that lie in that range."""
    first, last = room.part(file, np.int64, number, 2)
    return int(first), int(last)


def part_of(room: Room, file: str, dtype: np.dtype[Any], first: int, last: int) -> Iterator[npt.NDArray[Any]]:
    """Rows *first* to *last* of a file, at most `ROWS_HELD` at once."""
    head = np.dtype(np.int64).itemsize * (ranges(room) + 1)
    for some in some_of(last - first, ROWS_HELD):
        yield room.part(file, dtype, first + some.start, min(some.stop, last - first) - some.start, head)


def between(room: Room, files: Sequence[str], dtype: np.dtype[Any], number: int) -> Iterator[npt.NDArray[Any]]:
    """The rows of all *files* in one range, file after file, at most `ROWS_HELD` at once."""
    held, waiting = list[npt.NDArray[Any]](), 0
    for file in files:
        for part in part_of(room, file, dtype, *span_in(room, file, number)):
            if waiting + len(part) > ROWS_HELD:
                yield np.concatenate(held)
                held, waiting = [], 0
            held.append(part)
            waiting += len(part)
    if held:
        yield np.concatenate(held)
