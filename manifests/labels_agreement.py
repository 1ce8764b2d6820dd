"""The agreement of one task's annotators, each figure with its interval, and why there is none."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from manifests.agreement import (
    MOST_VALUES,
    PPM,
    Patterns,
    Statistic,
    alpha,
    bootstrap,
    cohen,
    fleiss,
    of_both,
    positions,
    ppm,
    raw_agreement,
    share_of,
)
from manifests.labels_rows import LABEL, Coded, numbered
from schemas.intervals import upper_ppm
from schemas.labels import INTERVAL, Labelling, Task
from schemas.labels_told import FIGURES, NO_FIGURE, Figure, Gap, TaskStanding


def task_standing(record: Labelling, task: Task, rows: Coded) -> tuple[TaskStanding, list[Gap]]:
    """What the labels of one task come to; *rows*: its own, voided batches apart. Reviews and second labels are not independent."""
    rows = rows.take(rows.role == LABEL)
    first, item = numbered(rows.of_task)
    by_item = np.bincount(item, minlength=len(first))
    people = np.unique(rows.person)
    told = TaskStanding(
        task.id, task.kind, task.method, task.scale, len(first), len(rows.item), len(people), int((by_item > 1).sum()),
        seed=record.seed,
    )  # fmt: skip
    values, value, gaps = _values(task, rows)
    at = positions(values) if task.scale == INTERVAL else ()
    if at is None or len(values) > MOST_VALUES or not told.shared:
        why = "no-number" if at is None else "many-values" if len(values) > MOST_VALUES else "no-shared-item"
        return told, [*gaps, Gap("no-agreement", task.id, named=(why,))]
    known = value >= 0
    label = values, item[known], value[known]
    is_of_two = len(people) == 2
    patterns = Patterns.of_two(*label, rows.person[known] == people[-1]) if is_of_two else Patterns.of(*label)
    figures, replicates = _figures(record, patterns, alpha(task.scale, at), is_of_two)
    told = replace(
        told, alpha=figures["alpha"], cohen=figures["cohen"], fleiss=figures["fleiss"], raw=figures["raw"],
        prevalence=figures["prevalence"], replicates=replicates,
    )  # fmt: skip
    least = task.agreement_least_ppm
    if told.alpha.ppm is None:
        gaps.append(Gap("no-agreement", task.id, named=("one-label",)))
    elif least is not None and told.alpha.ppm < least:
        gaps.append(Gap("low-agreement", task.id))
    return told, gaps


def _figures(
    record: Labelling, patterns: Patterns, of_alpha: Statistic, is_of_two: bool
) -> tuple[dict[str, Figure], int]:
    """(the figures of FIGURES, how many replicates their intervals are of): each resample of the items serves all of them."""
    found = patterns.coincidences()
    most = int(np.argmax((found.folded if is_of_two else found).totals()))
    plain = {"alpha": of_alpha, "fleiss": fleiss, "raw": raw_agreement, "prevalence": share_of(most)}
    statistics = {name: of_both(one) for name, one in plain.items()} | {"cohen": cohen} if is_of_two else plain
    values = {name: value for name, one in statistics.items() if (value := ppm(one(found))) is not None}
    seed, replicates, confidence = record.seed, record.replicates, record.confidence_ppm
    drawn = bootstrap(patterns, [statistics[name] for name in values], seed, replicates, confidence)
    told = dict.fromkeys(FIGURES, NO_FIGURE)
    for (name, value), interval in zip(values.items(), drawn, strict=True):
        told[name] = Figure(value, interval.low_ppm, interval.high_ppm)
    if len(patterns.pairs) == 1 and told["raw"].low_ppm is None:
        told["raw"] = _exact(told["raw"], len(patterns.of_item), Fraction(PPM - confidence, 2 * PPM))
    return told, max((interval.replicates for interval in drawn), default=0)


def _exact(raw: Figure, items: int, alpha: Fraction) -> Figure:
    """The bounds of a raw agreement of all, or none, of *items* that have as many labels each: Clopper and Pearson's."""
    if raw.ppm == PPM:
        return Figure(raw.ppm, PPM - upper_ppm(0, items, alpha), PPM)
    return Figure(raw.ppm, 0, upper_ppm(0, items, alpha)) if raw.ppm == 0 else raw


def _values(task: Task, rows: Coded) -> tuple[tuple[str, ...], np.ndarray, list[Gap]]:
    """(values in their order, place of each row's label or -1, gaps)."""
    used = np.unique(rows.label).tolist()
    here = [rows.labels[one] for one in used]
    values = task.values or tuple(here)
    place = {one: n for n, one in enumerate(values)}
    of_label = np.full(len(rows.labels) + 1, -1, np.int64)
    for one, name in zip(used, here, strict=True):
        of_label[one] = place.get(name, -1)
    value = of_label[rows.label]
    strange = int((value < 0).sum())
    return values, value, [Gap("unknown-label", task.id, strange)] if strange else []
