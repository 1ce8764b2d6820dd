"""Which findings are sensitive, by legal text: a versioned profile, applied when a report is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import schemas
from checks.personal.validators import resident_id
from schemas.canonical import sha256_hex
from schemas.errors import ConfigError
from schemas.rule import MARKS
from schemas.words import Words
from schemas.yaml_places import hint, quoted, read_yaml
from schemas.yaml_shape import Binding, Bounds, Choice, Identifier, Text

PACK: Final = Path(schemas.__file__).parent / "packs" / "personal" / "sensitivity.yaml"
CHILD_YEARS: Final = 14
"""PIPL Art. 28(1) and 31: personal information of minors under 14 is sensitive whatever it is."""


@dataclass(frozen=True)
class Profile:
    """One legal text. *mark*: how well it is known (`schemas.rule.MARKS`); *entities*: sensitive ones; *under_14*: do
    valid resident ids of children count as sensitive whatever the number itself is?
    """

    id: Identifier
    title: Words
    mark: Annotated[str, Choice(tuple(MARKS))]
    entities: tuple[Text, ...]
    under_14: bool
    note: Words | None = None


@dataclass(frozen=True)
class Profiles:
    """A file of profiles."""

    profiles: Identifier
    version: Text
    texts: Annotated[tuple[Profile, ...], Bounds(least=1, most=12)]


def read_profiles(data: bytes, path: str, known: tuple[str, ...]) -> Profiles:
    """The profiles of the YAML *data*; every entity is one of *known*. Raises ``ConfigError`` with lines."""
    problems: list[str] = []
    placed = read_yaml(data, path, problems)
    binding = Binding(path, problems)
    bound = None if placed is None else binding.value(placed, Profiles, "profiles")
    if placed is not None and bound is not None:
        for profile, item in zip(bound.texts, placed.value["texts"].value, strict=True):
            for name, at in zip(profile.entities, item.value["entities"].value, strict=True):
                if name not in known:
                    binding.say(at.line, f"no entity {quoted(name)}; {hint(name, known)}")
    if problems or bound is None:
        raise ConfigError(*problems)
    return bound


def sensitive(profile: Profile, findings: Mapping[str, int]) -> int:
    """Of *findings* (entity -> count), how many *profile* calls sensitive."""
    return sum(count for name, count in findings.items() if name in profile.entities)


def is_child(canonical_id: str, on: date) -> bool:
    """Is the bearer of a valid 18-digit resident id number born by *on*, and under 14 on that day?"""
    digits = resident_id(canonical_id)[6:14]
    born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return born <= on and years < CHILD_YEARS


def profiles_digest() -> str:
    """sha256 of the file in use."""
    return sha256_hex(PACK.read_bytes())
