"""`bench dedup`: near-duplicates against exact truth, and against datasketch, rensa, gaoya and datatrove on the same texts.

Four parts, in programs of their own on one core: text to signature; the whole job, files in to decisions out, with its
recall and precision; the exchange of bands against one Beam element a band; peak memory over a growing corpus. A MB is
10**6 bytes of text in UTF-8, however it is stored; CPU seconds are those of the work, without start and imports.
"""

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree

import numpy as np
import pyarrow as pa

from checks.terms import shingle_sets, signatures
from pipelines.bench.dedup_growth import A_FILE, QUICK_SIZES, SIZES, clauses, many
from pipelines.bench.dedup_inputs import KINDS, Corpus, dedup_inputs
from pipelines.bench.dedup_jobs import PEERS, Job, our_job, our_scan, peer_job
from pipelines.bench.dedup_truth import LEAST_TERMS, Ints, Shingled, recall, removals, true_pairs
from pipelines.bench.figures import Result, result
from pipelines.bench.used import python, use_of
from schemas.errors import RunError

MB = 1_000_000
QUICK_A_FILE = 2_000
EXCHANGED, QUICK_EXCHANGED = 20_000, 4_000
Measured = dict[str, tuple[float, str]]


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: a tenth of the texts and small corpora, for a look and not for a verdict."""
    with tempfile.TemporaryDirectory(prefix="corpusledger-bench-") as made:
        folder = Path(made)
        corpora = dedup_inputs(folder / "inputs", quick)
        measured = signature_figures(corpora)
        right = removed = 0
        for corpus in corpora:
            figures, (its_right, its_removed) = job_figures(folder / corpus.language, corpus)
            measured |= figures
            right, removed = right + its_right, removed + its_removed
        measured["dedup_precision"] = right / removed if removed else 1.0, "share"
        measured |= exchange_figures(QUICK_EXCHANGED if quick else EXCHANGED)
        measured |= growth_figures(folder / "growth", quick)
    read = [
        *(corpus.said for corpus in corpora),
        f"growth of {'clauses of the same' if clauses('en')[1] else 'seeded clauses'}",
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in ("datasketch", "rensa", "gaoya", "datatrove"))
    return result("dedup", measured, "; ".join([*read, f"peers: {versions}"]))


def signature_figures(corpora: tuple[Corpus, ...]) -> Measured:
    """Text to signature, all in one process."""
    files = [word for corpus in corpora for word in (corpus.language, str(corpus.input.path))]
    return _told("pipelines.bench.dedup_signatures", *files)


def exchange_figures(documents: int) -> Measured:
    """Bands brought together by files, and by elements."""
    return _told("pipelines.bench.dedup_exchange", str(documents))


def job_figures(folder: Path, corpus: Corpus) -> tuple[Measured, tuple[int, int]]:
    """Every whole job over *corpus* against its truth; and of our removals how many are right, of how many."""
    truth = truth_of(corpus)
    ours = our_job(folder / "ours", corpus)
    measured = _of_job("dedup", ours, corpus, truth)
    measured[f"true_pairs_{corpus.language}"] = len(truth[1][0]), "pairs"
    measured[f"documents_under_20_terms_{corpus.language}"] = int((truth[0].terms < LEAST_TERMS).sum()), "documents"
    for kind in KINDS if corpus.planted else ():
        pairs = planted_pairs(corpus, truth[1], kind)
        measured[f"planted_{kind}_{corpus.language}"] = len(pairs[0]), "pairs"
        measured[f"dedup_recall_{kind}_{corpus.language}"] = recall(pairs, ours.kept_of), "share"
    for peer in PEERS:
        its = peer_job(peer, folder / peer, corpus)
        measured |= _of_job(peer, its, corpus, truth)
        measured[f"dedup_vs_{peer}_{corpus.language}"] = its.work_cpu_s / ours.work_cpu_s, "x"
    return measured, removals(truth[0], ours.kept_of)


def growth_figures(folder: Path, quick: bool) -> Measured:
    """The peak of the largest process over a growing corpus; each corpus goes before the next comes."""
    measured: Measured = {}
    sizes, a_file = (QUICK_SIZES, QUICK_A_FILE) if quick else (SIZES, A_FILE)
    for name, documents in sizes.items():
        files = many(folder / name / "files", documents, a_file)
        used, told = our_scan(folder / name, files)
        if told["records_looked_at"] != documents:
            raise RunError(f"bench dedup: {told['records_looked_at']} records looked at of {documents}")
        rmtree(folder / name)
        measured[f"dedup_peak_mb_{name}"] = used.peak_bytes / MB, "MB"
        measured[f"dedup_us_a_document_{name}"] = told["work_cpu_ms"] * 1000 / documents, "us"
    first, last = (measured[f"dedup_peak_mb_{name}"][0] for name in ("100k", "2m"))
    measured["dedup_peak_growth"] = last / first, "x"
    return measured


def truth_of(corpus: Corpus) -> tuple[Shingled, tuple[Ints, Ints]]:
    """The texts as sets, and every pair of them with exact Jaccard >= 0.8."""
    array = pa.array(corpus.texts, pa.large_string())
    values, offsets = shingle_sets(array, np.arange(len(array), dtype=np.intp))
    shingled = Shingled(values, offsets, signatures(array)[1])
    return shingled, true_pairs(shingled)


def planted_pairs(corpus: Corpus, pairs: tuple[Ints, Ints], kind: str) -> tuple[Ints, Ints]:
    """The true pairs of a planted copy of *kind* and its original: an edit can bring a short text below 0.8."""
    planted = {(original, copy) for copy, original, its_kind in corpus.planted if its_kind == kind}
    wanted = np.array([pair in planted for pair in zip(*(each.tolist() for each in pairs), strict=True)], np.bool_)
    return pairs[0][wanted], pairs[1][wanted]


def _of_job(name: str, job: Job, corpus: Corpus, truth: tuple[Shingled, tuple[Ints, Ints]]) -> Measured:
    shingled, pairs = truth
    right, removed = removals(shingled, job.kept_of)
    language = corpus.language
    return {
        f"{name}_mb_s_{language}": (corpus.text_bytes / MB / job.work_cpu_s, "MB/CPU-s"),
        f"{name}_work_cpu_s_{language}": (job.work_cpu_s, "s"),
        f"{name}_startup_cpu_s_{language}": (job.used.cpu_s - job.work_cpu_s, "s"),
        f"{name}_peak_mb_{language}": (job.used.peak_bytes / MB, "MB"),
        f"{name}_recall_{language}": (recall(pairs, job.kept_of), "share"),
        f"{name}_precision_{language}": (right / removed if removed else 1.0, "share"),
        f"{name}_removed_{language}": (removed, "documents"),
    }


def _told(module: str, *arguments: str) -> Measured:
    """What a program of figures printed."""
    told = json.loads(use_of(python(module, *arguments)).output.strip().splitlines()[-1])
    return {name: (value, unit) for name, (value, unit) in told.items()}
