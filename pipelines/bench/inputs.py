"""What the benchmarks read: real files of shared/data where they are, else seeded text of the same layouts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.demo.words import stock

CORPORA = Path(__file__).resolve().parents[2].parent / "shared/data/corpora"
SEEDED_BYTES = 8_000_000
"""Of each language, where there are no real files."""


@dataclass(frozen=True)
class Input:
    """One file of the benchmark: its language, and how its fields make a text."""

    path: Path
    language: str
    layout: str = "plain"
    format: str = "jsonl"

    @property
    def size_bytes(self) -> int:
        """Stored bytes."""
        return self.path.stat().st_size


# Every JSONL file there whose text both programs can take as it stands: an array of paragraphs or of instances is no text.
REAL = (
    ("web/c4_demo.jsonl", "en", "plain"),
    ("web/cc_en_head-0091.jsonl", "en", "plain"),
    ("web/cc_en_head-0174.jsonl", "en", "plain"),
    ("instruct/alpaca_en_demo.jsonl", "en", "alpaca"),
    ("instruct/alpaca_en_mit_labelled.jsonl", "en", "alpaca"),
    ("instruct/gsm8k_train.jsonl", "en", "alpaca"),
    ("books/prc_laws.jsonl", "zh", "plain"),
    ("instruct/alpaca_zh_demo.jsonl", "zh", "alpaca"),
    ("instruct/alpaca_zh_mit_labelled.jsonl", "zh", "alpaca"),
    ("instruct/baseline_zh_extra.jsonl", "zh", "alpaca"),
)


def scan_inputs(folder: Path, quick: bool) -> tuple[tuple[Input, ...], str]:
    """The files and, in words, what they are. *folder*: where seeded text goes; *quick*: files under 1 MB alone."""
    real = tuple(Input(CORPORA / name, language, layout) for name, language, layout in REAL)
    if all(each.path.exists() for each in real):
        chosen = tuple(each for each in real if not quick or each.size_bytes < 1_000_000)
        return chosen, f"{len(chosen)} JSONL files of ../shared/data/corpora{', small ones alone' if quick else ''}"
    seeded = tuple(_seeded(folder, language, SEEDED_BYTES // (10 if quick else 1)) for language in ("en", "zh"))
    return seeded, "seeded text, for ../shared/data/corpora is not here"


def _seeded(folder: Path, language: str, size_bytes: int) -> Input:
    path, written, number = folder / f"seeded-{language}.jsonl", 0, 0
    with path.open("wb") as file:
        while written < size_bytes:
            writing = stock(language).writing(f"bench/{number}")
            line = json.dumps({"text": writing.text}, ensure_ascii=False).encode() + b"\n"
            written += file.write(line)
            number += 1
    return Input(path, language)


def copied(folder: Path, inputs: tuple[Input, ...], times: int) -> tuple[Input, ...]:
    """So many copies of every input, each a file of its own."""
    found = []
    for number in range(times):
        (folder / str(number)).mkdir(parents=True)
        for at, each in enumerate(inputs):
            path = folder / str(number) / f"{at}-{each.path.name}"
            path.write_bytes(each.path.read_bytes())
            found.append(Input(path, each.language, each.layout))
    return tuple(found)


def run_yaml(folder: Path, inputs: tuple[Input, ...], checks: Mapping[str, Any] | None = None) -> Path:
    """A run file and registry in *folder* over *inputs*, the ledger beside them; files of one name are the shards of one source."""
    (folder / "sources").mkdir(parents=True)
    shards: dict[str, list[Input]] = {}
    for each in inputs:
        shards.setdefault(each.path.name, []).append(each)
    for number, files in enumerate(shards.values()):
        first = files[0]
        source = {"id": f"input-{number}", "paths": [str(each.path) for each in files], "format": first.format, "layout": first.layout,
                  "language": first.language, "licence": "LicenseRef-benchmark", "class": "open-source", "stage": "pre-training"}  # fmt: skip
        (folder / f"sources/input-{number}.yaml").write_text(yaml.safe_dump(source), encoding="utf-8")
    (folder / "hmac.key").write_bytes(bytes(range(32)))  # a benchmark's key protects nothing
    run = {
        "provider": {"name": "benchmark"},
        "model": {"name": "benchmark", "stage": "pre-training"},
        "corpus": [str(each.path) for each in inputs],
        "sources": ["sources/*.yaml"],
        "ledger": "ledger",
        "keys": {"hmac": "hmac.key"},
        **({"checks": dict(checks)} if checks is not None else {}),
    }
    path = folder / "run.yaml"
    path.write_text(yaml.safe_dump(run, sort_keys=False), encoding="utf-8")
    return path
