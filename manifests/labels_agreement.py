"""The agreement of one task's annotators, with its interval, and why there is none."""

from dataclasses import replace

import numpy as np

from manifests.agreement import (
    MOST_VALUES,
    Coincidences,
    Patterns,
    alpha,
    bootstrap,
    cohen,
    fleiss,
    positions,
    ppm,
    prevalence,
    raw_agreement,
)
from manifests.labels_rows import LABEL, Coded, numbered
from schemas.labels import INTERVAL, Labelling, Task
from schemas.labels_told import Gap, TaskStanding


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
    patterns = Patterns.of(values, item[known], value[known])
    found, statistic = patterns.coincidences(), alpha(task.scale, at)
    told = replace(
        told, alpha_ppm=ppm(statistic(found)), fleiss_ppm=ppm(fleiss(found)), raw_ppm=ppm(raw_agreement(found)),
        prevalence_ppm=ppm(prevalence(found)),
    )  # fmt: skip
    if len(people) == 2:
        told = replace(told, cohen_ppm=ppm(cohen(_crossed(values, item[known], value[known], rows.person[known]))))
    if told.alpha_ppm is None:
        return told, [*gaps, Gap("no-agreement", task.id, named=("one-label",))]
    interval = bootstrap(patterns, statistic, record.seed, record.replicates, record.confidence_ppm)
    told = replace(told, low_ppm=interval.low_ppm, high_ppm=interval.high_ppm, replicates=interval.replicates)
    if (
        task.agreement_least_ppm is not None
        and told.alpha_ppm is not None
        and told.alpha_ppm < task.agreement_least_ppm
    ):
        gaps.append(Gap("low-agreement", task.id))
    return told, gaps


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


def _crossed(values: tuple[str, ...], item: np.ndarray, value: np.ndarray, person: np.ndarray) -> Coincidences:
    """The two annotators' labels of the items that both have."""
    first, second = np.unique(person)
    a, b = person == first, person == second
    _, x, y = np.intersect1d(item[a], item[b], return_indices=True)
    return Patterns.of_two(values, value[a][x], value[b][y]).coincidences()
