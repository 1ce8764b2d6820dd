"""What counts of characters and a few words tell of a document's language, before any model is asked."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from checks import kernels
from checks.loaded import once
from checks.signs import Signs

Flags = npt.NDArray[np.bool_]

CHINESE: Final = ("zh", "zh-Hans", "zh-Hant")
_ZH, _HANS, _HANT = range(len(CHINESE))
STOP_WORDS: Final = ("the", "to", "of", "and", "that", "with", "have", "be")
"""Rae et al., Scaling Language Models (Gopher), 2021, A1.1; the commonest first."""
LEAST_STOP_WORDS: Final = 3
PLAIN_WORDS: Final = (
    "the", "and", "that", "with", "this", "from", "which", "you", "your", "are", "have", "were", "their", "they", "what",
    "how", "when", "would", "should", "there", "has", "been", "because", "about", "these", "those", "between", "through",
    "into", "each", "given", "following",
)  # fmt: skip
"""Short texts often hold fewer than three different stop words; three places of these, which no other language that is
written in ASCII shares, tell as much: 0 of 6,143 sentences of nine other languages, 87 % of 20,000 short instructions
(Gopher's rule alone: 69 %)."""
LEAST_PLAIN_WORDS: Final = 3
PLAIN_WORDS_ONE_IN: Final = 20
COMMON_WORDS: Final = (
    "the", "of", "and", "this", "which", "you", "your", "were", "their", "they", "what", "how", "when", "would", "should",
    "there", "because", "about", "these", "those", "between", "through", "into", "each", "following", "with", "from",
    "that", "does", "can", "will", "an", "is", "to", "it", "for", "by", "or",
)  # fmt: skip
ENGLISH_WORDS: Final = (
    "this", "which", "your", "were", "their", "they", "what", "how", "when", "would", "should", "because", "about",
    "these", "those", "between", "through", "each", "following", "does", "could", "write", "make", "using", "some", "its",
    "if", "list", "name", "find", "create", "given", "than", "word", "words", "sentence", "describe", "generate",
    "identify", "explain", "example",
)  # fmt: skip
"""Of a text of a line or two: one of these, and two places of the common words, which are at least one word in eight.
0 of 6,414 sentences of six other languages."""
_LISTS: Final = (PLAIN_WORDS, COMMON_WORDS, ENGLISH_WORDS)
LEAST_COMMON_WORDS: Final = 2
COMMON_WORDS_ONE_IN: Final = 8
SHORT_BYTES: Final = 2048
CJK_WEIGHT: Final = 3
"""A Han, kana or Hangul code point says about as much as three letters."""
LEAST_HAN: Final = 20
"""Fewer Han without kana may be Japanese: 2021年3月5日 東京都."""
LEAST_KANA: Final = 5
LEAST_OF_ONE_SCRIPT: Final = 3


def weight(signs: Signs) -> npt.NDArray[np.int64]:
    """How much there is to tell a language by, in letters."""
    return signs.of("lower", "upper", "letters", "thai") + CJK_WEIGHT * signs.of(
        "han", "hans", "hant", "kana", "hangul"
    )


def second_script_ppm(signs: Signs) -> npt.NDArray[np.int64]:
    """int64[n]: the share of the second of four scripts in the letters: alphabets; Han with kana; Hangul; Thai.

    Alphabets are one: half of what Vietnamese writes past ASCII could else not be told from Cyrillic.
    """
    scripts = np.array(
        [
            signs.of("lower", "upper", "letters"), CJK_WEIGHT * signs.of("han", "hans", "hant", "kana"),
            CJK_WEIGHT * signs.of("hangul"), signs.of("thai"),
        ]
    )  # fmt: skip
    second = np.sort(scripts, axis=0)[-2]
    return np.asarray(second * 1_000_000 // np.maximum(scripts.sum(axis=0), 1), np.int64)


def gated(signs: Signs, most_signs_ppm: int) -> Flags:
    """Documents in which more than a share of the ink is digits, punctuation, symbols or damage, or that are mojibake."""
    ink = signs.chars - signs.of("spaces", "newlines")
    other = signs.of("digits", "ascii_punct", "cjk_punct", "other_punct", "symbols", "format", "bad")
    return (other * 1_000_000 > ink * most_signs_ppm) | (signs.mojibake * 10 > weight(signs))


def by_script(signs: Signs) -> dict[str, Flags]:
    """Which documents are Chinese, Japanese or Korean by their characters alone; no document is two of them."""
    han, kana, hangul = signs.of("han", "hans", "hant"), signs.of("kana"), signs.of("hangul")
    letters = signs.of("lower", "upper", "letters", "thai")
    cjk = CJK_WEIGHT * (han + kana + hangul) >= letters
    korean = cjk & (hangul > han + kana)
    japanese = cjk & ~korean & (kana >= LEAST_KANA) & (kana * 10 >= han + kana)
    chinese = cjk & ~korean & ~japanese & (han >= LEAST_HAN) & (kana * 20 <= han)
    return {"zh": chinese, "ja": japanese, "ko": korean}


def chinese_script(signs: Signs) -> npt.NDArray[np.int16]:
    """int16[n]: the place in `CHINESE` of a script that at least nine in ten of the characters of one script alone tell,
    else of `zh`.
    """
    simplified, traditional = signs.of("hans"), signs.of("hant")
    both = simplified + traditional
    told = both >= LEAST_OF_ONE_SCRIPT
    hans, hant = told & (traditional * 10 <= both), told & (simplified * 10 <= both)
    return np.where(hans, _HANS, np.where(hant, _HANT, _ZH)).astype(np.int16)


def english(signs: Signs, text: pa.Array, among: Flags) -> Flags:
    """Which of the documents *among* hold three stop words or three plain words, at most 1 % letters past ASCII, and no
    CJK to speak of.

    Or, in a short text, two common words and one of `ENGLISH_WORDS`. A word stands between ASCII word boundaries, in any
    ASCII case.
    """
    letters, beyond_ascii = signs.of("lower", "upper", "letters", "thai"), signs.of("letters", "thai")
    cjk = signs.of("han", "hans", "hant", "kana", "hangul")
    candidates = among & (beyond_ascii * 100 <= letters) & (cjk * 100 <= letters)
    library = kernels.library()
    if library is None:
        return english_by_regexes(signs, text, candidates)
    return english_by_kernel(library, signs, text, candidates)


def english_by_kernel(library: Any, signs: Signs, text: pa.Array, candidates: Flags) -> Flags:
    """All words in one pass, which leaves a text at its third stop word."""
    rows = np.flatnonzero(candidates)
    vocabulary = once("checks.language.vocabulary", lambda: kernels.Vocabulary(_LISTS, STOP_WORDS))
    (plain, common, plainly), marks = kernels.words_of_rows(library, text, rows, vocabulary, LEAST_STOP_WORDS)
    words, is_short = signs.words[rows], signs.text_bytes[rows] < SHORT_BYTES
    told = np.zeros(len(candidates), np.bool_)
    told[rows] = (
        (np.bitwise_count(marks) >= LEAST_STOP_WORDS)
        | _is_plain(plain, words)
        | (is_short & _is_common(common, words) & (plainly > 0))
    )
    return told


def english_by_regexes(signs: Signs, text: pa.Array, candidates: Flags) -> Flags:
    """The same without the kernel.

    What is looked for first follows from what is cheap: in short texts all plain words in one pass, in long ones the
    commonest stop words, which stand near the beginning.
    """
    text = text.cast(pa.large_binary())  # over bytes; over characters RE2 takes ſ for s and the Kelvin sign for k
    is_short = signs.text_bytes < SHORT_BYTES
    told = np.zeros(len(signs.chars), np.bool_)
    _mark_plain(told, signs, text, np.flatnonzero(candidates & is_short))
    _mark_short_english(told, signs, text, np.flatnonzero(candidates & ~told & is_short))
    _mark_stop_words(told, text, np.flatnonzero(candidates & ~told))
    _mark_plain(told, signs, text, np.flatnonzero(candidates & ~told & ~is_short))
    return told


def _is_plain(places: npt.NDArray[np.int64], words: npt.NDArray[np.int64]) -> Flags:
    # Of all words one in twenty, so that a long text in another language that quotes English is not taken for it.
    return (places >= LEAST_PLAIN_WORDS) & (places * PLAIN_WORDS_ONE_IN >= words)


def _is_common(places: npt.NDArray[np.int64], words: npt.NDArray[np.int64]) -> Flags:
    return (places >= LEAST_COMMON_WORDS) & (places * COMMON_WORDS_ONE_IN >= words)


def _mark_stop_words(told: Flags, text: pa.Array, rows: npt.NDArray[np.intp]) -> None:
    found = np.zeros(len(told), np.int64)
    for number, word in enumerate(STOP_WORDS):
        left = len(STOP_WORDS) - number
        rows = rows[(found[rows] < LEAST_STOP_WORDS) & (found[rows] + left >= LEAST_STOP_WORDS)]
        hits = pc.match_substring_regex(_taken(text, rows), rf"\b{word}\b", ignore_case=True)
        found[rows] += np.asarray(hits.fill_null(False))
    told |= found >= LEAST_STOP_WORDS


def _mark_plain(told: Flags, signs: Signs, text: pa.Array, rows: npt.NDArray[np.intp]) -> None:
    told[rows] = _is_plain(_places(text, rows, PLAIN_WORDS), signs.words[rows])


def _mark_short_english(told: Flags, signs: Signs, text: pa.Array, rows: npt.NDArray[np.intp]) -> None:
    rows = rows[_is_common(_places(text, rows, COMMON_WORDS), signs.words[rows])]
    told[rows] = _places(text, rows, ENGLISH_WORDS) > 0


def _places(text: pa.Array, rows: npt.NDArray[np.intp], words: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """How many places of these words, in any case, each of the rows holds."""
    found = pc.count_substring_regex(_taken(text, rows), rf"(?i)\b(?:{'|'.join(words)})\b")
    return np.asarray(found.fill_null(0), np.int64)


def _taken(text: pa.Array, rows: npt.NDArray[np.intp]) -> pa.Array:
    return text if len(rows) == len(text) else text.take(pa.array(rows))
