"""The entries of lists as a process holds them: keys of 16 bytes, sorted, and looked up many at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.duplicates.content import ids_of
from checks.loaded import once
from schemas.errors import LedgerError

AUTHORISATIONS: Final = "authorisations"
REFUSALS: Final = "refusals"
BLOCKED: Final = "blocked_domains"
TAKEDOWNS: Final = "takedowns"
JOINED: Final = (AUTHORISATIONS, REFUSALS, BLOCKED, TAKEDOWNS)
"""Kinds of list that are joined; an entry's `list` is a place in it."""

KEY_BYTES: Final = 16
ENTRIES: Final = pa.schema(
    [
        pa.field("list", pa.uint8(), nullable=False),  # place in JOINED
        # authorisations, refusals: HMAC, as `checks.personal.keys.hmac_of`; blocked_domains: of sha256(host name in A-labels);
        # takedowns: of the content id
        pa.field("key", pa.binary(KEY_BYTES), nullable=False),
        pa.field("state", pa.uint8(), nullable=False),  # place in STATES; 0 in the other lists
    ]
)
"""Sorted by list and key, each key of a list once. No value that was listed is in it."""

STATES: Final = ("live", "not-yet", "withdrawn", "expired", "other-purpose")
"""What an authorisation is on the run's day, for its purpose: the first that any agreement of the user comes to."""

_PLACE: Final = "lists"
Keys = npt.NDArray[np.void]
"""V16[n]."""


@dataclass(frozen=True)
class Shelf:
    """The keys of one list as two numbers each, sorted as their bytes are; *states*: uint8[n]."""

    high: npt.NDArray[np.uint64]
    low: npt.NDArray[np.uint64]
    states: npt.NDArray[np.uint8]

    def places(self, keys: Keys) -> npt.NDArray[np.int64]:
        """int64[n]: where each of *keys* stands on the shelf, -1 where it does not."""
        high, low = _halves(keys)
        found = np.full(len(keys), -1, np.int64)
        at = np.searchsorted(self.high, high, "left")
        left = np.flatnonzero(at < len(self.high))
        while len(left):  # more than once only where two keys share their first half
            left = left[self.high[at[left]] == high[left]]
            same = self.low[at[left]] == low[left]
            found[left[same]] = at[left[same]]
            left = left[~same]
            at[left] += 1
            left = left[at[left] < len(self.high)]
        return found

    def holds(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """bool[n]: which of *keys* stand on the shelf."""
        return np.asarray(self.places(keys) >= 0)


def use_lists(digest: str, entries: Callable[[], pa.Table]) -> Mapping[str, Shelf]:
    """Keep the lists that *digest* names for this process; *entries* gives ENTRIES where they are not held yet.

    Every process calls this before it looks at records.
    """
    return once((_PLACE, digest), lambda: shelves_of(entries()))


def held_lists(digest: str) -> Mapping[str, Shelf]:
    """The lists that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def shelves_of(entries: pa.Table) -> dict[str, Shelf]:
    """Kind -> its shelf, of every kind; *entries*: ENTRIES, sorted."""
    kinds = entries.column("list").to_numpy()
    keys, states = ids_of(entries.column("key")), entries.column("state").to_numpy()
    found = {}
    for number, kind in enumerate(JOINED):
        first, last = np.searchsorted(kinds, [number, number + 1])
        found[kind] = Shelf(*_halves(keys[first:last]), states[first:last])
    return found


def keys_from(keys: list[bytes]) -> Keys:
    """V16[n] of *keys*, each of 16 bytes."""
    return np.frombuffer(b"".join(keys), f"V{KEY_BYTES}")


def _halves(keys: Keys) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    halves = np.ascontiguousarray(keys).view(">u8").reshape(-1, 2).astype(np.uint64)
    return halves[:, 0].copy(), halves[:, 1].copy()


def _missing(digest: str) -> Mapping[str, Shelf]:
    msg = f"lists: {digest} is set but not loaded in this process; the ledger's object of that name holds it"
    raise LedgerError(msg)
