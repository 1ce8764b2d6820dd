"""The sketches of one unit: gathered batch by batch, on local disk beyond 128 MiB, and written as its bands and signatures."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.duplicates import PARTS, SIGNATURE_BYTES, Duplicates, bands
from checks.duplicates.content import ids_of
from manifests.parquet import parquet_bytes, write_parquet
from manifests.store import Store
from manifests.unnamed import Unnamed, put_written
from pipelines.near_bands import HEADER_BYTES, header_of, put_near
from schemas.canonical import canonical_json

SPILL_BYTES: Final = 128 << 20
BANDS_NAME: Final = "corpusledger.bands"
SIGNATURES_NAME: Final = "corpusledger.signatures"
"""A file of fixed width: after its header row r follows at r * 128."""


@dataclass
class Spool:
    """Arrays of one type appended one after another; beyond *spill_bytes* they lie in a nameless local file."""

    dtype: np.dtype[np.void]
    spill_bytes: int = SPILL_BYTES
    rows: int = 0
    _held: list[npt.NDArray[np.void]] = field(default_factory=list)
    _file: Any = None

    def append(self, part: npt.NDArray[np.void]) -> None:
        """Add rows at the end."""
        self.rows += len(part)
        if self._file is not None:
            self._file.write(part.tobytes())
            return
        self._held.append(part)
        if self.rows * self.dtype.itemsize > self.spill_bytes:
            self._file = tempfile.TemporaryFile(prefix="corpusledger-")  # noqa: SIM115  # it outlives this call, and its name goes at once
            for one in self._held:
                self._file.write(one.tobytes())
            self._held = []

    def array(self) -> npt.NDArray[np.void]:
        """All rows; mapped into memory where they were spilled."""
        if self._file is not None:
            self._file.flush()
            return np.memmap(self._file, self.dtype, "r", shape=(self.rows,))
        return np.concatenate([np.zeros(0, self.dtype), *self._held])


def sketch_objects(
    store: Store, check: Duplicates, columns: pa.Table, sketches: npt.NDArray[np.void]
) -> dict[str, dict[str, Any]]:
    """The objects of one unit by role: `bands` and `folded` (exact copies), `near` (bands) and `signatures`, and the last
    three again for prompts and responses, as `folded.prompt` and so on.

    *columns*: the check's columns of the unit, with `row`. What has no row has no object.
    """
    if not columns.num_rows:
        return {}
    rows = np.asarray(columns.column("row").to_numpy(), np.uint32)
    notes = {b"corpusledger.scheme": canonical_json(check.scheme)}
    made = {"bands": put_hashes(store, bands(ids_of(columns.column("content_id")), rows), BANDS_NAME)}
    for number, part in enumerate(("", *PARTS)):
        of_part = sketches["part"] == number
        some = sketches if of_part.all() else sketches[of_part]
        if not len(some):
            continue
        folded = bands(np.ascontiguousarray(some["folded"]), np.ascontiguousarray(some["row"]))
        made[role_of("folded", part)] = put_hashes(store, folded, BANDS_NAME, notes)
        long = some[some["long"] == 1] if part else some
        if len(long):
            made[role_of("near", part)] = put_near(store, long, check.scheme)
            made[role_of("signatures", part)] = _put_signatures(store, check, long)
    return made


def role_of(kind: str, part: str = "") -> str:
    """The role of an object of the whole record, or of a part of it: ``near``, ``near.prompt``."""
    return f"{kind}.{part}" if part else kind


def put_hashes(store: Store, table: pa.Table, name: str, notes: dict[bytes, bytes] | None = None) -> dict[str, Any]:
    """A table of hashes as one object; gives {sha256, bytes, rows}."""
    data = parquet_bytes(table, name, notes=notes, hashes=True)
    return {"sha256": store.put_object(data), "bytes": len(data), "rows": table.num_rows}


def put_streamed(
    store: Store, tables: Iterator[pa.Table], schema: pa.Schema, name: str, notes: dict[bytes, bytes] | None = None
) -> dict[str, Any]:
    """Tables of hashes, one after another, as one object that is never in memory whole; gives {sha256, bytes, rows}."""
    return put_written(store, lambda sink: write_parquet(sink, tables, schema, name, notes=notes, hashes=True))


def read_signatures(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """uint8[rows, 128] of a signature file's bytes; row r of the unit is row r here, zeros where it has no signature."""
    return data[HEADER_BYTES:].reshape(-1, SIGNATURE_BYTES)


def _put_signatures(store: Store, check: Duplicates, sketches: npt.NDArray[np.void]) -> dict[str, Any]:
    count = int(sketches["row"][-1]) + 1
    told = {"rows": count, "width_bytes": SIGNATURE_BYTES, "scheme": check.scheme}
    header = header_of(SIGNATURES_NAME, 1, told)

    def write(sink: Unnamed) -> int:
        sink.write(header)
        step = SPILL_BYTES // SIGNATURE_BYTES // 4
        for first in range(0, count, step):  # rows without a signature are zeros, so that a row is found by its number
            low, high = np.searchsorted(sketches["row"], [first, first + step])
            block = np.zeros((min(step, count - first), SIGNATURE_BYTES), np.uint8)
            block[sketches["row"][low:high] - first] = sketches["slots"][low:high]
            sink.write(block.data)
        return count

    return put_written(store, write)
