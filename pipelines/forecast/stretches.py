"""The stored bytes that a plan will read, and the pieces of them that a sample looks at: chosen by hash, never by chance."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from pipelines.read.base import Framing
from pipelines.read.shards import splits_by_lines
from pipelines.unit import framing_of

PIECES: Final = 64
PIECE_BYTES: Final = 1 << 20
WHOLE_BYTES: Final = 8 << 20
"""So little is read whole: nothing is left to be estimated."""
FILES_A_PIECE: Final = 256
SEED: Final = b"corpusledger.forecast/1:"
"""The same listing gives the same pieces; another number would give others."""


@dataclass(frozen=True)
class Stretch:
    """Part of one file, or the whole of it, that one unit reads. *start*, *end*: as planned; *size_bytes*: stored."""

    source: str
    shard: str
    uri: str
    framing: Framing
    size_bytes: int
    file_bytes: int
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Piece:
    """What the sample reads in one go: a part of one stretch, or several small stretches whole.

    *at*: byte of the first stretch where a format of lines is begun; *times*: how many of the evenly spaced points fell
    on it; *stands_for*: the stored bytes that it stands for.
    """

    stretches: tuple[Stretch, ...]
    at: int
    times: int
    stands_for: float


def stretches_of(units: Sequence[Mapping[str, Any]]) -> list[Stretch]:
    """Every file that a reader takes, or part of one, of these planned units, in the order in which they are drawn."""
    groups: dict[str, int] = {}  # row groups of a split Parquet file
    for unit in units:
        for file in unit["files"]:
            groups[file["uri"]] = max(groups.get(file["uri"], 0), file["end"] or 0)
    found = []
    for unit in units:
        for file in unit["files"]:
            framing = framing_of(file)
            if framing is None or not file["bytes"]:
                continue
            size = file["bytes"]
            if unit["kind"] == "row-groups":
                size = size * (file["end"] - file["start"]) // max(1, groups[file["uri"]])
            elif file["start"] is not None:
                size = file["end"] - file["start"]
            found.append(
                Stretch(
                    unit["source"],
                    file["shard"],
                    file["uri"],
                    framing,
                    max(1, size),
                    file["bytes"],
                    file["start"],
                    file["end"],
                )
            )
    return sorted(found, key=lambda s: (s.source, _drawn(s.shard), s.shard, s.start or 0))


class Drawn(NamedTuple):
    """*room*: stored bytes of one piece at most; *is_whole*: nothing was left out."""

    pieces: list[Piece]
    room: int
    is_whole: bool


def pieces_of(stretches: Sequence[Stretch], count: int = PIECES, whole_bytes: int = WHOLE_BYTES) -> Drawn:
    """Evenly spaced points over the bytes of all sources, so that each source has its share; no byte lies in two pieces.

    *stretches*: as `stretches_of` orders them. Up to *whole_bytes* in all they are taken as they are.
    """
    total = sum(s.size_bytes for s in stretches)
    if total <= whole_bytes:
        return Drawn(_all_pieces(stretches, whole_bytes), whole_bytes, is_whole=True)
    step = total / count
    room = max(1, min(PIECE_BYTES, int(step) // 2))
    ends = np.cumsum([s.size_bytes for s in stretches])
    pieces: list[Piece] = []
    taken: dict[int, int] = {}  # place of a stretch -> its piece
    for k in range(count):
        point = int(step * k + step / 2)
        i = int(np.searchsorted(ends, point, side="right"))
        stretch = stretches[i]
        begun = by_lines(stretch) and stretch.size_bytes > room
        if i in taken and not begun:
            held = pieces[taken[i]]
            pieces[taken[i]] = replace(held, times=held.times + 1, stands_for=held.stands_for + step)
            continue
        taken[i] = len(pieces)
        at = min(point - int(ends[i]) + stretch.size_bytes, stretch.size_bytes - room) if begun else 0
        pieces.append(Piece((stretch,), at, 1, step))
        if stretch.size_bytes <= room:
            more = _neighbours(stretches, i, room, FILES_A_PIECE)
            taken |= dict.fromkeys(range(i, i + len(more)), taken[i])
            pieces[-1] = replace(pieces[-1], stretches=tuple(more))
    return Drawn(pieces, room, is_whole=False)


def by_lines(stretch: Stretch) -> bool:
    """Can reading begin anywhere in it?"""
    return splits_by_lines(stretch.framing)


def _all_pieces(stretches: Sequence[Stretch], room: int) -> list[Piece]:
    found: list[Piece] = []
    first = 0
    while first < len(stretches):
        part = _neighbours(stretches, first, room, len(stretches))
        found.append(Piece(tuple(part), 0, 1, sum(s.size_bytes for s in part)))
        first += len(part)
    return found


def _neighbours(stretches: Sequence[Stretch], first: int, room: int, files: int) -> list[Stretch]:
    """The stretch at *first* and small ones that follow it in its source, until there is enough to look at."""
    found: list[Stretch] = []
    held = 0
    for stretch in stretches[first : first + files]:
        if found and (stretch.source != found[0].source or held + stretch.size_bytes > room):
            break
        found.append(stretch)
        held += stretch.size_bytes
    return found


def _drawn(shard: str) -> bytes:
    return hashlib.sha256(SEED + shard.encode("utf-8", "surrogateescape")).digest()[:8]
