"""`bench scan`: the whole scan, files in and Parquet out, against datatrove's three steps over the same files; a core each.

Two programs, one after the other in one run. MB are stored bytes read over 10**6; CPU seconds are those of the work, from
the first file listed to the last byte written, without the start of the interpreter and its imports, which both programs
print beside it. A scan is started once for a corpus, so ours reads the same files `COPIES` times over, every copy a file
of its own that is read, checked, compared and written like any other, the copies of a file the shards of one source;
datatrove reads them once.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks import CHECKS
from checks.kernels.loading import absence
from pipelines.bench.figures import Result, result
from pipelines.bench.inputs import Input, copied, run_yaml, scan_inputs
from pipelines.bench.used import Used, python, use_of
from schemas.errors import RunError

MB = 1_000_000
LANGUAGES = ("en", "zh")
COPIES = 12
QUICK_COPIES = 2


def bench(quick: bool = False) -> Result:
    """Measure; *quick*: small files alone, for a look and not for a verdict."""
    with tempfile.TemporaryDirectory(prefix="corpusledger-bench-") as made:
        folder = Path(made)
        inputs, read = scan_inputs(folder, quick)
        sizes = {
            language: sum(each.size_bytes for each in inputs if each.language == language) for language in LANGUAGES
        }
        size_bytes = sum(sizes.values())
        (folder / "all").mkdir()
        (folder / "none").mkdir()
        many = copied(folder / "copies", inputs, QUICK_COPIES if quick else COPIES)
        times = len(many) // len(inputs)
        ours, work = time_scan(run_yaml(folder / "all", many), every_check=True)
        _, empty_work = time_scan(
            run_yaml(folder / "none", many, dict.fromkeys((check.name for check in CHECKS), False)), every_check=False
        )
        peers = {language: time_datatrove(folder, language, inputs) for language in LANGUAGES}
    peer_cpu_s = sum(told["work_cpu_s"] for _, told in peers.values())
    measured = {
        "scan_vs_datatrove": (peer_cpu_s * times / work, "x"),
        "scan_mb_s": (size_bytes * times / MB / work, "MB/CPU-s"),
        "scan_peak_mb": (ours.peak_bytes / MB, "MB"),
        "scan_work_cpu_s": (work, "s"),
        "scan_startup_cpu_s": (ours.cpu_s - work, "s"),
        "beam_overhead_cpu_s": (empty_work, "s"),
        "beam_overhead_share": (empty_work / work, "of scan"),
        "datatrove_mb_s": (size_bytes / MB / peer_cpu_s, "MB/CPU-s"),
    }
    for language, (used, told) in peers.items():
        measured[f"datatrove_mb_s_{language}"] = (sizes[language] / MB / told["work_cpu_s"], "MB/CPU-s")
        measured[f"datatrove_startup_cpu_s_{language}"] = (used.cpu_s - told["work_cpu_s"], "s")
        measured[f"datatrove_peak_mb_{language}"] = (used.peak_bytes / MB, "MB")
    return result("scan", measured, f"{read}, {size_bytes / MB:.1f} MB, by corpusledger {times} times over")


def time_scan(run_file: Path, every_check: bool) -> tuple[Used, float]:
    """`corpusledger scan` over *run_file* as a scheduler starts it, and the CPU seconds of its work.

    *every_check*: fail unless all of `CHECKS` looked, and the C kernel counted.
    """
    used = use_of(python("pipelines.cli", "scan", str(run_file), "--json", "--workers", "1"))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    if every_check:
        absent = {check.name for check in CHECKS} - told["made"].keys()
        if absent:
            raise RunError(f"bench scan: {', '.join(sorted(absent))} did not look; the bench needs every check on")
        if (why := absence()) is not None:
            raise RunError(f"bench scan: the C kernel is not there: {why}")
    return used, told["work_cpu_ms"] / 1000


def time_datatrove(folder: Path, language: str, inputs: Sequence[Input]) -> tuple[Used, dict[str, Any]]:
    """datatrove over the files of one language; fails unless every document passed every step."""
    files = [str(each.path) for each in inputs if each.language == language]
    used = use_of(python("pipelines.bench.datatrove_scan", language, str(folder / f"logs-{language}"), *files))
    told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
    if told["read"] == 0 or told["passed"] != told["read"]:
        raise RunError(
            f"bench scan: datatrove passed {told['passed']} of {told['read']} {language} documents; its bounds must let all pass"
        )
    return used, told
