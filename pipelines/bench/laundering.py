"""`bench laundering`: are records of a known restricted dataset recognised under another label, and are any others?

The fingerprint is made of an MIT-labelled copy of Stanford Alpaca (CC BY-NC 4.0) and looked for in a demo set (Apache-2.0)
that took its prompts and wrote its outputs anew; in copies of that set with rows shuffled, case and spacing changed and
each word replaced with probability 0.05; and in four files that have nothing of it, by the same settings.
"""

import json
import random
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from checks.laundering import Laundering
from checks.laundering.check import FOUND
from pipelines.bench.figures import Result, result
from pipelines.bench.inputs import CORPORA
from pipelines.evaluation import strings_of
from pipelines.normalise import Framed, batches
from pipelines.read.base import Framing, Span
from pipelines.read.registry import read_blocks
from pipelines.read.shards import open_shard
from pipelines.restricted import made, read_restricted
from schemas.errors import RunError
from schemas.run import RestrictedDataset
from schemas.source import Source

EN, ZH = "instruct/alpaca_en_mit_labelled.jsonl", "instruct/alpaca_zh_mit_labelled.jsonl"
DEMO: Final = "instruct/alpaca_en_demo.jsonl"
CLASSICS: Final = "books/classics.jsonl"
OTHERS: Final = (
    ("instruct/gsm8k_train.jsonl", "alpaca"), ("web/c4_demo.jsonl", "plain"), ("books/prc_laws.jsonl", "plain"),
    (CLASSICS, "plain"),
)  # fmt: skip
SEEDS: Final = (1, 2, 3, 4, 5)
REPLACED: Final = 0.05
SHORT_CHARS: Final = 30
_ID: Final = "alpaca"
_HAN: Final = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Known:
    """What a fingerprint knows of a file: rows by field of the dataset, and in all; *cpu_s* of the check alone."""

    rows: int
    prompts: frozenset[int]
    responses: frozenset[int]
    any: frozenset[int]
    text_bytes: int
    cpu_s: float


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: one seed, no Chinese. Raises `RunError` where the corpora are not here."""
    missing = [name for name in (EN, ZH, DEMO, *(n for n, _ in OTHERS)) if not (CORPORA / name).exists()]
    if missing:
        raise RunError(f"bench laundering: {CORPORA / missing[0]} is not here; it is measured on real datasets alone")
    with tempfile.TemporaryDirectory() as folder:
        measured = _english(Path(folder), SEEDS[:1] if quick else SEEDS)
        if not quick:
            measured |= _chinese(Path(folder))
    return result(
        "laundering", measured, "alpaca, its demo set, gsm8k, c4, laws and classics of ../shared/data/corpora"
    )


def _english(folder: Path, seeds: tuple[int, ...]) -> dict[str, tuple[float, str]]:
    check, seconds = _fingerprint(CORPORA / EN, folder / "en")
    demo = known(check, CORPORA / DEMO, "alpaca")
    outputs = [i for i, row in enumerate(_rows(CORPORA / DEMO)) if len(row["output"]) > SHORT_CHARS]
    copies = [known(check, changed(CORPORA / DEMO, folder / f"{seed}.jsonl", seed), "alpaca") for seed in seeds]
    whole = known(check, changed(CORPORA / EN, folder / "whole.jsonl", seeds[0], 5_000), "alpaca")
    others = [known(check, _readable(name, folder), layout) for name, layout in OTHERS]
    instruct, web = others[0], others[1:]
    return {
        "laundering_demo_prompts": (len(demo.prompts) / demo.rows, "share"),
        "laundering_demo_outputs": (len(demo.responses & set(outputs)) / len(outputs), "share"),
        "laundering_caught": (sum(len(c.any) for c in copies) / sum(c.rows for c in copies), "share"),
        "laundering_false_alarms": (float(sum(len(o.any) for o in others)), "rows"),
        "caught_by_prompt": (sum(len(c.prompts) for c in copies) / sum(c.rows for c in copies), "share"),
        "caught_of_whole_copy": (len(whole.any) / whole.rows, "share"),
        "rows_held_against": (float(sum(o.rows for o in others)), "rows"),
        "look_mb_s_web": (sum(o.text_bytes for o in web) / 1e6 / sum(o.cpu_s for o in web), "MB/CPU-s"),
        "look_mb_s_instructions": (instruct.text_bytes / 1e6 / instruct.cpu_s, "MB/CPU-s"),
        "fingerprint_s": (seconds, "CPU-s"),
        "fingerprint_mb": ((folder / "en").stat().st_size / 1e6, "MB"),
    }


def _chinese(folder: Path) -> dict[str, tuple[float, str]]:
    check, _ = _fingerprint(CORPORA / ZH, folder / "zh")
    copy = known(check, changed(CORPORA / ZH, folder / "zh.jsonl", SEEDS[0], 5_000), "alpaca")
    others = [known(check, _readable(name, folder), layout) for name, layout in OTHERS]
    return {
        "caught_zh": (len(copy.any) / copy.rows, "share"),
        "false_alarms_zh": (float(sum(len(o.any) for o in others)), "rows"),
    }


def known(check: Laundering, path: Path, layout: str) -> Known:
    """What the check finds in the JSONL file *path* of that layout."""
    found, rows, size, used = [FOUND.empty_table()], 0, 0, 0.0
    for batch in _batches(path, layout):
        began = time.process_time()
        seen = check.look(batch)
        used += time.process_time() - began
        found.append(seen.findings if seen.findings is not None else FOUND.empty_table())
        rows += batch.num_rows
        size += pc.sum(pc.binary_length(batch.column("text"))).as_py() or 0
    table = pa.concat_tables(found)
    by_rule = {
        rule: frozenset(
            table.filter(pc.equal(table.column("rule"), f"laundering.{_ID}.{rule}")).column("row").to_pylist()
        )
        for rule in ("prompt", "response", "text")
    }
    return Known(
        rows, by_rule["prompt"], by_rule["response"], frozenset().union(*by_rule.values()), size, max(used, 1e-9)
    )


def changed(path: Path, copy: Path, seed: int, most: int | None = None) -> Path:
    """A copy of an alpaca file: rows shuffled (the first *most* of them), case and spacing changed, words replaced.

    A word is what blanks part, and two characters where there are none; the other word is drawn from those of the file.
    """
    draw = random.Random(seed)
    rows = _rows(path)
    draw.shuffle(rows)
    rows = rows[:most]
    words = [word for row in rows for value in _values(row) for word in _words(value)]
    with copy.open("w", encoding="utf-8") as file:
        for row in rows:
            told = {field: _changed(value, words, draw) for field, value in row.items() if isinstance(value, str)}
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    return copy


def _changed(value: str, words: list[str], draw: random.Random) -> str:
    made = []
    for word in _words(value):
        other = draw.choice(words) if draw.random() < REPLACED else word
        cased = draw.choice((other, other.upper(), other.lower(), other.capitalize()))
        made.append(cased + draw.choice((" ", " ", "  ", "\n")))
    return "".join(word.rstrip(" ") for word in made) if _HAN.search(value) else "".join(made).rstrip()


def _words(value: str) -> list[str]:
    parts = value.split()
    if not _HAN.search(value):
        return parts
    return [part[i : i + 2] for part in parts for i in range(0, len(part), 2)]


def _values(row: Mapping[str, Any]) -> list[str]:
    return [value for value in row.values() if isinstance(value, str)]


def _fingerprint(path: Path, file: Path) -> tuple[Laundering, float]:
    began = time.process_time()
    data, _ = made(Source(id=_ID, paths=(str(path),), layout="alpaca"), path.parent, "CC-BY-NC-4.0", None)
    seconds = time.process_time() - began
    file.write_bytes(data)

    def say(name: str, problem: str) -> None:
        raise RunError(f"bench laundering: {name}: {problem}")

    restricted = read_restricted([(_ID, RestrictedDataset(str(file)))], file.parent, Laundering(), say)
    assert restricted is not None
    restricted.use()
    return restricted.check, seconds


def _readable(name: str, folder: Path) -> Path:
    """The file; of the classics, whose text is in arrays, one with all strings of a row joined."""
    if name != CLASSICS:
        return CORPORA / name
    path = folder / "classics.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for row in _rows(CORPORA / name):
            file.write(json.dumps({"text": "\n".join(strings_of(row))}) + "\n")
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _batches(path: Path, layout: str) -> Iterator[pa.RecordBatch]:
    framed, framing = Framed(), Framing("jsonl", layout)
    framed.begin_file()
    with open_shard(str(path), Span(), framing) as shard:
        numbered = (framed.number(block) for block in read_blocks(shard, Span(), framing))
        yield from batches(batch for batch in numbered if batch is not None)
