"""The two halves of `bench scan` read the same: datatrove passes every document, and a program's use is what it used."""

import json
import sys
from pathlib import Path

import pytest

from pipelines.bench import inputs, scan
from pipelines.bench.inputs import Input, scan_inputs
from pipelines.bench.scan import time_datatrove
from pipelines.bench.used import Used, use_of
from schemas.errors import RunError


def test_seeded_text_where_there_are_no_real_files(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(inputs, "CORPORA", tmp_path / "absent")
    monkeypatch.setattr(inputs, "SEEDED_BYTES", 20_000)
    found, said = scan_inputs(tmp_path, quick=False)
    assert "seeded" in said and [each.language for each in found] == ["en", "zh"]
    assert all(20_000 <= each.size_bytes < 30_000 for each in found)
    first = [each.path.read_bytes() for each in found]
    assert [each.path.read_bytes() for each in scan_inputs(tmp_path, quick=False)[0]] == first


def test_the_figures_follow_from_what_the_programs_used(tmp_path: Path, monkeypatch):
    # Seeded input lies in a folder that is gone when the bench ends: nothing may look at it after that.
    monkeypatch.setattr(inputs, "CORPORA", tmp_path / "absent")
    monkeypatch.setattr(inputs, "SEEDED_BYTES", 20_000)
    monkeypatch.setattr(
        scan, "time_scan", lambda run_file, every_check: (Used(9.0, 9.0, 10**8, 0, ""), 2.0 if every_check else 0.5)
    )
    monkeypatch.setattr(
        scan, "time_datatrove", lambda folder, language, files: (Used(60.0, 60.0, 10**8, 0, ""), {"work_cpu_s": 50.0})
    )
    figures = {figure.name: figure.value for figure in scan.bench().figures}
    assert (
        figures["scan_vs_datatrove"] == 50 * scan.COPIES
        and figures["scan_peak_mb"] == 100
        and figures["beam_overhead_share"] == 0.25
    )
    assert figures["datatrove_mb_s_en"] > 0 and figures["datatrove_mb_s_zh"] > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_datatrove_passes_every_document(tmp_path: Path, language: str):
    hostile = {
        "en": ["One.", "#" * 50, "- a\n- b\n- c", "… … …", "1 2 3 4", "mail a@b.co from 9.9.9.9"],
        "zh": ["短。", "一二三四五", "……", "- 甲\n- 乙", "混合 text 123"],
    }
    path = tmp_path / f"{language}.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in hostile[language]), encoding="utf-8")
    used, told = time_datatrove(tmp_path, language, [Input(path, language)])
    assert told["read"] == told["passed"] == len(hostile[language])
    assert used.cpu_s >= told["work_cpu_s"] > 0


def test_a_program_s_use_counts_its_children_and_names_its_failure():
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**6)); b = bytes([1]) * 10**8'], check=True)"
    used = use_of([sys.executable, "-c", burn])
    assert used.cpu_s > 0 and used.peak_bytes > 10**8
    with pytest.raises(RunError, match="exit code 3; it said: sorry"):
        use_of([sys.executable, "-c", "import sys; print('sorry'); sys.exit(3)"])
