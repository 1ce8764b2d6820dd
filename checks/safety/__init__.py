"""Candidates of the 31 risks: where words of a lexicon stand, for people to judge; and what a classifier says of a sample."""

from checks.safety.check import Safety
from checks.safety.library import ENTRIES, use_library

__all__ = ["ENTRIES", "Safety", "use_library"]
