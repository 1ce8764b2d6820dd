"""Near copies: what is kept of a record's signature and bands.

Signatures are datasketch 2.0's `affine32` over 5-term shingles (checks.terms); of each slot the low byte is kept, from
which Jaccard is estimated (b-bit minwise hashing: Li and König, WWW 2010). A band's hash carries the band's number in
its five highest bits, so that one order over the hashes is the order of (band, hash).
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.duplicates.content import CONTENT_ID_BYTES, content_ids, ids_of
from checks.kernels import digest_calls, sketch_calls
from checks.pairs import band_hashes, leader_keys, narrow
from checks.terms import SCHEME, folded_digests, signatures
from checks.terms.fold import fold
from checks.terms.scheme import permutations

SIGNATURE_BYTES: Final = 128
FOLDED_BYTES: Final = 16
BAND_BITS: Final = 5
MOST_BANDS: Final = 1 << BAND_BITS


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


def named(
    text: pa.Array, row: npt.NDArray[np.uint32], bands: int, rows: int, shortest_terms: int
) -> tuple[pa.FixedSizeBinaryArray, npt.NDArray[np.void], npt.NDArray[np.int64]]:
    """What `content_ids` tells of every row, and what `sketched` does; where the kernel was built one walk gives both."""
    if not _walks(text):
        ids = content_ids(text)
        return ids, *sketched(text, row, ids_of(ids), bands, rows, shortest_terms)
    walked = _walked(text, bands, rows, shortest_terms, contents=True)
    found = _filled(walked, row, walked.contents, shortest_terms, 0)
    ids = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(CONTENT_ID_BYTES), len(text), [None, pa.py_buffer(walked.contents)]
    )
    return ids, found, walked.terms


def sketched(
    text: pa.Array, row: npt.NDArray[np.uint32], ids: npt.NDArray[np.void], bands: int, rows: int, shortest_terms: int,
    part: int = 0,
) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int64]]:  # fmt: skip
    """Sketches of the rows of *text* that have *shortest_terms* (of a *part*: any term), and every row's number of terms.

    *row*: their numbers; *ids*: their content ids. A null text counts as an empty one.
    """
    contents = np.ascontiguousarray(ids).view(np.uint8).reshape(-1, CONTENT_ID_BYTES)
    shortest = 1 if part else shortest_terms
    if _walks(text):
        walked = _walked(text, bands, rows, shortest, contents=False)
    else:
        walked = _step_by_step(text, bands, rows, shortest)
    return _filled(walked, row, contents, shortest_terms, part), walked.terms


def _walks(text: pa.Array) -> bool:
    library = kernels.library()
    return library is not None and digest_calls.is_quicker(library, text)


def _walked(text: pa.Array, bands: int, rows: int, shortest: int, *, contents: bool) -> sketch_calls.Walked:
    frozen = fold()
    return sketch_calls.sketches_of_rows(
        kernels.library(), text, (frozen.table, frozen.expansions), permutations(SCHEME.seed), sketch_type(bands), rows,
        shortest, contents=contents,
    )  # fmt: skip


def _step_by_step(text: pa.Array, bands: int, rows: int, shortest: int) -> sketch_calls.Walked:
    """The same without contents, where there is no kernel or hashlib is the faster one."""
    slots, terms = signatures(text)
    enough = terms >= shortest
    kept = np.flatnonzero(enough)
    found = np.zeros(len(kept), sketch_type(bands))
    if len(kept):
        slots = np.ascontiguousarray(slots[kept])
        folded = np.frombuffer(folded_digests(text, enough), np.uint8).reshape(-1, 32)[kept]
        found["folded"] = np.ascontiguousarray(folded[:, :FOLDED_BYTES]).view(f"V{FOLDED_BYTES}").reshape(-1)
        found["slots"] = narrow(slots)
        number = np.arange(bands, dtype=np.uint64) << np.uint64(64 - BAND_BITS)
        found["hashes"] = (band_hashes(slots, bands, rows) >> np.uint64(BAND_BITS)) | number
    return sketch_calls.Walked(terms, np.empty((0, CONTENT_ID_BYTES), np.uint8), kept, found)


def _filled(
    walked: sketch_calls.Walked, row: npt.NDArray[np.uint32], contents: npt.NDArray[np.uint8], shortest_terms: int, part: int
) -> npt.NDArray[np.void]:  # fmt: skip
    found, kept = walked.sketches, walked.kept
    found["part"], found["long"] = part, walked.terms[kept] >= shortest_terms
    found["row"], found["key"] = row[kept], leader_keys(contents[kept])
    return found
