"""What the peers of `bench dedup` share: their shingling in Python, how they read a file, and the answer that they print."""

import json
import re
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow.json as pj
import pyarrow.parquet as pq

_WIDE: Final = "\u2e80-\u318f\u31a0-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
TERMS: Final = {"en": re.compile(r"[^\W_]+"), "zh": re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")}
"""A run of letters or digits; in Chinese text each character too: what a user of datasketch or rensa would write."""
SHINGLE_TERMS: Final = 5


def shingles(text: str, language: str) -> list[str]:
    """Runs of five terms, joined by a space; of a shorter text its terms as one; of an empty one nothing."""
    terms = TERMS[language].findall(text.lower())
    return [
        " ".join(terms[at : at + SHINGLE_TERMS]) for at in range(max(1, len(terms) - SHINGLE_TERMS + 1))
    ] if terms else []  # fmt: skip


def texts_of(path: Path) -> list[str]:
    """The column `text` of a JSONL or Parquet file, in file order."""
    is_parquet = path.suffix == ".parquet"
    table = pq.ParquetFile(path).read(columns=["text"]) if is_parquet else pj.read_json(path)
    found: list[str] = table.column("text").to_pylist()
    return found


def stands_for(parents: Sequence[int]) -> npt.NDArray[np.int64]:
    """Of a forest in which no parent is greater than its child: the root of each."""
    found = np.empty(len(parents), np.int64)
    for at, parent in enumerate(parents):
        found[at] = at if parent == at else found[parent]
    return found


class Forest:
    """Union-find over numbers; the least of a set is its root."""

    def __init__(self, count: int) -> None:
        self.parents = list(range(count))

    def root(self, of: int) -> int:
        """The least number of the set that holds *of*."""
        parents = self.parents
        while parents[of] != of:
            parents[of] = parents[parents[of]]
            of = parents[of]
        return of

    def join(self, one: int, other: int) -> None:
        """Make one set of two."""
        a, b = self.root(one), self.root(other)
        if a != b:
            self.parents[max(a, b)] = min(a, b)


@dataclass(frozen=True)
class Clock:
    """CPU and wall seconds from its making on."""

    cpu_s: float
    began: float

    @classmethod
    def now(cls) -> "Clock":
        """Start it."""
        return cls(cpu_s(), time.monotonic())

    def answer(self, folder: Path, kept_of: npt.NDArray[np.int64], **beside: Any) -> None:
        """Write *kept_of* (int64[n]: the document that stands for each) and print the program's answer."""
        told = {"work_cpu_s": cpu_s() - self.cpu_s, "wall_s": time.monotonic() - self.began, "documents": len(kept_of)}
        np.save(folder / "kept_of.npy", kept_of)
        print(json.dumps(told | beside))


def cpu_s() -> float:
    """User and system seconds of this process, all its threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
