"""The same without the kernel: the reference cuts and hashes, datasketch sketches; slow, and equal to the last bit."""

from collections.abc import Iterator
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.signs.count import utf8_buffers
from checks.terms.reference import Term, placed_terms, shingles_of_hashes, term_hash, terms
from checks.terms.reference import shingles as shingles_of
from checks.terms.scheme import SCHEME, permutations

Offsets = npt.NDArray[np.int64]


def signatures(text: pa.Array, seed: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """As `checks.terms.signatures`."""
    from datasketch import MinHash

    slots = np.full((len(text), SCHEME.slots), np.iinfo(np.uint32).max, np.uint32)
    counts = np.zeros(len(text), np.int64)
    empty = MinHash(SCHEME.slots, hashfunc=int, permutations=permutations(seed), scheme=SCHEME.name)
    for row, value in enumerate(_texts(text)):
        found = terms(value)
        sketch = empty.copy()
        sketch.update_batch([shingle >> 32 for shingle in shingles_of(found)])
        slots[row], counts[row] = sketch.hashvalues, len(found)
    return slots, counts


def folded(text: pa.Array, wanted: npt.NDArray[np.bool_] | None) -> Iterator[tuple[int, bytes, Offsets]]:
    """As `checks.kernels.term_calls.folded_rows`, one row at a time."""
    for row, value in enumerate(_texts(text)):
        content = " ".join(terms(value)).encode() if wanted is None or wanted[row] else b""
        yield row, content, np.array([0, len(content)], np.int64)


def shingles(
    text: pa.Array, rows: npt.NDArray[np.intp], width: int, *, placed: bool
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64], Offsets]:
    """As `checks.kernels.term_calls.shingles_of_rows`."""
    strange = next((int(row) for row in rows if not 0 <= row < len(text)), None)
    if strange is not None:
        raise ValueError(f"text array: row {strange} is not there")
    found = [placed_terms(next(_texts(text.slice(row, 1)))) for row in np.asarray(rows).tolist()]
    hashes = [shingles_of_hashes([term_hash(term.text) for term in row], width) for row in found]
    offsets = np.cumsum([0, *map(len, hashes)], dtype=np.int64)
    spans = [span for row in found for span in _spans(row, width)] if placed else []
    return (
        np.fromiter(chain.from_iterable(hashes), np.uint64, int(offsets[-1])),
        np.array(spans, np.int64).reshape(-1, 2),
        offsets,
    )


def _spans(row: list[Term], width: int) -> Iterator[tuple[int, int]]:
    for first in range(max(1, len(row) - width + 1) if row else 0):
        yield row[first].start, row[first : first + width][-1].end


def _texts(text: pa.Array) -> Iterator[str]:
    """Each row decoded, a null one empty. Raises ``ValueError`` where offsets lie outside the data."""
    offsets, data = utf8_buffers(text)
    if offsets[0] < 0 or (np.diff(offsets) < 0).any() or offsets[-1] > len(data):
        raise ValueError("text array: a row's offsets lie outside the data")
    present = np.asarray(text.is_valid()).tolist()
    for is_there, (start, end) in zip(present, pairwise(offsets.tolist()), strict=True):
        yield bytes(data[start:end]).decode("utf-8", "replace") if is_there else ""
