"""What a sealed run stored of each record, counted over all its records and over those that it keeps: nothing is read again."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.store import Store
from manifests.unit_objects import UnitObjects, unit_objects
from schemas.manifest import Manifest

AUTHENTICITY, OBJECTIVITY, QUALITY, PROVENANCE, LANGUAGE = (
    "authenticity",
    "objectivity",
    "quality",
    "provenance",
    "language",
)
CANDIDATES: Final = ("assistant", "self-told", "visible-label", "implicit-label")
NO_DOMAIN: Final = ("no-url", "no-host", "ip-address", "masked")
UNDATED: Final = "undated"

Flags = npt.NDArray[np.bool_]


@dataclass
class Side:
    """Before, or after, filtering. *counts*: records by measure; *drawn*: by manner; *publishers*: manner -> domain -> drawn records.

    *years*: (source, year) -> records, and those with a mark of machine-written text.
    """

    records: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    drawn: Counter[str] = field(default_factory=Counter)
    publishers: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    sources: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    domains: Counter[str] = field(default_factory=Counter)
    years: Counter[tuple[str, str]] = field(default_factory=Counter)
    marked_years: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class Sums:
    """Both sides; *looked*: check -> records of the run that it was shown."""

    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    looked: Counter[str] = field(default_factory=Counter)


def gathered(store: Store, manifest: Manifest) -> Sums:
    """All units of a run, one after another; memory follows the number of domains."""
    sums = Sums()
    as_of = str(manifest.settings.get("as_of") or "")
    declared = {s.id: s.declared for s in manifest.registry.sources}
    for unit in unit_objects(store, manifest):
        said = declared.get(unit.source, {})
        _add(sums, unit, as_of, said.get("class") == "synthetic" or bool(said.get("generator")))
    return sums


def _add(sums: Sums, unit: UnitObjects, as_of: str, is_synthetic: bool) -> None:
    rows = unit.rows()
    if not len(rows):
        return
    stays = ~np.isin(rows, unit.dropped())
    for side, here in ((sums.before, np.ones(len(rows), np.bool_)), (sums.after, stays)):
        many = int(here.sum())
        side.records += many
        side.sources[unit.source] += many
        side.counts["declared"] += many if is_synthetic else 0
    for check in (AUTHENTICITY, OBJECTIVITY, QUALITY, PROVENANCE, LANGUAGE):
        sums.looked[check] += len(rows) if unit.has(check) else 0
    marked = _marks(sums, unit, rows, stays)
    domains = _provenance(sums, unit, as_of, rows, stays, marked)
    _manners(sums, unit, rows, stays, domains)
    _quality(sums, unit, rows, stays)
    language = unit.table(LANGUAGE, "columns", ("row", "language"))
    if language is not None:
        _count(sums, "languages", language.column("language"), _at(rows, language, stays))


def _marks(sums: Sums, unit: UnitObjects, rows: npt.NDArray[Any], stays: Flags) -> Flags:
    """bool[n]: rows with a mark of machine-written text; their kinds go to the counts."""
    marked = np.zeros(len(rows), np.bool_)
    found = unit.table(AUTHENTICITY, "findings", ("rule", "row"))
    for kind in (*CANDIDATES, "impossible-date"):
        if found is None:
            continue
        mine = found.filter(pc.equal(found.column("rule"), f"{AUTHENTICITY}.{kind}")).column("row").to_numpy()
        has = np.isin(rows, mine)
        _both(sums, kind, has, stays)
        if kind in CANDIDATES:
            marked |= has
    _both(sums, "candidates", marked, stays)
    return marked


def _provenance(
    sums: Sums, unit: UnitObjects, as_of: str, rows: npt.NDArray[Any], stays: Flags, marked: Flags
) -> npt.NDArray[Any]:
    """object[n]: the domain of each row; None where there is none. Years and days ahead go to the sums."""
    table = unit.table(PROVENANCE, "columns", ("row", "domain", "date"))
    domains = np.full(len(rows), None, object)
    if table is None:
        return domains
    here = _at(rows, table, np.arange(len(rows)))
    domain = table.column("domain").to_numpy(zero_copy_only=False)
    domains[here] = domain
    known = ~np.isin(domain.astype(str), NO_DOMAIN)
    _count(sums, "domains", table.column("domain").filter(pa.array(known)), stays[here][known])
    date = table.column("date").combine_chunks().dictionary_encode()
    words = date.dictionary.to_pylist()
    place = np.asarray(date.indices.fill_null(len(words)), np.int64)
    ahead = np.array([bool(as_of) and day > as_of[: len(day)] for day in words] + [False], np.bool_)
    _both(sums, "ahead", ahead[place], stays[here])
    years = [day[:4] for day in words] + [UNDATED]
    for side, counted in ((sums.before, np.ones(len(place), np.bool_)), (sums.after, stays[here])):
        for into, which in ((side.years, counted), (side.marked_years, counted & marked[here])):
            for number, many in enumerate(np.bincount(place[which], minlength=len(years)).tolist()):
                if many:
                    into[unit.source, years[number]] += many
    return domains


def _manners(sums: Sums, unit: UnitObjects, rows: npt.NDArray[Any], stays: Flags, domains: npt.NDArray[Any]) -> None:
    found = unit.table(OBJECTIVITY, "findings", ("rule", "row"))
    if found is None:
        return
    here = np.searchsorted(rows, found.column("row").to_numpy())
    for rule, place in zip(found.column("rule").to_pylist(), here.tolist(), strict=True):
        manner = rule.partition(".")[2]
        for side in (sums.before, sums.after) if stays[place] else (sums.before,):
            side.drawn[manner] += 1
            if domains[place] is not None and domains[place] not in NO_DOMAIN:
                side.publishers[manner][domains[place]] += 1


def _quality(sums: Sums, unit: UnitObjects, rows: npt.NDArray[Any], stays: Flags) -> None:
    table = unit.table(QUALITY, "columns", ("row", "mojibake", "bad"))
    if table is not None:
        here = _at(rows, table, stays)
        for name in ("mojibake", "bad"):
            _both(sums, name, table.column(name).to_numpy() > 0, here)


def _at(rows: npt.NDArray[Any], table: pa.Table, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """*values* of the rows that *table* has; a check may have missed some."""
    taken: npt.NDArray[Any] = values[np.searchsorted(rows, table.column("row").to_numpy())]
    return taken


def _both(sums: Sums, name: str, has: Flags, stays: Flags) -> None:
    sums.before.counts[name] += int(has.sum())
    sums.after.counts[name] += int((has & stays).sum())


def _count(sums: Sums, name: str, keys: pa.ChunkedArray, stays: Flags) -> None:
    for side, chosen in ((sums.before, keys), (sums.after, keys.filter(pa.array(stays)))):
        getattr(side, name).update({one["values"]: one["counts"] for one in pc.value_counts(chosen).to_pylist()})
