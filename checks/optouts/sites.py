"""Answers for many addresses: what a site's rules do not tell apart is judged once, and remembered.

`judge` gives the same for one address, and says why; here only what is counted and found is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final, NamedTuple

from checks.addresses import registrable_domain
from checks.optouts.ai_txt import read_ai_txt, spellings
from checks.optouts.evidence import AI_TXT, PAGE, ROBOTS, TDMREP, Evidence, Found, Moment, Supplied, page_place
from checks.optouts.paths import Pattern, path_of
from checks.optouts.robots import read_robots
from checks.optouts.statements import ANYBODY, DISALLOW, Statement
from checks.optouts.tdmrep import read_tdmrep
from checks.optouts.verdict import Asked, Channel, Side, counts, side

_MOST_KEPT: Final = 1 << 16
"""Judgements, and sets of files, that a process remembers; beyond, it begins anew."""
_FILES: Final = (ROBOTS, TDMREP, AI_TXT)
_NONE: Final = (None, None, None)
_THEN: Final = "at fetch"
_NOW: Final = "now"
_ROBOTS_FILE: Final = b"/robots.txt"  # the one path that no rule is about


class Told(NamedTuple):
    """One signal that forbids: its detector, and where it was said in words that name nobody but an agent."""

    detector: str
    detail: str


class Half(NamedTuple):
    """What stood at one time. *seen*: at least one file serves; without, nothing is known."""

    answer: str
    seen: bool
    told: tuple[Told, ...]


class Answer(NamedTuple):
    """Both times, and whether run.yaml names a contract with the site."""

    then: Half
    now: Half
    contract: bool


@dataclass(frozen=True)
class _Turns:
    """Where the paths of a site part: two paths with one `of` are alike to every pattern."""

    lengths: tuple[int, ...]
    prefixes: frozenset[bytes]
    others: tuple[Pattern, ...]

    @classmethod
    def at(cls, patterns: Iterable[Pattern]) -> "_Turns":
        plain: dict[bytes, None] = {}
        others: dict[Pattern, None] = {}
        for one in patterns:
            if len(one.parts) == 1 and not one.anchored:
                plain[one.parts[0]] = None
            else:
                others[one] = None
        lengths = sorted({len(prefix) for prefix in plain}, reverse=True)
        return cls(tuple(lengths), frozenset(plain), tuple(others))

    def of(self, path: bytes) -> tuple[bytes | None, int]:
        # Of the prefixes that match, each is a prefix of the longest: it alone tells which they are.
        longest = next((path[:n] for n in self.lengths if path[:n] in self.prefixes), None)
        bits = 0
        for place, pattern in enumerate(self.others):
            bits |= pattern.matches(path) << place
        return longest, bits


class _Site(NamedTuple):
    """What there is of one host: kinds of files of the time of fetching, the newest files in the order of _FILES."""

    then: frozenset[str]
    now: tuple[Supplied | None, ...]
    contract: bool


@dataclass(frozen=True)
class Sites:
    """*contracts*: host or registrable domain -> the contract. What is remembered is no part of the value."""

    then: Evidence
    now: Evidence
    asked: Asked
    contracts: Mapping[str, str]
    _turns: dict[tuple[int, ...], tuple[_Turns, _Turns | None]] = field(default_factory=dict, compare=False, repr=False)
    _sites: dict[str, "_Site"] = field(default_factory=dict, compare=False, repr=False)
    _halves: dict[object, Half] = field(default_factory=dict, compare=False, repr=False)

    def knows(self, host: str) -> bool:
        """Is there a file of *host*, of either time?"""
        return host in self.then.hosts or host in self.now.hosts

    def contract(self, host: str) -> bool:
        """Is a contract named with *host* (as `host_of` gives it) or its registrable domain?"""
        if not self.contracts:
            return False
        name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
        return bool({host, name, registrable_domain(name)} & self.contracts.keys())

    def answer(self, host: str, url: str, collected: Moment | None, page: Supplied | None = None) -> Answer:
        """The answers for *url* of *host*; *page*: the answer of the server that the record itself brings, if it does."""
        site = self._sites.get(host)
        if site is None:
            if len(self._sites) >= _MOST_KEPT:
                self._sites.clear()
            site = self._sites[host] = self._site(host)
        path, oldest = path_of(url), self._oldest
        then: tuple[Supplied | None, ...] = _NONE
        if site.then:
            then = tuple(
                self.then.as_of(kind, host, collected, oldest).supplied if kind in site.then else None
                for kind in _FILES
            )
        now = None
        if self.then.has_pages and page is None:
            page = self.then.as_of(PAGE, page_place(url), collected, oldest).supplied
        if self.now.has_pages:
            now = self.now.newest(PAGE, page_place(url)).supplied
        return Answer(self._half(path, then, page, _THEN), self._half(path, site.now, now, _NOW), site.contract)

    def _site(self, host: str) -> "_Site":
        there = frozenset(kind for kind in _FILES if self.then.newest(kind, host).supplied is not None)
        now = tuple(self.now.newest(kind, host).supplied for kind in _FILES)
        return _Site(there, now, bool(host) and self.contract(host))

    def _half(self, path: bytes, files: tuple[Supplied | None, ...], page: Supplied | None, when: str) -> Half:
        ids = (id(files[0]), id(files[1]), id(files[2]))
        key = (when, ids, None if files == _NONE else self._turn(ids, files, path), page and page.digests)
        half = self._halves.get(key)
        if half is None:
            found = {kind: Found(one, "") for kind, one in zip((*_FILES, PAGE), (*files, page), strict=True)}
            judged = side(path, found, self.asked, self.asked.needed if when == _THEN else self.asked.needed_now)
            half = Half(judged.answer, any(files) or page is not None, tuple(_told(judged, self.asked.use, when)))
            if len(self._halves) >= _MOST_KEPT:
                self._halves.clear()
            self._halves[key] = half
        return half

    def _turn(self, ids: tuple[int, ...], files: tuple[Supplied | None, ...], path: bytes) -> object:
        turns = self._turns.get(ids)
        if turns is None:
            if len(self._turns) >= _MOST_KEPT:
                self._turns.clear()
            turns = self._turns[ids] = self._turns_of(*(b"" if file is None else file.body or b"" for file in files))
        plain, pages = turns
        spelt = () if pages is None else tuple(pages.of(one) for one in spellings(path))
        return path == _ROBOTS_FILE, plain.of(path), spelt

    @cached_property
    def _oldest(self) -> timedelta:
        return timedelta(hours=self.asked.oldest_hours)

    def _turns_of(self, robots: bytes, tdmrep: bytes, ai_txt: bytes) -> tuple[_Turns, _Turns | None]:
        agents = (ANYBODY, *filter(None, (self.asked.own, *self.asked.watched)))
        rules = [*read_robots(robots).patterns(agents)] if robots else []
        if tdmrep:
            rules += [rule.pattern for rule in read_tdmrep(tdmrep).rules if rule.pattern is not None]
        pages = [*read_ai_txt(ai_txt).patterns(agents)] if ai_txt else []
        return _Turns.at(rules), _Turns.at(pages) if pages else None


def _told(judged: Side, use: str, when: str) -> Iterable[Told]:
    """One for each detector that forbids *use*, in the order of the channels; of several statements the first is placed."""
    for channel in judged.channels:
        found: dict[str, list[Statement]] = {}
        for said in channel.statements:
            if said.answer == DISALLOW and counts(said, use):
                found.setdefault(said.detector, []).append(said)
        for detector, statements in found.items():
            yield Told(detector, _detail(channel, statements, when))


def _detail(channel: Channel, statements: list[Statement], when: str) -> str:
    first = statements[0]
    agents = list(dict.fromkeys(said.agent for said in statements))
    more = f" and {len(agents) - 1} more" if len(agents) > 1 else ""
    to = "everybody" if first.agent == ANYBODY else f"agent {first.agent}"
    digest = channel.digests[first.detector.endswith("-header")]
    place = f"bytes {first.start}-{first.end} of sha256:{digest}" if digest and first.end else channel.reason
    time = "" if channel.kind == PAGE else f" ({channel.fetched_at})"  # pages that say the same are remembered as one
    return f"{when}{time}: disallow to {to}{more}: {place}"
