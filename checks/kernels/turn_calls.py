"""Pass the role spans of a batch to `turns.c`: what each record says, to whom, and who follows whom."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.kernels.calls import answered, array_arguments, array_types

KEYS: Final = ("asked", "answered", "chosen", "rejected")
TOTALS: Final = ("dialogues", "turns", "prompt_chars", "response_chars", "pairs", "chosen_longer", "rejected_longer", "chosen_chars",
                 "rejected_chars")  # fmt: skip
_LEFT_TO_OTHERS: Final = -2
_ROWS_AT_ONCE: Final = 64
_MOST_WORDS: Final = 128
_MOST_CHARS: Final = 1 << 40
"""No text is as long: whatever is set beyond comes to the same."""

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]


class RoleSpans(NamedTuple):
    """Spans of n rows, one after another: those of row r from ``first[r]`` up to ``first[r + 1]``.

    *start*, *end*: code points of the row; *role*: place in *role_of* (uint8: of a role), *path*: place in *places* (int64[k, 3]:
    number of the field, turn within it or -1, whether a tool call); *may_follow*: uint8[roles + 1, roles].
    """

    first: Ints
    start: Ints
    end: Ints
    role: Codes
    role_of: npt.NDArray[np.uint8]
    path: Codes
    places: Ints
    may_follow: npt.NDArray[np.uint8]


class RowsSaid(NamedTuple):
    """Of n rows. *flags*: uint16, the signs and tables of `checks.dialogue.said`, `unended` apart; *keys*: uint64[4, n] by KEYS, of
    rows with spans alone; *begin*: uint64, of the first prompt's beginning, 0 of none; *last*: uint32, the bytes of the last
    code point of a long last answer, else 0; *totals*: int64 by TOTALS.
    """

    flags: npt.NDArray[np.uint16]
    keys: npt.NDArray[np.uint64]
    begin: npt.NDArray[np.uint64]
    last: npt.NDArray[np.uint32]
    totals: Ints


def declare(library: Any) -> None:
    """Give the function of `turns.c` its argument types."""
    from ctypes import c_int32, c_int64, c_void_p

    library.turns_of_rows.argtypes = (
        *array_types(), *(c_void_p,) * 8, c_int64, c_int64, c_int32, c_int64, *(c_void_p,) * 8,
    )  # fmt: skip
    library.code_rows.argtypes = (*array_types(), c_int32, c_void_p, c_void_p)
    library.turns_of_rows.restype = library.code_rows.restype = c_int64


def coded_words(library: Any, words: pa.Array) -> tuple[Codes, list[str]] | None:
    """int32[n]: of each of *words* (String or LargeString without nulls) its place among the distinct ones, and those.

    None for more than 128 distinct ones. Raises ``ValueError`` for offsets outside the data.
    """
    codes, rows = np.empty(len(words), np.int32), np.empty(_MOST_WORDS, np.int64)
    buffers = words.buffers()
    if not len(words):
        return codes, []
    count = library.code_rows(*array_arguments(words, buffers), _MOST_WORDS, codes.ctypes.data, rows.ctypes.data)
    if count == -1:
        return None
    if count < 0:
        answered(-1 - count)
    return codes, words.take(pa.array(rows[:count])).to_pylist()


def turns_of_rows(
    library: Any, text: pa.Array, spans: RoleSpans, first_chars: int, unended_from: int, is_plain: bool = False
) -> RowsSaid | None:
    """What the rows of *text* (String or LargeString) say; None where a span goes back, overlaps another or leaves its text.

    *first_chars*: of a beginning; *unended_from*: code points of a long answer; *is_plain*: without the machine's instructions
    for SHA-256, to compare. Raises ``ValueError`` for offsets outside the data, and for spans of other rows.
    """
    rows = len(text)
    if len(spans.first) != rows + 1 or spans.first[-1] != len(spans.start):
        raise ValueError(f"role spans: {len(spans.start)} of {len(spans.first) - 1} rows; the text has {rows}")
    said = RowsSaid(
        np.zeros(rows, np.uint16), np.empty((len(KEYS), rows), np.uint64), np.zeros(rows, np.uint64),
        np.zeros(rows, np.uint32), np.zeros(len(TOTALS), np.int64),
    )  # fmt: skip
    first = np.append(spans.first[:-1:_ROWS_AT_ONCE], spans.first[-1])
    room = np.empty((3, int(np.diff(first).max(initial=0))), np.int64)
    buffers = text.buffers()  # held until the call is over
    held = [np.ascontiguousarray(one) for one in spans]
    answer = library.turns_of_rows(
        *array_arguments(text, buffers), *(one.ctypes.data for one in held), min(first_chars, _MOST_CHARS),
        min(unended_from, _MOST_CHARS), is_plain, _ROWS_AT_ONCE,
        *(one.ctypes.data for one in room), *(one.ctypes.data for one in said),
    )  # fmt: skip
    if answer == _LEFT_TO_OTHERS:
        return None
    answered(answer)
    return said
