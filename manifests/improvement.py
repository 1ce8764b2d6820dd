"""The Article 7(4) table of a sealed run: authenticity, accuracy, objectivity and diversity, before and after filtering.

Evidence of measures to improve training data (Interim Measures, Art. 7(4)): screening indicators, no verdict and no pass mark.
The four are always there; what nothing measured is None, which is printed as "not measured".
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from manifests import improvement_sums as sums_of
from manifests.improvement_sums import Side, Sums
from manifests.improvement_words import MEASURES
from manifests.reviews import load_draw, newest_of
from manifests.store import Store
from schemas.diversity import spread
from schemas.intervals import lower_ppm, upper_ppm
from schemas.manifest import Manifest
from schemas.review import KEPT, RUN, Judged
from schemas.shares import rounded_ppm

MANNERS: Final = ("reference", "reporting", "opinion", "promotional", "user-generated")
_UNTOLD: Final = ("other", "unknown")
REASONS: Final = ("false", "outdated", "unverifiable")
_TWO_SIDED: Final = Fraction(1, 40)
_SHARES: Final = {
    "synthetic_candidates": ("candidates", sums_of.AUTHENTICITY), "assistant": ("assistant", sums_of.AUTHENTICITY),
    "self-told": ("self-told", sums_of.AUTHENTICITY), "visible-label": ("visible-label", sums_of.AUTHENTICITY),
    "implicit-label": ("implicit-label", sums_of.AUTHENTICITY), "declared_synthetic": ("declared", None),
    "mojibake": ("mojibake", sums_of.QUALITY), "damaged": ("bad", sums_of.QUALITY), "dates_ahead": ("ahead", sums_of.PROVENANCE),
    "impossible_text_dates": ("impossible-date", sums_of.AUTHENTICITY),
}  # fmt: skip
"""Measure -> its count, and the check without which it is not measured."""


@dataclass(frozen=True, slots=True)
class ImprovementRow:
    """One measure. *part*: which manner of text, or group of a sample, it is of; None: all. *before*, *after*: None is not measured.

    *low*, *high*: bounds of *after*, in its unit, where it rests on a sample. *rests_on*, *rests_on_after*: records that the two
    figures rest on; *unit* of `improvement_words`.
    """

    aspect: str
    measure: str
    part: str | None
    unit: str
    before: int | None
    after: int | None
    low: int | None
    high: int | None
    rests_on: int
    rests_on_after: int


@dataclass(frozen=True, slots=True)
class YearRow:
    """Records of one source collected in one year, those with a mark of machine-written text, and the same of those kept."""

    source: str
    year: str
    records: int
    candidates: int
    candidates_ppm: int | None
    kept_records: int | None
    kept_candidates: int | None
    kept_candidates_ppm: int | None


@dataclass(frozen=True)
class Improvement:
    """*rows* in the order of `improvement_words.MEASURES`; *years*: by source and year, only sources with a candidate.

    *records*, *kept*: of the run; *kept* None: nothing was filtered in it.
    """

    run: str
    records: int
    kept: int | None
    rows: tuple[ImprovementRow, ...]
    years: tuple[YearRow, ...]


def improvement_of(store: Store, manifest: Manifest) -> Improvement:
    """The table of a run, from what its units stored and from the newest reviews of its log."""
    sums = sums_of.gathered(store, manifest)
    filtered = manifest.counts.decisions is not None
    before, after = sums.before, sums.after if filtered else None
    rows = [
        *_shares(sums, before, after),
        _impossible(manifest),
        *_judged(store, manifest.run),
        *_manners(sums, before, after),
    ]
    for measure, name, check in (
        ("sources", "sources", None),
        ("languages", "languages", sums_of.LANGUAGE),
        ("domains", "domains", sums_of.PROVENANCE),
    ):
        rows.append(_hill(measure, None, _known(sums, check, getattr(before, name)), _kept(after, name)))
    rows.append(
        _largest("largest_domain", None, _known(sums, sums_of.PROVENANCE, before.domains), _kept(after, "domains"))
    )
    order = {measure: place for place, measure in enumerate(MEASURES)}
    rows.sort(key=lambda row: order[row.measure])
    return Improvement(manifest.run, before.records, after.records if after else None, tuple(rows), _years(sums, after))


def _shares(sums: Sums, before: Side, after: Side | None) -> list[ImprovementRow]:
    rows = []
    for measure, (count, check) in _SHARES.items():
        told = check is None or sums.looked[check] > 0
        first = rounded_ppm(before.counts[count], before.records) if told else None
        then = rounded_ppm(after.counts[count], after.records) if told and after else None
        rows.append(
            _row(measure, None, first, then, before.records if told else 0, after.records if told and after else 0)
        )
    return rows


def _impossible(manifest: Manifest) -> ImprovementRow:
    """Impossible days of collection: counted by the check, of all records alone, for it keeps no place of them."""
    of_run = next((m for m in manifest.measures if m.source is None and m.check == sums_of.AUTHENTICITY), None)
    many, looked = (None, 0) if of_run is None else (of_run.values.get("impossible_date_records"), of_run.looked_at)
    return _row("impossible_dates", None, None if many is None else rounded_ppm(many, looked), None, looked, 0)


def _judged(store: Store, run: str) -> list[ImprovementRow]:
    """The newest review of each plan with the reasons of accuracy: of what was collected before, of what is kept after."""
    sides: dict[str, dict[bool, Judged]] = {}
    for _, review in newest_of(store, run):
        plan = load_draw(store, review.draw_sha256).plan
        if set(REASONS) <= set(plan.reasons):
            for group in review.groups:
                sides.setdefault(group.group, {})[plan.of == KEPT] = group
    rows = []
    for name, found in sorted(sides.items()) or [(RUN, {})]:
        first, then = found.get(False), found.get(True)
        sizes = (first.sample if first else 0, then.sample if then else 0)
        part = None if name == RUN else name
        bounds = (then.low_ppm, then.high_ppm) if then else (None, None)
        share, share_then = (None if one is None else one.share_ppm for one in (first, then))
        rows.append(_row("failing", part, share, share_then, *sizes, *bounds))
        for reason in REASONS:
            share, share_then = (None if one is None else _of_sample(one, reason) for one in (first, then))
            rows.append(_row(reason, part, share, share_then, *sizes, *_bounds(then, reason)))
    return rows


def _of_sample(judged: Judged, reason: str) -> int | None:
    """The share of a reason in a sample that is not weighted by strata."""
    return rounded_ppm(judged.reasons.get(reason, 0), judged.sample) if judged.variance_ppm2 is None else None


def _bounds(judged: Judged | None, reason: str) -> tuple[int | None, int | None]:
    """One-sided Clopper-Pearson each; none where the sample was stopped early, or is weighted by strata."""
    if judged is None or judged.low_ppm is None or judged.variance_ppm2 is not None:
        return None, None
    many = judged.reasons.get(reason, 0)
    return lower_ppm(many, judged.sample), upper_ppm(many, judged.sample)


def _manners(sums: Sums, before: Side, after: Side | None) -> list[ImprovementRow]:
    """Shares of drawn records, and how concentrated their publishers are within each manner."""
    told = sums.looked[sums_of.OBJECTIVITY] > 0
    drawn, kept = before.drawn.total(), after.drawn.total() if after else 0
    rows = []
    for manner in (*MANNERS, *_UNTOLD):
        then = after.drawn[manner] if after else 0
        bounds = (
            (lower_ppm(then, kept, _TWO_SIDED), upper_ppm(then, kept, _TWO_SIDED)) if told and kept else (None, None)
        )
        first = rounded_ppm(before.drawn[manner], drawn) if told else None
        rows.append(
            _row(manner, None, first, rounded_ppm(then, kept) if told and after else None, drawn, kept, *bounds)
        )
    for manner in MANNERS:
        mine = _known(sums, sums_of.OBJECTIVITY, before.publishers.get(manner, Counter()))
        theirs = None if after is None else after.publishers.get(manner, Counter())
        rows += [_hill("publishers", manner, mine, theirs), _largest("largest_publisher", manner, mine, theirs)]
    return rows


def _hill(measure: str, part: str | None, before: Counter[str] | None, after: Counter[str] | None) -> ImprovementRow:
    first, then = (spread(one.values()).hill1_milli if one else None for one in (before, after))
    return _spread_row(measure, part, before, after, first, then)


def _largest(measure: str, part: str | None, before: Counter[str] | None, after: Counter[str] | None) -> ImprovementRow:
    first, then = (spread(one.values()).top1_ppm if one else None for one in (before, after))
    return _spread_row(measure, part, before, after, first, then)


def _spread_row(
    measure: str, part: str | None, before: Counter[str] | None, after: Counter[str] | None, first: int | None, then: int | None
) -> ImprovementRow:  # fmt: skip
    sizes = [one.total() if one else 0 for one in (before, after if before is not None else None)]
    return _row(measure, part, first, then if before is not None else None, *sizes)


def _known(sums: Sums, check: str | None, counts: Counter[str]) -> Counter[str] | None:
    return counts if check is None or sums.looked[check] else None


def _kept(after: Side | None, name: str) -> Counter[str] | None:
    return None if after is None else getattr(after, name)


def _row(
    measure: str, part: str | None, before: int | None, after: int | None, rests_on: int, rests_on_after: int,
    low: int | None = None, high: int | None = None,
) -> ImprovementRow:  # fmt: skip
    told = MEASURES[measure]
    return ImprovementRow(told.aspect, measure, part, told.unit, before, after, low, high, rests_on, rests_on_after)


def _years(sums: Sums, after: Side | None) -> tuple[YearRow, ...]:
    before = sums.before
    marked = {source for source, _ in before.marked_years}
    rows = []
    for source, year in sorted(key for key in before.years if key[0] in marked):
        key = source, year
        records, candidates = before.years[key], before.marked_years[key]
        kept, left = (after.years[key], after.marked_years[key]) if after else (None, None)
        share = None if kept is None or left is None else rounded_ppm(left, kept)
        rows.append(YearRow(source, year, records, candidates, rounded_ppm(candidates, records), kept, left, share))
    return tuple(rows)
