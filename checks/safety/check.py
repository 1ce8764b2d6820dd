"""Candidates of the 31 risks: places where words of a lexicon stand, by risk, for people to judge. Never a label.

Raw lists reach a precision near chance (quality.md §5: .43-.67 on COLD at a base rate of .40), and texts against
discrimination name it more often than others. So nothing here says that a record is unlawful, and no record is dropped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure, Measures, Seen, Tally
from checks.safety.library import Library, held_library
from checks.safety.literals import Places as WordPlaces
from checks.safety.literals import word_places
from checks.safety.starter import starter, starter_digest
from checks.safety.words import WordSet
from checks.triggers import Line, PatternSet, Spot, findings_of, hit_lines, refuse_no_places, scan
from checks.triggers.scanning import engine
from schemas.finding import FINDING
from schemas.risks import risk_ids, taxonomy, taxonomy_digest
from schemas.shares import share_ppm

STARTER, LIBRARY, APART = "starter", "library", "apart"
KINDS: Final = (STARTER, LIBRARY, APART)
"""Where a candidate comes from: the list that comes with the program, the customer's library, or a word taken apart."""
_LEAVES: Final = risk_ids()
_NUMBER: Final = {leaf: number for number, leaf in enumerate(_LEAVES)}


def measure_of(leaf: str) -> str:
    """The measure that counts the records with a candidate of a leaf: ``a1_a_candidate_records`` of ``A1.a``."""
    return f"{leaf.lower().replace('.', '_')}_candidate_records"


_Found = npt.NDArray[np.int64]
"""Candidates, one a row: index of the record in the batch, bytes [start, end), leaf and kind by number."""
_ROW, _START, _END, _LEAF, _KIND = range(5)
_PREFERRED: Final = np.array([1, 0, 2], np.int64)  # a place of one risk that two lists name is told as the customer's
_LONG_LINE: Final = (
    1 << 16
)  # bytes; from here on, and in so many lines, a walk of hyperscan is quicker than a look-up a byte
_MANY_LINES: Final = 4096


def _measures() -> Iterable[Measure]:
    yield Measure("records", "records", "records in which words of the lexicons in use were sought")
    yield Measure(
        "candidate_records", "records",
        "records with at least one candidate: a place where a word of a lexicon stands, which a person judges; no label",
    )  # fmt: skip
    yield Measure("candidate_records_ppm", "ppm", "candidate_records of records; no share of unlawful records")
    yield Measure("candidates", "findings", "candidates in all, each word at each place once a risk")
    yield Measure("starter_records", "records", "records with a candidate of the starter list")
    yield Measure("library_records", "records", "records with a candidate of the customer's library")
    yield Measure("apart_records", "records", "records with a word of the gravest risks taken apart, such as 赌-博")
    for risk in taxonomy().risks:
        yield Measure(
            measure_of(risk.id),
            "records",
            f"records with a candidate of {risk.id}, {risk.title.en}; for people, no label",
        )
    yield Measure(
        "library_words", "words", "words of the customer's library in use: base forms, what its audit set aside apart"
    )
    yield Measure(
        "library_set_aside",
        "words",
        "entries of it that are not sought: too common in reference text, too short, too long",
    )
    yield Measure(
        "library_risks_short", "risks",
        "of the 17 risks of A.1 and A.2, those with fewer words in use than TC260-003 8.1 asks for (200, 100)",
    )  # fmt: skip
    yield Measure(
        "library_outdated", "libraries", "1 where the library is older than a week on the run's day, or of no known day"
    )


@dataclass(frozen=True)
class Safety(Check):
    """Find candidates of each risk: one finding a place, with the risk as its rule and without the word.

    *starter*: seek the words that come with the program; *most_places*: of one risk in one record so many candidates are
    listed; all are counted. The rest follows from `keywords` of run.yaml: *library*, sha256 of its words in use;
    *library_by_risk*, how many of each leaf in the order of the taxonomy; *library_distinct*, base forms in use;
    *library_set_aside*; *library_file*, sha256 of the file; *library_outdated*.
    """

    name: ClassVar[str] = "safety"
    version: ClassVar[int] = 1
    tally_bytes: ClassVar[int] = 4096
    measures: ClassVar[tuple[Measure, ...]] = tuple(_measures())
    finding_schema: ClassVar[pa.Schema | None] = FINDING

    starter: bool = True
    most_places: int = 20
    library: str | None = None
    library_file: str | None = None
    library_by_risk: tuple[int, ...] = ()
    library_distinct: int = 0
    library_set_aside: int = 0
    library_outdated: bool = False

    def __post_init__(self) -> None:
        """Refuse what only a library may set, and a list of no places."""
        of_library = (
            self.library_file,
            self.library_by_risk,
            self.library_distinct,
            self.library_set_aside,
            self.library_outdated,
        )
        right = any(of_library) is False if self.library is None else len(self.library_by_risk) == len(_LEAVES)
        if not right:
            msg = "library and what is told of it follow from `keywords`; leave them out here"
            raise ValueError(msg)
        refuse_no_places(self.most_places)

    @property
    def triggers(self) -> tuple[PatternSet, ...]:
        """The literals of the starter list; a library has a walk of its own (`checks.safety.literals`)."""
        return (starter().triggers,) if self.starter else ()

    def inputs(self) -> dict[str, str]:
        """The taxonomy, the starter list, and the engine where a library is sought."""
        told = {"taxonomy": taxonomy_digest()}
        if self.starter:
            told["starter"] = starter_digest()
        if self.library is not None:
            told["engine"] = engine()
        return told

    def zero(self) -> Tally:
        """No records."""
        return {
            "records": 0, "candidate_records": 0, "candidates": 0, "by_kind": dict.fromkeys(KINDS, 0),
            "by_risk": {leaf: [0, 0] for leaf in _LEAVES},
        }  # fmt: skip

    def look(self, batch: pa.RecordBatch) -> Seen:
        """Lines with a trigger are read; of a library the scan itself gives the places."""
        total = self.zero()
        total["records"] = batch.num_rows
        text = batch.column("text")
        found = np.concatenate([np.zeros((0, 5), np.int64), *self._parts(text)])
        if not len(found):
            return Seen(total)
        places = _each_once(found)
        total["candidates"] = len(places)
        total["candidate_records"] = len(np.unique(places[:, _ROW]))
        for number, kind in enumerate(KINDS):
            total["by_kind"][kind] = len(np.unique(found[found[:, _KIND] == number, _ROW]))
        in_rows = np.bincount(np.unique(places[:, [_LEAF, _ROW]], axis=0)[:, 0], minlength=len(_LEAVES))
        in_all = np.bincount(places[:, _LEAF], minlength=len(_LEAVES))
        for leaf, rows, count in zip(_LEAVES, in_rows.tolist(), in_all.tolist(), strict=True):
            total["by_risk"][leaf] = [rows, count]
        return Seen(total, findings=_findings(batch, places[_ranks(places) < self.most_places]))

    def report(self, total: Tally) -> Measures:
        """Counts; those of a library are None where there is none, and all are where nothing was sought."""
        sought = self.starter or self.library is not None
        records, with_library = total["records"], self.library is not None
        floors = {leaf: taxonomy().floor(leaf) for leaf in risk_ids("keywords")}
        has = dict(zip(_LEAVES, self.library_by_risk, strict=False))
        short = sum(has.get(leaf, 0) < (floor or 0) for leaf, floor in floors.items())
        of_library: Measures = {
            "library_words": self.library_distinct, "library_set_aside": self.library_set_aside,
            "library_risks_short": short, "library_outdated": int(self.library_outdated),
        }  # fmt: skip
        values: Measures = {
            "records": records, "candidate_records": total["candidate_records"],
            "candidate_records_ppm": share_ppm(total["candidate_records"], records),
            "candidates": total["candidates"],
            "starter_records": total["by_kind"][STARTER] if self.starter else None,
            "library_records": total["by_kind"][LIBRARY] if with_library else None,
            "apart_records": total["by_kind"][APART] if self.starter else None,
            **{measure_of(leaf): total["by_risk"][leaf][0] for leaf in _LEAVES},
            **(of_library if with_library else dict.fromkeys(of_library)),
        }  # fmt: skip
        return values if sought else dict.fromkeys(values)

    def _parts(self, text: pa.Array) -> Iterator[_Found]:
        if self.starter:
            yield from _from_starter(text)
        if self.library is not None:
            yield _from_library(text, held_library(self.library))


def _from_starter(text: pa.Array) -> Iterator[_Found]:
    held = starter()
    taken_apart = held.triggers.mask("apart.")
    leaves = np.array([_NUMBER[leaf] for leaf in held.risks], np.int64)
    apart_leaves = np.array([_NUMBER[leaf] for leaf in held.apart_risks], np.int64)
    hits = scan(text, held.triggers)
    is_dense = len(hits.row) > _MANY_LINES
    if is_dense:
        yield _places_of(word_places(text, held.words), leaves, 0)
    for line in hit_lines(text, hits):
        if line.patterns & ~taken_apart and not is_dense:
            yield _of_line(line, _words_in(line.value, held.words), leaves, 0)
        if line.patterns & taken_apart:
            yield _of_line(line, np.array(held.apart_in(line.value), np.int64).reshape(-1, 3), apart_leaves, 2)


def _words_in(line: bytes, words: WordSet) -> _Found:
    """int64[n, 3]: start, end and word of each place."""
    if len(line) < _LONG_LINE:
        return np.array(list(words.found_in(line)), np.int64).reshape(-1, 3)
    places = word_places(pa.array([line], pa.large_binary()).view(pa.large_string()), words)
    return np.stack([places.start_byte, places.end_byte, places.word], axis=1)


def _of_line(line: Line, found: _Found, leaves: npt.NDArray[np.int64], kind: int) -> _Found:
    n = len(found)
    start, end = found[:, 0] + line.start_byte, found[:, 1] + line.start_byte
    return np.stack([np.full(n, line.row), start, end, leaves[found[:, 2]], np.full(n, kind)], axis=1)


def _from_library(text: pa.Array, library: Library) -> _Found:
    leaves = np.array([_NUMBER[leaf] for leaf in library.risks], np.int64)
    return _places_of(word_places(text, library.words), leaves, 1)


def _places_of(found: WordPlaces, leaves: npt.NDArray[np.int64], kind: int) -> _Found:
    kinds = np.full(len(found.row), kind, np.int64)
    return np.stack([found.row, found.start_byte, found.end_byte, leaves[found.word], kinds], axis=1)


def _each_once(found: _Found) -> _Found:
    """By row, start, end and leaf, each once."""
    order = np.lexsort((_PREFERRED[found[:, _KIND]], found[:, _LEAF], found[:, _END], found[:, _START], found[:, _ROW]))
    found = found[order]
    is_new = np.ones(len(found), np.bool_)
    is_new[1:] = np.any(found[1:, :_KIND] != found[:-1, :_KIND], axis=1)
    return found[is_new]


def _ranks(places: _Found) -> npt.NDArray[np.int64]:
    """The how-manieth of its leaf in its row each place is, from 0; *places* by row and start."""
    order = np.lexsort((np.arange(len(places)), places[:, _LEAF], places[:, _ROW]))
    key = places[order][:, [_ROW, _LEAF]]
    first = np.ones(len(key), np.bool_)
    first[1:] = np.any(key[1:] != key[:-1], axis=1)
    at = np.arange(len(key))
    ranks = np.empty(len(key), np.int64)
    ranks[order] = at - np.maximum.accumulate(np.where(first, at, 0))
    return ranks


def _findings(batch: pa.RecordBatch, listed: _Found) -> pa.Table:
    spots = [Spot(row, start, end, _LEAVES[leaf], KINDS[kind]) for row, start, end, leaf, kind in listed.tolist()]
    return findings_of(Safety.name, batch, spots)
