"""Jaccards that this run measured in the texts, whether they passed the threshold or not, as sorted files of the index.

The exact Jaccard of two texts is a fact of the two, whatever run asks: a later run that compares with this one looks it up
(`pipelines.dedup.known`) and does not read them again. Files are sorted by the lesser content id, then the greater, hold
the first 16 bytes of each, as the index of bands does, and name the scheme in their metadata.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.dedup.known import Known, kept_between
from pipelines.dedup.room import NOT_MEASURED, Room, Rows, in_order_of
from pipelines.dedup.shingles import Sets
from pipelines.dedup.standing import standings
from pipelines.sketched import put_streamed
from schemas.canonical import canonical_json, digest_of

PAIRS_NAME: Final = "corpusledger.pairs"
SCHEME: Final = b"corpusledger.scheme"
SCHEME_DIGEST: Final = b"corpusledger.scheme_digest"
PAIRS: Final = pa.schema(
    [
        pa.field("lesser", pa.binary(16), nullable=False),  # first 16 bytes of a content_id
        pa.field("greater", pa.binary(16), nullable=False),
        pa.field("exact_ppm", pa.int32(), nullable=False),  # Jaccard of the sets of 5-term shingles
    ]
)
MEASURED: Final = np.dtype(
    [(f"{end}_{half}", "<u8") for end in ("lesser", "greater") for half in ("high", "low")] + [("exact", "<i4")]
)
"""A measured pair by content ids, each as two numbers, the first eight bytes and the second."""
_ORDER: Final = ("lesser_high", "lesser_low", "greater_high", "greater_low")
PAIRS_HELD: Final = 500_000
PAIRS_A_FILE: Final = 16_000_000
"""576 MB; a task streams one."""


class Facts:
    """Exact Jaccards of pairs of rows: known from compared runs, else measured in the sets that were read.

    *name*: what the files of measured pairs are called by; None where they are not kept.
    """

    def __init__(self, room: Room, steps: Sequence[str], name: str | None = None) -> None:
        self.room, self.known, self.sets, self.name = room, Known(room), Sets(room, steps), name
        self.files, self.count = list[str](), 0
        self._held, self._waiting = list[npt.NDArray[np.void]](), 0

    def jaccard(self, a: Rows, b: Rows) -> npt.NDArray[np.int32]:
        """int32[n], in ppm; `NOT_MEASURED` where it is not known and a set is missing."""
        found = self.known.jaccard(a, b)
        open_ = np.flatnonzero(found == NOT_MEASURED)
        found[open_] = self.sets.jaccard(a[open_], b[open_])
        self._note(a[open_], b[open_], found[open_])
        return found

    def kept(self) -> dict[str, Any]:
        """Write what is held; gives {measured: paths of MEASURED files, each sorted, measured_pairs}."""
        if self._waiting:
            pairs = _once(np.concatenate(self._held))
            self.files.append(self.room.save(pairs, f"{self.name}-{len(self.files):04d}.measured"))
            self.count += len(pairs)
        self._held, self._waiting = [], 0
        return {"measured": self.files, "measured_pairs": self.count}

    def _note(self, a: Rows, b: Rows, exact: npt.NDArray[np.int32]) -> None:
        if self.name is None or not (there := exact != NOT_MEASURED).any():
            return
        self._held.append(measured_of(self.room, a[there], b[there], exact[there]))
        self._waiting += len(self._held[-1])
        if self._waiting > PAIRS_HELD:
            self.kept()


def measured_of(room: Room, a: Rows, b: Rows, exact: npt.NDArray[np.int32]) -> npt.NDArray[np.void]:
    """MEASURED of pairs of rows; two rows of one text are no pair."""
    one, other = (standings(room, rows.astype(np.int64))["content"] for rows in (a, b))
    one, other = (np.ascontiguousarray(c).view(">u8").reshape(-1, 2).astype(np.uint64) for c in (one, other))
    turned = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
    found = np.zeros(len(a), MEASURED)
    for half, place in (("high", 0), ("low", 1)):
        found[f"lesser_{half}"] = np.where(turned, other[:, place], one[:, place])
        found[f"greater_{half}"] = np.where(turned, one[:, place], other[:, place])
    found["exact"] = exact
    return np.asarray(found[(one != other).any(axis=1)])


def cut_keeping(room: Room) -> list[dict[str, Any]]:
    """One task a new file: ranges of content ids over what was measured, and what earlier files are merged with it."""
    rows = sum(told["measured_pairs"] for step in ("verifying", "settling") for told in room.left(step))
    rows += sum(f["rows"] for f in room.brief.get("pairs", ()) if f["merge"])
    count = -(-rows // PAIRS_A_FILE)
    parts = max(1, -(-rows // PAIRS_HELD) // max(1, count))
    edges = [(1 << 64) * i // count for i in range(count + 1)] if count else []
    return [{"low": str(a), "high": str(b), "parts": parts} for a, b in pairwise(edges)]


def keep_pairs(room: Room, task: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Write one file of the index, a part of its range at a time; gives {sha256, bytes, rows}."""
    del number
    low, high, parts = int(task["low"]), int(task["high"]), task["parts"]
    edges = [low + (high - low) * i // parts for i in range(parts + 1)]
    scheme = room.brief["scheme"]
    notes = {SCHEME: canonical_json(scheme), SCHEME_DIGEST: digest_of(scheme).encode()}
    tables = (_table(_gathered(room, a, b)) for a, b in pairwise(edges))
    return put_streamed(room.store, tables, PAIRS, PAIRS_NAME, notes)


def is_of_scheme(notes: Mapping[bytes, bytes] | None, scheme: Mapping[str, Any]) -> bool:
    """Was an index file with that metadata measured by that scheme: same terms, shingles, seed and fold table?"""
    told = notes or {}
    return (
        told.get(SCHEME) == canonical_json(dict(scheme)) and told.get(SCHEME_DIGEST) == digest_of(dict(scheme)).encode()
    )


def index_files(room: Room) -> Iterator[tuple[str, int]]:
    """(sha256, rows) of every file of measured pairs that stands in this run's index: taken ones, then new ones."""
    yield from ((f["sha256"], f["rows"]) for f in room.brief.get("pairs", ()) if not f["merge"])
    yield from ((told["sha256"], told["rows"]) for told in room.left("keeping") if told["rows"])


def _gathered(room: Room, low: int, high: int) -> npt.NDArray[np.void]:
    """MEASURED pairs of a range, each once; erased records are left out of what is merged."""
    held = [np.zeros(0, MEASURED)]
    for path in (p for step in ("verifying", "settling") for told in room.left(step) for p in told["measured"]):
        pairs = room.load(path, MEASURED)
        column = pairs["lesser_high"]
        held.append(pairs[bisect_left(column, low) : bisect_left(column, high)])
    erased = np.sort(np.array([bytes.fromhex(t)[:16] for t in room.brief["tombstones"]], "S16"))
    for file in (f for f in room.brief.get("pairs", ()) if f["merge"]):
        for lesser, greater, exact in kept_between(room, file["sha256"], low, high):
            part = np.zeros(len(exact), MEASURED)
            part["lesser_high"], part["lesser_low"] = lesser.T
            part["greater_high"], part["greater_low"] = greater.T
            part["exact"] = exact
            held.append(part[~(_is_in(erased, lesser) | _is_in(erased, greater))])
    return _once(np.concatenate(held))


def _is_in(listed: npt.NDArray[np.bytes_], ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    # A bytes array pads with zeros and compares likewise: ids of 16 bytes are told apart all the same.
    return np.asarray(np.isin(np.ascontiguousarray(ids.astype(">u8")).view("S16").reshape(-1), listed), np.bool_)


def _once(pairs: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    pairs = in_order_of(pairs, *_ORDER)
    first = np.ones(len(pairs), np.bool_)
    if len(pairs):
        first[1:] = np.any([pairs[name][1:] != pairs[name][:-1] for name in _ORDER], axis=0)
    return np.asarray(pairs[first])


def _table(pairs: npt.NDArray[np.void]) -> pa.Table:
    ids = (
        np.stack([pairs[f"{end}_high"], pairs[f"{end}_low"]], 1).astype(">u8").tobytes()
        for end in ("lesser", "greater")
    )
    columns = [pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(pairs), [None, pa.py_buffer(b)]) for b in ids]
    return pa.Table.from_arrays([*columns, pa.array(pairs["exact"].copy())], schema=PAIRS)
