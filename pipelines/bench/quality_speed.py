"""The peers' half of `bench quality`, a program of its own: prints one JSON object of figures and, in words, what it read.

Rounds are interleaved, so that a busy machine slows all alike; of each the least CPU time counts. The filter of datatrove
holds ten rules; ours for the same work are all counts of characters, words, tokens and lines, and those ten rules over them.
Repetition within a document, which that filter does not look at, is measured on its own.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
from datatrove.data import Document
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from loguru import logger

from checks import kernels
from checks.kernels.form_calls import forms_of_rows, repeats_of_rows
from checks.quality import COUNTS, FURTHER, counts_of
from checks.quality.forms import FORMS, REPEATS, form_table
from checks.signs import count_signs
from checks.signs.classes import class_table
from pipelines.bench.datatrove_scan import TOKENISERS
from pipelines.bench.personal_inputs import drawn, size_of, texts
from pipelines.bench.quality_agreement import agreement
from schemas.profiles import Profile, load
from schemas.profiles_judged import failing

MB: Final = 1_000_000
LANGUAGES: Final = ("en", "zh")
ROUNDS: Final = 3
REPEATED: Final = 40
"""How often our pass goes over the text of a round: a clock tick is then little of it."""
FILTER_RULES: Final = 10
EXPRESSIONS: Final = (
    r"\S+", r"[A-Za-z]", r"[a-z]", r"[A-Z]", r"[0-9]", r"\s", r"\n", r"[\p{Han}]", r"[\p{Hiragana}\p{Katakana}]", r"\p{Hangul}",
    r"[!-/:-@\[-`{-~]", r"[\u3000-\u303f\uff00-\uffef]", r"#", r"\.\.\.|…", r"[{}]", r"https?://", r"(?m)^\s*[-•]", r"(?m)[.!?。！？”\"]\s*$",
)  # fmt: skip
"""A count each, eighteen of them: what a user writes who has no kernel."""


def gopher() -> Profile:
    """The profile's rules that datatrove's quality filter has too."""
    whole = load("gopher", (*COUNTS, *FURTHER)).profile
    return replace(whole, rules=whole.rules[:FILTER_RULES])


def compared(language: str) -> tuple[Profile, GopherQualityFilter]:
    """Rules and filter whose decisions are compared. English: the filter's defaults. They drop all Chinese, which proves
    nothing, so there FineWeb2's values for Mandarin stand in both, and no stop words.
    """
    profile = gopher()
    if language == "en":
        return profile, GopherQualityFilter(language=TOKENISERS[language])
    values = {
        "mean_word_short": (1_000_000, None),
        "mean_word_long": (None, 5_000_000),
        "few_letter_words": (735_000, None),
    }
    rules = [replace(r, least=values[r.id][0], most=values[r.id][1]) if r.id in values else r for r in profile.rules]
    theirs = GopherQualityFilter(
        min_avg_word_length=1, max_avg_word_length=5, max_non_alpha_words_ratio=0.735, min_stop_words=None,
        language=TOKENISERS[language],
    )  # fmt: skip
    return replace(profile, rules=tuple(r for r in rules if r.id != "stop_words")), theirs


def ours(text: pa.Array) -> dict[str, Any]:
    """All counts but repetition."""
    library = kernels.library()
    forms = forms_of_rows(library, text, form_table(), len(FORMS))
    return counts_of(count_signs(text)) | {
        name: values.astype(np.int64) for name, values in zip(FORMS, forms, strict=True)
    }


def decided(text: pa.Array, profile: Profile) -> Any:
    """bool[n]: who stays."""
    counts = ours(text)
    fails = np.zeros(len(text), np.bool_)
    for rule in profile.rules:
        fails |= failing(counts, rule)
    return ~fails


def measured(language: str, size: int) -> dict[str, tuple[float, str]]:
    """Every figure of one language: speed over about *size* bytes of its text, decisions over five times as many."""
    judged = drawn(texts(language, size).all, 5 * size)
    some = drawn(texts(language, size).all, size)
    mb, text, profile = sum(map(size_of, some)) / MB, pa.array(some, pa.large_string()), gopher()
    library = kernels.library()
    theirs = GopherQualityFilter(language=TOKENISERS[language])
    repetition = GopherRepetitionFilter(language=TOKENISERS[language])
    documents = [Document(text=one, id=str(n)) for n, one in enumerate(some)]
    series = pl.Series("text", some)
    frame = pl.DataFrame({"text": series})
    counted = [pl.col("text").str.count_matches(e).alias(str(n)) for n, e in enumerate(EXPRESSIONS)]
    least = interleaved(
        {
            "ours": (lambda: decided(text, profile), REPEATED),
            "repeats": (lambda: repeats_of_rows(library, text, class_table(), len(REPEATS)), REPEATED),
            "datatrove": (lambda: [theirs.filter(one) for one in documents], 1),
            "datatrove_repetition": (lambda: [repetition.filter(one) for one in documents], 1),
            "polars": (lambda: frame.select(counted), REPEATED // 8),
        }
    )
    return {
        f"signals_vs_datatrove_{language}": (least["datatrove"] / least["ours"], "x"),
        f"signals_vs_polars_{language}": (least["polars"] / least["ours"], "x"),
        f"signals_mb_s_{language}": (mb / least["ours"], "MB/CPU-s"),
        f"repetition_mb_s_{language}": (mb / least["repeats"], "MB/CPU-s"),
        f"repetition_vs_datatrove_{language}": (least["datatrove_repetition"] / least["repeats"], "x"),
        f"signals_and_repetition_mb_s_{language}": (mb / (least["ours"] + least["repeats"]), "MB/CPU-s"),
        f"signals_and_repetition_vs_datatrove_{language}": (
            least["datatrove"] / (least["ours"] + least["repeats"]),
            "x",
        ),
        f"datatrove_mb_s_{language}": (mb / least["datatrove"], "MB/CPU-s"),
        f"polars_mb_s_{language}": (mb / least["polars"], "MB/CPU-s"),
        **agreement(language, judged, ours(pa.array(judged, pa.large_string())), *compared(language)),
    }


def interleaved(works: dict[str, tuple[Callable[[], Any], int]]) -> dict[str, float]:
    """The least CPU seconds of a pass of each work, *works*: what to do, and how often in a round."""
    least = dict.fromkeys(works, float("inf"))
    for work, _ in works.values():
        work()  # tables and models are loaded outside the time
    for _ in range(ROUNDS):
        for name, (work, times) in works.items():
            began = time.process_time()
            for _ in range(times):
                work()
            least[name] = min(least[name], (time.process_time() - began) / times)
    return least


def main(arguments: Sequence[str]) -> None:
    """``quick`` or ``whole``."""
    logger.remove()
    size = MB // 10 if arguments[0] == "quick" else MB // 2
    figures: dict[str, tuple[float, str]] = {}
    for language in LANGUAGES:
        figures |= measured(language, size)
    read = " and ".join(texts(language, size).said for language in LANGUAGES)
    print(json.dumps({"figures": figures, "read": f"{read}; peers: datatrove, polars {pl.__version__}"}))


if __name__ == "__main__":
    main(sys.argv[1:])
