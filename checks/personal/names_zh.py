"""Chinese names in one line: a surname, one or two characters that names are made of, and what stands on either side.

No dictionary and no model: points for a cue or a boundary on each side, for the surname and for the given characters; what has
enough of them is a name. A name found once in a line is found wherever it stands in it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from checks.personal.names_words import Chinese, chinese

_HAN: Final = "㐀-䶿一-鿿"
_FILLER: Final = " \t　：:“”\"'「『（(【《"
_LONGEST_WORD: Final = 5
_BOUNDED, _CUED = 2, 5
_ENOUGH: Final = {1: 7, 2: 6}
"""Points that make a name, by how many given characters it has: two say more than one."""


class Name(NamedTuple):
    """A name in a line, in code points, half open. *how*: a closed word, what found it."""

    start: int
    end: int
    score_ppm: int
    how: str


def chinese_names(line: str) -> list[Name]:
    """Names in *line*, by start and apart from each other. Linear in the line."""
    if line.isascii():
        return []
    words = chinese()
    found = list(_transcribed(line))
    found += _native(line, words)
    return apart(found)


def apart(names: list[Name]) -> list[Name]:
    """*names* without those that one begun earlier, or as early and longer, overlaps; by start."""
    if len(names) < 2:
        return names
    kept: list[Name] = []
    for name in sorted(names, key=lambda n: (n.start, -n.end, -n.score_ppm)):
        if not kept or name.start >= kept[-1].end:
            kept.append(name)
    return kept


def _native(line: str, words: Chinese) -> Iterator[Name]:
    """Names of a surname and given characters; the second look is for what the first found elsewhere in the line."""
    known: dict[str, int] = {}
    reach = -1
    waiting: list[tuple[int, int]] = []
    for form in _forms().finditer(line) if "：" in line or ":" in line else ():
        known[form[1]] = _score(_CUED)
        yield Name(form.start(1), form.end(1), known[form[1]], "surname")
    for at in _surnames().finditer(line):
        start = at.start()
        if start < reach:
            continue
        given = at.end()
        if at[0] in words.compound_first:
            given = next((start + len(c) for c in words.compound if line.startswith(c, start)), given)
        end, spare = _best(line, start, given, words)
        if end:
            known[line[start:end]] = _score(spare)
            reach = end
            yield Name(start, end, _score(spare), "surname")
        else:
            waiting.append((start, given))
    if not known:
        return
    for start, given in waiting:
        for length in (2, 1):
            value = line[start : given + length]
            if value in known and len(value) > 2:  # two characters alone are too often part of a word
                yield Name(start, start + len(value), known[value], "surname")
                break


def _score(spare: int) -> int:
    return 500_000 + 50_000 * min(spare, 8)


def _best(line: str, start: int, given: int, words: Chinese) -> tuple[int, int]:
    """(End, points beyond enough) of the best name whose given characters begin at *given*; end 0: none."""
    for n in range(2, _LONGEST_WORD + 1):
        if line[start : start + n] in words.words:
            return 0, 0
    surname = line[start:given]
    left = _left(line, start, words)
    doubt = surname in words.doubtful and left != _CUED  # behind a title it is a surname
    weight = 3 if given - start > 1 else (surname in words.common) - 2 * doubt
    best_end, best_spare = 0, -1
    for length in (2, 1):
        end = given + length
        part = line[given:end]
        if len(part) < length or not words.never.isdisjoint(part) or not all(map(_is_han, part)):
            continue
        spare = left + weight + _given_points(part, words) - _ENOUGH[length]
        if spare + _CUED > best_spare:
            spare += _right(line, end, words)
        if spare > best_spare:
            best_end, best_spare = end, spare
    return best_end, best_spare


def _given_points(part: str, words: Chinese) -> int:
    usual = sum(c in words.given for c in part)
    if len(part) == 1:
        return 1 if usual else -2
    return (-1, 1, 3)[usual]


def _left(line: str, start: int, words: Chinese) -> int:
    if not start:
        return _BOUNDED
    before = line[max(0, start - 10) : start]
    bare = before.rstrip(_FILLER)
    if any(bare[-n:] in words.before for n in range(2, min(7, len(bare) + 1))):
        return _CUED
    return _BOUNDED if not _is_han(before[-1]) or before[-1] in words.just_before else 0


def _right(line: str, end: int, words: Chinese) -> int:
    after = line[end : end + 4]
    if not after:
        return _BOUNDED
    bare = after.lstrip(" 　")
    if any(bare[:n] in words.after for n in range(1, len(bare) + 1)):
        return _CUED
    return _BOUNDED if not _is_han(after[0]) or after[0] in words.just_after else 0


def _transcribed(line: str) -> Iterator[Name]:
    """Names with a middle dot: foreign ones, and those of Uyghurs, Kazakhs, Mongols and Tibetans."""
    if not any(dot in line for dot in DOTS):
        return
    for m in _dotted().finditer(line):
        start = m.start()
        first = re.split(f"[{DOTS}]", m[0], maxsplit=1)[0]
        words = chinese()
        for cut in range(len(first) - 1, 0, -1):  # a title before it may be made of the same characters
            if any(first[max(0, cut - n) : cut] in words.before for n in range(2, 5)):
                start += cut
                break
        yield Name(start, m.end(), 850_000, "transcribed")


DOTS: Final = "·•‧・･"


@cache
def _dotted() -> re.Pattern[str]:
    part = f"[{re.escape(chinese().transcribing)}]"
    return re.compile(f"{part}{{1,7}}(?:[{DOTS}](?:{part}{{1,8}}|[A-Z](?![A-Za-z]))){{1,3}}")


@cache
def _surnames() -> re.Pattern[str]:
    """A surname, or what may begin a compound one, before a Han character that a given name may hold."""
    words = chinese()
    never = "".join(sorted(words.never - {c for name in words.compound for c in name[1:]}))
    return re.compile(f"[{_singles(words)}](?=[{_HAN}])(?![{never}])")


@cache
def _forms() -> re.Pattern[str]:
    """What a field of a form holds: a surname and one or two characters, whatever they are, and then no more."""
    words = chinese()
    fields = "|".join(sorted(words.fields, key=lambda f: (-len(f), f)))
    surname = f"(?:{'|'.join(words.compound)}|[{_singles(words)}])"
    return re.compile(f"(?:{fields})[ \t　]?[:：][ \t　]{{0,3}}({surname}[{_HAN}]{{1,2}})(?![{_HAN}])")


def _singles(words: Chinese) -> str:
    return "".join(sorted(words.common | words.rare | words.compound_first))


def _is_han(c: str) -> bool:
    return "一" <= c <= "鿿" or "㐀" <= c <= "䶿"
