"""What a quality profile would take out of a sealed run, before and after, from the counts it stored: the corpus is not read.

Counts of tokens, lines and repetition may stand beside a share of the records alone (`checks.quality`, `signals: drawn`): a
rule that needs them is judged there, and the tables say of how many records they speak.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.store import Store
from manifests.unit_objects import UnitObjects, unit_objects
from schemas.errors import StoreError
from schemas.manifest import Manifest
from schemas.profiles import NOT_TOLD, Profile
from schemas.profiles_judged import judged

QUALITY: Final = "quality"
LANGUAGE: Final = "language"
SIZES: Final = ("records", "bytes", "chars", "words")
"""What each table row counts; words need no tokenizer: runs of letters and digits, single Han characters and the like."""


@dataclass(frozen=True)
class ProfileRow:
    """One language of one source. *all_records*: of the run; *before*: what was judged, by SIZES; *after*: what would stay.

    *made_for*: whether the profile's values were chosen for this language.
    """

    source: str
    language: str
    made_for: bool
    all_records: int
    before: tuple[int, ...]
    after: tuple[int, ...]


@dataclass(frozen=True)
class RuleRow:
    """One rule: records that fail it before any other, and that fail it at all, by language; None: all languages."""

    rule: str
    language: str | None
    judged: int
    first_fail: int
    any_fail: int


@dataclass(frozen=True)
class Applied:
    """*rows* by source and language, *rules* in the profile's order; *unsuited*: (language, judged, would go) of those that
    the profile is not made for; *all_records*, *judged*: what the whole rests on.
    """

    rows: tuple[ProfileRow, ...]
    rules: tuple[RuleRow, ...]
    unsuited: tuple[tuple[str, int, int], ...]
    all_records: int
    judged: int


def applied(store: Store, manifest: Manifest, profile: Profile) -> Applied:
    """The profile over every record of a sealed run that its counts let it judge.

    Raises `StoreError` where the run stored no quality counts.
    """
    held: dict[tuple[str, str], list[npt.NDArray[np.int64]]] = {}
    by_rule: dict[str, npt.NDArray[np.int64]] = {}
    seen = False
    for unit in unit_objects(store, manifest):
        source, quality = unit.source, unit.table(QUALITY, "columns")
        if quality is None:
            continue
        seen = True
        there, fails = judged(quality, profile)
        languages = _languages(unit, quality)
        sizes = [np.ones(quality.num_rows, np.int64), *(np.asarray(quality.column(n), np.int64) for n in SIZES[1:])]
        for language in np.unique(languages):
            mine = languages == language
            judged_here, kept = mine & there, mine & there & (fails == 0)
            counts = [
                np.array([int(mine.sum())]),
                *(np.array([int(s[rows].sum()) for s in sizes]) for rows in (judged_here, kept)),
            ]
            known = held.get((source, str(language)))
            held[source, str(language)] = (
                counts if known is None else [a + b for a, b in zip(known, counts, strict=True)]
            )
            rules = by_rule.setdefault(str(language), np.zeros((len(profile.rules), 2), np.int64))
            rules += _failures(fails[judged_here], len(profile.rules))
    if not seen:
        raise StoreError(f"run {manifest.run}: it stored no quality counts; scan with the check `quality` on")
    rows = tuple(
        ProfileRow(
            source, language, profile.made_for(language), int(every[0]), tuple(map(int, before)), tuple(map(int, after))
        )
        for (source, language), (every, before, after) in sorted(held.items())
    )
    return Applied(
        rows,
        _rule_rows(profile, rows, by_rule),
        _unsuited(rows),
        sum(r.all_records for r in rows),
        sum(r.before[0] for r in rows),
    )


def _failures(fails: npt.NDArray[np.uint64], rules: int) -> npt.NDArray[np.int64]:
    """int64[rules, 2]: first and any failure of each rule."""
    found = np.zeros((rules, 2), np.int64)
    for number in range(rules):
        bit = np.uint64(1 << number)
        failed = (fails & bit) != 0
        found[number] = (
            np.count_nonzero(failed & ((fails & np.uint64(bit - np.uint64(1))) == 0)),
            np.count_nonzero(failed),
        )
    return found


def _rule_rows(
    profile: Profile, rows: tuple[ProfileRow, ...], by_rule: Mapping[str, npt.NDArray[np.int64]]
) -> tuple[RuleRow, ...]:
    found = []
    by_language = {language: sum(r.before[0] for r in rows if r.language == language) for language in by_rule}
    whole = sum(by_rule.values(), np.zeros((len(profile.rules), 2), np.int64))
    for number, rule in enumerate(profile.rules):
        found.append(RuleRow(rule.id, None, sum(by_language.values()), *map(int, whole[number])))
        for language in sorted(by_rule):
            first, every = map(int, by_rule[language][number])
            found.append(RuleRow(rule.id, language, by_language[language], first, every))
    return tuple(found)


def _unsuited(rows: tuple[ProfileRow, ...]) -> tuple[tuple[str, int, int], ...]:
    found: dict[str, list[int]] = {}
    for row in rows:
        if not row.made_for and row.language not in (NOT_TOLD, "und"):
            mine = found.setdefault(row.language, [0, 0])
            mine[0] += row.before[0]
            mine[1] += row.before[0] - row.after[0]
    return tuple((language, judged_records, gone) for language, (judged_records, gone) in sorted(found.items()))


def _languages(unit: UnitObjects, quality: pa.Table) -> npt.NDArray[np.str_]:
    """str[n]: the language of each row of *quality*; NOT_TOLD where the check was off or was not shown the record."""
    table = unit.table(LANGUAGE, "columns")
    if table is None:
        return np.full(quality.num_rows, NOT_TOLD)
    at = pc.index_in(quality.column("row"), value_set=table.column("row").combine_chunks())
    return np.asarray(table.column("language").take(at).fill_null(NOT_TOLD).to_pylist())
