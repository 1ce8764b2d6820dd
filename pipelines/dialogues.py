"""What records say to one prompt, over the whole run: answers that conflict, preferences that contradict one another, templates.

The units' tables are merged in the order of hashes as those of repeated text are (`pipelines.repeated`); integer sums alone.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.base import Check, Measure
from checks.dialogue import ANSWER, CROSSED, TEMPLATE, Dialogue
from checks.pairs import run_starts
from manifests.store import Store
from pipelines.repeated import ROWS_AT_ONCE, blocks, narrowed, streams_of, summed_rows
from schemas.manifest import Measured
from schemas.shares import share_ppm

CONFLICTS: Final = (
    Measure(
        "conflicting_prompts", "prompts",
        "prompts, byte for byte, of records with one answer at the end, that have different answers; of a source, within it",
    ),
    Measure("conflicting_records", "records", "records with those prompts"),
    Measure(
        "contradicting_pairs", "pairs",
        "pairs of answers to one prompt of which some records prefer the one and some the other; of a source, within it",
    ),
    Measure("contradicting_records", "records", "records with those pairs"),
    Measure("templates", "templates", "different beginnings of prompts, their first `template_chars` (32) code points"),
    Measure("top_template_records", "records", "records that begin with the most frequent of them"),
    Measure("top_template_ppm", "ppm", "top_template_records of the records whose prompt is longer than that"),
)  # fmt: skip
"""Measures beside those of the check `dialogue`; None where no table could be merged."""

Ints = npt.NDArray[np.int64]


def with_dialogues(rows: Sequence[Measured], store: Store, checks: Sequence[Check], units: pa.Table) -> list[Measured]:
    """*rows* with the measures of CONFLICTS in those of the check `dialogue`. *units*: UNITS of the run."""
    if not any(isinstance(check, Dialogue) for check in checks):
        return list(rows)
    found = conflicts_of(store, units)
    return [replace(row, values={**row.values, **found[row.source]}) if row.check == Dialogue.name and row.source in found
            else row for row in rows]  # fmt: skip


def conflicts_of(store: Store, units: pa.Table) -> dict[str | None, dict[str, int | None]]:
    """Source, None for the run -> the values of CONFLICTS."""
    names = sorted(set(units.column("source").to_pylist()))
    told: dict[str | None, dict[str, int | None]] = {name: {} for name in (*names, None)}
    for kind, (things, records) in (
        (ANSWER, ("conflicting_prompts", "conflicting_records")), (CROSSED, ("contradicting_pairs", "contradicting_records")),
        (TEMPLATE, ("templates", "top_template_records")),
    ):  # fmt: skip
        counts = np.zeros((3, len(names) + 1), np.int64)  # things, records (of templates the most), all records
        for block in _merged(store, units, names, kind):
            _count(block, kind, counts)
        for at, name in enumerate((*names, None)):
            told[name] |= {things: int(counts[0][at]), records: int(counts[1][at])}
            if kind == TEMPLATE:
                told[name]["top_template_ppm"] = share_ppm(int(counts[1][at]), int(counts[2][at]))
    return told


def _merged(store: Store, units: pa.Table, names: Sequence[str], kind: str) -> Iterator[pa.Table]:
    with tempfile.TemporaryDirectory(prefix="corpusledger-") as folder:
        for block in blocks(narrowed(streams_of(store, units, names, Dialogue.name, kind), Path(folder)), ROWS_AT_ONCE):
            yield summed_rows(block)


def _count(block: pa.Table, kind: str, counts: Ints) -> None:
    """Add what *block*, in the order of (hash, source), comes to; the last column of *counts* is the run."""
    hashes, source, *sums = (block.column(name).to_numpy() for name in ("hash", "source", "records", "places", "bytes"))
    run = np.full(len(hashes), counts.shape[1] - 1)
    starts = run_starts(hashes)
    whole = [np.add.reduceat(one, starts) for one in sums]
    for where, (records, places, size) in ((source, sums), (run[starts], whole)):
        if kind == TEMPLATE:
            np.add.at(counts[0], where, 1)
            np.maximum.at(counts[1], where, records)
            np.add.at(counts[2], where, records)
            continue
        # Whole numbers of 64 bits that wrap alike on both sides: answers that are one stay equal however many there are.
        differ = records * size != places * places if kind == ANSWER else (places > 0) & (places < records)
        np.add.at(counts[0], where[differ], 1)
        np.add.at(counts[1], where[differ], records[differ])
