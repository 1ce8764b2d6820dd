"""The words and characters that the search for names goes by: schemas/packs/personal/names.toml, read once a process."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import schemas
from checks.loaded import once
from schemas.canonical import sha256_hex

PACK: Final = Path(schemas.__file__).parent / "packs" / "personal" / "names.toml"


@dataclass(frozen=True)
class Chinese:
    """*common*, *rare*: surnames of one character; *doubtful*: those of them that common words are made of too.

    *given*: characters that given names are made of; *never*: that none holds. *words* begin with a surname and are no name.
    """

    common: frozenset[str]
    rare: frozenset[str]
    compound: tuple[str, ...]
    compound_first: frozenset[str]
    doubtful: frozenset[str]
    given: frozenset[str]
    never: frozenset[str]
    words: frozenset[str]
    fields: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    just_before: frozenset[str]
    just_after: frozenset[str]
    transcribing: str


@dataclass(frozen=True)
class English:
    """Titles, fields and phrases that announce a name; given names; *words* that are part of none; particles inside one."""

    titles: frozenset[str]
    fields: tuple[str, ...]
    phrases: tuple[str, ...]
    given: frozenset[str]
    words: frozenset[str]
    particles: tuple[str, ...]


@cache  # asked for several times a line
def chinese() -> Chinese:
    """The Chinese half."""
    return once(("personal names", "zh"), lambda: _chinese(_told()["zh"]))


@cache
def english() -> English:
    """The English half."""
    return once(("personal names", "en"), lambda: _english(_told()["en"]))


def words_digest() -> str:
    """sha256 of the file in use."""
    return once(("personal names", "digest"), lambda: sha256_hex(PACK.read_bytes()))


def _told() -> Any:
    return tomllib.loads(PACK.read_text(encoding="utf-8"))


def _chinese(told: Any) -> Chinese:
    common = _characters(told["common_surnames"])
    never = _characters(told["never_given"]) - _characters(told["given_despite"])
    return Chinese(
        common=common,
        rare=_characters(told["rare_surnames"]) - common,
        compound=tuple(sorted(told["compound_surnames"], key=lambda name: (-len(name), name))),
        compound_first=frozenset(name[0] for name in told["compound_surnames"]),
        doubtful=_characters(told["doubtful_surnames"]) & (common | _characters(told["rare_surnames"])),
        given=_characters(told["given"]) - never,
        never=never,
        words=frozenset(told["words"].split()),
        fields=frozenset(told["fields"]),
        before=frozenset(told["titles_before"]) | frozenset(told["fields"]),
        after=frozenset(told["titles_after"]) | frozenset(told["verbs_after"]),
        just_before=_characters(told["before_name"]),
        just_after=_characters(told["after_name"]),
        transcribing="".join(sorted(_characters(told["transcribing"]))),
    )


def _english(told: Any) -> English:
    return English(
        titles=frozenset(told["titles"]),
        fields=tuple(told["fields"]),
        phrases=tuple(told["phrases"]),
        given=frozenset(told["given"].split()),
        words=frozenset(told["words"].split()),
        particles=tuple(told["particles"]),
    )


def _characters(text: str) -> frozenset[str]:
    return frozenset("".join(text.split()))
