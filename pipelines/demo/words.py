"""Composes documents of the demo corpus from hand-written sentences: the same ones on every machine and Python."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple, TypeVar

T = TypeVar("T")
SLOT = re.compile(r"\{(\w+)\}")


class Writing(NamedTuple):
    """One composed document. *lines*: its sentences in order."""

    title: str
    lines: tuple[str, ...]
    joint: str  # what stands between two sentences of a paragraph

    @property
    def text(self) -> str:
        """Title and body as plain text."""
        return f"{self.title}\n\n{self.body}"

    @property
    def body(self) -> str:
        """Two paragraphs."""
        half = (len(self.lines) + 1) // 2
        return "\n".join(self.joint.join(part) for part in (self.lines[:half], self.lines[half:]) if part)


class Draw:
    """A stream of choices that follows from *seed* alone; `random` promises no such thing across Python versions."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn = 0

    def below(self, bound: int) -> int:
        """A whole number from 0 to *bound* - 1."""
        self._drawn += 1
        return int.from_bytes(hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).digest()[:8], "big") % bound

    def one(self, of: Sequence[T]) -> T:
        """One of *of*."""
        return of[self.below(len(of))]

    def some(self, of: Sequence[T], count: int) -> list[T]:
        """*count* different ones of *of*, in their own order."""
        places = list(range(len(of)))
        chosen = sorted(places.pop(self.below(len(places))) for _ in range(count))
        return [of[i] for i in chosen]


@dataclass(frozen=True)
class Stock:
    """The sentences of one language: topic -> titles and sentences, and what fills their slots."""

    joint: str
    slots: Mapping[str, Sequence[str]]
    topics: Mapping[str, Mapping[str, Sequence[str]]]

    def writing(self, seed: str, topic: str | None = None) -> Writing:
        """The document of *seed*: a title and five to eight sentences on *topic* (or on one that the seed chooses)."""
        draw = Draw(seed)
        chosen = self.topics[topic or draw.one(sorted(self.topics))]
        title = self._filled(draw.one(chosen["titles"]), draw)
        lines = draw.some(chosen["sentences"], 5 + draw.below(4))
        return Writing(title, tuple(self._filled(line, draw) for line in lines), self.joint)

    def _filled(self, sentence: str, draw: Draw) -> str:
        filled = SLOT.sub(lambda slot: draw.one(self.slots[slot[1]]), sentence)
        return filled[0].upper() + filled[1:]


@cache
def stock(language: str) -> Stock:
    """The stock of ``en`` or ``zh``."""
    written = tomllib.loads(resources.files(__package__).joinpath(f"stock_{language}.toml").read_text(encoding="utf-8"))
    return Stock(" " if language == "en" else "", written["slots"], written["topics"])
