"""ScanCode beside us in `bench licence`: CPU a file, accuracy, readiness and memory, on a seeded sample of the same notices."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from checks.licence.classes import classify
from checks.licence.texts import matches
from pipelines.bench.licence_truth import Labelled, answers, families, ids
from pipelines.escalation.detector import InProcess, Limits, Told, scancode
from schemas.errors import ConfigError

FILES: Final = 60
QUICK_FILES: Final = 6
SEED: Final = 7
_MB: Final = 1_000_000
Least = Callable[[Callable[[], object]], float]
"""CPU seconds of some work, in this process."""


def beside_scancode(
    labelled: Sequence[Labelled], quick: bool, least: Least
) -> tuple[dict[str, tuple[float, str]], str]:
    """(figures, what they are of): ours and its on *n* files drawn by seed, one pass of its own process; no figures and why, where it is not here."""
    sample = random.Random(SEED).sample(list(labelled), min(len(labelled), QUICK_FILES if quick else FILES))
    texts = [each.text for each in sample]
    try:
        detector = scancode(Limits(notice_s=60))
    except ConfigError as error:
        return {}, f"scancode not measured: {error}"
    with detector:
        detector.ask("warm up")
        told = [detector.ask(text) for text in texts]
    ours = [ids(each.licence) for each in answers(texts)]
    return {
        "scancode_files": (len(sample), "files"),
        "scancode_unanswered": (sum(one.failed is not None for one in told), "files"),
        "scancode_ms_a_file": (sum(one.cpu_us for one in told) / len(told) / 1000, "ms"),
        "scancode_median_ms_a_file": (sorted(one.cpu_us for one in told)[len(told) // 2] / 1000, "ms"),
        "scancode_family_accuracy": (_share(sample, [_ids(one) for one in told]), "share"),
        "licence_ms_a_file_of_sample": (least(lambda: answers(texts)) / len(texts) * 1000, "ms"),
        "licence_index_ms_a_file_of_sample": (least(lambda: [matches(text) for text in texts]) / len(texts) * 1000, "ms"),
        "licence_family_accuracy_of_sample": (_share(sample, ours), "share"),
        **_readiness(detector),
    }, f"scancode {detector.version} on {len(sample)} of them drawn by seed, one pass"  # fmt: skip


def _readiness(detector: InProcess) -> dict[str, tuple[float, str]]:
    return {
        "scancode_ready_cpu_s": (detector.ready_cpu_ms / 1000, "s"),
        "scancode_peak_mb": (detector.peak_bytes / _MB, "MB"),
    }


def _ids(told: Told) -> frozenset[str]:
    """Every id that it names, as the check writes it; what it calls an unknown licence is none."""
    return frozenset().union(*(ids(classify(match.expression).spdx) for match in told.matches))


def _share(sample: Sequence[Labelled], found: Sequence[frozenset[str]]) -> float:
    right = sum(families(a) == families(each.truth) for a, each in zip(found, sample, strict=True))
    return right / len(sample)
