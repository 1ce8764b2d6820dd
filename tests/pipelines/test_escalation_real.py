"""ScanCode itself, where the extra is installed; and what the lock holds of it."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from pipelines.escalation import detector
from pipelines.escalation.answer import answer_of
from pipelines.escalation.detector import PYTHON_VARIABLE, Limits


def test_scancode_itself_names_what_we_do_not():
    if not os.environ.get(PYTHON_VARIABLE):
        pytest.importorskip("licensedcode", reason="the extra `escalation` is not installed")
    with detector.scancode(Limits(notice_s=20)) as real:
        assert real.version.split(".")[0].isdigit()
        told = answer_of(real.ask("Licensed under the Aladdin Free Public License."), "Licensed under the Aladdin Free Public License.", 0)  # fmt: skip
        assert told.expression == "LicenseRef-scancode-afpl-9.0" and told.score_ppm == 1_000_000
        assert real.ask("未经授权不得转载").matches == ()


def test_the_lock_holds_every_extra_but_the_one_that_takes_a_minute_to_install():
    root = Path(__file__).resolve().parents[2]
    extras = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    (locked,) = re.findall(r"(?m)^LOCKED := (.+)$", (root / "Makefile").read_text(encoding="utf-8"))
    assert set(locked.split()) == set(extras) - {"escalation"}
    assert "scancode" not in (root / "requirements.lock").read_text(encoding="utf-8")
