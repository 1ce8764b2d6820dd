"""The words of the grounds, by group and language: the list that comes with the program and YAML of the customer's beside it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import schemas
from checks.loaded import once
from schemas.canonical import digest_of, sha256_hex
from schemas.errors import ConfigError
from schemas.words import Words
from schemas.yaml_places import Placed, quoted, read_yaml
from schemas.yaml_shape import Binding, Form, Identifier, Text

PATH: Final = Path(schemas.__file__).parent / "packs" / "fairness" / "grounds.yaml"
GROUNDS: Final = ("ethnicity", "belief", "country", "region", "gender", "age", "occupation", "health")
"""民族、信仰、国别、地域、性别、年龄、职业、健康: the grounds that Article 4(2) names, in its order; its list is open."""
MOST_BYTES: Final = 32
"""Of a word in UTF-8: ten Chinese characters."""
MOST_NAMES_BYTES: Final = 9_000
"""Of the ids of all groups, with eight bytes for each: what a tally holds of them is bounded."""
MOST_SINGLE: Final = 8  # words of one Chinese character
NEGATIVE, NOT_COUNTED = "negative", "not_counted"
_HAN: Final = re.compile(r"[\u4e00-\u9fff]+")
_LATIN: Final = re.compile(r"[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*")
_ID: Final = Form("an id of small letters, digits and '-', at most 32", r"[a-z0-9][a-z0-9-]{0,31}")
_Name = Annotated[str, _ID]


@dataclass(frozen=True)
class InLanguages:
    """Words in Chinese (Han characters alone) and in English (ASCII letters, digits, single spaces or hyphens)."""

    zh: tuple[Text, ...] = ()
    en: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Ground:
    """A ground and its groups. *title*: of one that the program does not know."""

    groups: tuple[tuple[_Name, InLanguages], ...]
    title: Words | None = None


@dataclass(frozen=True)
class LexiconFile:
    """A YAML of grounds, or of what is added to those there are.

    *negative*: words that a sentence with a mention is held against; *not_counted*: words that hold one of the others and mean
    something else; *pronouns*: of the program's own list alone.
    """

    lexicon: Identifier
    version: Text
    grounds: tuple[tuple[_Name, Ground], ...] = ()
    negative: InLanguages = InLanguages()
    not_counted: InLanguages = InLanguages()
    pronouns: tuple[tuple[_Name, InLanguages], ...] = ()


@dataclass(frozen=True)
class Lexicon:
    """All that is sought. *groups*: (ground, group), in order; *titles*: of the grounds; *words*: word, as written in a list,
    -> the numbers of what it stands for: of groups, then of *pronouns*, then `negative_number`; none for what is not counted.
    """

    groups: tuple[tuple[str, str], ...]
    pronouns: tuple[str, ...]
    titles: Mapping[str, Words]
    words: Mapping[str, tuple[int, ...]] = field(repr=False)

    @property
    def grounds(self) -> tuple[str, ...]:
        """The grounds, those of the article first."""
        return tuple(self.titles)

    @property
    def negative_number(self) -> int:
        """The number of negative words."""
        return len(self.groups) + len(self.pronouns)

    @cached_property
    def number_of(self) -> Mapping[tuple[str, str], int]:
        """(ground, group) -> its number."""
        return {one: number for number, one in enumerate(self.groups)}

    @cached_property
    def digest(self) -> str:
        """What it is: in a process's cache the word table stands under it."""
        return digest_of([list(map(list, self.groups)), list(self.pronouns), sorted(self.words.items())])


def lexicon_of(added: tuple[str, ...]) -> Lexicon:
    """The program's list and the texts that `checks.fairness.lexicons` became, each the canonical JSON of one file."""
    key = ("checks.fairness.lexicon", digest_of(list(added)))
    return once(key, lambda: united([_own(), *(read_lexicon(text.encode(), "lexicons") for text in added)]))


def own_digest() -> str:
    """sha256 of the program's own list."""
    return once("checks.fairness.own.digest", lambda: sha256_hex(PATH.read_bytes()))


def plain_form(data: bytes, path: str) -> Any:
    """The values of a YAML that holds a lexicon, for `checks.fairness.lexicons`. Raises ``ConfigError``."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    if placed is None:
        raise ConfigError(*problems)
    read_lexicon(data, path)
    return placed.plain()


def read_lexicon(data: bytes, path: str) -> LexiconFile:
    """Bind the bytes of a lexicon. Raises ``ConfigError`` with every mistake: keys, ids, words that cannot be sought."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    binding = Binding(path, problems)
    file = None if placed is None else binding.value(placed, LexiconFile, "the lexicon")
    if placed is not None and file is not None:
        for word, line in _placed_words(placed):
            if (wrong := _wrong(word)) is not None:
                binding.say(line, f"the word {quoted(word)} {wrong}")
    if problems or file is None:
        raise ConfigError(*problems)
    return file


def united(files: Iterable[LexiconFile]) -> Lexicon:
    """One lexicon of several files; the first is the program's own. Raises ``ConfigError`` where they contradict each other."""
    problems: list[str] = []
    titles: dict[str, Words] = {}
    found: dict[tuple[str, str], list[str]] = {}
    pronouns: dict[str, list[str]] = {}
    negative: list[str] = []
    nothing: list[str] = []
    for number, file in enumerate(files):
        for name, ground in sorted(file.grounds, key=lambda pair: _order(pair[0])):
            if name not in titles and ground.title is None:
                problems.append(
                    f"lexicon {file.lexicon}: the ground {quoted(name)} is new; give it a title in zh and en"
                )
            elif name not in titles and ground.title is not None:
                titles[name] = ground.title
            for group, given in ground.groups:
                found.setdefault((name, group), []).extend((*given.zh, *given.en))
        if number and file.pronouns:
            problems.append(f"lexicon {file.lexicon}: pronouns are the program's own; leave them out")
        for pronoun, given in file.pronouns:
            pronouns.setdefault(pronoun, []).extend((*given.zh, *given.en))
        negative += (*file.negative.zh, *file.negative.en)
        nothing += (*file.not_counted.zh, *file.not_counted.en)
    size = sum(len(group) + 8 for _, group in found)
    if size > MOST_NAMES_BYTES:
        problems.append(f"lexicons: {len(found):,} groups, whose ids take {size:,} bytes; at most {MOST_NAMES_BYTES:,}")
    order = {name: place for place, name in enumerate(titles)}
    groups = tuple(sorted(found, key=lambda one: (order.get(one[0], 0), one[1])))
    lists = [*(found[one] for one in groups), *pronouns.values(), negative]
    words = _numbered(lists, nothing, problems)
    if problems:
        raise ConfigError(*problems)
    return Lexicon(groups, tuple(pronouns), titles, words)


def _numbered(lists: list[list[str]], nothing: list[str], problems: list[str]) -> dict[str, tuple[int, ...]]:
    """Word -> numbers of its lists."""
    numbers: dict[str, set[int]] = {}
    written: dict[str, str] = {}
    for number, words in ((-1, nothing), *enumerate(lists)):
        for word in words:
            plain = word.replace("-", " ")
            before = written.setdefault(plain.lower(), plain)
            if before[0] != plain[0]:
                problems.append(
                    f"lexicons: {quoted(word)} begins once with a capital and once without; write it in one way"
                )
            numbers.setdefault(before, set()).add(number)
    single = [word for word in numbers if len(word) == 1]
    if len(single) > MOST_SINGLE:
        problems.append(f"lexicons: {len(single)} words of one character, at most {MOST_SINGLE}; write longer ones")
    both = sorted(word for word, of in numbers.items() if -1 in of and len(of) > 1)
    problems += [f"lexicons: {quoted(word)} is a word of a list and not counted; take it out of one" for word in both]
    return {word: tuple(sorted(of - {-1})) for word, of in sorted(numbers.items())}


def _own() -> LexiconFile:
    return once("checks.fairness.own", lambda: read_lexicon(PATH.read_bytes(), str(PATH)))


def _order(ground: str) -> tuple[int, str]:
    return (GROUNDS.index(ground) if ground in GROUNDS else len(GROUNDS), ground)


def _wrong(word: str) -> str | None:
    if not (_HAN.fullmatch(word) or _LATIN.fullmatch(word)):
        return "cannot be sought; write Han characters alone, or ASCII letters and digits with single spaces or hyphens"
    if len(word.encode()) > MOST_BYTES:
        return f"is longer than {MOST_BYTES} bytes; write its beginning"
    return "has one letter; write a longer one" if word.isascii() and len(word) < 2 else None


def _placed_words(placed: Placed, depth: int = 0) -> Iterator[tuple[str, int]]:
    """(word, line) of every list of words in the file."""
    if placed.kind == "list":
        yield from ((item.value, item.line) for item in placed.value)
    elif placed.kind == "map":
        for key, item in placed.value.items():
            if depth or key in ("grounds", "pronouns", NEGATIVE, NOT_COUNTED):
                yield from _placed_words(item, depth + 1)
