"""Items of voided batches as a process holds them: digests, sorted, and looked up many at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.duplicates.content import CONTENT_ID_BYTES, content_ids, ids_of
from checks.listed.index import KEY_BYTES, Keys, Shelf
from checks.loaded import once
from schemas.errors import LedgerError

CONTENT, ITEM = "content id", "item id"
KINDS: Final = (CONTENT, ITEM)
ENTRIES: Final = pa.schema(
    [
        pa.field("kind", pa.uint8(), nullable=False),  # place in KINDS
        pa.field("key", pa.binary(KEY_BYTES), nullable=False),  # of the content id; of the sha256 of the item's id
        pa.field("batch", pa.string(), nullable=False),  # that was voided; of an item in several the least name
    ]
)
"""Sorted by kind and key, each key of a kind once."""

_PLACE: Final = "labels"


@dataclass(frozen=True)
class Voided:
    """The items of one kind, and the batch of each."""

    shelf: Shelf
    batches: tuple[str, ...]

    def places(self, texts: pa.Array) -> npt.NDArray[np.int64]:
        """int64[n]: where the sha256 of each text stands among them, -1 where it does not or there is no text."""
        at = self.shelf.places(keys_of(texts))
        return np.asarray(np.where(texts.is_valid().to_numpy(zero_copy_only=False), at, -1), np.int64)


def use_voided(digest: str, entries: Callable[[], pa.Table]) -> Mapping[str, Voided]:
    """Keep the items that *digest* names for this process; *entries* gives ENTRIES where they are not held yet."""
    return once((_PLACE, digest), lambda: voided_of(entries()))


def held_voided(digest: str) -> Mapping[str, Voided]:
    """The items that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once((_PLACE, digest), lambda: _missing(digest))


def voided_of(entries: pa.Table) -> dict[str, Voided]:
    """Kind -> its items, of every kind; *entries*: ENTRIES, sorted."""
    found, kinds = {}, entries.column("kind").to_numpy()
    for number, kind in enumerate(KINDS):
        first, last = np.searchsorted(kinds, [number, number + 1]).tolist()
        part = entries.slice(first, last - first)
        halves = np.ascontiguousarray(ids_of(part.column("key"))).view(">u8").reshape(-1, 2).astype(np.uint64)
        shelf = Shelf(halves[:, 0].copy(), halves[:, 1].copy(), np.zeros(len(halves), np.uint8))
        found[kind] = Voided(shelf, tuple(part.column("batch").to_pylist()))
    return found


def keys_of(texts: pa.Array) -> Keys:
    """V16[n]: the first 16 bytes of the sha256 of each text."""
    digests = ids_of(content_ids(texts)).view(np.uint8).reshape(-1, CONTENT_ID_BYTES)
    return np.ascontiguousarray(digests[:, :KEY_BYTES]).view(f"V{KEY_BYTES}").reshape(-1)


def entries_of(content: Mapping[bytes, str], items: Mapping[str, str]) -> pa.Table:
    """ENTRIES of content ids (32 bytes) and of ids of items, each with its voided batch."""
    keys = keys_of(pa.array(list(items), pa.large_string()))
    of_items = {key.tobytes(): batch for key, batch in zip(keys, items.values(), strict=True)}
    parts = ({key[:KEY_BYTES]: batch for key, batch in content.items()}, of_items)
    rows = [(number, key, part[key]) for number, part in enumerate(parts) for key in sorted(part)]
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, ENTRIES, strict=True)], schema=ENTRIES)


def _missing(digest: str) -> Mapping[str, Voided]:
    msg = f"labels: {digest} is set but not loaded in this process; the ledger's object of that name holds it"
    raise LedgerError(msg)
