"""Peak memory of the near-duplicate job from 100,000 to 2,000,000 short documents: seeded pieces of real text with copies.

Every file holds 100,000 documents and more than 16 MiB, so that the plan makes one unit of each: what grows is the corpus alone.
"""

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from pipelines.bench.dedup_inputs import LAWS, PAGES, SEED
from pipelines.bench.inputs import Input
from pipelines.demo.words import stock

SIZES: Final = {"100k": 100_000, "500k": 500_000, "2m": 2_000_000}
QUICK_SIZES: Final = {"100k": 2_000, "500k": 10_000, "2m": 40_000}
A_FILE: Final = 100_000
LEAST_BYTES: Final = 165
"""Of a text; it is made of whole clauses, so most have 170 to 220 and all have more than 20 terms."""
REMEMBERED: Final = 1000
"""Documents of each file that later files copy from."""
_CLAUSE: Final = {"en": re.compile(r"\b[A-Za-z][A-Za-z', -]{24,59}\b"), "zh": re.compile(r"[\u4e00-\u9fff]{9,24}")}
_LEAST_TERMS: Final = 5
_ADDED: Final = {"en": ("again ", " again"), "zh": ("又", "的")}
_JOINT: Final = {"en": ". ", "zh": "，"}


def many(folder: Path, documents: int, a_file: int = A_FILE) -> tuple[Input, ...]:
    """So many documents in JSONL files of *a_file*; every hundred hold an exact copy and two with a term more."""
    folder.mkdir(parents=True)
    draw, remembered, files = random.Random(SEED), list[tuple[str, str]](), []
    for number in range(-(-documents // a_file)):
        path, made = folder / f"{number:04d}.jsonl", list[tuple[str, str]]()
        with path.open("w", encoding="utf-8") as file:
            for row in range(min(a_file, documents - number * a_file)):
                before = made if row % 2 or not remembered else remembered
                language, text = _copy(before, row, draw) if row % 100 > 96 else _new(draw, "zh" if row % 2 else "en")
                made.append((language, text))
                file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
        remembered += made[:REMEMBERED]
        files.append(Input(path, "en"))
    return tuple(files)


@cache
def clauses(language: str) -> tuple[tuple[str, ...], bool]:
    """Distinct clauses of five terms or more, and whether they are of real text."""
    real = PAGES.exists() and LAWS.exists()
    found = (
        clause.strip() for text in (_real if real else _seeded)(language) for clause in _CLAUSE[language].findall(text)
    )
    return tuple(dict.fromkeys(c for c in found if language == "zh" or len(c.split()) >= _LEAST_TERMS)), real


def _real(language: str) -> Iterator[str]:
    if language == "en":
        yield from pq.ParquetFile(PAGES).read(columns=["text"]).column("text").to_pylist()
        return
    with LAWS.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)["text"]


def _seeded(language: str) -> Iterator[str]:
    for number in range(3000):
        yield stock(language).writing(f"growth/{number}").text


def _new(draw: random.Random, language: str) -> tuple[str, str]:
    pool, _ = clauses(language)
    chosen, size = [], 0
    while size < LEAST_BYTES:
        chosen.append(pool[int(draw.random() * len(pool))])
        size += len(chosen[-1].encode()) + 2
    return language, _JOINT[language].join(chosen)


def _copy(of: list[tuple[str, str]], row: int, draw: random.Random) -> tuple[str, str]:
    language, text = of[int(draw.random() * len(of))]
    before, after = _ADDED[language]
    return language, (text, before + text, text + after)[row % 3]
