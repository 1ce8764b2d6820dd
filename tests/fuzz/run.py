"""Fuzz the kernels for a bounded time: ``python tests/fuzz/run.py [SECONDS]``, which `make fuzz` does; 1 and the input's path on a crash.

Each C harness here is built with clang's libFuzzer and the sanitizers and runs for SECONDS (60), as many at once as there are
processors; its corpus stays in ``build/fuzz``. Then random bytes go through the kernel and the plain reference in Python for
as long. Without a clang that has libFuzzer only the latter runs, which is said.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from checks import kernels, terms  # noqa: E402  # found from the line above, wherever this is started
from checks.quality import forms  # noqa: E402
from checks.quality.reference import count  # noqa: E402
from checks.signs import count as counting  # noqa: E402
from checks.signs.classes import class_table  # noqa: E402
from checks.terms import plain  # noqa: E402
from checks.terms.fold import fold  # noqa: E402

HERE = Path(__file__).parent
HARNESSES = sorted(path.name.removesuffix("_fuzz.c") for path in HERE.glob("*_fuzz.c"))
SOURCES = ROOT / "checks" / "kernels"
BUILD = ROOT / "build" / "fuzz"
FLAGS = (
    "-g",
    "-O1",
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=all",
)
_SEEDS = 40
_LONGEST = 4096
SHARP = [
    *"abZ 19\n\t.,中国カｶﾞ한글ไทยกำÉßﬁ㎏①²ǅİΣςא́e\u0301\u200b\u200d\ufeff\ufffd😀𠀀\U0010ffff锟斤拷烫烫烫â€™",
    "the ",
    "word " * 9,
    "x" * 40,
    "é" * 20,
]
BROKEN = [b"\x80", b"\xc2", b"\xe4\xb8", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xff"]


def main() -> int:
    """0, or 1 where something was found."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    BUILD.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("classes", class_table()),
        ("forms", forms.form_table()),
        ("fold", fold().table),
        ("expansions", fold().expansions),
    ):
        (BUILD / f"{name}.bin").write_bytes(table.tobytes())
    clang = os.environ.get("CLANG") or shutil.which("clang")
    found = fuzzed_all(str(clang), seconds) if has_fuzzer(clang) else []
    found += [] if agrees(seconds) else ["reference"]
    print(
        f"fuzz: found something in {', '.join(found)}; the inputs are named above" if found else "fuzz: nothing found"
    )
    return 1 if found else 0


def has_fuzzer(clang: str | None) -> bool:
    """Whether this clang links a harness; says so where it does not."""
    program = "int LLVMFuzzerTestOneInput(const char *d, long n) { return d == 0 && n; }"
    command = [str(clang), "-xc", "-", "-fsanitize=fuzzer,address,undefined", "-o", str(BUILD / "probe")]
    made = clang and subprocess.run(command, input=program, text=True, capture_output=True, check=False).returncode == 0
    if not made:
        print(
            "fuzz: no clang with libFuzzer here (Debian: clang libclang-rt-dev); only random input, without coverage",
            flush=True,
        )
    return bool(made)


def fuzzed_all(clang: str, seconds: int) -> list[str]:
    """The harnesses that stopped before their time; as many run at once as there are processors."""
    compiled(clang)  # once, before any of them wants it
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        held = list(pool.map(lambda name: fuzzed(clang, name, seconds), HARNESSES))
    return [name for name, holds in zip(HARNESSES, held, strict=True) if not holds]


@cache
def compiled(clang: str) -> tuple[Path, ...]:
    """The kernels as object files, made once for all harnesses."""
    sources = sorted(SOURCES.glob("*.c"), key=lambda path: -path.stat().st_size)  # what takes long begins first
    flags = [flag.replace("fuzzer,", "fuzzer-no-link,") for flag in FLAGS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done in pool.map(
            lambda source: subprocess.run([clang, *flags, "-c", source], cwd=BUILD, check=False), sources
        ):
            done.check_returncode()
    return tuple(BUILD / f"{source.stem}.o" for source in sources)


def fuzzed(clang: str, name: str, seconds: int) -> bool:
    """False where the harness stopped before its time; its last lines and the input's path are printed."""
    program, corpus, crashes = BUILD / name, BUILD / "corpus" / name, BUILD / "crashes"
    corpus.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        sow(corpus)
    source = [*map(str, compiled(clang)), str(HERE / f"{name}_fuzz.c")]
    subprocess.run([clang, *FLAGS, *source, "-o", str(program)], check=True)
    before = set(crashes.glob(f"{name}-*"))
    done = subprocess.run(
        [str(program), f"-max_total_time={seconds}", f"-max_len={_LONGEST}", "-timeout=20", "-rss_limit_mb=2048", "-use_value_profile=1",
         "-print_final_stats=1", f"-artifact_prefix={crashes}/{name}-", str(corpus)],
        env={**os.environ, "KERNEL_TABLES": str(BUILD)}, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    runs = next((line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "?")
    print(
        f"fuzz: {name}: {runs} inputs, {len(list(corpus.iterdir()))} kept in {corpus}, exit {done.returncode}",
        flush=True,
    )
    if done.returncode:
        print(done.stderr[-6000:])
        print(
            "\n".join(f"fuzz: {name}: input in {path}" for path in sorted(set(crashes.glob(f"{name}-*")) - before)),
            flush=True,
        )
    return done.returncode == 0


def sow(corpus: Path) -> None:
    """Inputs to begin with, short ones and long ones: from nothing, libFuzzer takes minutes to make one of a thousand bytes."""
    draw = random.SystemRandom()
    for seed in range(_SEEDS):
        text = b"".join(random_row(draw) for _ in range(draw.randrange(12)))
        (corpus / f"seed-{seed}").write_bytes((draw.randbytes(draw.randrange(60)) + text)[:_LONGEST])


def agrees(seconds: int) -> bool:
    """Rows of random bytes by kernel and by plain Python until the time is over; False, and the rows in a file, if they differ."""
    library = kernels.library()
    if library is None:
        print("fuzz: the kernels are not built; nothing to compare with the reference", flush=True)
        return True
    seed = random.SystemRandom().getrandbits(64)
    draw, rows_seen = random.Random(seed), 0
    differing([b"warm"], draw)  # tables and datasketch are loaded outside the time
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        rows = [random_row(draw) for _ in range(draw.randrange(1, 20))]
        rows_seen += len(rows)
        wrong = differing(rows, draw)
        if wrong:
            path = BUILD / "crashes" / f"reference-{seed}.bin"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"".join(len(row).to_bytes(4, "little") + row for row in rows))
            print(
                f"fuzz: {wrong} differ from the reference; rows (length in 4 bytes, then bytes) in {path}", flush=True
            )
            return False
    print(f"fuzz: {rows_seen} rows as the reference has them, seed {seed}", flush=True)
    return True


def random_row(draw: random.Random) -> bytes:
    """Bytes of any kind, or sharp characters and broken ones among plain words."""
    if draw.random() < 0.2:
        return draw.randbytes(draw.randrange(300))
    pieces = [draw.choice(BROKEN) if draw.random() < 0.03 else
              chr(draw.choice([*range(0xD800), *range(0xE000, 0x10000)])).encode() if draw.random() < 0.2 else
              draw.choice(SHARP).encode() for _ in range(draw.randrange(draw.choice([10, 40, 400])))]  # fmt: skip
    return b"".join(pieces)


def differing(rows: list[bytes], draw: random.Random) -> str:
    """What kernel and reference do not agree on; empty where they do."""
    cut = draw.randrange(len(rows))
    binary = pa.array([b"before"] * cut + rows, pa.large_binary() if draw.random() < 0.5 else pa.binary())
    kind = pa.large_string() if pa.types.is_large_binary(binary.type) else pa.string()
    text = pa.Array.from_buffers(kind, len(binary), binary.buffers())[cut:]
    signs = counting.count_signs(text)
    measures = {"bytes": signs.text_bytes, "chars": signs.chars, "words": signs.words, "lines": signs.lines,
                "inked_lines": signs.inked_lines, "mojibake": signs.mojibake}  # fmt: skip
    for row, content in enumerate(rows):
        wanted = count(content)
        if any(counts[row] != wanted[name] for name, counts in measures.items()):
            return "counts of characters"
    counted = forms.count_forms(text)
    if any(counted[name].tolist() != slow.tolist() for name, slow in forms.count_by_reference(text).items()):
        return "forms and repetition"
    chosen = np.array(draw.choices(range(len(rows)), k=draw.randrange(1, 9)))
    width = draw.choice([1, 2, 5, 13, 30, 64])
    for name, fast, slow in (
        (
            f"shingles of {width} terms",
            terms.shingle_runs(text, chosen, width),
            plain.shingles(text, chosen, width, placed=True),
        ),
        ("signatures", terms.signatures(text[:2]), plain.signatures(text[:2], 1)),
        (
            "folded bytes",
            [terms.folded(text)[0]],
            [b"".join(bytes(content) for _, content, _ in plain.folded(text, None))],
        ),
    ):
        if any(bytes(one) != bytes(other) for one, other in zip(fast, slow, strict=True)):
            return name
    return ""


if __name__ == "__main__":
    sys.exit(main())
