"""The kernels' library is built with a compiler and done without where there is none; no other one is ever loaded."""

import os
import shlex
import shutil

import pytest

from checks.kernels.build import FOLDER, LIBRARY_NAME, BuildError, build
from checks.kernels.loading import load

QUICK = ("-O0",)
"""Whether it is built, where and of what, is the same; the wheel's test compiles it as it is shipped."""


def needs_a_compiler():
    compiler = shlex.split(os.environ.get("CC") or "cc")[0]
    if not shutil.which(compiler):
        pytest.skip(f"no C compiler {compiler!r} here")


def copied(folder):
    folder.mkdir(parents=True)
    for path in (*FOLDER.glob("*.[ch]"), FOLDER / "build.py"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_a_library_that_is_not_there_or_not_of_this_source_is_refused_with_the_way_out(tmp_path):
    needs_a_compiler()
    assert "not built; run `python -m checks.kernels`" in load(tmp_path / "none").absence
    (tmp_path / "text").write_text("no library")
    assert "cannot be loaded" in load(tmp_path / "text").absence
    other = copied(tmp_path / "other")
    (other / "rows.h").write_bytes((other / "rows.h").read_bytes() + b"\n")
    assert "made of other sources" in load(build(tmp_path, QUICK, source_folder=other)).absence
    assert [path.name for path in tmp_path.iterdir() if LIBRARY_NAME in path.name] == [LIBRARY_NAME]


def test_a_compiler_that_is_missing_or_fails_is_named(tmp_path, monkeypatch):
    needs_a_compiler()
    with pytest.raises(BuildError, match="failed"):
        build(tmp_path, ["--no-such-flag"])
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(BuildError, match="no C compiler 'no-such-compiler'"):
        build(tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_build_hook_adds_the_library_or_warns_once_and_goes_on(tmp_path, monkeypatch):
    needs_a_compiler()
    hook_module = pytest.importorskip("checks.kernels.hatch_build", reason="hatchling is for development")
    folder = copied(tmp_path / hook_module.HERE)
    quick = tmp_path / "cc"
    quick.write_text(f'#!/bin/sh\nexec {os.environ.get("CC") or "cc"} "$@" {" ".join(QUICK)}\n')
    quick.chmod(0o755)
    monkeypatch.setenv("CC", str(quick))
    warnings = []
    app = type("App", (), {"display_warning": lambda self, text: warnings.append(text)})()
    hook = hook_module.KernelBuildHook(str(tmp_path), {}, None, None, "", "wheel", app)
    made = {"artifacts": [], "pure_python": True}
    hook.initialize("standard", made)
    assert made["artifacts"] == [f"/{hook_module.HERE}/{LIBRARY_NAME}"]
    assert made["tag"].startswith("py3-none-")
    assert not made["pure_python"]
    assert load(folder / LIBRARY_NAME).absence is None
    monkeypatch.setenv("CC", "no-such-compiler")
    bare = {"artifacts": [], "pure_python": True}
    hook.initialize("standard", bare)
    assert bare == {"artifacts": [], "pure_python": True}
    assert len(warnings) == 1
