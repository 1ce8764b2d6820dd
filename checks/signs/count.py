"""Count classes of characters, words, lines and mojibake marks for every row of an Arrow string array.

A kernel in C does it where one was built (`checks.kernels`); what follows is its oracle, and does its work elsewhere with
the same results. It works on the UTF-8 bytes in pieces of a quarter mebibyte: one byte a code point after a table look-up, then sums over
rows. A row longer than a piece is cut at code points and its pieces are joined again, so memory stays bounded.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks import kernels
from checks.loaded import of_arrays
from checks.signs import classes as c

Bytes = npt.NDArray[np.uint8]
Counts = npt.NDArray[np.int64]

PIECE_BYTES: Final = 1 << 18  # so that the piece and its keys stay in the cache
_MOST_ROWS: Final = 4096  # a piece of empty rows alone must not grow its histogram without bound
_BINS: Final = 2 << c.CLASS_BITS  # class, and whether a word starts there
_WORD_START: Final = 1 << c.CLASS_BITS
_CONTINUATIONS: Final = bytes(range(0x80, 0xC0))


class Signs(NamedTuple):
    """Whole counts for n rows; a null text counts as an empty one.

    *text_bytes*, *chars*, *words*, *lines*, *inked_lines*, *mojibake*: int64[n]; *classes*: int64[n, len(CLASSES)].
    A word is a run of letters and digits, or one Han, kana, Hangul or Thai code point. A line ends at a line feed or
    at the end of a text that does not end with one; it is inked where it holds more than spaces. A mojibake mark is
    one place where UTF-8 was read as Windows-1252, or GBK wrongly (锟斤, 烫烫烫, 屯屯屯).
    """

    text_bytes: Counts
    chars: Counts
    words: Counts
    lines: Counts
    inked_lines: Counts
    mojibake: Counts
    classes: Counts

    def of(self, *names: str) -> Counts:
        """int64[n]: code points of the classes of these names (`classes.CLASSES`) together."""
        total = np.zeros(len(self.chars), np.int64)
        for name in names:
            total += self.classes[:, c.CLASSES.index(name)]
        return total


def signs_of(batch: pa.RecordBatch) -> Signs:
    """The signs of the batch's `text` column; the thread's last answer is kept for the next check that asks."""
    text = batch.column("text")
    return of_arrays("signs of a text", [text], lambda: count_signs(text))


def count_signs(text: pa.Array) -> Signs:
    """The signs of every row of a String or LargeString array; slices and nulls are fine.

    Text that is not valid UTF-8, which readers refuse, never fails: each longest ill-formed part of a row counts as one
    U+FFFD, which is `bad` (Unicode 16.0, §3.9.6; Python's ``decode(errors="replace")``).
    """
    library = kernels.library()
    if library is None:
        return count_by_numpy(text)
    measures = len(Signs._fields) - 1
    counts = kernels.signs_of_rows(library, text, c.class_table(), measures + len(c.CLASSES))
    return Signs._make([*counts[:measures], counts[measures:].T])


def count_by_numpy(text: pa.Array) -> Signs:
    """The same without the kernel: array by array, in pieces."""
    offsets, data = utf8_buffers(text)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > len(data):
        raise ValueError("text array: a row's offsets lie outside the data")
    if text.null_count:
        text = text.fill_null("")
    text_bytes = np.diff(utf8_buffers(text)[0])
    text = _well_formed(text)
    offsets, data = utf8_buffers(text)
    rows = len(text)
    chars = np.asarray(pc.utf8_length(text), np.int64)
    words, lines, inked_lines, mojibake = (np.zeros(rows, np.int64) for _ in range(4))
    classes = np.zeros((rows, len(c.CLASSES)), np.int64)
    signs = Signs(text_bytes, chars, words, lines, inked_lines, mojibake, classes)
    for first, last in _pieces(offsets):
        if last - first == 1 and offsets[last] - offsets[first] > PIECE_BYTES:
            _count_long_row(signs, first, data[offsets[first] : offsets[last]])
        else:
            points = classify(data[offsets[first] : offsets[last]])
            starts = np.zeros(last - first + 1, np.int64)
            np.cumsum(chars[first:last], out=starts[1:])
            _put(signs, slice(first, last), _count(points, starts))
    return signs


def _well_formed(text: pa.Array) -> pa.Array:
    """The array itself where every row is valid UTF-8, else one with U+FFFD for each longest ill-formed part."""
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        offsets, data = utf8_buffers(text)
        rows = (bytes(data[start:end]) for start, end in pairwise(offsets))
        return pa.array([row.decode("utf-8", "replace") for row in rows], pa.large_string())
    return text


def utf8_buffers(text: pa.Array) -> tuple[Counts, memoryview]:
    """Offsets (int64[n + 1], from this slice's first row) and the whole data buffer of a String or LargeString array."""
    width = np.int64 if pa.types.is_large_string(text.type) else np.int32
    _, offsets, data = text.buffers()
    if len(text) == 0 or offsets is None:
        return np.zeros(len(text) + 1, np.int64), memoryview(b"")
    window = np.frombuffer(offsets, width)[text.offset : text.offset + len(text) + 1]
    return window.astype(np.int64), memoryview(data if data is not None else b"").cast("B")


def classify(utf8: memoryview | bytes) -> Bytes:
    """Class and mojibake part of each code point of valid UTF-8: ASCII by byte table, the rest decoded on its own."""
    table = c.class_table()
    ascii_classes = table[:0x80].tobytes() + bytes([c.OUTSIDE]) * 0x80
    raw = bytes(utf8)
    if raw.isascii():
        return np.frombuffer(raw.translate(ascii_classes), np.uint8)
    data = np.frombuffer(raw, np.uint8)
    wide = data >= 0x80
    if 2 * np.count_nonzero(wide) > len(raw):
        return table.take(_code_points(raw))
    wide_classes: Bytes = table.take(_code_points(data[wide].tobytes()))
    points = np.frombuffer(bytearray(raw).translate(ascii_classes, _CONTINUATIONS), np.uint8)
    points[points == c.OUTSIDE] = wide_classes
    return points


def _code_points(utf8: bytes) -> npt.NDArray[np.unsignedinteger[Any]]:
    text = utf8.decode()
    units = np.frombuffer(text.encode("utf-16-le"), np.uint16)
    if len(units) == len(text):
        return units
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)  # some lie past U+FFFF


class _Part(NamedTuple):
    words: Counts
    lines: Counts
    inked_lines: Counts
    mojibake: Counts
    classes: Counts


def _put(signs: Signs, rows: slice, part: _Part) -> None:
    for name, values in part._asdict().items():
        getattr(signs, name)[rows] += values


def _pieces(offsets: Counts) -> Iterator[tuple[int, int]]:
    """Ranges of rows of about PIECE_BYTES; a longer row stands alone."""
    first, rows = 0, len(offsets) - 1
    while first < rows:
        fits = int(np.searchsorted(offsets, offsets[first] + PIECE_BYTES, "right")) - 1
        last = min(max(fits, first + 1), first + _MOST_ROWS, rows)
        yield first, last
        first = last


def _count(points: Bytes, starts: Counts) -> _Part:
    """Counts of rows that lie back to back: row i is points[starts[i]:starts[i + 1]]."""
    rows = len(starts) - 1
    kinds: Bytes = points & np.uint8(c.CLASS_MASK)
    in_run = kinds <= c.LAST_OF_RUN
    word_starts = (kinds > c.LAST_OF_RUN) & (kinds <= c.LAST_TERM)
    fresh = in_run.copy()
    fresh[1:] &= ~in_run[:-1]
    first_of_row = starts[:-1][starts[:-1] < starts[1:]]
    fresh[first_of_row] = in_run[first_of_row]
    word_starts |= fresh
    keys = np.repeat(np.arange(rows) * _BINS, np.diff(starts))
    keys |= kinds | (word_starts.view(np.uint8) << c.CLASS_BITS)
    bins = np.bincount(keys, minlength=rows * _BINS).reshape(rows, 2, _WORD_START)
    lines, inked_lines = _lines(kinds, starts, first_of_row)
    return _Part(bins[:, 1].sum(axis=1), lines, inked_lines, _mojibake(points, starts),
                 bins.sum(axis=1)[:, : len(c.CLASSES)])  # fmt: skip


def _lines(kinds: Bytes, starts: Counts, first_of_row: Counts) -> tuple[Counts, Counts]:
    """Lines of each row, and those with ink; a line holds its own line feed, so none here is empty."""
    rows = len(starts) - 1
    if not len(kinds):
        return np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    is_first = kinds == c.NEWLINE
    is_first[1:], is_first[0] = is_first[:-1].copy(), False
    is_first[first_of_row] = True
    first_of_line = np.flatnonzero(is_first)
    inked = np.logical_or.reduceat(kinds < c.SPACE, first_of_line)
    row_of_line = np.searchsorted(starts, first_of_line, "right") - 1
    return np.bincount(row_of_line, minlength=rows), np.bincount(row_of_line[inked], minlength=rows)


def _mojibake(points: Bytes, starts: Counts) -> Counts:
    """Marks whose code points lie within one row."""
    rows = len(starts) - 1
    found = np.flatnonzero(points >= c.LEAD_OF_TWO)  # every code point of a mark has a part; few others do
    if len(found) < 2:
        return np.zeros(rows, np.int64)
    row = np.searchsorted(starts, found, "right") - 1
    points, together = points[found], (np.diff(found) == 1) & (row[1:] == row[:-1])
    parts = points & c.PART_MASK
    here, following = parts[:-1], parts[1:]
    hard = following == c.HARD_TAIL
    two = ((here == c.LEAD_OF_TWO) & hard) | ((here == c.KUN) & (following == c.JIN))
    tail = hard | (following == c.SOFT_TAIL)
    # A lead of three or four bytes wants two tails, one of them hard: é…” and à » are sound French.
    three = (here == c.LEAD_OF_MORE)[:-1] & tail[:-1] & tail[1:] & (hard[:-1] | hard[1:])
    filled = parts == c.FILLED
    three |= filled[:-2] & filled[1:-1] & filled[2:] & (points[:-2] == points[2:]) & (points[:-2] == points[1:-1])
    marks = two & together
    marks[:-1] |= three & together[:-1] & together[1:]
    return np.bincount(row[:-1][marks], minlength=rows)


def _count_long_row(signs: Signs, row: int, data: memoryview) -> None:
    """Add up the pieces of one row, and mend what lies across each joint."""
    before = np.empty(0, np.uint8)  # the last two code points of what came before
    open_ink = False  # the line that is open at the joint has ink already
    at, end = 0, len(data)
    while at < end:
        stop = min(at + PIECE_BYTES, end)
        while stop < end and stop > at + PIECE_BYTES - 4 and data[stop] & 0xC0 == 0x80:
            stop -= 1
        points = classify(data[at:stop])
        _put(signs, slice(row, row + 1), _count(points, np.array([0, len(points)])))
        if len(before):
            _mend(signs, row, before, points, open_ink=open_ink)
        kinds = points & c.CLASS_MASK
        feeds = np.flatnonzero(kinds == c.NEWLINE)
        tail = kinds[feeds[-1] + 1 :] if len(feeds) else kinds
        open_ink = bool((tail < c.SPACE).any()) or (open_ink and not len(feeds))
        before = np.concatenate([before, points[-2:]])[-2:]
        at = stop


def _mend(signs: Signs, row: int, before: Bytes, points: Bytes, *, open_ink: bool) -> None:
    """Take back the word and the line counted twice at a joint; add the mojibake marks across it."""
    last, kinds = before[-1] & c.CLASS_MASK, points & c.CLASS_MASK
    if last <= c.LAST_OF_RUN and kinds[0] <= c.LAST_OF_RUN:
        signs.words[row] -= 1
    if last != c.NEWLINE:
        signs.lines[row] -= 1
        feeds = np.flatnonzero(kinds == c.NEWLINE)
        head = kinds[: feeds[0]] if len(feeds) else kinds
        if open_ink and (head < c.SPACE).any():
            signs.inked_lines[row] -= 1
    joint = np.concatenate([before, points[:2]])
    across = _mojibake(joint, np.array([0, len(joint)]))
    either_side = _mojibake(joint, np.array([0, len(before), len(joint)]))
    signs.mojibake[row] += across.sum() - either_side.sum()
