"""`bench scan`: the whole scan, files in and Parquet out, against datatrove's three steps over the same files; a core each.

Two programs, one after the other in one run, start-up counted on both sides. MB are stored bytes read over 10**6. A scan
is started once for a corpus, so ours reads the same files `COPIES` times over, every copy a file of its own that is read,
checked and written like any other; datatrove, whose start-up is a hundredth of its work, reads them once.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks import CHECKS
from pipelines.bench.figures import Result, result
from pipelines.bench.inputs import Input, copied, run_yaml, scan_inputs
from pipelines.bench.used import Used, python, use_of
from schemas.errors import RunError

MB = 1_000_000
LANGUAGES = ("en", "zh")
COPIES = 24
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
        ours = time_scan(run_yaml(folder / "all", many), every_check=True)
        empty = time_scan(
            run_yaml(folder / "none", many, dict.fromkeys((check.name for check in CHECKS), False)), every_check=False
        )
        peers = {language: time_datatrove(folder, language, inputs) for language in LANGUAGES}
    peer_cpu_s = sum(used.cpu_s for used, _ in peers.values())
    measured = {
        "scan_vs_datatrove": (peer_cpu_s * times / ours.cpu_s, "x"),
        "scan_mb_s": (size_bytes * times / MB / ours.cpu_s, "MB/CPU-s"),
        "scan_peak_mb": (ours.peak_bytes / MB, "MB"),
        "scan_cpu_s": (ours.cpu_s, "s"),
        "beam_overhead_cpu_s": (empty.cpu_s, "s"),
        "beam_overhead_share": (empty.cpu_s / ours.cpu_s, "of scan"),
        "datatrove_mb_s": (size_bytes / MB / peer_cpu_s, "MB/CPU-s"),
    }
    for language, (used, _) in peers.items():
        measured[f"datatrove_mb_s_{language}"] = (sizes[language] / MB / used.cpu_s, "MB/CPU-s")
        measured[f"datatrove_peak_mb_{language}"] = (used.peak_bytes / MB, "MB")
    return result("scan", measured, f"{read}, {size_bytes / MB:.1f} MB, by corpusledger {times} times over")


def time_scan(run_file: Path, every_check: bool) -> Used:
    """`corpusledger scan` over *run_file* as a scheduler starts it. *every_check*: fail unless all of `CHECKS` looked."""
    used = use_of(python("pipelines.cli", "scan", str(run_file), "--json", "--workers", "1"))
    if every_check:
        told: dict[str, Any] = json.loads(used.output.strip().splitlines()[-1])
        absent = {check.name for check in CHECKS} - told["made"].keys()
        if absent:
            raise RunError(f"bench scan: {', '.join(sorted(absent))} did not look; the bench needs every check on")
    return used


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
