"""The measuring program of `bench personal`: one process on one core, ours and plain Presidio in turns over the same documents.

CPU time of the process. Each chunk of documents is read by Presidio between two readings by ours, whose mean counts, so what
else the machine does falls on both. Ours is the check's own search before overlaps are resolved; making the Arrow array
counts as ours, since a run gets its batches from a reader and Presidio is handed Python strings.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import pyarrow as pa
from presidio_analyzer import AnalyzerEngine

from checks.personal.spot import spot_all
from pipelines.bench import personal_peers as peers
from pipelines.bench.personal_inputs import LANGUAGES, drawn, injected, short_records, size_of, texts

MB: Final = 1_000_000
COMPARED_BYTES, QUICK_COMPARED_BYTES = 4 * MB, MB // 4
DEFAULT_BYTES: Final = MB // 2
_CHUNK_BYTES: Final = MB // 2
T = TypeVar("T")
Row = list[tuple[str, int, int, int]]
Measured = dict[str, tuple[float, str]]


def main(mode: str) -> None:
    """Print every figure as one JSON object and, before it, what was read. *mode*: quick or whole."""
    quick = mode == "quick"
    peers.stay_offline()
    plain, default, with_model = peers.plain_engine(), peers.default_engine(), peers.spacy_engine()
    for engine in filter(None, (plain, default, with_model)):
        peers.analyse(engine, "warm up: 8.8.8.8")
    list(spot_all(pa.array(["warm up: 8.8.8.8, 13800000000"], pa.large_string())))
    measured, read, mismatches, documents = dict[str, tuple[float, str]](), list[str](), 0, 0
    for language in LANGUAGES:
        found = texts(language, QUICK_COMPARED_BYTES if quick else COMPARED_BYTES)
        read.append(found.said)
        differing, figures = compared(language, plain, found.compared)
        mismatches, documents, measured = mismatches + differing, documents + len(found.compared), measured | figures
        with_values = injected(language, drawn(found.compared, DEFAULT_BYTES))
        differing, figures = compared(f"injected_{language}", plain, with_values)
        mismatches, documents, measured = mismatches + differing, documents + len(with_values), measured | figures
        few = drawn(found.compared, DEFAULT_BYTES // (4 if quick else 1))
        measured |= beside(f"default_{language}", default, few)
        if with_model is not None and language == "en":
            measured |= beside("default_with_spacy_en", with_model, drawn(few, DEFAULT_BYTES // 10))
        whole = list(found.compared if quick else found.all)
        seconds = cpu_s(lambda whole=whole: search(whole))  # type: ignore[misc]
        measured[f"personal_mb_s_{language}"] = sum(map(size_of, whole)) / MB / seconds, "MB/CPU-s"
        short = list(short_records(found.all))
        seconds = cpu_s(lambda short=short: search(short))  # type: ignore[misc]
        measured[f"personal_short_records_s_{language}"] = len(short) / seconds, "records/CPU-s"
    measured["personal_mismatches"] = mismatches, "documents"
    measured["personal_compared_documents"] = documents, "documents"
    print(json.dumps({"read": "; ".join(read), "figures": measured}))


def compared(name: str, engine: AnalyzerEngine, documents: Sequence[str]) -> tuple[int, Measured]:
    """Ours and *engine* over *documents*: how many differ in entity, start, end or score, and the ratio."""
    ours_s = theirs_s = 0.0
    differing = findings = 0
    for chunk in chunks(documents):
        before, found = timed(lambda chunk=chunk: search(chunk))  # type: ignore[misc]
        seconds, plain = timed(lambda chunk=chunk: [peers.analyse(engine, text) for text in chunk])  # type: ignore[misc]
        after, _ = timed(lambda chunk=chunk: search(chunk))  # type: ignore[misc]
        ours_s, theirs_s = ours_s + (before + after) / 2, theirs_s + seconds
        rows = by_row(found, len(chunk))
        for ours, theirs in zip(rows, plain, strict=True):
            told = peers.as_rows(theirs)
            findings += len(told)
            differing += sorted(ours) != told
    size = sum(map(size_of, documents)) / MB
    return differing, {
        f"personal_vs_presidio_{name}": (theirs_s / ours_s, "x"),
        f"presidio_mb_s_{name}": (size / theirs_s, "MB/CPU-s"),
        f"personal_findings_a_mb_{name}": (findings / size, "findings"),
    }


def beside(name: str, engine: AnalyzerEngine, documents: Sequence[str]) -> Measured:
    """The ratio alone, against another list of entities."""
    ours_s = theirs_s = 0.0
    for chunk in chunks(documents):
        before, _ = timed(lambda chunk=chunk: search(chunk))  # type: ignore[misc]
        seconds, _ = timed(lambda chunk=chunk: [peers.analyse(engine, text) for text in chunk])  # type: ignore[misc]
        after, _ = timed(lambda chunk=chunk: search(chunk))  # type: ignore[misc]
        ours_s, theirs_s = ours_s + (before + after) / 2, theirs_s + seconds
    return {f"personal_vs_{name}": (theirs_s / ours_s, "x")}


def search(documents: list[str]) -> list[tuple[int, int, int, str, int]]:
    """Every finding of the product in *documents*, before overlaps are resolved."""
    return list(spot_all(pa.array(documents, pa.large_string())))


def by_row(found: Sequence[tuple[int, int, int, str, int]], rows: int) -> list[Row]:
    """Findings as (entity, start, end, score_ppm) by document."""
    of_row: dict[int, Row] = defaultdict(list)
    for row, start, end, entity, ppm in found:
        of_row[row].append((entity, start, end, ppm))
    return [of_row.get(row, []) for row in range(rows)]


def chunks(documents: Sequence[str]) -> Iterator[list[str]]:
    """*documents* in their order, about half a MB at a time."""
    chunk, size = list[str](), 0
    for text in documents:
        chunk.append(text)
        size += size_of(text)
        if size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of this process for *work*, and what it gave."""
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def cpu_s(work: Callable[[], object]) -> float:
    """The least CPU seconds of three tries: what the work takes when little else disturbs the caches."""
    return min(timed(work)[0] for _ in range(3))


if __name__ == "__main__":
    main(*sys.argv[1:])
