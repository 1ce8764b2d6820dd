"""Count tokens, marks, kinds of lines, repeated lines and repeated n-grams of every row of an Arrow string array.

Kernels in C do it where they were built (`checks.kernels`); elsewhere the plain reference does, slowly, with the same
results. White space, letters and words are those of `checks.signs.classes`.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels.form_calls import forms_of_rows, repeats_of_rows
from checks.loaded import once
from checks.quality import forms_reference as plain
from checks.signs import classes as c
from checks.signs.count import utf8_buffers

FORMS: Final = (
    "tokens", "letter_tokens", "capital_tokens", "longest_token", "stop_words_en", "urls", "hashes", "curly", "angles",
    "ellipses", "zh_function", "longest_run", "terminal_lines", "ellipsis_lines", "bullet_lines", "short_lines",
    "duplicate_lines", "duplicate_line_chars",
)  # fmt: skip
REPEATS: Final = (
    "distinct_chars",
    "entropy_mbit",
    "top_2gram_chars",
    "duplicate_5gram_chars",
    "duplicate_10gram_chars",
)
"""The counts by name, these two in the order of the kernels; `checks/quality/forms_reference.py` defines each in plain Python."""
NOT_ADDED_UP: Final = ("longest_token", "stop_words_en", "longest_run", "distinct_chars", "entropy_mbit")
"""Those of which a sum over documents says nothing."""
SPACE, LETTER, OTHER_LETTER, FUNCTION, TERMINAL, BULLET, RARE = (1 << bit for bit in range(7))

Counts = npt.NDArray[np.uint32]


def form_table() -> npt.NDArray[np.uint8]:
    """What each code point is to `forms.c`, uint8[0x110000], read-only; made once a process."""
    return once("checks.signs.form_table", _table)


def count_forms(text: pa.Array) -> dict[str, Counts]:
    """uint32[n] for every name of FORMS and REPEATS; a count beyond 32 bits stays at the most that they hold.

    *text*: String or LargeString, slices and nulls are fine; a null row is empty, and what is no UTF-8 is as `count_signs`
    reads it. Raises ``ValueError`` where the array's offsets lie outside its data.
    """
    library = kernels.library()
    if library is None:
        return count_by_reference(text)
    forms = forms_of_rows(library, text, form_table(), len(FORMS))
    repeats = repeats_of_rows(library, text, c.class_table(), len(REPEATS))
    return dict(zip((*FORMS, *REPEATS), (*forms, *repeats), strict=True))


def count_by_reference(text: pa.Array) -> dict[str, Counts]:
    """The same without the kernels, row by row."""
    offsets, data = utf8_buffers(text)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > len(data):
        raise ValueError("text array: a row's offsets lie outside the data")
    there = np.asarray(text.is_valid())
    rows = [
        plain.count(bytes(data[offsets[row] : offsets[row + 1]]) if there[row] else b"") for row in range(len(text))
    ]
    most = np.iinfo(np.uint32).max
    return {name: np.array([min(row[name], most) for row in rows], np.uint32) for name in (*FORMS, *REPEATS)}


def _table() -> npt.NDArray[np.uint8]:
    kinds = c.class_table() & c.CLASS_MASK
    table = np.zeros(len(kinds), np.uint8)
    table[kinds >= c.SPACE] = SPACE
    table[(kinds <= c.LAST_TERM) & (kinds != c.DIGIT)] = LETTER
    table[kinds == c.LETTER] |= OTHER_LETTER
    for chars, bit in ((plain.ZH_FUNCTION, FUNCTION), (plain.TERMINAL_POINTS, TERMINAL), (plain.BULLETS, BULLET)):
        table[[ord(char) for char in chars]] |= bit
    table[(table & (SPACE | OTHER_LETTER)) > 0] |= RARE  # what the kernel looks at more than once
    table[ord("…")] |= RARE
    table.flags.writeable = False
    return table
