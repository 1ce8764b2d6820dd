"""A customer's keyword library as the scan needs it: base forms with their risks, kept for a process by digest.

The words are the customer's regulated asset: they lie in the work folder of a run while it lasts and in no ledger, which
holds the digest and the counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from checks.loaded import once
from checks.safety.words import WordSet
from schemas.errors import LedgerError
from schemas.risks import risk_ids

ENTRIES: Final = pa.schema(
    [
        pa.field("word", pa.string(), nullable=False),  # base form
        pa.field("risk", pa.uint8(), nullable=False),  # place in schemas.risks.risk_ids()
    ]
)


@dataclass(frozen=True)
class Library:
    """Words in use. *risks*: the leaf of each by number; a word under two risks has two numbers."""

    words: WordSet
    risks: tuple[str, ...]


def use_library(digest: str, entries: Callable[[], pa.Table]) -> None:
    """Keep the library of *digest*, ENTRIES that *entries* gives, for this process."""
    once(("keyword library", digest), lambda: _library(entries()))


def held_library(digest: str) -> Library:
    """The library that this process keeps under *digest*; ``LedgerError`` where it has none."""
    return once(("keyword library", digest), lambda: _missing(digest))


def _library(table: pa.Table) -> Library:
    leaves = risk_ids()
    return Library(
        WordSet(tuple(table.column("word").to_pylist())), tuple(leaves[i] for i in table.column("risk").to_pylist())
    )


def _missing(digest: str) -> Library:
    msg = f"keyword library: {digest} is set but not loaded in this process; the run's work folder holds it while it lasts"
    raise LedgerError(msg)
