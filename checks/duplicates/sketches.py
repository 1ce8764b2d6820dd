"""Near copies: what is kept of a record's signature, and the rows of one unit sorted by band and hash.

Signatures are datasketch 2.0's `affine32` over 5-term shingles (checks.terms); of each slot the low byte is kept, from
which Jaccard is estimated (b-bit minwise hashing: Li and König, WWW 2010). A band's hash carries the band's number in
its five highest bits, so that one order over the hashes is the order of (band, hash).
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.pairs import band_hashes, leader_keys, narrow, sorted_rows
from checks.terms import SCHEME, folded_digests, signatures

SIGNATURE_BYTES: Final = 128
FOLDED_BYTES: Final = 16
BAND_BITS: Final = 5
MOST_BANDS: Final = 1 << BAND_BITS
NEAR: Final = pa.schema(
    [
        pa.field("hash", pa.uint64(), nullable=False),  # band << 59 | 59 bits of the band's hash
        pa.field("key", pa.uint32(), nullable=False),  # keyed hash of the content id: the least lead a hot run
        pa.field("row", pa.uint32(), nullable=False),
    ]
)
"""One unit's rows in each of their bands, sorted by all three."""


def sketch_type(bands: int) -> np.dtype[np.void]:
    """What is kept of one text that is compared: row, which part of the record it is (0: the whole), whether it is long
    enough for a signature, leader key, folded id, signature, band hashes.
    """
    return np.dtype(
        [("row", "<u4"), ("part", "u1"), ("long", "u1"), ("key", "<u4"), ("folded", f"V{FOLDED_BYTES}"), ("slots", "u1", SIGNATURE_BYTES), ("hashes", "<u8", bands)]
    )  # fmt: skip


def scheme_of(bands: int, rows: int, shortest_terms: int) -> dict[str, Any]:
    """All that two signatures must share to be compared; stands in every index, signature file and manifest."""
    return {**SCHEME.as_json(), "bands": bands, "rows": rows, "shortest_terms": shortest_terms, "kept_bits": 8}


def sketched(
    text: pa.Array, row: npt.NDArray[np.uint32], ids: npt.NDArray[np.void], bands: int, rows: int, shortest_terms: int,
    part: int = 0,
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]:  # fmt: skip
    """Sketches of the rows of *text* that have *shortest_terms* (of a *part*: any term), and every row's number of terms.

    *row*: their numbers; *ids*: their content ids. A null text counts as an empty one.
    """
    slots, terms = signatures(text)
    enough = terms >= (1 if part else shortest_terms)
    long = np.flatnonzero(enough)
    found = np.zeros(len(long), sketch_type(bands))
    if len(long):
        slots = np.ascontiguousarray(slots[long])
        found["part"], found["long"] = part, terms[long] >= shortest_terms
        found["row"], found["key"] = row[long], leader_keys(ids[long].tobytes())
        folded = np.frombuffer(folded_digests(text, enough), np.uint8).reshape(-1, 32)[long]
        found["folded"] = np.ascontiguousarray(folded[:, :FOLDED_BYTES]).view(f"V{FOLDED_BYTES}").reshape(-1)
        found["slots"] = narrow(slots)
        number = np.arange(bands, dtype=np.uint64) << np.uint64(64 - BAND_BITS)
        found["hashes"] = (band_hashes(slots, bands, rows) >> np.uint64(BAND_BITS)) | number
    return found, terms


def near_bands(sketches: npt.NDArray[np.void]) -> Iterator[pa.Table]:
    """NEAR of one unit, band after band."""
    for band in range(sketches.dtype["hashes"].shape[0]):
        hashes = np.ascontiguousarray(sketches["hashes"][:, band])
        key, row = np.ascontiguousarray(sketches["key"]), np.ascontiguousarray(sketches["row"])
        order = sorted_rows(hashes, key, row.astype(np.uint64))
        yield pa.Table.from_arrays([pa.array(hashes[order]), pa.array(key[order]), pa.array(row[order])], schema=NEAR)
