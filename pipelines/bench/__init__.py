"""The benchmarks: each a ratio against a named peer in the same run; peers are imported here alone."""

from collections.abc import Callable, Mapping

from pipelines.bench import dedup, laundering, licence, personal, personal_accuracy, quality, scan, subject
from pipelines.bench.figures import Figure, Result

BENCHES: Mapping[str, Callable[[bool], Result]] = {
    "dedup": dedup.bench,
    "laundering": laundering.bench,
    "licence": licence.bench,
    "personal": personal.bench,
    "personal-accuracy": personal_accuracy.bench,
    "quality": quality.bench,
    "scan": scan.bench,
    "subject": subject.bench,
}
"""Name -> what measures it; its argument: quick, for a look and not for a verdict."""

__all__ = ["BENCHES", "Figure", "Result"]
