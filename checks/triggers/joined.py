"""The rows of a column laid end to end, kept while several rooms read them, with what was found there for whom.

Several checks scan the same text one after another. The sets of patterns that are named to `scanned_together` are looked
for in one walk by the first of them that asks; the others are given theirs from it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.loaded import per_thread, place_of
from checks.triggers.pattern_set import PatternSet

_KEPT_BYTES: Final = 64 << 20
_KEPT, _KEPT_TOGETHER_BYTES = 8, 32 << 20


@dataclass(frozen=True)
class JoinedText:
    """All values of *array* with a line feed between them: *view*, uint8; *begins*, int64: where each row begins there.

    *found*: by the sets that were looked for together, what was found; None where the text is too long to be kept.
    """

    array: pa.Array  # held, so that nothing else comes to lie where it lies
    view: npt.NDArray[np.uint8]
    begins: npt.NDArray[np.int64]
    found: dict[tuple[PatternSet, ...], Any] | None = field(default_factory=dict)


def joined(array: pa.Array) -> JoinedText:
    """*array* (string or large string; nulls as empty) laid end to end; each thread keeps what it joined last: a
    column, and beside it the few short texts that rooms look at between.
    """
    key = place_of(array)
    held: dict[tuple[Any, ...], JoinedText] = per_thread("joined text", dict)
    if key in held:
        held[key] = held.pop(key)  # the one that was asked for last goes last
        return held[key]
    while held and (
        len(held) >= _KEPT or sum(len(one.view) for one in held.values()) + array.nbytes > _KEPT_TOGETHER_BYTES
    ):
        del held[next(iter(held))]
    if array.nbytes > _KEPT_BYTES:
        return JoinedText(array, *_laid(array), None)
    held[key] = JoinedText(array, *_laid(array))
    return held[key]


@contextmanager
def scanned_together(sets: Iterable[PatternSet]) -> Iterator[None]:
    """In this thread and until it ends, whoever scans a text for one of *sets* scans it for all of them at once."""
    held: dict[str, tuple[PatternSet, ...]] = per_thread("scanned together", dict)
    before = held.get("sets", ())
    held["sets"] = tuple(dict.fromkeys(sets))
    try:
        yield
    finally:
        held["sets"] = before


def companions(patterns: PatternSet) -> tuple[PatternSet, ...]:
    """The sets that are scanned for in one walk with *patterns*, itself among them."""
    held: dict[str, tuple[PatternSet, ...]] = per_thread("scanned together", dict)
    together = held.get("sets", ())
    return together if patterns in together else (patterns,)


def value_bytes(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The data buffer of a string or large string array as uint8, and its len + 1 offsets into it as int64."""
    array = array.cast(pa.large_string()) if not pa.types.is_large_string(array.type) else array
    _, offset_buffer, data_buffer = array.buffers()
    if len(array) == 0 or offset_buffer is None:
        return np.empty(0, np.uint8), np.zeros(len(array) + 1, np.int64)
    offsets = np.frombuffer(offset_buffer, np.int64)[array.offset : array.offset + len(array) + 1]
    data = np.empty(0, np.uint8) if data_buffer is None else np.frombuffer(data_buffer, np.uint8)
    return data, offsets


def _laid(array: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    if array.null_count:
        array = array.fill_null("")
    if not pa.types.is_large_string(array.type):
        array = array.cast(pa.large_string())
    data, offsets = value_bytes(array)
    first = int(offsets[0])
    if len(array) <= 1:
        return data[first : int(offsets[-1])], np.zeros(1, np.int64)
    rows = pa.LargeListArray.from_arrays(pa.array([0, len(array)], pa.int64()), array)
    whole, _ = value_bytes(pc.binary_join(rows, pa.scalar("\n", pa.large_string())))
    begins = offsets[:-1] - first + np.arange(len(array), dtype=np.int64)
    return whole[: int(offsets[-1]) - first + len(array) - 1], begins
