"""Records of known restricted datasets inside the corpus, under whatever label: fingerprints are the customer's, hashes alone."""

from checks.laundering.check import Laundering
from checks.laundering.entries import ENTRIES, MOST_ENTRIES, MOST_SETS, Counted, Gathered
from checks.laundering.index import use_fingerprints
from checks.laundering.values import FIELDS

__all__ = [
    "ENTRIES", "FIELDS", "MOST_ENTRIES", "MOST_SETS", "Counted", "Gathered", "Laundering", "use_fingerprints",
]  # fmt: skip
