"""The benchmarks: each a ratio against a named peer in the same run; peers are imported here alone."""

from collections.abc import Callable, Mapping

from pipelines.bench import dedup, scan
from pipelines.bench.figures import Figure, Result

BENCHES: Mapping[str, Callable[[bool], Result]] = {"dedup": dedup.bench, "scan": scan.bench}
"""Name -> what measures it; its argument: quick, for a look and not for a verdict."""

__all__ = ["BENCHES", "Figure", "Result"]
