"""What the units of a sealed run counted of scale, type and diversity, added up source by source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from manifests.store import Store
from manifests.tables import iter_units
from manifests.unit_objects import UnitObjects
from schemas.canonical import parse_json
from schemas.content_kinds import FINE_TUNING_LAYOUTS
from schemas.diversity import registers_of, written
from schemas.ledger import READ
from schemas.manifest import Manifest
from schemas.ratios import GROUPS

SCALE, LANGUAGE, PROVENANCE = "scale", "language", "provenance"
CELL_COUNTS: Final = ("records", "bytes", "chars", "tokens")
COUNTED: Final = ("records", "chars", "tokens")
_MODALITIES: Final = ("image", "audio", "video", "text")


@dataclass
class Sums:
    """Of one source. *scale*: the tally of the check `scale`; *cells*, *years*: its table and that of provenance; *counted*:
    language -> COUNTED of the records whose tokens were counted, by group of texts (`schemas.ratios`); *formats*: files
    by modality, media type, format, layout and status; *fine_tuning*: a file has such a layout.
    """

    scale: dict[str, Any] | None = None
    cells: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    languages: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    counted: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    years: Counter[str] = field(default_factory=Counter)
    year_bytes: Counter[str] = field(default_factory=Counter)
    formats: Counter[tuple[str, ...]] = field(default_factory=Counter)
    format_bytes: Counter[tuple[str, ...]] = field(default_factory=Counter)
    fine_tuning: bool = False


def gathered(store: Store, manifest: Manifest, source: str | None) -> dict[str, Sums]:
    """Source -> its sums, by id; of *source* alone where given."""
    sums: dict[str, Sums] = {}
    columns = ("source", "objects", "media_type", "framing", "status", "shard_bytes", "range_start")
    for table in iter_units(store, manifest):
        for row in table.select(columns).to_pylist():
            if source not in (None, row["source"]):
                continue
            mine = sums.setdefault(row["source"], Sums())
            if not row["range_start"]:  # a file once, however many units read it
                _add_file(mine, row)
            if row["objects"] is not None:
                _add_objects(mine, UnitObjects(store, row["source"], parse_json(row["objects"].encode())))
    return dict(sorted(sums.items()))


def _add_file(mine: Sums, row: Mapping[str, Any]) -> None:
    framing = {} if row["framing"] is None else parse_json(row["framing"].encode())
    layout = framing.get("layout")
    media = row["media_type"] or "application/octet-stream"
    modality = (
        "text" if row["status"] == READ else next((m for m in _MODALITIES if media.startswith(f"{m}/")), "unknown")
    )
    key = (modality, media, framing.get("format") or "", layout or "", row["status"])
    mine.formats[key] += 1
    mine.format_bytes[key] += row["shard_bytes"]
    mine.fine_tuning |= row["status"] == READ and layout in FINE_TUNING_LAYOUTS


def _add_objects(mine: Sums, unit: UnitObjects) -> None:
    scale = unit.tally(SCALE)
    if scale is not None:
        mine.scale = united([mine.scale, scale] if mine.scale else [scale])
    for part, counts in (unit.tally(LANGUAGE) or {}).items():
        mine.languages[part].update(counts)
    for row in _rows(unit, SCALE, "cells"):
        mine.cells[row["cell"]].update({name: row[name] for name in CELL_COUNTS})
    for row in _rows(unit, SCALE, "languages"):
        language, group = row["language_group"].split(" ")
        of = mine.counted.setdefault(language, {name: [0] * GROUPS for name in COUNTED})
        for name in COUNTED:
            of[name][int(group)] += row[name]
    for row in _rows(unit, PROVENANCE, "year"):
        mine.years[row["year"]] += row["records"]
        mine.year_bytes[row["year"]] += row["bytes"]


def _rows(unit: UnitObjects, check: str, name: str) -> list[dict[str, Any]]:
    table = unit.table(check, f"table.{name}")
    rows: list[dict[str, Any]] = [] if table is None else table.to_pylist()
    return rows


def united(tallies: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tallies of `scale` as one: counts added, of the registers of sketches the greater."""
    whole: dict[str, Any] = {}
    for tally in tallies:
        if not whole:
            whole = dict(tally)
            continue
        for name, value in tally.items():
            if isinstance(value, dict):
                whole[name] = {n: _greater(whole[name][n], signs) for n, signs in value.items()}
            elif isinstance(value, list):
                whole[name] = [a + b for a, b in zip(whole[name], value, strict=True)]
            else:
                whole[name] += value
    return whole


def _greater(a: str, b: str) -> str:
    if not a or not b:
        return a or b
    both = (np.frombuffer(registers_of(signs), np.uint8) for signs in (a, b))
    return written(np.maximum(*both).tobytes())
