"""What filtering left of the drawn records that name a group: by ground and group, before and after. Screening indicators.

Art. 4(2) of the Interim Measures is about the selection of training data, so what a selection takes of whom is held against what
it takes of the other groups of that ground. No figure finds discrimination: copies go from news of one country more than of another.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from manifests.fairness import FAIRNESS
from manifests.store import Store
from manifests.unit_objects import unit_objects
from schemas.manifest import Manifest
from schemas.odds import odds
from schemas.shares import share_ppm

SELECTION: Final = "selection"
NAMED: Final = "named"


@dataclass(frozen=True, slots=True)
class KeptRow:
    """One group: drawn records that name it, those *kept*, those that went for their quality (*unfit*).

    *dropped_ppm*: of its records, *others_dropped_ppm*: of those that name other groups of the ground; *log_odds_milli*,
    *z_milli*: of being dropped, against these (`schemas.odds`, the prior's share that of all records that name a group);
    *marked*: it stands out.
    """

    ground: str
    group: str
    records: int
    kept: int
    unfit: int
    dropped_ppm: int | None
    others_dropped_ppm: int | None
    log_odds_milli: int | None
    z_milli: int | None
    marked: bool


@dataclass(frozen=True)
class Filtered:
    """*drawn* records, *kept* ones of them; *decided*: did the run decide anything? *rows*: the most records first, by ground."""

    drawn: int
    kept: int
    decided: bool
    rows: tuple[KeptRow, ...]


def filtered(store: Store, manifest: Manifest, source: str | None = None) -> Filtered | None:
    """What a run, or one *source* of it, kept of the drawn records by group; None where no unit tells who names whom."""
    records, kept, unfit = Counter[str](), Counter[str](), Counter[str]()
    drawn = stays = 0
    told = False
    for unit in unit_objects(store, manifest, source):
        table = unit.table(FAIRNESS, "columns")
        if table is None or NAMED not in table.column_names:
            continue
        told = True
        table = table.filter(pc.is_valid(table.column(NAMED)))
        rows, going = table.column("row").to_numpy(), unit.going()
        goes = np.isin(rows, going.column("row").to_numpy())
        for_quality = going.filter(
            pc.starts_with(going.column("rule").cast(pa.string()), f"{SELECTION}.").fill_null(False)
        )
        for counts, which in (
            (records, np.ones(len(goes), np.bool_)),
            (kept, ~goes),
            (unfit, np.isin(rows, for_quality.column("row").to_numpy())),
        ):
            counts.update(_by_group(table.column(NAMED), which))
        drawn, stays = drawn + len(goes), stays + int(np.count_nonzero(~goes))
    if not told:
        return None
    decided = manifest.counts.decisions is not None
    return Filtered(drawn, stays, decided, _rows(records, kept, unfit) if decided else ())


def _by_group(named: pa.ChunkedArray, which: npt.NDArray[np.bool_]) -> dict[str, int]:
    """Records by ``ground/group``."""
    groups = pc.split_pattern(named.filter(pa.array(which)), ";")
    found: list[dict[str, Any]] = pc.value_counts(pc.list_flatten(groups)).to_pylist()
    return {one["values"]: one["counts"] for one in found if one["values"]}


def _rows(records: Counter[str], kept: Counter[str], unfit: Counter[str]) -> tuple[KeptRow, ...]:
    every, gone = sum(records.values()), sum(records.values()) - sum(kept.values())
    prior = share_ppm(gone, every) or 0
    of_ground, of_ground_gone = Counter[str](), Counter[str]()
    for name, many in records.items():
        ground = name.partition("/")[0]
        of_ground[ground] += many
        of_ground_gone[ground] += many - kept[name]
    rows = []
    for name, many in records.items():
        ground, _, group = name.partition("/")
        dropped = many - kept[name]
        others, others_gone = of_ground[ground] - many, of_ground_gone[ground] - dropped
        found = odds(dropped, many, others_gone, others, prior)
        rows.append(
            KeptRow(
                ground, group, many, kept[name], unfit[name], share_ppm(dropped, many), share_ppm(others_gone, others),
                None if found is None else found.log_odds_milli, None if found is None else found.z_milli,
                found is not None and found.is_marked(many),
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.ground, -row.records, row.group)))
