"""The shape of a quality profile: rules that bound counts of a document, or shares of them, each with its source.

A rule is checked in whole numbers: the sum of its *counts* held against `least` and `most`; where it
has *per*, ppm of the sum of those. Where *per* comes to nothing there is nothing to judge, and the rule passes.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.rule import MARKS
from schemas.words import Words
from schemas.yaml_places import hint, read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Identifier, Text

FOLDER: Final = "packs/quality"
PPM: Final = 1_000_000
MOST_RULES: Final = 63
NOT_TOLD: Final = "not told"
"""In place of a language where the check gave none: it was off, or could not look at the record."""
WORD_CHARS: Final = ("lower", "upper", "letters", "digits", "han", "kana", "hangul", "thai")
NAMES: Final = {"word_chars": WORD_CHARS, "ink": (*WORD_CHARS, "ascii_punct", "cjk_punct", "other_punct", "symbols", "format", "bad")}  # fmt: skip
"""Names that stand for several counts together."""


@dataclass(frozen=True)
class ProfileRule:
    """One bound. *least*, *most*: in the unit of the counts; ppm where *per* is given; both included.

    *source*: where the value stands; *mark*: of schemas.rule.MARKS.
    """

    id: Identifier
    counts: Annotated[tuple[Text, ...], Bounds(least=1)]
    source: Text
    per: tuple[Text, ...] = ()
    least: Annotated[int | None, Bounds(0)] = None
    most: Annotated[int | None, Bounds(0)] = None
    note: Text | None = None

    def columns(self) -> tuple[str, ...]:
        """The counts it reads, names taken apart."""
        return tuple(name for given in (*self.counts, *self.per) for name in NAMES.get(given, (given,)))


@dataclass(frozen=True)
class Profile:
    """Thresholds under one name. *languages*: those it is made for, as the language check names them (``zh`` stands for
    ``zh-Hans`` and ``zh-Hant`` too); empty: any. *left_out*: rules of the source that these counts cannot hold, with the reason.
    """

    profile: Identifier
    version: Text
    title: Words
    source: Text
    mark: Annotated[str, Choice(tuple(MARKS))]
    rules: Annotated[tuple[ProfileRule, ...], Bounds(1, MOST_RULES)]
    languages: tuple[Text, ...] = ()
    left_out: tuple[Text, ...] = ()
    note: Text | None = None

    def made_for(self, language: str) -> bool:
        """Whether its values were chosen for documents of *language*."""
        return not self.languages or language in self.languages or language.partition("-")[0] in self.languages

    def columns(self) -> tuple[str, ...]:
        """Every count that a rule reads, in the order of the alphabet."""
        return tuple(sorted({name for rule in self.rules for name in rule.columns()}))


@dataclass(frozen=True)
class Loaded:
    """A profile and the sha256 of the bytes it was read from."""

    profile: Profile
    digest: str


def names() -> tuple[str, ...]:
    """The profiles of the package."""
    return tuple(
        sorted(p.name.removesuffix(".yaml") for p in (files("schemas") / FOLDER).iterdir() if p.name.endswith(".yaml"))
    )


def load(name: str, known: tuple[str, ...], folder: Path = Path()) -> Loaded:
    """The profile of that name, or of the YAML file *name* from *folder* on; *known*: the counts there are.

    Raises `ConfigError` with every mistake and its line.
    """
    shipped = files("schemas") / FOLDER / f"{name}.yaml"
    if name in names():
        data, path = shipped.read_bytes(), f"{FOLDER}/{name}.yaml"
    else:
        file = folder / name
        try:
            data, path = file.read_bytes(), str(file)
        except OSError as error:
            raise ConfigError(f"profile {name}: {hint(name, names())}, or the path of a YAML file") from error
    return _read(data, path, known)


def _read(data: bytes, path: str, known: tuple[str, ...]) -> Loaded:
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    binding = Binding(path, problems)
    profile = None if placed is None else binding.value(placed, Profile, "profile")
    if placed is not None and profile is not None:
        lines = [item.line for item in placed.value["rules"].value]
        for rule, line in zip(profile.rules, lines, strict=True):
            _judge(rule, line, binding, known)
        if len({rule.id for rule in profile.rules}) < len(profile.rules):
            binding.say(placed.value["rules"].line, "rules: two have one id; give each its own")
    if problems or profile is None:
        raise ConfigError(*problems)
    return Loaded(profile, sha256_hex(data))


def _judge(rule: ProfileRule, line: int, binding: Binding, known: tuple[str, ...]) -> None:
    for name in rule.columns():
        if name not in known:
            binding.say(line, f"rule {rule.id}: no count {name!r}; {hint(name, known)}")
    if rule.least is None and rule.most is None:
        binding.say(line, f"rule {rule.id}: bounds nothing; give least or most")
    if rule.least is not None and rule.most is not None and rule.least > rule.most:
        binding.say(line, f"rule {rule.id}: least {rule.least} is above most {rule.most}; nothing can pass")
