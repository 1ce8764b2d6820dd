"""`bench subject`: how long it takes to answer where a person's value is, among 20 million findings, in a warm process.

The ledger is made here, seeded: `subject_ledger` writes findings, sorts them into the index as a run does, and seals the run;
then the same process asks. Nothing is compared with a peer, for there is none; the figure is bound in milliseconds.
"""

import json
import tempfile
from typing import Any

from pipelines.bench.figures import Result, result
from pipelines.bench.used import python, use_of

FINDINGS = 20_000_000
QUICK_FINDINGS = 1_000_000
MB = 1_000_000


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: a million findings, for a look and not for a verdict."""
    findings = QUICK_FINDINGS if quick else FINDINGS
    with tempfile.TemporaryDirectory(prefix="corpusledger-bench-") as folder:
        used = use_of(python("pipelines.bench.subject_ledger", folder, str(findings)))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    measured = {
        "subject_p95_ms": (told["p95_ms"], "ms"),
        "subject_p50_ms": (told["p50_ms"], "ms"),
        "subject_first_ms": (told["first_ms"], "ms"),
        "subject_hot_ms": (told["hot_ms"], "ms"),
        "subject_index_cpu_s": (told["index_cpu_s"], "s"),
        "subject_index_mb": (told["index_bytes"] / MB, "MB"),
        "subject_peak_mb": (used.peak_bytes / MB, "MB"),
    }
    read = (
        f"{findings:,} seeded findings of {told['values']:,} values in {told['units']} units; {told['asked']} questions in one"
        f" process, a fifth of values that are not there; hot: a value that {told['hot_records']:,} records hold"
    )
    return result("subject", measured, read)
