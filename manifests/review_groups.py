"""What a review's verdicts come to, group by group, from the draw and the stored verdicts alone: import and verify do the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from schemas.corrected import Crossed, Stratum
from schemas.review import PASS, UNSURE, Draw, HumanTable, Judged
from schemas.review_states import GroupVerdicts, judged


def groups_of(draw: Draw, rows: pa.Table, verdicts: pa.Table, human: HumanTable | None) -> tuple[Judged, ...]:
    """Every group of *draw* judged. *rows*: ROWS, *verdicts*: VERDICT_ROWS, both in the order of numbers.

    ``ValueError`` for a group without a verdict.
    """
    said: dict[int, Mapping[str, Any]] = {one["number"]: one for one in verdicts.to_pylist()}
    populations = populations_of(draw)
    crossed = None if human is None else Crossed(human.both, human.machine_alone, human.people_alone, human.neither)
    source_of = dict(zip(rows.column("number").to_pylist(), rows.column("source").to_pylist(), strict=True))
    found = []
    for group, numbers in numbers_of(rows).items():
        mine = [said[n] for n in numbers if n in said]
        failing = Counter(source_of[one["number"]] for one in mine if one["verdict"] != PASS)
        strata = [
            Stratum(s.population, s.drawn, failing[s.source]) for s in draw.strata if s.group == group and s.source
        ]
        told = GroupVerdicts(
            group, populations[group], [one["verdict"] != PASS for one in mine], [one["verdict"] == UNSURE for one in mine],
            strata, [one["reason"] for one in mine],
        )  # fmt: skip
        found.append(judged(draw.plan, told, len(populations), crossed))
    return tuple(found)


def populations_of(draw: Draw) -> dict[str, int]:
    """Group -> records that it holds."""
    found: Counter[str] = Counter()
    for stratum in draw.strata:
        found[stratum.group] += stratum.population
    return dict(found)


def numbers_of(rows: pa.Table) -> dict[str, Sequence[int]]:
    """Group -> its rows' numbers in the order of the draw."""
    found: dict[str, list[int]] = {}
    for number, group in zip(rows.column("number").to_pylist(), rows.column("group").to_pylist(), strict=True):
        found.setdefault(group, []).append(number)
    return dict(found)
