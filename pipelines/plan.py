"""The plan: which bytes make up which unit of work. Pure: of the listing and settings, never of runner or workers."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from checks.base import Check
from pipelines.read.base import Framing
from pipelines.works import unit_id


@dataclass(frozen=True, slots=True)
class PlanSizes:
    """Sizes that cut the work into units (data-path §2); the defaults are the product's, smaller ones serve tests."""

    range_bytes: int = 256 << 20
    pack_bytes: int = 64 << 20
    pack_files: int = 4096
    pack_mean_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of the listing. *shard*: the path as registered; *framing* None: no reader takes it."""

    source: str
    shard: str
    uri: str
    size_bytes: int
    token: str  # canonical JSON of the change token
    strong: bool
    media_type: str
    framing: Framing | None
    problem: str | None = None  # why not one byte of it could be had, known already when it was listed

    @property
    def place(self) -> tuple[str, str]:
        """What orders files, units and rows."""
        return self.source, self.shard


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file, or a part of one, within a unit. *start*/*end*: bytes, or row groups for Parquet; None: the whole."""

    file: ListedFile
    start: int | None = None
    end: int | None = None

    def as_json(self) -> dict[str, Any]:
        """JSON form: what a worker needs to read it."""
        f = self.file
        return {
            "shard": f.shard, "uri": f.uri, "bytes": f.size_bytes, "token": f.token, "strong": f.strong,
            "media_type": f.media_type, "framing": f.framing.as_json() if f.framing else None, "problem": f.problem,
            "start": self.start, "end": self.end,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """What one worker does in one go: part of a file, a file, or a pack of small files, all of one source."""

    number: int
    source: str
    kind: str  # range, row-groups, file or pack
    files: tuple[PlannedFile, ...]
    unit_id: str

    @property
    def planned_bytes(self) -> int:
        """Stored bytes it will read, about; for progress and forecasts."""
        first = self.files[0]
        if self.kind == "range" and first.start is not None and first.end is not None:
            return first.end - first.start
        return sum(f.file.size_bytes for f in self.files)

    def as_json(self) -> dict[str, Any]:
        """JSON form, one row of the plan."""
        return {
            "unit": self.number, "source": self.source, "kind": self.kind, "unit_id": self.unit_id,
            "files": [f.as_json() for f in self.files],
        }  # fmt: skip


RowGroups = Callable[[ListedFile, int], Sequence[tuple[int, int]]]
"""The spans of row groups, each of about so many stored bytes, of a Parquet file; asked only for files that are split."""

SPLITTABLE = frozenset({"jsonl", "text", "markdown", "code"})


def cut(files: Iterable[ListedFile], checks: Sequence[Check], sizes: PlanSizes, row_groups: RowGroups) -> list[Unit]:
    """The units of a listing, numbered in place order."""
    ordered = sorted(files, key=lambda f: f.place)
    units: list[Unit] = []
    for source, members in groupby(ordered, key=lambda f: f.source):
        for kind, parts in _parts(list(members), sizes, row_groups):
            ident = unit_id([p.as_json() for p in parts], checks)
            units.append(Unit(len(units), source, kind, tuple(parts), ident))
    return units


def _parts(files: list[ListedFile], sizes: PlanSizes, row_groups: RowGroups) -> Iterator[tuple[str, list[PlannedFile]]]:
    pack: list[PlannedFile] = []
    packed_bytes = 0
    for file in files:
        if file.size_bytes >= sizes.pack_bytes:
            if pack:  # so that unit numbers run in place order
                yield "pack", pack
                pack, packed_bytes = [], 0
            yield from _large(file, sizes, row_groups)
            continue
        if pack and packed_bytes + file.size_bytes > sizes.pack_bytes:
            yield "pack", pack
            pack, packed_bytes = [], 0
        pack.append(PlannedFile(file))
        packed_bytes += file.size_bytes
        if len(pack) >= sizes.pack_files or _ends_pack(file, sizes):
            yield "pack", pack
            pack, packed_bytes = [], 0
    if pack:
        yield "pack", pack


def _ends_pack(file: ListedFile, sizes: PlanSizes) -> bool:
    # A boundary that hangs on this path and size alone: one more file elsewhere changes one unit, not all after it.
    fingerprint = int.from_bytes(hashlib.sha256(file.shard.encode()).digest()[:8], "big")
    return fingerprint % sizes.pack_mean_bytes < file.size_bytes


def _large(file: ListedFile, sizes: PlanSizes, row_groups: RowGroups) -> Iterator[tuple[str, list[PlannedFile]]]:
    framing = file.framing
    if framing is None or framing.codec != "none" or file.size_bytes <= sizes.range_bytes:
        yield "file", [PlannedFile(file)]
    elif framing.format == "parquet":
        for first, end in row_groups(file, sizes.range_bytes):
            yield "row-groups", [PlannedFile(file, first, end)]
    elif framing.format == "jsonl" or (framing.format in SPLITTABLE and framing.record == "line"):
        for start in range(0, file.size_bytes, sizes.range_bytes):
            yield "range", [PlannedFile(file, start, min(start + sizes.range_bytes, file.size_bytes))]
    else:
        yield "file", [PlannedFile(file)]


def row_group_spans(group_bytes: Sequence[int], range_bytes: int) -> list[tuple[int, int]]:
    """Row groups gathered to spans of at most *range_bytes*, or of one row group that is larger."""
    spans: list[tuple[int, int]] = []
    first, held = 0, 0
    for i, size in enumerate(group_bytes):
        if held and held + size > range_bytes:
            spans.append((first, i))
            first, held = i, 0
        held += size
    return [*spans, (first, len(group_bytes))]
