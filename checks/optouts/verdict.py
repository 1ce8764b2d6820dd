"""One answer for one address: what its site said when the record was fetched, and what it says now, shown apart.

Any disallow wins; a named contract may override; silence is silence; what is not there, cannot be read or is later than the
record is unknown. The product states what was said. Whether it binds is for a person to decide.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import Final

from checks.optouts import tags, tdmrep
from checks.optouts.agents import built_in_list
from checks.optouts.ai_txt import read_ai_txt, training
from checks.optouts.evidence import (
    AI_TXT,
    KINDS,
    NO_ANSWER,
    PAGE,
    ROBOTS,
    TDMREP,
    Evidence,
    Found,
    Supplied,
    host_of,
    moment,
    page_place,
)
from checks.optouts.header_block import fields, joined
from checks.optouts.markup import metas
from checks.optouts.paths import path_of
from checks.optouts.preferences import CONTENT_SIGNAL, CONTENT_USAGE, preferences
from checks.optouts.robots import LIMIT_BYTES, Robots, read_robots
from checks.optouts.statements import ALLOW, ANYBODY, CRAWL, DISALLOW, NO_STATEMENT, TRAIN, UNKNOWN, Statement, combined
from checks.optouts.tdmrep import TdmFile, read_tdmrep
from checks.optouts.text_bytes import starts_as_markup

CONTRACT: Final = "contract"
"""The answer where a named contract stands against a disallow or an unknown."""
UNREACHABLE: Final = "robots-status"
_PARSED: Final = 64  # files a process keeps parsed; records come by site more often than not


@dataclass(frozen=True)
class Asked:
    """What is asked of the evidence; settings, printed in the manifest.

    *own*: our crawler's product token, None where another's crawl is used; *use*: of `statements.USES`; *watched*: tokens
    whose own groups count too; *needed*, *needed_now*: kinds without which the answer is unknown; *oldest_hours*: RFC 9309
    §2.4 lets a copy serve for a day.
    """

    own: str | None = None
    use: str = TRAIN
    watched: tuple[str, ...] = field(default_factory=lambda: built_in_list().tokens(TRAIN))
    needed: tuple[str, ...] = KINDS
    needed_now: tuple[str, ...] = (ROBOTS, TDMREP, AI_TXT)
    oldest_hours: int = 24


@dataclass(frozen=True)
class Channel:
    """What one kind of file came to. *reason*: why it is unknown, or unavailable; *digests*: of (body, header block)."""

    kind: str
    answer: str
    reason: str = ""
    fetched_at: str | None = None
    digests: tuple[str | None, str | None] = (None, None)
    statements: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Side:
    """The answer at one time, and every channel behind it."""

    answer: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True)
class Verdict:
    """Both times. *then* decides; *now* is what a person is warned of."""

    then: Side
    now: Side
    contract: str | None = None

    @property
    def answer(self) -> str:
        """The answer at the time of fetching, or `CONTRACT` where one is named against a disallow or an unknown."""
        return CONTRACT if self.contract and self.then.answer in (DISALLOW, UNKNOWN) else self.then.answer


def judge(
    url: str | None, collected_at: str | None, then: Evidence, now: Evidence, asked: Asked, contract: str | None = None
) -> Verdict:
    """The verdict for a record of *url* fetched at *collected_at*; never raises, whatever was supplied."""
    host = host_of(url or "")
    if not url or not host:
        nothing = Found(None, "the record has no URL" if not url else "the URL has no host")
        found = dict.fromkeys(KINDS, nothing)
        return Verdict(side(b"", found, asked, asked.needed), side(b"", found, asked, asked.needed_now), contract)
    as_of, newest = then_of(then, host, url, collected_at, asked), now_of(now, host, url)
    path = path_of(url)
    return Verdict(side(path, as_of, asked, asked.needed), side(path, newest, asked, asked.needed_now), contract)


def then_of(then: Evidence, host: str, url: str, collected_at: str | None, asked: Asked) -> dict[str, Found]:
    """The files of each kind as they stood when *url* of *host* was fetched."""
    collected, oldest = moment(collected_at), timedelta(hours=asked.oldest_hours)
    return {kind: then.as_of(kind, place, collected, oldest) for kind, place in _places(host, url)}


def now_of(now: Evidence, host: str, url: str) -> dict[str, Found]:
    """The newest files of each kind."""
    return {kind: now.newest(kind, place) for kind, place in _places(host, url)}


def _places(host: str, url: str) -> list[tuple[str, str]]:
    return [(kind, page_place(url) if kind == PAGE else host) for kind in KINDS]


def side(path: bytes, found: dict[str, Found], asked: Asked, needed: tuple[str, ...]) -> Side:
    """The answer of the files *found* on *path* (from `path_of`); *needed*: kinds without which it is unknown."""
    agents = (asked.own or "", *asked.watched)
    file, tdm, ai_txt, page = (_looked_at(kind, found[kind], path, agents) for kind in (ROBOTS, TDMREP, AI_TXT, PAGE))
    tdm, page = _superseded(tdm, page)
    channels = [_answered(channel, asked.use) for channel in (file, tdm, ai_txt, page)]
    counted = [c.answer for c in channels if c.fetched_at is not None or c.kind in needed]
    return Side(combined(counted), tuple(channels))


def _answered(channel: Channel, use: str) -> Channel:
    """A rule that lets fetch is no word on use; one that forbids it forbids what comes after."""
    about = [s.answer for s in channel.statements if counts(s, use)]
    return replace(channel, answer=combined([*about, channel.answer]))


def counts(said: Statement, use: str) -> bool:
    """Is it a word on *use*?"""
    return said.use == use or (said.use == CRAWL and said.answer != ALLOW)


def _looked_at(kind: str, found: Found, path: bytes, agents: tuple[str, ...]) -> Channel:
    supplied = found.supplied
    if supplied is None:
        return Channel(kind, UNKNOWN, found.reason)
    channel = Channel(kind, NO_STATEMENT, "", supplied.fetched_at, supplied.digests)
    if kind == PAGE:
        return _page(channel, supplied, agents)
    status = supplied.status
    if status is None or not (status == NO_ANSWER or 200 <= status < 600):
        reason = "the status is not supplied" if status is None else "the status is none of HTTP"
        return replace(channel, answer=UNKNOWN, reason=reason)
    if 400 <= status < 500 and status != 429:
        return replace(channel, reason=f"unavailable: status {status}")
    if status in (NO_ANSWER, 429) or status >= 500:
        return _unreachable(channel, status)
    if status >= 300:
        return replace(channel, answer=UNKNOWN, reason=f"a redirect was not followed: status {status}")
    if supplied.body is None:
        return replace(channel, answer=UNKNOWN, reason="the body was not kept")
    if kind != ROBOTS and starts_as_markup(supplied.body):  # TDMRep: a server that has no such file does not take part
        return replace(channel, reason="unavailable: a web page was answered")
    read = {ROBOTS: _robots, TDMREP: _tdmrep, AI_TXT: _ai_txt}[kind]
    statements, doubt = read(supplied.body, path, agents)
    cut = f"longer than {LIMIT_BYTES} bytes: the rest was not read" if len(supplied.body) > LIMIT_BYTES else ""
    answer = UNKNOWN if doubt else NO_STATEMENT
    return replace(channel, answer=answer, reason=doubt or cut, statements=tuple(statements))


def _unreachable(channel: Channel, status: int) -> Channel:
    """RFC 9309 §2.3.1.4: where robots.txt cannot be had, complete disallow; the other files are then unknown."""
    reason = "unreachable: " + (f"status {status}" if status else "no answer")
    if channel.kind != ROBOTS:
        return replace(channel, answer=UNKNOWN, reason=reason)
    return replace(channel, reason=reason, statements=(Statement(UNREACHABLE, CRAWL, DISALLOW, 0, 0, rule=reason),))


def _robots(body: bytes, path: bytes, agents: tuple[str, ...]) -> tuple[list[Statement], str | None]:
    file = _robots_file(body)
    found: list[Statement] = []
    for agent in _meant(_robots_file, body, agents):
        crawl = file.crawl(agent, path)
        found += [crawl] if crawl else []
        found += file.preferences(agent, path)
    return list(dict.fromkeys(found)), file.doubt


@lru_cache(maxsize=_PARSED)
def _meant(parsed: Callable[[bytes], Robots], body: bytes, agents: tuple[str, ...]) -> tuple[str, ...]:
    """Whose groups count: ours or, where none names us, everybody's; and those of watched agents that a group names.

    A watched agent that no group names is not meant more than anybody else. The first of *agents* is our own, or "".
    """
    file = parsed(body)
    named = tuple(agent for agent in agents if agent and file.names(agent))
    return named if agents[0] in named else (ANYBODY, *named)


def _tdmrep(body: bytes, path: bytes, _: tuple[str, ...]) -> tuple[list[Statement], str | None]:
    file = _tdm_file(body)
    said = file.reservation(path)
    return ([said] if said else []), file.doubt


def _ai_txt(body: bytes, path: bytes, agents: tuple[str, ...]) -> tuple[list[Statement], str | None]:
    file = _ai_txt_file(body)
    said = [training(file, path, agent) for agent in _meant(_ai_txt_file, body, agents)]
    return [one for one in said if one is not None], file.doubt


def _page(channel: Channel, supplied: Supplied, agents: tuple[str, ...]) -> Channel:
    found: list[Statement] = []
    missing = [name for name, part in (("headers", supplied.headers), ("body", supplied.body)) if part is None]
    if supplied.headers is not None:
        lines = fields(supplied.headers)
        for name in (CONTENT_USAGE, CONTENT_SIGNAL):
            whole = joined(lines, name)
            for use, answer, start, end in preferences(name, whole.value) if whole else ():
                assert whole is not None
                found.append(Statement(f"{name}-header", use, answer, *whole.span(start, end)))
        found += tags.in_headers(lines, agents)
        found += filter(None, [tdmrep.in_headers(lines)])
    if supplied.body is not None:
        elements = tuple(metas(supplied.body))
        found += tags.in_metas(elements, agents)
        found += filter(None, [tdmrep.in_metas(elements)])
    answer = UNKNOWN if missing else NO_STATEMENT
    reason = f"not kept: {', '.join(missing)}" if missing else ""
    return replace(channel, answer=answer, reason=reason, statements=tuple(found))


def _superseded(file: Channel, page: Channel) -> tuple[Channel, Channel]:
    """TDMRep's own order: the page's element over the header over the file at the origin, wherever it says 0 or 1."""
    order = {tdmrep.FILE: 0, tdmrep.HEADER: 1, tdmrep.META: 2}
    said = [s for s in (*file.statements, *page.statements) if s.detector in order and s.answer != UNKNOWN]
    if not said:
        return file, page
    last = max(order[s.detector] for s in said)
    keep = {s for s in (*file.statements, *page.statements) if order.get(s.detector, last) >= last}
    return (
        replace(file, statements=tuple(s for s in file.statements if s in keep)),
        replace(page, statements=tuple(s for s in page.statements if s in keep)),
    )


@lru_cache(maxsize=_PARSED)
def _robots_file(body: bytes) -> Robots:
    return read_robots(body)


@lru_cache(maxsize=_PARSED)
def _tdm_file(body: bytes) -> TdmFile:
    return read_tdmrep(body)


@lru_cache(maxsize=_PARSED)
def _ai_txt_file(body: bytes) -> Robots:
    return read_ai_txt(body)
