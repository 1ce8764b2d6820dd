"""Seeded notices that withhold something, in pages, headers and READMEs, as the benchmark and tests take them.

The builder lies in `pipelines.bench`, which is in the wheel and may import nothing of tests: `bench licence` must run where
no checkout is. It is written apart from the detectors and imports nothing of `checks`.
"""

from pipelines.bench.licence_notices import SEED, TIMES, Notice, notices

__all__ = ["SEED", "TIMES", "Notice", "notices"]
