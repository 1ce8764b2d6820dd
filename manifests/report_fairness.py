"""The part of a report on what filtering left of the records that name a group, by the grounds of Article 4(2)."""

from manifests.fairness_kept import Filtered, KeptRow, filtered
from manifests.report import Block, Cell, Facts, Note, code, count, missing, table, term
from manifests.store import Store
from schemas.manifest import Manifest

OF_GROUPS = "5.5"
"""Item of the Article 19 report: measures against discrimination."""
_COLUMNS = (
    "ground",
    "group",
    "drawn_records",
    "kept_records",
    "unfit_records",
    "dropped_share",
    "others_dropped_share",
    "z",
)


def fairness_blocks(store: Store, manifest: Manifest) -> dict[str, list[Block]]:
    """Item -> blocks; nothing where no unit of the run tells who names whom, or nothing was filtered."""
    found = filtered(store, manifest)
    if found is None or not found.decided or not found.drawn:
        return {}
    marked = [row for row in found.rows if row.marked]
    told: list[Block] = [_whole(found)]
    told.append(table("fairness_kept", _COLUMNS, map(_row, marked)) if marked else Note("fairness_kept_none"))
    return {OF_GROUPS: [*told, Note("fairness_kept")]}


def _whole(found: Filtered) -> Block:
    return Facts((("fairness_drawn", count(found.drawn)), ("fairness_drawn_kept", count(found.kept))))


def _row(row: KeptRow) -> tuple[Cell, ...]:
    return (
        term("ground", row.ground), code(row.group), count(row.records), count(row.kept), count(row.unfit), _ppm(row.dropped_ppm),
        _ppm(row.others_dropped_ppm),
        missing("nothing-to-measure") if row.z_milli is None else Cell("text", f"{row.z_milli / 1000:+.1f}"),
    )  # fmt: skip


def _ppm(value: int | None) -> Cell:
    return missing("nothing-to-measure") if value is None else Cell("ppm", value)
