"""Tens of thousands of words in one walk of hyperscan, as literals: where each stands in the rows of a column.

The text is the one that `checks.triggers` has laid end to end for all checks. A database of its own: joined to the
triggers' it is no faster (measured: 10,000 words 4.2 against 5.2 ms/MB apart and joined, 50,000 words 6.2 against 5.9), it
must be compiled anew for each library and not with each check, and its hits are places, not lines. Without hyperscan the
plain search of `checks.safety.words` does the same, slowly.
"""

from array import array
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.loaded import once, per_thread
from checks.safety.words import WordSet
from checks.triggers.joined import joined
from checks.triggers.kept import kept_database
from checks.triggers.scanning import engine

_LONGEST_SCAN_BYTES: Final = 1 << 30  # hyperscan's own length is 32 bits wide
_ALNUM: Final = np.zeros(256, np.bool_)
_ALNUM[np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", np.uint8)] = True


class Places(NamedTuple):
    """Where words stand, by row, start, end and word; int64 arrays of one length. Bytes within the row's value."""

    row: npt.NDArray[np.int64]
    start_byte: npt.NDArray[np.int64]
    end_byte: npt.NDArray[np.int64]
    word: npt.NDArray[np.int64]


def word_places(column: pa.Array, words: WordSet, with_engine: str | None = None) -> Places:
    """All places of *words* in the rows of *column* (string or large string; nulls hold none), those that overlap too."""
    if column.nbytes > _LONGEST_SCAN_BYTES and len(column) > 1:
        half = len(column) // 2
        a, b = word_places(column[:half], words, with_engine), word_places(column[half:], words, with_engine)
        return Places(
            np.concatenate([a.row, b.row + half]), *(np.concatenate(p) for p in zip(a[1:], b[1:], strict=True))
        )
    text = joined(column)
    if not words.words or not len(text.view):
        return Places(*(np.zeros(0, np.int64) for _ in Places._fields))
    if (with_engine or engine()) == "hyperscan":
        start, end, number = _by_hyperscan(text.view, words)
    else:
        found = list(words.found_in(text.view.tobytes()))
        start, end, number = (np.array([one[i] for one in found], np.int64) for i in range(3))
    row = np.searchsorted(text.begins, start, side="right") - 1
    order = np.lexsort((number, end, start))
    begin = text.begins[row]
    return Places(row[order], (start - begin)[order], (end - begin)[order], number[order])


def _by_hyperscan(view: npt.NDArray[np.uint8], words: WordSet) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ids, ends = array("q"), array("q")

    def on_match(form: int, _start: int, end: int, _flags: int, _context: object) -> None:
        ids.append(form)
        ends.append(end)

    database = once(("word database", words.digest), lambda: _database(words))
    scratch = per_thread(("word scratch", words.digest), lambda: _scratch(database))
    database.scan(view, match_event_handler=on_match, scratch=scratch)
    form, end = np.frombuffer(ids, np.int64), np.frombuffer(ends, np.int64)
    lengths = np.array([len(one) for one, _ in words.forms], np.int64)
    numbers = np.array([number for _, number in words.forms], np.int64)
    start = end - lengths[form]
    alone = _alone(view, start, end)
    return start[alone], end[alone], numbers[form[alone]]


def _alone(view: npt.NDArray[np.uint8], start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """`checks.safety.words.stands_alone`, of many."""
    last = len(view) - 1
    before = (start > 0) & _ALNUM[view[np.maximum(start - 1, 0)]]
    behind = (end <= last) & _ALNUM[view[np.minimum(end, last)]]
    return np.asarray(~((before & _ALNUM[view[start]]) | (behind & _ALNUM[view[end - 1]])))


def _scratch(database: Any) -> Any:
    import hyperscan

    return hyperscan.Scratch(database)


def _database(words: WordSet) -> Any:
    """Compiled, or read where this user's cache has it. A number of its own for each form: shared ones compile in squared time."""
    import hyperscan

    forms = [form for form, _ in words.forms]

    def build() -> Any:
        database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
        flags = [hyperscan.HS_FLAG_CASELESS] * len(forms)
        database.compile(expressions=forms, ids=list(range(len(forms))), elements=len(forms), flags=flags, literal=True)
        return database

    return kept_database(("literals, any case", words.digest), (len(forms),), build)
