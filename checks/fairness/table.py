"""The words of a lexicon as tables of keys: eight bytes that a word begins with, sorted, and what each stands for.

A key says that its word stands there where a word is whole within it; of longer words that begin alike a second sieve says
whether one may be there, and those are held against the text one by one, the longest first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from checks.fairness.lexicon import Lexicon
from checks.loaded import once
from checks.safety.scripts import TRADITIONAL

Keys = npt.NDArray[np.uint64]
Ints = npt.NDArray[np.int64]

SIEVE: Final = 1 << 16
LONG: Final = np.uint64(1 << 63)
"""Set in the key of a run of letters that is longer than eight; no byte of a run has its highest bit."""
HAN: Final = 3
"""Bytes of a Han character that is sought."""
PAIR: Final = 2 * HAN
LATIN_BYTES: Final = (0, 1, 2, 3)
HAN_BYTES: Final = (1, 2, 4, 5)
"""Which bytes of a beginning its sieve looks at; of Han characters the first byte has six values only."""
_BY_PLACE: Final = (0x9E37, 0x85EB, 0xC2B3, 0x27D5)
_BY_HEAD, _BY_TAIL = 0x9E3B, 0x6A09
_IN_RUN: Final = b"0123456789_abcdefghijklmnopqrstuvwxyz"


class Form(NamedTuple):
    """A way in which a word is written, in UTF-8 and small letters, and the word's number."""

    octets: bytes
    word: int


@dataclass(frozen=True)
class Heads:
    """What words begin with. *keys*: sorted; *may*: bool[SIEVE] by `sieved` bytes of a beginning; of key k *word*[k] is the word
    that is whole within it, of *octets*[k] bytes, -1 where none is; *forms*[k] are longer ones, which *tails*, bool[SIEVE] by
    `tail_of`, lets through.
    """

    keys: Keys
    may: npt.NDArray[np.bool_]
    word: Ints
    octets: Ints
    tails: npt.NDArray[np.bool_]
    forms: tuple[tuple[Form, ...], ...]

    def numbers(self, keys: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """(which of *keys* are among these, their numbers here)."""
        if not len(self.keys):
            return np.zeros(0, np.intp), np.zeros(0, np.intp)
        number = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = np.flatnonzero(self.keys[number] == keys)
        return known, number[known]


@dataclass(frozen=True)
class WordTable:
    """*latin*: by the first run of letters; *han*: by two characters; *single*: (key, word) of one character each.

    *is_capital*: by word, whether it begins with a capital letter; *codes*, *first*: what each word stands for, word w has
    ``codes[first[w]:first[w + 1]]``.
    """

    latin: Heads
    han: Heads
    single: tuple[tuple[int, int], ...]
    is_capital: npt.NDArray[np.bool_]
    codes: Ints
    first: Ints


def table_of(lexicon: Lexicon) -> WordTable:
    """The tables of *lexicon*, made once a process."""
    return once(("fairness words", lexicon.digest), lambda: _table(lexicon))


def sieved(behind: Iterable[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint16]:
    """A hash of the bytes behind each of several places; the first array has the first byte of each."""
    total: Any = np.uint16(0)
    for octets, factor in zip(behind, _BY_PLACE, strict=True):
        total = total + octets.astype(np.uint16) * np.uint16(factor)
    found: npt.NDArray[np.uint16] = total
    return found


def tail_of(numbers: npt.NDArray[np.intp], tails: Ints) -> npt.NDArray[np.uint16]:
    """A hash of the number of a beginning and of what comes behind it."""
    return (numbers * _BY_HEAD + tails * _BY_TAIL).astype(np.uint16)


def _table(lexicon: Lexicon) -> WordTable:
    latin: dict[int, list[Form]] = {}
    han: dict[int, list[Form]] = {}
    single: list[tuple[int, int]] = []
    for number, word in enumerate(lexicon.words):
        if word.isascii():
            octets = word.lower().encode()
            run = octets.split(b" ")[0]
            latin.setdefault(_key_of(run) | (int(LONG) if len(run) > 8 else 0), []).append(Form(octets, number))
            continue
        for written in dict.fromkeys((word, word.translate(TRADITIONAL))):
            octets = written.encode()
            if len(octets) == HAN:
                single.append((_key_of(octets), number))
            else:
                han.setdefault(_key_of(octets[:PAIR]), []).append(Form(octets, number))
    codes = [code for of in lexicon.words.values() for code in of]
    first = np.cumsum([0, *(len(of) for of in lexicon.words.values())])
    return WordTable(
        _heads(latin, LATIN_BYTES), _heads(han, HAN_BYTES), tuple(single),
        np.array([word[0].isupper() for word in lexicon.words], np.bool_), np.array(codes, np.int64), first.astype(np.int64),
    )  # fmt: skip


def _key_of(octets: bytes) -> int:
    """The first eight bytes as a number, the first lowest."""
    return int.from_bytes(octets[:8], "little")


def _heads(found: dict[int, list[Form]], places: tuple[int, ...]) -> Heads:
    is_latin = places == LATIN_BYTES
    keys = sorted(found)
    beginnings: list[bytes] = []
    whole: list[Form] = []
    longer: list[tuple[Form, ...]] = []
    tails: list[tuple[int, int]] = []
    for number, key in enumerate(keys):
        forms = sorted(found[key], key=lambda form: -len(form.octets))
        runs = [form.octets.split(b" ")[0] for form in forms] if is_latin else [form.octets[:PAIR] for form in forms]
        beginnings += _as_they_stand(runs[0]) if is_latin else runs[:1]
        shortest = forms[-1]
        is_whole = len(shortest.octets) <= 8 and shortest.octets == runs[-1]
        whole.append(shortest if is_whole else Form(b"", -1))
        longer.append(tuple(forms[:-1] if is_whole else forms))
        for form, run in zip(longer[-1], runs, strict=False):
            tails.append(
                (number, behind_run(form.octets, len(run)) if is_latin else _key_of(form.octets[PAIR : PAIR + HAN]))
            )
    may, behind = np.zeros(SIEVE, np.bool_), np.zeros(SIEVE, np.bool_)
    padded = np.array([list(beginning.ljust(8, b"\0")[:8]) for beginning in beginnings], np.uint8).reshape(-1, 8)
    may[sieved(padded[:, place] for place in places)] = True
    if tails:
        numbers, ends = np.array(tails, np.int64).T
        behind[tail_of(numbers, ends)] = True
    return Heads(
        np.array(keys, np.uint64), may, _ints(form.word for form in whole), _ints(len(form.octets) for form in whole),
        behind, tuple(longer),
    )  # fmt: skip


def behind_run(octets: bytes, length: int) -> int:
    """What a form has behind its first run of letters: the next run's first letter, 0 where it has one run."""
    return octets[length + 1] if len(octets) > length else 0


def _as_they_stand(run: bytes) -> list[bytes]:
    """The first four bytes of a run, in which what is no letter is 0; behind two letters and a 0 anything may stand."""
    return [run[:2] + b"\0" + bytes([c]) for c in (0, *_IN_RUN)] if len(run) == 2 else [run[:4]]


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)
