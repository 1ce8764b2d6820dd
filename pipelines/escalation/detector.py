"""A detector in a process of its own, asked one notice at a time, within limits of time and memory; a dead one is begun anew."""

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

from schemas.errors import ConfigError, RunError

SCANCODE: Final = "scancode"
PYTHON_VARIABLE: Final = "CORPUSLEDGER_SCANCODE_PYTHON"
"""Path of an interpreter that has ScanCode, where it does not stand beside this program."""
INSTALL: Final = "pip install 'corpusledger[escalation]'"
DEATHS: Final = 3
"""So often in a row may the process die on different notices before the escalation fails."""
_GRACE_S: Final = 0.5
_MISSING, _BROKEN = "missing", "broken"


@dataclass(frozen=True)
class Limits:
    """*memory_bytes*: address space; *start_s*, *notice_s*: wall seconds until it is ready, and for one notice."""

    memory_bytes: int = 6 << 30
    start_s: int = 600
    notice_s: int = 30


@dataclass(frozen=True, slots=True)
class Match:
    """One licence that the detector sees. Lines of the notice from 1, both included; score and coverage in ppm."""

    expression: str
    score_ppm: int
    coverage_ppm: int
    first_line: int
    last_line: int
    matcher: str
    rule: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one notice. *failed*: why there is no answer (time limit, memory, …), None where there is one."""

    matches: tuple[Match, ...] = ()
    failed: str | None = None
    cpu_us: int = 0


class Detector(Protocol):
    """Who answers for a notice. *name* and *version* stand beside each answer."""

    name: str
    version: str

    def ask(self, text: str) -> Told:
        """The licences of *text*."""


def interpreter() -> str:
    """The Python that is to have ScanCode: `PYTHON_VARIABLE`, else this one. `ConfigError` where it cannot be there."""
    named = os.environ.get(PYTHON_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise ConfigError(f"{PYTHON_VARIABLE}: no file {named!r}; name the Python that has scancode-toolkit-mini")
        return named
    if find_spec("licensedcode") is None:
        raise ConfigError(
            f"escalation: scancode is not installed here; {INSTALL}, or give {PYTHON_VARIABLE} another Python that has it"
        )
    return sys.executable


def scancode(limits: Limits | None = None) -> "InProcess":
    """ScanCode as it is installed. `ConfigError` where it is not; nothing is started yet."""
    own = limits or Limits()
    program = str(Path(__file__).with_name("scancode_child.py"))
    # The child's own deadline gives what was found in time; the parent's, twice as long, ends what does not stop.
    command = [interpreter(), "-X", "utf8", "-I", "-W", "ignore", program, str(own.memory_bytes), str(own.notice_s)]
    return InProcess(SCANCODE, command, own)


@dataclass
class InProcess:
    """A `Detector` that *command* starts: it says what it is, then answers each {"text"} line by a line (`scancode_child`).

    *version*, *package*, and what beginning took: known once it was entered.
    """

    name: str
    command: Sequence[str]
    limits: Limits = field(default_factory=Limits)
    version: str = ""
    package: str = ""
    ready_cpu_ms: int = 0
    peak_bytes: int = 0
    _child: subprocess.Popen[bytes] | None = None
    _home: tempfile.TemporaryDirectory[str] | None = None
    _heard: bytes = b""
    _deaths: int = 0

    def __enter__(self) -> Self:
        """Start it, so that `version` is known."""
        self._home = tempfile.TemporaryDirectory(prefix="corpusledger-")
        try:
            self._begin()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:  # fmt: skip
        """End it, whatever it is at."""
        self._end()
        if self._home is not None:
            self._home.cleanup()
            self._home = None

    def ask(self, text: str) -> Told:
        """One notice. A process that dies or does not answer in time is ended, and begun anew for the next one.

        Raises `RunError` where it dies on `DEATHS` notices in a row: then it is the machine, not the notices.
        """
        if self._child is None:
            self._begin()
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            self._child.stdin.flush()
            told = self._answer(2 * self.limits.notice_s)
        except BrokenPipeError:
            told = None
        except TimeoutError:
            self._end()
            return self._died("time limit")
        if told is None:
            return self._died(_ending(self._end()))
        self._deaths = 0
        if "error" in told:
            return Told(failed=f"refused it: {told['error']}")
        return Told(tuple(_match(m) for m in told["matches"]), None, int(told["cpu_us"]))

    def _begin(self) -> None:
        assert self._home is not None
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")}
        # ScanCode writes its temporary files below HOME and TMPDIR: into a folder that goes when this does.
        environment = {**kept, "HOME": self._home.name, "TMPDIR": self._home.name}
        self._heard = b""
        self._child = subprocess.Popen(
            list(self.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=self._home.name, env=environment,
        )  # fmt: skip
        try:
            told = self._answer(self.limits.start_s)
        except TimeoutError:
            self._end()
            raise RunError(f"escalation: {self.name} was not ready in {self.limits.start_s} s; see what else runs here") from None  # fmt: skip
        if told is None:
            raise RunError(f"escalation: {self.name} ended before it was ready ({_ending(self._end())}); it needs 2 GB")
        if _MISSING in told:
            self._end()
            raise ConfigError(f"escalation: {self.command[0]} has no {told[_MISSING]}; {INSTALL} there")
        if _BROKEN in told:
            self._end()
            raise ConfigError(f"escalation: {self.name} is installed and does not load ({told[_BROKEN]}); {INSTALL}, which pins what it needs")  # fmt: skip
        self.version, self.package = str(told["version"]), str(told["package"])
        self.ready_cpu_ms, self.peak_bytes = int(told.get("ready_cpu_ms", 0)), int(told.get("peak_bytes", 0))

    def _answer(self, seconds: float) -> Mapping[str, Any] | None:
        """The next line; None where the process ended. Raises `TimeoutError`."""
        assert self._child is not None
        assert self._child.stdout is not None
        until, source = time.monotonic() + seconds, self._child.stdout.fileno()
        while b"\n" not in self._heard:
            left = until - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                raise TimeoutError
            more = os.read(source, 1 << 16)
            if not more:
                return None
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        told: Mapping[str, Any] = json.loads(line)
        return told

    def _died(self, why: str) -> Told:
        self._deaths += 1
        if self._deaths >= DEATHS:
            raise RunError(f"escalation: {self.name} died on {DEATHS} notices in a row (the last: {why}); it needs 2 GB and {self.limits.notice_s} s a notice")  # fmt: skip
        return Told(failed=why)

    def _end(self) -> int:
        if self._child is None:
            return 0
        child, self._child = self._child, None
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError):  # what stood in its buffer has nobody left to read it
            child.stdin.close()
        try:
            code = child.wait(_GRACE_S)  # at the end of its input it ends by itself
        except subprocess.TimeoutExpired:
            child.kill()
            code = child.wait()
        child.stdout.close()
        return code


def _ending(code: int) -> str:
    """An exit code in words."""
    if code in (66, -9):
        return "memory"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _match(told: Mapping[str, Any]) -> Match:
    score, coverage, first, last = (int(told[key]) for key in ("score_ppm", "coverage_ppm", "first_line", "last_line"))
    return Match(str(told["expression"]), score, coverage, first, last, str(told["matcher"]), str(told["rule"]))
