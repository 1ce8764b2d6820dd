"""Lists that the customer keeps, joined by digest: who may be used, who refused, which sites and records are out.

A list that is missing, stale or made under another key says nothing: its measures are None, which is not zero.
"""

from checks.listed.check import Listed
from checks.listed.index import AUTHORISATIONS, BLOCKED, ENTRIES, JOINED, REFUSALS, STATES, TAKEDOWNS, use_lists

__all__ = ["AUTHORISATIONS", "BLOCKED", "ENTRIES", "JOINED", "REFUSALS", "STATES", "TAKEDOWNS", "Listed", "use_lists"]
