"""Opt-outs of sites: parsers of what a site says on crawling and training, one verdict for an address, and the check."""

from checks.optouts.agents import WatchList, built_in_list, list_digest, watch_list
from checks.optouts.captures import WatPage, wat_page
from checks.optouts.check import OptOuts
from checks.optouts.evidence import Evidence, Supplied
from checks.optouts.excerpt import page_excerpt
from checks.optouts.held import BYTES, CAPTURES, use_evidence
from checks.optouts.rows import objects_of, supplied_file
from checks.optouts.statements import Statement, combined
from checks.optouts.top_domains import TopDomains, top_domains
from checks.optouts.verdict import Asked, Channel, Side, Verdict, judge

__all__ = [
    "BYTES", "CAPTURES", "Asked", "Channel", "Evidence", "OptOuts", "Side", "Statement", "Supplied", "TopDomains", "Verdict",
    "WatPage", "WatchList", "built_in_list", "combined", "judge", "list_digest", "objects_of", "page_excerpt",
    "supplied_file", "top_domains", "use_evidence", "wat_page", "watch_list",
]  # fmt: skip
