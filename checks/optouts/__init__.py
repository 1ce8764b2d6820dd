"""Opt-outs of sites: pure parsers of what a site says on crawling and training, and one verdict for an address."""

from checks.optouts.agents import WatchList, built_in_list, list_digest, watch_list
from checks.optouts.captures import Capture, Join, Text, WatPage, joined_captures, wat_page
from checks.optouts.evidence import Evidence, Supplied
from checks.optouts.filings import filings
from checks.optouts.rows import objects_of, supplied_file
from checks.optouts.statements import Statement, combined
from checks.optouts.top_domains import TopDomains, top_domains
from checks.optouts.verdict import Asked, Channel, Side, Verdict, judge

__all__ = [
    "Asked", "Capture", "Channel", "Evidence", "Join", "Side", "Statement", "Supplied", "Text", "TopDomains", "Verdict",
    "WatPage", "WatchList", "built_in_list", "combined", "filings", "joined_captures", "judge", "list_digest", "objects_of",
    "supplied_file", "top_domains", "wat_page", "watch_list",
]  # fmt: skip
