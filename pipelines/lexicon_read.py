"""Keyword lists as customers keep them, CSV, YAML or TXT, read into a library: base forms, each once a risk.

Columns are word, risk and kind. A risk is a leaf id in any of its spellings (A1.a, A.1 a), or its title. No word is ever shown:
a mistake names its line.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from checks.safety.words import base_form
from pipelines.lexicon import CURATED, MOST_WORDS, WORD, Entry, Lexicon, state_of
from pipelines.lists_read import Mistakes, head_line
from schemas.errors import ConfigError
from schemas.risks import taxonomy
from schemas.yaml_places import read_yaml

SUFFIXES: Final = (".csv", ".tsv", ".yaml", ".yml", ".txt")
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "word": ("word", "keyword", "关键词", "词", "词语"),
    "risk": ("risk", "leaf", "二级分类", "风险", "风险类别", "category"),
    "kind": ("kind", "类型", "种类"),
}
"""Column -> the names it is looked for under, where none is given."""
_LEAF: Final = re.compile(r"\s*附?录?\s*A\s*[.-]?\s*([1-5])\s*[.\-_ ]?\s*[(（]?\s*([a-i])\s*[)）]?\s*", re.I)
_MOST_BYTES: Final = 256 << 20
_BIG_FIELD: Final = 1 << 20


@dataclass(frozen=True)
class Given:
    """How the files are read. *columns*: word, risk, kind -> name of the column; *risk*: of every word of a file without one."""

    columns: Mapping[str, str]
    risk: str | None = None


def leaf_of(text: str) -> str | None:
    """The leaf that *text* means; None where it means none."""
    if (found := _LEAF.fullmatch(text)) and (leaf := f"A{found[1]}.{found[2].lower()}") in _titles().values():
        return leaf
    return _titles().get(text.strip().casefold())


def read_lexicon(paths: list[Path], given: Given) -> Lexicon:
    """The library of *paths* together, before any audit. Raises `ConfigError` with every mistake, by file and line."""
    problems: list[str] = []
    head: dict[str, str] = {}
    kept: dict[tuple[str, str], Entry] = {}
    coincided = empty = 0
    for path in paths:
        mistakes = Mistakes(path, problems)
        for line, word, risk, kind in _rows(path, given, head, mistakes):
            leaf = leaf_of(risk)
            if leaf is None:
                mistakes.say(f"line {line}", "no risk of the taxonomy; write a leaf such as A1.a")
                continue
            if kind not in ("", WORD, CURATED):
                mistakes.say(f"line {line}", f"no kind of word; write {WORD} or {CURATED}, or nothing")
                continue
            base = base_form(word)
            if not base:
                empty += 1
                continue
            entry = Entry(leaf, base, kind or WORD, state_of(base, kind or WORD))
            before = kept.get((leaf, base))
            coincided += before is not None
            if before is None or entry.kind == CURATED:
                kept[leaf, base] = entry
            if len(kept) > MOST_WORDS:
                mistakes.say(f"line {line}", f"at most {MOST_WORDS:,} words; leave out what no longer matters")
                break
    if not problems and not kept:
        problems.append(f"{paths[0]}: no word in it; check the columns")
    if problems:
        raise ConfigError(*problems)
    return Lexicon(tuple(sorted(kept.values())), coincided, empty, head.get("version"), head.get("as_of"))


def _rows(path: Path, given: Given, head: dict[str, str], mistakes: Mistakes) -> Iterator[tuple[int, str, str, str]]:
    """(line, word, risk, kind) of a file."""
    if path.suffix.lower() not in SUFFIXES:
        mistakes.say("line 1", f"no file of words by its name; it ends in one of {', '.join(SUFFIXES)}")
        return
    try:
        if path.stat().st_size > _MOST_BYTES:
            mistakes.say("line 1", f"more than {_MOST_BYTES >> 20} MiB; split the file")
            return
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        mistakes.say("line 1", f"cannot be read ({error.strerror}); correct path or permissions")
        return
    except UnicodeDecodeError as error:
        mistakes.say(_line_of(data, error.start), "bad UTF-8; write the file as UTF-8")
        return
    for line in text.splitlines()[:20]:
        head_line(line, head)
    if path.suffix.lower() in (".yaml", ".yml"):
        yield from _from_yaml(data, path, mistakes)
    elif path.suffix.lower() == ".txt":
        yield from _from_text(text, given, mistakes)
    else:
        yield from _from_table(text, given, "\t" if path.suffix.lower() == ".tsv" else ",", mistakes)


def _from_text(text: str, given: Given, mistakes: Mistakes) -> Iterator[tuple[int, str, str, str]]:
    """One word a line, and behind tabs its risk and kind; `#` begins a remark."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = [*line.partition("#")[0].rstrip("\r").split("\t"), "", ""]
        if not cells[0].strip():
            continue
        risk = cells[1].strip() or given.risk
        if risk is None:
            mistakes.say(
                f"line {number}", "no risk behind a tab; write one, or give the risk of the whole file (--risk)"
            )
            continue
        yield number, cells[0], risk, cells[2].strip()


def _from_table(text: str, given: Given, delimiter: str, mistakes: Mistakes) -> Iterator[tuple[int, str, str, str]]:
    before = csv.field_size_limit(_BIG_FIELD)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = next((row for row in lines if row and not row[0].startswith("#")), [])
        places = {column: _column(column, names, given) for column in NAMES}
        if places["word"] is None or (places["risk"] is None and given.risk is None):
            missing = "word" if places["word"] is None else "risk"
            mistakes.say(
                "line 1",
                f"no column of the {missing}; name it with --{missing}-column, or use {', '.join(NAMES[missing])}",
            )
            return
        for row in lines:
            cells = {
                column: row[at].strip() if at is not None and at < len(row) else "" for column, at in places.items()
            }
            if any(row):
                yield lines.line_num, cells["word"], cells["risk"] or given.risk or "", cells["kind"]
    except csv.Error as error:
        mistakes.say(f"line {lines.line_num}", f"no table ({error}); mend the quotes")
    finally:
        csv.field_size_limit(before)


def _column(column: str, names: list[str], given: Given) -> int | None:
    plain = [name.strip().casefold() for name in names]
    wanted = (given.columns[column].casefold(),) if column in given.columns else NAMES[column]
    return next((plain.index(name) for name in wanted if name in plain), None)


def _from_yaml(data: bytes, path: Path, mistakes: Mistakes) -> Iterator[tuple[int, str, str, str]]:
    """A mapping of risks to lists of words."""
    problems: list[str] = []
    placed = read_yaml(data, str(path), problems)
    if placed is None or placed.kind != "map":
        mistakes.told += problems[:1] or [f"{path}:1: no mapping of risks to lists of words"]
        return
    for risk, words in placed.value.items():
        if risk in ("version", "as_of"):
            continue
        if words.kind != "list":
            mistakes.say(f"line {placed.key_lines[risk]}", "a risk has a list of words")
            continue
        for word in words.value:
            if word.kind in ("list", "map", "null"):
                mistakes.say(f"line {word.line}", "a word is a text; put it in quotes")
            else:
                yield word.line, str(word.value), risk, ""


def _line_of(data: bytes, place: int) -> str:
    return f"line {data.count(10, 0, place) + 1}"


@cache
def _titles() -> dict[str, str]:
    """Title in either language, case-folded, and id -> leaf."""
    found: dict[str, str] = {}
    for risk in taxonomy().risks:
        found |= {name.casefold(): risk.id for name in (risk.id, risk.title.zh, risk.title.en)}
    return found
