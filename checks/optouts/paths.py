"""Path and query of a URL, and the patterns of robots.txt over them: RFC 9309 §2.2.2 and §2.2.3, in bytes."""

import re
from dataclasses import dataclass
from typing import Final

_PERCENT_OR_ODD: Final = re.compile(rb"%[0-9A-Fa-f]{2}|[^\x21-\x7e]")
_URL_ODD: Final = re.compile(rb"%[0-9A-Fa-f]{2}|[^\x21-\x7e]|[*$]")
_USUAL: Final = re.compile(r"https?://[^/?#;\s]+(/[\x21\x22\x26-\x29\x2b-\x7e]*)")
"""An address in whose path nothing is to be escaped, unescaped or cut off: most are of this kind."""
_UNRESERVED: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_FREE_IN_QUERY: Final = frozenset(
    b":/?@"
)  # RFC 3986 §3.4: a query may hold them as they stand, so both spellings are one
LONGEST_PATH_BYTES: Final = 64 << 10
"""Of a path that is matched; the rest is cut off. No server takes a request line of this length."""


@dataclass(frozen=True)
class Pattern:
    """A compiled path pattern. *weight*: its octets, escaped, by which the longest match is found."""

    parts: tuple[bytes, ...]  # what stands between the stars; the first is anchored at the path's begin
    anchored: bool
    weight: int

    def matches(self, path: bytes) -> bool:
        """Does it match *path* (from `path_of`)? Leftmost parts first, so time is linear in path and pattern."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.anchored or len(path) == len(first)
        at = len(first)
        for part in rest[:-1] if self.anchored else rest:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        last = rest[-1]
        return not self.anchored or (len(path) - at >= len(last) and path.endswith(last))


def compiled(written: bytes) -> Pattern:
    """The pattern of a rule's value: ``*`` is any run of octets, a last ``$`` the end; everything else is literal.

    The value is escaped as the path is, so that both spellings of one octet are one. An empty value matches all with
    weight 0, which no caller takes for a rule.
    """
    anchored = written.endswith(b"$")
    escaped = _escaped(written, _PERCENT_OR_ODD)
    literal = (escaped[:-1] if anchored else escaped).replace(b"$", b"%24")
    first, *rest = literal.split(b"*")
    middle = [part for part in rest if part]
    if rest and (not rest[-1] or not middle):
        middle.append(b"")  # a star at the end: anything may follow, so an end sign behind it says nothing
    return Pattern((first, *middle), anchored, len(escaped))


def path_of(url: str) -> bytes:
    """Path, parameters and query of *url* as robots.txt matches them: from the first ``/``, without the fragment, escaped.

    As in Google's parser, ``/`` where there is none; unlike it, what is not ASCII is escaped here, and an escaped octet
    that needs no escape is unescaped, as RFC 9309 §2.2.2 asks.
    """
    if (usual := _USUAL.fullmatch(url)) is not None:
        return usual[1][:LONGEST_PATH_BYTES].encode()
    data = url.strip().encode("utf-8", "surrogatepass")
    start = 2 if data.startswith(b"//") else 0
    early = _first_of(data, start)
    scheme = data.find(b"://", start)
    begin = scheme + 3 if scheme >= 0 and not 0 <= early < scheme else start
    path = _first_of(data, begin)
    fragment = data.find(b"#", start)
    if path < 0 or 0 <= fragment < path:
        return b"/"
    raw = data[path : fragment if fragment >= 0 else None][:LONGEST_PATH_BYTES]
    return _escaped(raw if raw.startswith(b"/") else b"/" + raw, _URL_ODD)


def _first_of(data: bytes, start: int) -> int:
    """Where the first of ``/ ? ;`` stands from *start*, or -1."""
    return min((at for at in (data.find(sign, start) for sign in (b"/", b"?", b";")) if at >= 0), default=-1)


def _escaped(data: bytes, odd: "re.Pattern[bytes]") -> bytes:
    path, sign, query = data.partition(b"?")
    one = odd.sub(_one, path)
    return one + sign + odd.sub(_one_in_query, query) if sign else one


def _one(match: "re.Match[bytes]") -> bytes:
    return _spelt(match.group(), _UNRESERVED)


def _one_in_query(match: "re.Match[bytes]") -> bytes:
    return _spelt(match.group(), _UNRESERVED | _FREE_IN_QUERY)


def _spelt(octets: bytes, plain: frozenset[int]) -> bytes:
    if len(octets) == 1:
        return b"%%%02X" % octets[0]
    value = int(octets[1:], 16)
    return bytes((value,)) if value in plain else octets.upper()
