"""English names in one line: capitalised words behind a title, a field or a phrase, or that begin with a given name.

A given name alone names nobody in particular, and is reported only behind a cue.
"""

import re
from functools import cache
from typing import Final

from checks.personal.names_words import english
from checks.personal.names_zh import Name

_FIELD_REACH: Final = 24
_MOST_TOKENS: Final = 4
_LETTER: Final = "A-Za-zÀ-ÖØ-öø-ÿ"
_CAPITAL: Final = "A-ZÀ-ÖØ-Þ"
_SHORT: Final = ("dear", "hi", "hello", "my name is", "my name's", "his name is", "her name is", "ask for")
"""Phrases behind which one word is enough."""
_TAILS: Final = ("'s", "’s", "'", "’", "-")
_SCORES_PPM: Final = {"title": 850_000, "field": 850_000, "given": 700_000}


def english_names(line: str) -> list[Name]:
    """Names in *line*, by start and apart. Linear in the line."""
    found: list[Name] = []
    for run in _runs().finditer(line):
        at = run.start()
        if " " not in run[0]:  # most of them
            found += _alone(line, at, run[0])
            continue
        tokens = [(at + m.start(), at + m.end(), m[0]) for m in _tokens().finditer(run[0])]
        found += _in_run(line, tokens)
    return found


def _alone(line: str, at: int, word: str) -> list[Name]:
    words = english()
    if word in words.words or word.rstrip(".") in words.titles or word.endswith("."):
        return []
    cue = _cue(line, at)
    return [_name(at, (at, at + len(word), word), cue)] if cue in ("field", "short") else []


def _in_run(line: str, tokens: list[tuple[int, int, str]]) -> list[Name]:
    words = english()
    found: list[Name] = []
    cue: str | None = None  # None: what ends before `at` says it, once somebody asks
    at = tokens[0][0]
    i = 0
    while i < len(tokens):
        _, end, token = tokens[i]
        bare = token.rstrip(".")
        if bare in words.titles:
            cue, i = "title", i + 1
            continue
        is_word = bare in words.words
        if cue is None and not (is_word and len(bare) > 1):
            cue = _cue(line, at)
        if cue is None or (is_word and not (len(bare) == 1 and token.endswith(".") and cue)):
            # The cue may end with a capitalised word of the run itself: ``Dear John``, ``I am John Smith``.
            cue, at, i = None if line[end : end + 1] == " " else "", end + 1, i + 1
        else:
            stop = _stop(tokens, i)
            how = cue or ("given" if bare in words.given and stop - i > 1 else "")
            least = 1 if cue in ("title", "field", "short") else 2
            if how and stop - i >= least and not _is_shouted(tokens[i:stop], cue):
                found.append(_name(tokens[i][0], tokens[stop - 1], how))
                i = stop
            elif how == "" and bare not in words.given:
                i += 1  # "Meanwhile Alice Walker": the name may begin with the next word
            else:
                i = stop
            cue = ""
    return found


def _name(start: int, last: tuple[int, int, str], how: str) -> Name:
    value = last[2]
    end = last[1]
    if value.endswith(_TAILS):
        end -= len(next(tail for tail in _TAILS if value.endswith(tail)))
    return Name(start, end, _SCORES_PPM.get(how, 750_000), "cue" if how != "given" else "given-name")


def _stop(tokens: list[tuple[int, int, str]], first: int) -> int:
    """The token behind the last of a name that begins with *first*."""
    words = english()
    stop = first
    while stop < len(tokens) and stop - first < _MOST_TOKENS:
        token = tokens[stop][2]
        bare = token.rstrip(".")
        if (bare in words.words and not (len(bare) == 1 and token.endswith("."))) or bare in words.titles:
            break
        stop += 1
    while stop > first + 1 and (tokens[stop - 1][2] in words.particles or tokens[stop - 1][2].endswith(".")):
        stop -= 1
    return stop


def _is_shouted(tokens: list[tuple[int, int, str]], cue: str) -> bool:
    return cue not in ("title", "field") and all(t.isupper() for _, _, t in tokens)


def _cue(line: str, at: int) -> str:
    """What announces a name at *at*: ``field``, ``short`` (one word is enough), ``phrase``, or nothing."""
    if not at or not (line[at - 1].isspace() or line[at - 1] in ":："):
        return ""  # most of them
    before = line[max(0, at - _FIELD_REACH) : at].lower()
    bare = before.rstrip()
    if bare.endswith((":", "：")):
        return "field" if _ends_with(bare[:-1].rstrip(), english().fields) else ""
    if len(bare) == len(before):
        return ""
    bare = bare.rstrip(",")
    if _ends_with(bare, _SHORT):
        return "short"
    return "phrase" if _ends_with(bare, english().phrases) else ""


def _ends_with(text: str, words: tuple[str, ...]) -> bool:
    """Does *text* end with one of *words*, as a word of its own?"""
    if not text.endswith(words):
        return False
    return any(text.endswith(w) and not text[: -len(w)][-1:].isalpha() for w in words)


@cache
def _runs() -> re.Pattern[str]:
    """Capitalised words one behind the other, with initials, particles and titles among them; at most twelve."""
    token = _token()
    inner = f"(?: (?:{'|'.join(english().particles)})(?= )){{0,2}}"
    # Every token begins with a capital. It stands first, what must not stand before it behind it: so the engine runs to the
    # next capital at once, and does not ask at every character what stands before it.
    titles = "|".join(f"(?<={title[0]}){title[1:]}" for title in _titles())
    first = rf"[{_CAPITAL}](?<![{_LETTER}0-9@._/\\-].)(?:(?:{titles})\.|\.|[{_LETTER}'’\-]{{0,30}})"
    return re.compile(rf"{first}(?:{inner} {{1,2}}{token}){{0,11}}(?![{_LETTER}0-9@_])")


@cache
def _tokens() -> re.Pattern[str]:
    return re.compile(rf"{_token()}|(?:{'|'.join(english().particles)})(?= )")


def _titles() -> list[str]:
    """The longest first; each begins with a capital."""
    return sorted(english().titles, key=lambda title: (-len(title), title))


@cache
def _token() -> str:
    return rf"(?:(?:{'|'.join(_titles())})\.|[{_CAPITAL}]\.|[{_CAPITAL}][{_LETTER}'’\-]{{0,30}})"
