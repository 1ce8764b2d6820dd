"""Edits of one text: apart, in order, never across the end of a role's span; and where an offset lies before and after."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Edit:
    """*row* of the array, code points [start, end) of the text as it was, and what stands there now."""

    row: int
    start: int
    end: int
    entity: str
    way: str
    text: str


class Hit(NamedTuple):
    """What is to be edited in the text as it was."""

    start: int
    end: int
    entity: str
    way: str
    text: str


@dataclass(frozen=True)
class Spans:
    """The role spans of one record, by start and apart; none: the text is one piece of no role."""

    told: Sequence[Mapping[str, Any]]

    @cached_property
    def _ends(self) -> list[int]:
        return [int(span["end"]) for span in self.told]

    def cut(self, start: int, end: int) -> list[tuple[int, int, str | None]]:
        """[start, end) in pieces (start, end, role) that lie in one span each; what joins two spans is in none."""
        found: list[tuple[int, int, str | None]] = []
        for i in range(bisect_right(self._ends, start), len(self.told)):
            span = self.told[i]
            if span["start"] >= end:
                break
            found.append((max(start, span["start"]), min(end, span["end"]), span["role"]))
        return [piece for piece in found if piece[0] < piece[1]] or [(start, end, None)]


@dataclass(frozen=True)
class Moves:
    """Offsets of one text before and after its *edits* (by start, apart)."""

    edits: Sequence[Edit]

    @cached_property
    def _grown(self) -> list[int]:
        """By how much the text before each edit, and at last before its end, has grown."""
        return list(accumulate((len(e.text) - (e.end - e.start) for e in self.edits), initial=0))

    @cached_property
    def _starts(self) -> list[int]:
        return [e.start for e in self.edits]

    @cached_property
    def _new_ends(self) -> list[int]:
        return [e.start + grown + len(e.text) for e, grown in zip(self.edits, self._grown, strict=False)]

    def new(self, offset: int, *, after: bool = False) -> int:
        """Where an old offset lies now; inside an edit: where that begins or, *after*, ends."""
        i = bisect_left(self._starts, offset) - 1  # the last edit that begins before it
        if i >= 0 and self.edits[i].end > offset:
            edit = self.edits[i]
            return edit.start + self._grown[i] + (len(edit.text) if after else 0)
        return offset + self._grown[i + 1]

    def old(self, offset: int, *, after: bool = False) -> int:
        """Where a new offset lay; inside an edit: where that began or, *after*, ended. *after*: the offset is an end."""
        i = bisect_left(self._new_ends, offset) if after else bisect_right(self._new_ends, offset)
        if i < len(self.edits):
            edit = self.edits[i]
            begins = edit.start + self._grown[i]
            if offset > begins or (offset == begins and not after):
                return edit.end if after else edit.start
        return offset - self._grown[i]

    def touched(self, start: int, end: int) -> Sequence[Edit]:
        """The edits that lie in [start, end) of the old text, at least in part."""
        low = max(0, bisect_left(self._starts, start) - 1)
        return [e for e in self.edits[low : bisect_left(self._starts, end)] if e.end > start]


def new_text(text: str, edits: Iterable[Edit]) -> str:
    """*text* with all *edits* made."""
    pieces, at = [], 0
    for edit in edits:
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*pieces, text[at:]])


def apart(hits: Iterable[Hit]) -> list[Hit]:
    """*hits* by start, those that overlap made one, as the longest of them is edited."""
    found: list[Hit] = []
    for hit in sorted(hits):
        if not found or hit.start >= found[-1].end:
            found.append(hit)
            continue
        last = found.pop()
        longest = max(last, hit, key=lambda h: h.end - h.start)
        found.append(longest._replace(start=last.start, end=max(last.end, hit.end)))
    return found


def edits_of(row: int, hits: Iterable[Hit], spans: Spans) -> list[Edit]:
    """Edits of hits that lie apart; one over several spans stands in the first and leaves nothing in the others."""
    return [
        Edit(row, low, high, hit.entity, hit.way, hit.text if i == 0 else "")
        for hit in hits
        for i, (low, high, _) in enumerate(spans.cut(hit.start, hit.end))
    ]
