"""The entities that this version finds, in the order that breaks a tie, and those that a run declares beside them."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import schemas
from checks.loaded import once
from checks.personal.folding import TRIGGERS as FOLDING
from checks.personal.pack import Entity, read_pack
from checks.triggers import PatternSet
from schemas.canonical import digest_of
from schemas.errors import ConfigError

__all__ = [
    "BUILT_IN",
    "ENTITIES",
    "IP",
    "NAMES",
    "OWN",
    "RESIDENT_ID",
    "Catalogue",
    "Entity",
    "catalogue_of",
    "with_cues",
]

PACK: Final = Path(schemas.__file__).parent / "packs" / "personal" / "recognizers.yaml"
OWN: Final = "own recognizers"
_MOST_TRIGGERS: Final = 62  # of a scan's 63; the last is for cues
_CUE: Final = frozenset(("",))  # no recognizer's key


@dataclass(frozen=True)
class Catalogue:
    """The entities that one run looks for; equal catalogues have equal digests.

    *cues*: an expression for lines that another stage reads, told by the same scan; empty: none. It finds nothing itself.
    """

    entities: tuple[Entity, ...]
    cues: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Presidio's names, each once."""
        return tuple(dict.fromkeys(e.name for e in self.entities))

    @cached_property
    def rank(self) -> dict[str, int]:
        """Recognizer key -> its place, which breaks ties."""
        return {e.key: i for i, e in enumerate(self.entities)}

    @cached_property
    def triggers(self) -> PatternSet:
        """One set for the scan: a pattern a trigger, or a pattern a recognizer where those are too many."""
        return PatternSet(tuple((f"personal.{i}", expression) for i, (expression, _) in enumerate(self._patterns)))

    @cached_property
    def masks(self) -> tuple[int, ...]:
        """By entity, the patterns of `triggers` of which each of its matches holds one."""
        return tuple(
            sum(1 << i for i, (_, keys) in enumerate(self._patterns) if entity.key in keys) for entity in self.entities
        )

    @cached_property
    def folding(self) -> int:
        """The patterns of `triggers` that name a line whose characters are folded before it is read."""
        return self.triggers.mask(*(f"personal.{i}" for i, (_, keys) in enumerate(self._patterns) if not keys))

    @cached_property
    def cued(self) -> int:
        """The pattern of `triggers` that names a line with a cue; 0: there is none."""
        return sum(1 << i for i, (_, keys) in enumerate(self._patterns) if keys == _CUE)

    @cached_property
    def _patterns(self) -> tuple[tuple[str, frozenset[str]], ...]:
        by_trigger: dict[str, set[str]] = {}
        for entity in self.entities:
            for trigger in entity.triggers:
                by_trigger.setdefault(trigger, set()).add(entity.key)
        if len(by_trigger) > _MOST_TRIGGERS - len(FOLDING):
            by_trigger = {"|".join(f"(?:{t})" for t in e.triggers): {e.key} for e in self.entities}
        cues = ((self.cues, _CUE),) if self.cues else ()
        return (*((e, frozenset(keys)) for e, keys in by_trigger.items()), *((e, frozenset()) for e in FOLDING), *cues)

    @cached_property
    def digest(self) -> str:
        """What decides what is found, validators' code apart: expressions, scores, words, in order."""
        return digest_of(
            [
                [e.key, e.name, list(e.expressions), round(e.score * 1_000_000), list(e.triggers), e.detail,
                 list(e.context), e.context_ppm, list(e.labels), e.least_ppm]
                for e in self.entities
            ]
        )  # fmt: skip


def catalogue_of(declared: tuple[str, ...]) -> Catalogue:
    """The built-in entities and those of *declared* (YAML texts, e.g. canonical JSON); made once a process.

    Raises ``ConfigError`` where a text breaks a rule, or takes the id of another recognizer.
    """
    return (
        BUILT_IN if not declared else once(("personal catalogue", digest_of(list(declared))), lambda: _made(declared))
    )


def with_cues(catalogue: Catalogue, cues: str) -> Catalogue:
    """*catalogue* with *cues* looked for in the same scan; made once a process."""
    return once(("personal cues", catalogue.digest, cues), lambda: replace(catalogue, cues=cues))


def _made(declared: tuple[str, ...]) -> Catalogue:
    entities = list(ENTITIES)
    for i, text in enumerate(declared):
        place = f"checks.personal.recognizers[{i}]"
        for entity in read_pack(text.encode(), place):
            if any(entity.key == e.key for e in entities):
                raise ConfigError(f"{place}: the id '{entity.key}' is taken; give the recognizer another")
            entities.append(entity)
    if len(entities) > _MOST_TRIGGERS - len(FOLDING):
        most = _MOST_TRIGGERS - len(FOLDING) - len(ENTITIES)
        raise ConfigError(
            f"checks.personal.recognizers: {len(entities) - len(ENTITIES)} recognizers, at most {most}; join some"
        )
    return Catalogue(tuple(entities))


ENTITIES: Final = read_pack(PACK.read_bytes(), str(PACK))
"""In the order that breaks a tie between findings of one length and score: an id number that passes Luhn is no card."""
BUILT_IN: Final = Catalogue(ENTITIES)
NAMES: Final = BUILT_IN.names
RESIDENT_ID: Final = next(e for e in ENTITIES if e.key == "cn_resident_id")
IP: Final = next(e for e in ENTITIES if e.key == "ip_address")
