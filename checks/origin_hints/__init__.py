"""Hints of where records come from: filing numbers in a text, the country of a domain; never the origin."""

from checks.origin_hints.check import OriginHints
from checks.origin_hints.filings import filings

__all__ = ["OriginHints", "filings"]
