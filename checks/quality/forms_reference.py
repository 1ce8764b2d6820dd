"""Forms and repetition of one document in plain Python: slow, read at a glance, and the oracle of the fast kernels.

White space, letters and words are those of `checks/quality/reference.py`. Sources: Rae et al., Scaling Language Models
(Gopher), 2021, A1.1 (stop words, n-grams as datatrove walks them); Penedo et al., FineWeb, 2024 (short lines).
"""

import re
from collections import Counter
from itertools import groupby, pairwise
from typing import Final

from checks.quality.reference import class_of

STOP_WORDS_EN: Final = ("the", "to", "of", "and", "that", "with", "have", "be")
"""Rae et al., Scaling Language Models (Gopher), 2021, A1.1."""
ZH_FUNCTION: Final = "的了是在和有不我这這那也就都而及与與着著或把被为為以"
TERMINAL_POINTS: Final = '.!?。！？…”"』」；;'
BULLETS: Final = "•-‣▶◀◦■□▪▫–●○※·➢"
SHORT_LINE: Final = 30
LINES_KNOWN: Final = 1 << 15
"""Lines that show something of a piece: what is repeated is told within it alone, so that memory is bounded."""
WORDS_OF_PIECE: Final = 1 << 16
LOG_BITS: Final = 16
_STOP: Final = re.compile(rb"(?i)(?<![0-9A-Za-z_])(?:%s)(?![0-9A-Za-z_])" % "|".join(STOP_WORDS_EN).encode())
_SPACES: Final = ("spaces", "newlines")
_OF_A_RUN: Final = ("lower", "upper", "letters", "digits")
_TERMS: Final = ("han", "kana", "hangul", "thai")


def count(text: str | bytes) -> dict[str, int]:
    """Every form and repetition count of one text; each longest ill-formed part of bytes counts as one U+FFFD."""
    raw = text if isinstance(text, bytes) else text.encode()
    chars = raw.decode("utf-8", "replace")
    kinds = [class_of(char) for char in chars]
    return {**_of_tokens(raw, chars, kinds), **_of_lines(raw), **_of_chars(chars), **_of_grams(chars, kinds)}


def log2_steps(n: int) -> int:
    """log2 in 2**-16 of a bit, rounded down step by step: one bit a squaring of a mantissa of 31 bits. *n* > 0."""
    whole = n.bit_length() - 1
    mantissa, log = (n << 31) >> whole, whole
    for _ in range(LOG_BITS):
        mantissa = mantissa * mantissa >> 31
        log, mantissa = log * 2 + (mantissa >> 32), mantissa >> (mantissa >> 32)
    return log


def _of_tokens(raw: bytes, chars: str, kinds: list[str]) -> dict[str, int]:
    tokens = [
        [(char, kind) for _, char, kind in group]
        for is_space, group in groupby(
            ((kind in _SPACES, char, kind) for char, kind in zip(chars, kinds, strict=True)), key=lambda one: one[0]
        )
        if not is_space
    ]
    held = [{kind for _, kind in token} for token in tokens]
    runs = [len(list(group)) for token in tokens for _, group in groupby(char for char, _ in token)]
    return {
        "tokens": len(tokens),
        "letter_tokens": sum(bool(kinds & {"lower", "upper", "letters", *_TERMS}) for kinds in held),
        "capital_tokens": sum("upper" in kinds and not kinds & {"lower", "letters"} for kinds in held),
        "longest_token": max(map(len, tokens), default=0),
        "stop_words_en": len({found.lower() for found in _STOP.findall(raw)}),
        "urls": len(re.findall(r"https?://", re.sub("[^\x00-\x7f]", "\x00", chars), re.IGNORECASE)),
        "hashes": chars.count("#"),
        "curly": chars.count("{") + chars.count("}"),
        "angles": chars.count("<") + chars.count(">"),
        "ellipses": chars.count("...") + chars.count("…"),
        "zh_function": sum(char in ZH_FUNCTION for char in chars),
        "longest_run": max(runs, default=0),
    }


def _of_lines(raw: bytes) -> dict[str, int]:
    found = dict.fromkeys(
        ("terminal_lines", "ellipsis_lines", "bullet_lines", "short_lines", "duplicate_lines", "duplicate_line_chars"),
        0,
    )
    known: set[bytes] = set()
    inked = 0
    for line in raw.split(b"\n"):
        kept, shown = _stripped(line)
        if not shown:
            continue
        if inked % LINES_KNOWN == 0:
            known = set()
        inked += 1
        found["terminal_lines"] += shown[-1] in TERMINAL_POINTS
        found["ellipsis_lines"] += shown.endswith(("…", "..."))
        found["bullet_lines"] += shown[0] in BULLETS
        found["short_lines"] += len(shown) <= SHORT_LINE
        if kept in known:
            found["duplicate_lines"] += 1
            found["duplicate_line_chars"] += len(shown)
        known.add(kept)
    return found


def _stripped(line: bytes) -> tuple[bytes, str]:
    """The bytes of a line without white space at either end, and its code points."""
    told = line.decode("utf-8", "surrogateescape")  # keeps apart what is ill-formed in different ways
    ink = [at for at, char in enumerate(told) if class_of(char) not in _SPACES]
    kept = told[ink[0] : ink[-1] + 1].encode("utf-8", "surrogateescape") if ink else b""
    return kept, kept.decode("utf-8", "replace")


def _of_chars(chars: str) -> dict[str, int]:
    times = Counter(chars)
    whole = len(chars) * log2_steps(len(chars)) if chars else 0
    even = max(0, whole - sum(n * log2_steps(n) for n in times.values()))
    return {"distinct_chars": len(times), "entropy_mbit": (even * 1000 // len(chars)) >> LOG_BITS if chars else 0}


def _of_grams(chars: str, kinds: list[str]) -> dict[str, int]:
    words = _words(chars, kinds)
    found = {"top_2gram_chars": 0, "duplicate_5gram_chars": 0, "duplicate_10gram_chars": 0}
    for start in range(0, len(words), WORDS_OF_PIECE):
        piece = words[start : start + WORDS_OF_PIECE]
        pairs = Counter(pairwise(piece))
        found["top_2gram_chars"] += max(
            ((n, n * len(a + b)) for (a, b), n in pairs.items() if n > 1), default=(0, 0)
        )[1]  # fmt: skip
        for width in (5, 10):
            found[f"duplicate_{width}gram_chars"] += _duplicates(piece, width)
    return found


def _words(chars: str, kinds: list[str]) -> list[str]:
    words: list[str] = []
    for is_run, group in groupby(zip(chars, kinds, strict=True), key=lambda one: one[1] in _OF_A_RUN):
        if is_run:
            words.append("".join(char for char, _ in group))
        else:
            words += [char for char, kind in group if kind in _TERMS]
    return words


def _duplicates(words: list[str], width: int) -> int:
    seen: set[tuple[str, ...]] = set()
    at = repeated = 0
    while at + width <= len(words):
        gram = tuple(words[at : at + width])
        if gram in seen:
            repeated += sum(map(len, gram))
            at += width
        else:
            seen.add(gram)
            at += 1
    return repeated
