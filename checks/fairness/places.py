"""Where the words of a lexicon stand in texts, and in which sentence: over bytes, by tables, a few walks of numpy over all.

Valid UTF-8 keeps a character's bytes together, and what is not valid holds no word, so nothing is decoded.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.fairness.lexicon import MOST_BYTES
from checks.fairness.table import HAN, HAN_BYTES, LATIN_BYTES, LONG, Heads, Ints, WordTable, sieved, tail_of
from checks.signs.count import utf8_buffers

PIECE_BYTES: Final = 1 << 18
"""Rows are read together up to here, so that all stays in the cache; a longer one is cut behind its line feeds, or here where it
has none."""
_PAD: Final = 48
_FEED: Final = 10
_FEEDS: Final = b"\n" * _PAD
_RUN: Final = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz_")
_LETTERS: Final = bytes(byte if byte in _RUN else 0 for byte in bytes(range(256)).lower())
"""By byte: letters in small ones, digits and `_` as they stand, anything else 0."""
_PAIR: Final = np.uint64((1 << 48) - 1)
_ONE: Final = np.uint64((1 << 24) - 1)
_LOW, _HIGH = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
Octets = npt.NDArray[np.uint8]


class Found(NamedTuple):
    """Places of words by row and start: int64 of one length each. *sentence*: counted over all rows; *at*: the byte in its row."""

    row: Ints
    sentence: Ints
    word: Ints
    at: Ints


def found_in(text: pa.Array, table: WordTable, rows: npt.NDArray[np.intp] | None = None) -> Iterator[Found]:
    """The words of *table* in *rows* of *text* (String or LargeString; slices and nulls are fine), or in all of them.

    A piece of about `PIECE_BYTES` after the other, so that memory is bounded; no sentence lies in two.
    """
    sentences = 0
    for data, begins, of in _pieces(text, np.arange(len(text)) if rows is None else rows):
        octets = np.frombuffer(data, np.uint8)
        start, word = _words_in(octets, table)
        ends = _sentence_ends(octets)
        held = np.searchsorted(begins, start, side="right") - 1
        yield Found(of[held], np.searchsorted(ends, start) + sentences, word, start - begins[held])
        sentences += len(ends) + 1


def sizes_of(text: pa.Array, rows: npt.NDArray[np.intp]) -> Ints:
    """Bytes of each of *rows*; of nulls 0."""
    offsets, _ = utf8_buffers(text)
    lengths: Ints = offsets[rows + 1] - offsets[rows]
    return np.where(np.asarray(text.is_valid())[rows], lengths, 0) if text.null_count else lengths


def _pieces(text: pa.Array, rows: npt.NDArray[np.intp]) -> Iterator[tuple[bytes, Ints, Ints]]:
    """(rows or a part of one between line feeds, where each begins there, which rows they are).

    Small rows lie together; what a part of a long one is follows from that row alone, which begins before the first byte.
    """
    offsets, data = utf8_buffers(text)
    values: list[memoryview] = []
    of: list[int] = []
    size = 0
    for row, first, length in zip(rows.tolist(), offsets[rows].tolist(), sizes_of(text, rows).tolist(), strict=True):
        if of and size + length > PIECE_BYTES:
            yield _laid(values, of)
            values, of, size = [], [], 0
        rest = data[first : first + length]
        before = 0
        while len(rest) > PIECE_BYTES:
            feed = bytes(rest[:PIECE_BYTES]).rfind(b"\n")
            within = next(
                (back for back in range(4) if rest[PIECE_BYTES - back] & 0xC0 != 0x80), 0
            )  # bytes of a character
            cut = feed + 1 if feed >= 0 else PIECE_BYTES - within
            yield _laid([rest[:cut]], [row], before)
            before += cut
            rest = rest[cut:]
        if before:
            yield _laid([rest], [row], before)
        elif length:
            values.append(rest)
            of.append(row)
            size += len(rest)
    if of:
        yield _laid(values, of)


def _laid(values: list[memoryview], rows: list[int], before: int = 0) -> tuple[bytes, Ints, Ints]:
    """*before*: bytes of the first row that were read before."""
    begins = np.cumsum([1, *(len(value) + 1 for value in values)])[:-1]
    begins[0] -= before
    return b"\n".join([b"", *values, _FEEDS]), begins, np.array(rows, np.int64)


def _words_in(octets: Octets, table: WordTable) -> tuple[Ints, Ints]:
    """(start, word) of each place by start; none begins inside another."""
    parts = [*_latin(octets, table), *_han(octets, table)]
    start, end, word = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Of two that begin together the longest comes first.
    order = np.argsort(start * (2 * MOST_BYTES) - (end - start), kind="stable")
    start, end, word = start[order], end[order], word[order]
    kept = _apart(start, end)
    return start[kept], word[kept]


_Places = tuple[Ints, Ints, Ints]


def _latin(octets: Octets, table: WordTable) -> Iterator[_Places]:
    """Words of ASCII letters: whole runs of letters, digits and `_`, or several with a space or a hyphen between."""
    letters = np.frombuffer(octets.tobytes().translate(_LETTERS), np.uint8)
    is_run = letters > 0
    starts = np.flatnonzero(is_run[1:] & ~is_run[:-1]) + 1
    starts = starts[table.latin.may.take(sieved(letters[place:].take(starts) for place in LATIN_BYTES))]
    keys = _eight(letters, starts)
    with np.errstate(over="ignore"):
        zeros = (keys - _LOW) & ~keys & _HIGH  # the lowest bit of these is in the first byte that is 0
        keys &= (zeros & (~zeros + np.uint64(1))) - np.uint64(1)
    keys |= LONG * (letters[starts + 8] > 0) * (zeros == 0)
    known, number = table.latin.numbers(keys)
    starts = starts[known]
    behind = starts + _run_lengths(keys[known], letters, starts)
    is_gap = (octets[behind] == 32) | (octets[behind] == 45)
    tails = np.where(is_gap, letters[behind + 1], 0).astype(np.int64)
    is_capital = ((octets[starts] - 65) < 26).tolist()
    start, end, word = _told(
        table.latin, number, starts, octets, (tails, np.zeros(len(tails), np.int64)), table.is_capital, is_capital
    )
    stands = ~(is_run[end] | _letter_before(octets, start) | _letter_behind(octets, end))
    stands &= ((octets[start] - 65) < 26) | ~table.is_capital[word]
    yield start[stands], end[stands], word[stands]


def _run_lengths(keys: npt.NDArray[np.uint64], letters: Octets, starts: Ints) -> Ints:
    """How long the runs at *starts* are: bytes in the key that are not 0; of the longer ones up to the next 0."""
    lengths = np.zeros(len(keys), np.int64)
    for place in range(8):
        lengths += (keys >> np.uint64(8 * place) & np.uint64(0xFF)) > 0
    for i in np.flatnonzero(keys >= LONG).tolist():
        run = letters[starts[i] : starts[i] + _PAD].tobytes()
        lengths[i] = (run + b"\0").index(0)
    return lengths


def _han(octets: Octets, table: WordTable) -> Iterator[_Places]:
    """Words of Han characters, wherever they stand."""
    starts = np.flatnonzero((octets - 0xE4) < 6)
    if not len(starts):
        return
    first, second, fourth, fifth = (octets[place:].take(starts) for place in HAN_BYTES)
    for key, word in table.single:
        at = starts[(first == key >> 8 & 0xFF) & (second == key >> 16)]
        at = at[octets[at] == key & 0xFF]
        yield at, at + HAN, np.full(len(at), word, np.int64)
    starts = starts[table.han.may.take(sieved((first, second, fourth, fifth)))]
    known, number = table.han.numbers(_eight(octets, starts) & _PAIR)
    starts = starts[known]
    third = _eight(octets, starts + 2 * HAN) & _ONE
    yield _told(table.han, number, starts, octets, (third.astype(np.int64),))


def _eight(octets: Octets, starts: Ints) -> npt.NDArray[np.uint64]:
    """The eight bytes at each of *starts* as a number, the first lowest."""
    every: npt.NDArray[np.uint64] = np.ndarray(len(octets) - 8, "<u8", octets, strides=(1,))
    return every[starts]


def _told(
    heads: Heads, number: Ints, starts: Ints, octets: Octets, tails: tuple[Ints, ...],
    wants_capital: npt.NDArray[np.bool_] | None = None, has_capital: Sequence[bool] = (),
) -> _Places:  # fmt: skip
    """The words that begin with the keys *number* at *starts*: the longest form that stands there, else the one in the key.

    *tails*: what stands behind each key; a longer form is looked for where the sieve knows one of them. Of Latin letters alone:
    *wants_capital*, by word; *has_capital*, by place.
    """
    word, end = heads.word[number], starts + heads.octets[number]
    may = np.zeros(len(number), np.bool_)
    for tail in tails:
        may |= heads.tails[tail_of(number, tail)]
    data = octets.tobytes().lower() if may.any() else b""
    for i in np.flatnonzero(may).tolist():
        place = int(starts[i])
        for form, of in heads.forms[number[i]]:
            behind = place + len(form)
            if not (data.startswith(form, place) or data[place:behind].replace(b"-", b" ") == form):
                continue
            if wants_capital is None or (_stands_alone(data, behind) and (has_capital[i] or not wants_capital[of])):
                word[i], end[i] = of, behind
                break
    told = np.flatnonzero(word >= 0)
    return starts[told], end[told], word[told]


def _stands_alone(data: bytes, end: int) -> bool:
    """Does a word of Latin letters end here?"""
    first, second = data[end], data[end + 1]
    return first not in _RUN and not 0xC3 <= first <= 0xCD and not (first == 0xE1 and 0xB8 <= second <= 0xBB)


def _apart(start: Ints, end: Ints) -> npt.NDArray[np.intp]:
    """Which of the places, by start and the longest first, begin inside no other that stays."""
    if not len(start):
        return np.zeros(0, np.intp)
    stays = np.ones(len(start), np.bool_)
    for i in (np.flatnonzero(start[1:] < np.maximum.accumulate(end)[:-1]) + 1).tolist():
        before = i - 1
        while not stays[before]:
            before -= 1
        stays[i] = start[i] >= end[before]
    return np.flatnonzero(stays)


def _sentence_ends(octets: Octets) -> Ints:
    """Line feeds, `!`, `?`, a full stop with white space behind it, and 。！？ (by their last bytes, which others have too)."""
    wide = (octets == 0x82) | (octets == 0x81) | (octets == 0x9F)
    at = np.flatnonzero((octets == _FEED) | (octets == 33) | (octets == 63) | (octets == 46) | wide)
    last, middle, first = octets[at], octets[at - 1], octets[at - 2]
    ends = (last < 46) | (last == 63) | ((last == 46) & (octets[np.minimum(at + 1, len(octets) - 1)] <= 32))
    ends |= (last == 0x82) & (middle == 0x80) & (first == 0xE3)
    ends |= ((last == 0x81) | (last == 0x9F)) & (middle == 0xBC) & (first == 0xEF)
    found: Ints = at[ends]
    return found


def _letter_before(octets: Octets, start: Ints) -> npt.NDArray[np.bool_]:
    """Does a Latin letter beyond ASCII end right before each place? Of two bytes (U+00C0 to U+036F) or of U+1E00 to U+1EFF."""
    last, middle, first = octets[start - 1], octets[start - 2], octets[start - 3]
    is_within = (last - 0x80) < 0x40
    two: npt.NDArray[np.bool_] = (middle - 0xC3) < 11
    found: npt.NDArray[np.bool_] = is_within & (two | ((first == 0xE1) & ((middle - 0xB8) < 4)))
    return found


def _letter_behind(octets: Octets, end: Ints) -> npt.NDArray[np.bool_]:
    """Does one begin at each place?"""
    first, second = octets[end], octets[end + 1]
    two: npt.NDArray[np.bool_] = (first - 0xC3) < 11
    found: npt.NDArray[np.bool_] = two | ((first == 0xE1) & ((second - 0xB8) < 4))
    return found
