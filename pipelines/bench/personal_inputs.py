"""What `bench personal` reads: real pages, statutes, passages and installed source code; the same texts with values put in."""

import json
import random
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipelines.bench.inputs import CORPORA
from pipelines.bench.personal_labelled import generated
from pipelines.demo.words import stock

QUALITY: Final = CORPORA.parent / "eval/quality"
REAL: Final = {
    "en": (CORPORA / "web/c4_demo.jsonl", QUALITY / "en_wikitext2.jsonl"),
    "zh": (CORPORA / "books/prc_laws.jsonl", QUALITY / "zh_cmrc2018.jsonl"),
}
LANGUAGES: Final = ("en", "zh", "code")
SEED: Final = 5
SEEDED_BYTES: Final = 4_000_000
_CODE_FILES: Final = 4000
_MOST_FILE_BYTES: Final = 400_000
_SHORT_BYTES: Final = 85
_EVERY_CHARS: Final = 1500


@dataclass(frozen=True)
class Texts:
    """*all*: everything of one language; *compared*: the documents, drawn by seed, that plain Presidio reads as well."""

    language: str
    all: tuple[str, ...]
    compared: tuple[str, ...]
    said: str


def texts(language: str, compared_bytes: int) -> Texts:
    """The documents of *language*, of which about *compared_bytes* are compared."""
    if language == "code":
        every, said = _code()
    elif all(path.exists() for path in REAL[language]):
        every = tuple(text for path in REAL[language] for text in _jsonl(path))
        said = f"{len(every)} documents of {' and '.join(path.stem for path in REAL[language])}"
    else:
        every, said = _seeded(language)
    some = drawn(every, compared_bytes)
    return Texts(language, every, some, f"{language}: {said}, {len(some)} compared")


def drawn(every: Sequence[str], most_bytes: int) -> tuple[str, ...]:
    """Documents in an order drawn by seed, until *most_bytes* of UTF-8 are reached; at least one."""
    order = random.Random(SEED).sample(range(len(every)), len(every))
    some, size = list[str](), 0
    for number in order:
        some.append(every[number])
        size += size_of(every[number])
        if size >= most_bytes:
            break
    return tuple(some)


def injected(language: str, documents: Sequence[str]) -> tuple[str, ...]:
    """*documents* with a made text of `personal_labelled` put in about every 1,500 characters, at a break where there is one."""
    draw = random.Random(SEED)
    stock_of = [each.text for each in generated(values_a_type=60) if each.gold and each.language in (language, "zh")]
    found = []
    for text in documents:
        parts = []
        for start in range(0, len(text), _EVERY_CHARS):
            parts += [text[start : start + _EVERY_CHARS], draw.choice(stock_of)]
        found.append("".join(parts))
    return tuple(found)


def short_records(every: Sequence[str]) -> tuple[str, ...]:
    """Lines and sentences cut to about 85 bytes: what a chat's record is; at most 40,000."""
    found = list[str]()
    for text in every:
        for line in filter(None, map(str.strip, text.splitlines())):
            chars = _SHORT_BYTES if line.isascii() else _SHORT_BYTES // 3
            found += [line[at : at + chars] for at in range(0, len(line), chars)]
        if len(found) >= 40_000:
            break
    return tuple(found[:40_000])


def size_of(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode())


def _jsonl(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def _code() -> tuple[tuple[str, ...], str]:
    """Source files of the installed packages, so many by seed; those that are no UTF-8 or hold surrogates are left out."""
    home = Path(sysconfig.get_paths()["purelib"])
    files = sorted(path for path in home.rglob("*.py") if 0 < path.stat().st_size <= _MOST_FILE_BYTES)
    chosen = random.Random(SEED).sample(files, min(_CODE_FILES, len(files)))
    found = []
    for path in chosen:
        try:
            found.append(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue  # a test file of some package in another encoding: no text of ours
    return tuple(found), f"{len(found)} *.py files of {len(files)} under {home.name}"


def _seeded(language: str) -> tuple[tuple[str, ...], str]:
    found, size = list[str](), 0
    while size < SEEDED_BYTES:
        found.append(stock(language).writing(f"personal/{len(found)}").text)
        size += size_of(found[-1])
    return tuple(found), f"{len(found)} seeded texts, for ../shared/data is not here"
