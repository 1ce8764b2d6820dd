"""A dictionary of structured fields (RFC 9651 §4.2.2) from bytes: members with their kinds and places, or nothing."""

import re
from dataclasses import dataclass
from typing import Final

_KEY: Final = re.compile(rb"[a-z*][a-z0-9_.*-]*")
_ITEM: Final = re.compile(
    rb"(?P<decimal>-?[0-9]{1,12}\.[0-9]{1,3}(?![0-9.]))"
    rb"|(?P<integer>-?[0-9]{1,15}(?![0-9.]))"
    rb'|(?P<string>"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*")'
    rb"|(?P<token>[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*)"
    rb"|(?P<bytes>:[A-Za-z0-9+/]*={0,2}:)"
    rb"|(?P<boolean>\?[01])"
    rb"|(?P<date>@-?[0-9]{1,15}(?![0-9.]))"
    rb'|(?P<display>%"(?:[\x20\x21\x23\x24\x26-\x7e]|%[0-9a-f]{2})*")'
)
_SPACES: Final = re.compile(rb" *")
_BLANKS: Final = re.compile(rb"[ \t]*")
_EMPTY: Final = re.compile(rb"\A *\Z")


@dataclass(frozen=True)
class Member:
    """One key of a dictionary. *kind*: token, integer, decimal, string, bytes, boolean, date, display or list.

    *value*: its bytes as written, parameters aside; *start*, *end*: from the key to the end of its parameters.
    """

    kind: str
    value: bytes
    start: int
    end: int


def dictionary(data: bytes) -> dict[str, Member] | None:
    """The members by key, of a repeated key the last; None where *data* is no dictionary. Never raises."""
    if _EMPTY.match(data):
        return {}
    found: dict[str, Member] = {}
    at, end = _match_end(_SPACES, data, 0), len(data.rstrip(b" "))
    while True:
        key = _KEY.match(data, at)
        if key is None:
            return None
        member = _member(data, key.start(), key.end())
        if member is None:
            return None
        found[key.group().decode()] = member
        at = _match_end(_BLANKS, data, member.end)
        if at >= end:
            return found
        if data[at : at + 1] != b",":
            return None
        at = _match_end(_BLANKS, data, at + 1)
        if at >= end:  # a comma at the end
            return None


def _member(data: bytes, start: int, at: int) -> Member | None:
    if data[at : at + 1] != b"=":
        end = _parameters(data, at)
        return None if end is None else Member("boolean", b"?1", start, end)
    at += 1
    if data[at : at + 1] == b"(":
        inner = _inner_list(data, at)
        end = None if inner is None else _parameters(data, inner)
        return None if inner is None or end is None else Member("list", data[at:inner], start, end)
    item = _ITEM.match(data, at)
    if item is None:
        return None
    end = _parameters(data, item.end())
    return None if end is None else Member(item.lastgroup or "", item.group(), start, end)


def _inner_list(data: bytes, at: int) -> int | None:
    """Where the list that opens at *at* ends."""
    at += 1
    while True:
        at = _match_end(_SPACES, data, at)
        if data[at : at + 1] == b")":
            return at + 1
        item = _ITEM.match(data, at)
        end = None if item is None else _parameters(data, item.end())
        if end is None or data[end : end + 1] not in (b" ", b")"):
            return None
        at = end


def _parameters(data: bytes, at: int) -> int | None:
    """Where ``;key=value`` pairs that begin at *at* end; they have no meaning in any format read here."""
    while data[at : at + 1] == b";":
        key = _KEY.match(data, _match_end(_SPACES, data, at + 1))
        if key is None:
            return None
        at = key.end()
        if data[at : at + 1] == b"=":
            item = _ITEM.match(data, at + 1)
            if item is None:
                return None
            at = item.end()
    return at


def _match_end(pattern: "re.Pattern[bytes]", data: bytes, at: int) -> int:
    match = pattern.match(data, at)
    return match.end() if match else at
