"""From places of words to counts: who is mentioned how often, beside a negative word, by which pronoun, in which occupation."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.fairness.lexicon import Lexicon
from checks.fairness.places import Found
from checks.fairness.table import Ints, WordTable
from checks.loaded import once
from schemas.fairness import MENTIONS, NEGATIVE, OF_GENDER, RECORDS, SENTENCES

OCCUPATION: Final = "occupation"
_COLUMNS: Final = NEGATIVE + 1 + len(OF_GENDER)
_GENDERS: Final = slice(NEGATIVE + 1, _COLUMNS)
"""Behind the counts of a group: sentences with a word of each gender."""


@dataclass(frozen=True)
class Numbers:
    """What the codes of a lexicon are."""

    lexicon: Lexicon

    @cached_property
    def ground(self) -> Ints:
        """Group -> ground, by number."""
        place = {ground: number for number, ground in enumerate(self.lexicon.grounds)}
        return np.array([place[ground] for ground, _ in self.lexicon.groups], np.int64)

    @cached_property
    def is_negative(self) -> npt.NDArray[np.bool_]:
        """By code."""
        return self._marks([self.lexicon.negative_number])

    @cached_property
    def is_gender(self) -> tuple[npt.NDArray[np.bool_], ...]:
        """By code, for each of the genders: is it a word or a pronoun of it."""
        groups, pronouns = self.lexicon.number_of, self.lexicon.pronouns
        first = len(self.lexicon.groups)
        return tuple(
            self._marks([groups["gender", group], *(first + pronouns.index(one) for one in named)])
            for group, named in OF_GENDER.values()
        )

    def _marks(self, codes: list[int]) -> npt.NDArray[np.bool_]:
        marks = np.zeros(self.lexicon.negative_number + 1, np.bool_)
        marks[codes] = True
        return marks

    @cached_property
    def occupations(self) -> list[int]:
        """Codes of the groups of `OCCUPATION`."""
        return [number for number, (ground, _) in enumerate(self.lexicon.groups) if ground == OCCUPATION]


def counted(pieces: Iterable[Found], table: WordTable, lexicon: Lexicon) -> tuple[dict[str, Any], tuple[Ints, Ints]]:
    """The part of a tally that the places of all *pieces* give: integers by closed names, nothing of a text; and (rows, numbers
    of the groups that they name), each pair once, sorted.
    """
    numbers = once(("fairness numbers", lexicon.digest), lambda: Numbers(lexicon))
    codes, groups = lexicon.negative_number + 1, len(lexicon.groups)
    counts = np.zeros((_COLUMNS, codes), np.int64)
    in_rows = np.zeros(0, np.int64)
    for found in pieces:
        row, code = _add_piece(counts, found, table, numbers)
        in_rows = np.union1d(in_rows, row * codes + code)
    counts[RECORDS] = np.bincount(in_rows % codes, minlength=codes)
    named = in_rows[in_rows % codes < groups]
    of_grounds = np.unique(named // codes * len(lexicon.grounds) + numbers.ground[named % codes]) % len(lexicon.grounds)
    by_ground = np.bincount(of_grounds, minlength=len(lexicon.grounds)).tolist()
    told = {
        "mention_records": len(np.unique(named // codes)),
        "negative_sentences": int(counts[SENTENCES, lexicon.negative_number]),
        "grounds": {name: count for name, count in zip(lexicon.grounds, by_ground, strict=True) if count},
        "groups": _groups(lexicon, counts),
        "pronouns": {
            name: [int(counts[RECORDS, groups + i]), int(counts[MENTIONS, groups + i])]
            for i, name in enumerate(lexicon.pronouns)
            if counts[MENTIONS, groups + i]
        },
        "occupations": {
            lexicon.groups[number][1]: counts[_GENDERS, number].tolist()
            for number in numbers.occupations
            if counts[_GENDERS, number].any()
        },
    }  # fmt: skip
    return told, (named // codes, named % codes)


def named_in(rows: Ints, named: tuple[Ints, Ints], lexicon: Lexicon, length: int) -> pa.Array:
    """string[length]: of each row drawn the groups that it names, ``ground/group`` with ``;`` between; null for the others.

    *rows*: those drawn, rising; *named*: of `counted`.
    """
    names = pa.array([f"{ground}/{group}" for ground, group in lexicon.groups], pa.string())
    ends = np.searchsorted(named[0], rows, "right")
    groups = pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), names.take(pa.array(named[1])))
    place = np.full(length, -1, np.int64)
    place[rows] = np.arange(len(rows))
    return pc.binary_join(groups, ";").take(pa.array(place, mask=place < 0))


def _add_piece(counts: Ints, found: Found, table: WordTable, numbers: Numbers) -> tuple[Ints, Ints]:
    """Add a piece's places and sentences by code to *counts*; gives row and code of every place."""
    row, sentence, code = _stands_for(found, table)
    codes = counts.shape[1]
    counts[MENTIONS] += np.bincount(code, minlength=codes)
    told = np.unique(sentence * codes + code)
    of_sentence, of_code = told // codes, told % codes
    counts[SENTENCES] += np.bincount(of_code, minlength=codes)
    marks = (numbers.is_negative, *numbers.is_gender)
    for place, is_mark in zip((NEGATIVE, *range(NEGATIVE + 1, _COLUMNS)), marks, strict=True):
        counts[place] += np.bincount(of_code[_beside(of_sentence, is_mark[of_code])], minlength=codes)
    return row, code


def _stands_for(found: Found, table: WordTable) -> tuple[Ints, Ints, Ints]:
    """Row, sentence and code of every place, once for each thing that its word stands for."""
    first = table.first[found.word]
    times = table.first[found.word + 1] - first
    at = np.repeat(np.arange(len(times)), times)
    within = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
    return found.row[at], found.sentence[at], table.codes[first[at] + within]


def _beside(of_sentence: Ints, is_mark: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Whose sentence holds a mark; *of_sentence* rises."""
    marks = of_sentence[is_mark]
    if not len(marks):
        return np.zeros(len(of_sentence), np.bool_)
    at = np.minimum(np.searchsorted(marks, of_sentence), len(marks) - 1)
    return np.asarray(marks[at] == of_sentence)


def _groups(lexicon: Lexicon, counts: Ints) -> dict[str, dict[str, list[int]]]:
    """Ground -> group -> its counts; of groups that are mentioned."""
    found: dict[str, dict[str, list[int]]] = {}
    for number in np.flatnonzero(counts[MENTIONS, : len(lexicon.groups)]).tolist():
        ground, group = lexicon.groups[number]
        found.setdefault(ground, {})[group] = counts[: NEGATIVE + 1, number].tolist()
    return found
