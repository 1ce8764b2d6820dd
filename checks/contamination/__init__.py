"""Texts of evaluation sets inside the corpus: the customer brings the sets, hashes of their shingles alone are kept."""

from checks.contamination.check import Contamination
from checks.contamination.entries import ENTRIES, MOST_ITEMS, MOST_SHINGLES, Gathered, Widths
from checks.contamination.index import use_index

__all__ = ["ENTRIES", "MOST_ITEMS", "MOST_SHINGLES", "Contamination", "Gathered", "Widths", "use_index"]
