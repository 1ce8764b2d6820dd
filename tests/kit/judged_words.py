"""Real texts in which people judged words of the fairness lexicon: how they are read, and which places are drawn from them.

Nothing of a text is kept: a judged place is a file of ../shared/data, the beginning of a content id, a byte and a word.
"""

import csv
import heapq
import json
from collections.abc import Iterator
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from checks.fairness.lexicon import Lexicon
from checks.fairness.places import found_in
from checks.fairness.table import table_of

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"
KEY: Final = b"fairness-judged-2"
EACH: Final = 25
"""Places of a ground and language."""
CONTENT: Final = 12
"""Hexadecimal digits of a content id."""
KINDS: Final = {
    "classics": ("corpora/books/classics.jsonl",),
    "comments": ("eval/quality/zh_cold_dev.csv",),
    "instruct": tuple(
        f"corpora/instruct/{name}.jsonl"
        for name in ("alpaca_en_mit_labelled", "alpaca_zh_mit_labelled", "alpaca_zh_demo", "baseline_zh_extra", "belle_zh_seed_tasks", "dpo_zh_demo")
    ),
    "laws": ("corpora/books/prc_laws.jsonl",),
    "web": ("corpora/web/c4_demo.jsonl", "corpora/web/cc_en_head-0091.jsonl", "corpora/web/cc_en_head-0174.jsonl"),
    "wiki": ("eval/quality/en_wikitext2.jsonl", "eval/quality/zh_cmrc2018.jsonl"),
}  # fmt: skip
"""Kinds of text, which take turns in the draw, and their files."""
THINNED: Final = frozenset(
    {"corpora/instruct/alpaca_en_mit_labelled.jsonl", "corpora/instruct/alpaca_zh_mit_labelled.jsonl"}
)
"""Of these one record in sixteen is read, by its content id."""
_FIELDS: Final = (
    "text", "TEXT", "paragraphs", "content", "para", "instruction", "input", "output", "instances", "conversations", "chosen",
    "rejected",
)  # fmt: skip


class Place(NamedTuple):
    """A word of the lexicon in a text; *content*: `CONTENT` digits; *byte*: where it begins in the UTF-8 text."""

    file: str
    content: str
    byte: int
    word: str
    ground: str
    group: str
    language: str


def texts_of(file: str) -> Iterator[tuple[str, str]]:
    """(content id, text) of each record of a file of `KINDS`; a text is the record's fields joined by line feeds."""
    path = DATA / file
    with path.open(encoding="utf-8-sig", newline="") as lines:
        records: Any = csv.DictReader(lines) if path.suffix == ".csv" else map(json.loads, lines)
        for record in records:
            text = "\n".join(one for field in _FIELDS if field in record for one in _strings(record[field]))
            content = sha256(text.encode("utf-8", "replace")).hexdigest()
            if file not in THINNED or content[0] == "0":
                yield content, text


def drawn_places(lexicon: Lexicon) -> list[Place]:
    """`EACH` places of every ground and language, kind after kind in turn, by a keyed hash of file, text, byte and ground."""
    least: dict[tuple[str, str, str], list[tuple[bytes, Place]]] = {}
    seen: set[str] = set()
    for kind, files in KINDS.items():
        ranked: dict[tuple[str, str], list[tuple[bytes, Place]]] = {}
        for place, rank in _ranked(files, lexicon, seen):
            ranked.setdefault((place.ground, place.language), []).append((rank, place))
        for (ground, language), places in ranked.items():
            least[ground, language, kind] = heapq.nsmallest(EACH, places)
    drawn: list[Place] = []
    for ground, language in sorted({cell[:2] for cell in least}):
        turns = [least.get((ground, language, kind), []) for kind in KINDS]
        order = (of[turn][1] for turn in range(EACH) for of in turns if turn < len(of))
        drawn += [place for _, place in zip(range(EACH), order, strict=False)]
    return drawn


def _ranked(files: tuple[str, ...], lexicon: Lexicon, seen: set[str]) -> Iterator[tuple[Place, bytes]]:
    words, table, groups = list(lexicon.words), table_of(lexicon), lexicon.groups
    for file in files:
        ids, values = [], []
        for content, text in texts_of(file):
            if content not in seen:
                seen.add(content)
                ids.append(content)
                values.append(text)
        for found in found_in(
            pa.array([v.encode("utf-8", "replace").decode() for v in values], pa.large_string()), table
        ):
            named = np.array([any(code < len(groups) for code in of) for of in lexicon.words.values()], np.bool_)
            at = np.flatnonzero(named[found.word])
            for row, byte, number in zip(
                found.row[at].tolist(), found.at[at].tolist(), found.word[at].tolist(), strict=True
            ):
                word = words[number]
                for code in lexicon.words[word]:
                    if code < len(groups):
                        ground, group = groups[code]
                        plain = f"{file}\0{ids[row]}\0{byte}\0{ground}"
                        rank = blake2b(plain.encode(), key=KEY, digest_size=8).digest()
                        yield (
                            Place(
                                file, ids[row][:CONTENT], byte, word, ground, group, "en" if word.isascii() else "zh"
                            ),
                            rank,
                        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)
