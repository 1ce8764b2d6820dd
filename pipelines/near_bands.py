"""One unit's near bands as an object: a header, rows, leader keys, and the hashes of one band after another, all as they came.

Nothing is sorted or coded here: segments are (pipelines.dedup.segments), and of many units at once, when copies of the
exact kind need no more sorting. Little-endian; a fixed width, so that a reader takes the band that it wants.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from manifests.store import Store, object_path
from manifests.unnamed import Unnamed, put_written
from schemas.canonical import canonical_json, parse_json
from schemas.errors import StoreError

HEADER_BYTES: Final = 4096
"""An object of fixed width begins with canonical JSON, padded with spaces to this length."""
NEAR_NAME: Final = "corpusledger.near_bands"
ROW_BYTES: Final = 8
"""Of a record: its row number and its leader key."""
HASH_BYTES: Final = 8
_TURNED_ROWS: Final = 1 << 17
"""Sketches of more records are turned into bands band by band: they may lie on disk."""


class Rows(NamedTuple):
    """*rows*, *keys*: uint32[n] of the records that have bands; *keys*: see `checks.pairs.leader_keys`."""

    rows: npt.NDArray[np.uint32]
    keys: npt.NDArray[np.uint32]


def header_of(schema: str, number: int, told: Mapping[str, Any]) -> bytes:
    """The first `HEADER_BYTES` of an object of fixed width."""
    return canonical_json({"schema": schema, "number": number, **told}).ljust(HEADER_BYTES)


def put_near(store: Store, sketches: npt.NDArray[np.void], scheme: Mapping[str, Any]) -> dict[str, Any]:
    """The bands of *sketches* (checks.duplicates.sketches.sketch_type) as one object; gives {sha256, bytes, rows}.

    A row of it is a record in one of its bands.
    """
    count, bands = len(sketches), sketches.dtype["hashes"].shape[0]
    header = header_of(NEAR_NAME, 2, {"rows": count, "bands": bands, "scheme": scheme})

    def write(sink: Unnamed) -> int:
        sink.write(header)
        for name in ("row", "key"):
            sink.write(np.ascontiguousarray(sketches[name]).data)
        step = bands if count <= _TURNED_ROWS else 1
        for first in range(0, bands, step):
            sink.write(np.ascontiguousarray(sketches["hashes"][:, first : first + step].T).data.cast("B"))
        return int(count * bands)

    return put_written(store, write)


class NearBands:
    """A unit's near bands in *store*, read band by band."""

    def __init__(self, store: Store, digest: str) -> None:
        """Raises `StoreError` for an object that is none, or has another length than its header says."""
        self._store, self._path = store, object_path(digest)
        told = parse_json(store.get_range(self._path, 0, HEADER_BYTES).rstrip() or b"{}")
        self.count, self.bands = int(told.get("rows", -1)), int(told.get("bands", -1))
        wanted = HEADER_BYTES + self.count * (ROW_BYTES + HASH_BYTES * self.bands)
        if told.get("schema") != NEAR_NAME or store.size(self._path) != wanted:
            msg = f"{store.place(self._path)}: no near bands of {wanted} bytes; restore it from a copy"
            raise StoreError(msg)

    def rows(self) -> Rows:
        """Row numbers and leader keys."""
        both = self._read(0, ROW_BYTES * self.count).view(np.uint32)
        return Rows(both[: self.count], both[self.count :])

    def hashes(self, band: int) -> npt.NDArray[np.uint64]:
        """uint64[n]: the records' hashes in *band*, with its number in the five highest bits."""
        wide = HASH_BYTES * self.count
        return self._read(ROW_BYTES * self.count + band * wide, wide).view(np.uint64)

    def _read(self, start: int, size: int) -> npt.NDArray[np.uint8]:
        return np.frombuffer(self._store.get_range(self._path, HEADER_BYTES + start, size), np.uint8)
