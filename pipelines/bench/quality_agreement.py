"""Decisions of datatrove's quality filter and of our Gopher rules over the same texts, and every rule that tells them apart.

Three ways of counting are held against the filter's answer: ours; the filter's tokens under our rules and our lines; the
filter's tokens and lines. The last differs nowhere, or our rules are not its rules. What differs in the first two is told by
rule: documents for which that rule has another answer under our count than under the filter's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from datatrove.data import Document
from datatrove.pipeline.filters import GopherQualityFilter
from datatrove.pipeline.filters.gopher_quality_filter import STOP_WORDS
from datatrove.utils.text import PUNCTUATION_SET, split_into_words

from pipelines.bench.datatrove_scan import TOKENISERS
from schemas.profiles import WORD_CHARS, Profile
from schemas.profiles_judged import failing

Counts = Mapping[str, npt.NDArray[np.int64]]
_TOKENS: Final = ("words", *WORD_CHARS, "tokens", "letter_tokens", "stop_words_en")


def agreement(
    language: str, some: Sequence[str], ours: Counts, profile: Profile, theirs: GopherQualityFilter
) -> dict[str, tuple[float, str]]:
    """Shares of documents decided alike, and by rule how many it answers otherwise under our own counts."""
    answers = np.array([theirs.filter(Document(text=text, id="")) is True for text in some])
    tokens = _tokens(some, language)
    lines = _lines(some)
    own_tokens = {**ours, **tokens}
    all_theirs = {**own_tokens, **lines}
    told = {
        f"gopher_agreement_{language}": (_alike(ours, profile, answers), "share"),
        f"gopher_agreement_own_tokens_{language}": (_alike(own_tokens, profile, answers), "share"),
        f"gopher_agreement_own_tokens_and_lines_{language}": (_alike(all_theirs, profile, answers), "share"),
        f"gopher_kept_{language}": (float(answers.mean()), "share"),
        f"gopher_documents_{language}": (float(len(some)), "documents"),
    }
    for rule in profile.rules:
        wanted = failing(all_theirs, rule)
        for cause, counts in (("", ours), ("_own_tokens", own_tokens)):
            differing = int(np.count_nonzero(failing(counts, rule) != wanted))
            if differing:
                told[f"gopher_differs{cause}_{rule.id}_{language}"] = (float(differing), "documents")
    return told


def _alike(counts: Counts, profile: Profile, answers: npt.NDArray[np.bool_]) -> float:
    fails = np.zeros(len(answers), np.bool_)
    for rule in profile.rules:
        fails |= failing(counts, rule)
    return float(np.mean(~fails == answers))


def _tokens(some: Sequence[str], language: str) -> dict[str, npt.NDArray[np.int64]]:
    """The counts that follow from the filter's own tokens, under our names."""
    rows: list[list[int]] = []
    for text in some:
        words = split_into_words(text, TOKENISERS[language])
        plain = [word for word in words if any(char not in PUNCTUATION_SET for char in word)]
        with_letter = sum(any(char.isalpha() for char in word) for word in words)
        stops = len({*STOP_WORDS} & {*words})
        rows.append([len(plain), sum(map(len, plain)), *[0] * (len(WORD_CHARS) - 1), len(words), with_letter, stops])
    return dict(zip(_TOKENS, np.array(rows, np.int64).T, strict=True))


def _lines(some: Sequence[str]) -> dict[str, npt.NDArray[np.int64]]:
    """Its lines: `str.splitlines`, blank ones too; its bullets and its symbols."""
    found: dict[str, list[Any]] = {
        name: [] for name in ("inked_lines", "bullet_lines", "ellipsis_lines", "hashes", "ellipses")
    }
    for text in some:
        lines = text.splitlines()
        found["inked_lines"].append(len(lines))
        found["bullet_lines"].append(sum(line.lstrip().startswith(("•", "-")) for line in lines))
        found["ellipsis_lines"].append(sum(line.rstrip().endswith(("...", "…")) for line in lines))
        found["hashes"].append(text.count("#"))
        found["ellipses"].append(text.count("...") + text.count("…"))
    return {name: np.array(values, np.int64) for name, values in found.items()}
