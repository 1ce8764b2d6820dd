"""Which rows are drawn to be read for names: by a keyed hash of content, so the same in every cut, order and width of offsets.

Two draws: one row of 32 by its length and five words of eight bytes at even distances, which costs the same however long
a row is; of those, by HMAC-SHA256 of the whole text. Empty and null rows are not drawn.
"""

import hashlib
import hmac
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks import kernels
from checks.kernels.name_calls import drawn_rows
from checks.mixed import finished
from checks.personal.keys import hmac_of
from checks.triggers import value_bytes

_QUARTERS: Final = np.arange(5, dtype=np.int64)[None, :]
_WORD_BYTES: Final = 8
_SIEVE: Final = 32


def sampled_rows(texts: pa.Array, sample_ppm: int, key_id: str | None) -> npt.NDArray[np.bool_]:
    """bool[rows]: which of *texts* (string or large string) are drawn, by the kernel where there is one."""
    if not len(texts) or not sample_ppm:
        return np.zeros(len(texts), np.bool_)
    key = hmac_of(key_id, "names sample", "") or hmac.digest(b"names sample", b"", hashlib.sha256)
    sieve = _SIEVE if sample_ppm * _SIEVE <= 1_000_000 else 1
    library = kernels.library()
    if library is None:
        return drawn_plainly(texts, key, sieve, sample_ppm * sieve)
    return drawn_rows(library, texts, key, sieve, sample_ppm * sieve)


def drawn_plainly(texts: pa.Array, key: bytes, sieve: int, below_ppm: int) -> npt.NDArray[np.bool_]:
    """The same without a kernel: rows whose first draw is a multiple of *sieve*, their HMAC by *key* under *below_ppm*."""
    data, offsets = value_bytes(texts)
    length = np.diff(offsets)
    mixed = finished(length.astype(np.uint64) ^ np.uint64(int.from_bytes(key[:8], "little")))
    words = _words(data, offsets, length)
    for word in range(words.shape[1]):
        mixed = finished(mixed ^ words[:, word])
    drawn: npt.NDArray[np.bool_] = (mixed % np.uint64(sieve) == 0) & (length > 0)
    if texts.null_count:
        drawn &= texts.is_valid().to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(drawn).tolist():
        told = hmac.digest(key, data[offsets[row] : offsets[row + 1]].tobytes(), hashlib.sha256)
        drawn[row] = int.from_bytes(told[:8], "little") % 1_000_000 < below_ppm
    return drawn


def _words(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], length: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint64]:
    """uint64[rows, 5]: the eight bytes at each quarter of the row; of a row with fewer, those that it has."""
    words = np.zeros((len(length), _QUARTERS.shape[1]), np.uint64)
    enough = np.flatnonzero(length >= _WORD_BYTES)
    if len(enough):
        at_every_byte = np.ndarray(len(data) - _WORD_BYTES + 1, "<u8", np.ascontiguousarray(data).data, strides=(1,))
        words[enough] = at_every_byte[offsets[enough, None] + (length[enough, None] - _WORD_BYTES) * _QUARTERS // 4]
    for row in np.flatnonzero((length < _WORD_BYTES) & (length > 0)).tolist():
        words[row] = int.from_bytes(data[offsets[row] : offsets[row + 1]].tobytes(), "little")
    return words
