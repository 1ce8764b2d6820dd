"""Draw a share of the rows of a batch by their text alone, so that no cut, order or neighbour changes who is drawn."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.loaded import of_arrays
from checks.mixed import Words, mixed
from checks.signs.count import utf8_buffers

_BYTES: Final = 8
PPM: Final = 1_000_000


def drawn(text: pa.Array, share_ppm: int) -> npt.NDArray[np.intp]:
    """The places, in order, of the rows drawn; *text*: String or LargeString, slices and nulls are fine.

    A row is drawn by a mix of its length and its first, middle and last eight bytes: equal texts go together, and reading
    them all is not needed. Who writes a text can make it so that it is not drawn: this is a sample for shares, no audit.
    """
    if share_ppm >= PPM or not len(text):
        return np.arange(len(text) if share_ppm else 0)
    return np.flatnonzero((marks(text) >> np.uint64(32)) * np.uint64(PPM) >> np.uint64(32) < share_ppm)


def marks(text: pa.Array) -> Words:
    """uint64[n]: that mix. Who is drawn hangs on its upper half; the lower one parts those who are into groups.

    The thread's last answer is kept for the next check that asks, with the very array it is for.
    """
    return of_arrays("marks of a text", [text], lambda: _marks(text))


def _marks(text: pa.Array) -> Words:
    offsets, data = utf8_buffers(text)
    octets = np.frombuffer(data, np.uint8)
    lengths = np.where(np.asarray(text.is_valid()), np.diff(offsets), 0)
    starts = offsets[:-1]
    found = lengths.astype(np.uint64)
    for places in (starts, starts + lengths // 2 - _BYTES // 2, starts + lengths - _BYTES):
        found = mixed(found ^ _eight_bytes(octets, places, starts, lengths))
    return found


def _eight_bytes(
    octets: npt.NDArray[np.uint8],
    places: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
) -> Words:
    """uint64[n], first byte lowest, of rows of eight bytes or more; of shorter ones all their bytes."""
    found = np.zeros(len(places), np.uint64)
    long = np.flatnonzero(lengths >= _BYTES)
    if len(long):
        at_any_place: Words = np.ndarray(len(octets) - _BYTES + 1, "<u8", octets, strides=(1,))
        found[long] = at_any_place[places[long]]
    short = np.flatnonzero((lengths > 0) & (lengths < _BYTES))
    for byte in range(_BYTES - 1):
        rows = short[lengths[short] > byte]
        found[rows] |= octets[starts[rows] + byte].astype(np.uint64) << np.uint64(8 * byte)
    return found
