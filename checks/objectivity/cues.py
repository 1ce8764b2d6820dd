"""In which manner a text speaks: reference, reporting, opinion, promotion, users' words; by its kind of content and by cues.

The kind of content (`checks.scale`) goes first: an encyclopaedia is reference, a forum users' words; opinion may stand on news
sites and in forums too. Where no kind is known, the wording and the forms of address of the first 1,500 code points are
added up: a manner is told from 3 on, 3 ahead of any other. How often that is right: docs/how-to/authenticity.md.
"""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks.objectivity.wording import CUES, WEIGHTS, bits_of
from checks.scale.sites import kinds_by_address
from checks.triggers import scan
from schemas.content_kinds import ADDRESS, KINDS, METHODS, TEXT

REFERENCE, REPORTING, OPINION, PROMOTIONAL, USERS, OTHER, UNKNOWN = MANNERS = (
    "reference", "reporting", "opinion", "promotional", "user-generated", "other", "unknown",
)  # fmt: skip
"""`other`: books, code, dialogues, which are none of the five; `unknown`: nothing tells."""
_OF_KIND: Final = {
    "news": REPORTING, "encyclopaedia": REFERENCE, "forum": USERS, "social": USERS, "book": OTHER, "academic": REFERENCE,
    "law": REFERENCE, "government": REFERENCE, "education": REFERENCE, "code": OTHER, "dialogue": OTHER, "commerce": PROMOTIONAL,
    "other": OTHER, "unknown": UNKNOWN,
}  # fmt: skip
HEAD: Final = 1_500
"""Code points of a text that are looked at."""
LEAST, LEAD, LEAST_OFFERS = 3, 3, 2
"""What the cues of a manner must count together, how much more than those of any other, and different wordings of promotion."""
_OF_FORM: Final[Mapping[str, str]] = (
    dict.fromkeys(("I", "I'm", "I’m", "I've", "I’ve", "I'd", "I’d", "I'll", "I’ll", "me", "my", "My", "myself"), "I")
    | dict.fromkeys(("we", "We", "our", "Our", "us", "Us", "we're", "We're", "we’re", "We’re", "we've", "We've"), "we")
    | dict.fromkeys(("you", "You", "your", "Your", "you're", "you’re", "you'll", "you’ll"), "you")
    | dict.fromkeys(("the", "of", "in", "by", "The", "In", "By"), "the")
)
"""Forms of address, and the small words that reports and reference have most of."""
_ADDRESS: Final = ("I", "we", "you", "the")
_WHICH: Final = np.array([*(_ADDRESS.index(of) for of in _OF_FORM.values()), len(_ADDRESS)])
_LEAST_WORDS, _LEAST_PROSE = 20, 60
"""Words of a text whose forms of address are counted, and of one that has none of them."""
_ROUND: Final = '.,;:!?()"“”‘’[]*'
_FIVE: Final = (REFERENCE, REPORTING, OPINION, PROMOTIONAL, USERS)
_BITS: Final = np.array([[bits_of(manner, weight) for weight in WEIGHTS] for manner in _FIVE], np.uint64)
_COLUMNS: Final = re.compile(
    r"/(?:opinion|opinions|commentary|comment|editorial|editorials|op-ed|columnists?|pinglun|guandian|shiping)/|//(?:opinion|pinglun|guandian)\.",
    re.IGNORECASE,
)
"""In addresses of opinion pieces, which stand on the sites of newspapers."""

Codes = npt.NDArray[np.int8]
Ints = npt.NDArray[np.int64]
_CODE: Final = {manner: number for number, manner in enumerate(MANNERS)}
_BY_KIND: Final = np.array([_CODE[_OF_KIND[kind]] for kind in KINDS], np.int8)
_MAY_BE_OPINION: Final = np.array([kind in ("news", "forum", "social", "other", "unknown") for kind in KINDS], np.bool_)
_NEWS: Final = KINDS.index("news")
_UNTOLD: Final = np.array([kind in ("other", "unknown") for kind in KINDS], np.bool_)


def manners_of(kinds: Codes, methods: Codes, text: pa.Array, url: pa.Array) -> tuple[Codes, npt.NDArray[np.bool_]]:
    """(int8[n]: the place in MANNERS; bool[n]: told by cues of this file). *kinds*, *methods*: places in KINDS and METHODS.

    *text*, *url*: String or LargeString, slices and nulls are fine.
    """
    head = pc.utf8_slice_codeunits(pc.fill_null(text, ""), 0, HEAD)
    counted, different = _wording(head)
    counted += _address(head)
    hints = _hinted(kinds, methods, url)
    kinds = np.where(hints, np.int8(KINDS.index(UNKNOWN)), kinds)
    counted[:, _FIVE.index(REPORTING)] += 2 * hints
    most = counted.argmax(axis=1)
    second, first = np.sort(counted, axis=1)[:, -2:].T
    is_told = (first >= LEAST) & (first - second >= LEAD)
    is_told &= (most != _FIVE.index(PROMOTIONAL)) | (different[:, _FIVE.index(PROMOTIONAL)] >= LEAST_OFFERS)
    said = np.array([_CODE[manner] for manner in _FIVE], np.int8)[most]
    by_cues = is_told & (_UNTOLD[kinds] | (_MAY_BE_OPINION[kinds] & (said == _CODE[OPINION])))
    found = np.where(by_cues, said, _BY_KIND[kinds]).astype(np.int8)
    if url.null_count < len(url):
        column = _MAY_BE_OPINION[kinds] & np.array([bool(_COLUMNS.search(one or "")) for one in url.to_pylist()])
        found, by_cues = np.where(column, np.int8(_CODE[OPINION]), found), by_cues | column
    return found, by_cues


def _hinted(kinds: Codes, methods: Codes, url: pa.Array) -> npt.NDArray[np.bool_]:
    """Which rows are news by one line of text, or by a path that has a date, as those of blogs have: a hint, no more."""
    hints: npt.NDArray[np.bool_] = (kinds == _NEWS) & (methods == METHODS.index(TEXT))
    by_address = np.flatnonzero((kinds == _NEWS) & (methods == METHODS.index(ADDRESS)))
    if len(by_address):
        sites = pc.replace_substring_regex(url.take(pa.array(by_address)), r"^([A-Za-z]+://[^/]*).*$", r"\1/")
        hints[by_address] = kinds_by_address(sites) != _NEWS
    return hints


def manner_of_kind(kind: str) -> str:
    """The manner of a kind of content as such."""
    return _OF_KIND[kind]


def _wording(head: pa.Array) -> tuple[Ints, Ints]:
    """int64[n, 5] each: what the cues of each manner in each row count together, each once; how many different ones."""
    any_of = np.zeros(len(head), np.uint64)
    hits = scan(head, CUES)
    np.bitwise_or.at(any_of, hits.row, hits.patterns)
    many = np.bitwise_count(any_of[:, None, None] & _BITS)
    return many @ np.array(WEIGHTS), many.sum(axis=2, dtype=np.int64)


def _address(head: pa.Array) -> Ints:
    """int64[n, 5]: what shares of I, we and you among the words say, in English.

    Who says I often speaks as a user; who says we and you and never I, for a firm; who says none of them in prose, reference.
    """
    split = pc.ascii_split_whitespace(head)
    row = np.repeat(np.arange(len(head)), np.diff(np.asarray(split.offsets)))
    of = pc.index_in(pc.utf8_trim(split.flatten(), _ROUND), value_set=pa.array(list(_OF_FORM), head.type)).fill_null(-1)
    kinds = len(_ADDRESS) + 1
    counts = np.bincount(row * kinds + _WHICH[np.asarray(of)], minlength=len(head) * kinds).reshape(-1, kinds)
    words = counts.sum(axis=1)
    i, we, you, the = counts[:, : len(_ADDRESS)].T
    both = np.where(i == 0, we + you, 0)
    found = np.zeros((len(head), len(_FIVE)), np.int64)
    found[:, _FIVE.index(USERS)] = np.where(
        (i >= 3) & (i * 25 >= words), 3, np.where((i >= 2) & (i * 50 >= words), 2, 0)
    )
    promotes = ((we > 0) & (both * 100 >= words * 3)).astype(np.int64)
    found[:, _FIVE.index(PROMOTIONAL)] = np.where(both * 20 >= words, 2, promotes)
    plain = (words >= _LEAST_PROSE) & (i == 0) & (both * 200 <= words)
    found[:, _FIVE.index(REFERENCE)] = np.where(plain & (the * 100 >= words * 12), 2, plain & (the * 100 >= words * 9))
    return np.where(words[:, None] >= _LEAST_WORDS, found, 0)
