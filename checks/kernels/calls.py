"""Pass Arrow buffers to the kernels: who owns which memory, and what their answers mean."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_NO_MARKS: Final = 0


def declare(library: Any) -> None:
    """Give the functions of `signs.c`, `ascii.c` and `words.c` their argument types."""
    import ctypes

    pointer, narrow, wide = ctypes.c_void_p, ctypes.c_int32, ctypes.c_int64
    library.count_signs.argtypes = (pointer, *array_types(), pointer)
    library.count_words.argtypes = (
        *array_types(), pointer, wide, *(pointer,) * 4, narrow, narrow, narrow, pointer, pointer,
    )  # fmt: skip
    library.ascii_at.argtypes = (narrow, pointer, wide, pointer)
    library.count_signs.restype = library.count_words.restype = library.ascii_at.restype = wide


def array_types() -> tuple[Any, ...]:
    """The types of the seven arguments that `array_arguments` gives."""
    from ctypes import c_int32, c_int64, c_void_p

    # offsets, is_large, data, its size, validity, its first bit, rows
    return c_void_p, c_int32, c_void_p, c_int64, c_void_p, c_int64, c_int64


@dataclass(frozen=True)
class Vocabulary:
    """Words to look for, in lower-case ASCII letters: *lists*, whose places are counted, and *marking*, at most 64, told
    apart by the bit of their place.
    """

    lists: tuple[tuple[str, ...], ...]
    marking: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what the kernel cannot tell: words with other characters, too many lists, marks or words."""
        words = {word for words in (*self.lists, self.marking) for word in words}
        strange = sorted(word for word in words if not (word.isascii() and word.isalpha() and word.islower()))
        if strange or len(self.lists) > 8 or len(self.marking) > 64 or len(words) > 512:
            msg = f"vocabulary: at most 8 lists, 64 marks and 512 words of lower-case ASCII letters; strange: {strange}"
            raise ValueError(msg)

    @cached_property
    def packed(self) -> tuple[npt.NDArray[Any], ...]:
        """Letters end to end (uint8), where each word starts (int32), its lists (uint32) and its marks (uint64)."""
        words = sorted({word for words in (*self.lists, self.marking) for word in words})
        lists = [sum(1 << i for i, words_of_list in enumerate(self.lists) if word in words_of_list) for word in words]
        marks = [1 << self.marking.index(word) if word in self.marking else _NO_MARKS for word in words]
        letters = np.frombuffer("".join(words).encode(), np.uint8)
        starts = np.cumsum([0, *map(len, words)]).astype(np.int32)
        return letters, starts, np.array(lists, np.uint32), np.array(marks, np.uint64)


def signs_of_rows(library: Any, text: pa.Array, table: npt.NDArray[np.uint8], measures: int) -> npt.NDArray[np.int64]:
    """int64[measures, n]: bytes, code points, words, lines, inked lines, mojibake marks, then the classes, of each row.

    *text*: String or LargeString, slices and nulls are fine; *table*: `checks.signs.classes.class_table()`. Raises
    ``ValueError`` where the array's offsets lie outside its data.
    """
    counts = np.zeros((measures, len(text)), np.int64)
    if len(text):
        buffers = text.buffers()  # held until the call is over
        answered(library.count_signs(table.ctypes.data, *array_arguments(text, buffers), counts.ctypes.data))
    return counts


def words_of_rows(
    library: Any, text: pa.Array, rows: npt.NDArray[np.intp], words: Vocabulary, enough_marks: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]:
    """int64[lists, k], uint64[k]: for each of the *rows* the places of the words of each list, and the marks found.

    A word is a whole run of ``[0-9A-Za-z_]`` in any ASCII case. A row is read until it has *enough_marks* marks; then its
    places are those of what was read. Raises ``ValueError`` as `signs_of_rows` does.
    """
    chosen = np.ascontiguousarray(rows, np.int64)
    counts = np.zeros((len(words.lists), len(chosen)), np.int64)
    marks = np.zeros(len(chosen), np.uint64)
    if len(chosen):
        letters, starts, lists, marks_of_words = words.packed
        buffers = text.buffers()
        answered(
            library.count_words(
                *array_arguments(text, buffers), chosen.ctypes.data, len(chosen),
                letters.ctypes.data, starts.ctypes.data, lists.ctypes.data, marks_of_words.ctypes.data,
                len(lists), len(words.lists), enough_marks, counts.ctypes.data, marks.ctypes.data,
            )
        )  # fmt: skip
    return counts, marks


def array_arguments(text: pa.Array, buffers: list[Any]) -> tuple[int | None, ...]:
    """The seven arguments that stand for an array: its buffers from its own first row on.

    *buffers*: ``text.buffers()``, held by the caller until the call is over. Raises ``TypeError``, ``ValueError``.
    """
    validity, offsets, data = buffers
    is_large = pa.types.is_large_string(text.type)
    if not is_large and not pa.types.is_string(text.type):
        raise TypeError(f"text array: {text.type}; only string and large_string")
    width = 8 if is_large else 4
    if offsets is None or (text.offset + len(text) + 1) * width > offsets.size:
        raise ValueError(f"text array: {len(text)} rows from {text.offset} on have no offsets")
    bits = validity.address if validity is not None and text.null_count else None
    if bits is not None and text.offset + len(text) > 8 * validity.size:
        raise ValueError(f"text array: {len(text)} rows from {text.offset} on have no validity")
    return (
        offsets.address + text.offset * width, int(is_large), data.address if data is not None else None,
        data.size if data is not None else 0, bits, text.offset, len(text),
    )  # fmt: skip


def answered(answer: int) -> None:
    """Raise what a kernel's *answer* means: row + 1 where that row cannot be read, -1 for tables that are not its own."""
    if answer > 0:
        raise ValueError(f"text array: row {answer - 1} is not there, or its offsets lie outside the data")
    if answer < 0:
        raise ValueError("kernel: made for other character classes or fewer words; its source and its callers differ")
