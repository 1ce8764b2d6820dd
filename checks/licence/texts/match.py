"""Which licence texts lie in a text, and where: shared shingles, then the rules that explain most of them.

1. Terms of the text (`checks.terms`), each to its number, four side by side to a shingle; the index has it or not.
2. A stretch ends where twenty-four terms follow of which none begins a shingle that the index has, or where too many rules come together.
3. In a stretch, each rule's share of its own shingles that lie together (containment; Broder, On the resemblance and
   containment of documents, 1997). Of the rules with enough, greedily those that explain most and lack least.
4. The version of a GNU licence from the words of its passage (`versions`); a name beside its own notice adds nothing.

Work and memory grow with the text and no faster: a stretch is cut where it grows costly. A text that names more licences
than a library's collection of them (`weighing.MOST`) is looked at as far as that, and repetitions from `weighing.MANY` on are passed over.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from checks.licence.texts.packing import KINDS
from checks.licence.texts.store import WIDTH, Index, index, packed_shingles, places_in, whole_hash
from checks.licence.texts.versions import commons, family, is_vague, resolved
from checks.licence.texts.weighing import Spent, counted, has_enough
from checks.terms import shingle_runs

PPM: Final = 1_000_000
_GAP: Final = 24
_LEAST_HITS: Final = 2
_MOST_RULES: Final = 1 << 21  # places of rules that one stretch may bring: more than any licence's own text does
_FEW_HITS: Final = 16
_PIECE, _SHARED = 1 << 20, 1 << 18  # code points read at once, and of them those that the next piece reads again
_MOST_CANDIDATES, _OF_ONE = 96, 12  # rules that are weighed for a stretch, and of them those of one licence
_MOST_MATCHES: Final = 64
_STRAY: Final = 24  # of so many shingles one may stand apart from the rest
_AGAIN: Final = 24  # shingles that nothing explains, from which on they are looked at again
_TITLE: Final = 400  # code points at the head of a licence's text that hold its title
_AROUND: Final = 60  # code points beside a match that may still say "or later"


Places = npt.NDArray[np.int64]


class Match(NamedTuple):
    """One licence found. *licence*: an SPDX expression, LicenseRef-scancode-… where SPDX has no id.

    *containment_ppm*: of the rule's shingles, those found; *start*, *end*: code points of the text, half open.
    *kind*: what was found, of `KINDS`: a licence's text, a notice, a phrase that names it, a line of metadata.
    *whole*: the text is that rule and nothing else.
    """

    licence: str
    containment_ppm: int
    start: int
    end: int
    kind: str
    whole: bool = False


def matches(text: str) -> tuple[Match, ...]:
    """The licences whose texts, notices or phrases lie in *text*, by place; none for none."""
    found, spent = list[Match](), Spent()
    for at in range(0, len(text), _PIECE - _SHARED) if len(text) > _PIECE else (0,):
        piece = text[at : at + _PIECE]
        own = len(piece) if at + _PIECE >= len(text) else _PIECE - _SHARED
        last = found[-1].end if found else 0
        for match in _in_piece(index(), piece, spent):
            if match.start < own and match.start + at >= (last if at else 0):
                found.append(
                    match._replace(
                        start=match.start + at, end=match.end + at, whole=match.whole and len(piece) == len(text)
                    )
                )
        if own == len(piece):
            break
    return _settled(text, found)


def _in_piece(texts: Index, text: str, spent: Spent) -> list[Match]:
    row = pa.array([text.encode("utf-8", "replace")], pa.large_binary()).view(pa.large_string())
    hashes, places, _ = shingle_runs(row, np.zeros(1, np.intp), 1)
    if not len(hashes):
        return []
    terms = _numbers(texts, hashes)
    whole = _whole(texts, terms)
    if whole is not None:
        return [_match(texts, text, places, whole, PPM, 0, len(terms), whole=True)]
    shingles = packed_shingles(terms)
    # One with a term that no rule has is in no rule: half of them, in other text, and looking for one is dear.
    unknown = np.cumsum(np.append(0, terms == 0))
    hits = np.flatnonzero(unknown[WIDTH:] == unknown[:-WIDTH])
    at = places_in(texts.shingles, shingles[hits])
    found_there = np.flatnonzero(texts.shingles[at] == shingles[hits])
    hits, at = hits[found_there], at[found_there]
    found: list[Match] = []
    waiting = [(hits, at)]
    while waiting:
        hits, which = waiting.pop()
        for first, last in _stretches(texts, hits, which):
            if not spent.allows(texts, which[first:last]):
                continue
            left = np.ones(last - first, np.bool_)
            for rule, ppm, start, end in _cover(texts, terms, hits[first:last], which[first:last], left):
                found.append(_match(texts, text, places, rule, ppm, start, end))
            # One licence has more rules than are weighed at once: what none of them explains is looked at again.
            if not left.all() and np.count_nonzero(left) >= _AGAIN:
                waiting.append((hits[first:last][left], which[first:last][left]))
    return sorted(found, key=lambda m: (m.start, -m.end, m.licence))


def _numbers(texts: Index, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint16]:
    """Each term's number in the vocabulary; 0 for one that no rule has."""
    at = places_in(texts.vocabulary, hashes)
    numbers: npt.NDArray[np.uint16] = np.where(texts.vocabulary[at] == hashes, at + 1, 0).astype(np.uint16)
    return numbers


def _whole(texts: Index, terms: npt.NDArray[np.uint16]) -> int | None:
    """The rule that has these very terms."""
    found = whole_hash(terms)
    at = int(np.searchsorted(texts.wholes, np.uint64(found)))
    if at == len(texts.wholes) or int(texts.wholes[at]) != found:
        return None
    rule = int(texts.whole_rules[at])
    return rule if int(texts.lengths[rule]) == len(terms) else None


def _stretches(texts: Index, hits: Places, which: Places) -> Iterator[tuple[int, int]]:
    """Where the stretches begin and end among the hits; a hit alone is none. One is cut where its rules grow too many."""
    rules = np.cumsum(texts.first[which + 1].astype(np.int64) - texts.first[which])
    start = 0
    for end in np.append(np.flatnonzero(np.diff(hits) > _GAP) + 1, len(hits)).tolist():
        while end - start >= _LEAST_HITS:
            most = int(rules[start]) + _MOST_RULES
            cut = min(end, max(start + _LEAST_HITS, int(np.searchsorted(rules, most))))
            yield start, cut
            start = cut
        start = end


def _cover(
    texts: Index, terms: npt.NDArray[np.uint16], hits: Places, which: Places, left: npt.NDArray[np.bool_]
) -> Iterator[tuple[int, int, int, int]]:
    """(rule, containment in ppm, first term, end term) of one stretch. *which*: the shingle at each hit; *left*: which
    hits none explains, made false where one does.
    """
    if len(which) <= _FEW_HITS and not has_enough(texts, which.tolist()):
        return
    rules, of_hit = _rules_of(texts, which)
    fresh = np.zeros(len(which), np.bool_)
    fresh[np.unique(which, return_index=True)[1]] = True
    enough, counts = counted(texts, rules if fresh.all() else rules[fresh[of_hit]])
    if not len(enough):
        return
    weight = _weight(counts, texts.sizes[enough].astype(np.int64))
    enough = enough[np.argsort(-weight, kind="stable")]
    enough = np.sort(enough[_ranks(texts.licences[enough]) < _OF_ONE][:_MOST_CANDIDATES])
    wanted = np.zeros(len(texts.sizes), np.bool_)
    wanted[enough] = True
    chosen = np.flatnonzero(wanted[rules])
    order = np.argsort(rules[chosen], kind="stable")
    at = of_hit[chosen][order].astype(np.int64)
    ends = np.searchsorted(rules[chosen][order], enough, "right").tolist()
    best, first = [], 0
    for rule, last in zip(enough.tolist(), ends, strict=True):
        count = _distinct(which, _copy(texts, rule, hits, at[first:last]))
        best.append((-_weight(count, int(texts.sizes[rule])), -int(texts.relevance[rule]), rule, at[first:last]))
        first = last
    heapify(best)
    given = 0
    while best and given < _MOST_MATCHES:
        weight, relevance, rule, own = heappop(best)
        own = own[left[own]]
        if len(own) < texts.needed[rule]:
            continue
        copy = _copy(texts, rule, hits, own)
        count, size = _distinct(which, copy), int(texts.sizes[rule])
        start, end = int(hits[copy[0]]), int(hits[copy[-1]]) + WIDTH
        if count < texts.needed[rule] or not _has_required(texts, rule, terms[start:end]):
            continue
        if -_weight(count, size) == weight:
            left[copy[0] : copy[-1] + 1] = False
            given += 1
            yield rule, count * PPM // size, start, end
        # Another took part of it, or there may be another copy: it waits for its turn with what is left.
        heappush(best, (-_weight(count, size), relevance, rule, own))


def _ranks(values: npt.NDArray[np.uint16]) -> Places:
    """For each value how many equal ones stand before it."""
    order = np.argsort(values, kind="stable")
    listed = values[order]
    firsts = np.flatnonzero(np.append(True, listed[1:] != listed[:-1]))
    ranks = np.empty(len(values), np.int64)
    ranks[order] = np.arange(len(values)) - np.repeat(firsts, np.diff(np.append(firsts, len(values))))
    return ranks


def _distinct(which: Places, own: Places) -> int:
    return len(set(which[own].tolist()))


def _copy(texts: Index, rule: int, hits: Places, own: Places) -> Places:
    """Of a rule's hits those of one copy."""
    return own[slice(*_densest(hits[own], int(texts.lengths[rule])))]


def _weight(count: Any, size: Any) -> Any:
    """What a rule explains, less twice what it lacks; of numbers or int64 arrays."""
    return 3 * count - 2 * size


def _rules_of(texts: Index, which: Places) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]:
    """The rules of each of the shingles, end to end, and the place in *which* that each is of."""
    starts = texts.first[which].astype(np.int32)
    repeats = texts.first[which + 1].astype(np.int32) - starts
    before = np.cumsum(repeats, dtype=np.int32)
    of_hit = np.repeat(np.arange(len(which), dtype=np.int32), repeats)
    return texts.rules[np.arange(before[-1], dtype=np.int32) + (starts - before + repeats)[of_hit]], of_hit


def _densest(places: Places, length: int) -> tuple[int, int]:
    """Of sorted *places*, the run that is one copy of a rule of *length* terms: not what is scattered before and behind it.

    The most that lie within one and a half times the length say how many there are; the shortest run of nearly as many is it.
    """
    reach = length + length // 2 + 8
    most = len(places)
    if places[-1] - places[0] >= reach:
        most = int((np.searchsorted(places, places + reach) - np.arange(len(places))).max())
    whole = min(most, max(1, length - WIDTH + 1))
    most = whole - whole // _STRAY
    first = int(np.argmin(places[most - 1 :] - places[: len(places) - most + 1]))
    last = first + most
    while last - first < whole and first > 0 and places[first] - places[first - 1] <= _GAP:
        first -= 1
    while last - first < whole and last < len(places) and places[last] - places[last - 1] <= _GAP:
        last += 1
    return first, last


def _has_required(texts: Index, rule: int, terms: npt.NDArray[np.uint16]) -> bool:
    """Whether every phrase stands there that the rule says must."""
    first, last = np.searchsorted(texts.required_rule, (rule, rule + 1)).tolist()
    content = np.ascontiguousarray(terms, "<u2").tobytes()
    for number in range(first, last):
        phrase = texts.required_terms[texts.required_first[number] : texts.required_first[number + 1]]
        if not _lies_in(np.ascontiguousarray(phrase, "<u2").tobytes(), content):
            return False
    return True


def _lies_in(part: bytes, whole: bytes) -> bool:
    at = whole.find(part)
    while at >= 0 and at % 2:
        at = whole.find(part, at + 1)
    return at >= 0


def _match(
    texts: Index, text: str, places: Places, rule: int, ppm: int, start: int, end: int, *, whole: bool = False
) -> Match:
    a, b = int(places[start, 0]), int(places[end - 1, 1])
    licence = texts.expressions[texts.licences[rule]]
    kind = KINDS[texts.kinds[rule]]
    if kind == KINDS[0]:
        licence = commons(licence, text[a : a + _TITLE])
    else:
        licence = resolved(licence, text[a:b], text[max(0, a - _AROUND) : b + _AROUND], ppm == PPM)
    return Match(licence, ppm, a, b, kind, whole)


def _settled(text: str, found: list[Match]) -> tuple[Match, ...]:
    """Without the phrases that only name again, or name without a version, what another match of the same family says."""
    vague = [is_vague(m.licence, text[max(0, m.start - _AROUND) : m.end + _AROUND]) for m in found]
    said = {family(m.licence) for m, v in zip(found, vague, strict=True) if not v} - {None}
    noticed = {family(m.licence) for m, v in zip(found, vague, strict=True) if not v and m.kind in KINDS[:2]} - {None}
    return tuple(
        m for m, v in zip(found, vague, strict=True)
        if family(m.licence) not in (said if v else noticed) or (m.kind in KINDS[:2] and not v)
    )  # fmt: skip
