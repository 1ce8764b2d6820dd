"""Text to signature, ours and the peers', in one process and interleaved rounds: CPU seconds, best of several.

The peers take sets of tokens, so their time holds the shingling in Python that their users write; gaoya's is its own. The
slow ones see a part of the texts, spread over the file. Ours sees all, as one Arrow array. Run as a program, it prints
one JSON object: figure -> [value, unit].
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from datasketch import MinHash
from gaoya.minhash import MinHashStringIndex
from rensa import RMinHash

from checks.kernels import absence, digest_calls, library, term_calls
from checks.terms import shingle_sets, signatures
from checks.terms.fold import fold
from checks.terms.scheme import permutations
from pipelines.bench.dedup_peers import SHINGLE_TERMS, shingles, texts_of
from schemas.errors import RunError

MB: Final = 1_000_000
ROUNDS: Final = 5
OURS_A_ROUND: Final = 3
SPREAD: Final = 4
"""The peers see every fourth text."""
SLOTS, SEED = 128, 42
BUFFER_BYTES: Final = 1 << 28
LEVELS: Final = ("plain", "avx2", "avx512")
SHINGLES_ALONE: Final = 1 << 20
CACHED: Final = 4096


@dataclass(frozen=True)
class Timed:
    """*mb* of text in *cpu_s*, the least of all rounds."""

    mb: float
    cpu_s: float

    @property
    def mb_s(self) -> float:
        """MB of text a CPU-second."""
        return self.mb / self.cpu_s


def figures(texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[float, str]]:
    """Every figure of this part; *texts*: language -> texts."""
    found: dict[str, tuple[float, str]] = {}
    read = read_bandwidth()
    for language, all_texts in texts.items():
        timed = timed_of(all_texts, language)
        ours = timed.pop("ours")
        found[f"signatures_mb_s_{language}"] = ours.mb_s, "MB/CPU-s"
        for peer, its in timed.items():
            found[f"signatures_vs_{peer}_{language}"] = ours.mb_s / its.mb_s, "x"
            found[f"{peer}_signatures_mb_s_{language}"] = its.mb_s, "MB/CPU-s"
        found[f"signatures_share_of_read_{language}"] = ours.mb_s * MB / read, "of bandwidth"
        for level, ns in ns_a_shingle(all_texts).items():
            found[f"signatures_ns_a_shingle_{level}_{language}"] = ns, "ns"
    for level, ns in ns_without_text(next(iter(texts.values()))).items():
        found[f"slots_ns_a_shingle_{level}"] = ns, "ns"
    found |= digests(next(iter(texts.values())))
    found["read_bandwidth_gb_s"] = read / 1e9, "GB/CPU-s"
    return found


def timed_of(texts: Sequence[str], language: str, rounds: int = ROUNDS) -> dict[str, Timed]:
    """ours, datasketch, rensa and gaoya over *texts*, in turns."""
    array, part = pa.array(texts, pa.large_string()), list(islice(texts, 0, None, SPREAD))
    mb, part_mb = _mb(texts), _mb(part)
    best: dict[str, float] = {}

    def keep(name: str, cpu_s: float) -> None:
        best[name] = min(best.get(name, cpu_s), cpu_s)

    for _ in range(rounds):
        sets, shingling = _took(lambda: [shingles(text, language) for text in part])
        keep("shingling", shingling)
        keep("datasketch", shingling + _took(_datasketch, sets)[1])
        keep("rensa", shingling + _took(RMinHash.digest_matrix_from_token_sets, sets, SLOTS, SEED)[1])
        keep("gaoya", _took(gaoya_index(language).bulk_hash_docs, part)[1])
        for _again in range(OURS_A_ROUND):
            keep("ours", _took(signatures, array)[1])
    return {
        name: Timed(mb if name == "ours" else part_mb, cpu_s) for name, cpu_s in best.items() if name != "shingling"
    }


def _datasketch(sets: Sequence[Sequence[str]]) -> list[MinHash]:
    return list(MinHash.generator(([shingle.encode() for shingle in each] for each in sets), num_perm=SLOTS))


def gaoya_index(language: str) -> Any:
    """gaoya with 128 slots of 32 bits; five of its words, or of characters where text has no spaces."""
    kind = "char" if language == "zh" else "word"
    return MinHashStringIndex(32, 0.8, 16, 8, None, kind, True, (SHINGLE_TERMS, SHINGLE_TERMS)).minhash_index


def ns_a_shingle(texts: Sequence[str]) -> dict[str, float]:
    """Text to signature, ns for each shingle (with repetition), by every instruction set that this machine has."""
    array, tables = pa.array(texts, pa.large_string()), (fold().table, fold().expansions)
    kernel, drawn = _kernel(), permutations(1)
    terms = signatures(array)[1]
    count = int(np.maximum(terms - SHINGLE_TERMS + 1, np.minimum(terms, 1)).sum())

    def at(level: int) -> float:
        return min(_took(term_calls.signatures_of_rows, kernel, array, tables, drawn, level)[1] for _ in range(ROUNDS))

    return {name: at(level) * 1e9 / count for level, name in enumerate(LEVELS[: kernel.best_level() + 1])}


def ns_without_text(texts: Sequence[str]) -> dict[str, float]:
    """The 128 slots alone, ns for each shingle: what a sketch costs once there are hashes."""
    kernel, (a, b) = _kernel(), permutations(1)
    rows = np.arange(len(texts), dtype=np.intp)
    hashes = (shingle_sets(pa.array(texts, pa.large_string()), rows)[0] >> np.uint64(32)).astype(np.uint32)
    values = np.resize(hashes, SHINGLES_ALONE)
    a, b, slots = np.ascontiguousarray(a), np.ascontiguousarray(b), np.full(SLOTS, 0xFFFFFFFF, np.uint32)

    def lower(level: int) -> None:
        for start in range(0, len(values), CACHED):  # as many as lie in the cache when a text is cut into blocks
            at = values[start:].ctypes.data
            kernel.lower_slots_at(
                level, at, min(CACHED, len(values) - start), a.ctypes.data, b.ctypes.data, slots.ctypes.data
            )

    levels = LEVELS[: kernel.best_level() + 1]
    return {
        name: min(_took(lower, level)[1] for _ in range(ROUNDS)) * 1e9 / len(values)
        for level, name in enumerate(levels)
    }


def digests(texts: Sequence[str]) -> dict[str, tuple[float, str]]:
    """SHA-256 of each text in plain C and, where this machine has instructions for it, how many times as fast with them.

    They are the one hand-written use of instructions in the kernels: it stays while this is 1.5 or more.
    """
    kernel, array = _kernel(), pa.array(texts, pa.large_string())
    took = {
        is_plain: min(_took(digest_calls.digests_of_rows, kernel, array, is_plain)[1] for _ in range(ROUNDS))
        for is_plain in (True, False)
    }
    found = {"digests_mb_s_plain": (_mb(texts) / took[True], "MB/CPU-s")}
    return found | ({"digests_sha_vs_plain": (took[True] / took[False], "x")} if kernel.has_sha256() else {})


def _kernel() -> Any:
    found = library()
    if found is None:
        raise RunError(f"bench dedup: the C kernel is not there: {absence()}")
    return found


def read_bandwidth() -> float:
    """Bytes a CPU-second that one core reads from memory: a sum over numbers far larger than any cache."""
    numbers = np.ones(BUFFER_BYTES // 8, np.uint64)
    return BUFFER_BYTES / min(_took(numbers.sum)[1] for _ in range(5))


def _took(run: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    began = time.process_time()
    answer = run(*arguments)
    return answer, time.process_time() - began


def _mb(texts: Sequence[str]) -> float:
    return sum(len(text.encode()) for text in texts) / MB


def main(*languages_and_paths: str) -> None:
    """``LANGUAGE PATH`` pairs; prints the figures."""
    os.environ["RAYON_NUM_THREADS"] = "1"  # read when rensa and gaoya first need a thread
    named = zip(languages_and_paths[::2], languages_and_paths[1::2], strict=True)
    print(json.dumps(figures({language: texts_of(Path(path)) for language, path in named})))


if __name__ == "__main__":
    main(*sys.argv[1:])
