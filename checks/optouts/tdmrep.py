"""TDM Reservation Protocol (W3C Community Group final report): the file at the origin, the header, the page's meta elements.

Reservation 1 is the opt-out of Article 4 of Directive (EU) 2019/790 and is read as a disallow of training, 0 as an allow.
Any other value is a protocol error: the report calls it unset, and here it is `UNKNOWN`, as something was said.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from checks.optouts.header_block import Field
from checks.optouts.markup import Meta
from checks.optouts.paths import Pattern, compiled
from checks.optouts.statements import ALLOW, DISALLOW, TRAIN, UNKNOWN, Statement, combined
from checks.optouts.text_bytes import octets

NAME: Final = "tdm-reservation"
FILE: Final = "tdmrep-file"
HEADER: Final = "tdmrep-header"
META: Final = "tdmrep-meta"
LIMIT_BYTES: Final = 500 << 10
MOST_RULES: Final = 20_000
_ANSWERS: Final = {"0": ALLOW, "1": DISALLOW}
_SPACES: Final = " \t\r\n"


@dataclass(frozen=True)
class Rule:
    """One object of the file: which paths, what it says, and its bytes."""

    pattern: Pattern | None  # None: it names no location
    answer: str
    start: int
    end: int
    location: str


@dataclass(frozen=True)
class TdmFile:
    """A parsed ``tdmrep.json``. *doubt*: why it is none, or None."""

    rules: tuple[Rule, ...]
    doubt: str | None = None

    def reservation(self, path: bytes) -> Statement | None:
        """The first rule, in the file's order, that matches *path* (from `path_of`); None: unset."""
        for rule in self.rules:
            if rule.pattern is not None and rule.pattern.matches(path):
                return Statement(FILE, TRAIN, rule.answer, rule.start, rule.end, rule=rule.location)
        return None


def read_tdmrep(body: bytes) -> TdmFile:
    """Parse the file: an array of {location, tdm-reservation, tdm-policy}. Any bytes, never an exception.

    What is no such array is a doubt and no rules; what is wrong inside one object costs that object alone.
    """
    if len(body) > LIMIT_BYTES:
        return TdmFile((), f"longer than {LIMIT_BYTES} bytes")
    source = octets(body)
    try:
        text = source.data.decode("utf-8")
    except UnicodeDecodeError:
        return TdmFile((), "not UTF-8")
    rules: list[Rule] = []
    try:
        for value, start, end in _elements(text):
            if not isinstance(value, dict):
                return TdmFile(tuple(rules), "an element that is no object")
            if len(rules) == MOST_RULES:
                return TdmFile(tuple(rules), f"more than {MOST_RULES} rules")
            rules.append(_rule(value, *source.span(start, end)))
    except (ValueError, RecursionError):  # json's own errors are ValueErrors
        return TdmFile(tuple(rules), "not an array of JSON objects")
    doubt = "a rule without location" if any(rule.pattern is None for rule in rules) else None
    return TdmFile(tuple(rules), doubt)


def in_headers(found: Iterable[Field]) -> Statement | None:
    """What the header says; of several lines the strictest, which the report leaves open."""
    said = [
        Statement(HEADER, TRAIN, _ANSWERS.get(one.value.decode("latin-1"), UNKNOWN), one.at, one.at + len(one.value))
        for one in found
        if one.name == NAME
    ]
    return _strictest(said)


def in_metas(found: Iterable[Meta]) -> Statement | None:
    """What the page's own meta elements say; of several the strictest."""
    said = [
        Statement(
            META, TRAIN, _ANSWERS.get(meta.content.decode("utf-8", "replace").strip(), UNKNOWN), meta.start, meta.end
        )
        for meta in found
        if meta.name == NAME
    ]
    return _strictest(said)


def _strictest(said: list[Statement]) -> Statement | None:
    answer = combined(statement.answer for statement in said)
    return next((statement for statement in said if statement.answer == answer), None)


def _rule(value: dict[str, Any], start: int, end: int) -> Rule:
    location, reservation = value.get("location"), value.get(NAME)
    # True == 1 in Python, and 1.0 too; in JSON neither is the integer that the report asks for.
    answer = _ANSWERS.get(str(reservation), UNKNOWN) if type(reservation) is int else UNKNOWN
    if not isinstance(location, str) or not location:
        return Rule(None, answer, start, end, "")
    return Rule(compiled(location.encode("utf-8", "surrogatepass")), answer, start, end, location[:200])


def _elements(text: str) -> Iterator[tuple[Any, int, int]]:
    """(value, first byte, last byte + 1) of each element of the array that *text* is."""
    decoder = json.JSONDecoder()
    at = _past_spaces(text, 0)
    if text[at : at + 1] != "[":
        raise ValueError
    at = _past_spaces(text, at + 1)
    counted, octet = 0, 0
    while text[at : at + 1] != "]":
        value, end = decoder.raw_decode(text, at)
        octet += len(text[counted:at].encode())
        start = octet
        octet += len(text[at:end].encode())
        counted = end
        yield value, start, octet
        at = _past_spaces(text, end)
        if text[at : at + 1] == ",":
            at = _past_spaces(text, at + 1)
        elif text[at : at + 1] != "]":
            raise ValueError
    if _past_spaces(text, at + 1) != len(text):
        raise ValueError


def _past_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACES:
        at += 1
    return at
