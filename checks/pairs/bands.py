"""Hashes of bands, keys that choose leaders, and the narrow signatures that are stored."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from checks import kernels
from checks.kernels import pair_calls
from checks.mixed import GOLDEN, Words, finished
from checks.pairs import held
from checks.pairs.held import SLOTS

CONTENT_ID_BYTES: Final = 32
_STEP: Final = 0xD6E8FEB86659FD93  # odd; Pelle Evensen's rrmxmx multiplier, public domain
_BAND_KEY: Final = 0x62616E64732F7631  # "bands/v1"
_LEADER_KEY: Final = 0x6C6561646572732F  # "leaders/"


def narrow(signatures: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """uint8[n, 128]: the low byte of each slot of uint32[n, 128], which is what is stored (b-bit minhash, b = 8: Li &
    König 2010).
    """
    low: npt.NDArray[np.uint8] = held.signatures("signatures", signatures, np.uint32).astype(np.uint8)
    return low


def band_hashes(signatures: npt.NDArray[np.uint32], bands: int, rows: int) -> Words:
    """uint64[n, bands]: a well-mixed hash of each band of uint32[n, 128], band b being slots b * rows to (b + 1) * rows.

    ::

        h = mix(BAND_KEY + GOLDEN * (b * 129 + rows))           all modulo 2**64
        for two slots x, y at a time (y = 0 after a last odd one):
            h = (h ^ (x | y << 32)) * STEP;  h ^= h >> 32
        hash = mix(h)

    where mix is the finaliser of splitmix64 (Steele, Lea & Flood 2014). Each step is one to one in h and in the slots,
    so bands of one number that differ in two neighbours alone never meet. Raises ``ValueError`` where the bands do not
    fit 128 slots.
    """
    signatures = held.signatures("signatures", signatures, np.uint32)
    if bands < 1 or rows < 1 or bands * rows > SLOTS:
        raise ValueError(f"bands: {bands} of {rows} rows; at least one of one, and at most {SLOTS} slots together")
    if (library := kernels.library()) is not None:
        return pair_calls.hash_bands(library, signatures, bands, rows)
    slots = signatures[:, : bands * rows].reshape(len(signatures), bands, rows).astype(np.uint64)
    seeds = np.array([(_BAND_KEY + GOLDEN * (b * (SLOTS + 1) + rows)) % 2**64 for b in range(bands)], np.uint64)
    hashes: Words = np.broadcast_to(finished(seeds), (len(signatures), bands)).copy()
    for slot in range(0, rows, 2):
        hashes ^= slots[:, :, slot]
        if slot + 1 < rows:
            hashes ^= slots[:, :, slot + 1] << np.uint64(32)
        hashes *= np.uint64(_STEP)
        hashes ^= hashes >> np.uint64(32)
    return finished(hashes)


def leader_keys(content_ids: Any) -> npt.NDArray[np.uint32]:
    """uint32[n]: the keyed hash by which a long run chooses its leaders, of n content ids of 32 bytes end to end.

    The upper half of mix(first eight bytes, little-endian, xor LEADER_KEY), mix being splitmix64's finaliser.
    *content_ids*: bytes, a buffer, or uint8[n, 32]. Raises ``ValueError`` where a part of an id is left over.
    """
    raw = np.frombuffer(
        np.ascontiguousarray(content_ids) if isinstance(content_ids, np.ndarray) else content_ids, np.uint8
    )
    if len(raw) % CONTENT_ID_BYTES:
        raise ValueError(f"content_ids: {len(raw)} bytes; wants a multiple of {CONTENT_ID_BYTES}")
    first = np.ascontiguousarray(raw.reshape(-1, CONTENT_ID_BYTES)[:, :8]).view("<u8")[:, 0].astype(np.uint64)
    return (finished(first ^ np.uint64(_LEADER_KEY)) >> np.uint64(32)).astype(np.uint32)
