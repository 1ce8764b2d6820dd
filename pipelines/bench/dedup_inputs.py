"""What `bench dedup` reads: real pages in many versions, real statutes cut into pieces with planted copies; else seeded text."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from pipelines.bench.inputs import CORPORA, Input
from pipelines.demo.words import stock

PAGES: Final = CORPORA.parent / "eval/dedup/react_native_docs_en.parquet"
LAWS: Final = CORPORA / "books/prc_laws.jsonl"
LEAST_CHARS, MOST_CHARS = 110, 600
"""Of one piece; statutes give more than 20,000 such pieces, and 110 characters or more leave room for an edit of 1 %."""
PLANTED: Final = 1000
"""Copies of each kind; each of another piece."""
SEEDED: Final = {"en": 2400, "zh": 4000}
"""Documents before copies, where there are no real ones."""
SEED: Final = 4
KINDS: Final = ("exact", "wrapped", "edited_1", "edited_3")
_WRAPPED: Final = {
    "en": ("Published by the editor.\n", "\nSource: the internet."),
    "zh": ("本页由编辑整理。\n", "\n来源：互联网。"),
}


@dataclass(frozen=True)
class Corpus:
    """One language: the *texts* in file order, the file that holds them, the kind of each planted copy by its number."""

    language: str
    input: Input
    texts: tuple[str, ...]
    planted: tuple[tuple[int, int, str], ...]
    """(copy, original, kind of `KINDS`)."""
    said: str

    @cached_property
    def text_bytes(self) -> int:
        """UTF-8 bytes of all texts: what a MB is in every figure of this benchmark."""
        return sum(len(text.encode()) for text in self.texts)


def dedup_inputs(folder: Path, quick: bool = False) -> tuple[Corpus, Corpus]:
    """English and Chinese, written into *folder* where they are not read in place. *quick*: a tenth of each."""
    if PAGES.exists() and LAWS.exists():
        pages = tuple(pq.read_table(PAGES).column("text").to_pylist())
        if quick:
            return _planted(folder, "en", pages[::10], 0, "pages, every tenth"), _laws(folder, quick)
        said = f"en: {len(pages)} pages of ../shared/data/eval/dedup, in many versions"
        return Corpus("en", Input(PAGES, "en", format="parquet"), pages, (), said), _laws(folder, quick)
    return (_seeded(folder, "en", quick), _seeded(folder, "zh", quick))


def pieces(text: str) -> Iterator[str]:
    """*text* cut at its lines into pieces of `LEAST_CHARS` to `MOST_CHARS` characters; what is left at its end is dropped."""
    piece = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        piece = f"{piece}\n{line}" if piece else line
        while len(piece) > MOST_CHARS:
            stop = piece.rfind("。", LEAST_CHARS, MOST_CHARS) + 1 or MOST_CHARS
            yield piece[:stop]
            piece = piece[stop:]
        if len(piece) >= LEAST_CHARS:
            yield piece
            piece = ""


def edited(text: str, share: float, draw: random.Random) -> str:
    """*text* with *share* of its characters, at least one, replaced, inserted or deleted; new ones are its own."""
    chars = list(text)
    for _ in range(max(1, round(len(chars) * share))):
        at, way = draw.randrange(len(chars)), draw.randrange(3)
        if way == 0:
            chars[at] = draw.choice(text)
        elif way == 1:
            chars.insert(at, draw.choice(text))
        elif len(chars) > 1:
            del chars[at]
    return "".join(chars)


def copy_of(text: str, kind: str, language: str, draw: random.Random) -> str:
    """A copy of *text* of one of `KINDS`."""
    if kind == "exact":
        return text
    if kind == "wrapped":
        before, after = _WRAPPED[language]
        return f"{before}{text}{after}"
    return edited(text, {"edited_1": 0.01, "edited_3": 0.03}[kind], draw)


def written(path: Path, texts: Sequence[str], language: str) -> Input:
    """*texts* as one JSONL file."""
    path.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
    return Input(path, language)


def _laws(folder: Path, quick: bool) -> Corpus:
    with LAWS.open(encoding="utf-8") as file:
        laws = [json.loads(line)["text"] for line in file]
    found = tuple(dict.fromkeys(piece for law in laws for piece in pieces(law)))
    each = PLANTED // 10 if quick else PLANTED
    return _planted(folder, "zh", found[:: 10 if quick else 1], each, "pieces of ../shared/data/corpora/books/prc_laws")


def _seeded(folder: Path, language: str, quick: bool) -> Corpus:
    count = SEEDED[language] // (10 if quick else 1)
    texts = tuple(dict.fromkeys(stock(language).writing(f"dedup/{number}").text for number in range(count)))
    return _planted(folder, language, texts, len(texts) // 20, "seeded texts, for ../shared/data is not here")


def _planted(folder: Path, language: str, originals: tuple[str, ...], each: int, what: str) -> Corpus:
    """*originals* and, after them, *each* copies of every kind, of as many different originals."""
    draw = random.Random(SEED)
    chosen = draw.sample(range(len(originals)), each * len(KINDS))
    texts, planted = list(originals), []
    for number, original in enumerate(chosen):
        kind = KINDS[number // each]
        planted.append((len(texts), original, kind))
        texts.append(copy_of(originals[original], kind, language, draw))
    folder.mkdir(parents=True, exist_ok=True)
    said = f"{len(originals)} {what}" + (f", {len(chosen)} planted copies" if chosen else "")
    return Corpus(
        language,
        written(folder / f"dedup-{language}.jsonl", texts, language),
        tuple(texts),
        tuple(planted),
        f"{language}: {said}",
    )
