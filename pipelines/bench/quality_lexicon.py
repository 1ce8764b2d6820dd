"""The part of `bench quality` on lexicons: false hits of the audited starter list, what an audit does to a raw list, and speed.

False hits: documents of clean Wikipedia with a candidate. COLD (offensive comments, labelled) shows that a lexicon is no
classifier: precision and recall are told, without a bound. The words for audit and speed are seeded, for no list is shipped:
runs of characters drawn from other text, as raw lists hold everyday words, and chance words of common characters, as most of
a list stands nowhere. Without ../shared/data seeded text takes the place of the real one, and COLD is left out.
"""

import csv
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from checks.safety import Safety
from checks.safety.literals import word_places
from checks.safety.starter import starter
from checks.safety.words import WordSet, base_form
from checks.triggers import scan
from pipelines.bench.inputs import CORPORA
from pipelines.bench.licence_truth import batch
from pipelines.demo.words import stock
from pipelines.lexicon import Entry, Lexicon, state_of
from pipelines.lexicon_audit import audited

QUALITY: Final = CORPORA.parent / "eval" / "quality"
CLEAN: Final = {"zh": QUALITY / "zh_cmrc2018.jsonl", "en": QUALITY / "en_wikitext2.jsonl"}
OTHER: Final = CORPORA / "books" / "prc_laws.jsonl"
COLD: Final = QUALITY / "zh_cold_dev.csv"
SIZES: Final = {"10k": 10_000, "50k": 50_000}
SEED: Final = 20_261_122
_PPM: Final = 1_000_000
_MB: Final = 1_000_000
_SEEDED: Final = 1_200
_ROUNDS: Final = 5
_RISK: Final = "A1.h"
Measured = dict[str, tuple[float, str]]


def figures(quick: bool = False) -> Measured:
    """All of them; *quick*: the smaller library alone, and fewer rounds."""
    clean = {language: _clean(language) for language in CLEAN}
    found: Measured = {
        "lexicon_false_hits_ppm": (_hit_ppm(clean["zh"]), "ppm"),
        "lexicon_false_hits_en_ppm": (_hit_ppm(clean["en"]), "ppm"),
    }
    found |= audit_of(clean["zh"]) | speed_of([*clean["zh"], *_other()], quick)
    return found | (cold() if COLD.is_file() else {})


def audit_of(clean: Sequence[str]) -> Measured:
    """A raw list's share of clean documents hit, before its audit on one half of them and after, told of the other half."""
    half = len(clean) // 2
    raw = Lexicon(
        tuple(
            sorted(
                Entry(_RISK, word, state=state_of(word, "word"))
                for word in {*_drawn(_other(), 5_000), *_chance(clean, 5_000)}
            )
        )
    )
    left = audited(raw, "bench", [pa.array(clean[:half], pa.large_string())])
    judged = pa.array(clean[half:], pa.large_string())
    before = word_places(judged, WordSet(tuple(one.word for one in raw.entries)))
    after = word_places(judged, WordSet(tuple(one.word for one in left.in_use())))
    return {
        "lexicon_raw_documents_ppm": (len(set(before.row.tolist())) * _PPM // len(judged), "ppm"),
        "lexicon_audited_documents_ppm": (len(set(after.row.tolist())) * _PPM // len(judged), "ppm"),
        "lexicon_audit_hits_gone": (1 - len(after.row) / max(1, len(before.row)), "share"),
    }


def speed_of(texts: Sequence[str], quick: bool) -> Measured:
    """MB of text a CPU-second, and seconds of compiling: the starter list's triggers alone, and libraries of seeded words."""
    column = pa.array(texts, pa.large_string())
    size = sum(len(text.encode()) for text in texts) / _MB
    triggers = starter().triggers
    scan(column, triggers)  # compiled, or read from the cache
    best = min(_spent(lambda: scan(column, triggers)) for _ in range(_ROUNDS))
    found: Measured = {"lexicon_starter_mb_s": (size / best, "MB/CPU-s")}
    for name, count in list(SIZES.items())[: 1 if quick else None]:
        words = WordSet(tuple(_chance(texts, count)))
        seek = partial(word_places, column, words)
        compiled = _spent(partial(word_places, column[:1], words))
        best = min(_spent(seek) for _ in range(2 if quick else _ROUNDS))
        found |= {f"lexicon_{name}_mb_s": (size / best, "MB/CPU-s"), f"lexicon_{name}_ready_s": (compiled, "CPU-s")}
    return found


def cold() -> Measured:
    """Precision and recall of the starter list's candidates as if they were labels of offensive comments."""
    with COLD.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    hit = _hit_rows([row["TEXT"] for row in rows])
    offensive = {i for i, row in enumerate(rows) if row["label"] == "1"}
    right = len(hit & offensive)
    return {
        "lexicon_cold_base_rate": (len(offensive) / len(rows), "share"),
        "lexicon_cold_hits": (len(hit), "comments"),
        "lexicon_cold_precision": (right / len(hit) if hit else 0.0, "share"),
        "lexicon_cold_recall": (right / len(offensive), "share"),
    }


def _hit_ppm(texts: Sequence[str]) -> int:
    return len(_hit_rows(texts)) * _PPM // len(texts)


def _hit_rows(texts: Sequence[str]) -> set[int]:
    seen = Safety().look(batch(list(texts)))
    return set() if seen.findings is None else set(seen.findings.column("row").to_pylist())


def _clean(language: str) -> list[str]:
    path = CLEAN[language]
    if path.is_file():
        return list(_texts(path))
    return [stock(language).writing(f"lexicon/{number}").text for number in range(_SEEDED)]


def _other() -> list[str]:
    if OTHER.is_file():
        return list(_texts(OTHER))
    return [stock("zh").writing(f"other/{number}").text for number in range(_SEEDED)]


def _texts(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _drawn(texts: Sequence[str], count: int) -> list[str]:
    """Runs of two to four Han characters of *texts*: a raw list's everyday words."""
    draw, found = random.Random(SEED), set[str]()
    for _ in range(count * 20):
        text = draw.choice(texts)
        start, length = draw.randrange(max(1, len(text) - 4)), draw.choice((2, 2, 3, 4))
        if len(run := text[start : start + length]) == length and all("\u4e00" <= c <= "\u9fff" for c in run):
            found.add(base_form(run))
        if len(found) >= count:
            break
    return sorted(found)


def _chance(texts: Sequence[str], count: int) -> list[str]:
    """Chance words of three to six Han characters, each as likely as it is in *texts*."""
    draw, found = random.Random(SEED), set[str]()
    common = Counter(c for text in texts for c in text if "\u4e00" <= c <= "\u9fff")
    characters, weights = zip(*sorted(common.items()), strict=True)
    while len(found) < count:
        found.add(base_form("".join(draw.choices(characters, weights, k=draw.choice((3, 4, 4, 4, 5, 6))))))
    return sorted(found)


def _spent(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return max(time.process_time() - began, 1e-9)
