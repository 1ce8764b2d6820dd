"""The whole library under AddressSanitizer and UBSan passes the kernels' own tests: no byte is read or written too far."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from checks.kernels.build import build

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "data"
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1")
# Not here: what holds a gibibyte, compares a million nodes with numpy, or waits for the plain reference, not the kernel; the
# fuzz targets send more through the same functions.
SLOW = ("million", "gibibytes", "sanitizers", "datasketch", "corpus", "alone_in_a_word", "of_the_expressions")
CHOSEN = " and ".join(f"not {name}" for name in SLOW)


def test_the_kernels_own_tests_pass_under_the_sanitizers(tmp_path):
    runtime = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    probe = subprocess.run(["cc", "-xc", "-", *SANITIZE, "-o", str(tmp_path / "probe")], input="int main(void) { return 0; }",
                           capture_output=True, text=True)  # fmt: skip
    if probe.returncode or not Path(runtime).is_absolute():
        pytest.skip("this compiler has no runtime of the sanitizers that can be preloaded")
    library, compiler = build(tmp_path, SANITIZE), tmp_path / "compiler"
    compiler.write_text(f'#!/bin/sh\nfor last; do :; done\nunset LD_PRELOAD\nexec cp "{library}" "$last"\n')
    compiler.chmod(0o755)
    files = [
        HERE / "test_kernels.py",
        HERE / "test_kernel_lid.py",
        HERE / "test_kernels_feeds.py",
        HERE / "test_kernels_fields.py",
        HERE / "test_kernels_joins.py",
        HERE / "test_kernels_ascii.py",
        HERE / "test_kernels_turns.py",
        HERE / "test_personal_sampled.py",
        HERE / "test_sketches.py",
        HERE / "test_digests.py",
        *(path for path in sorted(HERE.glob("test_terms*.py")) if "fold" not in path.name),
        *sorted(HERE.glob("test_pairs*.py")),
        HERE / "test_repetition.py",
        HERE / "test_signals.py",
    ]
    environment = {
        # A worker's name would make the inner run take a library that lies there from any run before.
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")},
        "CC": str(compiler),  # every fixture builds the library: it gets this one
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # so that each buffer lies between poisoned bytes
    }
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
        "-p",
        "no:cacheprovider",
        "--hypothesis-profile=few",
        "-k",
        CHOSEN,
    ]
    done = subprocess.run([*command, *map(str, files)], capture_output=True, text=True, errors="replace", cwd=HERE.parents[1],
                          env=environment)  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-6000:]
    assert " passed" in said
    if SHARED.exists():  # what is skipped without it is compared on real text alone
        assert "skipped" not in said.splitlines()[-1], said[-2000:]
