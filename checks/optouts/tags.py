"""`X-Robots-Tag` and meta robots: `noai` and `noimageai`, for everybody or for one agent.

No standard names them; DeviantArt introduced them in 2022 and others took them up. `noai` is read as a disallow of training,
`noimageai` as one of training on the page's images alone. Google's documentation gives the grammar of both carriers.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from checks.optouts.header_block import Field
from checks.optouts.markup import Meta
from checks.optouts.statements import ANYBODY, DISALLOW, TRAIN, TRAIN_IMAGES, Statement

HEADER: Final = "x-robots-tag"
HEADER_DETECTOR: Final = "x-robots-tag-header"
META_DETECTOR: Final = "robots-meta"
_RULES: Final = {"noai": TRAIN, "noimageai": TRAIN_IMAGES}
_WITH_VALUE: Final = frozenset(("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"))
_PART: Final = re.compile(rb"[^,]+")


def in_headers(found: Iterable[Field], agents: Iterable[str]) -> Iterator[Statement]:
    """What the header lines say to everybody and to *agents*; ``name: rule, rule`` binds all that follows on its line."""
    wanted = {agent.lower(): agent for agent in agents if agent}
    for one in found:
        if one.name != HEADER:
            continue
        scope: str | None = ANYBODY
        for part in _PART.finditer(one.value):
            before, sign, after = part.group().partition(b":")
            name = _word(before)
            rule = name
            if sign and name not in _WITH_VALUE:
                scope, rule = _scope(name, wanted), _word(after)
            if scope is not None and rule in _RULES:
                yield Statement(
                    HEADER_DETECTOR, _RULES[rule], DISALLOW, one.at + part.start(), one.at + part.end(), scope
                )


def in_metas(found: Iterable[Meta], agents: Iterable[str]) -> Iterator[Statement]:
    """What meta elements named ``robots``, or after one of *agents*, say."""
    wanted = {agent.lower(): agent for agent in agents if agent}
    for meta in found:
        scope = _scope(meta.name, wanted)
        if scope is not None:
            words = {_word(part.group()) for part in _PART.finditer(meta.content)}
            for rule in _RULES:
                if rule in words:
                    yield Statement(META_DETECTOR, _RULES[rule], DISALLOW, meta.start, meta.end, scope)


def _scope(name: str, wanted: dict[str, str]) -> str | None:
    return ANYBODY if name in ("robots", ANYBODY) else wanted.get(name)


def _word(part: bytes) -> str:
    return part.decode("utf-8", "replace").strip().lower()
