"""Files about a site as the customer's crawler supplies them, found again by host, kind and time. Nothing is fetched.

Raw bytes are the proof: body and header block each have a digest, under which whoever stores objects keeps them.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from schemas.canonical import sha256_hex

ROBOTS: Final = "robots"
TDMREP: Final = "tdmrep"
AI_TXT: Final = "ai-txt"
PAGE: Final = "page"
KINDS: Final = (ROBOTS, TDMREP, AI_TXT, PAGE)
"""/robots.txt; /.well-known/tdmrep.json; /ai.txt; the answer in which the record itself came: its headers and its bytes."""
NO_ANSWER: Final = 0
"""The status of a file for which the server could not be reached at all."""
_PORTS: Final = (":80", ":443")
_PLACE: Final = re.compile(r"sha256:[0-9a-f]{64}")
_AUTHORITY: Final = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//")


@dataclass(frozen=True)
class Supplied:
    """One answer of a server. *host*: ``name`` or ``name:port``; *url*: of a `PAGE`; *fetched_at*: ISO 8601 or 14 digits.

    *status*: of HTTP after redirects, `NO_ANSWER`, or None where the crawler does not say. *headers*: the block of lines
    (`header_block.header_block` makes one of pairs); *body*: as received, content coding undone; None where it was not kept.
    *record_id*: of the WARC record of a `PAGE`, which a text record made from it names.
    """

    kind: str
    host: str
    fetched_at: str
    status: int | None = None
    body: bytes | None = None
    headers: bytes | None = None
    url: str | None = None
    record_id: str | None = None

    @cached_property
    def digests(self) -> tuple[str | None, str | None]:
        """sha256 of (body, header block); None for what was not kept."""
        return tuple(None if part is None else sha256_hex(part) for part in (self.body, self.headers))  # type: ignore[return-value]


class Found(NamedTuple):
    """What there is for one kind at one time: the file, or why there is none."""

    supplied: Supplied | None
    reason: str


class Moment(NamedTuple):
    """The first and last instant a time as written may mean: a date alone is a whole day."""

    first: datetime
    last: datetime


@dataclass(frozen=True)
class Evidence:
    """One set of supplied files. Build with `Evidence.of`; files whose kind or time cannot be read are in *unusable*.

    *hosts*: all that a file is there of, as `host_of` writes them; of others nothing is known.
    """

    unusable: tuple[tuple[int, str], ...] = ()
    hosts: frozenset[str] = frozenset()
    has_pages: bool = False
    _by_key: dict[tuple[str, str], list[tuple[datetime, int, Supplied]]] = field(default_factory=dict)
    _by_id: dict[str, Supplied] = field(default_factory=dict)

    @classmethod
    def of(cls, supplied: Iterable[Supplied]) -> "Evidence":
        """Index *supplied* (in any order: of two files of one place and time the later in digest order counts)."""
        by_key: dict[tuple[str, str], list[tuple[datetime, int, Supplied]]] = {}
        unusable: list[tuple[int, str]] = []
        hosts: set[str] = set()
        by_id: dict[str, Supplied] = {}
        for number, one in enumerate(supplied):
            when = moment(one.fetched_at)
            place = place_of(one)
            if one.kind not in KINDS:
                unusable.append((number, f"kind is none of {', '.join(KINDS)}"))
            elif when is None:
                unusable.append((number, "fetched_at is no time"))
            elif not place:
                unusable.append((number, "no URL" if one.kind == PAGE else "no host"))
            else:
                hosts.add(host_of(one.host))
                if one.record_id:
                    by_id.setdefault(plain_id(one.record_id), one)
                by_key.setdefault((one.kind, place), []).append((when.last, number, one))
        for files in by_key.values():
            files.sort(key=lambda file: (file[0], str(file[2].digests)))
        return cls(tuple(unusable), frozenset(hosts), any(kind == PAGE for kind, _ in by_key), by_key, by_id)

    def of_record(self, record_id: str) -> Supplied | None:
        """The page that the WARC record *record_id* is; of several so named the first supplied."""
        return self._by_id.get(plain_id(record_id))

    def newest(self, kind: str, place: str) -> Found:
        """The newest file: how things stand now."""
        files = self._by_key.get((kind, place))
        return Found(files[-1][2], "") if files else Found(None, "not supplied")

    def as_of(self, kind: str, place: str, collected: Moment | None, oldest: timedelta) -> Found:
        """The newest file that was fetched no later than *collected* and no more than *oldest* before it.

        A record dated by day alone may have been fetched at its end: a file of that day is believed.
        """
        files = self._by_key.get((kind, place))
        if not files:
            return Found(None, "not supplied")
        if collected is None:
            return Found(None, "the record has no date of collection")
        at = bisect_right(files, collected.last, key=lambda file: file[0])
        if at == 0:
            return Found(None, "fetched later than the record")
        fetched, _, one = files[at - 1]
        if collected.first - fetched > oldest:
            return Found(None, "fetched too long before the record")
        return Found(one, "")


def place_of(one: Supplied) -> str:
    """Under which a file is looked for: its host, or of a `PAGE` the digest of its address; "" where it has none."""
    return page_place(one.url or "") if one.kind == PAGE else host_of(one.host)


def page_place(url: str) -> str:
    """The digest that stands for a page's address, which may name a person; a digest stands for itself."""
    text = url.strip()
    return text if not text or _PLACE.fullmatch(text) else "sha256:" + sha256_hex(text.encode("utf-8", "surrogatepass"))


def plain_id(written: str) -> str:
    """A record id without angle brackets: WARC 1.0 and 1.1 differ in whether they belong to a URI."""
    return written.strip().removeprefix("<").removesuffix(">")


def moment(written: str | None) -> Moment | None:
    """ISO 8601 (no zone: UTC), or the 14 digits of crawl indexes; None where it is neither."""
    text = (written or "").strip()
    if len(text) == 14 and text.isascii() and text.isdigit():
        text = f"{text[:8]}T{text[8:]}"
    try:
        first = datetime.fromisoformat(text)
        first = first.replace(tzinfo=UTC) if first.tzinfo is None else first.astimezone(UTC)
        day = len(text) in (8, 10) and "T" not in text and ":" not in text
        return Moment(first, first + timedelta(days=1, microseconds=-1) if day else first)
    except (ValueError, OverflowError):
        return None


def host_of(written: str) -> str:
    """``name`` or ``name:port`` of a URL or host as supplied: lower case, A-labels, no default port, no user; "" for none.

    The scheme is not part of it: http and https of one host are one place here.
    """
    text = written.strip()
    try:
        parts = urlsplit(text if _AUTHORITY.match(text) else f"//{text}")
        name, port = parts.hostname or "", parts.port
        name = name.rstrip(".")
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        return ""
    shown = f"[{name}]" if ":" in name else name
    return shown if not name or port is None or f":{port}" in _PORTS else f"{shown}:{port}"
