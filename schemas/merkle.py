"""Merkle tree hash of RFC 9162 §2.1.1 over sha256: one root for many digests, and proofs against it."""

import hashlib
from collections.abc import Sequence

_LEAF = b"\x00"
_NODE = b"\x01"


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The 32-byte root over *leaves* (any bytes, in the order given); of no leaves, sha256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(_LEAF + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last node up gives the same tree as RFC 9162's split at 2**k.
        paired = [hashlib.sha256(_NODE + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - 1 :] if len(level) % 2 else paired
    return level[0]


def shard_digest(chunk_sha256s: Sequence[bytes]) -> str:
    """A shard's digest, hex: the root over the sha256s of its 64 MiB chunks (data-path §4)."""
    return merkle_root(chunk_sha256s).hex()
