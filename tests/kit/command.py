"""Runs the real command on small real corpora that a test writes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.cli import code_of

ROOT = Path(__file__).resolve().parents[2]

DEADLY = str(ROOT / "tests" / "kit" / "deadly")
"""A PYTHONPATH under which certain words kill, fail, hang or slow down the process that looks at them."""

RUN_YAML = """\
provider: {name: {zh: 某公司, en: A company}}
model: {name: m, stage: pre-training}
corpus: [corpus]
sources: [sources/*.yaml]
ledger: ledger
policies: [cn-genai]
"""


@dataclass(frozen=True)
class Done:
    """What a command printed and came to."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The JSON object of the last line."""
        value: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return value


def command(*arguments: object, env: Mapping[str, str] | None = None, timeout: int = 600, **options: Any) -> Done:
    """Run `corpusledger` with these arguments in a process of its own; costs the import of Beam, so many seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        capture_output=True, text=True, timeout=timeout, env=_environment(env), check=False, **options,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


@dataclass
class Started:
    """A command that runs in a process group of its own, for tests that kill it."""

    process: subprocess.Popen[str]

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for *condition*; fails where the command ends before it holds."""
        while not condition():
            assert self.process.poll() is None, self.done()
            time.sleep(0.05)

    def below(self, word: str) -> list[int]:
        """Process numbers of all that it started, directly or not, with *word* in their command line."""
        found, ask = [], [self.process.pid]
        while ask:
            for task in Path(f"/proc/{ask.pop()}/task").glob("*/children"):
                with suppress(OSError):
                    ask += (children := [int(c) for c in task.read_text().split()])
                    found += [c for c in children if word.encode() in Path(f"/proc/{c}/cmdline").read_bytes()]
        return found

    def done(self, timeout: int = 300) -> Done:
        """Wait for its end."""
        out, err = self.process.communicate(timeout=timeout)
        assert "Traceback" not in err, err
        return Done(self.process.returncode, out, err)


@contextmanager
def started(*arguments: object, env: Mapping[str, str] | None = None) -> Iterator[Started]:
    """`corpusledger` under way; nothing of its process group is left when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment(env), start_new_session=True,
    )  # fmt: skip
    try:
        yield Started(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def here(*arguments: object) -> Done:
    """The same in this process and without the supervisor: the command's own code, engine and files, imported once."""
    out, err = io.StringIO(), io.StringIO()
    words = [str(a) for a in arguments]
    if words[0] in ("run", "scan"):
        words.append("--supervised")
    with redirect_stdout(out), redirect_stderr(err):
        code = code_of(words)
    assert "Traceback" not in err.getvalue(), err.getvalue()
    return Done(code, out.getvalue(), err.getvalue())


def write_run(folder: Path, sources: Mapping[str, str], files: Mapping[str, bytes], more: str = "") -> Path:
    """A run file with its registry and corpus: *sources* id -> further YAML lines, each with its `paths`."""
    for name, data in files.items():
        target = folder / "corpus" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for ident, text in sources.items():
        (folder / "sources" / f"{ident}.yaml").write_text(f"id: {ident}\n{text}", encoding="utf-8")
    (folder / "run.yaml").write_text(RUN_YAML + more, encoding="utf-8")
    return folder / "run.yaml"


def lines(*rows: object) -> bytes:
    """JSONL bytes."""
    return b"".join(json.dumps(r, ensure_ascii=False).encode() + b"\n" for r in rows)


def _environment(more: Mapping[str, str] | None) -> dict[str, str]:
    more = dict(more or {})
    path = os.pathsep.join(p for p in (more.pop("PYTHONPATH", ""), str(ROOT)) if p)
    return {**os.environ, "PYTHONPATH": path, **more}


def age(folder: Path, seconds: int = 10) -> None:
    """Make every file of the corpus look old enough for its change token to be strong.

    ctime cannot be set back, so this waits until the clock has passed it.
    """
    newest = max(p.stat().st_ctime for p in (folder / "corpus").rglob("*") if p.is_file())
    time.sleep(max(0.0, newest + 2.1 - time.time()))
    _ = seconds
