"""Licence evidence in a record's text, with places: references, licence texts, statements; where each speaks for the record."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa

from checks.licence import references, statements, wrapped
from checks.licence.classes import classify
from checks.licence.piece import TEXT, Evidence, telling
from checks.licence.references import Reference
from checks.licence.statements import Statement
from checks.licence.texts import TRIGGER, matches
from checks.triggers import Line, PatternSet, Places, code_points, hit_lines, scan, value_bytes

KINDS: Final = (
    references.SPDX_TAG, references.CC_ADDRESS, references.ADDRESS, references.KEY, references.NOTICE, references.MARKUP,
    TEXT, *statements.KINDS,
)  # fmt: skip
CONFIDENCE_PPM: Final = {
    references.SPDX_TAG: 1_000_000, references.MARKUP: 1_000_000, references.KEY: 950_000, references.CC_ADDRESS: 900_000,
    references.ADDRESS: 850_000, references.NOTICE: 850_000, **dict.fromkeys(statements.KINDS, 800_000),
}  # fmt: skip
"""How far evidence of each kind is trusted where it speaks for the record: an order of our own. A licence text has its containment."""
MENTION_PPM: Final = 300_000

_HEADING: Final = re.compile(
    r"^[ \t]*#+[ \t]*[^。；;\n]{0,30}(?:licen[cs]|terms|usage|copyright|legal|disclaimer|restriction|许可|許可|授权|版权|使用|开源|免责|声明|聲明|限制|协议)[^。；;\n]{0,30}$"
    r"|^[ \t#*=_>0-9.、一二三四五六七八九十（()）-]*(?:(?:(?:data(?:set)?|code|model)\s)?(?:licen[cs](?:e|es|ing)|terms(?:\sof\suse)?|copyright|legal|disclaimer)"
    r"(?:\s(?:and|&|notice|terms|information|agreement))*|(?:数据)?(?:许可(?:证|协议)?|授权(?:说明|协议)?|版权(?:声明|说明)?|使用(?:限制|条款|须知|协议|声明)|免责声明|开源协议))[ \t:：*=_]*$",
    re.IGNORECASE | re.MULTILINE,
)
TRIGGERS: Final = PatternSet(
    (
        *references.TRIGGERS,
        *statements.TRIGGERS,
        ("text", TRIGGER),
    )
)  # fmt: skip
_M: Final = {
    name: TRIGGERS.mask(name)
    for name in ("spdx", "cc", "url", "key", "notice", "markup", "text", "zh.", "zh.wrapped", "en.")
}

_EN: Final = {name: TRIGGERS.mask(name) for name, _ in statements.TRIGGERS if name.startswith("en.")}

_LOOSE: Final = _M["en."] | _M["notice"]

_FIRST_PART, _LAST_PART = 20, (3, 20)  # first 5 %, last 15 %
_AT_LEAST: Final = 100  # code points, so that a short notice is all edge
_SENTENCE_ENDS: Final = (". ", "\n", "。")
_SECTION_BYTES: Final = 1_200  # behind a heading that names the licence
_LONG_LINE: Final = 600  # code points; of a longer line only what lies at the text's edge is read for prose
_MOST_PROSE: Final = 2_000  # lines of one record that are read for prose amid it; ordinary text has a few
_AROUND_BYTES: Final = 240  # beside a line, of a statement that is wrapped
_SHORT_BYTES: Final = 3 * wrapped.LONGEST  # of a line that may have been broken to fit a width
_WHOLE_TEXT: Final = 1 << 18  # bytes of a record compared as a whole with the licence texts; of a longer one, pieces
_PIECE_BYTES: Final = 1 << 14
_METADATA_BYTES: Final = 1 << 13
_TEXT_KINDS: Final = ("text", "notice")
_MOST_AROUND: Final = 256
_LEAST_TEXT: Final = 24  # code points


def find(array: pa.Array, with_engine: str | None = None) -> Iterator[Evidence]:
    """The evidence in each row of *array* (string or large string), by row, start and kind.

    A tag declares where nothing but comment marks stands before it on its line; a key in a metadata block, and markup in
    a page's own source, wherever they are. Everything else declares in the first 5 % or last 15 % of the text (or 100
    code points), under a heading that names the licence, and a statement also where it names the work it stands in
    (本站, this dataset). Elsewhere it is a mention: an embedded work's, a law's or a lesson's own words.
    """
    places = Places(array)
    data, offsets = value_bytes(array)
    lines = _telling(hit_lines(array, scan(array, TRIGGERS, with_engine)), data.data, offsets)
    for row, of_row in groupby(lines, lambda told: told[0].row):
        octets = data.data[int(offsets[row]) : int(offsets[row + 1])]
        read = _Row(row, octets, places).read(of_row)
        yield from sorted(read, key=lambda e: (e.start, e.end, e.kind, e.detail))


_Said = tuple[str, str, str | None, tuple[str, ...]]  # detail, class, expression, ids


def _telling(lines: Iterator[Line], data: memoryview, offsets: np.ndarray) -> Iterator[tuple[Line, int | None]]:
    """The lines without those with only a plain word of the English triggers: most of them; and what `_wanted` says, None: not asked."""
    for line in lines:
        if line.patterns & ~(_LOOSE | _M["zh.wrapped"]):
            yield line, None
            continue
        if not line.patterns & _LOOSE and len(line.value) > _SHORT_BYTES:
            continue
        base = int(offsets[line.row])
        end = min(line.start_byte + len(line.value) + _AROUND_BYTES, int(offsets[line.row + 1]) - base)
        around = bytes(data[base + max(0, line.start_byte - _AROUND_BYTES) : base + end])
        if wanted := _wanted(line.patterns, around.lower(), len(line.value)):
            yield line, wanted


def _wanted(patterns: int, around: bytes, size: int) -> int:
    """Of the bits *patterns*, those that need more than a line and that one of *size* bytes, with what stands *around* it, may bear out."""
    patterns &= _LOOSE if size > _SHORT_BYTES else _LOOSE | _M["zh."]
    if not patterns:
        return 0
    lower, is_broken = wrapped.joined_bytes(around)
    told = _told(patterns & _M["en."])
    wanted = patterns & _M["en."] if told and statements.may_hold(lower, told) else 0
    wanted |= patterns & _M["zh."] if is_broken and wrapped.may_withhold(lower) else 0
    return wanted | (patterns & _M["notice"] if patterns & _M["notice"] and references.may_notice(lower) else 0)


@cache
def _told(patterns: int) -> tuple[str, ...]:
    """The English triggers among *patterns*; they are few, and so are their sets."""
    return tuple(trigger for trigger, bits in _EN.items() if patterns & bits)


class _Row:
    """One row while its hit lines are read in order."""

    def __init__(self, row: int, octets: memoryview, places: Places) -> None:
        self._row, self._octets, self._places = row, octets, places
        self._length = places.length(row)
        self._head = max(self._length // _FIRST_PART, _AT_LEAST)
        self._tail = self._length - max(self._length * _LAST_PART[0] // _LAST_PART[1], _AT_LEAST)
        opening = bytes(octets[:_METADATA_BYTES])
        start = opening.lstrip(b" \t\r\n\xef\xbb\xbf")[:4]
        self._markup = start[:1] == b"<"
        self._searched, self._heading = 0, -2 * _SECTION_BYTES  # headings are looked for once, up to here; the last one
        self._prose = 0
        self._metadata_end = references.metadata_end(opening, len(octets), _WHOLE_TEXT)
        self._texts: list[tuple[int, int]] = []

    def read(self, lines: Iterator[tuple[Line, int | None]]) -> list[Evidence]:
        """The row's evidence, without what lies inside a licence's own text, or markup, and says no more than that does."""
        found: dict[tuple[int, int, str, str], Evidence] = {}
        pieces: list[tuple[int, int]] = []
        for line, wanted in lines:
            text = line.value.decode("utf-8", "replace")
            first = self._places.at(self._row, line.start_byte)
            if line.patterns & _M["text"] and (not pieces or line.start_byte >= pieces[-1][1]):
                pieces.append(self._piece(line))
            for e in self._in_line(line, wanted, text, first):
                found.setdefault((e.start, e.end, e.kind, e.detail), e)
        own = list(found.values())
        texts = [e for start, end in pieces for e in self._licence_texts(start, end, own)]
        around = [*texts, *(e for e in own if e.kind == references.MARKUP)][:_MOST_AROUND]
        return telling(own, texts, around, self._words) if around else own

    def _behind(self, line: Line) -> str:
        """The text behind a line, with the line break."""
        end = line.start_byte + len(line.value)
        return bytes(self._octets[end : end + _AROUND_BYTES]).decode("utf-8", "replace")

    def _words(self, start: int, end: int) -> str:
        """The text between two bytes, without what is cut at either end."""
        return bytes(self._octets[start:end]).decode("utf-8", "ignore")

    def _in_line(self, line: Line, wanted: int | None, text: str, first: int) -> Iterator[Evidence]:
        m = line.patterns
        told: list[Reference | Statement] = []
        if m & _M["spdx"]:
            told += references.tags(text)
        if m & _M["cc"]:
            told += references.cc_addresses(text, self._behind(line))
        if m & _M["url"]:
            told += references.addresses(text)
        if m & _M["markup"] and (self._markup or "<" in text):
            told += (r._replace(speaks=True if self._markup else r.speaks) for r in references.markup(text))
        if m & _M["key"]:
            told += references.keys(text, self._behind(line), line.start_byte < self._metadata_end)
        if m & _M["zh."]:
            told += (s for start, end in self._parts(text, first) for s in statements.chinese(text, start, end))
        yield from self._placed(told, text, first, line.start_byte, line)
        if m & _LOOSE or (m & _M["zh."] and len(line.value) <= _SHORT_BYTES):
            above = bytes(self._octets[max(0, line.start_byte - _AROUND_BYTES) : line.start_byte])
            if wanted is None:
                end = line.start_byte + len(line.value) + _AROUND_BYTES
                wanted = _wanted(m, bytes(self._octets[line.start_byte - len(above) : end]).lower(), len(line.value))
            for start, end in self._parts(text, first) if wanted else ():
                yield from self._in_passage(line._replace(patterns=wanted), text, above, first, start, end)

    def _parts(self, text: str, first: int) -> Iterator[tuple[int, int]]:
        """What of a line is read for prose: all of a short one, the text's edges of a long one, or of very many."""
        if len(text) <= _LONG_LINE:
            self._prose += 1
        if len(text) <= _LONG_LINE and self._prose <= _MOST_PROSE:
            yield 0, len(text)
            return
        head = min(max(0, self._head - first), len(text))
        tail = max(head, self._tail - first)
        yield from ((start, end) for start, end in ((0, head), (tail, len(text))) if start < end)

    def _in_passage(self, line: Line, text: str, above: bytes, first: int, start: int, end: int) -> Iterator[Evidence]:
        """What may be wrapped, statements and notices: looked for in the line with what stands beside it."""
        before, after, byte = "", "", line.start_byte
        if start == 0:
            before = above.decode("utf-8", "ignore")
        if end == len(text):
            last = byte + len(line.value)
            after = bytes(self._octets[last : last + _AROUND_BYTES]).decode("utf-8", "ignore")
        passage = before + text[start:end] + after
        flat = wrapped.joined(passage)
        inner = flat.inner(len(before), len(before) + end - start)
        lower = statements.lower(flat.text)
        told: list[Reference | Statement] = []
        if line.patterns & _M["en."]:
            told += statements.english(lower, *inner, _told(line.patterns & _M["en."]))
        if line.patterns & _M["notice"]:
            told += references.notices(flat.text, lower, *inner)
        if line.patterns & _M["zh."] and flat.places is not None:  # within its line a Chinese one was found there
            found = statements.chinese(flat.text, 0, len(flat.text))
            told += (s for s in found if s.start < inner[0] < s.end or s.start < inner[1] < s.end)
        told = [_outer(one, flat) for one in told]
        byte += len(text[:start].encode()) - len(before.encode())
        yield from self._placed(told, passage, first + start - len(before), byte, line)

    def _placed(
        self, told: list[Reference | Statement], passage: str, first: int, byte: int, line: Line
    ) -> Iterator[Evidence]:
        """What was found in *passage*, which begins at code point *first* and at *byte*, as evidence of the row."""
        at = 0
        for one in sorted(told, key=lambda o: (o.start, o.end)):
            byte += len(passage[at : one.start].encode())
            at = one.start
            start, end = first + one.start, first + one.end
            opens = first + max(passage.rfind(end, 0, one.start) for end in _SENTENCE_ENDS) + 1
            by_place = opens < self._head or end > self._tail or self._under_heading(line.start_byte)
            end_byte = byte + len(passage[one.start : one.end].encode())
            if isinstance(one, Statement):
                said: _Said = (one.name, statements.CLASSES[one.name], f"LicenseRef-{one.name}", ())
                declares = by_place or one.own
            else:
                d = one.said
                said = (d.spdx or d.licence_class, d.licence_class, d.spdx, d.ids)
                declares = by_place if one.speaks is None else one.speaks
            confidence = CONFIDENCE_PPM[one.kind] if declares else MENTION_PPM
            yield Evidence(self._row, start, end, byte, end_byte, one.kind, *said, declares, confidence)

    def _under_heading(self, byte: int) -> bool:
        """Whether a heading that names the licence stands not far before a line or passage that begins at *byte*."""
        if byte < self._searched:
            above = bytes(self._octets[max(0, byte - _SECTION_BYTES) : byte]).decode("utf-8", "ignore")
            return _HEADING.search(above) is not None
        start = max(self._searched, byte - _SECTION_BYTES)
        for heading in _HEADING.finditer(bytes(self._octets[start:byte]).decode("utf-8", "replace")):
            self._heading = start + len(heading.string[: heading.start()].encode())
        self._searched = byte
        return byte - self._heading <= _SECTION_BYTES

    def _piece(self, line: Line) -> tuple[int, int]:
        """The bytes that are compared with the licence texts for this line."""
        size = len(self._octets)
        if size <= _WHOLE_TEXT:
            return 0, size
        return max(0, line.start_byte - _PIECE_BYTES), min(size, line.start_byte + len(line.value) + 4 * _PIECE_BYTES)

    def _licence_texts(self, start: int, end: int, own: list[Evidence]) -> Iterator[Evidence]:
        """Licences' own texts and notices in the bytes *start* to *end*; phrases that name one where *own* has found none."""
        while start and (self._octets[start] & 0xC0) == 0x80:
            start += 1
        text = bytes(self._octets[start:end]).decode("utf-8", "ignore")
        if len(text) < _LEAST_TEXT:
            return
        first = code_points(np.frombuffer(self._octets[:start], np.uint8))
        at, byte = 0, start
        for match in sorted(matches(text), key=lambda m: (m.start, m.end)):
            a, b = first + match.start, first + match.end
            is_phrase = match.kind not in _TEXT_KINDS
            if is_phrase and any(e.start < b and a < e.end for e in own):
                continue
            if match.kind != "text" and any(e.kind == references.NOTICE and e.start <= a and b <= e.end for e in own):
                continue  # a shorter name within the one that was read
            byte += len(text[at : match.start].encode())
            at = match.start
            said = classify(match.licence)
            declares = (
                a < self._head
                or b > self._tail
                or match.whole
                or (b - a) * 2 >= self._length
                or self._under_heading(byte)
            )
            trusted = (
                min(match.containment_ppm, CONFIDENCE_PPM[references.NOTICE]) if is_phrase else match.containment_ppm
            )
            yield Evidence(
                self._row, a, b, byte, byte + len(text[match.start : match.end].encode()), TEXT, said.spdx or said.licence_class,
                said.licence_class, said.spdx, said.ids, declares, trusted if declares else min(MENTION_PPM, trusted),
            )  # fmt: skip


def _outer(one: Reference | Statement, flat: wrapped.Joined) -> Reference | Statement:
    """The same in code points of the passage."""
    start, end = flat.outer(one.start, one.end)
    return one._replace(start=start, end=end)
