"""Host names and the domains above them, as keys of the blocked-site list: a listed domain blocks all below it."""

import hashlib
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.addresses import hosts, is_address
from checks.listed.index import KEY_BYTES, Shelf, keys_from

_MOST_LABELS: Final = 128
"""A name has at most 127 labels (RFC 1035, 255 octets); what is longer is no host."""


def blocked(url: pa.Array, shelf: Shelf) -> npt.NDArray[np.uint8]:
    """uint8[n]: 2 where the host of the URL is listed, 1 where a domain above it is, else 0 (no URL, no host)."""
    coded = hosts(url).dictionary_encode()
    names = [host_keys(name) for name in coded.dictionary.to_pylist()]
    ends = np.cumsum([0, *map(len, names)])
    is_there = shelf.holds(keys_from([key for keys in names for key in keys]))
    first = np.zeros(len(names) + 1, np.uint8)  # of each distinct host; the last stands for none
    for number in np.unique(np.searchsorted(ends, np.flatnonzero(is_there), "right") - 1).tolist():
        first[number] = 2 if is_there[ends[number]] else 1
    at = coded.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    return np.asarray(first[at], np.uint8)


@lru_cache(maxsize=65_536)
def host_keys(host: str) -> tuple[bytes, ...]:
    """The keys of a host name and, unless it is an address, of every domain above it, the name's own first; none of no name."""
    name = a_labels(host)
    if name is None:
        return ()
    labels = [name] if is_address(name) else name.split(".")
    if len(labels) > _MOST_LABELS or (len(labels) > 1 and labels[-1].isdecimal()):
        return ()  # a name that ends in a number is an address or none (WHATWG URL, ends-in-a-number checker)
    return tuple(host_key(".".join(labels[n:])) for n in range(len(labels)))


def host_key(name: str) -> bytes:
    """The first 16 bytes of the sha256 of a name in A-labels."""
    return hashlib.sha256(name.encode()).digest()[:KEY_BYTES]


def a_labels(host: str) -> str | None:
    """The name in lower case and A-labels (IDNA 2003, as Python has it), without dots at its ends; None of no name."""
    name = host.strip().strip(".").lower()
    if name.isascii():
        return name or None
    try:
        return name.encode("idna").decode("ascii").lower() or None
    except UnicodeError:
        return None
