"""The starter list: a few plain phrases a risk, and words of the gravest risks that somebody took apart; with their triggers.

The triggers are literals and ride on the one multi-pattern scan; the lines that they name are read by `words_in` and no others.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import schemas
from checks.loaded import once
from checks.safety.words import MOST_CHARACTERS, Found, WordSet, base_form, written
from checks.triggers import PatternSet
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.risks import risk_ids
from schemas.yaml_places import hint, quoted, read_yaml
from schemas.yaml_shape import Binding, Identifier, Text

PATH: Final = Path(schemas.__file__).parent / "packs" / "safety" / "starter.yaml"
LEAST_CHARACTERS: Final = 3
_LONGEST_EXPRESSION: Final = 12_000


def _escaped(form: bytes) -> str:
    return "".join(chr(b) if chr(b).isalnum() and b < 0x80 else f"\\x{b:02x}" for b in form)


_SPACES: Final = ("\u3000", "\u00b7", "\u2022", "\u200b", "\u200c", "\u200d", "\ufeff", "\u2605", "\u25cf")
_GAP_ASCII: Final = r"[ \t*._|/~^+=\-]"
_GAP: Final = rf"(?:{_GAP_ASCII}|{'|'.join(_escaped(c.encode()) for c in _SPACES)}){{1,3}}"
"""What somebody may put between two characters to hide a word; sentence marks, which part clauses, are not of it."""


@dataclass(frozen=True)
class StarterFile:
    """starter.yaml: *words* by leaf, and *apart*, words of a leaf that are sought only taken apart."""

    lexicon: Identifier
    version: Text
    words: tuple[tuple[Text, tuple[Text, ...]], ...]
    apart: tuple[tuple[Text, tuple[Text, ...]], ...] = ()


@dataclass(frozen=True)
class Starter:
    """The list made ready. *risks*, *apart_risks*: the leaf of each word by number."""

    words: WordSet
    risks: tuple[str, ...]
    apart: tuple[str, ...]
    apart_risks: tuple[str, ...]

    @cached_property
    def triggers(self) -> PatternSet:
        """In every line that holds a word or one taken apart: literals, in a few alternations that stay short."""
        literals = [_escaped(form) for form, _ in self.words.forms]
        gaps = [expression for word in self.apart for expression in _apart(word)]
        named = [(f"words.{i}", f"(?i:{one})") for i, one in enumerate(_alternations(literals))]
        return PatternSet((*named, *((f"apart.{i}", one) for i, one in enumerate(_alternations(gaps)))))

    @cached_property
    def _apart_found(self) -> tuple[tuple[re.Pattern[bytes], int], ...]:
        return tuple(
            (re.compile("|".join(_apart(word)).encode("ascii")), number) for number, word in enumerate(self.apart)
        )

    def words_in(self, line: bytes) -> list[Found]:
        """The words in a line, by start."""
        return list(self.words.found_in(line))

    def apart_in(self, line: bytes) -> list[Found]:
        """The words taken apart in a line, each place once; numbers are those of *apart*."""
        return sorted(Found(*hit.span(), number) for seek, number in self._apart_found for hit in seek.finditer(line))


def read_starter(data: bytes, path: str) -> Starter:
    """Bind the bytes of a starter list. Raises `ConfigError` with every problem: keys, leaves, words too short, long or twice."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    file = Binding(path, problems).value(placed, StarterFile, "the list") if placed is not None else None
    if file is not None:
        known, seen = risk_ids(), dict[str, str]()
        for leaf, words in (*file.words, *file.apart):
            if leaf not in known:
                problems.append(f"{path}: no risk {quoted(leaf)}; {hint(leaf, known)}")
            for number, word in enumerate(words, 1):
                base = base_form(word)
                least = 2 if (leaf, words) in file.apart else LEAST_CHARACTERS
                if not least <= len(base) <= MOST_CHARACTERS or base != word.casefold():
                    problems.append(
                        f"{path}: word {number} of {leaf}: no base form of {least} to {MOST_CHARACTERS} characters; write it plainly"
                    )
                if base in seen:
                    problems.append(f"{path}: word {number} of {leaf} stands under {seen[base]} too; keep one")
                seen[base] = leaf
    if problems or file is None:
        raise ConfigError(*problems)
    pairs = [(base_form(word), leaf) for leaf, words in file.words for word in words]
    apart = [(word, leaf) for leaf, words in file.apart for word in words]
    return Starter(
        WordSet(tuple(w for w, _ in pairs)),
        tuple(r for _, r in pairs),
        tuple(w for w, _ in apart),
        tuple(r for _, r in apart),
    )


def starter() -> Starter:
    """The list that comes with the program."""
    return once("checks.safety.starter", lambda: read_starter(PATH.read_bytes(), str(PATH)))


def starter_digest() -> str:
    """sha256 of its bytes."""
    return once("checks.safety.starter.digest", lambda: sha256_hex(PATH.read_bytes()))


def _apart(word: str) -> list[str]:
    """Expressions over bytes: the characters of *word* with a gap between any two of them."""
    return [_GAP.join(_escaped(c.encode()) for c in form) for form in written(word)]


def _alternations(parts: list[str]) -> list[str]:
    """*parts* as few alternations that each stay shorter than an engine takes."""
    made: list[list[str]] = []
    size = _LONGEST_EXPRESSION
    for part in parts:
        if size + len(part) >= _LONGEST_EXPRESSION:
            made.append([])
            size = 0
        made[-1].append(part)
        size += len(part) + 1
    return ["|".join(one) for one in made]
