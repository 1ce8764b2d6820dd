"""robots.txt from bytes: groups, rules and preferences with their places, by RFC 9309 and Google's published behaviour.

Where the two differ, the RFC is followed: an escaped octet that needs no escape equals the plain one (§2.2.2), and other
records never end a group (§2.2.4). What Google's parser reads beyond the RFC is read too: a missing colon, usual
misspellings, product tokens up to the first other character, ``index.html`` as its directory.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from checks.optouts.paths import Pattern, compiled
from checks.optouts.preferences import CONTENT_SIGNAL, CONTENT_USAGE, Preference, preferences, without_path
from checks.optouts.statements import ALLOW, ANYBODY, CRAWL, DISALLOW, Statement
from checks.optouts.text_bytes import Octets, octets, starts_as_markup

LIMIT_BYTES: Final = 500 << 10
"""RFC 9309 §2.5: at least this much is parsed; Google parses no more, and so do we."""
LONGEST_LINE_BYTES: Final = 2083 * 8 - 1  # as Google's parser: what stands behind is not read
DETECTOR: Final = "robots"
_TOKEN: Final = re.compile(rb"[A-Za-z_-]*")
_LINE: Final = re.compile(rb"[^\r\n]+")
_WHITE: Final = b" \t\n\v\f\r"
_AGENT_KEYS: Final = (b"user-agent", b"useragent", b"user agent")
_DISALLOW_KEYS: Final = (b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw")
_PREFERENCE_KEYS: Final = (CONTENT_USAGE, CONTENT_SIGNAL)


@dataclass(frozen=True)
class Line:
    """One ``key: value`` line. *value* stands at octet *at*; *start*, *end*: the whole line without comment."""

    key: bytes
    value: bytes
    at: int
    start: int
    end: int


@dataclass
class _Grouping:
    """Which lines belong to which agents. A user-agent line after a rule begins a new group; groups of one agent merge."""

    lines: list[list[Line]] = field(default_factory=list)
    by_token: dict[str, list[int]] = field(default_factory=dict)
    by_written: dict[str, list[int]] = field(default_factory=dict)
    _open: bool = False  # the last group has agents and no rule yet

    def agent(self, value: bytes) -> None:
        if not self._open:
            self.lines.append([])
            self._open = True
        number = len(self.lines) - 1
        if value[:1] == b"*" and (len(value) == 1 or value[1:2] in (b" ", b"\t")):
            _add(self.by_token, ANYBODY, number)
            return
        token = _TOKEN.match(value)
        _add(self.by_token, _lower(token.group() if token else b""), number)
        for written in {_lower(value), _lower(re.split(rb"[ \t/]", value, maxsplit=1)[0])}:
            _add(self.by_written, written, number)

    def rule(self, line: Line) -> None:
        self._open = False
        if self.lines:
            self.lines[-1].append(line)

    def numbers(self, agent: str) -> tuple[int, ...] | None:
        """The groups of *agent* itself; None where no group names it."""
        name = agent.lower()
        known = self.by_token if agent == ANYBODY or _TOKEN.fullmatch(agent.encode()) else self.by_written
        found = known.get(name)
        return None if found is None else tuple(found)


@dataclass(frozen=True)
class _Rule:
    pattern: Pattern
    answer: str
    line: Line


@dataclass(frozen=True)
class _UseRule:
    """A preference for the paths of *pattern*; its expression stands at octet *at*."""

    pattern: Pattern
    said: tuple[Preference, ...]
    at: int
    shown: str


@dataclass(frozen=True)
class Robots:
    """A parsed file. *doubt*: why it may say more than was read, or None; *cut*: it is longer than `LIMIT_BYTES`."""

    doubt: str | None
    cut: bool
    _source: Octets
    _crawl: _Grouping
    _use: _Grouping
    _stray: tuple[Line, ...]
    _detector: str = DETECTOR
    _merged: dict[tuple[int, ...], list[_Rule]] = field(default_factory=dict, compare=False, repr=False)
    _compiled: dict[tuple[str, tuple[int, ...]], list[_UseRule]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def names(self, agent: str) -> bool:
        """Does a group name *agent* itself?"""
        return self._crawl.numbers(agent) is not None or self._use.numbers(agent) is not None

    def crawl(self, agent: str, path: bytes) -> Statement | None:
        """The rule that decides whether *agent* may fetch *path* (from `path_of`): the longest match, allow before disallow.

        None: no rule matches, which allows. *agent* is a product token, or `ANYBODY` for who is not named.
        """
        if path == b"/robots.txt":
            return None
        rule = next((r for r in self._rules(agent) if r.pattern.matches(path)), None)
        return None if rule is None else self._said(rule.line, self._detector, CRAWL, rule.answer, agent)

    def preferences(self, agent: str, path: bytes) -> tuple[Statement, ...]:
        """What is preferred for uses of *path* by *agent*: of each kind of rule those with the longest matching path, all of
        them where several are equally long (of those that say the same, one). Nothing for a path that may not be fetched (AIPREF attach, Rule Semantics).

        A `Content-Signal` before any group speaks to everybody: there is nobody else it could mean.
        """
        said = self.crawl(agent, path)
        if said is not None and said.answer == DISALLOW:
            return ()
        found: dict[tuple[str, str, str], Statement] = {}
        for kind in _PREFERENCE_KEYS:
            longest = 0
            for rule in self._use_rules(kind, agent):  # the longest first
                if rule.pattern.weight < longest:
                    break
                if rule.pattern.matches(path):
                    longest = rule.pattern.weight
                    for one in rule.said:
                        found.setdefault((kind, one.use, one.answer), self._preferred(kind, rule, one, agent))
        return tuple(found.values())

    def patterns(self, agents: Iterable[str]) -> Iterator[Pattern]:
        """All that decides for which paths something is said to *agents*."""
        for agent in agents:
            yield from (rule.pattern for rule in self._rules(agent))
            for kind in _PREFERENCE_KEYS:
                yield from (rule.pattern for rule in self._use_rules(kind, agent))

    def _preferred(self, kind: str, rule: _UseRule, one: Preference, agent: str) -> Statement:
        span = self._source.span(rule.at + one.start, rule.at + one.end)
        return Statement(f"{self._detector}-{kind}", one.use, one.answer, *span, agent, rule.shown)

    def _use_rules(self, kind: str, agent: str) -> list[_UseRule]:
        numbers = self._numbers(self._use, agent)
        if (kind, numbers) not in self._compiled:
            lines = [line for number in numbers for line in self._use.lines[number]]
            lines += self._stray if kind == CONTENT_SIGNAL else ()
            rules = [_use_rule(kind, line) for line in lines if line.key == kind.encode()]
            self._compiled[kind, numbers] = sorted(rules, key=lambda rule: -rule.pattern.weight)
        return self._compiled[kind, numbers]

    def _rules(self, agent: str) -> list[_Rule]:
        numbers = self._numbers(self._crawl, agent)
        if numbers not in self._merged:
            lines = (line for number in numbers for line in self._crawl.lines[number])
            rules = [rule for line in lines for rule in _compiled(line)]
            self._merged[numbers] = sorted(rules, key=lambda r: (-r.pattern.weight, r.answer == DISALLOW))
        return self._merged[numbers]

    def _numbers(self, grouping: _Grouping, agent: str) -> tuple[int, ...]:
        # Either grouping knows the same names; a name in a group without rules is known all the same.
        own = grouping.numbers(agent)
        return own if own is not None else grouping.numbers(ANYBODY) or ()

    def _said(self, line: Line, detector: str, use: str, answer: str, agent: str) -> Statement:
        span = self._source.span(line.start, line.end)
        return Statement(detector, use, answer, *span, agent, _shown(line.value))


def read_robots(body: bytes, detector: str = DETECTOR) -> Robots:
    """Parse the first `LIMIT_BYTES` of *body*; any bytes at all, and never an exception.

    A line that the limit cuts is not read: half of ``Disallow: /private`` would forbid everything.
    """
    source = octets(body[: LIMIT_BYTES + 3])
    data = source.data[:LIMIT_BYTES]
    cut = len(body) > LIMIT_BYTES
    if cut and not data.endswith((b"\r", b"\n")):
        data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
    crawl, use, stray = _Grouping(), _Grouping(), list[Line]()
    for line in _lines(data):
        if line.key == b"user-agent":
            crawl.agent(line.value)
            use.agent(line.value)
        elif line.key in (b"allow", b"disallow"):
            crawl.rule(line)
            use.rule(line)
        elif use.lines:  # RFC 9309 §2.2.4: other records leave crawl groups alone; to AIPREF they are rules of a group
            use.rule(line)
        elif line.key == CONTENT_SIGNAL.encode():
            stray.append(line)
    return Robots(_doubt(data, source), cut, source, crawl, use, tuple(stray), detector)


def _lines(data: bytes) -> Iterator[Line]:
    """Lines with a key that is known here, keys in their plain spelling."""
    for match in _LINE.finditer(data):
        raw = match.group()[:LONGEST_LINE_BYTES].partition(b"\0")[0].partition(b"#")[0]
        text = raw.strip(_WHITE)
        start = match.start() + len(raw) - len(raw.lstrip(_WHITE))
        key, sign, rest = text.partition(b":")
        if not sign:
            words = text.split()
            if len(words) != 2:
                continue
            key, rest = words[0], text[len(words[0]) :]
        known = _known_key(key.strip(_WHITE).lower())
        if known:
            value = rest.strip(_WHITE)
            at = start + len(text) - len(rest.lstrip(_WHITE))
            yield Line(known, value, at, start, start + len(text))


def _known_key(key: bytes) -> bytes | None:
    if key.startswith(_AGENT_KEYS):
        return b"user-agent"
    if key.startswith(b"allow"):
        return b"allow"
    if key.startswith(_DISALLOW_KEYS):
        return b"disallow"
    return key if key in (b"content-usage", b"content-signal") else None


def _compiled(line: Line) -> Iterator[_Rule]:
    if not line.value:
        return
    answer = ALLOW if line.key == b"allow" else DISALLOW
    yield _Rule(compiled(line.value), answer, line)
    slash = line.value.rfind(b"/")
    if answer == ALLOW and line.value.startswith(b"/index.htm", max(slash, 0)):  # Google's: the directory is meant too
        yield _Rule(compiled(line.value[: slash + 1] + b"$"), answer, line)


def _use_rule(kind: str, line: Line) -> _UseRule:
    pattern, at = without_path(line.value)
    return _UseRule(compiled(pattern), preferences(kind, line.value[at:]), line.at + at, _shown(pattern))


def _doubt(data: bytes, source: Octets) -> str | None:
    if starts_as_markup(data):
        return "the body is a web page"
    if source.width == 1 and b"\0" in data:
        return "the body has NUL bytes and is no UTF-8 text"
    return None


def _add(names: dict[str, list[int]], name: str, number: int) -> None:
    known = names.setdefault(name, [])
    if not known or known[-1] != number:
        known.append(number)


def _lower(name: bytes) -> str:
    return name.decode("utf-8", "replace").lower()


def _shown(value: bytes) -> str:
    return value[:200].decode("utf-8", "replace")
