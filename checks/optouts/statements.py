"""What a site said, where it said it, and how several sayings come to one answer: the words all parsers here share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

VERSION: Final = 1
"""Of the parsers; raised by hand when what they find changes, and part of every statement."""

DISALLOW: Final = "disallow"
ALLOW: Final = "allow"
UNKNOWN: Final = "unknown"
NO_STATEMENT: Final = "no_statement"
ANSWERS: Final = (DISALLOW, UNKNOWN, ALLOW, NO_STATEMENT)
"""In the order in which they win: any disallow; then what nobody knows, which is never a permission; silence is silence."""

CRAWL: Final = "crawl"
TRAIN: Final = "train"
INPUT: Final = "ai-input"
SEARCH: Final = "search"
TRAIN_IMAGES: Final = "train-images"
USES: Final = (CRAWL, TRAIN, INPUT, SEARCH, TRAIN_IMAGES)
"""What a statement is about. AIPREF's `ai-use` and Content Signals' `ai-input` are both INPUT."""

ANYBODY: Final = "*"
"""The agent of a statement that is addressed to all."""


@dataclass(frozen=True, order=True)
class Statement:
    """One thing a site said about one use.

    *start*, *end*: bytes of the evidence's body, or of its header block where *detector* ends in ``-header``. The words
    themselves are not here: the raw bytes are kept by digest and this points into them. *agent*: a product token as it
    was asked for, or `ANYBODY`; *rule*: the path pattern, which is the site's, without the record's own address.
    """

    detector: str
    use: str
    answer: str
    start: int
    end: int
    agent: str = ANYBODY
    rule: str = ""
    version: int = VERSION


def combined(answers: Iterable[str]) -> str:
    """The first of `ANSWERS` that is among *answers*; of none, `NO_STATEMENT`.

    AIPREF vocabulary, Combining Preferences: a single disallow decides; allow only where nothing disallows.
    """
    found = set(answers)
    return next((answer for answer in ANSWERS if answer in found), NO_STATEMENT)
