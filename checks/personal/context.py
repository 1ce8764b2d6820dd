"""What stands around a value in its line: a word that confirms it, a label that makes it something else."""

import re
from functools import lru_cache
from typing import Final

from checks.personal.entities import Entity
from checks.personal.folding import NARROW

WINDOW: Final = 40
"""Code points to either side, in the line, in which a word counts."""
_LABEL_REACH: Final = 24
_FILLER: Final = (
    r"(?:[号码编单代码流水：:#＃=为是\s\"'“”(（\[【_.\-]|(?<![a-z])(?:no|number|id|code|num|is)(?![a-z])){0,8}\Z"
)


def weighed(entity: Entity, score_ppm: int, line: str, start: int, end: int) -> int:
    """The score of what stands in *line* from *start* to *end*: 0 behind a label, raised beside a word, else *score_ppm*.

    A pure function of the 40 code points to either side, folded: no tokens, so it works in Chinese and in any mixture.
    """
    if not entity.context and not entity.labels:
        return score_ppm
    before = line[max(0, start - WINDOW) : start].translate(NARROW).lower()
    if entity.labels and _labels(entity.labels).search(before, max(0, len(before) - _LABEL_REACH)):
        return 0
    if score_ppm >= entity.context_ppm:
        return score_ppm
    words = _words(entity.context)
    if words.search(before) or words.search(line[end : end + WINDOW].translate(NARROW).lower()):
        return entity.context_ppm
    return score_ppm


@lru_cache(maxsize=128)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_word, words)))


@lru_cache(maxsize=128)
def _labels(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(_word, words))}){_FILLER}")


def _word(word: str) -> str:
    """A Latin word stands alone, with a blank, hyphen or underscore for each blank; a Han word stands anywhere."""
    escaped = re.escape(word.lower()).replace(r"\ ", "[ _-]?")
    return f"(?<![a-z]){escaped}(?![a-z])" if word.isascii() else escaped
