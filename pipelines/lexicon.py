"""A customer's keyword library as a file of ours: base forms with risk and state, its audit, and its coverage.

It is the customer's regulated asset: the file is written where the customer says and read from there; no ledger, no message
and no report holds a word of it. Form: JSON lines, the first what is known of the whole, then one a word.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from checks.safety.words import LEAST_BYTES, MOST_CHARACTERS
from schemas.canonical import canonical_json, parse_json, sha256_hex
from schemas.errors import ConfigError
from schemas.risks import risk_ids, taxonomy

FORMAT: Final = "corpusledger.lexicon"
NUMBER: Final = 1
IN_USE, COMMON, SHORT, LONG = STATES = ("in-use", "common", "short", "long")
"""Sought; or set aside: too common in reference text, too short for text at large, too long."""
WORD, CURATED = WORD_KINDS = ("word", "curated")
"""A curated word is one that a person looked at and keeps although it is short."""
LEAST_CHARACTERS: Final = 3
MOST_WORDS: Final = 1_000_000


@dataclass(frozen=True, order=True)
class Entry:
    """A base form under one leaf."""

    risk: str
    word: str
    kind: str = WORD
    state: str = IN_USE


@dataclass(frozen=True)
class Audit:
    """What holding the words against reference text gave. *reference*: sha256 over its files; *words* sought there;
    *hits* of all of them, and of those left in use; *documents_hit* by those left.
    """

    reference: str
    documents: int
    limit_ppm: int
    words: int
    hits: int
    hits_left: int
    documents_hit: int


@dataclass(frozen=True)
class Lexicon:
    """A library. *entries* by leaf and word; *coincided*: entries of the files that were the same word again; *empty* ones."""

    entries: tuple[Entry, ...]
    coincided: int = 0
    empty: int = 0
    version: str | None = None
    as_of: str | None = None
    audit: Audit | None = None
    digest: str = field(default="", compare=False)  # sha256 of the file it was read from

    def in_use(self) -> tuple[Entry, ...]:
        """The entries that a run seeks."""
        return tuple(one for one in self.entries if one.state == IN_USE)

    def words_in_use(self) -> int:
        """Base forms among them; a word under two risks is one."""
        return len({one.word for one in self.in_use()})

    def by_risk(self) -> dict[str, int]:
        """Leaf -> words in use, of every leaf in the order of the taxonomy."""
        counts = Counter(one.risk for one in self.in_use())
        return {leaf: counts[leaf] for leaf in risk_ids()}

    def by_state(self) -> dict[str, int]:
        """State -> entries."""
        counts = Counter(one.state for one in self.entries)
        return {state: counts[state] for state in STATES}

    def age_days(self, on: str) -> int | None:
        """Days from `as_of` to *on*, ISO dates; None where it has none."""
        return None if self.as_of is None else (date.fromisoformat(on) - date.fromisoformat(self.as_of)).days

    def outdated(self, on: str) -> bool:
        """Is it older on that day than TC260-003 8.1 asks, or of no known day?"""
        age = self.age_days(on)
        return age is None or age > taxonomy().library.most_days_old

    def coverage(self, on: str) -> dict[str, Any]:
        """What `lexicon show` tells: counts against what is asked for; no word."""
        floors, counts = taxonomy().library, self.by_risk()
        asked = {leaf: taxonomy().floor(leaf) for leaf in counts}
        short = [leaf for leaf, least in asked.items() if least is not None and counts[leaf] < least]
        return {
            "file_sha256": self.digest, "version": self.version, "as_of": self.as_of, "age_days": self.age_days(on),
            "outdated": self.outdated(on), "most_days_old": floors.most_days_old, "words": self.words_in_use(),
            "least_words": floors.least_words, "entries": len(self.entries), "states": self.by_state(),
            "coincided": self.coincided, "empty": self.empty, "mark": floors.mark, "risks_short": short,
            "by_risk": {leaf: {"words": counts[leaf], "least": asked[leaf]} for leaf in counts},
            "audit": None if self.audit is None else vars(self.audit),
        }  # fmt: skip

    def as_bytes(self) -> bytes:
        """The file; the same words give the same bytes."""
        head = {
            "schema": FORMAT, "number": NUMBER, "version": self.version, "as_of": self.as_of, "coincided": self.coincided,
            "empty": self.empty, "audit": None if self.audit is None else vars(self.audit),
        }  # fmt: skip
        lines: list[Mapping[str, Any]] = [head, *(vars(one) for one in sorted(self.entries))]
        return b"".join(canonical_json(dict(line)) + b"\n" for line in lines)


def state_of(word: str, kind: str) -> str:
    """The state of a base form before any audit."""
    if len(word) > MOST_CHARACTERS:
        return LONG
    if len(word.encode()) < LEAST_BYTES or (len(word) < LEAST_CHARACTERS and kind != CURATED):
        return SHORT
    return IN_USE


def lexicon_of(data: bytes, place: str) -> Lexicon:
    """The library that `Lexicon.as_bytes` wrote. Raises `ConfigError` naming the line, never a word."""
    first, *rest = data.splitlines() or [b""]
    try:
        head = parse_json(first)
        if not isinstance(head, dict) or (head.get("schema"), head.get("number")) != (FORMAT, NUMBER):
            raise ValueError
        audit = None if head["audit"] is None else Audit(**head["audit"])
        as_of = None if head["as_of"] is None else date.fromisoformat(head["as_of"]).isoformat()
        known = Lexicon((), int(head["coincided"]), int(head["empty"]), head["version"], as_of, audit, sha256_hex(data))
    except (ValueError, KeyError, TypeError):
        raise ConfigError(
            f"{place}:1: no library of this program; make it with `corpusledger lexicon import`"
        ) from None
    leaves, entries = set(risk_ids()), []
    for number, line in enumerate(rest, 2):
        try:
            one = Entry(**parse_json(line))
            right = one.risk in leaves and one.kind in WORD_KINDS and one.state in STATES
            right = right and one.word != "" and (one.state != IN_USE or state_of(one.word, one.kind) == IN_USE)
        except (ValueError, TypeError):
            right = False
        if not right:
            raise ConfigError(
                f"{place}:{number}: no entry of a library; make the file anew with `corpusledger lexicon import`"
            )
        entries.append(one)
    return Lexicon(
        tuple(sorted(entries)), known.coincided, known.empty, known.version, known.as_of, known.audit, known.digest
    )
