"""A set of named expressions that a text is scanned for: the rules that both engines can keep, and its digest."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from schemas.canonical import digest_of

_MOST_PATTERNS: Final = 63  # a hit line's patterns are one bit mask


@dataclass(frozen=True)
class PatternSet:
    r"""Named expressions in the common ground of hyperscan and RE2, over bytes.

    Rules: none matches a line feed (classes that exclude say so: ``[^0-9\n]``); ``^`` is a line's start; ``$``,
    look-arounds and back-references are not used; a character beyond ASCII stands as a literal, never in a class and
    never right before a quantifier.
    """

    patterns: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Refuse more patterns than a mask holds, and an expression that breaks the rule on characters."""
        if len(self.patterns) > _MOST_PATTERNS:
            msg = f"pattern set: {len(self.patterns)} patterns, at most {_MOST_PATTERNS}; split the set"
            raise ValueError(msg)
        for name, expression in self.patterns:
            for inside in re.findall(r"(?<!\\)\[[^\]]*\]", expression):
                if not inside.isascii():
                    msg = f"pattern {name}: a class holds a character beyond ASCII; write an alternation"
                    raise ValueError(msg)
            if re.search(r"[^\x00-\x7f][?*+{]", expression):
                msg = f"pattern {name}: a quantifier follows a character beyond ASCII; put it in a group"
                raise ValueError(msg)

    @cached_property
    def digest(self) -> str:
        """What the set is, for work ids and for the process's cache."""
        return digest_of([list(p) for p in self.patterns])

    @cached_property
    def expressions(self) -> tuple[str, ...]:
        """The expressions over bytes, in ASCII: a character beyond it is its escaped UTF-8 bytes."""
        return tuple(_over_bytes(expression) for _, expression in self.patterns)

    def mask(self, *names: str) -> int:
        """The bits of the patterns so named; all of a family where a name ends in ``.``."""
        bits = 0
        for i, (name, _) in enumerate(self.patterns):
            if any(name == n or (n.endswith(".") and name.startswith(n)) for n in names):
                bits |= 1 << i
        if not bits:
            msg = f"pattern set: none of {names} is in it"
            raise KeyError(msg)
        return bits


def _over_bytes(expression: str) -> str:
    return "".join(c if c.isascii() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in expression)
