"""A million near-identical pages of distinct bytes: one cluster, one page stays, every removal measured, nothing held whole."""

import json
import subprocess
import sys

from tests.kit.command import ROOT

MILLION = 1_000_000
RANGE_TASKS = ("standing", "content", "folded", "candidates", "pairs", "reading", "verifying")
"""What these hold does not grow with the corpus."""


def test_a_million_near_identical_pages_are_one_cluster_and_no_task_holds_them(record_property) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.pipelines.dedup.million", str(MILLION)],
        capture_output=True, text=True, cwd=ROOT, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    record_property("cpu_s", told["cpu_s"])
    assert (told["removed"], told["kept"]) == (MILLION - 1, 1)
    assert told["schemes"] == ["affine32"]
    assert told["exact_ppm"] == [1_000_000 * 19 // 21]
    cost = told["cost"]
    assert (cost["clusters"], cost["records_in_clusters"], cost["failed_members"]) == (1, MILLION, 0)
    assert cost["hot_runs"] == 16, "every band is one run, longer than is held"
    assert cost["candidate_pairs"] < 4 * MILLION
    assert cost["removed_by_estimate"] == 0
    held = told["held_mib"]
    assert max(held[step] for step in RANGE_TASKS) <= 96, held
    assert held["segments"] <= 200, "one band of a segment"
    assert held["forest"] <= 96, held
    # One cluster is one task: about 160 bytes a member; a task that decides takes half a million rows.
    assert max(held["settling"], held["deciding"]) <= 240, held
