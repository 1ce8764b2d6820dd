"""Names of persons, a stage apart from the recognizers: which lines and rows are read for them, and what is found there.

Names have no check digit and no fixed form, so nothing here takes part in `verify` or in comparisons with plain Presidio.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.personal.entities import Entity
from checks.personal.names_en import english_names
from checks.personal.names_zh import DOTS, Name, apart, chinese_names
from checks.personal.sampled import sampled_rows
from checks.personal.spot import Spotted
from checks.triggers import Line, Places, value_bytes

PERSON: Final = "PERSON"
OFF, CUED, FULL = "off", "cued", "full"
MODES: Final = (OFF, CUED, FULL)
"""Nothing is read; lines with another finding or with a cue, and sampled rows; everything."""
SAMPLE_BYTES: Final = 1 << 16
"""Of a sampled row, how much is read for the estimate."""
_WIDE_BYTES: Final = 64
"""Of a long line, how much is read to either side of a finding or a cue."""
_BEFORE: Final = 16
_LINE_FEED: Final = b"\n"
CUES: Final = (
    "(?:姓名|联系人|收件人|收货人|法定代表人|户名|持卡人|原告|被告)(?:：|:)"
    r"|(?:Mr|Mrs|Ms|Dr|Prof)\. [A-Z]|(?:[Nn]ame|[Ss]igned by|[Cc]ontact|[Aa]ttn): ?[A-Z]"
)
"""Words that announce a name, for the shared scan (`checks.triggers`): few and telling, for each line of them is read."""
_TITLES: Final = ("Mr", "Mrs", "Ms", "Dr", "Prof")
_FIELDS: Final = ("Name", "name", "Signed by", "signed by", "Contact", "contact", "Attn", "attn")
_FORMS: Final = ("姓名", "联系人", "收件人", "收货人", "法定代表人", "户名", "持卡人", "原告", "被告")
_WORDS: Final = tuple(word.encode() for word in (*_TITLES, *_FIELDS, *_FORMS))  # of `CUES`


class People(NamedTuple):
    """*found*: by row and start, apart from each other and from other findings. *lines*: how many lines were read for names.

    *sampled*: rows drawn for the estimate, *sampled_with*: those of them with a name.
    """

    found: list[Spotted]
    lines: int
    sampled: int
    sampled_with: int


def people(
    texts: pa.Array, others: Sequence[Spotted], cued: Iterable[Line], mode: str, sample_ppm: int, key_id: str | None,
    model: str | None = None,
) -> People:  # fmt: skip
    """Names in *texts* (string or large string; null rows hold none).

    *others*: findings of the recognizers in them, which a name never overlaps. *cued*: lines with a cue. *model*: as
    `checks.personal.names_model` takes it, beside the rules.
    """
    if mode == OFF:
        return People([], 0, 0, 0)
    data, offsets = value_bytes(texts)
    taken = _taken(others)
    spans = _every_line(data, offsets) if mode == FULL else _chosen(data, offsets, others, cued)
    places, found, lines = Places(texts), list[Spotted](), 0
    for row, begin, end, whole in spans:
        lines += 1
        text = _text(data, int(offsets[row]) + begin, int(offsets[row]) + end)
        names = _names(text, model, whole)
        point = places.at(row, begin) if names else 0
        at, byte = 0, begin
        for name in names:
            start, stop = point + name.start, point + name.end
            if _overlaps(taken.get(row, ()), start, stop):
                continue
            value = text[name.start : name.end]
            byte, at = byte + len(text[at : name.start].encode()), name.start
            size = len(value.encode())
            before = text[max(0, at - _BEFORE) : at]
            found.append(Spotted(row, start, stop, byte, byte + size, entity(name.how), name.score_ppm, value, before))
    if mode == FULL:
        return People(found, lines, len(texts), len({name.row for name in found}))
    rows = np.flatnonzero(sampled_rows(texts, sample_ppm, key_id)).tolist()
    return People(
        found, lines, len(rows), sum(_has_name(data, offsets, row, taken.get(row, ()), model) for row in rows)
    )


def canonical_name(value: str) -> str:
    """What the HMAC is over: NFC; a name with Han characters without blanks and with one kind of dot, others casefolded."""
    if value.isascii():
        return " ".join(value.casefold().split())
    composed = unicodedata.normalize("NFC", value)
    if any("㐀" <= c <= "鿿" for c in composed):
        return re.sub(f"[{DOTS}]", "·", "".join(composed.split()))
    return " ".join(composed.casefold().replace("’", "'").split())


@cache
def entity(how: str) -> Entity:
    """The entity PERSON as *how* found it: ``surname``, ``transcribed``, ``cue``, ``given-name`` or ``model``."""
    return Entity(
        key=f"person_{how}", name=PERSON, title=None, expressions=(), score=0.5, triggers=(), alphabet=(),
        canonical=canonical_name, validate=lambda _: None, detail=how, context=(), context_ppm=0, labels=(), least_ppm=0,
    )  # fmt: skip


def _names(text: str, model: str | None, whole: tuple[bool, bool]) -> list[Name]:
    """Names in one line or a cut of one; *whole*: do its ends stand in the text, so that a name may touch them?"""
    found = chinese_names(text) + english_names(text)
    if model is not None:
        from checks.personal.names_model import model_names

        found += model_names(text, model)
    return [n for n in apart(found) if (whole[0] or n.start > 0) and (whole[1] or n.end < len(text))]


def _has_name(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    row: int,
    taken: Sequence[tuple[int, int]],
    model: str | None,
) -> bool:
    begin, end = int(offsets[row]), int(offsets[row + 1])
    cut = _on_character(data, begin, min(end, begin + SAMPLE_BYTES))
    point = 0
    for line in _text(data, begin, cut).split("\n"):
        for name in _names(line, model, (True, True)):
            if not _overlaps(taken, point + name.start, point + name.end):
                return True
        point += len(line) + 1
    return False


def _every_line(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]
) -> Iterator[tuple[int, int, int, tuple[bool, bool]]]:
    """(Row, start byte, end byte, whole) of every line that is not empty."""
    for row in range(len(offsets) - 1):
        begin, end = int(offsets[row]), int(offsets[row + 1])
        feeds = np.flatnonzero(data[begin:end] == _LINE_FEED[0]).tolist()
        at = 0
        for feed in (*feeds, end - begin):
            if feed > at:
                yield row, at, feed, (True, True)
            at = feed + 1


def _chosen(
    data: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], others: Sequence[Spotted], cued: Iterable[Line]
) -> list[tuple[int, int, int, tuple[bool, bool]]]:
    """(Row, start byte, end byte, whole) of lines, or cuts of long ones, around findings and cues; in order and apart."""
    wanted = [(one.row, one.start_byte, one.end_byte) for one in others]
    for line in cued:
        wanted += [(line.row, line.start_byte + start, line.start_byte + end) for start, end in cues_in(line.value)]
    spans: list[tuple[int, int, int, tuple[bool, bool]]] = []
    for row, start, end in sorted(wanted):
        base, stop = int(offsets[row]), int(offsets[row + 1])
        if spans and spans[-1][0] == row and start >= spans[-1][1] and end <= spans[-1][2]:
            continue
        low, at_start = _line_start(data, base, base + start)
        high, at_end = _line_end(data, base + end, stop)
        if spans and spans[-1][0] == row and low - base <= spans[-1][2]:
            before = spans.pop()
            spans.append(
                (
                    row,
                    before[1],
                    max(before[2], high - base),
                    (before[3][0], at_end if high - base >= before[2] else before[3][1]),
                )
            )
        else:
            spans.append((row, low - base, high - base, (at_start, at_end)))
    return spans


def _line_start(data: npt.NDArray[np.uint8], base: int, at: int) -> tuple[int, bool]:
    low = max(base, at - _WIDE_BYTES)
    feed = data[low:at].tobytes().rfind(_LINE_FEED)
    return (low + feed + 1, True) if feed >= 0 else (_on_character(data, base, low), low == base)


def _line_end(data: npt.NDArray[np.uint8], at: int, stop: int) -> tuple[int, bool]:
    high = min(stop, at + _WIDE_BYTES)
    feed = data[at:high].tobytes().find(_LINE_FEED)
    return (at + feed, True) if feed >= 0 else (_on_character(data, at, high) if high < stop else high, high == stop)


def _on_character(data: npt.NDArray[np.uint8], least: int, at: int) -> int:
    """The last place at or before *at*, not before *least*, where a character begins."""
    while at > least and at < len(data) and data[at] & 0xC0 == 0x80:
        at -= 1
    return at


def _text(data: npt.NDArray[np.uint8], begin: int, end: int) -> str:
    return data[begin:end].tobytes().decode("utf-8", "surrogatepass")


def _taken(others: Sequence[Spotted]) -> dict[int, list[tuple[int, int]]]:
    taken: dict[int, list[tuple[int, int]]] = {}
    for one in others:
        taken.setdefault(one.row, []).append((one.start, one.end))
    return taken


def _overlaps(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Does any of *taken*, which are sorted and apart, overlap?"""
    low, high = 0, len(taken)
    while low < high:
        middle = (low + high) // 2
        if taken[middle][1] <= start:
            low = middle + 1
        else:
            high = middle
    return low < len(taken) and taken[low][0] < end


def cues_in(line: bytes) -> list[tuple[int, int]]:
    """Where `CUES` matches in *line* (UTF-8): start and end byte, in order and apart, as ``re.finditer`` has them.

    Sought by the sign behind each word, which is rarer than the words' first letters. No word holds a sign or ends another.
    """
    found: list[tuple[int, int]] = []
    for m in _signs().finditer(line):
        start = m.start() - next(len(word) for word in _WORDS if line.endswith(word, 0, m.start()))
        if not found or start >= found[-1][1]:  # what ends one match begins no other
            found.append((start, m.end()))
    return found


@cache
def _signs() -> re.Pattern[bytes]:
    titles, fields = (
        "|".join(f"(?<={word}{sign})" for word in words) for words, sign in ((_TITLES, "[.]"), (_FIELDS, ":"))
    )
    named, wide = ("|".join(f"(?<={word}{sign})" for word in _FORMS) for sign in (":", "："))
    return re.compile(f"[.](?:{titles}) [A-Z]|:(?:(?:{fields}) ?[A-Z]|{named})|：(?:{wide})".encode())
